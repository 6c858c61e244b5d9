#!/usr/bin/env python3
"""The collecting program is killed again and again in the middle of its work. What it had reported as stored stays, the
database stays sound, and one last pass completes everything to the documented truth."""
import os
import pty
import random
import re
import select
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import collected
import running
from running import World, collect, folder, import_meters, ok, readings, same, svod, wall_now

KILLS = 20
FLEET, FIRST = 5, 10000001
DAYS = 7
DEPTHS = {"day": DAYS, "month": 40, "profile": DAYS}
TOLD = re.compile(r"meter (\d+): (\d+) values, \d+ events in [\d.]+ s")


def people(place):
    bus = os.path.join(place, "bus")
    # Slow enough that most moments of dying lie in the middle of somebody's session.
    words = ["--exact", "--tcp", "127.42.0.1:0", "--family", "spodes", "--count", FLEET, "--serial", FIRST, "--latency", 20,
             "--bus", bus, "--line", "115200,8N1", "--meter", "mercury230:1:41000001", "--meter", "spodes:61:61000061"]
    line = "serial:%s?115200,8N1" % bus
    meters = [("spodes", FIRST + i, "tcp://127.42.0.%d:{port}" % (i + 1), "transport=wrapper;password=111111") for i in range(FLEET)]
    return words, meters + [("mercury230", 41000001, line, "address=1"), ("spodes", 61000061, line, "physical=61;password=111111")]


def killed_collection(database, dice, once_told):
    """Collects on a terminal and dies; returns {serial: values} that the screen reported as stored, and if it had ended.
    `once_told`: it may live until it has told of somebody, however slow the machine is."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen([running.SVOD, "collect", database, "--threads", "2"], stdin=subprocess.DEVNULL, stdout=theirs,
                               stderr=theirs, env=running.environment("en"))
    os.close(theirs)
    end = time.monotonic() + dice.uniform(0.15, 0.9)
    last = end + running.PATIENCE
    said = b""
    while process.poll() is None:
        now = time.monotonic()
        if now > last or (now > end and not (once_told and not TOLD.search(said.decode("utf-8", "replace")))):
            break
        if select.select([ours], [], [], 0.02)[0]:
            try:
                said += os.read(ours, 65536)
            except OSError:  # the terminal's other end is closed
                break
    finished = process.poll() is not None
    process.send_signal(signal.SIGKILL)
    process.wait()
    os.close(ours)
    told = {}
    for serial, values, line in {(m[1], m[2], m[0]) for m in TOLD.finditer(said.decode("utf-8", "replace"))}:
        told[int(serial)] = told.get(int(serial), 0) + int(values)
    return told, finished


def all_readings(database, meters):
    return {serial: {(archive, *key): value for archive, rows in readings(database, serial, "day,month,profile").items() for key, value in rows.items()}
            for _, serial, _, _ in meters}


def die_often(database, meters, dice):
    held = all_readings(database, meters)
    reported = {serial: 0 for _, serial, _, _ in meters}
    lost, forgotten, unsound, in_the_middle = [], [], [], 0
    for kill in range(KILLS):
        told, finished = killed_collection(database, dice, kill >= 2 and not sum(reported.values()))
        for serial, values in told.items():
            reported[serial] += values
        now = all_readings(database, meters)
        lost += ["kill %d: %d %s" % (kill, serial, key) for serial in held for key in held[serial].items() if key not in now[serial].items()]
        forgotten += ["kill %d: %d reported %d values, %d are there" % (kill, serial, reported[serial], len(now[serial]))
                      for serial in reported if len(now[serial]) < reported[serial]]
        # Each check reads the whole database, so not after every death.
        if kill % 5 == 4:
            checked = svod("admin", "check", database)
            if checked.code:
                unsound.append("kill %d: %s" % (kill, checked))
        in_the_middle += not finished
        held = now
    values = sum(len(v) for v in held.values())
    print("# %d values after %d deaths, %d reported" % (values, in_the_middle, sum(reported.values())))
    ok(in_the_middle >= KILLS // 2, "most deaths were in the middle of a collection", in_the_middle)
    ok(values > 0 and sum(reported.values()) > 0, "and yet it got on and told of it", values)
    ok(not lost, "no value that was shown once is ever lost or changed", "\n".join(lost))
    ok(not forgotten, "what the screen reported as stored is there", "\n".join(forgotten))
    ok(not unsound, "the database is sound in between", "\n".join(unsound))


def main():
    seed = int(os.environ.get("SEED", time.time_ns() % 1000000))
    print("# SEED=%d" % seed)
    place = folder()
    words, meters = people(place)
    world = World(*words)
    port = world.ports()[0]
    database = os.path.join(place, "svod.db")
    depths = ",".join("%s=%d" % pair for pair in DEPTHS.items())
    added = import_meters(database, [(serial, "", family, link.format(port=port), parameters, "", depths) for family, serial, link, parameters in meters])
    same(added.code, 0, "the registry is imported", added)
    first = wall_now()
    die_often(database, meters, random.Random(seed))
    ended = collect(database)
    last = wall_now()
    same(ended.code, 0, "one whole pass ends well", ended)
    for family, serial, _, _ in meters:
        wrong = collected.meter_faults(family, serial, readings(database, serial, "day,month,profile"), DEPTHS, first, last)
        ok(not wrong, "%s %d: everything is there and the truth" % (family, serial), "\n".join(wrong))
    checked = svod("admin", "check", database)
    same(checked.code, 0, "the database is sound", checked)
    running.done()


main()
