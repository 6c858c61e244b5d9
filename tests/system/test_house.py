#!/usr/bin/env python3
"""House-keeping of the head-end: letters over a real SMTP server, notices, archives, the host and its services, log lines,
projects with their people, secrets that are sealed."""
import os
import sqlite3
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from api_client import PASSWORD, Client, HeadEnd, code, totp, until
from mail_server import MailServer, certificate
from running import World, done, folder, holds, import_meters, ok, same, svod

DEPTHS = "current,network,day=5"


def mail_settings(admin, **change):
    change["revision"] = admin.get("/mail")[1]["revision"]
    return admin.patch("/mail", change)


def send_test(admin, to="ivan@example.org"):
    return admin.post("/mail/test", {"to": to})[1]


def letters(admin, state):
    return [l for l in admin.get("/mail/letters")[1]["items"] if l["state"] == state]


def mail_fields(admin):
    same(admin.get("/mail")[1]["server"], "", "no mail server at first")
    same(send_test(admin), {"sent": False, "message": "no mail server is set"}, "which a test says")
    wrong = mail_settings(admin, server="bad/host", sender="nobody", authority="text")
    same((wrong[0], sorted(f["field"] for f in wrong[1]["error"]["fields"])), (400, ["authority", "sender", "server"]), "every wrong field is told")
    same(admin.post("/mail/test", {"to": "a@b\r\nx"})[1]["error"]["fields"][0]["field"], "to", "no line of SMTP is slipped in by an address")
    same(code(admin.patch("/mail", {"revision": 99, "port": 26})[1]), "changed", "two who edit do not overwrite each other")


def plain_mail(admin, place):
    server = MailServer()
    try:
        status, answer = mail_settings(admin, server="127.0.0.1", port=server.port, sender="svod@example.org", name="Свод, учёт", security="none", password="Тайна-почты-7")
        same((status, answer["password"]), (200, "***"), "a password goes in and never comes out")
        same(send_test(admin), {"sent": True, "message": ""}, "a test message is sent")
        letter = server.letters[0]
        same((str(letter["To"]), letter["From"].addresses[0].addr_spec, letter["From"].addresses[0].display_name), ("ivan@example.org", "svod@example.org", "Свод, учёт"),
             "it reads as it was set")
        same(letter["Subject"], "Svod: a test message", "its subject")
        holds(letter.get_content(), "mail is set up right", "and its text")
        ok(letter["Date"] and letter["Message-ID"], "with date and id")
        server.refuse["gone@example.org"] = "550 no such person"
        refused = send_test(admin, "gone@example.org")
        ok(not refused["sent"] and "no such person" in refused["message"], "a refusal is told in the server's words", refused)
        with open(place + "/svod.db", "rb") as f, open(place + "/svod.db-wal", "rb") as w:
            ok("Тайна-почты-7".encode() not in f.read() + w.read(), "the password does not lie open in the database")
        same(os.stat(place + "/svod.db.key").st_mode & 0o777, 0o600, "its key is the owner's alone")
    finally:
        server.close()
    gone = send_test(admin)
    same((gone["sent"], gone["message"].split(":")[0]), (False, "the server does not take the connection"), "a server that is not there")


def secure_mail(admin, place):
    authority, *pair = certificate(place)
    with open(authority) as f:
        pem = f.read()
    server = MailServer(starttls=pair, user="svod", password="word-1")
    try:
        mail_settings(admin, port=server.port, security="starttls", user="svod", password="word-1", authority="")
        holds(send_test(admin)["message"], "certificate cannot be trusted", "a certificate nobody vouches for is refused")
        same(server.sign_ins, [], "before any password is told")
        mail_settings(admin, authority=pem)
        same(send_test(admin)["sent"], True, "STARTTLS with an authority of one's own, and sign-in")
        same((server.sign_ins[-1], server.secure[-1]), (("svod", "word-1"), True), "under TLS")
        mail_settings(admin, security="auto")
        same(send_test(admin)["sent"], True, "auto takes STARTTLS where it is")
        mail_settings(admin, password="wrong")
        holds(send_test(admin)["message"], "did not take the name or password", "a wrong password")
    finally:
        server.close()
    server = MailServer(tls=pair)
    try:
        mail_settings(admin, port=server.port, security="tls", user="", password="")
        same((send_test(admin)["sent"], server.secure), (True, [True]), "TLS from the first byte")
    finally:
        server.close()
    server = MailServer()
    try:
        mail_settings(admin, port=server.port, security="starttls")
        holds(send_test(admin)["message"], "no STARTTLS", "wanted security is not given up")
        same(server.letters, [], "nothing went out openly")
        mail_settings(admin, security="none", authority="")
    finally:
        server.close()


def choices(c, **kinds):
    """shown, mailed, threshold of these kinds."""
    return c.ask("PUT", "/api/v1/notices/kinds", {"kinds": [dict(zip(("name", "shown", "mailed", "threshold"), (k.replace("_", "-"), *v))) for k, v in kinds.items()]})


def notices_of(c, kind):
    return [n for n in c.get("/notices")[1]["items"] if n["kind"] == kind]


def notices(admin, user, port):
    same(admin.get("/notices")[1]["total"], len(notices_of(admin, "security")), "nothing but security so far")
    kinds = {k["name"] for k in user.get("/notices/kinds")[1]["items"]}
    same(kinds, {"contact-lost", "contact-back"}, "a user is offered what he may look at")
    same(code(choices(user, security=(True, True, 1))[1]), "invalid", "and cannot ask for more")
    same(choices(admin, contact_lost=(True, True, 100001))[1]["error"]["fields"][0]["field"], "kinds[0].threshold", "a threshold has its bounds")
    me = admin.get("/session")[1]
    admin.patch("/session/profile", {"name": me["name"], "email": "chief@example.org", "language": "en"})
    same(choices(admin, collection_failed=(True, True, 2))[0], 200, "a choice is kept")
    same(choices(user, contact_back=(True, False, 3))[0], 200, "another's is his own")


def collect(admin, **what):
    admin.post("/collection", what or {"all": True})
    until(lambda: not admin.get("/collection")[1]["running"])


def contact(admin, user, world_port):
    server = MailServer()
    try:
        server.answers = ["451 later", "451 later"]
        mail_settings(admin, port=server.port)
        collect(admin)
        found = until(lambda: notices_of(admin, "collection-failed"))
        same((len(found), found[0]["count"], found[0]["level"], found[0]["read"]), (1, 2, "warning", False), "a pass with two failures is told once")
        ok("20000001" in found[0]["text"] and found[0]["text"].startswith("Devices not read: 2"), "with the devices", found[0]["text"])
        same(notices_of(user, "collection-failed"), [], "not to who may not look at collection")
        waiting = until(lambda: [l for l in letters(admin, "waiting") if l["tries"] == 1])
        same((waiting[0]["to"], "451" in waiting[0]["trouble"]), ("chief@example.org", True), "a letter the server puts off waits for another try")
        admin.post("/mail/letters/retry", {})
        until(lambda: [l for l in letters(admin, "waiting") if l["tries"] == 2])
        admin.post("/mail/letters/retry", {})
        until(lambda: letters(admin, "sent"))
        same(len(server.letters), 1, "and goes out once the server takes it")
        holds(server.letters[0].get_content(), "Devices not read: 2", "the notice by mail")
        same(server.letters[0]["Subject"], "Svod: Collection ended with failures", "in the reader's language")
        link = admin.get("/links?search=127.0.0.1:9")[1]["items"][0]
        good = admin.get("/links?search=%d" % world_port)[1]["items"][0]
        admin.patch("/links/%d" % link["id"], {"revision": link["revision"], "uri": good["uri"].replace("127.66.1.1", "127.66.1.3")})
        admin.patch("/links/%d" % good["id"], {"revision": good["revision"], "uri": "tcp://127.0.0.1:9"})
        collect(admin)
        lost = until(lambda: notices_of(user, "contact-lost"))
        same((len(lost), lost[0]["count"]), (1, 1), "a lost contact")
        same(notices_of(user, "contact-back"), [], "one that came back is below his threshold of three")
    finally:
        server.close()


def permanent_refusal(admin):
    server = MailServer()
    try:
        server.refuse["chief@example.org"] = "550 gone"
        mail_settings(admin, port=server.port)
        choices(admin, security=(True, True, 1))
        Client(admin.port).sign_in("chief", "wrong")
        # A letter of the contact test before may still have been waiting: that one is given up at its second try.
        ok(until(lambda: [l for l in letters(admin, "given-up") if l["tries"] == 1 and "550" in l["trouble"]]), "a letter refused for good is not tried again")
        ok(until(lambda: "mail" in {l["service"] for l in admin.get("/log/system?level=error")[1]["items"]}), "which the log of the services says")
    finally:
        server.close()


def unread(admin, user):
    stream = user.raw_stream("/api/v1/notices/stream")
    holds(stream.until("\n\ndata", "event: notice"), "event: notice", "the number of unread comes at once")
    before = user.get("/notices/unread")[1]["unread"]
    ok(before >= 1, "notices are unread")
    one = user.get("/notices")[1]["items"][0]
    same(user.post("/notices/%d/read" % one["id"], {})[1], {"unread": before - 1}, "one is read")
    holds(stream.until('"unread":%d' % (before - 1)), '"unread":%d' % (before - 1), "other pages hear of it")
    foreign = admin.get("/notices")[1]["items"][0]
    same(user.post("/notices/%d/read" % foreign["id"], {})[0], 404, "another's notice does not exist")
    same(user.ask("DELETE", "/api/v1/notices/%d" % foreign["id"])[0], 404, "to be deleted neither")
    same(admin.post("/notices/read", {})[1], {"unread": 0}, "all at once")
    same(admin.get("/notices?unread=true")[1]["total"], 0, "none is left")
    page = admin.get("/notices?page=1&size=1")[1]
    ok(len(page["items"]) == 1 and page["total"] > 1, "pages")
    admin.ask("DELETE", "/api/v1/notices")
    same(admin.get("/notices")[1]["total"], 0, "and gone")
    stream.close()


def archives(admin, user):
    rows = {a["name"]: a for a in admin.get("/archives")[1]["items"]}
    same(sorted({a["kind"] for a in rows.values()}), ["event", "log", "measurement", "state"], "archives of all kinds")
    same([a["title"] for a in rows.values() if a["kind"] == "state"], ["Time", "Configuration", "Status", "Information", "Relay"], "five of states")
    day = rows["day"]
    same(user.patch("/archives/day", {"revision": day["revision"], "active": False})[0], 403, "not everybody's to change")
    same(admin.patch("/archives/day", {"revision": day["revision"], "days": 0})[0], 400, "no archive is kept for no time")
    status, answer = admin.patch("/archives/day", {"revision": day["revision"], "title": "Сутки", "active": False, "days": 400, "forever": True})
    same((status, answer["title"], answer["active"], answer["days"], answer["forever"]), (200, "Сутки", False, 400, True), "renamed, off, never cleared")
    same(code(admin.patch("/archives/day", {"revision": day["revision"], "days": 1})[1]), "changed", "by who saw it last")
    same(admin.patch("/archives/log-security", {"revision": 1, "active": False})[1]["error"]["fields"][0]["field"], "active", "the security log cannot be switched off")
    same(admin.patch("/archives/nonsense", {"revision": 1})[0], 404, "no other archives")
    ok(admin.get("/log/general?kind=SET_MEASUREMENT_ARCHIVE_UPDATE")[1]["total"] == 1, "it is in the general log")
    device = admin.get("/devices?search=10000002")[1]["items"][0]
    count = lambda: len(admin.get("/devices/%d/readings?archive=day&from=2020-01-01&to=2100-01-01" % device["id"])[1]["rows"])
    device_now = admin.get("/devices/%d" % device["id"])[1]
    before = count()
    admin.patch("/devices/%d" % device["id"], {"revision": device_now["revision"], "depths": {"day": 20}})
    collect(admin, devices=[device["id"]])
    same(count(), before, "an inactive archive is not collected")
    admin.patch("/archives/day", {"revision": answer["revision"], "active": True})
    collect(admin, devices=[device["id"]])
    ok(count() > before, "active again, it is")


def host(admin, user):
    status, h = user.get("/host")
    same(status, 200, "the host is anybody's to see")
    ok(h["memory"] > h["memory_free"] > 0 and h["disk"] >= h["disk_free"] > 0 and h["processors"] >= 1 and h["database"] > 4096, "memory, disk, processors, database", h)
    ok(any(a.startswith("127.0.0.1/") for i in h["interfaces"] for a in i["addresses"]), "network addresses")
    ok(abs(time.time() - __import__("calendar").timegm(time.strptime(h["utc"][:19], "%Y-%m-%dT%H:%M:%S"))) < 600, "its clock")
    services = {s["name"]: s for s in admin.get("/host/services")[1]["items"]}
    same(sorted(services), ["collection", "database", "events", "http", "mail"], "every service is there")
    same([services[n]["state"] for n in ("collection", "database", "http", "events")], ["good"] * 4, "in good health")
    same(services["mail"]["state"], "attention", "but the mail, whose last letter was refused")
    holds(services["mail"]["text"], "550", "with the reason")


def logs(admin, user):
    page = admin.get("/log/system?page=1&size=5")[1]
    ok(page["total"] >= 2 and page["items"] == sorted(page["items"], key=lambda l: -l["id"]), "log lines of the services, newest first")
    ok(any(l["event"] == "server-start" for l in admin.get("/log/system?service=server")[1]["items"]), "the start is among them")
    same(user.get("/log/system")[0], 403, "not for everybody")
    csv = admin.raw("GET", "/api/v1/log/system.csv?service=server")[1].decode()
    ok(csv.startswith("time;level;service;event;details\n") and "server-start" in csv, "as CSV")
    same(admin.ask("DELETE", "/api/v1/log/system?before=2100-01-01")[0], 200, "cleared")
    same(admin.get("/log/system?service=server")[1]["total"], 0, "empty then")
    for name in ("who", "what", "when"):
        Client(admin.port).sign_in(name, "wrong")
    security = admin.get("/log/security?level=warning&page=1&size=2")[1]
    ok(len(security["items"]) == 2 and security["total"] > 2 and all(r["level"] == "warning" for r in security["items"]), "the security log by level and page")
    second = admin.get("/log/security?level=warning&page=2&size=2")[1]
    ok(second["items"] and second["items"][0]["id"] < security["items"][1]["id"], "the next page goes on")


def about(admin):
    a = admin.get("/about")[1]
    import hashlib
    from running import SVOD
    with open(SVOD, "rb") as f:
        same(a["hash"], hashlib.sha256(f.read()).hexdigest(), "the checksum is the program's")
    ok({"SQLite", "libcurl", "OpenSSL", "libsodium", "libmicrohttpd"} <= {c["name"] for c in a["components"]}, "its parts have versions")


def projects(admin, place):
    ids = {u["login"]: u["id"] for u in admin.get("/users")[1]["items"]}
    same(code(admin.post("/projects", {"title": "Проект 1", "users": [99999]})[1]), "invalid", "who does not exist is not taken in")
    status, made = admin.post("/projects", {"title": "Проект 1", "note": "Проект номер один", "users": [ids["user"]]})
    same((status, admin.get("/projects/%d" % made["id"])[1]["users"]), (201, [ids["user"]]), "a project is made with its people")
    same(admin.ask("PUT", "/api/v1/projects/%d/users" % made["id"], {"users": []})[1]["users"], [], "they are taken out")
    same(admin.get("/projects/99999")[0], 404, "no such project")


def second_factor_sealed(server, admin, place):
    mail_settings(admin, password="again-1")
    begun = admin.post("/session/totp", {"password": PASSWORD})[1]
    recovery = admin.post("/session/totp/confirm", {"code": totp(begun["secret"])})[1]["codes"]
    rows = sqlite3.connect(place + "/svod.db").execute("SELECT totp_secret FROM person WHERE login = 'admin'").fetchall()
    ok(rows[0][0].startswith("sealed:") and begun["secret"] not in rows[0][0], "a second factor's secret is sealed", rows)
    backup = svod("admin", "backup", place + "/svod.db", place + "/copy.db")
    holds(backup.out, "svod.db.key", "a backup says that the key is needed with it")
    restored = svod("admin", "restore", place + "/copy.db", place + "/new.db")
    holds(restored.out, "new.db.key is missing", "a restore says when it is missing")
    same(server.close(), 0, "the server ends in order, sanitizers silent")
    again = HeadEnd(place + "/svod.db")
    c = Client(again.port)
    same(code(c.sign_in("admin", PASSWORD)[1]), "code-required", "after a restart the factor is still there")
    same(c.sign_in("admin", PASSWORD, totp(begun["secret"], 1))[0], 200, "and lets in by its code")
    same(again.close(), 0, "the server ends in order, sanitizers silent")
    os.rename(place + "/svod.db.key", place + "/lost.key")
    other = HeadEnd(place + "/svod.db")
    c = Client(other.port)
    same(c.sign_in("admin", PASSWORD, recovery[0])[0], 200, "without the key a recovery code still lets in")
    holds(send_test(c)["message"], "sealed with another key", "and the mail says what it lacks")
    same(other.close(), 0, "the server ends in order, sanitizers silent")


class Stream:
    """Server-sent events of a caller, as text."""

    def __init__(self, client, path):
        import socket
        self.s = socket.create_connection(("127.0.0.1", client.port))
        self.s.settimeout(60)
        self.s.sendall(("GET %s HTTP/1.1\r\nHost: x\r\nCookie: svod=%s\r\n\r\n" % (path, client.cookie)).encode())
        self.text = ""

    def until(self, *parts):
        while not any(p in self.text for p in parts):
            more = self.s.recv(4096)
            if not more:
                break
            self.text += more.decode("utf-8", "replace")
        return self.text

    def close(self):
        self.s.close()


Client.raw_stream = lambda self, path: Stream(self, path)


def main():
    place = folder()
    world = World("--tcp", "127.66.1.1:0", "--family", "spodes", "--count", "3", "--serial", "10000001")
    port = world.ports()[0]
    rows = [(10000001 + i, "Meter %d" % i, "spodes", "tcp://127.66.1.%d:%d" % (i + 1, port), "transport=wrapper;password=111111", "House", DEPTHS) for i in range(2)]
    rows += [(20000001 + i, "Silent %d" % i, "spodes", "tcp://127.0.0.1:9", "transport=wrapper;password=111111", "House", DEPTHS) for i in range(2)]
    import_meters(place + "/svod.db", rows)
    server = HeadEnd(place + "/svod.db")
    admin = server.admin
    roles = {r["name"]: r["id"] for r in admin.get("/roles")[1]["items"]}
    admin.post("/users", {"login": "user", "role": roles["User"], "password": "first-1"})
    user = server.client("user", "first-1", "second-2")
    mail_fields(admin)
    plain_mail(admin, place)
    secure_mail(admin, place)
    notices(admin, user, port)
    contact(admin, user, port)
    permanent_refusal(admin)
    unread(admin, user)
    archives(admin, user)
    host(admin, user)
    logs(admin, user)
    about(admin)
    projects(admin, place)
    second_factor_sealed(server, admin, place)
    world.close()
    done()


main()
