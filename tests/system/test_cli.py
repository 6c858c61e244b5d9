#!/usr/bin/env python3
"""The commands as a person and a script meet them: help in two languages, exit codes, tables, JSON and CSV, mistakes."""
import csv
import io
import json
import os
import re
import sys
from decimal import Decimal

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import collected
import running
import truth
from running import OK, PARTLY, REFUSED, UNREACHED, USAGE, World, collect, folder, holds, import_meters, ok, same, svod, wall_now

COMMANDS = ("read", "scan", "decode", "collect", "show", "admin", "sim", "drivers")
CYRILLIC = re.compile("[а-яА-Я]")
VECTORS = os.path.join(running.ROOT, "tests", "vectors")


def fails(code, words, name, **options):
    """The command ends with this code and a sentence on stderr."""
    ended = svod(*words, **options)
    ok(ended.code == code and ended.err.strip(), "%s: exit code %d and a sentence" % (name, code), ended)
    return ended


# ---- help -------------------------------------------------------------------------------------------------------------


def test_help():
    for command in COMMANDS:
        russian, english = (svod(command, "--help", lang=lang) for lang in ("ru", "en"))
        same((russian.code, english.code), (OK, OK), "svod %s --help" % command)
        ok(CYRILLIC.search(russian.out) and not CYRILLIC.search(english.out), "svod %s: help in either language" % command,
           "\n".join(line for line in english.out.splitlines() if CYRILLIC.search(line)))
        options = [set(re.findall(r"--[a-z][-a-z]*", text.out)) for text in (russian, english)]
        ok(options[0] == options[1], "svod %s: the same options in both" % command, options[0] ^ options[1])
    whole = svod("--help")
    ok(whole.code == OK and all("\n  %s " % c in whole.out for c in COMMANDS), "svod --help names every command", whole)
    same(svod().code, USAGE, "svod alone: exit code 2")
    fails(USAGE, ["harvest"], "an unknown command")
    for command in ("read", "scan", "collect", "show", "admin"):
        fails(USAGE, [command], "svod %s without arguments" % command) if command != "admin" else same(svod(command).code, USAGE, "svod admin alone")
        ended = fails(USAGE, [command, "x", "--no-such-option"], "svod %s --no-such-option" % command)
        holds(ended.err, "svod %s --help" % command, "and where to look")
    fails(USAGE, ["collect", "x.db", "--for", "soon"], "a number that is none")
    fails(USAGE, ["show", "x.db", "--from", "yesterdayish"], "a time that is none")
    fails(USAGE, ["collect", "x.db", "--for"], "a value that is missing")


# ---- drivers ----------------------------------------------------------------------------------------------------------


def test_drivers():
    for lang in ("ru", "en"):
        ended = svod("drivers", lang=lang)
        ok(ended.code == OK and all("\n%s — " % d in "\n" + ended.out for d in ("spodes", "mercury230", "mercury200", "mbus")),
           "svod drivers (%s) lists the families" % lang, ended)
    table = svod("drivers", "--markdown")
    widths = {line.count(" | ") for line in table.out.splitlines()[2:]}
    ok(table.code == OK and widths == {3}, "--markdown is a table", table)
    one = svod("drivers", "mbus")
    ok(one.code == OK and "mercury" not in one.out.split("\n")[0], "one family", one)
    same(svod("drivers", "abacus").code, USAGE, "a family that does not exist: exit code 2")


# ---- decode -----------------------------------------------------------------------------------------------------------


def vectors(file, prefix):
    """[(name, request hex, answer hex)] of tests/vectors."""
    with open(os.path.join(VECTORS, file), encoding="utf-8") as f:
        rows = [[cell.strip() for cell in line.split("|")] for line in f if line.strip() and line[0] != "#"]
    return [row for row in rows if row[0].startswith(prefix)]


def test_decode():
    for row in vectors("dlms.txt", "nartis-")[:20]:
        for lang in ("ru", "en"):
            ended = svod("decode", row[1], lang=lang)
            ok(ended.code == OK and "HDLC" in ended.out, "decode %s (%s)" % (row[0], lang), ended)
    for file, prefix in (("electricity.txt", "m230 "), ("heat-water.txt", "mbus.")):
        frames = [row[2] for row in vectors(file, prefix) if row[2] != "-"][:5]
        ended = [svod("decode", *frame.split()) for frame in frames]
        ok(frames and all(e.code == OK for e in ended), "decode frames of %s" % prefix.strip(" ."), ended[0] if ended else "")
    whole = svod("decode", "7EA0080221419350B47E").out
    same(svod("decode", "7E A0 08", "0221:4193-50", "B47E").out, whole, "hex in several words with marks between")
    same(svod("decode", stdin="7EA0080221419350B47E\n").out, whole, "hex on standard input")
    fails(USAGE, ["decode", "7EXY"], "no hex")
    fails(USAGE, ["decode", "7EA"], "half a byte")
    fails(USAGE, ["decode"], "nothing at all", stdin="")
    fails(USAGE, ["decode", "0102030405"], "a frame of nobody")
    fails(USAGE, ["decode", "--driver", "abacus", "7EA0080221419350B47E"], "a family that does not exist")
    fails(USAGE, ["decode", "--set", "encryption_key=hex:12", "--set", "nonsense=1", "7EA0080221419350B47E"], "a parameter that does not exist")
    fails(USAGE, ["decode", "5A" * 60000], "sixty thousand bytes of nothing")
    fails(USAGE, ["decode"], "more than a frame can be", stdin="7E" * 200000)
    for name, frame in (("cut", "7EA04002214110C199E6E6006031A109"), ("length lies", "000100200001FFFFC001C1"),
                        ("nested without end", "0001000100200100C401C100" + "0201" * 120), ("only flags", "7E" * 100),
                        ("huge array", "0001000100200010C401C1000184FFFFFFFF00000000")):
        for words in (["decode", frame], ["decode", "--driver", "spodes", frame]):
            ended = svod(*words)
            ok(ended.code in (OK, USAGE) and (ended.out or ended.err) and "runtime error" not in ended.err and "Sanitizer" not in ended.err,
               "hostile frame, %s: %s" % (name, "driver given" if len(words) > 2 else "recognised"), ended)


# ---- a line with three families -----------------------------------------------------------------------------------------


def artefacts(text):
    """Numbers no decimal would print: 41.8000000000000004, 1e-05."""
    return re.findall(r"\d\.\d*(?:0{6,}|9{6,})\d|\d[eE][-+]?\d", text)


def test_scan(link):
    ended = svod("scan", link + "?115200,8N1", "--from", "29", "--to", "34", "--wait", "60")
    same(ended.code, OK, "svod scan finds meters: exit code 0", ended)
    rows = [line.split() for line in ended.out.splitlines()]
    found = {(row[0], row[1], row[2], row[row.index("no.") + 1]) for row in rows if "no." in row}
    line = "115200,8N1"
    for row in ("mercury230", line, "address=30", "41000001"), ("mbus", line, "addressing=primary;address=31;serial=50000031", "50000031"):
        ok(row in found, "%s is found with its line, parameters and serial number" % row[0], ended)
    ok(("spodes", line, "physical=33") in {row[:3] for row in found}, "spodes is found with its line and parameters", ended)
    ok("SVD0000061000061" in ended.out, "and what its logical name says to the public client", ended)
    for family, _, parameters, _ in found:
        words = [word for pair in parameters.split(";") for word in ("--set", pair)]
        words += ["--set", "password=111111"] if family == "spodes" else []
        again = svod("read", link + "?115200,8N1", "--driver", family, *words, "--json")
        same(again.code, OK, "what the search printed of %s reads it" % family, again)
    same(len(rows), len(found), "nothing but meters on stdout", ended)
    holds(ended.err, "Found: %d" % len(found), "the count stands on stderr")
    ok("█" not in ended.out + ended.err, "no progress where there is no terminal")
    nobody = svod("scan", link + "?115200,8N1", "--driver", "mercury230", "--from", "20", "--to", "22", "--wait", "50")
    same((nobody.code, nobody.out), (PARTLY, ""), "nobody there: exit code 3, nothing on stdout", nobody)
    fails(UNREACHED, ["scan", "serial:/dev/no-such-port"], "scan of a port that is not there")
    fails(USAGE, ["scan", "carrier-pigeon:4"], "scan of a link that is none")
    fails(USAGE, ["scan", link, "--speeds", "9600,fast"], "a speed that is none")
    fails(USAGE, ["scan", link, "--driver", "abacus"], "scan for an unknown family")


def test_read(link, tcp):
    line = link + "?115200,8N1"
    begun = wall_now()
    electric = svod("read", line, "--driver", "mercury230", "--set", "address=30", "--archive", "current,day", "--json")
    same(electric.code, OK, "svod read of a Mercury", electric)
    said = json.loads(electric.out, parse_float=Decimal, parse_int=Decimal)
    same(said["facts"]["serial"], "41000001", "it tells its serial number")
    got = {(running.wall(r["time"]), r["obis"]): (r["value"], int(r["quality"])) for r in said["readings"] if r["archive"] == "current"}
    wrong = collected.current_faults("mercury230", 41000001, got, begun, wall_now())
    ok(not wrong, "its registers are the truth", "\n".join(wrong))
    heat = svod("read", line, "--driver", "mbus", "--set", "address=31", "--archive", "current,network,month", "--from", "2026-01-01", "--json")
    ok(heat.code == OK and json.loads(heat.out)["facts"]["serial"] == "50000031", "svod read of an M-Bus meter", heat)
    since, now = "2026-11-19 00:00", wall_now()
    table = ["read", tcp, "--set", "transport=wrapper", "--set", "password=111111", "--archive", "day,profile", "--from", since, "--to", "2026-11-20 00:00"]
    as_json, as_csv, as_table, russian = svod(*table, "--json"), svod(*table, "--csv"), svod(*table), svod(*table, lang="ru")
    rows = list(csv.DictReader(io.StringIO(as_csv.out), delimiter=";"))
    numbers = {(r["archive"], running.wall(r["time"]), r["obis"]): Decimal(r["value"]) for r in rows}
    want = {("profile", wall, code): value for wall in range(truth.wall_of(since), truth.wall_of("2026-11-20"), running.HALF_HOUR)
            for code, value in collected.profile("spodes", 10000001, wall).items()} if now > truth.wall_of("2026-11-20") else None
    if want:
        same({k: v for k, v in numbers.items() if k[0] == "profile"} == want, True, "a day of half-hours is the truth, in CSV")
    same({(r["archive"], running.wall(r["time"]), r["obis"]): r["value"] for r in json.loads(as_json.out, parse_int=Decimal, parse_float=Decimal)["readings"]},
         numbers, "JSON and CSV say the same")
    same(artefacts(as_json.out + as_csv.out + as_table.out + heat.out), [], "no number shows the arithmetic of a computer")
    ok("Load profile" in as_table.out and "Профиль нагрузки" in russian.out, "tables in both languages")
    trace = svod("read", tcp, "--set", "transport=wrapper", "--set", "password=111111", "--trace", "--json")
    ok(">> 00 01" in trace.err and "<< 00 01" in trace.err and json.loads(trace.out), "--trace shows frames on stderr and leaves stdout alone")

    fails(REFUSED, ["read", tcp, "--set", "transport=wrapper", "--set", "password=222222"], "a wrong password")
    fails(UNREACHED, ["read", "tcp://127.44.9.9:1", "--set", "transport=wrapper"], "nobody listens")
    fails(UNREACHED, ["read", line, "--driver", "mercury230", "--set", "address=77"], "nobody answers")
    part = fails(PARTLY, ["read", line, "--driver", "mercury230", "--set", "address=30", "--archive", "current,hour", "--json"], "an archive the family has not")
    ok(json.loads(part.out)["readings"], "and the rest is read")
    fails(USAGE, ["read", "tcp://nowhere"], "a link without a port")
    fails(USAGE, ["read", tcp, "--driver", "abacus"], "an unknown family")
    fails(USAGE, ["read", tcp, "--archive", "diary"], "an unknown archive")
    fails(USAGE, ["read", tcp, "--set", "colour=red"], "an unknown parameter")
    fails(USAGE, ["read", line, "--driver", "mbus", "--set", "address=4000"], "a parameter out of range")


# ---- the registry and what was collected --------------------------------------------------------------------------------


def test_database(place, tcp):
    database = os.path.join(place, "cli.db")
    good = (10000001, "Flat; \"one\"", "spodes", tcp, "transport=wrapper;password=111111", "House/1", "current,network,state,day=3,profile=1,journal=30")
    bad = [good, (2, "", "abacus", tcp, "", "", ""), (3, "", "spodes", "nowhere", "", "", ""), (4, "", "spodes", tcp, "colour=red", "", ""),
           (5, "", "spodes", tcp, "", "", "diary=7")]
    for lang, word in (("en", "line"), ("ru", "строка")):
        ended = import_meters(database, bad, lang)
        same(ended.code, USAGE, "a file with mistakes is refused (%s)" % lang, ended)
        told = re.findall(r"^%s (\d+): ." % word, ended.err, re.M)
        same(told, ["2", "3", "4", "5"], "each with its line number", ended)
    holds(svod("show", database).out, "0 meters", "and nothing was changed")
    same(import_meters(database, [("# a comment",), good]).code, OK, "the good rows alone are taken")
    again = import_meters(database, [good])
    ok(again.code == USAGE and "already" in again.err, "the same meter is not added twice", again)
    fails(running.USAGE, ["admin", "import", database, os.path.join(place, "no-such-file")], "a file that is not there")
    same(collect(database).code, OK, "and collected")

    archives = ("--archive", "current,network,day,profile,journal,state", "--from", "2020-01-01")
    as_json = svod("show", database, 10000001, *archives, "--json")
    said = json.loads(as_json.out, parse_float=Decimal, parse_int=Decimal)
    ok(said["readings"] and said["facts"] and said["events"] and said["states"], "show --json holds readings, facts, events and states", as_json.out[:600])
    ok(all(set(r) == {"archive", "time", "obis", "value", "unit", "quality"} for r in said["readings"]), "each reading with its six fields")
    as_csv = svod("show", database, 10000001, *archives, "--csv")
    rows = list(csv.reader(io.StringIO(as_csv.out), delimiter=";"))
    same({len(row) for row in rows}, {6}, "show --csv has six columns everywhere")
    same(len(rows) - 1, len(said["readings"]), "and as many rows as there are readings")
    table, russian = svod("show", database, 10000001, *archives), svod("show", database, 10000001, *archives, lang="ru")
    ok('Flat; "one"' in table.out and "Load profile" in table.out and "Профиль нагрузки" in russian.out, "tables in both languages", table.out[:400])
    same(artefacts(as_json.out + as_csv.out + table.out), [], "no number shows the arithmetic of a computer")
    by_title = svod("show", database, 'Flat; "one"', "--json")
    same(by_title.code, OK, "a meter is found by its title, too", by_title)
    same(svod("show", database, 10000001, "--owed").out, "", "nothing is owed")
    holds(svod("show", database, lang="ru").out, "100.00 %", "the fleet's page says so")
    fails(USAGE, ["show", database, "4711"], "a meter that is not there")
    fails(USAGE, ["show", database, "10000001", "--archive", "diary"], "an archive that does not exist")
    missing = os.path.join(place, "missing.db")
    for words in (["show", missing], ["admin", "check", missing], ["admin", "backup", missing, missing + ".copy"]):
        fails(running.DATABASE, words, "svod %s of a database that is not there" % " ".join(words[:-1] if words[0] == "show" else words[:2]))
    ok(not os.path.exists(missing), "and looking made none")
    check_care(place, database)


def check_care(place, database):
    copy = os.path.join(place, "copy.db")
    same(svod("admin", "backup", database, copy).code, OK, "a copy is made")
    same(svod("admin", "check", copy).code, OK, "which is sound")
    same(svod("show", copy, 10000001, "--json").out, svod("show", database, 10000001, "--json").out, "and says the same")
    same(svod("admin", "retain", database, "profile=1").code, OK, "old readings are let go")
    fails(USAGE, ["admin", "retain", database, "profile=often"], "a retention that makes no sense")
    same(svod("admin", "restore", copy, database).code, OK, "the copy is brought back")
    same(svod("show", copy, 10000001, "--json").out, svod("show", database, 10000001, "--json").out, "and says the same again")
    with open(copy, "r+b") as f:
        f.seek(8192)
        f.write(b"\xA5" * 8192)
    ended = svod("admin", "check", copy)
    same(ended.code, running.DATABASE, "a damaged database: exit code 6", ended)
    same(svod("admin", "restore", copy, database).code, running.DATABASE, "and it is not put in a good one's place")
    same(svod("admin", "sweep", database).code, USAGE, "a task that does not exist: exit code 2")


def main():
    place = folder()
    test_help()
    test_drivers()
    test_decode()
    bus = os.path.join(place, "bus")
    world = World("--exact", "--tcp", "127.44.0.1:0", "--family", "spodes", "--serial", 10000001, "--options", "phases=3", "--bus", bus, "--line", "115200,8N1",
                  "--meter", "mercury230:30:41000001", "--meter", "mbus:31:50000031", "--meter", "spodes:33:61000061")
    tcp = "tcp://127.44.0.1:%d" % world.ports()[0]
    test_scan("serial:" + bus)
    test_read("serial:" + bus, tcp)
    test_database(place, tcp)
    running.done()


main()
