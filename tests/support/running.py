"""The running program for system tests: TAP, a folder that goes away, `svod` with its exit code, simulated worlds.

Everything a test starts ends with it. Nothing here asserts how long something took.
"""
import atexit
import calendar
import datetime
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from decimal import Decimal

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
SVOD = os.environ.get("SVOD") or next(
    (p for p in (os.path.join(ROOT, b, "svod") for b in ("build/san", "build")) if os.path.exists(p)), "svod")
OK, USAGE, PARTLY, UNREACHED, REFUSED, DATABASE = 0, 2, 3, 4, 5, 6
PATIENCE = 300  # seconds after which a program counts as stuck

# ---- TAP ---------------------------------------------------------------------------------------------------------------

counted = failed = 0


def ok(passed, name, why=""):
    global counted, failed
    counted += 1
    failed += not passed
    print("%sok %d - %s" % ("" if passed else "not ", counted, name))
    if not passed:
        # On stderr: the runner shows that, and it is all that is left of a run elsewhere.
        print("\n#   ".join(["# not ok %d - %s" % (counted, name)] + str(why).splitlines()[:25]), file=sys.stderr, flush=True)
    sys.stdout.flush()
    return bool(passed)


def same(got, want, name, about=""):
    return ok(got == want, name, "got  %r\nwant %r\n%s" % (got, want, about))


def holds(text, part, name):
    return ok(part in text, name, "%r is not in:\n%s" % (part, text))


def done():
    print("1..%d" % counted)
    sys.exit(failed != 0)


# ---- places and programs -----------------------------------------------------------------------------------------------


def folder():
    place = tempfile.mkdtemp(prefix="svod-test-")
    atexit.register(shutil.rmtree, place, True)
    return place


class Ended:
    """How a program ended: its exit code and what it said."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def __str__(self):
        return "exit code %s\n%s%s" % (self.code, self.out, self.err)


def environment(lang):
    return dict(os.environ, SVOD_LANG=lang)


def svod(*words, lang="en", stdin="", before=None, program=SVOD):
    """Runs `svod words...` to its end."""
    p = subprocess.run([program, *map(str, words)], input=stdin.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                       env=environment(lang), timeout=PATIENCE, preexec_fn=before)
    return Ended(p.returncode, p.stdout.decode("utf-8", "replace"), p.stderr.decode("utf-8", "replace"))


def begin(*words, lang="en", log=subprocess.DEVNULL):
    """Begins `svod words...`; the caller waits for it or kills it."""
    p = subprocess.Popen([SVOD, *map(str, words)], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment(lang))
    atexit.register(stop, p)
    return p


def stop(process):
    if process.poll() is None:
        process.kill()
    process.wait()


class World:
    """`svod sim` with these words, from `ready` on; close() ends it and returns its figures, by what they are of."""

    def __init__(self, *words):
        self.process = subprocess.Popen([SVOD, "sim", *map(str, words)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, env=environment("en"))
        atexit.register(self.kill)
        self.things = []
        for line in self.process.stdout:
            if line.strip() == b"ready":
                return
            self.things.append(line.decode().split())
        raise RuntimeError("svod sim: " + self.process.stderr.read().decode())

    def ports(self):
        """TCP and UDP ports in the order of the words."""
        return [int(t[1].rsplit(":", 1)[1]) for t in self.things if t[0] != "bus"]

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()

    def close(self):
        """A list of {"requests": 5, ...}, one for each fleet and bus in the order of the words."""
        self.process.terminate()
        out, self.errors = self.process.communicate(timeout=PATIENCE)
        rows = [line.split() for line in out.decode().splitlines() if line.startswith("figures ")]
        return [{k: int(v) for k, v in (w.split("=") for w in row[3:])} for row in rows]


# ---- the database ------------------------------------------------------------------------------------------------------


def import_meters(database, rows, lang="en"):
    """Rows of fields: serial, title, driver, link, parameters, group, depths."""
    path = database + ".meters"
    with open(path, "w", encoding="utf-8") as f:
        f.writelines("|".join(map(str, row)) + "\n" for row in rows)
    return svod("admin", "import", database, path, lang=lang)


def collect(database, *words, **options):
    return svod("collect", database, "--quiet", *words, **options)


def show(database, serial, archives, since="2020-01-01", until="2099-01-01"):
    """What `svod show --json` says of a meter; numbers as exact decimals."""
    ended = svod("show", database, serial, "--archive", archives, "--from", since, "--to", until, "--json")
    if ended.code != OK:
        raise RuntimeError("show %s: %s" % (serial, ended))
    return json.loads(ended.out, parse_float=Decimal, parse_int=Decimal)


def readings(database, serial, archives=None):
    """{archive: {(wall, obis): (value, quality)}}; a moment told twice is an error. Without archives `database` is what was shown."""
    found = {}
    for r in (show(database, serial, archives) if archives else database)["readings"]:
        archive = found.setdefault(r["archive"], {})
        key = (wall(r["time"]), r["obis"])
        if key in archive:
            raise RuntimeError("%s: %s %s is shown twice" % (serial, r["archive"], key))
        archive[key] = (r["value"], int(r["quality"]))
    return found


def frames(database, serial):
    """[(">>" or "<<" or "--", hex, note)] of the exchange journal."""
    out = svod("show", database, serial, "--frames").out
    return [tuple((line.split(" ", 4) + ["", ""])[2:5]) for line in out.splitlines()]


# ---- time --------------------------------------------------------------------------------------------------------------

HALF_HOUR, DAY = 1800, 86400


def wall(text):
    """«2026-11-21T09:00:00» as wall seconds."""
    return calendar.timegm(datetime.datetime.fromisoformat(text).timetuple())


def wall_text(seconds):
    return (datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)).isoformat(" ")


def wall_now():
    """Wall seconds of this machine's zone, which is the zone of simulated meters."""
    return calendar.timegm(time.localtime())


def month_starts(since, until):
    """First moments of the months within [since, until)."""
    d = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=since)
    year, month = d.year, d.month
    starts = []
    while True:
        start = calendar.timegm((year, month, 1, 0, 0, 0))
        if start >= until:
            return starts
        if start >= since:
            starts.append(start)
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
