#!/usr/bin/env python3
"""Tasks of collection and control, one-off orders and relays through the running head-end, over simulated meters."""
import json
import os
import re
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from api_client import Client, HeadEnd, until
from running import World, done, folder, import_meters, ok, same

KEY = "client=48;security=high;password=2222222222222222"
PLAIN = "transport=wrapper;password=111111"


def fields(answer):
    return answer[0], [f["field"] for f in answer[1]["error"]["fields"]]


def words(kind):
    return "transport=wrapper;" + KEY if kind == "writer" else PLAIN


class Place:
    """Meters: 4 to be read, one that nobody answers for, one whose relay obeys, one whose relay is locked, one that needs a button."""

    def __init__(self):
        self.folder = folder()
        self.database = self.folder + "/svod.db"
        self.world = World("--tcp", "127.67.0.1:0", "--family", "spodes", "--count", "4", "--serial", "71000001",
                           "--tcp", "127.67.1.1:0", "--family", "spodes", "--serial", "72000001", "--options", "signals=2;lock=0",
                           "--tcp", "127.67.2.1:0", "--family", "spodes", "--serial", "73000001", "--options", "lock=1",
                           "--tcp", "127.67.3.1:0", "--family", "spodes", "--serial", "74000001", "--options", "mode=1",
                           "--tcp", "127.67.4.1:0", "--family", "spodes", "--serial", "75000001", "--latency", "300")
        p = self.world.ports()
        rows = [(str(71000001 + i), "Reader %d" % i, "spodes", "tcp://127.67.0.%d:%d" % (i + 1, p[0]), PLAIN, "House", "day=3") for i in range(4)]
        rows.append(("79000001", "Silent", "spodes", "tcp://127.0.0.1:9", PLAIN, "House", "day=3"))
        rows.append(("72000001", "Obeys", "spodes", "tcp://127.67.1.1:%d" % p[1], words("writer"), "Relays", "day=3"))
        rows.append(("73000001", "Locked", "spodes", "tcp://127.67.2.1:%d" % p[2], words("writer"), "Relays", "day=3"))
        rows.append(("74000001", "Button", "spodes", "tcp://127.67.3.1:%d" % p[3], words("writer"), "Relays", "day=3"))
        rows.append(("75000001", "Slow", "spodes", "tcp://127.67.4.1:%d" % p[4], PLAIN, "Slow", "day=30,profile=30"))
        same(import_meters(self.database, rows).code, 0, "the meters are imported")
        self.server = HeadEnd(self.database)
        self.admin = self.server.admin
        self.ids = {d["title"]: d["id"] for d in self.admin.read("/devices?size=100")["items"]}
        self.groups = {g["title"]: g["id"] for g in self.admin.read("/groups")["items"]}

    def restart(self, kill):
        (self.server.kill if kill else self.server.close)()
        self.server = HeadEnd(self.database)
        self.admin = self.server.admin


def ended(admin, run):
    return until(lambda: (lambda r: r if r["ended"] else None)(admin.read("/runs/%d" % run)), "run %d ends" % run)


def results(admin, run):
    return {d["title"]: d for d in admin.read("/runs/%d/devices?size=100" % run)["items"]}


def task(admin, **fields):
    body = dict({"title": "T", "work": {"measurements": [{"archive": "day", "depth_days": 3}]}}, **fields)
    status, answer = admin.post("/tasks", body)
    if status != 201:
        raise RuntimeError(answer)
    return answer["id"]


def collects(p):
    admin = p.admin
    made = task(admin, title="House days", groups=[p.groups["House"]], priority=500, restarts=1, restart_delay_s=1)
    row = admin.read("/tasks/%d" % made)
    same((row["title"], row["priority"], row["groups"], row["scheduled"], row["run"]), ("House days", 500, [p.groups["House"]], False, None), "a task is made")
    status, run = admin.post("/tasks/%d/run" % made)
    same((status, run["cause"], run["total"], run["login"], run["result"]), (202, "task", 5, "admin", "pending"), "and runs now")
    same(admin.post("/tasks/%d/run" % made)[0], 409, "once at a time")
    r = ended(admin, run["id"])
    same((r["result"], r["good"], r["failed"], r["progress"]), ("error", 4, 1, 100), "four are read, the silent one is an error, so the run is")
    d = results(admin, run["id"])
    same((d["Silent"]["result"], d["Silent"]["tries"]), ("error", 2), "who failed is asked again after the delay")
    ok("connect" in d["Silent"]["note"] or "link" in d["Silent"]["note"], "the note says why: " + d["Silent"]["note"])
    ok(all(d["Reader %d" % i]["result"] == "success" and d["Reader %d" % i]["readings"] > 0 for i in range(4)), "the others brought values")
    failed = admin.read("/runs/%d/devices?result=error" % run["id"])
    same((failed["total"], failed["items"][0]["title"]), (1, "Silent"), "filtered by result")
    same(admin.read("/runs/%d/devices?search=Reader&size=2&page=2" % run["id"])["total"], 4, "and searched in pages")
    path = "/runs/%d/devices/%d/journal" % (run["id"], p.ids["Reader 0"])
    steps = [i["text"] for i in admin.read(path)["items"]]
    ok(len(steps) >= 4 and "Session 1" in steps[0] and any("71000001" in s for s in steps) and "done" in steps[-1], "the journal tells the steps: %r" % steps)
    frames = admin.read(path + "?frames=true")["items"]
    ok({"sent", "received", "step"} <= {f["kind"] for f in frames} and any(f.get("lines") for f in frames), "and the frames, explained")
    same([f["time"] for f in frames], sorted(f["time"] for f in frames), "in the order of time")
    text = admin.ask("GET", path + ".txt?frames=true")[1]
    ok(">> " in text and "71000001" in text, "as text with frames")
    text = admin.ask("GET", "/runs/%d/journal.txt" % run["id"])[1]
    ok(">> " not in text and all("Reader %d" % i in text for i in range(4)) and "Silent" in text, "the whole run as text, without")
    run = admin.post("/tasks/%d/run" % made)[1]
    ended(admin, run["id"])
    same(results(admin, run["id"])["Reader 1"]["readings"], 0, "what is there is not read again")
    same([x["id"] for x in admin.read("/runs?task=%d" % made)["items"]][0], run["id"], "the history, newest first")
    listed = admin.read("/tasks?search=house")["items"]
    same((listed[0]["id"], listed[0]["run"]["id"], listed[0]["running"]), (made, run["id"], False), "the list shows the last run")
    return made


def partly(p):
    admin = p.admin
    status, run = admin.post("/runs", {"devices": [p.ids["Reader 0"]], "work": {"measurements": [{"archive": "day", "depth_days": 2, "again": True, "registers": ["1.0.1.8.1.255", "7.0.3.0.0.255"]}], "states": True}})
    same((status, run["cause"], run["initiator"], run["title"], run["task"]), (202, "one-off", "HES", "Action constructor", None), "the action constructor makes a one-off order")
    r = ended(admin, run["id"])
    d = results(admin, run["id"])["Reader 0"]
    same((r["result"], d["result"]), ("partial", "partial"), "a register the meter does not have makes it partial")
    ok("not supported" in d["note"], "and is named: " + d["note"])
    same(admin.read("/runs?cause=one-off")["total"], 1, "it is among the one-off orders")
    run = admin.post("/runs", {"devices": [p.ids["Reader 1"]], "work": {"commands": [{"kind": "clock-read"}, {"kind": "relay-off", "relay": 0}]}})
    same(run[0], 400, "a relay is not switched without a reason")


def once_by_task(p, made):
    admin = p.admin
    body = {"devices": [p.ids["Reader 2"]], "task": made, "request": "abc"}
    status, run = admin.post("/runs", body)
    same((status, run["title"], run["total"]), (202, "House days", 1), "a task's work on one device")
    same(admin.post("/runs", body)[1]["id"], run["id"], "the same request is the same run")
    same(ended(admin, run["id"])["result"], "success", "done")
    same(admin.post("/runs", {"devices": [p.ids["Reader 2"]]})[0], 400, "neither work nor task is nothing")
    same(run["again_of"], None, "it repeats none")
    status, repeat = admin.post("/runs", {"devices": [p.ids["Reader 3"]], "again_of": run["id"]})
    same((status, repeat["title"], repeat["work"], repeat["again_of"], repeat["total"]), (202, "House days", run["work"], run["id"], 1), "a run is repeated for some, and knows whose repeat it is")
    same(ended(admin, repeat["id"])["result"], "success", "done")
    same([r["id"] for r in admin.read("/runs?again_of=%d" % run["id"])["items"]], [repeat["id"]], "and is found by it")
    status, answer = admin.post("/runs", {"devices": [p.ids["Reader 3"]], "again_of": 999999})
    same((status, answer["error"]["fields"][0]["field"]), (400, "again_of"), "there must be such a run")


def absent(p):
    admin = p.admin
    status, made = admin.post("/devices", {"serial": "5", "title": "Bare", "driver": "spodes"})
    run = admin.post("/runs", {"devices": made["ids"], "work": {"states": True}})[1]
    r = ended(admin, run["id"])
    d = results(admin, run["id"])["Bare"]
    same((r["result"], d["result"], d["note"]), ("absent", "absent", d["note"]), "a device without a channel is absent")
    ok("channel" in d["note"], d["note"])
    made = task(admin, title="Nobody", groups=[admin.post("/groups", {"title": "Empty"})[1]["id"]])
    same(ended(admin, admin.post("/tasks/%d/run" % made)[1]["id"])["result"], "absent", "and so is a run over nobody")


def relays(p):
    admin = p.admin
    ids = [p.ids[n] for n in ("Obeys", "Locked", "Button")]
    same([r["title"] for r in until(lambda: admin.read("/relays")["items"], "a relay is known")], ["Reader 0"], "whose states were read, his relay is known")
    run = admin.post("/relays/read", {"devices": ids})[1]
    same(ended(admin, run["id"])["result"], "success", "relays are read")
    known = until(lambda: (lambda k: k if len(k) == 4 else None)({r["title"]: r for r in admin.read("/relays")["items"]}), "relays are listed")
    same((known["Obeys"]["output"], known["Obeys"]["lock"], known["Obeys"]["remote"], known["Obeys"]["mode"]), ("on", 0, True, 4), "one may be switched")
    same((known["Locked"]["lock"], known["Locked"]["remote"]), (1, False), "one is locked")
    same([r["title"] for r in admin.read("/relays?locked=true")["items"]], ["Locked"], "filtered by the lock")
    titles = [r["title"] for r in admin.read("/relays?sort=title")["items"]]
    same((titles, [r["title"] for r in admin.read("/relays?sort=title&order=desc&size=3&page=2")["items"]]), (sorted(known), sorted(known)[:1]), "sorted, also in pages")
    same([r["lock"] or 0 for r in admin.read("/relays?sort=lock&order=desc")["items"]], sorted((r["lock"] or 0 for r in known.values()), reverse=True), "by the lock")
    same(admin.ask("GET", "/relays?sort=colour")[0], 400, "by a column that there is")
    status, plan = admin.post("/relays/plan", {"devices": ids, "action": "off", "reason": "debt"})
    allowed = {d["title"]: d["allowed"] for d in plan["devices"]}
    same((status, allowed, plan["allowed"]), (200, {"Obeys": True, "Locked": False, "Button": True}, 2), "the plan leaves out who may not")
    same(admin.post("/relays/plan", {"devices": ids, "action": "off", "reason": ""})[0], 400, "a reason is needed")
    same(admin.post("/relays/operate", {"token": "0" * 64})[0], 400, "no plan, no order")
    got = []
    clicks = [threading.Thread(target=lambda: got.append(Client.post(admin, "/relays/operate", {"token": plan["token"]})[1]["id"])) for _ in range(6)]
    for c in clicks:
        c.start()
    for c in clicks:
        c.join()
    same(len(set(got)), 1, "six clicks make one run")
    r = ended(admin, got[0])
    same((r["result"], r["total"]), ("success", 2), "and it succeeds")
    path = "/runs/%d/devices/%d/journal?frames=true" % (got[0], p.ids["Obeys"])
    actions = [f for f in admin.read(path)["items"] if f["kind"] == "sent" and "C301" in f["frame"] and "60030AFF01" in f["frame"]]
    same(len(actions), 1, "the meter got one command")
    known = until(lambda: (lambda k: k if k["Obeys"]["output"] == "off" else None)({r["title"]: r for r in admin.read("/relays")["items"]}), "the relay shows off")
    same(known["Obeys"]["output"], "off", "it is off")
    log = admin.read("/log/security?kind=SSET_RELAY_RESULT")["items"]
    mine = next(l for l in log if "Obeys" in l["object"])
    same((mine["login"], mine["before"]["output"], mine["after"]["output"], mine["after"]["reason"]), ("admin", 1, 0, "debt"), "the security log tells who, why, before and after")
    ok(any("debt" in str(l["after"]) for l in admin.read("/log/security?kind=SSET_RELAY_ORDER")["items"]), "and the order itself")
    # by hand: the lock decides at the meter, whatever was known
    run = admin.post("/runs", {"devices": [p.ids["Locked"]], "reason": "test", "request": "l1", "work": {"commands": [{"kind": "relay-off", "relay": 0}]}})[1]
    ended(admin, run["id"])
    d = results(admin, run["id"])["Locked"]
    same(d["result"], "error", "a locked relay is refused")
    ok("lock" in d["note"], "with a sentence: " + d["note"])
    frames = admin.read("/runs/%d/devices/%d/journal?frames=true" % (run["id"], p.ids["Locked"]))["items"]
    same([f for f in frames if f["kind"] == "sent" and "60030AFF01" in f["frame"] and "C301" in f["frame"]], [], "nothing was sent to it")
    plan = admin.post("/relays/plan", {"devices": [p.ids["Button"]], "action": "on", "reason": "paid"})[1]
    run = admin.post("/relays/operate", {"token": plan["token"]})[1]
    ended(admin, run["id"])
    d = results(admin, run["id"])["Button"]
    same(d["result"], "partial", "on, but for the consumer's button")
    ok("button" in d["note"], d["note"])
    plan = admin.post("/relays/plan", {"devices": [p.ids["Obeys"]], "action": "off", "relay": 2, "reason": "siren"})[1]
    run = admin.post("/relays/operate", {"token": plan["token"]})[1]
    same(ended(admin, run["id"])["result"], "success", "a signal relay is switched")
    plan = admin.post("/relays/plan", {"devices": [p.ids["Obeys"]], "action": "off", "relay": 3, "reason": "siren"})[1]
    run = admin.post("/relays/operate", {"token": plan["token"]})[1]
    ended(admin, run["id"])
    ok("has none" in results(admin, run["id"])["Obeys"]["note"], "one that is not there is not")


def cancelled(p):
    admin = p.admin
    made = task(admin, title="Endless", devices=[p.ids["Reader 0"], p.ids["Slow"]], endless=True, restart_delay_s=1, work={"measurements": [{"archive": "profile", "depth_days": 30, "again": True}]})
    same(admin.post("/tasks", {"title": "x", "devices": [p.ids["Slow"]], "endless": True, "reason": "r", "work": {"commands": [{"kind": "relay-off"}]}})[0], 400, "commands are not repeated endlessly")
    run = admin.post("/tasks/%d/run" % made)[1]
    until(lambda: admin.read("/runs/%d" % run["id"])["good"], "a round is over")
    same(admin.read("/runs/%d" % run["id"])["result"], "pending", "an endless run goes on")
    journal = lambda: " ".join(i["text"] for i in admin.read("/runs/%d/devices/%d/journal" % (run["id"], p.ids["Reader 0"]))["items"])
    until(lambda: "again" in journal(), "it asks again")
    same(admin.ask("DELETE", "/tasks/%d/run" % made)[0], 200, "a person cancels it")
    r = ended(admin, run["id"])
    same(r["result"], "cancelled-by-user", "and it says so")
    same(results(admin, run["id"])["Slow"]["result"], "cancelled-by-user", "as does the device that was not through")


def scheduled(p):
    admin = p.admin
    at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() + 4))
    made = task(admin, title="Slow once", devices=[p.ids["Slow"]], zone="UTC", schedule={"kind": "once", "start": at}, work={"measurements": [{"archive": "profile", "depth_days": 30, "again": True}]})
    same(admin.read("/tasks/%d" % made)["next"], None, "a schedule that is off has no next run")
    first = admin.post("/tasks/%d/run" % made)[1]["id"]
    same(admin.post("/tasks/schedule", {"tasks": [made], "on": True})[0], 200, "on")
    ok(admin.read("/tasks/%d" % made)["next"] in (at + ".000Z", None), "it has one now, or it has just come")
    second = until(lambda: next((r for r in admin.read("/runs?task=%d&cause=schedule" % made)["items"]), None), "the schedule runs it")
    same(ended(admin, first)["result"], "cancelled-by-schedule", "the former run is cancelled by it")
    row = admin.read("/tasks/%d" % made)
    same((row["scheduled"], row["next"], row["run"]["login"]), (False, None, ""), "a single schedule is over then")
    same(admin.ask("DELETE", "/runs/%d" % second["id"])[0], 200, "a run is cancelled")
    same(ended(admin, second["id"])["result"], "cancelled-by-user", "a run is cancelled by itself, too")
    gone = task(admin, title="Gone by", devices=[p.ids["Slow"]], zone="UTC", schedule={"kind": "once", "start": "2020-01-01T00:00:00"}, work={"measurements": [{"archive": "current"}]})
    same(fields(admin.ask("POST", "/tasks/schedule", {"tasks": [gone], "on": True})), (400, ["schedule.start"]), "a moment that has passed is not waited for")
    same(fields(admin.ask("PATCH", "/tasks/%d" % gone, {"revision": admin.read("/tasks/%d" % gone)["revision"], "scheduled": True})), (400, ["schedule.start"]), "nor by a change of the task")
    same(admin.ask("DELETE", "/tasks/%d" % gone)[0], 200, "it goes")
    next5 = admin.post("/schedule/next", {"zone": "Europe/Berlin", "schedule": {"kind": "daily", "start": "2030-03-30T00:00:00", "times": ["02:30"]}})[1]["next"]
    same(next5[:3], ["2030-03-30T01:30:00.000Z", "2030-03-31T01:30:00.000Z", "2030-04-01T00:30:00.000Z"], "the next moments, across the change of clocks")


def first_things_first(p):
    """A relay order gets through while a fleet is collected, and a run's end is its own."""
    admin = p.admin
    made = task(admin, title="Slow all", devices=[p.ids["Slow"]], work={"measurements": [{"archive": "profile", "depth_days": 30, "again": True}]})
    long = admin.post("/tasks/%d/run" % made)[1]["id"]
    same(admin.post("/collection", {"all": True})[0], 202, "everybody is collected meanwhile")
    plan = admin.post("/relays/plan", {"devices": [p.ids["Obeys"]], "action": "on", "reason": "paid"})[1]
    run = admin.post("/relays/operate", {"token": plan["token"]})[1]["id"]
    same(ended(admin, run)["result"], "success", "a relay is switched")
    same(admin.read("/runs/%d" % long)["ended"], None, "while the long run goes on")
    ok(admin.read("/collection")["running"], "and the collection, too")
    same(admin.ask("DELETE", "/collection")[0], 200, "the collection is stopped")
    until(lambda: not admin.read("/collection")["running"], "the collection stops")
    same(admin.read("/runs/%d" % long)["result"], "pending", "stopping the one leaves the other alone")
    return long


class Listener(threading.Thread):
    """The stream of one caller, until it is closed: [(event, data)]."""

    def __init__(self, client):
        super().__init__(daemon=True)
        self.events = []
        self.socket = socket.create_connection(("127.0.0.1", client.port))
        self.socket.sendall(("GET /api/v1/collection/stream HTTP/1.1\r\nHost: x\r\nCookie: svod=%s\r\n\r\n" % client.cookie).encode())
        self.start()

    def run(self):
        text = b""
        while True:
            try:
                part = self.socket.recv(65536)
            except OSError:
                return
            if not part:
                return
            text += part
            self.events = [(e.decode(), json.loads(d)) for e, d in re.findall(rb"event: ([\w-]+)\ndata: (.*?)\n\n", text, re.S)]

    def of(self, event):
        return [d for e, d in self.events if e == event]


def told(p, stranger):
    """Runs and their devices by events, for the project alone; collection has a schedule of each project."""
    admin = p.admin
    ours, theirs = Listener(admin), Listener(stranger)
    until(lambda: ours.of("progress") and theirs.of("progress"), "both listen")
    run = admin.post("/runs", {"devices": [p.ids["Reader 0"], p.ids["Silent"]], "work": {"states": True}})[1]["id"]
    ended(admin, run)
    runs = until(lambda: (lambda r: r if r and r[-1]["ended"] else None)([r for r in ours.of("run") if r["id"] == run]), "the end is told")
    same((runs[-1]["result"], runs[-1]["total"]), ("error", 2), "a run is told to its end")
    devices = {d["title"]: d["result"] for bundle in ours.of("run-device") if bundle["run"] == run for d in bundle["items"]}
    same(devices, {"Reader 0": "success", "Silent": "error"}, "and its devices")
    same(theirs.of("run") + theirs.of("run-device") + theirs.of("device"), [], "another project hears nothing of it")
    same(admin.ask("PUT", "/collection/schedule", {"every_minutes": 600})[1]["every_minutes"], 600, "collection by schedule")
    same((stranger.read("/collection")["every_minutes"], stranger.read("/collection")["next"]), (0, None), "is a project's own")
    for l in (ours, theirs):
        l.socket.close()


def restarted(p, long):
    p.restart(kill=True)
    r = p.admin.read("/runs/%d" % long)
    same((r["result"], r["ended"] is None), ("interrupted", False), "a run that a kill broke off is closed as interrupted")
    same(results(p.admin, long)["Slow"]["result"], "interrupted", "with its devices")
    at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() + 3))
    work = {"measurements": [{"archive": "day", "depth_days": 2, "again": True}]}
    reads = task(p.admin, title="Missed reading", devices=[p.ids["Reader 3"]], zone="UTC", scheduled=True, schedule={"kind": "once", "start": at}, work=work)
    p.server.kill()
    time.sleep(4)
    p.restart(kill=True) if p.server.process.poll() is None else None
    p.server = HeadEnd(p.database)
    p.admin = p.server.admin
    run = until(lambda: next((r for r in p.admin.read("/runs?task=%d" % reads)["items"]), None), "what was missed is made up for")
    same(ended(p.admin, run["id"])["result"], "success", "a reading that was missed is made up for")


def strangers(p, made, long):
    admin = p.admin
    project = admin.post("/projects", {"title": "Other"})[1]["id"]
    roles = {r["name"]: r["id"] for r in admin.read("/roles")["items"]}
    admin.post("/users", {"login": "stranger", "role": roles["Project Manager"], "password": "first-1", "projects": [project]})
    s = p.server.client("stranger", "first-1", "second-2")
    unknown = s.ask("GET", "/tasks/999999")
    for method, path, body in (("GET", "/tasks/%d" % made, None), ("DELETE", "/tasks/%d" % made, None), ("POST", "/tasks/%d/run" % made, None), ("DELETE", "/tasks/%d/run" % made, None),
                               ("PATCH", "/tasks/%d" % made, {"revision": 1, "title": "mine"}), ("POST", "/tasks/%d/clone" % made, {"title": "mine"}),
                               ("POST", "/tasks/schedule", {"tasks": [made], "on": True}), ("POST", "/tasks/devices", {"tasks": [made], "devices": [p.ids["Slow"]]}),
                               ("GET", "/runs/%d" % long, None), ("DELETE", "/runs/%d" % long, None), ("GET", "/runs/%d/devices" % long, None),
                               ("GET", "/runs/%d/devices/%d/journal" % (long, p.ids["Slow"]), None), ("GET", "/runs/%d/journal.txt" % long, None),
                               ("POST", "/runs", {"devices": [p.ids["Slow"]], "work": {"states": True}}), ("POST", "/runs", {"devices": [p.ids["Slow"]], "task": made}),
                               ("POST", "/relays/read", {"devices": [p.ids["Obeys"]]}), ("POST", "/relays/plan", {"devices": [p.ids["Obeys"]], "action": "off", "reason": "x"})):
        same(s.ask(method, path, body), unknown, "%s %s of a foreign project is as one that is not" % (method, path.replace(str(made), "N")))
    same((s.read("/tasks")["total"], s.read("/runs")["total"], s.read("/relays")["total"]), (0, 0, 0), "lists show nothing of it")
    same(s.post("/tasks", {"title": "x", "devices": [p.ids["Slow"]], "work": {"states": True}})[1]["error"]["fields"][0]["field"], "devices", "nor may its devices be in a task")
    same(s.post("/collection", {"all": True})[0], 400, "whoever has no devices collects nobody")
    plan = admin.post("/relays/plan", {"devices": [p.ids["Obeys"]], "action": "off", "reason": "x"})[1]
    same(s.post("/relays/operate", {"token": plan["token"]})[0], 400, "nor may another confirm a plan")
    admin.post("/users", {"login": "operator", "role": roles["Operator"], "password": "first-1", "projects": [1]})
    o = p.server.client("operator", "first-1", "second-2")
    same([o.ask(*a)[0] for a in (("GET", "/tasks"), ("POST", "/tasks", {"title": "x", "devices": [p.ids["Slow"]], "work": {"states": True}}), ("DELETE", "/tasks/%d" % made), ("GET", "/relays"))],
         [200, 403, 403, 200], "an operator looks at tasks and changes none")
    return s


def edits(p, made):
    admin = p.admin
    row = admin.read("/tasks/%d" % made)
    same(admin.ask("PATCH", "/tasks/%d" % made, {"revision": row["revision"] + 1, "title": "x"})[0], 409, "an edit of what somebody changed is refused")
    status, row = admin.ask("PATCH", "/tasks/%d" % made, {"revision": row["revision"], "title": "House", "devices": [p.ids["Slow"]], "groups": [], "schedule": {"kind": "monthly", "start": "2026-01-01T00:00:00", "times": ["03:00"], "days": [1, 0]}, "zone": "Europe/Moscow"})
    same((status, row["title"], row["devices"], row["groups"], row["schedule"]["days"]), (200, "House", [p.ids["Slow"]], [], [0, 1]), "fields are changed")
    same(admin.post("/tasks/devices", {"tasks": [made], "devices": [p.ids["Reader 0"], p.ids["Slow"]]})[0], 200, "devices are added")
    same(sorted(admin.read("/tasks/%d" % made)["devices"]), sorted([p.ids["Slow"], p.ids["Reader 0"]]), "each once")
    status, clone = admin.post("/tasks/%d/clone" % made, {"title": "Copy", "priority": 7})
    row = admin.read("/tasks/%d" % clone["id"])
    same((status, row["title"], row["priority"], row["devices"], row["scheduled"]), (201, "Copy", 7, sorted([p.ids["Slow"], p.ids["Reader 0"]]), False), "a clone differs where it was told to")
    same(admin.ask("DELETE", "/tasks/%d" % clone["id"])[0], 200, "a task is deleted")
    same(admin.ask("GET", "/tasks/%d" % clone["id"])[0], 404, "a deleted task is gone")
    for field, body in (("zone", {"zone": "Mars/Base"}), ("schedule.times", {"schedule": {"kind": "daily", "start": "2026-01-01T00:00:00"}}), ("priority", {"priority": 1000}),
                        ("work", {"work": {}}), ("schedule.times", {"schedule": {"kind": "daily", "start": "2026-01-01T00:00:00", "times": ["25:00"]}}), ("devices", {"devices": [], "groups": []}),
                        ("schedule.start", {"schedule": {"kind": "minutes", "start": "9999-12-31T00:00:00", "every": 30}}), ("title", {"title": " "}),
                        ("reason", {"work": {"commands": [{"kind": "relay-off"}]}}), ("work.measurements.registers", {"work": {"measurements": [{"archive": "day", "registers": ["x"]}]}}),
                        ("schedule", {"scheduled": True})):
        status, answer = admin.post("/tasks", dict({"title": "x", "devices": [p.ids["Slow"]], "work": {"states": True}}, **body))
        same((status, answer["error"]["fields"][0]["field"] if status == 400 else answer), (400, field), "a mistake in %s is told at it" % field)


def main():
    p = Place()
    made = collects(p)
    partly(p)
    once_by_task(p, made)
    absent(p)
    relays(p)
    cancelled(p)
    scheduled(p)
    long = first_things_first(p)
    restarted(p, long)
    edits(p, made)
    told(p, strangers(p, made, long))
    same(p.server.close(), 0, "the server ends in order, sanitizers silent")
    p.world.close()
    done()


main()
