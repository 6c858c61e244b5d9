#!/usr/bin/env python3
"""MQTT of the running gateway: brokers, templates and publications over the API, a real mosquitto, messages that equal what the
gateway itself shows of its meters, a broker that goes away and comes back."""
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from api_client import HeadEnd, code, until
from surroundings import Broker, Listener
from running import World, done, folder, import_meters, ok, readings, same

METERS, ZONE = 3, time.localtime().tm_gmtoff  # meters that are imported have this machine's zone
TAGS = {"1.0.%d.8.%d.255" % (c, t): name + str(t) for c, name in ((1, "A+"), (2, "A-"), (3, "R+"), (4, "R-")) for t in range(9)}


def settings(admin, port):
    fields = {"device": "box1", "address": "127.0.0.1", "port": port, "prefix": "town", "login": "box", "password": "word-wrong"}
    wrong = admin.post("/mqtt/brokers", dict(fields, device="a/b"))
    same((wrong[0], wrong[1]["error"]["fields"][0]["field"]), (400, "device"), "an id that would break a topic is refused")
    for field, value in (("prefix", "a/#"), ("address", "host:1883"), ("authority", "no certificate"), ("key", "no key")):
        same(admin.post("/mqtt/brokers", dict(fields, **{field: value}))[1]["error"]["fields"][0]["field"], field if field != "key" else "certificate", "a wrong %s is told at its field" % field)
    status, made = admin.post("/mqtt/brokers", fields)
    same(status, 201, "a broker is made")
    broker = admin.get("/mqtt/brokers/%d" % made["id"])[1]
    same((broker["password"], broker["qos"], broker["security"]), ("***", 1, "none"), "its password never comes out")
    same(admin.post("/mqtt/brokers", fields)[1]["error"]["fields"][0]["field"], "device", "two of one name at one broker would throw each other out")
    kinds = {k["kind"]: k for k in admin.get("/mqtt/kinds")[1]["items"]}
    ok({"aDay", "mEng", "aCons", "jrnlPwr", "jrnl"} <= set(kinds) and kinds["mEng"]["moment"], "kinds of data")
    same(admin.post("/mqtt/templates", {"title": "x", "wants": [{"kind": "aDay"}, {"kind": "aDay"}]})[1]["error"]["fields"][0]["field"], "wants[1].kind", "a kind once")
    same(admin.post("/mqtt/templates", {"title": "x", "wants": [{"kind": "aDay", "depth": "days"}]})[1]["error"]["fields"][0]["field"], "wants[0].days", "days must be said")
    template = admin.post("/mqtt/templates", {"title": "Всё", "wants": [{"kind": "aDay", "depth": "full"}, {"kind": "mEng"}, {"kind": "aCons", "depth": "days", "days": 2}]})[1]["id"]
    same(admin.post("/mqtt/publications", {"broker": 99, "template": template})[1]["error"]["fields"][0]["field"], "broker", "a publication wants its broker")
    publication = admin.post("/mqtt/publications", {"broker": made["id"], "template": template, "postfix": "data"})[1]["id"]
    same(admin.get("/mqtt/publications/%d" % publication)[1]["topic"], "town/box1/data", "its topic")
    same(code(admin.ask("DELETE", "/api/v1/mqtt/brokers/%d" % made["id"])[1]), "in-use", "a broker with publications stays")
    same(code(admin.ask("DELETE", "/api/v1/mqtt/templates/%d" % template)[1]), "in-use", "and a template")
    return made["id"], publication


def let_in(admin, broker):
    row = "/mqtt/brokers/%d" % broker
    trouble = until(lambda: admin.get(row)[1]["trouble"])
    ok("wrong login or password" in trouble, "a wrong password is told in words", trouble)
    revision = admin.get(row)[1]["revision"]
    same(admin.patch(row, {"revision": revision, "password": "word-box", "login": "box"})[0], 200, "the right one is set")
    same(code(admin.patch(row, {"revision": revision, "port": 1})[1]), "changed", "two who edit do not overwrite each other")
    ok(until(lambda: admin.get(row)[1]["state"] == "connected"), "it connects", admin.get(row))


def collected(admin):
    admin.post("/collection", {"all": True})
    until(lambda: admin.get("/collection")[1]["running"])
    return until(lambda: not admin.get("/collection")[1]["running"])


def settled(admin, publication):
    def look():
        p = admin.get("/mqtt/publications/%d" % publication)[1]
        return p["waiting"] == 0 and p["under_way"] == 0 and not p["ordered"] and p
    return until(look)


def stored(database):
    """The same records as the gateway's own archive has them."""
    want = {}
    for i in range(METERS):
        for (when, obis), (value, quality) in readings(database, 10000001 + i, "day")["day"].items():
            if not quality & 1:
                want[("aDay", i + 1, when - ZONE, TAGS.get(obis, obis))] = value
    return want


def compare(heard, want, about):
    day = {key: values for key, values in heard.items() if key[0] == "aDay"}
    same(sorted(k for k in want if k not in day)[:3], [], "%s: everything stored has arrived (%d values)" % (about, len(want)))
    same([k for k, v in want.items() if k in day and day[k][-1] != v][:3], [], "%s: as it is stored" % about)


def main():
    place = folder()
    broker = Broker(place + "/broker")
    listener = Listener(broker, place)
    world = World("--tcp", "127.66.7.1:0", "--family", "spodes", "--count", METERS, "--serial", 10000001)
    import_meters(place + "/svod.db", [(10000001 + i, "Meter", "spodes", "tcp://127.66.7.%d:%d" % (i + 1, world.ports()[0]), "transport=wrapper;password=111111", "House",
                                        "current,day=5,profile=2") for i in range(METERS)])
    server = HeadEnd(place + "/svod.db", face="gateway")
    admin = server.admin
    same(admin.get("/mqtt/brokers")[1], {"items": [], "total": 0}, "no broker at first")
    row, publication = settings(admin, broker.port)
    let_in(admin, row)
    ok(until(lambda: listener.status() == ["online"]), "the broker keeps that it is there")
    collected(admin)
    ok(settled(admin, publication), "what was collected is delivered", admin.get("/mqtt/publications"))
    want = stored(place + "/svod.db")
    until(lambda: set(want) <= set(listener.records()))
    heard = listener.records()
    compare(heard, want, "collected")
    same(max(len(v) for v in heard.values()), 1, "everything came once")
    ok(any(k[0] == "mEng" for k in heard) and any(k[0] == "aCons" and k[3] == "P+" for k in heard), "readings of the moment and profiles, too")
    same(admin.post("/mqtt/publications/%d/send" % publication, {})[0], 200, "it is sent once more by order")
    ok(settled(admin, publication), "which goes out")
    until(lambda: min(len(listener.records().get(k, [])) for k in want) == 2)
    same({len(listener.records()[k]) for k in want}, {2}, "the whole depth of days came again")
    broker.stop()
    ok(until(lambda: admin.get("/mqtt/brokers/%d" % row)[1]["state"] != "connected"), "the broker has gone")
    admin.post("/mqtt/publications/%d/send" % publication, {})
    ok(admin.get("/mqtt/publications/%d" % publication)[1] and until(lambda: admin.get("/mqtt/publications/%d" % publication)[1]["ordered"]), "an order waits for it")
    same(server.close(), 0, "the gateway ends in order")
    broker.start()
    server = HeadEnd(place + "/svod.db", face="gateway")
    admin = server.admin
    ok(settled(admin, publication), "it went out after the gateway and the broker were started anew")
    until(lambda: min(len(listener.records().get(k, [])) for k in want) == 3)
    same({len(listener.records()[k]) for k in want}, {3}, "once")
    compare(listener.records(), want, "after all")
    same(admin.ask("DELETE", "/api/v1/mqtt/publications/%d" % publication)[0], 200, "a publication is deleted")
    same(admin.ask("DELETE", "/api/v1/mqtt/brokers/%d" % row)[0], 200, "and its broker")
    log = json.dumps(admin.get("/log/security?size=100")[1], ensure_ascii=False)
    ok("word-box" not in log and "word-wrong" not in log, "no password in the log")
    same(server.close(), 0, "and at last")
    world.close()
    listener.close()
    broker.stop()
    done()


main()
