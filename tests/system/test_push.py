#!/usr/bin/env python3
"""A gateway that delivers to a head-end, both running: enrolment, data that arrive once whatever is killed or cut, the meter table,
orders and relays down the same connection, transit, people who are told that it is away, a revoked code, a head-end with another certificate."""
import os
import random
import signal
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from api_client import HeadEnd, code, until
from mail_server import MailServer
from running import World, done, folder, import_meters, ok, readings, same, show

METERS, SERIAL = 3, 10000001
KEY = "transport=wrapper;client=48;security=high;password=2222222222222222"
ARCHIVES = "day,month,profile,current,journal"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Wire:
    """The way between the two, which can be cut after so many bytes or closed for a while."""

    def __init__(self, target):
        self.target, self.after, self.open, self.cuts = target, None, True, 0
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = self.door.getsockname()[1]
        self.pairs, self.lock = set(), threading.Lock()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            near, _ = self.door.accept()
            try:
                far = socket.create_connection(("127.0.0.1", self.target)) if self.open else None
            except OSError:
                far = None
            if not far:
                near.close()
                continue
            with self.lock:
                self.pairs.add((near, far))
            for a, b in ((near, far), (far, near)):
                threading.Thread(target=self.carry, args=(a, b, (near, far)), daemon=True).start()

    def carry(self, a, b, pair):
        try:
            while True:
                data = a.recv(65536)
                if not data:
                    break
                if self.after is not None and len(data) >= self.after:
                    b.sendall(data[:self.after])
                    self.after = None
                    self.cuts += 1
                    break
                if self.after is not None:
                    self.after -= len(data)
                b.sendall(data)
        except OSError:
            pass
        self.drop(pair)

    def drop(self, pair):
        with self.lock:
            self.pairs.discard(pair)
        for s in pair:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            s.close()

    def cut(self):
        for pair in list(self.pairs):
            self.drop(pair)


def centre(gateway):
    return gateway.admin.get("/centre")[1]


def connected(gateway):
    return until(lambda: centre(gateway)["state"] == "connected" and centre(gateway))


def settled(gateway):
    """Everything that the gateway has is acknowledged."""
    def look():
        c = centre(gateway)
        return c["state"] == "connected" and c["behind"] == 0 and c["archive_done"] == c["archive_all"] and c
    return until(look)


def collect(gateway):
    gateway.collect()


def stored(database):
    """Of each meter its readings and its events."""
    shown = {SERIAL + i: show(database, SERIAL + i, ARCHIVES) for i in range(METERS)}
    return ({serial: readings(s, serial) for serial, s in shown.items()}, {serial: sorted((e["time"], e["journal"], e["code"]) for e in s["events"]) for serial, s in shown.items()})


def compare(place, about):
    (ours, our_events), (theirs, their_events) = stored(place + "/gateway.db"), stored(place + "/hes.db")
    count = sum(len(a) for m in ours.values() for a in m.values())
    ok(count > 0, "%s: %d values at the gateway" % (about, count))
    same(theirs, ours, "%s: the head-end has the same" % about)
    same(their_events, our_events, "%s: and the same events" % about)


def enrol(hes, gateway, wire):
    port = hes.admin.get("/gateway-port")[1]
    refused = hes.admin.post("/gateways", {"title": "Подвал"})
    same((refused[0], refused[1]["error"]["fields"][0]["field"]), (400, "host"), "a code wants the head-end's address first")
    same(hes.admin.patch("/gateway-port", {"revision": port["revision"], "host": "a b"})[1]["error"]["fields"][0]["field"], "host", "a wrong one is told at its field")
    same(hes.admin.patch("/gateway-port", {"revision": port["revision"], "enabled": True, "host": "127.0.0.1", "port": wire.target, "tls": True})[0], 200, "the port is set")
    port = until(lambda: hes.admin.get("/gateway-port")[1]["listening"] and hes.admin.get("/gateway-port")[1])
    same(len(port["pin"]), 64, "its certificate has a fingerprint")
    status, made = hes.admin.post("/gateways", {"title": "Подвал"})
    same(status, 200, "a gateway is added")
    row = hes.admin.get("/gateways/%d" % made["id"])[1]
    same((row["connected"], row["seen"], row["enabled"]), (False, None, True), "it has not come yet")
    ok(made["code"].startswith("svod://127.0.0.1:%d/%d?key=" % (wire.target, made["id"])), "its code", made["code"])
    c = centre(gateway)
    same(c["state"], "off", "the gateway delivers nothing at first")
    same(gateway.admin.patch("/centre", {"revision": c["revision"], "code": "svod://x", "enabled": True})[1]["error"]["fields"][0]["field"], "code", "what is no code is refused")
    words = made["code"].replace(":%d/" % wire.target, ":%d/" % wire.port)
    same(gateway.admin.patch("/centre", {"revision": c["revision"], "code": words, "enabled": True})[0], 200, "the code is taken")
    c = connected(gateway)
    same((c["key"], c["trouble"], c["host"]), ("***", "", "127.0.0.1"), "it connects, and its key never comes out")
    ok(until(lambda: hes.admin.get("/gateways/%d" % made["id"])[1]["connected"]), "the head-end sees it")
    return made["id"], words


def table(hes, gateway, number):
    def rows():
        found = hes.admin.get("/devices?size=100")[1]["items"]
        return len(found) == METERS and found
    found = until(rows)
    same(sorted(d["serial"] for d in found), [str(SERIAL + i) for i in range(METERS)], "its meters are devices of the head-end")
    row = hes.admin.get("/gateways/%d" % number)[1]
    same(row["devices"], METERS, "counted")
    lines = hes.admin.get("/devices/%d" % found[0]["id"])[1]["lines"]
    same([(x["link"], x["parameters"]) for x in lines], [(row["link"], {})], "over the gateway's channel, without passwords")
    same(hes.admin.get("/links/%d" % row["link"])[1]["kind"], "gateway", "which is one of a gateway")
    return {d["serial"]: d["id"] for d in found}


def begin(place):
    """Both again, as they lie on the disk."""
    return HeadEnd(place + "/hes.db"), HeadEnd(place + "/gateway.db", "--board", "sim", face="gateway")


def kill(server):
    server.process.send_signal(signal.SIGKILL)
    server.process.wait()


def survive(place, hes, gateway, number):
    """Either side is killed while the archive goes up anew, several times; in the end both have the same, and no value was changed by
    coming twice."""
    for round in range(4):
        gateway.admin.post("/centre/again", {})
        if round % 2 == 0:
            gateway.admin.post("/collection", {"all": True})
        time.sleep(random.uniform(0.02, 0.5))
        if round % 2:
            kill(gateway)
            gateway = HeadEnd(place + "/gateway.db", "--board", "sim", face="gateway")
        else:
            kill(hes)
            hes = HeadEnd(place + "/hes.db")
            listening = hes.admin.get("/gateway-port")[1]
            ok(until(lambda: hes.admin.get("/gateway-port")[1]["listening"]), "round %d: the head-end is back" % round, listening)
        gateway.admin.post("/centre/test", {})
        connected(gateway)
    until(lambda: not gateway.admin.get("/collection")[1]["running"])
    settled(gateway)
    compare(place, "after the kills")
    same(hes.admin.get("/devices?size=100")[1]["total"], METERS, "no meter was doubled")
    same(hes.admin.get("/gateways/%d" % number)[1]["devices"], METERS, "nor counted twice")
    return hes, gateway


def cuts(place, gateway, wire):
    """The connection breaks at any byte, in the middle of frames and of TLS records."""
    for _ in range(8):
        wire.after = random.randrange(1, 4000)
        gateway.admin.post("/centre/again", {})
        before = wire.cuts
        until(lambda: wire.cuts > before or centre(gateway)["archive_done"] == centre(gateway)["archive_all"])
        wire.after = None
        gateway.admin.post("/centre/test", {})
        connected(gateway)
    ok(wire.cuts > 3, "the connection was cut %d times" % wire.cuts)
    settled(gateway)
    compare(place, "after the cuts")


def backlog(place, hes, gateway, wire, number):
    """The way is closed while the gateway goes on collecting."""
    wire.open = False
    wire.cut()
    ok(until(lambda: not hes.admin.get("/gateways/%d" % number)[1]["connected"]), "the head-end sees that it is gone")
    collect(gateway)
    c = until(lambda: centre(gateway)["trouble"] and centre(gateway))
    ok(c["state"] != "connected", "the gateway says what is wrong", c["trouble"])
    device = hes.admin.get("/devices")[1]["items"][0]["id"]
    run = order(hes, [device], {"contact": True})
    found = outcome(hes, run, device)
    ok(found["result"] == "error" and "Подвал" in found["note"] and "away since" in found["note"], "an order to it says since when it is away", found)
    wire.open = True
    gateway.admin.post("/centre/test", {})
    settled(gateway)
    compare(place, "after it was away")


def way(gateway, wire):
    """By one interface: one that is not there is told, by the loop it connects."""
    def by(name):
        return gateway.admin.patch("/centre", {"revision": centre(gateway)["revision"], "interface": name})

    same(by("a/b")[1]["error"]["fields"][0]["field"], "interface", "what is no interface is refused")
    same(by("nosuch0")[0], 200, "another interface is set")
    c = until(lambda: "nosuch0" in centre(gateway)["trouble"] and centre(gateway))
    ok(c["state"] != "connected", "by one that is not there it does not connect", c["trouble"])
    same((by("lo")[0], centre(gateway)["interface"]), (200, "lo"), "the loop is set")
    gateway.admin.post("/centre/test", {})
    settled(gateway)
    same(by("")[0], 200, "and whichever there is")
    settled(gateway)


def away(place, hes, gateway, wire):
    """People are told of a gateway that is away for longer than they want, and when it is back; once, whatever restarts."""
    def door(**fields):
        return hes.admin.patch("/gateway-port", dict(fields, revision=hes.admin.read("/gateway-port")["revision"]))

    def told():
        return [n["kind"] for n in hes.admin.read("/notices")["items"] if n["kind"].startswith("gateway-")]

    same(hes.admin.read("/gateway-port")["away_s"], 900, "a quarter of an hour is usual")
    same(door(away_s=-1)[1]["error"]["fields"][0]["field"], "away_s", "no time is less than none")
    server = MailServer()
    same(hes.admin.patch("/mail", {"revision": hes.admin.read("/mail")["revision"], "server": "127.0.0.1", "port": server.port, "sender": "hes@example.org", "security": "none"})[0], 200, "mail is set up")
    me = hes.admin.read("/session")
    hes.admin.patch("/session/profile", {"name": me["name"], "email": "chief@example.org", "language": "en"})
    kinds = [{"name": name, "shown": True, "mailed": True} for name in ("gateway-away", "gateway-back")]
    same(hes.admin.ask("PUT", "/notices/kinds", {"kinds": kinds})[0], 200, "both are wanted by mail, too")
    same(door(away_s=0)[0], 200, "nobody is to be told")
    wire.open = False
    wire.cut()
    until(lambda: hes.admin.read("/gateway-port")["connected"] == 0)
    time.sleep(5)
    same(told(), [], "nobody is")
    same(door(away_s=1)[0], 200, "after a second")
    notice = until(lambda: [n for n in hes.admin.read("/notices")["items"] if n["kind"] == "gateway-away"])[0]
    ok(notice["text"].startswith("Gateway \"Подвал\" has been away since 20") and notice["level"] == "warning", "it is told since when it is away", notice)
    letter = until(lambda: server.letters)[0]
    ok(notice["text"] in letter.get_content() and letter["To"] == "chief@example.org", "by mail as well", letter)
    until(lambda: [l for l in hes.admin.read("/mail/letters")["items"] if l["state"] == "sent"], "the letter is known to be sent")
    same(hes.close(), 0, "the head-end ends")
    hes = HeadEnd(place + "/hes.db")
    time.sleep(5)
    same((told(), len(server.letters)), (["gateway-away"], 1), "after a restart nobody is told again")
    wire.open = True
    gateway.admin.post("/centre/test", {})
    until(lambda: told() == ["gateway-back", "gateway-away"], "its return is told")
    same(hes.admin.read("/notices")["items"][0]["text"], "Gateway \"Подвал\" is back", "in words")
    ok(until(lambda: len(server.letters) == 2), "and by mail")
    connected(gateway)
    since = hes.admin.read("/gateways")["items"][0]["since"]
    same(door(away_s=900)[0], 200, "another time is set")
    ok(connected(gateway) and hes.admin.read("/gateways")["items"][0]["since"] == since, "which breaks no connection off")
    server.close()
    return hes


def order(hes, devices, work, **more):
    status, answer = hes.admin.post("/runs", dict({"devices": devices, "work": work}, **more))
    if status != 202:
        raise RuntimeError("order: %s %s" % (status, answer))
    return answer["id"]


def outcome(hes, run, device):
    until(lambda: hes.admin.get("/runs/%d" % run)[1]["ended"])
    return [d for d in hes.admin.get("/runs/%d/devices?size=100" % run)[1]["items"] if d["device"] == device][0]


def seen_here(hes, gateway):
    """What the head-end counts of such meters: completeness and hours of contact are those of the gateway."""
    today = time.strftime("%Y-%m-%d")
    span = "archive=day&from=%s&to=%s" % (time.strftime("%Y-%m-%d", time.localtime(time.time() - 3 * 86400)), today)
    def rows(who):
        return {r["key"]: (r["expected"], r["missing"]) for r in who.admin.get("/completeness?%s&by=group" % span)[1]["items"]}
    ok(until(lambda: rows(hes) and rows(hes) == rows(gateway)), "completeness is that of the gateway", rows(hes))
    def hours(who, device):
        return who.admin.get("/devices/%d/contacts?from=%s&to=%s" % (device, today, today))[1]
    theirs = {d["serial"]: d["id"] for d in hes.admin.get("/devices?size=100")[1]["items"]}
    mine = {d["serial"]: d["id"] for d in gateway.admin.get("/devices?size=100")[1]["items"]}
    pairs = [(theirs[s], mine[s]) for s in theirs if s in mine]
    ok(until(lambda: all(hours(hes, a) == hours(gateway, b) for a, b in pairs)), "and so are the hours of contact", [(hours(hes, a), hours(gateway, b)) for a, b in pairs][:1])


def downward(place, hes, gateway, devices):
    device = devices[str(SERIAL)]
    time.sleep(1.1)  # read twice within a second, a meter says the same twice, which is nothing new
    run = order(hes, [device], {"measurements": [{"archive": "current", "again": True}]})
    found = outcome(hes, run, device)
    same(found["result"], "success", "read now: the gateway has read it", found)
    ok(found["readings"] > 0, "and its values are here when the result is", found)
    compare(place, "after an order")
    steps = hes.admin.get("/runs/%d/devices/%d/journal" % (run, device))
    ok("Session 1 over Подвал" in str(steps[1]) and "serial number %d" % SERIAL in str(steps[1]), "its steps are told as they were at the gateway", steps)
    runs = gateway.admin.get("/runs")[1]["items"]
    ok(any(r["login"].startswith("HES") for r in runs), "the gateway's journal has who ordered", runs[:2])


def switches(hes, gateway, devices):
    device = devices[str(SERIAL + 1)]
    run = hes.admin.post("/relays/read", {"devices": [device]})[1]["id"]
    same(outcome(hes, run, device)["result"], "success", "its relay is read")
    relay = until(lambda: [r for r in hes.admin.get("/relays")[1]["items"] if r["device"] == device])[0]
    same(relay["output"], "on", "and known here")
    plan = hes.admin.post("/relays/plan", {"devices": [device], "action": "off", "reason": "debt"})[1]
    runs = {hes.admin.post("/relays/operate", {"token": plan["token"]})[1]["id"] for _ in range(3)}
    same(len(runs), 1, "a plan is one run, however often it is sent")
    found = outcome(hes, runs.pop(), device)
    same(found["result"], "success", "the gateway has switched it", found)
    until(lambda: [r for r in hes.admin.get("/relays")[1]["items"] if r["device"] == device][0]["output"] == "off")
    ok(True, "what was read back is known here")
    log = [e for e in hes.admin.get("/log/security?size=100")[1]["items"] if e["kind"] == "SSET_RELAY_RESULT"]
    ok(log and log[0]["after"]["sent"] and log[0]["after"]["reason"] == "debt" and log[0]["before"]["output"] == 1 and log[0]["after"]["output"] == 0,
       "with before, after and the reason in the security log", log[:1])
    orders = [r for r in gateway.admin.get("/runs")[1]["items"] if r.get("reason") == "debt"]
    same(len(orders), 1, "the gateway was ordered once, with the reason")


def transit(place, hes, gateway, number, bus):
    """The head-end's own driver talks to a meter on the gateway's bus."""
    link = gateway.admin.post("/links", {"title": "Line 1", "uri": "serial:%s?9600,8N1" % bus})[1]["id"]
    row = gateway.admin.get("/interfaces/1")[1]
    same(gateway.admin.patch("/interfaces/1", {"revision": row["revision"], "link": link, "idle_s": 1})[0], 200, "the bus is an interface of the gateway")
    made = hes.admin.post("/links", {"title": "Through", "uri": "gateway:%d/1" % number})
    same(made[0], 201, "a channel to it is made at the head-end", made)
    device = hes.admin.post("/devices", {"serial": "43000005", "title": "Far", "driver": "mercury230", "lines": [{"link": made[1]["id"], "address": "5"}], "depths": {"day": 3}})
    same(device[0], 201, "and a device over it", device)
    run = order(hes, [device[1]["ids"][0]], {"measurements": [{"archive": "current"}]})
    found = outcome(hes, run, device[1]["ids"][0])
    ok(found["result"] == "success" and found["readings"] > 0, "its own driver has read the meter", found)
    ok(until(lambda: any(e["kind"] == "SSET_TRANSIT_END" for e in gateway.admin.get("/log/security?size=100")[1]["items"])), "the gateway's journal has the transit")
    nobody = hes.admin.post("/links", {"title": "No interface", "uri": "gateway:%d/7" % number})[1]["id"]
    other = hes.admin.post("/devices", {"serial": "43000006", "title": "Nobody", "driver": "mercury230", "lines": [{"link": nobody, "address": "6"}]})[1]["ids"][0]
    found = outcome(hes, order(hes, [other], {"contact": True}), other)
    ok(found["result"] == "error" and "interface" in found["note"], "an interface that is none is told", found)
    for d in (device[1]["ids"][0], other):
        hes.admin.ask("DELETE", "/devices/%d" % d)


def table_changes(hes, gateway, number, devices):
    """What is deleted at the gateway is marked here, and comes back as the same device."""
    mine = [d for d in gateway.admin.get("/devices?size=100")[1]["items"] if d["serial"] == str(SERIAL + 2)][0]["id"]
    row = gateway.admin.get("/devices/%d" % mine)[1]
    same(gateway.admin.ask("DELETE", "/devices/%d" % mine)[0], 200, "a meter is deleted at the gateway")
    states = until(lambda: (lambda s: s if "gone" in s.values() else None)({m["serial"]: m["state"] for m in hes.admin.get("/gateways/%d/meters" % number)[1]["items"]}))
    same(states[str(SERIAL + 2)], "gone", "it is marked at the head-end")
    same(hes.admin.get("/devices/%d" % devices[str(SERIAL + 2)])[0], 200, "where it stays with its archive")
    made = gateway.admin.post("/devices", {k: row[k] for k in ("serial", "title", "driver", "group", "depths")} | {"lines": [{"link": row["lines"][0]["link"], "parameters": {
        "transport": "wrapper", "client": "48", "security": "high", "password": "2222222222222222"}}]})
    same(made[0], 201, "it is added at the gateway again", made)
    found = until(lambda: [m for m in hes.admin.get("/gateways/%d/meters" % number)[1]["items"] if m["serial"] == str(SERIAL + 2) and m["state"] == "present"])
    same([m["device"] for m in found], [devices[str(SERIAL + 2)]], "and is the same device here")


def dismissed(hes, gateway, number, devices):
    """What a person deletes here stays away, until he asks for everything."""
    device = devices[str(SERIAL)]
    def state():
        return [m for m in hes.admin.get("/gateways/%d/meters" % number)[1]["items"] if m["serial"] == str(SERIAL)][0]
    hes.admin.ask("DELETE", "/devices/%d?readings=false" % device)
    same(hes.admin.get("/devices/%d" % device)[0], 404, "a device is deleted at the head-end")
    mine = [d for d in gateway.admin.get("/devices?size=100")[1]["items"] if d["serial"] == str(SERIAL)][0]
    same(gateway.admin.patch("/devices/%d" % mine["id"], {"revision": mine["revision"], "title": "Renamed"})[0], 200, "its row changes at the gateway")
    found = until(lambda: state()["state"] == "refused" and state())
    same((found["rival"], found["device"]), (-1, 0), "its gateway tells of it in vain")
    hes.admin.post("/gateways/%d/again" % number, {})
    found = until(lambda: state()["state"] == "present" and state())
    ok(found["device"] != device and hes.admin.get("/devices/%d" % found["device"])[0] == 200, "asked for everything, it comes back as a new one")


def revoked(hes, gateway, number, wire, words):
    row = hes.admin.get("/gateways/%d" % number)[1]
    same(hes.admin.patch("/gateways/%d" % number, {"revision": row["revision"], "enabled": False})[0], 200, "its code is revoked")
    ok(until(lambda: (lambda c: c["state"] != "connected" and "revoked" in c["trouble"])(centre(gateway))), "the gateway is put out and says why")
    gateway.admin.post("/centre/test", {})
    ok(until(lambda: hes.admin.get("/gateways/%d" % number)[1]["trouble"] == "revoked"), "so does the head-end")
    fresh = hes.admin.post("/gateways/%d/code" % number, {})[1]["code"]
    c = centre(gateway)
    wrong = fresh[:fresh.index("key=") + 4] + "0" * 64 + fresh[fresh.index("&pin"):]
    gateway.admin.patch("/centre", {"revision": c["revision"], "code": wrong.replace(":%d/" % wire.target, ":%d/" % wire.port)})
    c = until(lambda: "not the head-end" in centre(gateway)["trouble"] and centre(gateway))
    ok(c, "with a wrong key it does not even give itself away: the head-end cannot prove that it knows it")
    pin = fresh[:fresh.index("&pin=") + 5] + "0" * 64
    gateway.admin.patch("/centre", {"revision": c["revision"], "code": pin.replace(":%d/" % wire.target, ":%d/" % wire.port)})
    c = until(lambda: "pinned" in centre(gateway)["trouble"] and centre(gateway))
    ok(c, "another certificate than the pinned one is not talked to", c["trouble"])
    gateway.admin.patch("/centre", {"revision": c["revision"], "pin": ""})
    c = until(lambda: "certificate" in centre(gateway)["trouble"] and "pinned" not in centre(gateway)["trouble"] and centre(gateway))
    ok(c, "nor one that no authority has signed", c["trouble"])
    gateway.admin.patch("/centre", {"revision": c["revision"], "code": fresh.replace(":%d/" % wire.target, ":%d/" % wire.port)})
    ok(connected(gateway), "the new code lets it in")
    log = str(hes.admin.get("/log/security?size=200")[1]) + str(gateway.admin.get("/log/security?size=200")[1])
    secrets = [w[w.index("key=") + 4:][:64] for w in (fresh, words)]
    ok(not any(s in log for s in secrets), "no key in the logs")


def strangers(hes, wire):
    """Whoever comes to the port without being a gateway: noise, silence, floods."""
    for noise in (b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00" + b"\xff" * 600, os.urandom(5000)):
        with socket.create_connection(("127.0.0.1", wire.target)) as s:
            s.settimeout(30)
            try:
                s.sendall(noise)
                while s.recv(4096):
                    pass
            except OSError:
                pass
    many = [socket.create_connection(("127.0.0.1", wire.target)) for _ in range(40)]
    same(hes.admin.get("/gateway-port")[1]["connected"], 1, "strangers disturb nobody who is connected")
    for s in many:
        s.close()


def main():
    random.seed(7)
    place = folder()
    bus = place + "/bus"
    world = World("--tcp", "127.66.9.1:0", "--family", "spodes", "--count", METERS, "--serial", SERIAL, "--options", "lock=0",
                  "--bus", bus, "--line", "9600,8N1", "--meter", "mercury230:5:43000005")
    import_meters(place + "/gateway.db", [(SERIAL + i, "Meter %d" % i, "spodes", "tcp://127.66.9.%d:%d" % (i + 1, world.ports()[0]), KEY, "House",
                                           "current,network,state,day=5,month=60,profile=3,journal=30") for i in range(METERS)])
    hes, gateway = HeadEnd(place + "/hes.db"), HeadEnd(place + "/gateway.db", "--board", "sim", face="gateway")
    wire = Wire(free_port())
    collect(gateway)
    number, words = enrol(hes, gateway, wire)
    devices = table(hes, gateway, number)
    settled(gateway)
    compare(place, "what was there before")
    seen_here(hes, gateway)
    downward(place, hes, gateway, devices)
    switches(hes, gateway, devices)
    transit(place, hes, gateway, number, bus)
    strangers(hes, wire)
    cuts(place, gateway, wire)
    backlog(place, hes, gateway, wire, number)
    way(gateway, wire)
    hes = away(place, hes, gateway, wire)
    hes, gateway = survive(place, hes, gateway, number)
    table_changes(hes, gateway, number, devices)
    dismissed(hes, gateway, number, devices)
    revoked(hes, gateway, number, wire, words)
    same((gateway.close(), hes.close()), (0, 0), "both end in order")
    world.close()
    done()


main()
