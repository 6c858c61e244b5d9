#!/usr/bin/python3
"""Seeing the data: home, completeness, statistics, heat map, the pivot and its files, frames; against what the store holds."""
import datetime
import io
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import openpyxl
from api_client import HeadEnd
from running import PATIENCE, World, done, folder, holds, import_meters, ok, same

GOOD, SILENT, PORT = 4, 2, 14060
day = lambda ago: (datetime.date.today() - datetime.timedelta(days=ago)).isoformat()


def world(place):
    sim = World("--tcp", f"127.67.0.1:{PORT}", "--family", "spodes", "--count", GOOD, "--serial", "30000001")
    rows = [(30000001 + i, f"Дом {i}", "spodes", f"tcp://127.67.0.{i + 1}:{PORT}", "transport=wrapper;password=111111", f"House/{i % 2}",
             "current,network,day=6,month=60,profile=3,journal=5") for i in range(GOOD)]
    rows += [(40000001 + i, "Тихий", "spodes", "tcp://127.0.0.1:9", "transport=wrapper;password=111111", "Silent", "current,day=6") for i in range(SILENT)]
    import_meters(place + "/svod.db", rows)
    return sim


def see_home(admin):
    before = admin.read("/home")
    same((before["devices"]["devices"], before["devices"]["never"]), (GOOD + SILENT, GOOD + SILENT), "home before anything was collected")
    return before


def see_completeness(admin):
    home = admin.read("/home")
    same({k: home["devices"][k] for k in ("good", "failed", "never")}, {"good": GOOD, "failed": SILENT, "never": 0}, "home tells who is in contact")
    today = next(x for x in home["collected"] if x["archive"] == "day" and x["day"][:10] == day(0))
    same((today["devices"], today["whole"], today["percent"]), (GOOD + SILENT, GOOD, "66.66"), "two thirds of today's registers are here, rounded down")
    same([(r["reason"], r["devices"]) for r in home["tonight"]["reasons"]], [("no-connection", SILENT)], "who was not read tonight, and why")
    span = f"archive=day&from={day(3)}&to={day(0)}"
    rows = {r["key"]: r for r in admin.read(f"/completeness?{span}&by=group")["items"]}
    same({k: (r["percent"], r["devices"], r["whole"]) for k, r in rows.items()}, {"House/0": ("100.00", 2, 2), "House/1": ("100.00", 2, 2), "Silent": ("0.00", 2, 0)}, "by group")
    links = admin.read(f"/completeness?{span}&by=link")["items"]
    same((len(links), "tcp://127.0.0.1:9" in [r["title"] for r in links]), (GOOD + 1, True), "by channel, named")
    reasons = admin.read(f"/completeness?{span}&by=reason&missing=true")["items"]
    same([(r["key"], r["devices"]) for r in reasons], [("no-connection", SILENT)], "by reason")
    makers = admin.read(f"/completeness?{span}&by=model")["items"]
    same(sum(r["devices"] for r in makers), GOOD + SILENT, "by model: everybody counts once")
    missing = admin.read(f"/completeness/missing?{span}&by=reason&key=no-connection&size=1&page=2")
    same((missing["total"], [m["serial"] for m in missing["items"]], missing["items"][0]["missing"]), (SILENT, ["40000002"], 3), "who is behind a row, by page")
    same(admin.read(f"/completeness/missing?{span}&by=group&key=House%2F0")["total"], 0, "nobody is missing there")
    same(admin.read(f"/completeness/missing?{span}&group=Silent")["total"], SILENT, "nor in another group than is asked for")


def see_collecting(head, admin):
    """Whoever is missing is asked, nobody else."""
    status, answer = admin.ask("POST", "/completeness/collect", {"by": "reason", "key": "no-connection"})
    same((status, answer.get("chosen")), (202, True), "those that were not read tonight are asked")
    while admin.read("/collection")["running"]:
        time.sleep(0.05)
    same(admin.read("/collection")["meters"], SILENT, "and nobody else")
    status, answer = admin.ask("POST", "/completeness/collect", {"archive": "day", "from": day(3), "to": day(0), "by": "group", "key": "House/0"})
    same((status, answer["error"]["fields"][0]["field"]), (400, "archive"), "where all is there, nobody is")


def see_statistics(admin):
    table = admin.read(f"/completeness/statistics?archive=day&from={day(4)}&to={day(0)}")
    same([p[:10] for p in table["parts"]], [day(i) for i in (4, 3, 2, 1)], "a part for each day")
    same({r["title"]: (r["percent"], r["parts"]) for r in table["items"]}, {g: (p, [p] * 4) for g, p in (("House/0", "100.00"), ("House/1", "100.00"), ("Silent", "0.00"))}, "per cent by group and day")
    devices = admin.read(f"/completeness/statistics?archive=day&from={day(4)}&to={day(0)}&by=device&group=Silent")
    same([(r["title"], r["percent"]) for r in devices["items"]], [("40000001", "0.00"), ("40000002", "0.00")], "and by device of a group")
    status, answer = admin.ask("GET", f"/completeness/statistics?archive=day&from={day(40)}&to={day(0)}")
    same((status, answer["error"]["fields"][0]["field"]), (400, "to"), "31 days at most")
    same(len(admin.read("/completeness/statistics?archive=month&from=2025-01-01&to=2026-01-01")["parts"]), 12, "twelve months")
    same(admin.ask("GET", "/completeness/statistics?archive=month&from=2025-01-01&to=2026-02-01")[0], 400, "thirteen are refused")
    own = {r["title"]: r["percent"] for r in admin.read(f"/completeness/statistics?archive=day&from={day(4)}&to={day(0)}&registers=1.0.1.8.0.255,1.0.1.8.63.255")["items"]}
    same(own, {"House/0": "50.00", "House/1": "50.00", "Silent": "0.00"}, "of two registers the meters have one: half is there")
    same(admin.ask("GET", f"/completeness/statistics?archive=day&from={day(4)}&to={day(0)}&registers=A")[0], 400, "a register is an OBIS code")
    hours = admin.read(f"/completeness/hours?archive=day&from={day(2)}&to={day(-1)}")["items"]
    same([(h["devices"], h["whole"], h["since"]) for h in hours], [(GOOD + SILENT, GOOD, day(i) + "T00:00:00") for i in (2, 1, 0)], "days by the hour, registers from midnight")
    same(all(h["hours"] == sorted(h["hours"]) for h in hours), True, "their counts only grow")
    profile = admin.read(f"/completeness/hours?archive=profile&from={day(1)}&to={day(0)}")["items"][0]
    same(profile["since"], day(0) + "T00:00:00", "a profile's from the end of its day")


def see_contacts(admin):
    span = f"from={day(0)}&to={day(-1)}"
    hours = admin.read(f"/contacts?{span}&step=hour")
    failed = sum(hours["failed"])
    same((len(hours["cells"]), sum(hours["good"]), failed in (SILENT, 2 * SILENT)), (24, GOOD, True), "the day's hours with sessions, good and failed (the silent were asked twice: perhaps in two hours)")
    page = admin.read(f"/contacts/devices?{span}&step=hour&sort=worst&size=3")
    same((hours["zone_minutes"], page["zone_minutes"]), (time.localtime().tm_gmtoff // 60,) * 2, "whose clock the hours go by")
    same(([d["serial"] for d in page["items"][:2]], page["total"]), (["40000001", "40000002"], GOOD + SILENT), "the worst first")
    for step, cells, start in (("day", 7, day(6)), ("day", 31, day(30)), ("month", 12, None)):
        start = start or (datetime.date.today().replace(day=1) - datetime.timedelta(days=330)).replace(day=1).isoformat()
        wide = admin.read(f"/contacts?from={start}&to={day(-1)}&step={step}")
        same((len(wide["cells"]) in (cells, cells + 1), sum(wide["good"]), wide["good"][-1], sum(wide["failed"])), (True, GOOD, GOOD, failed), f"{cells} cells of a {step}")
    one = page["items"][0]["device"]
    same(admin.read(f"/devices/{one}/contacts?{span}&step=hour")["failed"], page["items"][0]["failed"], "one device's own map")
    same(sum(admin.read(f"/contacts?{span}&step=hour&group=Silent")["good"]), 0, "of a group")
    same(sum(admin.read(f"/contacts?{span}&step=hour&search=30000003")["good"]), 1, "of what a search finds")
    same(admin.ask("GET", f"/contacts?from=2020-01-01&to={day(0)}&step=hour")[0], 400, "no more than can be drawn")
    same(admin.ask("GET", f"/devices/999999/contacts?{span}&step=hour")[0], 404, "of no unknown device")


def see_pivot(admin):
    devices = [d["id"] for d in admin.read("/devices?sort=serial&size=100")["items"]]
    query = f"resource=electricity&archive=day&from={day(4)}&to={day(0)}&tariffs=0,1,2&quantities=1.0.1.8.0.255,1.0.3.8.0.255"
    table = admin.read(f"/data?{query}")
    same((len(table["columns"]), table["total"], len(table["items"])), (12, GOOD + SILENT, 2 * (GOOD + SILENT)), "four days by three tariffs, two quantities a device")
    silent = [r for r in table["items"] if r["serial"] == "40000001"]
    same([(r["quantity"], set(map(str, r["values"])), set(map(str, r["quality"]))) for r in silent], [("A+", {"None"}, {"None"}), ("R+", {"None"}, {"None"})], "absent where nothing was collected")
    wrong = []
    for i, device in enumerate(devices[:GOOD]):
        csv = admin.raw("GET", f"/api/v1/devices/{device}/readings.csv?archive=day&from={day(4)}&to={day(0)}")[1].decode().splitlines()[1:]
        stored = {(line.split(";")[1][:10], line.split(";")[2]): line.split(";")[3] for line in csv}
        for row in (r for r in table["items"] if r["device"] == device):
            for column, value in zip(table["columns"], row["values"]):
                code = row["obis"].split(".")
                code[4] = str(column["tariff"])
                want = stored.get((column["time"][:10], ".".join(code)))
                if str(value) != str(want):
                    wrong.append((row["serial"], row["obis"], column, value, want))
    same(wrong, [], "every cell is the stored value, digit by digit")
    ok(sum(v is not None for r in table["items"] for v in r["values"]) >= GOOD * 12, "and most are there")
    page = admin.read(f"/data?{query}&size=2&page=2")["items"]
    same([r["serial"] for r in page], ["30000003"] * 2 + ["30000004"] * 2, "by pages of devices")
    own = admin.read(f"/data?resource=electricity&archive=day&from={day(1)}&to={day(0)}&devices={devices[0]}")["items"]
    ok({"A+", "A−", "R+", "R−"} <= {r["quantity"] for r in own}, "without a choice, all that a device has")
    files(admin, query, table)
    now = admin.read(f"/data?resource=electricity&archive=current&devices={devices[0]}")
    ok(now["columns"] == [{"time": None, "tariff": 0}] and now["items"][0]["values"][0] and now["items"][0]["time"][:10] == day(0), "current readings, with the time they were read")
    for query, field in ((f"resource=electricity&archive=day&from={day(40)}&to={day(0)}", "to"), (f"resource=water&archive=day&from={day(1)}&to={day(0)}&quantities=1.0.1.8.0.255", "quantities"),
                         (f"resource=electricity&archive=day&from={day(1)}&to={day(0)}&tariffs=64", "tariffs"), ("resource=electricity&archive=day", "to"), (f"resource=electricity&archive=profile", "archive")):
        status, answer = admin.ask("GET", "/data?" + query)
        same((status, answer["error"]["fields"][0]["field"]), (400, field), f"refused: {query}")
    same(admin.ask("GET", f"/data?resource=electricity&archive=current&devices=1,999999")[0], 404, "an unknown device is refused")
    ok(admin.read(f"/data?resource=water&archive=current&devices={devices[0]}")["items"][0]["obis"] == "", "a device without the resource shows so")


def files(admin, query, table):
    """CSV and workbook hold what the page showed."""
    want = [[r["serial"], r["title"], r["model"], r["group"], r["quantity"], r["unit"]] + ["absent" if v is None else str(v) for v in r["values"]] for r in table["items"]]
    status, data = admin.raw("GET", f"/api/v1/data.csv?{query}")
    lines = [[cell.strip('"') for cell in line.split(";")] for line in data.decode().splitlines()]
    same(lines[1:], want, "the CSV holds the same")
    same(lines[0][6:9], [f"{day(4)} T{i}" for i in range(3)], "with the moments and tariffs in its head")
    status, data = admin.raw("GET", f"/api/v1/data.xlsx?{query}")
    holds(admin.headers["content-disposition"], "data.xlsx", "the workbook has a name")
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    same(rows[0], lines[0], "another program opens the workbook: its head")
    number = lambda v: v if isinstance(v, str) else float(v)
    same([[number(v) if i > 5 else v for i, v in enumerate(r)] for r in rows[1:]],
         [[float(v) if i > 5 and v != "absent" else (v or None) for i, v in enumerate(r)] for r in want], "and every number in it is a number")


def see_frames(admin):
    device = admin.read("/devices?search=30000001")["items"][0]["id"]
    everything = admin.read(f"/devices/{device}/exchanges?size=1000&decode=true")
    count = everything["total"]
    ok(count > 10 and count == len(everything["items"]), f"{count} frames")
    pages = [f for page in range(1, count // 7 + 2) for f in admin.read(f"/devices/{device}/exchanges?size=7&page={page}&decode=true")["items"]]
    same(pages == everything["items"], True, "pages put together are all of them")
    newest = admin.read(f"/devices/{device}/exchanges?size=7&newest=true&decode=true")["items"]
    same(newest == everything["items"][-7:], True, "the newest page is the end of them")
    sent = [f for f in everything["items"] if f["direction"] == "sent"]
    same(admin.read(f"/devices/{device}/exchanges?direction=sent")["total"], len(sent), "one direction")
    part = sent[1]["frame"][:16]
    found = admin.read(f"/devices/{device}/exchanges?size=1000&search={part[:8]}%20{part[8:].lower()}")["items"]
    same([f["frame"] for f in found], [f["frame"] for f in everything["items"] if part in f["frame"]], "a search in the bytes")
    text = admin.raw("GET", f"/api/v1/devices/{device}/exchanges.txt?decode=true")[1].decode().splitlines()
    heads = [line.split(" ") for line in text if line[:4].isdigit()]
    arrows = {"sent": ">>", "received": "<<", "note": "--"}
    ok([(h[2], h[3]) for h in heads] == [(arrows[f["direction"]], f["frame"]) for f in everything["items"]], "the text holds every frame")
    ok(len(text) > 3 * count, "explained")
    parts = [l for f in everything["items"] for l in f["lines"] if l["offset"] >= 0]
    ok(parts and all(0 < l["size"] and l["offset"] + l["size"] <= 65536 for l in parts), "lines of the tree know their bytes")


def see_as_stranger(head, admin):
    """Somebody of another project sees none of it."""
    project = admin.ask("POST", "/projects", {"title": "Elsewhere"})[1]["id"]
    role = next(r["id"] for r in admin.read("/roles")["items"] if r["name"] == "Project Manager")
    admin.ask("POST", "/users", {"login": "stranger", "role": role, "password": "first-1", "projects": [project]})
    stranger = head.client("stranger", "first-1", "second-2")
    home = stranger.read("/home")
    same((home["devices"]["devices"], home["collected"], home["tonight"]["devices"], home["alarms"]["events"]), (0, [], 0, 0), "another project's home is empty")
    same(stranger.read(f"/completeness?archive=day&by=device&from={day(9)}&to={day(0)}")["total"], 0, "its completeness")
    same(sum(stranger.read(f"/contacts?from={day(1)}&to={day(-1)}&step=hour")["good"]), 0, "its heat map")
    same(stranger.read("/data?resource=electricity&archive=current")["total"], 0, "its data")
    one = admin.read("/devices")["items"][0]["id"]
    for path in (f"/devices/{one}/contacts?from={day(1)}&to={day(0)}&step=hour", f"/devices/{one}/exchanges.txt", f"/data?resource=electricity&archive=current&devices={one}"):
        same(stranger.ask("GET", path)[0], 404, "and nothing by number")


def main():
    place = folder()
    sim = world(place)
    head = HeadEnd(place + "/svod.db")
    admin = head.admin
    see_home(admin)
    head.collect()
    until = time.time() + PATIENCE
    while admin.read("/devices?contact=never")["total"] and time.time() < until: # news follow the end of a pass by a moment
        time.sleep(0.05)
    see_completeness(admin)
    see_collecting(head, admin)
    see_statistics(admin)
    see_contacts(admin)
    see_pivot(admin)
    see_frames(admin)
    see_as_stranger(head, admin)
    same(head.close(), 0, "the server ends in order, sanitizers silent")
    sim.close()
    done()


main()
