#!/usr/bin/env python3
"""Bad days: noisy lines, dead meters, wrong passwords, a database that cannot be written. Collection ends, says the right
thing of each meter, brings everything else, and heals when the trouble is over."""
import os
import resource
import shutil
import sqlite3
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import collected
import running
from running import World, collect, folder, frames, holds, import_meters, ok, readings, same, svod, wall_now

DEPTHS = {"day": 3, "month": 40, "profile": 1}
LONG = {"day": 30, "month": 100, "profile": 30}
PASSWORD = "transport=wrapper;password=111111"
AARQ = "A109060760857405080101"


def depths_text(depths):
    return ",".join("%s=%d" % pair for pair in depths.items())


def rows_of(meters, depths=DEPTHS):
    return [(serial, "", family, link, parameters, "", depths_text(depths)) for family, serial, link, parameters in meters]


def line_about(serial, ended):
    """The last sentence that the program printed of a meter."""
    return ([line for line in ended.out.splitlines() if "meter %d:" % serial in line.lower()] or [""])[-1]


def complete(database, meters, begun, what, depths=DEPTHS):
    for family, serial, _, _ in meters:
        wrong = collected.meter_faults(family, serial, readings(database, serial, "day,month,profile"), depths, begun, wall_now())
        ok(not wrong, "%s %d: %s" % (family, serial, what), "\n".join(wrong))


# ---- lines with faults, meters that are not there ---------------------------------------------------------------------


def test_faults(place):
    bus = os.path.join(place, "bus")
    line = "serial:%s?115200,8N1" % bus
    # Sums guard HDLC, M-Bus and the Mercury; the TCP wrapper has none, so nothing is turned over there.
    noisy = World("--exact", "--tcp", "127.43.0.1:0", "--family", "spodes", "--count", 3, "--serial", 10000001,
                  "--faults", "silent=3,restart=6",
                  "--bus", bus, "--line", "115200,8N1", "--faults", "silent=20,noise=40,wrong_sum=40,cut=20,restart=5",
                  "--meter", "mercury230:1:41000001", "--meter", "mbus:31:50000031", "--meter", "spodes:61:61000061")
    gone = World("--exact", "--tcp", "127.43.1.1:0", "--family", "spodes", "--count", 2, "--serial", 10000101)
    port, gone_port = noisy.ports()[0], gone.ports()[0]
    gone.close()
    meters = [("spodes", 10000001 + i, "tcp://127.43.0.%d:%d" % (i + 1, port), PASSWORD) for i in range(3)]
    meters += [("mercury230", 41000001, line, "address=1"), ("spodes", 61000061, line, "physical=61;password=111111")]
    away = [("spodes", 10000101 + i, "tcp://127.43.1.%d:%d" % (i + 1, gone_port), PASSWORD) for i in range(2)]
    dead = [("mercury230", 41000009, line, "address=9")]
    stranger = [("mercury230", 41000777, line, "address=1")]
    database = os.path.join(place, "faults.db")
    same(import_meters(database, rows_of(meters + away + dead + stranger)).code, 0, "the registry of a bad day is imported")
    begun = wall_now()
    ended = collect(database)
    same(ended.code, running.PARTLY, "collection ends with exit code 3", ended)
    for family, serial, _, _ in away:
        holds(line_about(serial, ended), "Meter %d: the link cannot be opened" % serial, "%d: nobody listens there" % serial)
    holds(line_about(41000009, ended), "Meter 41000009: no answer", "a dead meter: no answer")
    holds(line_about(41000777, ended), "Meter 41000777: not the expected serial number", "another meter than expected is told")
    for serial in (41000009, 41000777, 10000101):
        same(readings(database, serial, "current,day,month,profile"), {}, "%d: nothing is stored under its name" % serial)
    shown = svod("show", database)
    ok("41000009" in shown.out and "no answer" in shown.out, "the fleet's page names the dead meter", shown)
    # Accidents may have cost somebody his turn: the next day makes up for it.
    drop(database, [m[1] for m in dead + stranger])
    gone = World("--exact", "--tcp", "127.43.1.1:%d" % gone_port, "--family", "spodes", "--count", 2, "--serial", 10000101)
    for _ in range(3):
        ended = collect(database)
        if ended.code == 0:
            break
    same(ended.code, 0, "after some passes everybody was read", ended)
    complete(database, meters, begun, "complete and the truth in spite of its line")
    complete(database, away, begun, "who was away is refilled")
    same(svod("admin", "check", database).code, 0, "the database is sound")
    damaged = noisy.close()
    ok(sum(f["requests"] for f in damaged) > sum(f["answers"] for f in damaged), "there were accidents", damaged)
    gone.close()


def edit(database, sql, *values):
    connection = sqlite3.connect(database)
    with connection:
        connection.execute(sql, values)
    connection.close()


def drop(database, serials):
    for serial in serials:
        edit(database, "UPDATE meter SET enabled = 0 WHERE serial = ?", str(serial))


# ---- passwords --------------------------------------------------------------------------------------------------------


def tries(database, serial):
    """How often the meter was asked to let us in."""
    sent = [hexes for arrow, hexes, _ in frames(database, serial) if arrow == ">>"]
    return sum(AARQ in hexes or hexes[2:4] == "01" and len(hexes) == 22 for hexes in sent)


def test_passwords(place):
    bus = os.path.join(place, "bus")
    world = World("--exact", "--tcp", "127.43.2.1:0", "--family", "spodes", "--count", 3, "--serial", 10000201,
                  "--tcp", "127.43.3.1:0", "--family", "mercury230", "--serial", 41000301, "--faults", "refuse",
                  "--bus", bus, "--line", "115200,8N1", "--meter", "spodes:61:61000061")
    spodes, mercury = world.ports()
    wrong = [("spodes", 10000201, "tcp://127.43.2.1:%d" % spodes, "transport=wrapper;password=222222"),
             ("spodes", 61000061, "serial:%s?115200,8N1" % bus, "physical=61;password=222222"),
             ("mercury230", 41000301, "tcp://127.43.3.1:%d" % mercury, "address=1")]
    right = [("spodes", 10000203, "tcp://127.43.2.3:%d" % spodes, PASSWORD)]
    database = os.path.join(place, "passwords.db")
    import_meters(database, rows_of(wrong + right))
    begun = wall_now()
    first = collect(database)
    same(first.code, running.PARTLY, "wrong passwords end with exit code 3", first)
    for _, serial, _, _ in wrong:
        holds(line_about(serial, first), "Meter %d: wrong password or key" % serial, "%d: the password is named" % serial)
    complete(database, right, begun, "its neighbours are read")
    for _ in range(3):
        held = collect(database)
    for _, serial, _, _ in wrong:
        holds(line_about(serial, held), "the password was refused before", "%d: it is not tried again, and that is said" % serial)
        same(tries(database, serial), 1, "%d: four passes, one try" % serial)
    again = collect(database, "--retry-passwords")
    for _, serial, _, _ in wrong:
        holds(line_about(serial, again), "wrong password or key", "%d: --retry-passwords tries" % serial)
        same(tries(database, serial), 2, "%d: once" % serial)
    collect(database)
    same([tries(database, m[1]) for m in wrong], [2, 2, 2], "and then the password is held again")
    edit(database, "UPDATE comm_line SET parameters = ? WHERE meter = (SELECT id FROM meter WHERE serial = ?)", PASSWORD, "10000201")
    fixed = collect(database)
    same(line_about(10000201, fixed), "", "other parameters are tried at once")
    complete(database, [("spodes", 10000201, "", "")], begun, "and with the right password it is refilled")
    same([tries(database, m[1]) for m in wrong[1:]], [2, 2], "the others stay held")
    collect(database)
    ok(readings(database, 10000201, "day"), "whoever was let in once stays let in")
    world.close()


# ---- a database that cannot be written --------------------------------------------------------------------------------


def nobody():
    """Rights mean nothing to root: the child gives them up."""
    if os.getuid() == 0:
        os.setgid(65534)
        os.setuid(65534)


def small_files():
    """As `ulimit -f`: no file grows beyond this."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (96 * 1024,) * 2)


def counts(database, meters):
    return [sum(map(len, readings(database, m[1], "day,month,profile").values())) for m in meters]


def test_database(place):
    world = World("--exact", "--tcp", "127.43.4.1:0", "--family", "spodes", "--count", 12, "--serial", 10000401)
    port = world.ports()[0]
    meters = [("spodes", 10000401 + i, "tcp://127.43.4.%d:%d" % (i + 1, port), PASSWORD) for i in range(12)]
    inner = os.path.join(place, "inner")
    os.mkdir(inner)
    database = os.path.join(inner, "d.db")
    import_meters(database, rows_of(meters, LONG))
    begun = wall_now()

    holder = sqlite3.connect(database, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    locked = collect(database)
    same(locked.code, running.DATABASE, "a locked database: exit code 6", locked)
    holds(locked.err, "svod collect:", "and a sentence on stderr")
    holder.execute("ROLLBACK")
    holder.close()
    same(counts(database, meters), [0] * 12, "nothing is stored, nothing claimed")

    os.chmod(place, 0o755)
    os.chmod(inner, 0o555)
    for name in os.listdir(inner):
        os.chmod(os.path.join(inner, name), 0o444)
    # The tree may lie where nobody else may look: who has no rights gets a copy of the program.
    program = shutil.copy(running.SVOD, os.path.join(place, "svod"))
    os.chmod(program, 0o755)
    readonly = svod("collect", database, "--quiet", before=nobody, program=program)
    same(readonly.code, running.DATABASE, "a read-only database: exit code 6", readonly)
    holds(readonly.err, "svod collect:", "and a sentence on stderr")
    os.chmod(inner, 0o755)
    for name in os.listdir(inner):
        os.chmod(os.path.join(inner, name), 0o600 if name.endswith(".key") else 0o644)
    same(counts(database, meters), [0] * 12, "nothing is stored")

    full = svod("collect", database, "--quiet", "--frames", "0", before=small_files)
    stored = counts(database, meters)
    same(full.code, running.DATABASE, "a full disk: exit code 6", full)
    holds(full.err, "the disk", "and a sentence on stderr")
    holds(full.out, " %d values," % sum(stored), "as many values are claimed as are there")
    complained = ["Meter %d:" % m[1] in full.out for m in meters]
    ok(0 < sum(complained), "somebody found the disk full")
    check = svod("admin", "check", database)
    same(check.code, 0, "the database is sound after the full disk", check)
    healed = collect(database)
    same(healed.code, 0, "with room again the next pass ends well", healed)
    complete(database, meters[:4], begun, "and brings everything", LONG)
    whole = counts(database, meters)
    ok(len(set(whole)) == 1, "of all of them")
    # the first, short session of a meter may have been stored and its long one not
    same(complained, [count < there / 2 for count, there in zip(stored, whole)], "of each meter it was told whether it was stored", full)

    key = database + ".key"
    os.chmod(key, 0o644)
    shown = collect(database)
    same(shown.code, running.DATABASE, "a key that others may read: exit code 6", shown)
    holds(shown.out, "chmod 600", "and what to do")
    os.chmod(key, 0o600)

    missing = collect(os.path.join(place, "no", "such", "folder.db"))
    same(missing.code, running.DATABASE, "a database that cannot be opened: exit code 6", missing)
    foreign = os.path.join(place, "foreign.db")
    with open(foreign, "w") as f:
        f.write("this is a letter and no database\n" * 200)
    for command in ("collect", "show"):
        ended = svod(command, foreign)
        same(ended.code, running.DATABASE, "svod %s over a file that is no database: exit code 6" % command, ended)
    world.close()


def main():
    place = folder()
    for test in (test_faults, test_passwords, test_database):
        if len(sys.argv) < 2 or test.__name__ in sys.argv[1:]:
            test(place)
    running.done()


main()
