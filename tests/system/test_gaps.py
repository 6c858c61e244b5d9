#!/usr/bin/env python3
"""A meter that leaves its line and comes back (S1 3.3.1): both are recorded, of this meter alone; what was missed meanwhile is owed, told
as gaps, and made up for by the next pass without anybody naming it; every value is the documented truth."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import collected
from api_client import HeadEnd
from running import World, done, folder, import_meters, ok, readings, same, wall_now

HERE, AWAY = ("mercury230", 41000001), ("spodes", 61000061)
LITTLE, MUCH = {"day": 1, "profile": 1}, {"day": 12, "profile": 5}


def bus_with(bus, *meters):
    words = {HERE: "mercury230:1:41000001", AWAY: "spodes:61:61000061"}
    return World("--exact", "--bus", bus, "--line", "115200,8N1", *[word for meter in meters for word in ("--meter", words[meter])])


def noted(admin, kind):
    return [n["object"].split(" ")[0].strip(",") for n in admin.read("/log/general?kind=%s&size=100" % kind)["items"]]


def gaps(admin, device):
    return {archive: len(admin.read("/devices/%d/gaps?archive=%s&from=2020-01-01&to=2100-01-01" % (device, archive))["items"]) for archive in MUCH}


def main():
    place = folder()
    bus, database = place + "/bus", place + "/svod.db"
    line = "serial:%s?115200,8N1" % bus
    depths = ",".join("%s=%d" % pair for pair in LITTLE.items())
    world = bus_with(bus, HERE, AWAY)
    import_meters(database, [(HERE[1], "ВРУ", HERE[0], line, "address=1", "", depths), (AWAY[1], "кв. 1", AWAY[0], line, "physical=61;password=111111", "", depths)])
    gateway = HeadEnd(database, "--board", "sim", face="gateway")
    admin = gateway.admin
    number = {int(d["serial"]): d["id"] for d in admin.read("/devices?size=10")["items"]}
    begun = wall_now()
    gateway.collect(all=True)
    same((admin.read("/collection")["failed"], noted(admin, "SET_CONTACT_LOST")), (0, []), "both answer")
    world.close()

    world = bus_with(bus, HERE)
    for _, serial in (HERE, AWAY):
        device = admin.read("/devices/%d" % number[serial])
        same(admin.patch("/devices/%d" % number[serial], {"revision": device["revision"], "depths": MUCH})[0], 200, "more is wanted of %d" % serial)
    gateway.collect(all=True)
    gateway.collect(all=True)
    same([o for o in noted(admin, "SET_CONTACT_LOST") if o == str(AWAY[1])], [str(AWAY[1])], "its loss is recorded, once")
    same(noted(admin, "SET_CONTACT_BACK"), [], "nobody has come back")
    missed = gaps(admin, number[AWAY[1]])
    ok(all(missed.values()), "what was missed is told", missed)
    same(gaps(admin, number[HERE[1]]), {"day": 0, "profile": 0}, "its neighbour misses nothing")
    world.close()

    world = bus_with(bus, HERE, AWAY)
    gateway.collect(all=True)
    same((noted(admin, "SET_CONTACT_LOST"), noted(admin, "SET_CONTACT_BACK")), ([str(AWAY[1])], [str(AWAY[1])]), "its return is recorded, too")
    same(gaps(admin, number[AWAY[1]]), {"day": 0, "profile": 0}, "the pass has made up for the gaps")
    same(gateway.close(), 0, "it ends in order")
    for family, serial in (HERE, AWAY):
        wrong = collected.meter_faults(family, serial, readings(database, serial, "day,profile"), MUCH, begun, wall_now())
        ok(not wrong, "%s %d: all of it, and right" % (family, serial), "\n".join(wrong))
    world.close()
    done()


main()
