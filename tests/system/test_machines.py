#!/usr/bin/env python3
"""The program built for the processors of gateways, run by qemu-user: its tests of what depends on the machine, the same words as the
native program, a meter read over a socket, a gateway with its database that answers."""
import glob
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import api_client
import running
from running import OK, PATIENCE, ROOT, World, done, environment, folder, import_meters, ok, same, svod

MACHINES = (("aarch64", "aarch64-linux-gnu", "arm64"), ("armv7", "arm-linux-gnueabihf", "armhf"))
EMULATORS = {"aarch64": "qemu-aarch64-static", "armv7": "qemu-arm-static"}
TESTS = ("link/test_coroutine", "link/test_loop", "base/test_*", "meter/test_*", "wire/test_*", "store/test_block*")


def program(place, name, triple, architecture):
    """A command that runs the other machine's `svod` as if it were this one's."""
    path = os.path.join(place, "svod-" + name)
    with open(path, "w") as f:
        f.write("#!/bin/sh\nexec %s -L %s/build/sysroot/%s %s/build/%s/svod \"$@\"\n" % (EMULATORS[name], ROOT, architecture, ROOT, triple))
    os.chmod(path, 0o755)
    return path


def tests(name, triple, architecture):
    sources = sorted(s for pattern in TESTS for s in glob.glob("%s/tests/%s.c" % (ROOT, pattern)))
    bad = []
    for source in sources:
        binary = "%s/build/%s/%s" % (ROOT, triple, os.path.relpath(source, ROOT)[:-2])
        if not os.path.exists(binary):
            bad.append(binary + " was not built: ./dev build --for %s" % name)
            continue
        ended = subprocess.run([EMULATORS[name], "-L", "%s/build/sysroot/%s" % (ROOT, architecture), binary], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE, cwd=ROOT)
        if ended.returncode:
            bad.append("%s: %d\n%s" % (binary, ended.returncode, b"\n".join(l for l in ended.stdout.splitlines() if l.startswith((b"not ok", b"#")))[-1500:].decode()))
    ok(len(sources) > 10 and not bad, "%s: the program's tests of registers, numbers, formats and blocks (%d)" % (name, len(sources)), "\n".join(bad))


def words(name, other):
    same(svod("drivers", program=other).out, svod("drivers").out, "%s: the same drivers" % name)
    for frame in ("7EA0080221419350B47E", "80 05 00 00 18 12", "68 1F 1F 68 08 02 72 78 56 34 12 24 40 01 07 55 00 00 00 03 13 15 31 00 DA 02 3B 13 01 8B 60 04 37 18 02 18 16"):
        native = svod("decode", *frame.split())
        ended = svod("decode", *frame.split(), program=other)
        same((ended.code, ended.out), (native.code, native.out), "%s: decode %s…" % (name, frame[:12]))


def reads(name, other, place):
    """A meter of the native simulator, read by the emulated collector; what is stored is what the native program stores."""
    world = World("--exact", "--tcp", "127.0.0.1:0", "--family", "spodes", "--serial", "10000001")
    shown = []
    for who in (running.SVOD, other):
        database = os.path.join(place, "%s-%d.db" % (name, len(shown)))
        import_meters(database, [(10000001, "Meter", "spodes", "tcp://127.0.0.1:%d" % world.ports()[0], "transport=wrapper;password=111111", "A", "current,month=12,day=40,profile=1,journal=30")])
        ended = svod("collect", database, "--quiet", program=who)
        rows = svod("show", database, 10000001, "--archive", "month,day", "--from", "2020-01-01", "--json")
        ok(ended.code == OK and rows.code == OK, "%s: the meter is collected by %s" % (name, "it" if shown else "the native program"), ended)
        shown.append(rows.out)
    ok(len(shown[0]) > 5000 and shown[0] == shown[1], "%s: and every value is the same" % name, [len(s) for s in shown])
    world.close()


def serves(name, other, place):
    """Before 2038 and after a database is made: pages, sign-in, an order in SQLite and its end."""
    native, api_client.SVOD = api_client.SVOD, other
    box = api_client.HeadEnd(os.path.join(place, name + "-gateway.db"), "--board", "sim", face="gateway")
    status, health = api_client.Client(box.port).call("GET", "/health")
    same(status, 200, "%s: the gateway answers /health" % name, health)
    ok("zone_minutes" in box.admin.read("/box/time"), "%s: and people get in" % name)
    same(box.close(), 0, "%s: and it ends in order" % name)
    api_client.SVOD = native


def main():
    place = folder()
    for machine in MACHINES:
        name, triple, architecture = machine
        other = program(place, *machine)
        if not ok(os.path.exists("%s/build/%s/svod" % (ROOT, triple)), "%s: the program is built (./dev build --for %s)" % (name, name)):
            continue
        tests(*machine)
        words(name, other)
        reads(name, other, place)
        serves(name, other, place)
    done()


main()
