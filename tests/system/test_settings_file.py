#!/usr/bin/env python3
"""All settings of a gateway as one file: saved, compared, loaded whole or not at all; secrets sealed by a password or left out; the
box's button demanded; and the same file brought by FTP, addressed to this unit, to another, broken, with names that are none."""
import copy
import json
import os
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from api_client import HeadEnd, code, until
from ftp_server import PASSWORD, USER, FtpServer
from running import done, folder, ok, same


def say(board, word):
    """A word to the simulated board."""
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(board)
        s.sendall(word.encode() + b"\n")
        return s.recv(4096).decode()


def save(admin, **what):
    status, file = admin.post("/settings/file", what)
    same(status, 200, "saved %s" % sorted(what))
    return file


def load(admin, file, **what):
    return admin.post("/settings/file/load", dict(what, file=file))


def fill(admin, port):
    now = admin.read("/ftp")
    admin.patch("/ftp", {"revision": now["revision"], "enabled": False, "pull": True, "pull_folder": "units", "folder": "house",
                         "servers": [{"address": "127.0.0.1", "port": port, "login": USER, "password": PASSWORD}, {}]})
    broker = admin.post("/mqtt/brokers", {"device": "box", "address": "broker.example", "password": "word-of-broker"})[1]["id"]
    template = admin.post("/mqtt/templates", {"title": "Days", "wants": [{"kind": "aDay"}]})[1]["id"]
    admin.post("/mqtt/publications", {"broker": broker, "template": template, "postfix": "x"})


def roundtrip(admin):
    file = save(admin)
    same((file["format"], file["sections"]["ftp"]["folder"]), ("svod-settings", "house"), "the file says what is set")
    ok("word-of-broker" not in json.dumps(file) and PASSWORD not in json.dumps(file, ensure_ascii=False) and "sealed" not in file, "without a password it has no secrets")
    same(load(admin, file, look=True)[1], {"loaded": False, "changes": [], "mistakes": [], "refused": []}, "compared with what is: nothing would change")
    changed = copy.deepcopy(file)
    changed["sections"]["ftp"]["answer_s"] = 77
    changed["sections"]["mqtt_templates"][0]["title"] = "Сутки"
    look = load(admin, changed, look=True)[1]
    same([(c["section"], c["field"], c["was"], c["will"]) for c in look["changes"]], [("ftp", "answer_s", 30, 77), ("mqtt_templates[0]", "title", "Days", "Сутки")], "what would change is shown")
    same(admin.read("/ftp")["answer_s"], 30, "and nothing has")
    same(load(admin, changed, parts=["ftp"])[1]["loaded"], True, "one part is loaded")
    same((admin.read("/ftp")["answer_s"], admin.read("/mqtt/templates")["items"][0]["title"]), (77, "Days"), "and only that one")
    same(admin.read("/ftp")["servers"][0]["password"], "***", "a hidden secret stays as it was")
    return file


def all_or_nothing(admin, file):
    bad = copy.deepcopy(file)
    bad["sections"]["files"]["days"] = 11
    bad["sections"]["mqtt_brokers"][0]["port"] = 99999
    bad["sections"]["mqtt_publications"][0]["postfix"] = "a/#"
    before = (admin.read("/files"), admin.read("/mqtt/brokers")["items"][0]["revision"])
    status, answer = load(admin, bad)
    same((status, answer["loaded"]), (200, False), "one bad row: nothing is loaded")
    same([m["field"] for m in answer["mistakes"]], ["mqtt_brokers[0].port", "mqtt_publications[0].postfix"], "every mistake is told at its field")
    after = (admin.read("/files"), admin.read("/mqtt/brokers")["items"][0]["revision"])
    same((before[0]["days"], before[0]["revision"], before[1]), (after[0]["days"], after[0]["revision"], after[1]), "and nothing has changed")
    for wrong in ({}, {"format": "svod-settings", "version": 2, "sections": {}}, {"format": "svod-settings", "version": 1, "sections": []}):
        same([m["field"] for m in load(admin, wrong)[1]["mistakes"]], ["file"], "no file of settings: %s" % sorted(wrong))
    strange = copy.deepcopy(file)
    strange["sections"]["nothing"] = {}
    same(load(admin, strange)[1]["loaded"], False, "a section that nobody knows")
    odd = {"format": "svod-settings", "version": 1, "sections": {"ftp": [], "mqtt_brokers": {}, "files": {"days": "x"}, "mqtt_templates": [7]}}
    same(load(admin, odd)[1]["loaded"], False, "sections of another kind")


def sealed(admin, place):
    file = save(admin, password="сейф-сейф")
    ok("sealed" in file and "word-of-broker" not in json.dumps(file), "with a password its secrets are sealed")
    same([m["field"] for m in load(admin, file, password="не тот пароль")[1]["mistakes"]], ["password"], "which another password does not open")
    other = HeadEnd(place + "/other.db", "--board", "sim", face="gateway")
    answer = load(other.admin, file, password="сейф-сейф")[1]
    same((answer["loaded"], answer["mistakes"]), (True, []), "another unit takes it whole")
    same(save(other.admin)["sections"]["mqtt_publications"][0]["postfix"], "x", "rows that name each other, too")
    broker = other.admin.read("/mqtt/brokers")["items"][0]
    same((broker["address"], broker["password"]), ("broker.example", "***"), "with its secrets")
    same(other.close(), 0, "it ends in order")


def made(answer):
    if answer[0] != 201:
        raise RuntimeError(answer)
    return answer[1]["id"]


def polling(admin, device, title):
    """A box as it polls: a port, its interface, what is read of whom and when, and what is done then."""
    link = made(admin.post("/links", {"kind": "serial", "device": device, "baud": 9600, "format": "8N1", "title": title}))
    one = admin.read("/interfaces/2")
    same(admin.patch("/interfaces/2", {"revision": one["revision"], "link": link, "idle_s": 33, "allowed": "10.0.0.0/8", "power_line": 3})[0], 200, "interface 2 is %s" % title)
    house = made(admin.post("/groups", {"title": "МКД"}))
    days = made(admin.post("/templates", {"title": "Сутки", "work": {"measurements": [{"archive": "day", "depth_days": 7}]}}))
    poll = made(admin.post("/tasks", {"title": "МКД: сутки", "groups": [house], "template": days}))
    night = made(admin.post("/timetables", {"title": "Ночь", "schedule": {"kind": "daily", "start": "2026-01-01T00:00:00", "times": ["01:30"]}}))
    nights = made(admin.post("/calendars", {"title": "Ночи", "timetables": [night]}))
    publication = admin.read("/mqtt/publications")["items"][0]["id"]
    made(admin.post("/occasions", {"title": "Опрос", "condition": {"kind": "calendar", "calendar": nights}, "actions": [{"kind": "poll", "task": poll},
         {"kind": "mqtt", "publication": publication}, {"kind": "clock", "scope": "group", "group": house, "from_s": 7}]}))
    word = admin.read("/box/last-word")
    same(admin.patch("/box/last-word", {"revision": word["revision"], "orders": [publication], "letters": ["a@example.org"]})[0], 200, "and who hears of lost power")
    return link


def named(admin, path, title):
    return [one for one in admin.read(path)["items"] if one["title"] == title][0]


def whole_box(place):
    """The box is replaced: what the new one numbers otherwise is what the file means."""
    old = HeadEnd(place + "/old.db", "--board", "sim", face="gateway")
    fill(old.admin, 9)
    polling(old.admin, "/dev/ttyOld2", "Интерфейс 2")
    file = save(old.admin)
    same(old.close(), 0, "it ends in order")
    new = HeadEnd(place + "/new.db", "--board", "sim", face="gateway")
    admin = new.admin
    for title in ("Другая", "Третья"):
        made(admin.post("/groups", {"title": title}))
        made(admin.post("/templates", {"title": title, "work": {"measurements": [{"archive": "month", "depth_days": 7}]}}))
        made(admin.post("/links", {"kind": "serial", "device": "/dev/tty" + str(len(title)), "title": title}))
    before = [admin.read(path)["total"] for path in ("/groups", "/templates", "/links", "/tasks", "/occasions")]
    look = load(admin, file, look=True)[1]
    same((look["mistakes"], len(look["changes"]) > 20), ([], True), "the new box may take all of it")
    same([admin.read(path)["total"] for path in ("/groups", "/templates", "/links", "/tasks", "/occasions")], before, "a look changes nothing")
    answer = load(admin, file)[1]
    same((answer["loaded"], answer["mistakes"], answer["refused"]), (True, [], []), "and takes it")
    house, link = named(admin, "/groups", "МКД")["id"], named(admin, "/links", "Интерфейс 2")
    one = admin.read("/interfaces/2")
    same((one["link"], link["uri"], one["idle_s"], one["allowed"]), (link["id"], "serial:/dev/ttyOld2?9600,8N1", 33, "10.0.0.0/8"), "the interface has its port")
    ok(one["power_line"] == 3 and until(lambda: admin.read("/box")["power_lines"] == ["off", "off", "on", "off"]), "its power line goes on")
    poll = named(admin, "/tasks", "МКД: сутки")
    same((poll["groups"], poll["template"]), ([house], named(admin, "/templates", "Сутки")["id"]), "the poll template means its group and its data template")
    event = named(admin, "/occasions", "Опрос")
    publication = admin.read("/mqtt/publications")["items"][0]["id"]
    same(event["condition"]["calendar"], named(admin, "/calendars", "Ночи")["id"], "the event its calendar")
    same([(a["kind"], a.get("task") or a.get("publication") or a.get("group")) for a in event["actions"]], [("poll", poll["id"]), ("mqtt", publication), ("clock", house)], "and whom it is about")
    same(named(admin, "/calendars", "Ночи")["timetables"], [named(admin, "/timetables", "Ночь")["id"]], "the calendar its timetable")
    same((admin.read("/box/last-word")["orders"], event["next"] is not None), ([publication], True), "and it waits for its time")
    again = load(admin, file, look=True)[1]
    same((again["mistakes"], [c for c in again["changes"] if c["section"] != "ftp"]), ([], []), "loaded once more nothing would change, but for a password that the file does not tell")
    same(made(admin.post("/groups", {"title": "Четвёртая"})) > 0 and named(admin, "/groups", "Четвёртая")["title"], "Четвёртая", "and the box goes on")
    same(new.close(), 0, "it ends in order")


def button(admin, board):
    now = admin.read("/settings/guard")
    same(admin.patch("/settings/guard", {"revision": now["revision"], "button": True, "seconds": 5})[0], 200, "the button is demanded from now on")
    file = save(admin)
    file["sections"]["files"]["days"] = 99
    status, answer = load(admin, file)
    same((status, answer["error"]["fields"][0]["field"], admin.read("/files")["days"]), (400, "button", 365), "without it nothing is loaded")
    pressing = threading.Timer(0.5, say, (board, "button 1"))
    pressing.start()
    same((load(admin, file)[1].get("loaded"), admin.read("/files")["days"]), (True, 99), "pressed in time it is")
    pressing.join()
    threading.Timer(0.5, say, (board, "button 1")).start()
    now = admin.read("/settings/guard")
    same(admin.patch("/settings/guard", {"revision": now["revision"], "button": False})[0], 200, "to take the guard off wants it as well")


def pulled(admin, before):
    until(lambda: admin.read("/ftp")["pulled"] not in (None, before), "the look is done")
    return admin.read("/ftp")


def pull(admin):
    before = admin.read("/ftp")["pulled"]
    time.sleep(0.01)
    same(admin.post("/ftp/pull", {})[0], 200, "a look is ordered")
    return pulled(admin, before)


def from_above(admin, server):
    units = server.home + "/units"
    os.mkdir(units)
    os.mkdir(units + "/..odd")
    for name in ("settings-" + "9" * 200 + ".json", "a\\b", ".hidden", "имя", "settings-..json"):
        open(units + "/" + name, "w").close()
    file = save(admin)
    serial = file["unit"]
    ok(serial, "the unit has a serial number")
    ok("no files for this unit" in pull(admin)["pulled_text"], "hostile names are left alone", admin.read("/ftp")["pulled_text"])

    def put(content):
        with open(units + "/new", "w") as f:
            f.write(content if isinstance(content, str) else json.dumps(content))
        os.rename(units + "/new", units + "/settings-%s.json" % serial)
    file["sections"] = {"files": {"days": 55}}
    put(dict(file, unit="another"))
    pull(admin)
    same((admin.read("/files")["days"], os.path.exists(units + "/settings-%s.json" % serial)), (99, True), "a file for another unit is ignored")
    put("{ no json")
    pull(admin)
    same(admin.read("/files")["days"], 99, "and one that is none")
    put(dict(file, sections={"files": {"days": 55}, "ftp": {"period_min": 0}}))
    pull(admin)
    answer = json.load(open(units + "/settings-%s.answer.json" % serial))
    same((answer["loaded"], [m["field"] for m in answer["mistakes"]], admin.read("/files")["days"]), (False, ["ftp.period_min"], 99), "one bad row: nothing is taken, and the answer says which")
    put(file)
    pull(admin)
    answer = json.load(open(units + "/settings-%s.answer.json" % serial))
    same((answer["loaded"], answer["changes"], admin.read("/files")["days"]),
         (True, [{"section": "files", "field": "days", "was": 99, "will": 55}], 55), "a right one is taken, and the answer says what has changed")
    same(sorted(n for n in os.listdir(units) if n.startswith("settings-" + serial)), ["settings-%s.answer.json" % serial, "settings-%s.taken" % serial], "it is not taken twice")
    notes = [n["object"] for which in ("general", "security") for n in admin.read("/log/%s?size=100" % which)["items"]]
    ok("settings from the FTP server" in notes, "the log has it", notes)


def main():
    place = folder()
    board = place + "/board"
    server = FtpServer(place + "/ftp")
    gateway = HeadEnd(place + "/svod.db", "--board", "sim:" + board, face="gateway")
    admin = gateway.admin
    fill(admin, server.port)
    file = roundtrip(admin)
    all_or_nothing(admin, file)
    sealed(admin, place)
    whole_box(place)
    button(admin, board)
    from_above(admin, server)
    log = json.dumps([admin.read("/log/%s?size=100" % which) for which in ("general", "security")], ensure_ascii=False)
    ok("word-of-broker" not in log and PASSWORD not in log and "сейф" not in log, "no secret in the log")
    same(gateway.close(), 0, "the gateway ends in order")
    server.stop()
    done()


main()
