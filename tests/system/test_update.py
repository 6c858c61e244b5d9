#!/usr/bin/env python3
"""Updates of a gateway's program: packages that are refused, new versions that work, crash, hang, end, spoil the database, and a starter
that is killed in the middle; the real starter, the real program, the real HTTP."""
import contextlib
import json
import os
import re
import signal
import sqlite3
import stat
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from api_client import PASSWORD, Client, code, until
from running import OK, SVOD, USAGE, done, environment, folder, ok, same, stop, svod

PART = 200_000


class Box:
    """The starter over a folder of programs, and the gateway that it runs."""

    def __init__(self, place):
        self.place, self.database, self.log = os.path.join(place, "programs"), os.path.join(place, "gateway.db"), os.path.join(place, "log")
        os.mkdir(self.place)
        self.key = os.path.join(place, "maker.key")
        made = svod("admin", "package-key", self.key)
        same(made.code, OK, "the maker's key is made")
        same(stat.S_IMODE(os.stat(self.key).st_mode), 0o600, "only its owner reads it")
        same(svod("admin", "package-key", self.key).code, USAGE, "and it is never overwritten")
        self.password = None
        self.start()

    def start(self, *words):
        with open(self.log, "a") as log:
            self.begins = log.tell()
            self.process = subprocess.Popen([SVOD, "box-run", *(words or ("--start", "60", "--beat", "30", "--prove", "1")), self.place, self.database, "--listen", "127.0.0.1:0", "--board", "sim"],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, env=environment("en"))
        self.sign_in()

    def said(self):
        with open(self.log, "rb") as log:
            log.seek(self.begins)
            return log.read().decode("utf-8", "replace")

    def sign_in(self, starts=1):
        """To the program that listens as the so many-th since the starter began."""
        ports = until(lambda: (lambda all: len(all) >= starts and all)(re.findall(r"listens on \S+ \(port (\d+)\)", self.said())), "the program listens")
        first = re.search(r"name admin, password (\S+)", self.said())
        self.api = Client(int(ports[-1]))
        if first and not self.password:
            self.password = PASSWORD
            self.api.enter("admin", first.group(1), PASSWORD)
        self.api.enter("admin", PASSWORD)
        return self

    def starts(self):
        return len(re.findall(r"listens on \S+ \(port (\d+)\)", self.said()))

    def update(self):
        return self.api.read("/box/update")

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


def maker(box, version, program, least="0.1", key=None, notes="Новое\n---\nNews"):
    """A signed package of this program; its path."""
    place = os.path.dirname(box.place)
    source, text, path = (os.path.join(place, name) for name in ("source", "notes", "package"))
    with open(source, "w") as f:
        f.write(program)
    with open(text, "w") as f:
        f.write(notes)
    made = svod("admin", "package", source, key or box.key, version, least, text, path)
    same(made.code, OK, "a package of %s is made" % version, made)
    with open(path, "rb") as f:
        return f.read()


WORKS = "#!/bin/sh\nexec %s \"$@\"\n" % SVOD
SPOILS = "#!/bin/sh\n%s admin user \"$2\" nobody >/dev/null\nexit 3\n" % SVOD
CRASHES = "#!/bin/sh\nkill -SEGV $$\n"
HANGS = "#!/bin/sh\nexec sleep 1000\n"


def send(box, package):
    box.api.ask("DELETE", "/box/update/package")
    for at in range(0, len(package), PART):
        status, answer = box.api.raw("PUT", "/api/v1/box/update/package?offset=%d" % at, package[at:at + PART], {"Content-Type": "application/octet-stream"})
        if status != 200:
            return status, json.loads(answer)
    return box.api.post("/box/update/check")


def reason(answer):
    return answer["error"]["fields"][0]["message"] if isinstance(answer, dict) and answer.get("error", {}).get("fields") else answer


def refuses(box):
    status, answer = send(box, b"anything")
    ok(status == 400 and "update.pub" in reason(answer), "without the maker's key nothing is taken", answer)
    with open(box.key + ".pub") as f, open(box.place + "/update.pub", "w") as to:
        to.write(f.read())
    u = box.update()
    ok(u["supported"] and u["has_key"] and u["stage"] == "idle" and not u["trial"] and u["version"] and u["history"] == [], "what the box says of itself", u)
    good = maker(box, "9.1", WORKS)
    other = os.path.join(os.path.dirname(box.place), "other.key")
    svod("admin", "package-key", other)
    program = good.index(b"#!/bin/sh")
    cases = (("another file", b"PK\3\4 no package", "no package"), ("another maker's", maker(box, "9.1", WORKS, key=other), "signature"),
             ("a changed manifest", good.replace(b'"version":"9.1"', b'"version":"9.2"'), "signature"), ("a changed program", good[:program] + b"#!/bin/ksh" + good[program + 9:], "damaged"),
             ("half a package", good[:-3], "damaged"), ("an older version", maker(box, "0.0.9", WORKS), "older"), ("the same version", maker(box, u["version"], WORKS), "runs already"),
             ("one for a newer version", maker(box, "9.1", WORKS, least="5"), "between"))
    for name, package, words in cases:
        status, answer = send(box, package)
        ok(status == 400 and words in str(reason(answer)), "%s is refused, and why" % name, answer)
    same(code(box.api.post("/box/update")[1]), "invalid", "what was not checked is not installed")
    same(box.api.raw("PUT", "/api/v1/box/update/package?offset=5", b"x", {"Content-Type": "application/octet-stream"})[0], 409, "a part that does not follow is refused")
    same(box.api.raw("PUT", "/api/v1/box/update/package?offset=0", b"x", {"Content-Type": "text/plain"})[0], 415, "as is another type")
    same(sorted(os.listdir(box.place)), ["update.pub"], "nothing of it is left")


def people(database):
    with contextlib.closing(sqlite3.connect(database)) as db:
        return db.execute("SELECT count(*) FROM person").fetchone()[0]


def attempt(box, version, program, name):
    """Installs it and waits until something listens again and the trial is over; the newest line of the history."""
    before, history = box.starts(), len(box.update()["history"])
    status, answer = send(box, maker(box, version, program))
    same((status, answer["package"]["version"], answer["package"]["notes"]), (200, version, "News"), "%s: what is in the package" % name)
    same(box.api.post("/box/update")[0], 202, "%s: it is installed" % name)
    box.sign_in(before + 1)
    until(lambda: len(box.update()["history"]) > history and not box.update()["trial"], "the update is decided")
    return box.update()["history"][0]


def goes_back(box, program, name, why):
    before = people(box.database)
    line = attempt(box, "9.9", program, name)
    same((line["result"], line["version"]), ("rolled-back", "9.9"), "%s: the former version is back" % name)
    ok(why in line["text"], "%s: and says why" % name, line)
    same(people(box.database), before, "%s: with its database" % name)
    same(os.path.exists(box.place + "/now"), False, "%s: the starter's own program runs" % name)
    kinds = [n["kind"] for n in box.api.read("/box/journal")["items"]]
    ok("SET_BOX_UPDATE_BACK" in kinds, "%s: the box's journal tells it" % name, kinds)


def works(box):
    line = attempt(box, "9.1", WORKS, "a good version")
    same((line["result"], line["former"]), ("installed", box.update()["version"]), "a good version stays")
    same(os.readlink(box.place + "/now"), "a", "in the first slot")
    line = attempt(box, "9.2", WORKS, "the next one")
    same((line["result"], os.readlink(box.place + "/now")), ("installed", "b"), "the next one in the other slot")
    same(sorted(os.listdir(box.place)), ["a", "b", "history", "now", "update.pub"], "nothing else is left")


def killed(box):
    """The starter dies under a trial; the program goes with it, and the trial goes on with the next start."""
    status, _ = send(box, maker(box, "9.3", WORKS))
    box.end()
    box.start("--start", "60", "--beat", "30", "--prove", "1000")
    send(box, maker(box, "9.3", WORKS))
    before = box.starts()
    box.api.post("/box/update")
    box.sign_in(before + 1)
    ok(box.update()["trial"], "a version on trial says so")
    status, answer = send(box, maker(box, "9.4", WORKS))
    ok(status == 400 and "trial" in reason(answer), "and no other one is taken meanwhile", answer)
    for i in range(3):
        box.process.kill()
        box.process.wait()
        until(lambda: free(box.database), "the program follows its starter")
        box.start("--start", "60", "--beat", "30", "--prove", "1000")
    same((box.update()["trial"], box.update()["history"][0]["result"], os.readlink(box.place + "/now")), (False, "rolled-back", "b"), "killed three times, it gives way")


def free(database):
    """Nobody has the database open."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            for fd in os.listdir("/proc/%s/fd" % pid):
                if os.readlink("/proc/%s/fd/%s" % (pid, fd)) == database:
                    return False
        except OSError:
            pass
    return True


def main():
    box = Box(folder())
    try:
        refuses(box)
        goes_back(box, CRASHES, "one that crashes", "crashed")
        goes_back(box, SPOILS, "one that spoils the database and ends", "ended")
        goes_back(box, "not a program at all\n", "one that cannot be started", "cannot be started")
        box.end()
        box.start("--start", "2", "--beat", "30", "--prove", "1")
        goes_back(box, HANGS, "one that hangs", "no sign of life")
        box.end()
        box.start()
        works(box)
        killed(box)
        same(box.end(), 0, "the starter ends with its program")
        ok(free(box.database), "nothing is left running")
        said = open(box.log).read()
        ok("runtime error" not in said and "ERROR: " not in said, "and nobody complains", said[-2000:])
    finally:
        stop(box.process)
    done()


main()
