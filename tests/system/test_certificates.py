#!/usr/bin/env python3
"""Certificates that end: those of brokers, FTP, mail and the gateway's own stand in one list with their days; whose end is near is told
under the bell once, over restarts, and so is one that has ended."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from api_client import HeadEnd, until
from running import done, folder, ok, same


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def made(place, name, days):
    """A certificate for so many days; it and its key as texts."""
    paths = "%s/%s.pem" % (place, name), "%s/%s.key" % (place, name)
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=" + name, "-days", str(days), "-out", paths[0], "-keyout", paths[1])
    return [open(p, encoding="ascii").read() for p in paths]


def ended(place, name):
    """One that has been over since 2021, as an authority's own signing makes it."""
    made(place, name, 1)
    for file, text in (("index.txt", ""), ("serial", "01\n"), ("ca.conf", "[ca]\ndefault_ca=d\n[d]\ndatabase=%s/index.txt\nserial=%s/serial\nnew_certs_dir=%s\ndefault_md=sha256\npolicy=p\n"
                                                              "[p]\ncommonName=supplied\n" % (place, place, place))):
        with open("%s/%s" % (place, file), "w") as f:
            f.write(text)
    openssl("req", "-new", "-key", place + "/" + name + ".key", "-subj", "/CN=" + name, "-out", place + "/" + name + ".csr")
    openssl("ca", "-batch", "-config", place + "/ca.conf", "-selfsign", "-keyfile", place + "/" + name + ".key", "-in", place + "/" + name + ".csr", "-notext",
            "-startdate", "20200101000000Z", "-enddate", "20210101000000Z", "-out", place + "/over.pem")
    with open(place + "/over.pem", encoding="ascii") as f:
        return f.read()


def certificates(admin):
    return {(c["owner"], c["part"], c["subject"]): c for c in admin.read("/certificates")["items"]}


def told(admin):
    return [n["text"] for n in admin.read("/notices?size=100")["items"] if n["kind"] == "certificate"]


def main():
    place = folder()
    database = place + "/svod.db"
    soon, key = made(place, "box-soon", 5)
    far, _ = made(place, "authority-far", 400)
    over = ended(place, "authority-over")
    server = HeadEnd(database, face="gateway")
    admin = server.admin
    same([k["threshold"] for k in admin.read("/notices/kinds")["items"] if k["name"] == "certificate"], [30], "people choose how many days before")
    first = certificates(admin)
    same([k[0] for k in first], ["web"], "at first the gateway's own certificate alone")
    ok(all(c["state"] == "good" and c["days"] > 7000 for c in first.values()), "which lasts", first)
    status, answer = admin.post("/mqtt/brokers", {"device": "box1", "address": "127.0.0.1", "port": 9, "security": "tls1.2", "certificate": soon, "key": key, "authority": far})
    same(status, 201, "a broker with certificates", answer)
    row = answer["id"]
    ftp = admin.read("/ftp")
    same(admin.patch("/ftp", {"revision": ftp["revision"], "authority": over})[0], 200, "an authority of FTP that has ended")
    all_now = certificates(admin)
    about = {k: (c["state"], c["days"], c["used"], c["id"]) for k, c in all_now.items() if k[0] != "web"}
    same(about, {("mqtt", "certificate", "CN = box-soon"): ("soon", 5, True, row), ("mqtt", "authority", "CN = authority-far"): ("good", 400, True, row),
                 ("ftp", "authority", "CN = authority-over"): ("ended", 0, False, 0)}, "the list has all of them")
    same(all_now[("ftp", "authority", "CN = authority-over")]["not_after"], "2021-01-01T00:00:00Z", "until when")
    same(server.close(), 0, "the gateway ends")
    server = HeadEnd(database, face="gateway")
    admin = server.admin
    sentence = until(lambda: told(admin))[0]
    ok("MQTT broker" in sentence and "127.0.0.1:9 box1" in sentence and "box-soon" in sentence and "5" in sentence, "who looks after the gateway is told of the one that ends soon", sentence)
    same(len(told(admin)), 1, "of FTP that is off nothing is told")
    ftp = admin.read("/ftp")
    servers = [{k: v for k, v in dict(s, address="127.0.0.1", tls=True).items() if k in ("address", "port", "login", "password", "tls", "verify")} for s in ftp["servers"]]
    same(admin.patch("/ftp", {"revision": ftp["revision"], "enabled": True, "folder": "x", "servers": servers})[0], 200, "FTP is switched on")
    same(server.close(), 0, "the gateway ends again")
    server = HeadEnd(database, face="gateway")
    admin = server.admin
    until(lambda: len(told(admin)) >= 2)
    same(len(told(admin)), 2, "told once, and now of the one that has ended")
    ok("has ended" in told(admin)[0] and "authority-over" in told(admin)[0], "in words", told(admin)[0])
    same(server.close(), 0, "and at last")
    done()


main()
