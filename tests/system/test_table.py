#!/usr/bin/python3
"""The table of meters of a gateway (manuals S0 4.3.1, S4 14-19): written whole or not at all, imported from the text list of
УТМЦ and from its own file, meters behind a hub; rewriting never costs an archive."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from api_client import HeadEnd
from running import done, folder, ok, same

KEEP = ("id", "parent", "driver", "address", "serial", "password", "interface", "baud", "bits", "parity", "stop", "clock", "enabled", "comment")


def table(admin):
    return admin.read("/table")


def brief(rows, *names):
    return [tuple(r[n] for n in names) for r in rows]


def cells(answer):
    """Which rows and cells an answer complains of."""
    status, body = answer
    return status, sorted((m["row"], m["cell"]) for m in body.get("first", []))


SHOWN = ("contact", "contact_text", "contact_since", "asked", "added")


def write(admin, rows, revision=None):
    rows = [{k: v for k, v in r.items() if k not in SHOWN} for r in rows]
    return admin.ask("PUT", "/table", {"revision": table(admin)["revision"] if revision is None else revision, "rows": rows})


def import_list(admin, text, **query):
    words = "&".join("%s=%s" % (k, v) for k, v in query.items())
    status, data = admin.raw("POST", "/api/v1/table/import.txt?" + words, text if isinstance(text, bytes) else text.encode(), {"Content-Type": "text/csv"})
    return status, json.loads(data)


def first_table(admin):
    links = [admin.ask("POST", "/links", {"kind": "serial", "device": "/dev/ttyNone%d" % i, "title": "Интерфейс %d" % i})[1]["id"] for i in (1, 2)]
    empty = table(admin)
    same((empty["rows"], empty["next"], [k["title"] for k in empty["interfaces"]]), ([], 1, ["Интерфейс 1", "Интерфейс 2"]), "a table begins empty, with its interfaces")
    rows = [
        {"driver": "spodes", "model": "CE207", "address": "3173", "password": "hex:3030303030303030", "password2": "hex:30303030303030303030303030303030", "interface": links[0], "comment": "кв. 1"},
        {"id": 7, "driver": "mercury230", "address": "26", "password": "111111", "interface": links[1], "baud": 2400, "bits": 8, "parity": "E", "stop": 1, "clock": 3},
        {"driver": "hub", "address": "127.0.0.1:4001"},
        {"driver": "mbus", "address": "12345678", "parent": 20, "enabled": False},
        {"id": 20, "driver": "hub", "address": "192.168.205.17:2222"},
    ]
    status, after = write(admin, rows)
    same(status, 200, "five rows are written at once")
    same(brief(after["rows"], "id", "driver", "address", "parent", "interface"),
         [(7, "mercury230", "26", 0, links[1]), (20, "hub", "192.168.205.17:2222", 0, 0), (21, "spodes", "3173", 0, links[0]), (22, "hub", "127.0.0.1:4001", 0, 0), (23, "mbus", "12345678", 20, 0)],
         "chosen numbers are kept, others come behind")
    spodes = next(r for r in after["rows"] if r["id"] == 21)
    same((spodes["password"], spodes["password2"], spodes["comment"]), ("***", "***", "кв. 1"), "passwords are not shown")
    mercury = after["rows"][0]
    same(tuple(mercury[k] for k in ("baud", "bits", "parity", "stop", "clock")), (2400, 8, "E", 1, 3), "speed, format and clock are the meter's own")
    child = admin.read("/devices/23")
    hub = admin.read("/devices/20")
    same((child["lines"][0]["link"], child["lines"][0]["link_uri"]), (hub["lines"][0]["link"], "tcp://192.168.205.17:2222"), "a child is asked over its hub's port")
    same(child["lines"][0]["parameters"], {"serial": "12345678"}, "a number too long for an address is the secondary one")
    same(hub["depths"]["day"], 0, "a hub owes nothing")
    return links


def wrong_tables(admin, links):
    before = table(admin)
    rows = before["rows"]
    wrong = [dict(r) for r in rows]
    wrong[0]["address"] = "999"
    wrong[1]["address"] = "nowhere"
    wrong[2]["baud"] = 1234
    wrong[4]["parent"] = 7
    wrong += [{"driver": "mercury230", "address": "5", "interface": 99999}, {"driver": "nothing", "address": "1", "interface": links[0]}, {"id": 3, "driver": "spodes", "address": "17", "interface": links[0], "password": "1"},
              {"driver": "mercury200", "address": "123456", "interface": links[0], "password": "x"}, {"driver": "spodes", "interface": links[0], "password": "1"},
              {"driver": "mercury230", "address": "40", "interface": links[0], "bits": 8}, {"driver": "mercury230", "address": "41", "interface": links[0], "serial": "77"},
              {"driver": "mercury230", "address": "41", "interface": links[0], "serial": "0077"}, {"driver": "mercury230", "address": "43"}, {"id": 7, "driver": "spodes", "address": "18", "interface": links[0], "password": "1"}]
    answer = write(admin, wrong)
    same(cells(answer), (400, sorted([(0, "address"), (1, "address"), (2, "baud"), (4, "parent"), (5, "interface"), (6, "driver"), (7, "id"), (8, "password"), (9, "address"), (10, "bits"),
                                      (12, "serial"), (12, "address"), (13, "interface"), (14, "id"), (14, "id")])), "every wrong cell of every row is named")
    same(answer[1]["mistakes"], 15, "and counted")
    ok(any(f["field"] == "rows[0].address" for f in answer[1]["error"]["fields"]), "the first of them as fields, too")
    same(table(admin), before, "a wrong table changes nothing")


def archives_stay(admin, links):
    before = table(admin)
    kept = [r for r in before["rows"] if r["id"] != 7]
    status, after = write(admin, kept)
    same((status, [r["id"] for r in after["rows"]]), (200, [20, 21, 22, 23]), "a row that is left out leaves the table")
    gone = admin.read("/devices/7")
    same((gone["status"], gone["enabled"], gone["lines"][0]["address"]), ("retired", False, "26"), "its device is taken out of use, nothing of it is deleted")
    same(cells(write(admin, kept + [{"id": 7, "driver": "spodes", "address": "99", "interface": links[0], "password": "1"}])), (400, [(4, "id")]), "another meter does not get its number")
    status, after = write(admin, kept + [{"driver": "mercury230", "address": "26", "interface": links[1]}])
    same((status, brief(after["rows"], "id", "enabled", "password")[0]), (200, (7, True, "***")), "the same meter on the same line comes back with its number")
    status, after = write(admin, [])
    same((status, after["rows"]), (200, []), "the table can be cleared")
    status, after = write(admin, [{"id": r["id"], "driver": r["driver"], "address": r["address"], "parent": r["parent"], "interface": r["interface"]} for r in before["rows"]])
    same((status, brief(after["rows"], "id", "parent", "address", "password")), (200, brief(before["rows"], "id", "parent", "address", "password")), "and filled again with the same meters")


def two_editors(admin):
    seen = table(admin)
    admin.ask("PATCH", "/devices/7", {"revision": admin.read("/devices/7")["revision"], "note": "другой"})
    rows = [{"id": r["id"]} for r in seen["rows"]]
    same(write(admin, rows, seen["revision"])[0], 200, "what another changed and I did not stays")
    same(admin.read("/devices/7")["note"], "другой", "as he wrote it")
    mine = [dict(r, comment="мой") if r["id"] == 7 else r for r in rows]
    status, body = write(admin, mine, seen["revision"])
    same((status, body["error"]["code"]), (409, "changed"), "what both changed is asked about")
    status, after = write(admin, mine, 0)
    same((status, after["rows"][0]["comment"]), (200, "мой"), "and written over when he says so")
    seen = table(admin)
    made = admin.ask("POST", "/devices", {"serial": "424242", "driver": "mbus"})[1]["ids"][0]
    same(write(admin, [{"id": r["id"]} for r in seen["rows"]], seen["revision"])[0], 409, "a meter that came meanwhile is not thrown out unseen")
    same(write(admin, [{"id": r["id"]} for r in seen["rows"]], table(admin)["revision"])[0], 200, "it is when it was seen")
    same(admin.read("/devices/%d" % made)["status"], "retired", "out of use")


LIST = """1;ЕМ Меркурий 230;30000001;1;ИНК;31;9600;rem
2;ЕМ Меркурий 234;30000002;1;ИНК;32;9600;МТ
257;Энергомера СЕ207 (протокол СПОДЭС);30000003;1;ENM;3003;0;C
258;Valtec VHM-T;30000004;0;VLT;30000004;2400;
"""


def text_list(admin, links):
    before = table(admin)
    status, tried = import_list(admin, LIST, dry_run="true")
    same((status, tried["added"], tried["changed"], tried["removed"]), (200, 4, 0, 0), "a list is tried")
    same(brief(tried["rows"], "driver", "model", "address", "interface", "baud", "clock", "comment"),
         [("mercury230", "Меркурий 230", "31", links[0], 9600, 0, "rem"), ("mercury230", "Меркурий 234", "32", links[0], 9600, 2, ""),
          ("spodes", "CE207", "3003", links[1], 0, 0, "cold water"), ("mbus", "Valtec VHM-T", "30000004", links[1], 2400, 0, "")],
         "models, addresses, speeds, notes; the number's channel")
    same(table(admin), before, "trying changes nothing")
    status, tried = import_list(admin, LIST + "5;ЕМ Неведомый;1;1;X;17;9600;\n6;EKF SKAT;2;1;X;18;9600;\n", dry_run="true")
    same((status, tried["mistakes"], [(m["row"], m["cell"]) for m in tried["first"]], brief(tried["rows"][4:], "driver", "model", "address")),
         (200, 2, [(4, "driver"), (5, "password")], [("", "ЕМ Неведомый", "17"), ("spodes", "SKAT", "18")]), "trying tells mistakes beside the rows, to be mended")
    status, body = import_list(admin, LIST + "5;ЕМ Неведомый;1;1;X;1;9600;\n6;ЕМ Меркурий 230;2;1;X;400;9600;\nx;ЕМ Меркурий 230\n")
    same(cells((status, body)), (400, [(4, "driver"), (5, "address"), (6, "address"), (6, "id"), (6, "id")]), "wrong lines are named")
    same(cells(import_list(admin, "")), (415, []), "no text")
    same(cells(import_list(admin, "\n\n")), (400, [(0, "id")]), "nothing in it")
    same(table(admin), before, "a wrong list changes nothing")
    status, taken = import_list(admin, LIST.encode("cp1251"))
    same((status, taken["added"]), (200, 4), "Windows-1251 is understood")
    ids = {r["serial"]: r["id"] for r in table(admin)["rows"]}
    status, again = import_list(admin, LIST, interface=links[0])
    same((status, again["added"], again["changed"]), (200, 0, 2), "the same meters again are the same devices; two are over another line now")
    same({r["serial"]: r["id"] for r in table(admin)["rows"]}, ids, "with their numbers")
    same(admin.read("/devices/%d" % ids["30000002"])["lines"][0]["parameters"].get("model"), "234", "the driver is told the model")


def files(admin, links):
    status, data = admin.raw("GET", "/api/v1/table/export.json")
    file = json.loads(data)
    same((status, file["format"], file["version"]), (200, "svod-meter-table", 1), "the table as a file")
    ok(any(r["password"] == "111111" for r in file["rows"]), "with passwords for who may write them")
    status, taken = admin.ask("POST", "/table/import.json?replace=true", file)
    same((status, taken["added"], taken["changed"], taken["removed"]), (200, 0, 0, 0), "coming back it changes nothing")
    rows = brief(table(admin)["rows"], *KEEP)
    write(admin, [])
    status, taken = admin.ask("POST", "/table/import.json", file)
    same((status, taken["restored"], brief(table(admin)["rows"], *KEEP)), (200, len(file["rows"]), rows), "into a cleared table it brings all meters back, numbers and archives")
    other = dict(file, rows=[dict(r, interface_title="Интерфейс 9") if r["interface_title"] else r for r in file["rows"]])
    status, body = admin.ask("POST", "/table/import.json", other)
    same((status, {m["cell"] for m in body["first"]}), (400, {"interface"}), "channels that are not there are named")
    same(admin.ask("POST", "/table/import.json", dict(file, format="x"))[0], 400, "another file is none")
    return file


def another_box(place, file):
    box = HeadEnd(place + "/other.db", face="gateway")
    for i in (1, 2):
        box.admin.ask("POST", "/links", {"kind": "serial", "device": "/dev/ttyOther%d" % i, "title": "Интерфейс %d" % i})
    status, taken = box.admin.ask("POST", "/table/import.json", file)
    same((status, taken["added"]), (200, len(file["rows"])), "another box takes the file")
    same(brief(table(box.admin)["rows"], "id", "parent", "driver", "address"), brief(sorted(file["rows"], key=lambda r: r["id"]), "id", "parent", "driver", "address"), "under the same numbers")
    reduced = [{"id": r["id"]} for r in table(box.admin)["rows"]] + [{"driver": "mercury230", "like": 7, "password": "***", "address": "27", "interface_title": "Интерфейс 1"}]
    status, after = write(box.admin, reduced)
    same((status, after["rows"][-1]["password"]), (200, "***"), "a copied row has its original's password")
    status, file = box.admin.ask("GET", "/table/export.json")
    same([r["password"] for r in file["rows"] if r["address"] == "27"], ["111111"], "the very same")
    same(box.close(), 0, "the other box ends in order")


def many(admin, links):
    base = [{"id": r["id"]} for r in table(admin)["rows"]]
    run = [{"driver": "spodes", "address": str(16 + i), "password": "1", "interface": links[1]} for i in range(9900)]
    status, after = write(admin, base + run)
    same((status, len(after["rows"])), (200, len(base) + 9900), "ten thousand rows are one table")
    status, body = write(admin, [{"driver": "spodes", "address": "x%d" % i, "interface": links[0]} for i in range(10000)])
    same((status, body["mistakes"], len(body["first"])), (400, 10000, 1000), "ten thousand mistakes are counted, a thousand told")
    same(write(admin, base)[0], 200, "and out they go")


def templates(admin):
    group = admin.ask("POST", "/groups", {"title": "МКД"})[1]["id"]
    day, hour = {"measurements": [{"archive": "day", "depth_days": 7}]}, {"measurements": [{"archive": "profile", "depth_days": 2}], "events": {"depth_days": 3, "journals": [2]}}
    status, made = admin.ask("POST", "/templates", {"title": "Сутки", "work": day})
    same(status, 201, "a data template: kinds of data with their depths")
    same(admin.ask("POST", "/templates", {"title": "Сутки", "work": day})[0], 409, "its name is its own")
    status, body = admin.ask("POST", "/templates", {"title": "x", "work": {"commands": [{"kind": "clock-set"}]}})
    same((status, body["error"]["fields"][0]["field"]), (400, "work.commands"), "it only reads")
    status, poll = admin.ask("POST", "/tasks", {"title": "МКД, сутки", "groups": [group], "template": made["id"]})
    same(status, 201, "group and data template make a poll template: a task without a schedule")
    admin.ask("POST", "/tasks", {"title": "своя", "groups": [group], "work": day})
    rows = admin.read("/tasks?templated=true")["items"]
    same([(t["id"], t["template"], t["groups"], t["scheduled"]) for t in rows], [(poll["id"], made["id"], [group], False)], "poll templates are listed")
    same(admin.read("/tasks/%d" % poll["id"])["work"]["measurements"][0]["depth_days"], 7, "it wants what the data template says")
    template = admin.read("/templates")["items"][0]
    same((template["title"], template["tasks"]), ("Сутки", 1), "which knows how many use it")
    same(admin.ask("PATCH", "/templates/%d" % made["id"], {"revision": template["revision"], "work": hour})[0], 200, "the data template changes")
    work = admin.read("/tasks/%d" % poll["id"])["work"]
    same((work["measurements"][0]["archive"], work["events"]["journals"]), ("profile", [2]), "and with it the poll template, which is not erased")
    same(admin.ask("PATCH", "/templates/%d" % made["id"], {"revision": template["revision"], "note": "x"})[0], 409, "the second editor is told")
    same(admin.ask("DELETE", "/templates/%d" % made["id"])[0], 409, "one in use stays")
    for body, at in (({"template": 999}, "template"), ({}, "work"), ({"template": made["id"], "work": day}, "work")):
        status, answer = admin.ask("POST", "/tasks", dict(body, title="x", groups=[group]))
        same((status, answer["error"]["fields"][0]["field"]), (400, at), "a task with %s is wrong" % sorted(body))
    task = admin.read("/tasks/%d" % poll["id"])
    same(admin.ask("PATCH", "/tasks/%d" % poll["id"], {"revision": task["revision"], "work": day})[0], 200, "a task given a work of its own")
    same((admin.read("/tasks/%d" % poll["id"])["template"], admin.ask("DELETE", "/templates/%d" % made["id"])[0]), (0, 200), "leaves the template, which may go now")


place = folder()
box = HeadEnd(place + "/box.db", face="gateway")
links = first_table(box.admin)
wrong_tables(box.admin, links)
archives_stay(box.admin, links)
two_editors(box.admin)
text_list(box.admin, links)
another_box(place, files(box.admin, links))
many(box.admin, links)
templates(box.admin)
same(box.close(), 0, "the box ends in order")
done()
