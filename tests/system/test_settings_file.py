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
    button(admin, board)
    from_above(admin, server)
    log = json.dumps([admin.read("/log/%s?size=100" % which) for which in ("general", "security")], ensure_ascii=False)
    ok("word-of-broker" not in log and PASSWORD not in log and "сейф" not in log, "no secret in the log")
    same(gateway.close(), 0, "the gateway ends in order")
    server.stop()
    done()


main()
