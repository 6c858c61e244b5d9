#!/usr/bin/env python3
"""Requests of the protocol SMART by a broker: off at first; data, readings of the moment and the table of meters as over HTTP; unknown,
broken, long and too many; relays only where they are allowed, in the log, never late; a broker that is restarted."""
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from api_client import HeadEnd, code, until
from surroundings import Broker, Listener
from running import World, done, folder, import_meters, ok, same

SERIAL, WRITER = 10000001, "transport=wrapper;client=48;security=high;password=2222222222222222"
DAYS = {"ids": [], "measures": ["aDay"], "tags": ["A+0"], "time": [{"start": "2020-01-01T00:00:00+03:00", "end": "2100-01-01T00:00:00+03:00"}]}


class Asker:
    """Somebody at the broker who asks and hears the answers."""

    def __init__(self, broker, listener):
        self.broker, self.listener = broker, listener

    def put(self, below, body, *words):
        text = body if isinstance(body, str) else json.dumps(body)
        subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(self.broker.port), "-u", "listener", "-P", "word-listener", "-q", "1", "-t", "town/box1/in" + below,
                        *words, "-s" if text else "-n"], input=text.encode(), check=True)

    def answers(self, below):
        return [json.loads(body) for topic, _, body in self.listener.messages() if topic == "town/box1/out" + below]

    def ask(self, below, body):
        before = len(self.answers(below))
        self.put(below, body)
        return until(lambda: self.answers(below)[before:], "an answer of " + below)[-1]


def connected(admin, row):
    return until(lambda: admin.get("/mqtt/brokers/%d" % row)[1]["state"] == "connected")


def set_requests(admin, row, word):
    revision = admin.get("/mqtt/brokers/%d" % row)[1]["revision"]
    status = admin.patch("/mqtt/brokers/%d" % row, {"revision": revision, "requests": word})[0]
    return status == 200 and connected(admin, row)


def closed(admin, row, asker):
    same(admin.get("/mqtt/brokers/%d" % row)[1]["requests"], "none", "a broker is no door at first")
    asker.put("/meter/data/get", DAYS)
    asker.put("/settings/meter/table/get", "")
    ok(set_requests(admin, row, "read"), "reading is allowed")
    answer = asker.ask("/settings/meter/table/get", "")
    same([m["id"] for m in answer["Meters"]], [1], "the table of meters is answered")
    same((len(asker.answers("/settings/meter/table/get")), asker.answers("/meter/data/get")), (1, []), "what was asked before is not")


def reads(admin, asker):
    over_http = admin.call("POST", "/meter/data", DAYS)[1]
    answer = asker.ask("/meter/data/get", DAYS)
    ok(answer["res"] == 0 and len(answer["measures"][0]["devices"][0]["vals"]) >= 5, "data of days", answer)
    same(json.loads(json.dumps(answer)), over_http, "as over HTTP")
    same(asker.ask("/meter/data/post", DAYS), answer, "post is the same")
    same(asker.ask("/METER/data/GET", DAYS)["error"]["code"], "not-found", "paths are of the letters they are")
    same(asker.ask("", {"uri": "/meter/data", "method": "get", "body": DAYS}), answer, "a request that names its path itself")
    moment = asker.ask("/meter/data/moment/post", {"ids": [1], "measures": ["mEng"], "tags": ["A+0"]})
    same((moment["res"], len(moment["measures"][0]["devices"][0]["vals"])), (0, 1), "readings of the moment ask the meter")


def wrong(asker):
    same(asker.ask("/no/such/get", "")["error"]["code"], "not-found", "an unknown path")
    same(asker.ask("/auth/post", {"login": "admin", "password": "x"})["error"]["code"], "not-found", "nobody signs in by a broker")
    same(asker.ask("/api/v1/devices/get", "")["error"]["code"], "not-found", "nothing but SMART is answered")
    same(asker.ask("/settings/meter/table/delete", "")["error"]["code"], "method-not-allowed", "an unknown method")
    broken = asker.ask("/meter/data/get", '{"ids": [')
    same((broken["error"]["code"], len(broken["error"]["fields"])), ("invalid", 1), "broken JSON is told")
    same(asker.ask("/meter/data/get", {"ids": [], "measures": ["nothing"]})["error"]["fields"][0]["field"], "measures[0]", "what is wrong is told at its field")
    same(asker.ask("", {"method": "get"})["error"]["fields"][0]["field"], "uri", "a request without a path")
    same(asker.ask("", "{")["error"]["code"], "invalid", "and a broken one")
    same(asker.ask("/meter/data/get", '{"ids": [], "measures": ["aDay"], "x": "%s"}' % ("x" * 70000))["error"]["code"], "too-large", "one that is too long")
    same(asker.ask("/meter/settings/relay/put", {"id": 1, "relayId": 1, "relayState": 0})["error"]["code"], "forbidden", "a relay is not for who may read")
    same(asker.ask("/settings/servers/mqtt/get", "")["error"]["code"], "forbidden", "nor are the brokers' settings")


def switches(server, admin, row, asker):
    ok(set_requests(admin, row, "control"), "relays are allowed")
    answer = late = {"error": {"code": "late"}}
    while code(answer) == code(late):  # for some seconds after a connection that goes on
        answer = asker.ask("/meter/settings/relay/put", {"id": 1, "relayId": 1, "relayState": 0})
        time.sleep(1)
    same(answer, {"res": 0}, "the relay obeys")
    log = admin.get("/log/security?size=100")[1]["items"]
    ok(any(r["login"] == "MQTT 127.0.0.1:%d box1" % asker.broker.port for r in log), "who switched stands in the log", [(r["kind"], r["login"]) for r in log])
    ok("smart-request" in server.said(), "and in the program's")


def late(place, server, admin, row, asker):
    """What waited at the broker while the gateway was away: reading is answered, a relay is not switched."""
    same(server.close(), 0, "the gateway ends")
    asker.put("/meter/settings/relay/put", {"id": 1, "relayId": 1, "relayState": 1})
    asker.put("/meter/data/get", DAYS)
    asker.put("/settings/meter/table/get", {}, "-r")
    before, data, tables = (len(asker.answers(b)) for b in ("/meter/settings/relay/put", "/meter/data/get", "/settings/meter/table/get"))
    server = HeadEnd(place + "/svod.db", face="gateway")
    answer = until(lambda: asker.answers("/meter/settings/relay/put")[before:])
    same(answer[0]["error"]["code"], "late", "a command that waited is not carried out")
    same(until(lambda: asker.answers("/meter/data/get")[data:])[0]["res"], 0, "a question that waited is answered")
    asker.broker.stop()
    until(lambda: server.admin.get("/mqtt/brokers/%d" % row)[1]["state"] != "connected")
    asker.broker.start()
    server.admin.post("/mqtt/brokers/%d/retry" % row)
    ok(connected(server.admin, row), "the broker comes back")
    same(asker.ask("/meter/data/get", DAYS)["res"], 0, "it is asked on")
    ok(len(asker.answers("/settings/meter/table/get")) - tables <= 1, "a retained request is not asked again at each connection")
    return server


def too_many(admin, row, asker):
    before = len(asker.answers("/settings/meter/table/get"))
    for _ in range(60):
        asker.put("/settings/meter/table/get", "")
    figures = until(lambda: (f := admin.get("/mqtt/brokers/%d" % row)[1])["refused"] >= 2 and f)
    ok(figures and figures["asked"] >= 10, "who asks too often is refused", figures)
    codes = [code(a) for a in asker.answers("/settings/meter/table/get")[before:]]
    ok(until(lambda: any(code(a) in ("held", "busy") for a in asker.answers("/settings/meter/table/get")[before:])), "and told so", codes)


def main():
    place = folder()
    broker = Broker(place + "/broker")
    listener = Listener(broker, place)
    asker = Asker(broker, listener)
    world = World("--tcp", "127.66.9.1:0", "--family", "spodes", "--count", 1, "--serial", SERIAL, "--options", "signals=2;lock=0")
    import_meters(place + "/svod.db", [(SERIAL, "Meter", "spodes", "tcp://127.66.9.1:%d" % world.ports()[0], WRITER, "House", "current,day=5")])
    server = HeadEnd(place + "/svod.db", face="gateway")
    admin = server.admin
    admin.post("/collection", {"all": True})
    until(lambda: admin.get("/collection")[1]["running"])
    until(lambda: not admin.get("/collection")[1]["running"])
    row = admin.post("/mqtt/brokers", {"device": "box1", "address": "127.0.0.1", "port": broker.port, "prefix": "town", "login": "box", "password": "word-box"})[1]["id"]
    same(admin.post("/mqtt/brokers", {"device": "b", "address": "h", "requests": "all"})[1]["error"]["fields"][0]["field"], "requests", "rights are one of three")
    connected(admin, row)
    closed(admin, row, asker)
    reads(admin, asker)
    wrong(asker)
    switches(server, admin, row, asker)
    server = late(place, server, admin, row, asker)
    too_many(server.admin, row, asker)
    same(server.close(), 0, "and at last")
    world.close()
    listener.close()
    broker.stop()
    done()


main()
