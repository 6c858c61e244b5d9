#!/usr/bin/python3
"""The gateway's pages of readings: every kind over simulated meters, each figure against the documented truth; gaps and why; JSON and
workbooks exact to the last digit."""
import datetime
import http.client
import io
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import openpyxl
import truth
from api_client import PASSWORD, HeadEnd, until
from decimal import Decimal
from running import DAY, HALF_HOUR, World, done, folder, import_meters, month_starts, ok, same, wall, wall_now, wall_text

SPODES, MERCURY, HEAT, WATER, MODULE, PULSES, VZLET = 10000001, 41000001, 50000001, 51000001, 63001, 64001, 65001
CHANNELS = {"A+": 0, "A-": 1, "R+": 2, "R-": 3}
ENERGIES = [c + str(t) for c in CHANNELS for t in range(5)]


def world(place):
    sim = World("--exact", "--tcp", "127.73.0.1:0", "--family", "spodes", "--count", 1, "--serial", SPODES, "--options", "phases=3",
                "--tcp", "127.73.1.1:0", "--family", "mercury230", "--count", 1, "--serial", MERCURY,
                "--tcp", "127.73.2.1:0", "--family", "mbus", "--count", 1, "--serial", HEAT, "--options", "medium=heat",
                "--tcp", "127.73.3.1:0", "--family", "mbus", "--count", 1, "--serial", WATER, "--options", "medium=water",
                "--tcp", "127.73.4.1:0", "--family", "modbus", "--count", 1, "--serial", MODULE, "--options", "model=mk210-301",
                "--tcp", "127.73.5.1:0", "--family", "modbus", "--count", 1, "--serial", PULSES, "--options", "model=wb-mcm8",
                "--tcp", "127.73.6.1:0", "--family", "modbus_heat", "--count", 1, "--serial", VZLET, "--options", "model=tsrv-043")
    links = ["tcp://127.73.%d.1:%d" % (i, port) for i, port in enumerate(sim.ports())]
    depths = "current=1,network=1,day=10,month=100,profile=2,journal=400,state=1"
    rows = [(SPODES, "Spodes", "spodes", links[0], "transport=wrapper;password=111111", "House", depths),
            (MERCURY, "Mercury", "mercury230", links[1], "address=0", "House", depths),
            (HEAT, "Heat", "mbus", links[2], "address=1", "Cellar", "current=1,network=1,month=100,state=1"),
            (WATER, "Water", "mbus", links[3], "address=1", "Cellar", "current=1,network=1,month=100,state=1"),
            (MODULE, "Module", "modbus", links[4], "address=1;model=mk210-301;framing=tcp", "Cellar", "current=1,state=1"),
            (PULSES, "Pulses", "modbus", links[5], "address=1;model=wb-mcm8;pulses=1:cold:0.01:125.3,2:electricity:0.5", "Cellar", "current=1,network=1,state=1"),
            (VZLET, "Vzlet", "modbus_heat", links[6], "address=1;model=tsrv-043", "Cellar", "current=1,network=1,hour=2,day=5,month=70"),
            (70000001, "Silent", "spodes", "tcp://127.0.0.1:9", "transport=wrapper;password=111111", "House", "current=1,day=10")]
    same(import_meters(place + "/gateway.db", rows).code, 0, "meters are imported")
    return sim


class Place:
    def __init__(self):
        self.folder = folder()
        self.world = world(self.folder)
        self.server = HeadEnd(self.folder + "/gateway.db", face="gateway")
        self.admin = self.server.admin
        self.ids = {d["title"]: d["id"] for d in self.admin.read("/devices?size=100")["items"]}
        self.begun = wall_now()
        self.server.collect()
        self.ended = wall_now()
        self.kinds = {k["name"]: k for k in self.admin.read("/readings/kinds")["items"]}

    def ask(self, kind, *titles, **query):
        words = dict(query, kind=kind)
        if titles:
            words["devices"] = ",".join(str(self.ids[t]) for t in titles)
        return "?" + "&".join("%s=%s" % (k, str(v).replace("+", "%2B").replace(" ", "T")) for k, v in words.items())

    def lines(self, kind, *titles, **query):
        """[(title, wall, {column: value}, why)]"""
        answer = self.admin.read("/readings" + self.ask(kind, *titles, **query))
        names, who = [c["name"] for c in answer["columns"]], {v: k for k, v in self.ids.items()}
        return [(who[r["device"]], wall(r["time"]) if r["time"] else None, {n: v for n, v in zip(names, r["values"]) if v is not None}, r["why"]) for r in answer["items"]]


def number(value):
    return Decimal(str(value))


def registers(serial, at, frozen=False):
    """Every register; `frozen` as archives hold them: СПОДЭС keeps tariffs of A+ alone."""
    return {c + str(t): Decimal(truth.register(serial, n, t, at)) for c, n in CHANNELS.items() for t in range(5) if not (frozen and serial == SPODES and n and t)}


def numbers(values):
    return {k: number(v) for k, v in values.items()}


# ---- electricity -----------------------------------------------------------------------------------------------------------------


def reads_now(p):
    for title, serial in (("Spodes", SPODES), ("Mercury", MERCURY)):
        (_, at, got, why), = p.lines("electricity.energy", title)
        low, high = registers(serial, p.begun), registers(serial, p.ended)
        same(sorted(got), sorted(ENERGIES), "%s: all twenty registers" % title)
        ok(all(low[n] <= number(v) <= high[n] for n, v in got.items()), "%s: as they were when it was read" % title, str(got))
        same(why, "", "nothing is missing")
    thousand, = [r[2] for r in p.lines("electricity.energy", "Spodes", scale="1/1000")]
    one, = [r[2] for r in p.lines("electricity.energy", "Spodes")]
    same({n: number(v) * 1000 for n, v in thousand.items()}, numbers(one), "a thousandth is the same digits, the mark moved")
    (_, at, network, _), = p.lines("electricity.network", "Spodes")
    moment = truth.wall_of(str(at))
    ok(abs(number(network["UA"]) * 1000 - truth.voltage(SPODES, 1, moment)) <= 1000, "the voltage of phase A", "%s %s" % (network["UA"], truth.voltage(SPODES, 1, moment)))
    ok({"UA", "UB", "UC", "IA", "IB", "IC", "PS", "PA", "QS", "SS", "kPS", "Freq"} <= set(network), "network parameters", str(sorted(network)))
    (_, at, got, why), = p.lines("electricity.energy", "Silent")
    ok(got == {} and at is None and why.startswith("not read yet: "), "who was never read says so and why", why)
    same([r[0] for r in p.lines("electricity.energy")], ["Spodes", "Mercury", "Silent"], "without names: all of the resource")


def reads_starts(p, title, serial):
    today = p.begun // DAY * DAY
    span = {"from": wall_text(today - 12 * DAY), "to": wall_text(today + DAY)}
    rows = p.lines("electricity.day", title, **span)
    same([r[1] for r in rows], list(range(today - 12 * DAY, today + 1, DAY)), "a line for every day of the period")
    for _, at, got, why in rows[2:]:
        same(numbers(got), registers(serial, at, True), "%s: start of %s" % (title, wall_text(at)))
    ok(all(not got and why.startswith("not collected: beyond the depth") for _, _, got, why in rows[:2]), "days before the depth say so", str(rows[:2]))
    months = p.lines("electricity.month", title, **{"from": "2026-07-01", "to": wall_text(today + DAY)})
    known = [r for r in months if r[2]]
    ok(len(known) >= 3, "starts of months")
    for _, at, got, _ in known:
        same(numbers(got), registers(serial, at, True), "%s: start of %s" % (title, wall_text(at)[:7]))


def reads_debts(p):
    today = p.begun // DAY * DAY
    span = {"from": wall_text(today - 12 * DAY), "to": wall_text(today + DAY)}
    silent = p.lines("electricity.day", "Silent", **span)
    ok(all(not r[2] for r in silent) and silent[-1][3].startswith("still to be read: "), "what is owed says why it is not there", silent[-1][3])


def reads_use(p):
    today = p.begun // DAY * DAY
    span = {"from": wall_text(today - 12 * DAY), "to": wall_text(today + DAY)}
    rows = p.lines("electricity.day-use", "Spodes", **span)
    for _, at, got, why in rows[2:-1]:
        start, end = registers(SPODES, at, True), registers(SPODES, at + DAY, True)
        same(numbers(got), {n: end[n] - start[n] for n in start}, "use of %s" % wall_text(at)[:10])
    ok(rows[1][3].startswith("no reading at the start (%s): not collected" % wall_text(rows[1][1])[:10]), "a start that is not there says so", rows[1][3])
    same(rows[-1][3], "the interval is not over yet", "today is not over")
    kwh = p.lines("electricity.day-use", "Spodes", scale="1/1000", columns="A+0,A+1", **span)[5]
    same({n: number(v) * 1000 for n, v in kwh[2].items()}, {n: v for n, v in numbers(rows[5][2]).items() if n in ("A+0", "A+1")}, "chosen columns at a thousandth")
    months = [r for r in p.lines("electricity.month-use", "Spodes", **{"from": "2026-09-01", "to": "2026-11-01"}) if r[2]]
    for _, at, got, _ in months:
        end = month_starts(at + 1, at + 40 * DAY)[0]
        a, b = registers(SPODES, at, True), registers(SPODES, end, True)
        same(numbers(got), {n: b[n] - a[n] for n in a}, "use of %s" % wall_text(at)[:7])
    ok(months, "uses of months")


def reads_power(p):
    last = p.begun // HALF_HOUR * HALF_HOUR
    rows = p.lines("electricity.power", "Spodes", **{"from": wall_text(last - DAY), "to": wall_text(last)})
    same(len(rows), 48, "48 intervals of a day")
    for _, at, got, _ in rows:
        want = {n: Decimal(2 * (truth.register(SPODES, c, 0, at + HALF_HOUR) - truth.register(SPODES, c, 0, at))) for n, c in (("P+", 0), ("P-", 1), ("Q+", 2), ("Q-", 3))}
        if not same(numbers(got), want, "power from %s" % wall_text(at)):
            break


def reads_configuration(p):
    rows = p.lines("electricity.configuration", "Spodes")
    got = rows[-1][2]
    same((got["serial"], got["arrInt"], got["profile"], got["clock"], got["tariff"]), (str(SPODES), 30, True, True, True), "hardware configuration")
    ok("DST" not in got, "what no family tells is left empty")
    same([c["told"] for c in p.kinds["electricity.configuration"]["columns"] if c["name"] == "DST"], [False], "and is said to be so")


def reads_journals(p):
    journals = p.kinds["electricity.journal"]["journals"]
    same([j["number"] for j in journals], list(range(1, 43)) + [0], "42 journals and the others")
    same(journals[0]["title"], "Power on and off", "each with its title")
    span = {"from": wall_text(p.begun - 380 * DAY), "to": wall_text(p.ended + DAY)}
    for title, serial in (("Spodes", SPODES), ("Mercury", MERCURY)):
        rows = p.lines("electricity.journal", title, journals=9, **span)
        happened = {w for n in range(400) if truth.event(serial, 9, n, truth.wall_of(str(p.begun))) != "-" for w in truth.event(serial, 9, n, truth.wall_of(str(p.begun))).split() if w != "-"}
        got = [str(r[1]) for r in rows]
        ok(rows and set(got) <= happened and len(set(got)) == len(got), "%s: journal of phase A" % title, "%s\n%s" % (got, sorted(happened)[-5:]))
        ok(all(r[2]["journal"] == "Phase A on and off" for r in rows), "and of no other")
    everything, some = p.lines("electricity.journal", "Spodes", **span), p.lines("electricity.journal", "Spodes", journals="1,12", **span)
    ok(0 < len(some) < len(everything), "chosen journals are fewer than all")
    same([r[1] for r in everything], sorted(r[1] for r in everything), "in order of time")


# ---- other resources ----------------------------------------------------------------------------------------------------------------


def reads_heat_and_water(p):
    (_, at, got, _), = p.lines("heat.now", "Heat")
    low, high = truth.register(HEAT, truth.HEAT, 0, p.begun) // 1000 * 1000, truth.register(HEAT, truth.HEAT, 0, p.ended)
    ok(low <= number(got["E"]) <= high, "heat energy", str(got))
    ok({"V", "G", "tf", "tr", "tOn", "Status"} <= set(got), "volume, flow, temperatures, run time, status", str(sorted(got)))
    months = [r for r in p.lines("heat.month", "Heat", **{"from": "2026-05-01"}) if r[2]]
    ok(len(months) >= 3, "starts of months of the heat meter")
    for _, at, got, _ in months:
        same(number(got["E"]), Decimal(truth.register(HEAT, truth.HEAT, 0, at) // 1000 * 1000), "heat at the start of %s" % wall_text(at)[:7])
    (_, at, got, _), = p.lines("water.now", "Water")
    ok(truth.register(WATER, truth.VOLUME, 0, p.begun) <= number(got["Vd"]) <= truth.register(WATER, truth.VOLUME, 0, p.ended), "Vd in litres", str(got))
    same(got["MeterError"], False, "no error")
    ok("Magnet" not in got and "PowerReset" not in got, "what the family does not tell stays empty")
    cubic = p.lines("water.now", "Water", scale="1/1000")[0][2]
    same(number(cubic["Vd"]) * 1000, number(got["Vd"]), "and in m³")
    same(([r[0] for r in p.lines("water.now")], [r[0] for r in p.lines("heat.now")]), (["Water"], ["Heat", "Vzlet"]), "each on its own page")
    for kind, span in (("hour", DAY), ("day", 4 * DAY), ("month", 40 * DAY)):
        rows = [r for r in p.lines("heat." + kind, "Vzlet", **{"from": wall_text(p.begun - span)}) if r[2]]
        ok(rows, "the archive of %ss of a heat meter on Modbus" % kind)
        for _, at, got, _ in rows:
            want = (Decimal(truth.volume(VZLET + 3, at)) / 1000, Decimal(truth.heat(VZLET + 2, at) * 3600 // 10**6) / 1000)
            if not same((number(got["V3"]), number(got["Q2"])), want, "pipe 3 and system 2 at %s" % wall_text(at)):
                break


def reads_pulses(p):
    (_, at, got, _), = p.lines("pulses.now", "Pulses")
    count = truth.volume(PULSES + 1, p.begun), truth.volume(PULSES + 1, p.ended)
    ok(count[0] <= number(got["Pls1"]) <= count[1], "pulses as the module counts", str(got))
    same(number(got["Cold1"]), Decimal("125.3") + number(got["Pls1"]) * Decimal("0.01"), "by their weight, from the initial reading")
    same(number(got["El2"]), number(got["Pls2"]) * 500, "energy by its weight, Wh")
    taken = p.lines("pulses.taken", "Pulses")
    same(taken[-1][2], got, "the slice in the archive is what was read")
    hours = p.lines("pulses.hour", "Pulses", **{"from": wall_text(p.begun - DAY)})
    known = [r for r in hours if r[2]]
    near = at - at // 3600 * 3600 <= 900
    same(len(known), int(near), "an hour whose start nobody was there for has no reading")
    ok(all(r[3] == "the meter was not asked at that time" for r in hours if not r[2]), "and says so")


def reads_telemechanics(p):
    (_, _, got, _), = p.lines("telemechanics.now", "Module")
    want = {"Chnl%d" % n: truth.draw(MODULE, 4000 + n, p.begun // 900, 2) for n in range(1, 7)}
    if p.begun // 900 == p.ended // 900:
        same({n: v for n, v in got.items() if n.startswith("Chnl")}, want, "inputs as they are")
    same({n: v for n, v in got.items() if n.startswith("Out")}, {"Out%d" % n: 0 for n in range(1, 9)}, "outputs as they are")
    time.sleep(1.1)  # states have times of whole seconds: a change has one of its own
    status, plan = p.admin.post("/relays/plan", {"devices": [p.ids["Module"]], "action": "on", "relay": 3, "reason": "test"})
    run = p.admin.post("/relays/operate", {"token": plan["token"]})[1]
    until(lambda: p.admin.read("/runs/%d" % run["id"])["ended"], "the output is switched")
    taken = p.lines("telemechanics.taken", "Module")
    same((taken[-1][2]["Out3"], taken[0][2]["Out3"]), (1, 0), "the archive holds both states of the output")
    changes = p.lines("telemechanics.journal", "Module")
    last = [c[2] for c in changes if c[2]["channel"] == "Output #3"]
    same([(c.get("before"), c["now"]) for c in last], [("", "off"), ("off", "on")], "the journal holds the change")
    ok(any(c[2]["channel"] == "Contact with the module" for c in changes), "and contact")


# ---- files, limits, orders ------------------------------------------------------------------------------------------------------------


def downloads(p):
    today = p.begun // DAY * DAY
    ask = p.ask("electricity.day", "Spodes", "Silent", scale="1/1000", columns="A+0,R-0", **{"from": wall_text(today - 3 * DAY), "to": wall_text(today + DAY)})
    status, data = p.admin.raw("GET", "/api/v1/readings.json" + ask)
    told = json.loads(data, parse_float=Decimal)
    same((status, told["kind"], told["scale"], [d["title"] for d in told["devices"]]), (200, "electricity.day", "1/1000", ["Spodes", "Silent"]), "a JSON file says what it is")
    same(p.admin.headers["content-disposition"], 'attachment; filename="readings.json"', "and is a file")
    for row in told["devices"][0]["rows"]:
        want = registers(SPODES, wall(row["time"]))
        same((row["A+0"] * 1000, row["R-0"] * 1000), (want["A+0"], want["R-0"]), "JSON of %s" % row["time"])
    status, data = p.admin.raw("GET", "/api/v1/readings.xlsx" + ask)
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    same(rows[0], ["ID", "Serial number", "Title", "Type", "Group", "Time", "A+0 (sum), kWh", "R-0 (sum), kvarh", "Note"], "a workbook's headings")
    for row in rows[1:5]:
        want = registers(SPODES, wall(row[5].replace(" ", "T")))
        same((Decimal(str(row[6])) * 1000, Decimal(str(row[7])) * 1000), (want["A+0"], want["R-0"]), "workbook of %s" % row[5])
    ok(all(r[6] is None and r[8].startswith("still to be read") for r in rows[5:9]), "what is missing is empty and says why", str(rows[5]))


def refuses(p):
    def field(query):
        status, answer = p.admin.get("/readings" + query)
        return status, [f["field"] for f in answer.get("error", {}).get("fields", [])] if isinstance(answer, dict) else answer
    same(field("?kind=gas.now"), (400, ["kind"]), "a kind that is none")
    same(field("?kind=electricity.day&columns=A"), (400, ["columns"]), "a column it does not have")
    same(field("?kind=electricity.journal&journals=43"), (400, ["journals"]), "a journal that is none")
    same(field("?kind=electricity.day&from=2026-11-02&to=2026-11-01"), (400, ["to"]), "an end before the beginning")
    same(field("?kind=electricity.power&from=2001-01-01&devices=%d" % p.ids["Spodes"]), (400, ["to"]), "a period of more lines than fit")
    same(p.admin.get("/readings.xlsx?kind=electricity.power&from=2001-01-01&devices=%d" % p.ids["Spodes"])[0], 400, "nor as a file")
    same(p.admin.get("/readings?kind=electricity.day&devices=99")[0], 404, "a device that is none")
    same(p.admin.get("/readings/devices?resource=steam")[0], 400, "a resource that is none")
    devices = {d["title"]: d for d in p.admin.read("/readings/devices?resource=electricity")["items"]}
    same((sorted(devices), devices["Mercury"]["address"], devices["Spodes"]["clock_error_s"], devices["Silent"]["clock_error_s"]), (["Mercury", "Silent", "Spodes"], "0", 0, None), "meters of the page")
    same([d["title"] for d in p.admin.read("/readings/devices?resource=telemechanics")["items"]], ["Module", "Pulses"], "modules on the page of telemechanics")


# ---- SMART JSON: what asks meters -------------------------------------------------------------------------------------------------


class Smart:
    """A program of the protocol: the cookie `sessionid` and JSON."""

    def __init__(self, port):
        self.port, self.cookie = port, None
        status, _ = self.ask("POST", "/auth", {"login": "admin", "password": PASSWORD})
        same(status, 200, "SMART: signs in")

    def ask(self, method, path, body=None, kind="application/json"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        headers = {"Content-Type": kind, **({"Cookie": self.cookie} if self.cookie else {})}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        data, cookie = answer.read(), answer.getheader("Set-Cookie")
        connection.close()
        if cookie:
            self.cookie = cookie.split(";")[0]
        return answer.status, json.loads(data, parse_float=Decimal)

    def moment(self, ids, *measures, tags=()):
        """{(measure, id): [(ts, {tag: val})]}"""
        status, answer = self.ask("POST", "/meter/data/moment", {"ids": ids, "measures": list(measures), "tags": list(tags)})
        same((status, answer.get("res")), (200, 0), "SMART: %s of the moment" % ", ".join(measures))
        return told(answer)


def told(answer):
    return {(m["measure"], d["meterId"]): [(v["ts"], {t["tag"]: t["val"] for t in v["tags"]}) for v in d["vals"]] for m in answer["measures"] for d in m["devices"]}


def smart(p):
    s = Smart(p.server.port)
    ids = p.ids
    begun = wall_now()
    got = s.moment([ids["Spodes"], ids["Mercury"], ids["Silent"]], "mEng", "mTime", tags=["A+0", "timeDiff"])
    ended = wall_now()
    for title, serial in (("Spodes", SPODES), ("Mercury", MERCURY)):
        (_, tags), = got["mEng", ids[title]]
        ok(truth.register(serial, 0, 0, begun) <= tags["A+0"] <= truth.register(serial, 0, 0, ended), "SMART: %s was read just now" % title, str(tags))
        same([t for _, t in got["mTime", ids[title]]], [{"timeDiff": 0}], "SMART: and its clock")
    same((got["mEng", ids["Silent"]], got["mTime", ids["Silent"]]), ([], []), "SMART: who did not answer has no values")
    (_, pulses), = s.moment([ids["Pulses"]], "PlsMomentPulse", tags=["Pls3"])["PlsMomentPulse", ids["Pulses"]]
    ok(truth.volume(PULSES + 3, begun) <= pulses["Pls3"] <= truth.volume(PULSES + 3, wall_now()), "SMART: pulses of the moment", str(pulses))
    (_, inputs), = s.moment([ids["Module"]], "DigMomentState")["DigMomentState", ids["Module"]]
    same(sorted(inputs), ["Chnl%d" % n for n in range(1, 7)], "SMART: channels of a module")
    status, answer = s.ask("POST", "/meter/data/moment", {"ids": [], "measures": ["aDay"]})
    same((status, answer["error"]["fields"][0]["field"]), (400, "measures[0]"), "SMART: archives are not asked of meters")
    same(s.ask("POST", "/meter/data/moment", {"ids": [], "measures": ["mEng"]}, "text/plain")[0], 415, "SMART: what a page of another site could send is refused")
    today = p.begun // DAY * DAY
    zone = round((wall_now() - time.time()) / 60) * 60  # of the meters, which is this machine's

    def when(at):
        return datetime.datetime.fromtimestamp(at - zone, datetime.timezone.utc).isoformat()
    use = told(s.ask("POST", "/meter/data", {"ids": [ids["Mercury"]], "measures": ["aDayCons"], "tags": ["A+0", "R-4"], "time": [{"start": when(today - 4 * DAY), "end": when(today - 2 * DAY)}]})[1])
    want = [{n: registers(MERCURY, d + DAY)[n] - registers(MERCURY, d)[n] for n in ("A+0", "R-4")} for d in (today - 4 * DAY, today - 3 * DAY, today - 2 * DAY)]
    same([{n: Decimal(v) for n, v in tags.items()} for _, tags in use["aDayCons", ids["Mercury"]]], want, "SMART: use per day")
    same(s.ask("PUT", "/meter/settings/relay", {"id": ids["Module"], "relayId": 5, "relayState": 1}), (200, {"res": 0}), "SMART: an output is switched on")
    same(p.lines("telemechanics.now", "Module")[0][2]["Out5"], 1, "SMART: and is on")
    relays = {t["rId"]: t["state"] for _, t in s.moment([ids["Module"]], "mRelay")["mRelay", ids["Module"]]}
    same((relays[5], relays[6]), (1, 0), "SMART: mRelay tells so")
    same(s.ask("PUT", "/meter/settings/relay", {"id": ids["Pulses"], "relayId": 5, "relayState": 1}), (200, {"res": 1}), "SMART: a module without outputs switches none")
    same(s.ask("PUT", "/meter/settings/relay", {"id": 99, "relayId": 1, "relayState": 1})[0], 404, "SMART: a meter that is none")
    same(s.ask("GET", "/settings/servers/mqtt"), (200, {"Settings": []}), "SMART: brokers as they are set")


def main():
    p = Place()
    reads_now(p)
    reads_starts(p, "Spodes", SPODES)
    reads_starts(p, "Mercury", MERCURY)
    reads_debts(p)
    reads_use(p)
    reads_power(p)
    reads_configuration(p)
    reads_journals(p)
    reads_heat_and_water(p)
    reads_pulses(p)
    reads_telemechanics(p)
    downloads(p)
    refuses(p)
    smart(p)
    same(p.server.close(), 0, "the gateway ends in order, sanitizers silent")
    p.world.close()
    done()


main()
