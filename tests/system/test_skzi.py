#!/usr/bin/env python3
"""The gateway's port of GOST TLS over the running program: a real GOST client works there as by plain HTTP, others are turned away; its
certificate, its bounds, the way in that stays, its process that may die, and a machine without the engine."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import gost
from api_client import PASSWORD, Client, HeadEnd, code, until
from gost import SUITES, GostClient, ssl
from surroundings import Board
from running import done, folder, ok, same

import http.client
import signal
import socket
import subprocess
import threading


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def write(admin, rows):
    return admin.patch("/servers", {"revision": admin.read("/servers")["revision"], "items": [{"type": t, "port": p} for t, p in rows]})


def works(admin):
    return until(lambda: admin.read("/servers/skzi")["state"] == "works", "the port opens")


def fields(answer):
    return [(f["field"], f["message"]) for f in answer[1]["error"]["fields"]]


def answers(port):
    try:
        return Client(port).get("/session")[0]
    except OSError:
        return None


def opens(admin, port, skzi):
    seen = admin.read("/servers/skzi")
    same((seen["state"], seen["port"], seen["usual_port"], seen["certificate"], seen["proven_at"]), ("off", 0, 8080, None, None), "a new gateway has none")
    same(fields(write(admin, [("http", port), ("skzi", port)]))[0][0], "items[1].port", "not on another server's port")
    status, table = write(admin, [("http", port), ("skzi", skzi)])
    same((status, [(r["title"], r["tls"]) for r in table["items"] if r["type"] == "skzi"]), (200, [("Main port of GOST TLS", True)]), "written; TLS goes without saying")
    works(admin)
    seen = admin.read("/servers/skzi")
    ok(seen["given"] is False and seen["certificate"]["subject"] == "CN = 900000000001" and len(seen["certificate"]["fingerprint"]) == 64,
       "with a certificate that the box has made itself", seen)
    listed = [c for c in admin.read("/certificates")["items"] if c["owner"] == "skzi"]
    same([(c["subject"], c["not_after"], c["used"]) for c in listed], [(seen["certificate"]["subject"], seen["certificate"]["not_after"], True)], "which stands in the list of certificates")
    return seen["pem"]


def clients(admin, skzi, pem):
    for suite in SUITES:
        client = GostClient(skzi, suites=suite, trust=pem)
        same((client.get("/session")[0], client.suite), (401, suite), suite)
    client = GostClient(skzi, trust=pem)
    client.get("/session")
    same(client.suite, SUITES[0], "Kuznyechik is taken when the client has all")
    same(GostClient(skzi, suites=SUITES[1]).raw("GET", "/", headers={"Accept": "text/html"})[0], 200, "the web app is there")
    same(admin.read("/servers/skzi")["suite"], SUITES[1], "the suite of the last client is shown")
    ordinary = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ordinary.check_hostname, ordinary.verify_mode = False, ssl.CERT_NONE
    ordinary.set_ciphers("ECDHE+AESGCM")
    try:
        with socket.create_connection(("127.0.0.1", skzi), 20) as s:
            ordinary.wrap_socket(s)
        ok(False, "TLS 1.3 and AES are refused")
    except ssl.SSLError:
        ok(True, "TLS 1.3 and AES are refused")
    ok(until(lambda: admin.read("/servers/skzi")["failed"] >= 1), "and are counted")


def person(admin, port, skzi, pem):
    seen = write(admin, [("skzi", skzi)])
    ok(seen[0] == 400 and fields(seen)[0][0] == "items" and "signed in by it" in fields(seen)[0][1], "plain HTTP stays while nobody has come in by the port", seen)
    client = GostClient(skzi, trust=pem).enter("admin", PASSWORD)
    ok(client.secure, "the session's cookie is Secure")
    status, mine = client.get("/servers/skzi")
    same((status, mine["here"], "strict-transport-security" in client.headers), (200, True, False), "it knows which way it was asked, and binds no browser to TLS on other ports")
    same(client.read("/servers")["http_port"], skzi, "the port that the answer comes from")
    failed = GostClient(skzi, trust=pem)
    same(failed.post("/session", {"login": "admin", "password": "wrong"})[0], 401, "a wrong password")
    row = client.read("/log/security?size=1")["items"][0]
    same((row["kind"], row["address"]), ("SSET_LOGIN_FAILED", "127.0.0.1"), "is noted with the client's own address", row)
    body = b"x" * 700000
    status, answer = client.raw("POST", "/api/v1/session", body, {"Content-Type": "application/json"})
    ok(status in (400, 413), "a long request comes through whole", (status, answer[:80]))
    return client


def bounds(admin, skzi, client):
    crowd = [socket.create_connection(("127.0.0.1", skzi), 20) for _ in range(60)]
    ok(until(lambda: admin.read("/servers/skzi")["refused"] >= 10), "one address gets 48 connections, whoever stalls in the handshake included")
    same(admin.get("/session")[0], 200, "plain HTTP does not notice")
    for s in crowd[:40]:
        s.close()
    ok(until(lambda: admin.read("/servers/skzi")["clients"] <= 10), "who leaves makes room")
    same(client.get("/session")[0], 200, "the others' silence holds nobody")
    for s in crowd[40:]:
        s.close()
    with socket.create_connection(("127.0.0.1", skzi), 20) as s:
        t = gost.context().wrap_socket(s)
        t.sendall(b"GET /api/v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 20)
        s.close()
    ok(until(lambda: admin.read("/servers/skzi")["clients"] == 0), "one who breaks off in the middle is forgotten")
    many, errors = [GostClient(skzi) for _ in range(12)], []

    def ask(one):
        try:
            errors.extend(s for s in (one.get("/session")[0] for _ in range(8)) if s != 401)
        except Exception as e:  # any trouble fails the check below
            errors.append(e)
    threads = [threading.Thread(target=ask, args=(one,)) for one in many]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    same(errors, [], "a dozen at once are all answered")


def process_dies(admin, server, skzi):
    children = open("/proc/%d/task/%d/children" % (server.process.pid, server.process.pid)).read().split()
    found = [int(p) for t in os.listdir("/proc/%d/task" % server.process.pid) for p in open("/proc/%d/task/%s/children" % (server.process.pid, t)).read().split()]
    same(len(found), 1, "one process has the engine", (children, found))
    engines = [b"/gost.so" in open("/proc/%d/maps" % p, "rb").read() for p in (server.process.pid, found[0])] if os.access("/proc/%d/maps" % found[0], os.R_OK) else None
    ok(engines in (None, [False, True]), "the gateway itself has none", engines)
    os.kill(found[0], signal.SIGKILL)
    ok(until(lambda: "gost-port" in server.said()), "its death is in the log")
    works(admin)
    ok(until(lambda: GostClient(skzi).get("/session")[0] == 401), "and it is started again")


def certificates(admin, skzi, place):
    conf = place + "/gost.cnf"
    with open(conf, "w") as f:
        f.write("openssl_conf=m\n[m]\nengines=e\n[e]\ngost=g\n[g]\nengine_id=gost\ndefault_algorithms=ALL\n[req]\ndistinguished_name=dn\n[dn]\n")

    def make(algorithm, name, *more):
        subprocess.run(["openssl", "req", "-x509", "-newkey", algorithm, *more, "-nodes", "-keyout", place + "/k.pem", "-out", place + "/c.pem", "-days", "30", "-subj", "/CN=" + name],
                       env=dict(os.environ, OPENSSL_CONF=conf), check=True, capture_output=True)
        return open(place + "/c.pem").read(), open(place + "/k.pem").read()
    given, key = make("gost2012_512", "шлюз 7", "-pkeyopt", "paramset:A")
    other, other_key = make("gost2012_256", "x", "-pkeyopt", "paramset:TCB")
    rsa, rsa_key = make("rsa:2048", "rsa")
    seen = admin.read("/servers/skzi")

    def put(certificate, secret, revision=seen["revision"]):
        return admin.patch("/servers/skzi", {"revision": revision, "certificate": certificate, "key": secret})
    for name, certificate, secret, field in (("no key", given, "", "key"), ("another's key", given, other_key, "certificate"), ("not of GOST", rsa, rsa_key, "certificate"), ("no certificate", "x", "y", "certificate")):
        refused = put(certificate, secret)
        ok(refused[0] == 400 and fields(refused)[0][0] == field, name, refused)
    status, now = put(given, key)
    same((status, now["given"], key in str(now)), (200, True, False), "a certificate of 512 bits is taken, its key not told again")
    ok("7" in now["certificate"]["subject"], "whose it is", now["certificate"])
    same(code(put(given, key)[1]), "changed", "two who edit do not overwrite each other")
    ok(until(lambda: tried(lambda: GostClient(skzi, trust=given).get("/session")[0]) == 401), "it is served at once")
    same(admin.read("/servers/skzi")["proven_at"], None, "and has to be proven anew")
    status, now = put("", "", now["revision"])
    same((status, now["given"]), (200, False), "taken back")
    ok(until(lambda: admin.read("/servers/skzi")["pem"] not in ("", given, other)), "the box makes its own anew")
    works(admin)


def tried(call):
    try:
        return call()
    except (OSError, http.client.HTTPException):
        return None


def alone(admin, port, skzi):
    client = until(lambda: tried(lambda: GostClient(skzi).enter("admin", PASSWORD)))
    same(write(client, [("http", port), ("skzi", port + 1), ("transit-1", skzi)])[0], 200, "the port may be moved while plain HTTP is there")
    same(fields(write(admin, [("skzi", port + 1)]))[0][0], "items", "but is not proven then")
    write(admin, [("http", port), ("skzi", skzi)])
    works(admin)
    client = until(lambda: tried(lambda: GostClient(skzi).enter("admin", PASSWORD)))
    same(write(client, [("skzi", skzi)])[0], 200, "who is in by the port may take plain HTTP away")
    ok(until(lambda: answers(port) is None), "it is closed")
    client = GostClient(skzi).enter("admin", PASSWORD)
    same(client.read("/servers")["items"][0]["type"], "skzi", "the box is reached by the port alone")
    same(fields(write(client, [("skzi", skzi + 1)]))[0][0], "items", "which cannot be moved now")
    same(fields(client.patch("/servers/skzi", {"revision": client.read("/servers/skzi")["revision"], "certificate": "", "key": ""}))[0][0], "certificate", "nor get another certificate")
    return client


def main():
    place = folder()
    port, skzi = free_port(), free_port()
    # 127.0.0.1 is not where a table's port listens: the first start has an address, the second goes by the table
    server = HeadEnd(place + "/svod.db", "--board", "sim:" + place + "/board", face="gateway")
    same(write(server.admin, [("http", port)])[0], 200, "a port of our own for HTTP")
    same(server.close(), 0, "it ends in order")
    server = HeadEnd(place + "/svod.db", "--board", "sim:" + place + "/board", face="gateway", listen=None)
    admin = Client(port).enter("admin", PASSWORD)
    pem = opens(admin, port, skzi)
    clients(admin, skzi, pem)
    client = person(admin, port, skzi, pem)
    bounds(admin, skzi, client)
    process_dies(admin, server, skzi)
    certificates(admin, skzi, place)
    alone(admin, port, skzi)
    same(server.close(), 0, "it ends in order")
    server = HeadEnd(place + "/svod.db", "--board", "sim:" + place + "/board", face="gateway", listen=None)
    client = until(lambda: tried(lambda: GostClient(skzi).enter("admin", PASSWORD)))
    same((client.read("/servers/skzi")["state"], answers(port)), ("works", None), "after a start, too")
    Board(place + "/board").say("button 12")
    ok(until(lambda: [r["port"] for r in client.read("/servers")["items"] if r["type"] == "http"] == [80]), "the button brings plain HTTP back")
    reset(place, client, port)
    same(server.close(), 0, "it ends in order")
    without_engine(place, skzi)
    done()


def reset(place, client, port):
    seen = client.read("/servers")
    same(code(client.post("/servers/reset", {"revision": seen["revision"] - 1})[1]), "changed", "a reset of what somebody else has changed")
    status, seen = client.post("/servers/reset", {"revision": seen["revision"]})
    same((status, [(r["type"], r["port"]) for r in seen["items"]]), (200, [("http", 80)]), "«Сбросить настройки»: as a new box has them")


def without_engine(place, skzi):
    """OpenSSL is told to look for engines where there are none."""
    os.environ["OPENSSL_ENGINES"] = place
    server = HeadEnd(place + "/svod.db", "--board", "sim:" + place + "/board", face="gateway")
    admin = Client(server.port).enter("admin", PASSWORD)
    same(write(admin, [("http", 80), ("skzi", skzi)])[0], 200, "the row may be written")
    ok(until(lambda: admin.read("/servers/skzi")["state"] == "no-engine"), "without the engine the port says so", admin.read("/servers/skzi"))
    same(admin.read("/servers/skzi")["state_text"], "the package libengine-gost-openssl is not installed", "in words")
    ok("libengine-gost-openssl" in server.said(), "the log, too")
    same(fields(write(admin, [("skzi", skzi)]))[0][0], "items", "plain HTTP stays")
    same(server.close(), 0, "nothing else suffers")


main()
