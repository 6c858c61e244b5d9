#!/usr/bin/python3
"""Search of a bus from the API, on a line that collection uses meanwhile: what is found, that it takes turns, that it stops; and
the test of a link: contact alone, a hub among the meters."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from api_client import HeadEnd
from running import World, done, folder, ok, same

BAUD = "115200,8N1"


def wait(admin, path, over):
    while not over(answer := admin.read(path)):
        time.sleep(0.05)
    return answer


def fill(admin, bus):
    link = admin.ask("POST", "/links", {"kind": "serial", "device": bus, "baud": 115200, "format": "8N1", "title": "Линия 1"})[1]["id"]
    none = admin.ask("POST", "/links", {"kind": "serial", "device": bus + "-none", "title": "Линия 2"})[1]["id"]
    rows = [{"driver": "mercury230", "address": "30", "password": "111111", "interface": link, "serial": "41000001"},
            {"driver": "mbus", "address": "31", "interface": link},
            {"driver": "mercury230", "address": "77", "password": "111111", "interface": link}]
    status, after = admin.ask("PUT", "/table", {"revision": 0, "rows": rows})
    same((status, len(after["rows"])), (200, 3), "two meters of the bus are in the table, and one that is not there")
    few = {"current": 1, "network": 0, "day": 2, "month": 0, "profile": 0, "hour": 0, "journal": 0, "state": 0}
    same(admin.ask("POST", "/devices/wizard", {"ids": [r["id"] for r in after["rows"]], "set": {"device": {"depths": few}}})[0], 200, "of which little is wanted")
    return link, none


def search(admin, link):
    status, body = admin.ask("POST", "/collection", {"all": True})
    same(status, 202, "collection uses the line")
    status, scan = admin.ask("POST", "/scans", {"link": link, "from": 29, "to": 34, "wait_ms": 60})
    same((status, scan["running"], scan["link"]), (202, True, link), "a search begins")
    same(admin.ask("POST", "/scans", {"link": link})[0], 409, "one at a time on a line")
    scan = wait(admin, "/scans/%d" % scan["id"], lambda s: not s["running"])
    same((scan["fault"], scan["progress"], scan["meters"]), ("none", 100, 3), "it comes to its end")
    same({(f["driver"], f["address"], f["serial"], f["baud"], f["usual"]) for f in scan["found"] if f["driver"] != "spodes"},
         {("mercury230", "30", "41000001", 115200, False), ("mbus", "31", "50000031", 115200, False)}, "the bus's meters, with their line")
    same([f["address"] for f in scan["found"] if f["driver"] == "spodes"], ["33"], "the third one by its family")
    wait(admin, "/collection", lambda s: not s["running"])
    ok(admin.read("/devices/1")["contact"] == "good", "collection went its way meanwhile")
    same([s["id"] for s in admin.read("/scans")["items"]], [scan["id"]], "it is kept to be looked at")
    return scan


def add_found(admin, scan, link):
    found = next(f for f in scan["found"] if f["driver"] == "spodes")
    rows = [{"id": r["id"]} for r in admin.read("/table")["rows"]] + [{"driver": "spodes", "address": found["address"], "password": "111111", "interface": link}]
    status, after = admin.ask("PUT", "/table", {"revision": 0, "rows": rows})
    same((status, after["rows"][-1]["address"]), (200, "33"), "what was found goes into the table")
    return after["rows"][-1]["id"]


def stop_and_trouble(admin, link, none):
    status, scan = admin.ask("POST", "/scans", {"link": link, "driver": "mercury230", "wait_ms": 10000, "from": 100, "to": 239})
    same(admin.ask("DELETE", "/scans/%d" % scan["id"])[0], 200, "a search is stopped")
    scan = wait(admin, "/scans/%d" % scan["id"], lambda s: not s["running"])
    same((scan["fault"], scan["found"]), ("cancelled", []), "and says so")
    status, scan = admin.ask("POST", "/scans", {"link": none})
    scan = wait(admin, "/scans/%d" % scan["id"], lambda s: not s["running"])
    ok(scan["fault"] == "no-connection" and scan["fault_text"], "a port that is not there is named", scan)
    for body, at in (({"link": 999}, "link"), ({"link": link, "driver": "abacus"}, "driver"), ({"link": link, "driver": "hub"}, "driver"), ({"link": link, "speeds": [1234]}, "speeds"), ({"link": link, "from": 9, "to": 3}, "to")):
        status, answer = admin.ask("POST", "/scans", body)
        same((status, answer["error"]["fields"][0]["field"]), (400, at), "a wrong search %s" % body)
    same(admin.ask("GET", "/scans/999")[0], 404, "one that is none")


def link_test(admin, world_port, spodes):
    rows = [{"id": r["id"]} for r in admin.read("/table")["rows"]] + [{"driver": "hub", "address": "127.0.0.1:%d" % world_port}, {"driver": "hub", "address": "127.0.0.1:1"}]
    ids = [r["id"] for r in admin.ask("PUT", "/table", {"revision": 0, "rows": rows})[1]["rows"]]
    status, run = admin.ask("POST", "/runs", {"devices": ids, "title": "Тест связи", "work": {"contact": True}})
    same((status, run["work"]["contact"]), (202, True), "the test of a link is an order that asks who is there")
    run = wait(admin, "/runs/%d" % run["id"], lambda r: r["ended"])
    devices = {d["device"]: d for d in admin.read("/runs/%d/devices" % run["id"])["items"]}
    same({i: d["result"] for i, d in devices.items()}, {ids[0]: "success", ids[1]: "success", ids[2]: "error", spodes: "success", ids[-2]: "success", ids[-1]: "error"}, "who answers and whose port opens is good")
    same(sum(d["readings"] for d in devices.values()), 0, "nothing else is read")
    ok(all(d["note"] for d in devices.values() if d["result"] == "error"), "who does not says why")


place = folder()
bus = os.path.join(place, "bus")
world = World("--bus", bus, "--line", BAUD, "--meter", "mercury230:30:41000001", "--meter", "mbus:31:50000031", "--meter", "spodes:33:61", "--tcp", "127.0.0.1:0", "--family", "mbus", "--count", "1", "--serial", "70000001")

box = HeadEnd(place + "/box.db", "--every", "0", face="gateway")
link, none = fill(box.admin, bus)
scan = search(box.admin, link)
spodes = add_found(box.admin, scan, link)
stop_and_trouble(box.admin, link, none)
link_test(box.admin, world.ports()[0], spodes)
same(box.close(), 0, "the box ends in order")
world.close()
done()
