#!/usr/bin/env python3
"""I/O modules through the running head-end: two on one RS-485 line and one behind TCP; inputs, counters, relays, journal of changes."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import truth
from api_client import HeadEnd, until
from running import World, done, folder, import_meters, ok, same

NOW = "2026-11-21 12:00"
SERIAL = {"Inputs": 61001, "Relays": 62001, "Ethernet": 63001}


class Place:
    def __init__(self):
        self.folder = folder()
        database, line = self.folder + "/svod.db", self.folder + "/line"
        self.world = World("--now", NOW, "--stopped", "--exact", "--bus", line, "--line", "9600,8N1",
                           "--meter", "modbus:16:%d" % SERIAL["Inputs"], "--options", "model=mv110-16d",
                           "--meter", "modbus:34:%d" % SERIAL["Relays"], "--options", "model=wb-mr3",
                           "--tcp", "127.68.0.1:0", "--family", "modbus", "--serial", SERIAL["Ethernet"], "--options", "model=mk210-301")
        serial, tcp = "serial:%s?9600,8N1" % line, "tcp://127.68.0.1:%d" % self.world.ports()[0]
        rows = [("61001", "Inputs", "modbus", serial, "address=16;model=mv110-16d", "Modules", "day=3"),
                ("62001", "Relays", "modbus", serial, "address=34;model=wb-mr3", "Modules", "day=3"),
                ("63001", "Ethernet", "modbus", tcp, "address=1;model=mk210-301;framing=tcp", "Modules", "day=3")]
        same(import_meters(database, rows).code, 0, "the modules are imported")
        self.server = HeadEnd(database)
        self.admin = self.server.admin
        self.ids = {d["title"]: d["id"] for d in self.admin.read("/devices?size=100")["items"]}

    def run(self, run):
        return until(lambda: (lambda r: r if r["ended"] else None)(self.admin.read("/runs/%d" % run["id"])), "run %d ends" % run["id"])

    def relays(self):
        return {(r["title"], r["relay"]): r["output"] for r in self.admin.read("/relays?size=100")["items"]}

    def states(self, title, query=""):
        return self.admin.read("/devices/%d/states%s" % (self.ids[title], query))["items"]


def closed(serial, n):
    return truth.draw(serial, 4000 + n, truth.wall_of(NOW) // 900, 2)


def pulses(serial, n):
    return truth.volume(serial + n, truth.wall_of(NOW))


def reads(p):
    run = p.run(p.admin.post("/runs", {"devices": list(p.ids.values()), "work": {"states": True, "measurements": [{"archive": "current"}]}})[1])
    same((run["result"], run["good"]), ("success", 3), "three modules are read, two of them on one line")
    for title, first, last in (("Inputs", 1, 16), ("Relays", 0, 3), ("Ethernet", 1, 6)):
        found = {s["obis"]: s for s in p.states(title) if ".96.3.1." in s["obis"]}
        want = {"0.%d.96.3.1.255" % n: closed(SERIAL[title], n) for n in range(first, last + 1)}
        same({code: s["value"] for code, s in found.items()}, want, "%s: inputs as they are" % title)
        ok(all(s["value_text"] == ("closed" if s["value"] else "open") for s in found.values()), "%s: in words" % title)
    for title, first, last, wrap in (("Inputs", 1, 16, 65536), ("Relays", 0, 3, 65536), ("Ethernet", 1, 6, 1 << 32)):
        got = {r["obis"]: str(r["value"]) for r in p.admin.read("/devices/%d/latest" % p.ids[title])["items"]}
        want = {"0.%d.96.128.0.255" % n: str(pulses(SERIAL[title], n) % wrap) for n in range(first, last + 1)}
        same(got, want, "%s: counters as they are" % title)


def switches(p):
    want = {("Relays", n): "off" for n in range(1, 4)}
    want.update({("Ethernet", n): "off" for n in range(1, 9)})
    until(lambda: p.relays() == want, "the relays of the modules are known")
    for title, relay, actions in (("Relays", 3, ["on", "off", "on"]), ("Ethernet", 8, ["on"])):
        code = "0.0.128.2.%d.255" % (relay - 1)
        for action in actions:
            time.sleep(1.1)  # states have times of whole seconds: each change one of its own
            status, plan = p.admin.post("/relays/plan", {"devices": [p.ids[title]], "action": action, "relay": relay, "reason": "test"})
            same(status, 200, "%s: a plan to switch relay %d %s" % (title, relay, action))
            run = p.run(p.admin.post("/relays/operate", {"token": plan["token"]})[1])
            same(run["result"], "success", "and it is done")
        now = [s for s in p.states(title) if s["obis"] == code]
        same([(s["value"], s["value_text"], s["title"]) for s in now], [(1, "on", "Signal relay #%d" % relay)], "on, and says so")
        changes = sorted((s["time"], s["value"]) for s in p.states(title, "?history=true&from=2026-01-01&obis=" + code))
        same([value for _, value in changes], [0] + [int(action == "on") for action in actions], "%s: the journal holds the changes" % title)
    want.update({("Relays", 3): "on", ("Ethernet", 8): "on"})
    until(lambda: p.relays() == want, "the others stayed off")
    plan = p.admin.post("/relays/plan", {"devices": [p.ids["Inputs"]], "action": "on", "relay": 1, "reason": "test"})[1]
    same(p.run(p.admin.post("/relays/operate", {"token": plan["token"]})[1])["result"], "error", "a module without relays switches none")


def main():
    p = Place()
    reads(p)
    switches(p)
    same(p.server.close(), 0, "the server ends in order, sanitizers silent")
    p.world.close()
    done()


main()
