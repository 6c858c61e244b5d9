#!/usr/bin/env python3
"""A gateway that delivers to a head-end, both running: enrolment, data that arrive once whatever is killed or cut, the meter table,
orders and relays down the same connection, transit, a revoked code, a head-end with another certificate."""
import os
import random
import signal
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from api_client import HeadEnd, code, until
from running import World, done, folder, import_meters, ok, readings, same, show

METERS, SERIAL = 3, 10000001
ARCHIVES = "day,month,profile,current"


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
    return {SERIAL + i: readings(database, SERIAL + i, ARCHIVES) for i in range(METERS)}


def journals(database):
    return {SERIAL + i: sorted((e["time"], e["journal"], e["code"]) for e in show(database, SERIAL + i, "journal")["events"]) for i in range(METERS)}


def compare(place, about):
    ours, theirs = stored(place + "/gateway.db"), stored(place + "/hes.db")
    count = sum(len(a) for m in ours.values() for a in m.values())
    ok(count > 0, "%s: %d values at the gateway" % (about, count))
    same(theirs, ours, "%s: the head-end has the same" % about)
    same(journals(place + "/hes.db"), journals(place + "/gateway.db"), "%s: and the same events" % about)


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


def main():
    random.seed(7)
    place = folder()
    world = World("--tcp", "127.66.9.1:0", "--family", "spodes", "--count", METERS, "--serial", SERIAL)
    import_meters(place + "/gateway.db", [(SERIAL + i, "Meter %d" % i, "spodes", "tcp://127.66.9.%d:%d" % (i + 1, world.ports()[0]), "transport=wrapper;password=111111", "House",
                                           "current,network,state,day=5,month=60,profile=3,journal=30") for i in range(METERS)])
    hes, gateway = HeadEnd(place + "/hes.db"), HeadEnd(place + "/gateway.db", "--board", "sim", face="gateway")
    wire = Wire(free_port())
    collect(gateway)
    number, words = enrol(hes, gateway, wire)
    devices = table(hes, gateway, number)
    settled(gateway)
    compare(place, "what was there before")
    done()


main()
