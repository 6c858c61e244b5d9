#!/usr/bin/python3
"""Groups of a gateway (manual S0 4.3.2.1): a group is any choice of polled meters of the table, a meter stands in several; who polls,
sends or acts for a group means the same meters; nothing is erased when a group changes; a head-end keeps one group a device."""
import os
import sqlite3
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from api_client import HeadEnd, code, until
from running import done, folder, ok, same


def made(answer):
    if answer[0] != 201:
        raise RuntimeError(answer)
    return answer[1]["id"]


def fields(answer):
    return answer[0], [f["field"] for f in answer[1].get("error", {}).get("fields", [])]


def group(admin, id):
    return admin.read("/groups/%d" % id)


def table(admin):
    """Five meters and a hub with one of them behind it."""
    link = made(admin.post("/links", {"kind": "serial", "device": "/dev/ttyNone", "title": "Интерфейс 1"}))
    rows = [{"id": i, "driver": "spodes", "address": str(16 + i), "password": "1", "interface": link} for i in (1, 2, 3, 4)]
    rows += [{"id": 5, "driver": "hub", "address": "127.0.0.1:9"}, {"id": 6, "driver": "mbus", "address": "7", "parent": 5}]
    status, answer = admin.ask("PUT", "/table", {"revision": 0, "rows": rows})
    same(status, 200, "a table of meters")
    return answer


def choosing(admin):
    all_, inputs = made(admin.post("/groups", {"title": "Все", "members": [6, 4, 3, 2, 1, 1]})), made(admin.post("/groups", {"title": "Вводы", "members": [2, 3]}))
    same((group(admin, all_)["members"], group(admin, inputs)["members"]), ([1, 2, 3, 4, 6], [2, 3]), "a meter stands in several groups")
    same({g["title"]: (g["devices"], g["members"]) for g in admin.read("/groups")["items"]}, {"Default": (5, None), "Все": (5, None), "Вводы": (2, None)}, "groups know how many they have; a hub is nobody")
    same({g["title"]: g["members"] for g in admin.read("/groups?members=true")["items"]}["Default"], [1, 2, 3, 4, 6], "and name them when asked; each meter's own group is as it was")
    same(admin.read("/devices/2")["group"], "Default", "which the device says")
    for members, at in (([1, 5], "members[1]"), ([99], "members[0]"), (["x"], "members[0]"), ([7] * 10001, "members")):
        same(fields(admin.patch("/groups/%d" % inputs, {"revision": group(admin, inputs)["revision"], "members": members})), (400, [at]), "a hub, a stranger, a word, too many: %s" % at)
    same(code(admin.post("/groups", {"title": "Ввод", "members": [5]})[1]), "invalid", "nor is a group made with a hub")
    seen = group(admin, inputs)
    same(admin.patch("/groups/%d" % inputs, {"revision": seen["revision"], "members": [2, 3, 4]})[0], 200, "its meters are written as a whole")
    status, answer = admin.patch("/groups/%d" % inputs, {"revision": seen["revision"], "members": []})
    same((status, code(answer), group(admin, inputs)["members"]), (409, "changed", [2, 3, 4]), "the second editor is told, and nothing is lost")
    return all_, inputs


def resolving(admin, all_, inputs):
    """Lists, polls, orders and deliveries mean the same meters."""
    same([d["id"] for d in admin.read("/devices?group=%D0%92%D0%B2%D0%BE%D0%B4%D1%8B")["items"]], [2, 3, 4], "a list of the group")
    same([d["id"] for d in admin.read("/readings/devices?resource=electricity&group=%D0%92%D0%B2%D0%BE%D0%B4%D1%8B")["items"]], [2, 3, 4], "the pages of readings")
    template = made(admin.post("/templates", {"title": "Сутки", "work": {"measurements": [{"archive": "day", "depth_days": 1}]}}))
    poll = made(admin.post("/tasks", {"title": "Опрос", "groups": [inputs, all_], "template": template}))
    run = admin.post("/tasks/%d/run" % poll)[1]
    same(run["total"], 5, "a poll of groups that overlap asks everybody once")
    order = admin.post("/runs", {"groups": [inputs, all_], "devices": [2], "work": {"states": True}})
    same((order[0], order[1]["total"]), (202, 5), "an order, too")
    for id in (run["id"], order[1]["id"]):
        admin.ask("DELETE", "/runs/%d" % id)
    send = made(admin.post("/mqtt/templates", {"title": "Отправка", "group": inputs, "wants": [{"kind": "aCons", "depth": "full"}]}))
    night = made(admin.post("/timetables", {"title": "Ночь", "schedule": {"kind": "daily", "start": "2026-01-01T00:00:00", "times": ["01:30"]}}))
    clock = made(admin.post("/occasions", {"title": "Часы", "condition": {"kind": "schedule", "timetable": night}, "actions": [{"kind": "clock", "scope": "group", "group": inputs, "from_s": 7}]}))
    same(code(admin.ask("DELETE", "/groups/%d" % inputs)[1]), "in-use", "a group that others name stays")
    same(admin.post("/occasions/%d/run" % clock)[0] in (200, 202), True, "an event sets clocks of the group, however it is called")
    deed = until(lambda: [h for h in admin.read("/happenings")["items"] if h["deeds"]], "the event happens")[0]["deeds"][0]
    same(admin.read("/runs/%d" % deed["run"])["total"], 3, "of exactly its meters")
    admin.ask("DELETE", "/runs/%d" % deed["run"])
    return "/tasks/%d" % poll, "/mqtt/templates/%d" % send, "/occasions/%d" % clock


def changing(admin, inputs, users):
    """The firmware of S0 wipes poll templates when a group is written; here they stay."""
    now = group(admin, inputs)
    same(admin.patch("/groups/%d" % inputs, {"revision": now["revision"], "title": "Вводные", "members": [3]})[0], 200, "a group gets another name and other meters")
    same((inputs in admin.read(users[0])["groups"], admin.read("/mqtt/templates")["items"][0]["group_title"]), (True, "Вводные"), "who names it still does")
    rest = [g for g in admin.read("/groups")["items"] if g["default"]][0]
    same(admin.patch("/groups/%d" % rest["id"], {"revision": rest["revision"], "members": [1, 2]})[0], 200, "the group of new meters is written as others are")
    same((admin.read("/devices/3")["group"], group(admin, inputs)["members"]), ("", [3]), "who leaves his own group has none, and stays where he stands beside")


def leaving(admin, place, all_, inputs, users):
    """Nothing is left behind."""
    rows = [r for r in admin.read("/table")["rows"] if r["id"] != 1]
    same(admin.ask("PUT", "/table", {"revision": 0, "rows": [{"id": r["id"]} for r in rows]})[0], 200, "a meter leaves the table")
    same(group(admin, all_)["members"], [2, 3, 4, 6], "and is no choice for a group")
    now = group(admin, all_)
    same(admin.patch("/groups/%d" % all_, {"revision": now["revision"], "members": [4, 6]})[0], 200, "the group is written meanwhile")
    back = {"driver": "spodes", "address": "17", "password": "1", "interface": rows[0]["interface"]}
    same(admin.ask("PUT", "/table", {"revision": 0, "rows": [{"id": r["id"]} for r in rows] + [back]})[0], 200, "the meter comes back")
    same(group(admin, all_)["members"], [1, 4, 6], "into its groups")
    same(admin.ask("DELETE", "/devices/4")[0], 200, "a device is deleted")
    same(group(admin, all_)["members"], [1, 6], "and is in none")
    for path in users:
        same((code(admin.ask("DELETE", "/groups/%d" % inputs)[1]), admin.ask("DELETE", path)[0]), ("in-use", 200), "the group stays as long as there is %s" % path)
    same([admin.ask("DELETE", "/groups/%d" % id)[0] for id in (inputs, all_)], [200, 200], "then it goes, whoever is in it")
    same(admin.get("/groups/%d" % all_)[0], 404, "gone")
    with sqlite3.connect(place + "/box.db") as db:
        same(db.execute("SELECT count(*) FROM group_member").fetchone(), (0,), "and no row is left")


def as_file(admin, place):
    """Settings of a box that is replaced: groups with their meters, by their numbers in the table."""
    made(admin.post("/groups", {"title": "Подъезд", "members": [2, 6]}))
    file = admin.post("/settings/file", {})[1]
    saved = [g for g in file["sections"]["groups"] if g["title"] == "Подъезд"][0]
    same(saved["members"], [2, 6], "the file names the meters of a group")
    new = HeadEnd(place + "/new.db", "--board", "sim", face="gateway")
    table(new.admin)
    status, answer = new.admin.post("/settings/file/load", {"file": file})
    same((status, answer["loaded"], answer["mistakes"]), (200, True, []), "another box takes them")
    there = [g for g in new.admin.read("/groups?members=true")["items"] if g["title"] == "Подъезд"][0]
    same(there["members"], [2, 6], "with their meters")
    same(new.admin.patch("/groups/%d" % there["id"], {"revision": there["revision"], "members": [1]})[0], 200, "they change")
    saved["members"] = [2, 5, 77, 6]
    answer = new.admin.post("/settings/file/load", {"file": file, "parts": ["groups"]})[1]
    same((answer["loaded"], [r["field"] for r in answer["refused"]], "5 77" in answer["refused"][0]["message"]), (True, ["groups[%d].members" % file["sections"]["groups"].index(saved)], True), "who is not in its table is told")
    same(group(new.admin, there["id"])["members"], [2, 6], "the others are in the group again")
    same(new.close(), 0, "it ends in order")


def head_end(place):
    hes = HeadEnd(place + "/hes.db")
    admin = hes.admin
    id = made(admin.post("/groups", {"title": "Дом"}))
    device = admin.post("/devices", {"serial": "1", "driver": "spodes", "group": "Дом"})[1]["ids"][0]
    now = group(admin, id)
    same((now["devices"], now["members"]), (1, [device]), "a head-end says who is in a group")
    same(fields(admin.patch("/groups/%d" % id, {"revision": now["revision"], "members": []})), (400, ["members"]), "and a device has one, changed at the device")
    same(code(admin.ask("DELETE", "/groups/%d" % id)[1]), "in-use", "a group with devices stays")
    same(hes.close(), 0, "it ends in order")


place = folder()
box = HeadEnd(place + "/box.db", "--board", "sim", face="gateway")
table(box.admin)
everybody, some = choosing(box.admin)
named_by = resolving(box.admin, everybody, some)
changing(box.admin, some, named_by)
leaving(box.admin, place, everybody, some, named_by)
as_file(box.admin, place)
same(box.close(), 0, "the box ends in order")
head_end(place)
done()
