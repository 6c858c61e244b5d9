#!/usr/bin/env python3
"""A gateway read by the protocol SMART (JSON over HTTP): sessions, data of every type against what the API shows, times with offsets,
the table of meters, and what is refused."""
import csv
import datetime
import http.client
import io
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from decimal import Decimal
from api_client import PASSWORD, HeadEnd
from running import World, collect, done, folder, import_meters, ok, same, wall

SPODES, MERCURY, ZONE = 10000001, 41000001, 180
TAGS = [c + str(t) for c in ("A+", "A-", "R+", "R-") for t in range(5)]


class Smart:
    """A program of the protocol: JSON without a type, the cookie `sessionid`."""

    def __init__(self, port):
        self.port, self.cookie = port, None

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Cookie": self.cookie} if self.cookie else {}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        data, set_cookie = answer.read(), answer.getheader("Set-Cookie")
        connection.close()
        if set_cookie:
            self.cookie = set_cookie.split(";")[0]
        try:
            return answer.status, json.loads(data, parse_float=Decimal)
        except ValueError:
            return answer.status, data

    def data(self, **asked):
        return self.ask("POST", "/meter/data", asked)


def fill(place):
    world = World("--exact", "--tcp", "127.72.0.1:0", "--family", "spodes", "--count", 1, "--serial", SPODES, "--options", "phases=3",
                  "--tcp", "127.72.1.1:0", "--family", "mercury230", "--count", 1, "--serial", MERCURY)
    spodes, mercury = world.ports()
    database = os.path.join(place, "gateway.db")
    depths = "current=1,network=1,day=10,month=100,profile=2,journal=90"
    import_meters(database, [(SPODES, "A", "spodes", "tcp://127.72.0.1:%d" % spodes, "transport=wrapper;password=111111", "House", depths),
                             (MERCURY, "B", "mercury230", "tcp://127.72.1.1:%d" % mercury, "address=0", "House", depths)])
    same(collect(database).code, 0, "the world is collected")
    world.close()
    return database


def shown(gateway, device, archive):
    """{wall: {obis: value}} as the API shows it, without what the meter has not."""
    _, data = gateway.admin.raw("GET", "/api/v1/devices/%d/readings.csv?archive=%s&from=2000-01-01&to=2100-01-01" % (device, archive))
    found = {}
    for r in csv.DictReader(io.StringIO(data.decode("utf-8-sig")), delimiter=";"):
        if not int(r["quality"]) & 1:
            found.setdefault(wall(r["time"].replace(" ", "T")), {})[r["obis"]] = Decimal(r["value"])
    return found


def stamp(seconds, hours=3):
    """Unix time as the protocol writes it, some hours east of UTC."""
    zone = datetime.timezone(datetime.timedelta(hours=hours))
    return datetime.datetime.fromtimestamp(seconds, zone).isoformat()


def told(answer):
    """{(measure, meterId): {ts: {tag: val}}}"""
    found = {}
    for m in answer["measures"]:
        for d in m["devices"]:
            rows = {v["ts"]: {t["tag"]: t["val"] for t in v["tags"]} for v in d["vals"]}
            assert len(rows) == len(d["vals"]), "a stamp is told once"
            found[m["measure"], d["meterId"]] = rows
    return found


def utc(moment):
    return moment - ZONE * 60


def registers(row):
    names = {"1.0.%d.8.%d.255" % (c + 1, t): n + str(t) for c, n in enumerate(("A+", "A-", "R+", "R-")) for t in range(5)}
    return {names[o]: v for o, v in row.items() if o in names}


def power(row):
    return {n: v * 2 for n, v in (("P+", row.get("1.0.1.29.0.255")), ("P-", row.get("1.0.2.29.0.255")), ("Q+", row.get("1.0.3.29.0.255")),
                                  ("Q-", row.get("1.0.4.29.0.255"))) if v is not None}


ALL_TIME = [{"start": "2000-01-01T00:00:00+03:00", "end": "2099-12-31T23:59:59+03:00"}]


def check_registers(gateway, smart, ids):
    for measure, archive in (("aDay", "day"), ("aMonth", "month"), ("ElDayEnergy", "day")):
        status, answer = smart.data(ids=ids, measures=[measure], tags=TAGS, time=ALL_TIME)
        want = {(measure, i): {utc(w): registers(r) for w, r in shown(gateway, i, archive).items()} for i in ids}
        same((status, answer["res"]), (200, 0), measure + " is answered")
        ok(all(want.values()) and told(answer) == want, "%s: every register of every moment" % measure, (str(told(answer))[:300], str(want)[:300]))
    store = shown(gateway, ids[0], "day")
    days = sorted(store)
    time = [{"start": stamp(utc(days[1]), 5), "end": stamp(utc(days[3]), -2)}, {"start": stamp(utc(days[5]))[:19] + "+03:00", "end": stamp(utc(days[5]))}]
    answer = smart.data(ids=[ids[0]], measures=["aDay"], tags=["A+0", "A+1"], time=time)[1]
    rows = told(answer)["aDay", ids[0]]
    same(rows, {utc(d): {"A+%d" % t: store[d]["1.0.1.8.%d.255" % t] for t in (0, 1)} for d in (days[1], days[2], days[3], days[5])},
         "two stretches of time, ends within, two tags")
    newest = told(smart.data(ids=[], measures=["aDay", "mEng"], tags=["A+0"], time=ALL_TIME, flags=["lastTime"])[1])
    same(newest["aDay", ids[0]], {utc(days[-1]): {"A+0": store[days[-1]]["1.0.1.8.0.255"]}}, "lastTime: the newest only")
    same(sorted(newest), sorted((m, i) for m in ("aDay", "mEng") for i in ids), "no ids: every meter")
    ok(all(len(rows) == 1 for rows in newest.values()), "of each meter one moment", newest)


def check_profile(gateway, smart, ids):
    answer = smart.data(ids=ids, measures=["aCons"], tags=["P+", "P-", "Q+", "Q-"], time=ALL_TIME)[1]
    want = {("aCons", i): {utc(w) + 1800: power(r) for w, r in shown(gateway, i, "profile").items()} for i in ids}
    ok(all(len(w) > 50 for w in want.values()) and told(answer) == want, "aCons: mean powers in W, stamped by the interval's end")
    newest = max(want["aCons", ids[0]])
    row = told(smart.data(ids=[ids[0]], measures=["aCons"], tags=[], time=[{"start": stamp(newest), "end": stamp(newest)}])[1])["aCons", ids[0]]
    same((list(row), row[newest]["cTime"], row[newest]["isPart"], row[newest]["isOvfl"]), ([newest], 30, False, False), "all tags: with what the interval is")


def check_network(gateway, smart, ids):
    got = told(smart.data(ids=ids, measures=["mQual"], tags=["UA", "IB", "PC", "Freq"])[1])
    for i in ids:
        network = shown(gateway, i, "network")
        moment = max(network)
        codes = {"UA": 32, "IB": 51, "PC": 61, "Freq": 14}
        same(got["mQual", i], {utc(moment): {n: network[moment]["1.0.%d.7.0.255" % c] for n, c in codes.items()}}, "mQual of %d" % i)


def check_rest(gateway, smart, ids):
    configuration = told(smart.data(ids=ids, measures=["aCfg"], tags=["serial", "arrInt"])[1])
    same([list(configuration["aCfg", i].values()) for i in ids], [[{"serial": str(s), "arrInt": 30}] for s in (SPODES, MERCURY)], "aCfg: serial numbers, profile of 30 minutes")
    plain = {(1, 0): 0, (1, 1): 1, (102, 1): 0, (102, 2): 1, (102, 29): 0}
    journal = told(smart.data(ids=ids, measures=["jrnlPwr"], tags=[], time=ALL_TIME)[1])
    for i in ids:
        items = gateway.admin.read("/devices/%d/events?from=2000-01-01&to=2100-01-01&size=1000" % i)["items"]
        want = {utc(wall(e["time"].replace(" ", "T"))): {"event": plain[e["journal"], e["code"]]} for e in items if (e["journal"], e["code"]) in plain}
        ok(want and journal["jrnlPwr", i] == want, "jrnlPwr of %d: %d events, whatever the meter's journal is called" % (i, len(want)), (journal["jrnlPwr", i], want))
    last = told(smart.data(ids=[ids[0]], measures=["jrnlPwr"], tags=[])[1])["jrnlPwr", ids[0]]
    same(list(last), [max(journal["jrnlPwr", ids[0]])], "without a time: the newest")
    gateway.admin.ask("PUT", "/servers/rtu327/meters/%d" % ids[1], {"object_type": 1, "object": 2, "feeder": 3})
    meters = smart.ask("GET", "/settings/meter/table")[1]["Meters"]
    same([(m["id"], m["pId"], m["typeName"], m["passRd"], m["passWr"], m["rtuObjType"], m["rtuObjNum"], m["rtuFider"]) for m in meters],
         [(ids[0], 0, "spodes", "", "", 0, 0, 0), (ids[1], 0, "mercury230", "", "", 1, 2, 3)], "the table of meters, without its passwords")
    same([m["ifaceCfg"] for m in meters], ["", ""], "behind TCP there is no port to set")
    link = gateway.admin.read("/devices/%d" % ids[1])["lines"][0]["link"]
    link = gateway.admin.read("/links/%d" % link) if not isinstance(link, dict) else link
    status, changed = gateway.admin.ask("PATCH", "/links/%d" % link["id"], {"revision": link["revision"], "uri": "serial:/dev/ttyS7?9600,8N1"})
    same(status, 200, "the channel becomes a serial port", changed)
    same(smart.ask("GET", "/settings/meter/table")[1]["Meters"][1]["ifaceCfg"], "9600,8n1", "has its speed and format")
    answer = smart.data(ids=[ids[1]], measures=["aDay"], tags=["A+0"])[1]
    device = answer["measures"][0]["devices"][0]
    same((sorted(answer), sorted(device), device["id"], device["serial"]),
         (["measures", "res"], ["deviceIdx", "id", "meterId", "serial", "vals"], 1, str(MERCURY)), "fields as the protocol has them")


def check_refusals(gateway, smart, ids):
    def field(**asked):
        status, answer = smart.data(**asked)
        return status, answer["error"]["fields"][0]["field"] if status == 400 else None
    day = {"start": "2026-01-01T00:00:00+03:00", "end": "2026-02-01T00:00:00+03:00"}
    same(field(ids=ids, measures=["aDay", "aNothing"]), (400, "measures[1]"), "an unknown type is told at its place")
    same(field(ids=ids, measures=["aDay"], time=[day, dict(day, end="yesterday")]), (400, "time[1].end"), "so is a time that is none")
    same(field(ids=ids, measures=["aDay"], time=[dict(day, start="2026-01-01T00:00:00")]), (400, "time[0].start"), "and one without its zone")
    same(field(ids=ids, measures=["aDay"], flags=["fast"]), (400, "flags[0]"), "and a flag that there is not")
    same(field(ids=["x"], measures=["aDay"])[0], 400, "ids are numbers")
    same(field(ids=ids)[0], 400, "types are wanted")
    same(field(ids=ids + [999], measures=["aDay"]), (404, None), "a meter that is not there")
    same(smart.ask("POST", "/meter/data", "nonsense")[0], 400, "a body that is no object")
    same(smart.ask("GET", "/api/v1/devices")[0], 401, "its cookie opens nothing else")
    same(smart.ask("PUT", "/meter/data")[0], 405, "nothing is changed here")


def main():
    gateway = HeadEnd(fill(folder()), face="gateway")
    ids = []
    for d in sorted(gateway.admin.read("/devices?size=10")["items"], key=lambda d: d["id"]):
        gateway.admin.ask("PATCH", "/devices/%d" % d["id"], {"revision": d["revision"], "zone_minutes": ZONE})
        ids.append(d["id"])
    smart = Smart(gateway.port)
    same(smart.data(ids=[], measures=["aDay"])[0], 401, "nobody gets nothing")
    same(smart.ask("POST", "/auth", {"login": "admin", "password": "wrong-1"})[0], 401, "a wrong password")
    same(smart.ask("POST", "/auth", {"login": "admin", "password": PASSWORD}), (200, {"res": 0}), "the right one")
    ok(smart.cookie.startswith("sessionid="), "gives the cookie sessionid")
    check_registers(gateway, smart, ids)
    check_profile(gateway, smart, ids)
    check_network(gateway, smart, ids)
    check_rest(gateway, smart, ids)
    check_refusals(gateway, smart, ids)
    former = smart.cookie
    same(smart.ask("POST", "/logoff"), (200, {"res": 0}), "signing out")
    smart.cookie = former
    same(smart.data(ids=[], measures=["aDay"])[0], 401, "ends the session")
    same(gateway.close(), 0, "the gateway ends in order")


main()
done()
