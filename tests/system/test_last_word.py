#!/usr/bin/env python3
"""The last message on loss of power: the simulated board loses its mains in the midst of a collection; a real mosquitto and a mail server
hear of it, what was collected is on the disk before, and they hear when power is back."""
import json
import os
import signal
import socket
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from api_client import HeadEnd, until
from mail_server import MailServer
from running import World, done, folder, import_meters, ok, readings, same, stop

METERS = 6


class Broker:
    def __init__(self, place):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        with open(place + "/mosquitto.conf", "w") as f:
            f.write("listener %d 127.0.0.1\nuser root\nallow_anonymous true\n" % self.port)
        program = next(p for p in ("/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto", "mosquitto") if os.path.exists(p) or p == "mosquitto")
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.heard = place + "/heard"
        self.processes = [subprocess.Popen([program, "-c", place + "/mosquitto.conf"], **quiet)]
        until(lambda: socket.socket().connect_ex(("127.0.0.1", self.port)) == 0, "mosquitto listens")
        self.processes.append(subprocess.Popen(["mosquitto_sub", "-h", "127.0.0.1", "-p", str(self.port), "-t", "#", "-F", "%t %r %p"], stdout=open(self.heard, "wb"), stderr=subprocess.DEVNULL))

    def words(self):
        with open(self.heard, encoding="utf-8") as f:
            rows = [line.rstrip("\n").split(" ", 2) for line in f if line.endswith("\n")]
        return [(retained, json.loads(body)) for topic, retained, body in rows if topic == "town/box1/power"]

    def close(self):
        for p in self.processes:
            stop(p)


def board(place, words):
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(place + "/board")
        s.sendall((words + "\n").encode())
        return s.recv(1000).decode().strip()


def settings(admin, broker, mail):
    same(admin.patch("/mail", {"revision": admin.read("/mail")["revision"], "server": "127.0.0.1", "port": mail.port, "sender": "box@example.org", "security": "none"})[0], 200, "the mail server is set")
    device = admin.post("/mqtt/brokers", {"device": "box1", "address": "127.0.0.1", "port": broker.port, "prefix": "town"})[1]["id"]
    until(lambda: admin.read("/mqtt/brokers/%d" % device)["state"] == "connected", "the broker is there")
    now = admin.read("/box/last-word")
    same((now["on"], now["mqtt"], now["delay_s"], now["away"], now["text"]), (True, True, 2, False, ""), "before it is set it tells the brokers")
    for field, value in (("letters", ["nobody"]), ("orders", [77])):
        status, answer = admin.patch("/box/last-word", {"revision": now["revision"], field: value})
        same((status, answer["error"]["fields"][0]["field"]), (400, field), "wrong %s are told at their field" % field)
    same(admin.patch("/box/last-word", {"revision": now["revision"], "delay_s": 600})[0], 400, "as is a delay too long")
    status, now = admin.patch("/box/last-word", {"revision": now["revision"], "delay_s": 0, "letters": ["duty@example.org"]})
    same((status, now["delay_s"], now["letters"]), (200, 0, ["duty@example.org"]), "it is set")
    same(admin.patch("/box/last-word", {"revision": now["revision"] - 1, "on": False})[0], 409, "two who write do not overwrite each other")


def losing(place, box, broker, mail, database):
    admin = box.admin
    admin.post("/collection", {"all": True})
    line = "/lines/%d" % admin.read("/links")["items"][0]["id"]
    until(lambda: len({s["device"] for s in admin.read(line)["past"]}) >= 3, "three meters have been talked to")
    board(place, "mains off")
    retained, word = until(lambda: broker.words()[:1], "the brokers hear of it")[0]
    look = admin.read("/box/last-word")
    box.process.send_signal(signal.SIGKILL)  # the battery is empty
    box.process.wait()
    same((word["event"], word["mains"], retained), ("power-lost", "off", "0"), "that power is lost")
    ok("PWR" in word["errors"] and word["serial"] == "900000000001" and len(word["inputs"]) == 3, "with the flags of errors and what the box is", word)
    ok(look["away"] and json.loads(look["text"]) == word, "the box shows what it said", look)
    stored = [i for i in range(METERS) if readings(database, 41000001 + i, "day").get("day")]
    ok(len(stored) >= 2, "what was collected is on the disk, though it was to be gathered for an hour", stored)


def returning(place, box, broker, mail):
    """The next start, power away: it says so; then power is back."""
    admin = box.admin
    board(place, "mains off")
    until(lambda: len(broker.words()) >= 2, "the brokers hear of it again")
    board(place, "mains on")
    word = until(lambda: [w for _, w in broker.words() if w["event"] == "power-back"], "and of its return")[0]
    ok(word["mains"] == "on" and "PWR" not in word["errors"] and word["lost_ts"] <= word["ts"], "power is back, and since when it was away", word)
    texts = lambda: [letter.get_content() for letter in mail.letters]
    until(lambda: any("power-back" in text for text in texts()), "letters come, too")
    ok(any("power-lost" in text for text in texts()), "with the same text", texts())
    before = len(broker.words())
    same(admin.post("/box/last-word/test")[0], 202, "a try")
    until(lambda: any(w["event"] == "test" for _, w in broker.words()[before:]), "is heard")
    status, now = admin.patch("/box/last-word", {"revision": admin.read("/box/last-word")["revision"], "on": False})
    same(status, 200, "switched off")
    count = len(broker.words())
    board(place, "mains off")
    until(lambda: admin.read("/box/last-word")["away"], "the box knows")
    admin.post("/box/last-word/test")
    until(lambda: len(broker.words()) > count, "a try")
    same([w["event"] for _, w in broker.words()[count:]], ["test"], "switched off it says nothing of itself")


def main():
    place = folder()
    bus, database = place + "/bus", place + "/gateway.db"
    meters = [w for i in range(METERS) for w in ("--meter", "mercury230:%d:%d" % (i + 1, 41000001 + i))]
    world = World("--exact", "--bus", bus, "--line", "9600,8N1", *meters)
    import_meters(database, [(41000001 + i, "Meter %d" % i, "mercury230", "serial:%s?9600,8N1" % bus, "address=%d" % (i + 1), "A", "current,day=30,profile=4") for i in range(METERS)])
    broker, mail = Broker(place), MailServer()
    words = ("--board", "sim:%s/board" % place, "--gather", "3600000", "--every", "0")
    box = HeadEnd(database, *words, face="gateway")
    try:
        settings(box.admin, broker, mail)
        losing(place, box, broker, mail, database)
        box = HeadEnd(database, *words, face="gateway")
        returning(place, box, broker, mail)
        same(box.close(), 0, "it ends in order")
    finally:
        broker.close()
        mail.close()
        world.close()
    done()


main()
