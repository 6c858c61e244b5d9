#!/usr/bin/env python3
"""The promise of the demonstration: a simulated world is collected by its real protocols, and every number in the database
is the documented truth, none missing and none too many."""
import csv
import io
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import collected
import running
from running import World, collect, folder, frames, import_meters, ok, readings, same, svod, wall_now

FLEET, FIRST = 30, 10000001
DAYS, MONTHS = 10, 70
ELECTRIC = {"current": 1, "day": DAYS, "month": MONTHS, "profile": DAYS}
HEAT = {"current": 1, "month": MONTHS}
LOAD_PROFILE = "0100630100FF"  # OBIS of the load profile as it stands in a request


def depths(archives):
    return ",".join("%s=%d" % pair for pair in archives.items())


def people(place):
    """The world's words and the registry: [(family, serial, depths, link, parameters)]; {port} is filled in later."""
    bus = os.path.join(place, "bus")
    words = ["--exact", "--tcp", "127.41.0.1:0", "--family", "spodes", "--count", FLEET, "--serial", FIRST, "--options", "phases=3",
             "--bus", bus, "--line", "115200,8N1", "--meter", "mercury230:1:41000001", "--meter", "mbus:31:50000031",
             "--meter", "mbus:32:50000032", "--meter", "spodes:61:61000061"]
    line = "serial:%s?115200,8N1" % bus
    meters = [("spodes", FIRST + i, ELECTRIC, "tcp://127.41.0.%d:{port}" % (i + 1), "transport=wrapper;password=111111") for i in range(FLEET)]
    meters.append(("mercury230", 41000001, ELECTRIC, line, "address=1"))
    meters += [("mbus", 50000000 + i, HEAT, line, "address=%d" % i) for i in (31, 32)]
    meters.append(("spodes", 61000061, ELECTRIC, line, "physical=61;password=111111"))
    return words, meters


def compare(database, meters, begun, ended):
    """Every reading of every meter; returns {serial: readings}."""
    found = {}
    for family, serial, archives, _, _ in meters:
        found[serial] = got = readings(database, serial, "current,network,day,month,profile,hour")
        wrong = collected.meter_faults(family, serial, got, archives, begun, ended)
        count = sum(len(a) for a in got.values())
        ok(not wrong, "%s %d: %d values, each of them the truth" % (family, serial, count), "\n".join(wrong))
    return found


def grids(found):
    return {serial: {a: v for a, v in got.items() if a != "current"} for serial, got in found.items()}


def profile_requests(database, meters, skip):
    """Requests for a load profile in the exchange journal behind the first `skip[serial]` frames."""
    count = 0
    for family, serial, _, _, _ in meters:
        sent = [hexes for arrow, hexes, _ in frames(database, serial)[skip.get(serial, 0):] if arrow == ">>"]
        if family == "spodes":
            count += sum(LOAD_PROFILE in hexes for hexes in sent)
        if family == "mercury230":  # memory 3 is the load profile: request 06h 03h
            count += sum(hexes[2:6] == "0603" for hexes in sent)
    return count


def check_second_pass(database, meters, first):
    """Nothing that is there is read again. A half-hour that ends meanwhile is owed, so then once more."""
    for _ in range(2):
        before = {m[1]: len(frames(database, m[1])) for m in meters}
        begun = wall_now()
        ended = collect(database)
        if begun // running.HALF_HOUR == wall_now() // running.HALF_HOUR == first // running.HALF_HOUR:
            break
        first = begun
    same(ended.code, 0, "the second pass ends well", ended)
    same(profile_requests(database, meters, before), 0, "the second pass asks for no profile")
    ok(all(len(frames(database, m[1])) > before[m[1]] for m in meters), "but everybody was asked for the present")
    return begun


def check_frames(database):
    """A frame that `show --frames` prints is explained by `svod decode`."""
    for serial, part in (FIRST, "AARQ"), (61000061, "HDLC"), (41000001, "Mercury"), (50000031, "M-Bus"):
        for arrow in (">>", "<<"):
            longest = max((h for a, h, _ in frames(database, serial) if a == arrow), key=len, default="")
            first = next((h for a, h, _ in frames(database, serial) if a == arrow), "")
            for name, hexes in (("first", first), ("longest", longest)):
                ended = svod("decode", hexes)
                ok(ended.code == 0 and len(ended.out.splitlines()) > (hexes != "E5"), "%d: decode explains its %s frame %s" % (serial, name, arrow), ended)
                if arrow == ">>" and name == "first" and part:
                    running.holds(ended.out, part, "%d: and calls it by its name" % serial)


def check_judge(found, begun, finished):
    """The comparison is not blind: a value too many, one too few and a wrong one are each told."""
    got = found[FIRST]["profile"]
    moments = sorted({wall for wall, _ in got})
    short = {k: v for k, v in got.items() if k[0] != moments[5]}
    wrong = dict(got)
    wrong[moments[7], "1.0.1.29.0.255"] = (got[moments[7], "1.0.1.29.0.255"][0] + 1, 0)
    more = dict(got)
    more[moments[0] - running.DAY, "1.0.1.29.0.255"] = (running.Decimal(1), 0)
    told = [len(collected.archive_faults("spodes", FIRST, "profile", g, DAYS, begun, finished)) for g in (got, short, wrong, more)]
    same(told, [0, 1, 1, 1], "the comparison sees one value missing, wrong, too many")


def check_csv(database, found):
    """The CSV holds the same numbers as the JSON."""
    ended = svod("show", database, FIRST, "--archive", "profile", "--from", "2020-01-01", "--csv")
    rows = list(csv.DictReader(io.StringIO(ended.out), delimiter=";"))
    got = {(running.wall(r["time"]), r["obis"]): (running.Decimal(r["value"]), int(r["quality"])) for r in rows}
    ok(got == found[FIRST]["profile"], "the CSV of a profile is its JSON", "%d rows" % len(rows))


def main():
    place = folder()
    words, meters = people(place)
    world = World(*words)
    port = world.ports()[0]
    database = os.path.join(place, "svod.db")
    added = import_meters(database, [(serial, "meter %d" % serial, family, link.format(port=port), parameters, "", depths(archives))
                                     for family, serial, archives, link, parameters in meters])
    same(added.code, 0, "the registry is imported", added)
    begun = wall_now()
    ended = collect(database)
    finished = wall_now()
    same(ended.code, 0, "collection runs to completion", ended)
    running.holds(ended.out, "read %d of %d, failed 0" % (len(meters), len(meters)), "and says that everybody was read")
    profiles = profile_requests(database, meters, {})
    ok(profiles >= FLEET, "the exchange journal shows how the profiles were asked for", profiles)
    found = compare(database, meters, begun, finished)
    check_judge(found, begun, finished)
    second = check_second_pass(database, meters, begun)
    again = {m[1]: readings(database, m[1], "day,month,profile") for m in meters}
    if second // running.HALF_HOUR == begun // running.HALF_HOUR:
        ok(again == grids(found), "the second pass changed no archive")
    check_frames(database)
    check_csv(database, again)
    checked = svod("admin", "check", database)
    ok(checked.code == 0 and checked.out == "The database is sound.\n", "the database is sound", checked)
    fleet, bus = world.close()
    same((fleet["damaged"], fleet["refused"], bus["collisions"], bus["foreign"]), (0, 0, 0, 0), "nobody was disturbed on the way")
    running.done()


main()
