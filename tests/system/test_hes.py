#!/usr/bin/env python3
"""The head-end over simulated meters: signing in, permissions of every route, hostile input, lists, collection, exports."""
import calendar, http.client, json, os, re, socket, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from api_client import PASSWORD, Client, HeadEnd, code, totp
from running import World, done, folder, import_meters, ok, same, svod

METERS = 6


def world(place):
    """Simulated meters and a database that knows them, two of them in a place where nobody answers."""
    sim = World("--tcp", "127.66.0.1:0", "--family", "spodes", "--count", METERS, "--serial", 10000001)
    port, parameters = sim.ports()[0], "transport=wrapper;password=111111"
    rows = [(10000001 + i, "Meter %d" % i, "spodes", "tcp://127.66.0.%d:%d" % (i + 1, port), parameters, "House/%d" % (i % 2), "current,network,day=5,profile=2,journal=5")
            for i in range(METERS)]
    rows += [(20000001 + i, "Тихий %d" % i, "spodes", "tcp://127.0.0.1:9", parameters, "Silent", "current,day=5") for i in range(2)]
    same(import_meters(place + "/svod.db", rows).code, 0, "the meters are imported")
    return sim


def first_sign_in(port, password):
    admin, nobody = Client(port), Client(port)
    same(nobody.get("/devices")[0], 401, "nobody gets nothing")
    status, answer = admin.sign_in("admin", password)
    same((status, answer["must_change_password"]), (200, True), "the first administrator signs in with the printed password")
    ok("HttpOnly" in admin.headers["set-cookie"] and "SameSite=Strict" in admin.headers["set-cookie"], "the cookie is HttpOnly and SameSite")
    same(code(admin.get("/devices")[1]), "password-change-required", "nothing before the password is changed")
    change = lambda new, old=password: admin.post("/session/password", {"former": old, "password": new})
    same(change("short")[1]["error"]["fields"][0]["field"], "password", "too short a password is told by field")
    same(change("with blank")[0], 400, "a blank is no letter of a password")
    same(change(password)[0], 400, "not the same password again")
    same(change(PASSWORD, "wrong")[0], 401, "the former password must be right")
    same(change(PASSWORD)[0], 200, "a good one is taken")
    same(change(password, PASSWORD)[1]["error"]["fields"][0]["message"], "this password was used before", "a former one is not")
    same(admin.get("/devices")[1]["total"], METERS + 2, "now the devices are there")
    return admin


def csrf_and_headers(admin):
    csrf, admin.csrf = admin.csrf, None
    same(code(admin.post("/groups", {"title": "x"})[1]), "csrf", "an unsafe request without the CSRF word is refused")
    admin.csrf = "0" * 64
    same(code(admin.post("/groups", {"title": "x"})[1]), "csrf", "and with a wrong one")
    admin.csrf = csrf
    status, _ = admin.raw("POST", "/api/v1/groups", b'{"title":"x"}', {"Content-Type": "text/plain"})
    same(status, 415, "a body that a foreign form could send is refused")
    for name, value in (("x-content-type-options", "nosniff"), ("x-frame-options", "DENY"), ("cache-control", "no-store")):
        same(admin.headers.get(name), value, name)
    ok("frame-ancestors 'none'" in admin.headers["content-security-policy"], "content security policy")


def people(admin):
    """A user for each built-in role, each with a changed password; returns them signed in."""
    roles = {r["name"]: r["id"] for r in admin.get("/roles")[1]["items"]}
    same(sorted(roles), sorted(["Administrator", "Operator", "User", "M2M", "Project Manager", "Subscriber"]), "the built-in roles")
    callers = {}
    for name, role in roles.items():
        login = name.lower().replace(" ", "-") + "-1"
        admin.post("/users", {"login": login, "role": role, "password": "first-1"})
        c = Client(admin.port)
        c.sign_in(login, "first-1")
        c.post("/session/password", {"former": "first-1", "password": "second-2"})
        callers[name] = c
    same(admin.post("/users", {"login": "operator-1", "role": 1, "password": "first-1"})[0], 409, "a name is given once")
    same(admin.post("/users", {"login": "Operator-1", "role": 1, "password": "first-1"})[0], 409, "nor another that only differs by the size of its letters")
    for login in ("operator-1 ", "\u00a0operator-1", "operator 1"):
        same(admin.post("/users", {"login": login, "role": 1, "password": "first-1"})[0], 400, f"a name without blanks: {login!r}")
    own = admin.post("/roles", {"name": "Looker", "permissions": ["Read.Devices"]})
    same(own[0], 201, "an own role")
    same(admin.post("/roles", {"name": "Bad", "permissions": ["Fly"]})[0], 400, "of known permissions only")
    same(code(admin.patch(f"/roles/{roles['User']}", {"revision": 1, "permissions": []})[1]), "builtin", "built-in roles stay")
    admins = [u for u in admin.get("/users")[1]["items"] if u["role"] == roles["Administrator"]]
    second = next(u for u in admins if u["login"] == "administrator-1")
    same(admin.ask("DELETE", f"/api/v1/users/{second['id']}")[0], 200, "a second administrator may go")
    first = next(u for u in admins if u["login"] == "admin")
    same(code(admin.ask("DELETE", f"/api/v1/users/{first['id']}")[1]), "last-administrator", "the last may not")
    same(code(admin.patch(f"/users/{first['id']}", {"revision": first["revision"], "enabled": False})[1]), "last-administrator", "nor be disabled")
    same(callers["Administrator"].get("/session")[0], 401, "a deleted user's session has ended")
    del callers["Administrator"]
    return callers


def matrix(admin, callers):
    """Every route of the description, every role and nobody: refused exactly when the permission is missing."""
    spec = admin.ask("GET", "/api/v1/openapi.json")[1]
    same(spec["openapi"], "3.1.0", "the description is OpenAPI 3.1")
    for ref in set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(spec))):
        if ref not in spec["components"]["schemas"]:
            ok(False, f"schema {ref} is missing")
    may = {name: set(c.get("/session")[1]["permissions"]) for name, c in callers.items()}
    operations = [(m.upper(), p, o) for p, methods in spec["paths"].items() for m, o in methods.items()]
    ok(len(operations) >= 70, f"{len(operations)} operations are described")
    wrong = []
    for method, path, operation in operations:
        permission = operation["x-permission"]
        if path.endswith("/stream"):
            continue
        url = re.sub(r"\{name\}", "nonsense", path)
        url = re.sub(r"\{\w+\}", "999999999", url)
        for name, c in [("nobody", Client(admin.port))] + list(callers.items()):
            if (method, path) in (("DELETE", "/api/v1/session"), ("POST", "/api/v1/session"), ("POST", "/api/v1/collection"), ("DELETE", "/api/v1/session/settings")) and name != "nobody":
                continue
            status, answer = c.call(method, url, {} if "requestBody" in operation else None)
            if permission == "anybody":
                good = status != 403
            elif name == "nobody":
                good = status == 401
            elif permission == "signed-in":
                good = status != 401 and code(answer) != "csrf"
            elif permission in may[name]:
                good = status not in (401, 403)
            else:
                good = status == 403 and code(answer) == "forbidden"
            if not good or status >= 500:
                wrong.append((name, method, path, permission, status, code(answer)))
    same(wrong, [], f"permissions of {len(operations)} operations by {len(callers) + 1} callers")


def projects(admin):
    status, made = admin.post("/projects", {"title": "Other town"})
    same(status, 201, "another project")
    device = admin.get("/devices")[1]["items"][0]["id"]
    link = admin.get("/links")[1]["items"][0]["id"]
    manager = next(r["id"] for r in admin.get("/roles")[1]["items"] if r["name"] == "Project Manager")
    admin.post("/users", {"login": "stranger", "role": manager, "password": "first-1", "projects": [made["id"]]})
    stranger = Client(admin.port)
    stranger.sign_in("stranger", "first-1")
    stranger.post("/session/password", {"former": "first-1", "password": "second-2"})
    same(stranger.get("/devices")[1]["total"], 0, "whoever works there sees none of our devices")
    unknown = stranger.get("/devices/999999999")
    for path in (f"/devices/{device}", f"/devices/{device}/latest", f"/devices/{device}/readings?archive=day", f"/devices/{device}/readings.csv?archive=day",
                 f"/devices/{device}/events", f"/devices/{device}/states", f"/devices/{device}/exchanges", f"/devices/{device}/gaps?archive=day", f"/links/{link}",
                 f"/readings.csv?archive=day&devices={device}"):
        same(stranger.get(path), unknown, f"{path.replace(str(device), 'N').replace(str(link), 'N')} of a foreign project is as one that is not")
    same(stranger.patch(f"/devices/{device}", {"revision": 1, "title": "mine"}), unknown, "a foreign device cannot be changed, nor told from none")
    same(stranger.ask("DELETE", f"/api/v1/devices/{device}"), unknown, "nor deleted")
    same(stranger.post("/collection", {"devices": [device]}), unknown, "nor collected from")
    same(stranger.post("/devices", {"serial": "1", "driver": "spodes", "lines": [{"link": link}]})[1]["error"]["fields"][0]["field"], "lines[0].link", "nor its channel used")
    same(stranger.patch("/session", {"project": 1})[0], 404, "nor the project entered")
    same(stranger.post("/devices", {"serial": "77", "driver": "spodes"})[0], 201, "own devices are made there")
    same(code(admin.ask("DELETE", f"/api/v1/projects/{made['id']}")[1]), "in-use", "a project with devices is not deleted")
    same(admin.patch("/session", {"project": made["id"]})[1]["project"], made["id"], "an administrator goes to the other project")
    same([d["serial"] for d in admin.get("/devices")[1]["items"]], ["77"], "and sees its devices")
    admin.patch("/session", {"project": 1})


def hostile(admin):
    port = admin.port
    cases = [
        ("bad JSON", "POST", "/api/v1/groups", b"{", 400), ("no JSON object", "POST", "/api/v1/groups", b"[]", 400),
        ("broken UTF-8", "POST", "/api/v1/groups", b'{"title":"\xff\xfe"}', 400), ("a NUL", "POST", "/api/v1/groups", b'{"title":"a\\u0000b"}', 400),
        ("wrong type", "POST", "/api/v1/groups", b'{"title":7}', 400), ("unknown field", "POST", "/api/v1/groups", b'{"title":"a","x":1}', 400),
        ("twice the same key", "POST", "/api/v1/groups", b'{"title":"a","title":"b"}', 400), ("missing field", "POST", "/api/v1/groups", b"{}", 400),
        ("deep nesting", "POST", "/api/v1/groups", b"[" * 100000, 400), ("huge number", "PATCH", "/api/v1/devices/1", b'{"revision":99999999999999999999}', 400),
        ("a double for a number", "PATCH", "/api/v1/devices/1", b'{"revision":1.5}', 400), ("too large", "POST", "/api/v1/groups", b'{"title":"' + b"a" * (1 << 20) + b'"}', 413),
        ("too large for its route", "POST", "/api/v1/session", b'{"login":"' + b"a" * 5000 + b'"}', 413),
        ("path traversal", "GET", "/api/v1/../../etc/passwd", None, 404), ("escaped traversal", "GET", "/%2e%2e/%2e%2e/etc/passwd", None, 404),
        ("NUL in the path", "GET", "/api/v1/devices%00", None, 400), ("bad escape", "GET", "/api/v1/devices%zz", None, 400),
        ("broken UTF-8 in the path", "GET", "/api/v1/%ff", None, 400), ("negative id", "GET", "/api/v1/devices/-1", None, 404),
        ("too long an id", "GET", "/api/v1/devices/99999999999999999999", None, 404), ("unknown sort", "GET", "/api/v1/devices?sort=password", None, 400),
        ("page 0", "GET", "/api/v1/devices?page=0", None, 400), ("unknown query", "GET", "/api/v1/devices?x=1", None, 400),
        ("SQL in a search", "GET", "/api/v1/devices?search=%27%20OR%201=1--", None, 200), ("method", "PUT", "/api/v1/devices", b"{}", 405),
        ("no time", "GET", "/api/v1/events?from=yesterday", None, 400), ("no OBIS", "GET", "/api/v1/devices/1/readings?archive=day&obis=1.2", None, 400),
        ("a byte order mark", "POST", "/api/v1/groups", b'\xef\xbb\xbf{"title":"Marked"}', 201), ("UTF-16", "POST", "/api/v1/groups", '{"title":"a"}'.encode("utf-16"), 400),
        ("a title of blanks", "POST", "/api/v1/groups", '{"title":" \\t\u00a0\u200b\u3000\ufeff"}'.encode(), 400),
        ("a reason of blanks", "POST", "/api/v1/relays/plan", b'{"devices":[1],"relay":0,"action":"off","reason":"   "}', 400),
        ("an end before its beginning", "GET", "/api/v1/completeness?archive=day&from=2026-11-22&to=2026-11-01", None, 400),
        ("the same of a device", "GET", "/api/v1/devices/1/events?from=2026-11-22T10:00:01&to=2026-11-22T10:00:00", None, 400),
        ("an empty period", "GET", "/api/v1/devices/1/events?from=2026-11-22&to=2026-11-22", None, 200),
        ("header lines", "GET", "/api/v1/devices?search=%0d%0aX-Evil:%201", None, 200),
    ]
    for name, method, path, body, want in cases:
        status, data = admin.raw(method, path, body, {"Content-Type": "application/json"} if body is not None else {})
        answer = json.loads(data)
        good = status == want and (status < 400 or {"code", "message", "fields"} <= set(answer["error"]))
        if not ok(good, f"hostile: {name} gives {want}"):
            print(f"#   {status} {data[:300]!r}")
    s = socket.create_connection(("127.0.0.1", port))
    s.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-Long: " + b"a" * 100000 + b"\r\n\r\n")
    s.settimeout(10)
    try:
        head = s.recv(100)
    except OSError:
        head = b""
    ok(b" 431 " in head or b" 413 " in head or head == b"", "huge headers are refused")
    status, answer = admin.ask("POST", "/api/v1/groups", {"x": 1}, **{"Accept-Language": "ru"})
    same([f["message"] for f in answer["error"]["fields"]], ["обязательное поле", "такого поля нет"], "mistakes are told in Russian, each by field")


def lists(admin):
    everything = admin.get("/devices?size=1000")[1]["items"]
    for column in ("id", "serial", "title", "group", "link", "driver", "contact", "added"):
        key = {"contact": None}.get(column, column)
        if key:
            up = admin.get(f"/devices?size=1000&sort={column}")[1]["items"]
            same([d["id"] for d in up], [d["id"] for d in sorted(everything, key=lambda d: (d[column], d["id"]))], f"sorted by {column}")
            down = admin.get(f"/devices?size=1000&sort={column}&order=desc")[1]["items"]
            same([d["id"] for d in down], [d["id"] for d in reversed(up)], f"and backwards by {column}")
    pages = [d["id"] for page in (1, 2, 3, 4) for d in admin.get(f"/devices?size=3&page={page}&sort=title")[1]["items"]]
    same(pages, [d["id"] for d in admin.get("/devices?size=1000&sort=title")[1]["items"]], "pages put together are the list")
    for query, fits in (("search=meter", lambda d: "Meter" in d["title"]), ("search=%D1%82%D0%98%D0%A5", lambda d: "Тихий" in d["title"]),
                        ("group=House%2F0", lambda d: d["group"] == "House/0"), ("search=10000001", lambda d: d["serial"] == "10000001"),
                        ("contact=never", lambda d: d["contact"] == "never"), ("enabled=false", lambda d: False), (f"link={everything[0]['link']}", lambda d: d["link"] == everything[0]["link"])):
        answer = admin.get("/devices?" + query)[1]
        same(([d["id"] for d in answer["items"]], answer["total"]), ([d["id"] for d in everything if fits(d)], len([d for d in everything if fits(d)])), f"filter {query}")


def editing(admin):
    group = next(g for g in admin.get("/groups")[1]["items"] if g["title"] == "House/1")
    same(admin.patch(f"/groups/{group['id']}", {"revision": group["revision"], "default": True})[0], 200, "a default group")
    status, made = admin.post("/devices", {"serial": "501, 502,503", "driver": "mercury230", "lines": [{"address": "5", "parameters": {"password": "hex:010101010101"}}]})
    same((status, len(made["ids"])), (201, 3), "several at once from a list with commas")
    same(admin.post("/devices", {"serial": "504,502", "driver": "mercury230"})[1]["error"]["fields"][0]["field"], "serial", "one that is there: none is made")
    same(admin.post("/devices", {"serial": "505", "driver": "mercury230", "lines": [{"parameters": {"adress": "5"}}]})[1]["error"]["fields"][0]["field"], "lines[0].parameters.adress", "a parameter that the driver has not")
    same(admin.post("/devices", {"serial": "505", "driver": "none"})[0], 400, "a driver that is not")
    one = admin.get(f"/devices/{made['ids'][0]}")[1]
    line = one["lines"][0]
    same((one["group"], line["address"], line["parameters"]), ("House/1", "5", {"password": "***"}), "in the default group, its password not shown")
    change = lambda body: admin.patch(f"/devices/{one['id']}", body)
    status, fresh = change({"revision": one["revision"], "title": "by one"})
    same((status, fresh["title"], fresh["lines"]), (200, "by one", one["lines"]), "one editor saves, and the lines stay")
    status, answer = change({"revision": one["revision"], "title": "by another"})
    same((status, code(answer), answer["current"]["title"]), (409, "changed", "by one"), "the other learns of it, with the fresh row")
    same(change({"revision": fresh["revision"], "enabled": False})[1]["enabled"], False, "disabled")
    same(admin.get("/devices?enabled=false")[1]["total"], 1, "the list knows at once")
    for i in made["ids"]:
        same(admin.ask("DELETE", f"/api/v1/devices/{i}")[0], 200, "deleted")
    same(admin.get("/devices")[1]["total"], METERS + 2, "the list knows that, too")
    log = admin.get("/log/general?kind=SET_DEVICE_UPDATE&limit=10")[1]["items"]
    ok(log and log[0]["login"] == "admin" and log[0]["before"]["enabled"] is True and log[0]["after"]["enabled"] is False and log[0]["address"] == "127.0.0.1", "the log says who, from where, what was and what is")
    ok("010101010101" not in json.dumps(admin.get("/log/general")[1]), "and no passwords")
    link = admin.get("/links?search=127.66.0.1")[1]["items"][0]
    same(code(admin.ask("DELETE", f"/api/v1/links/{link['id']}")[1]), "in-use", "a channel in use is not deleted")
    same(admin.post("/links", {"uri": "gopher://x"})[1]["error"]["fields"][0]["field"], "uri", "a channel's address is checked")
    group = next(g for g in admin.get("/groups")[1]["items"] if g["id"] == group["id"])
    admin.patch(f"/groups/{group['id']}", {"revision": group["revision"], "title": "House/one"})
    same(admin.get("/devices?group=House%2Fone")[1]["total"], METERS // 2, "a group renamed takes its devices along")


def collection(admin, place):
    s = socket.create_connection(("127.0.0.1", admin.port))
    s.sendall(f"GET /api/v1/collection/stream HTTP/1.1\r\nHost: x\r\nCookie: svod={admin.cookie}\r\n\r\n".encode())
    s.settimeout(60)
    same(admin.post("/collection", {"devices": [999999]})[0], 404, "an unknown device is not asked")
    same(admin.post("/collection", {"all": True})[0], 202, "collection starts")
    ok(any(code(admin.post("/collection", {"all": True})[1]) == "busy" for _ in range(20)), "once at a time") # a pass may be over before the next request
    text, devices, figures, until = b"", {}, None, time.time() + 90
    while time.time() < until and not (figures and not figures["running"] and figures["done"] == METERS):
        text += s.recv(65536)
        devices = {d["serial"]: d for d in (json.loads(x) for x in re.findall(rb"event: device\ndata: (.*?)\n\n", text, re.S))}
        progress = re.findall(rb"event: progress\ndata: (.*?)\n\n", text, re.S)
        figures = json.loads(progress[-1]) if progress else None
    s.close()
    same((figures["done"], figures["failed"]), (METERS, 2), "progress by events, to the end")
    same({k: v["fault"] for k, v in devices.items()}, {**{str(10000001 + i): "" for i in range(METERS)}, "20000001": "no-connection", "20000002": "no-connection"}, "each device's result by events")
    same(admin.get("/devices?contact=good")[1]["total"], METERS, "contact in the list")
    same(admin.get("/devices?contact=failed&sort=contact")[1]["items"][0]["contact_text"] != "", True, "with its reason in words")
    missing = admin.get("/completeness/missing?archive=day&from=2020-01-01&to=2100-01-01")[1]["items"]
    same(sorted({m["serial"] for m in missing if m["reason"] == "no-connection"}), ["20000001", "20000002"], "who lacks what, and why")
    whole = admin.get("/completeness?archive=day&by=group&from=2020-01-01&to=2100-01-01")[1]["items"]
    same({g["key"]: float(g["percent"]) for g in whole}, {"House/0": 100.0, "House/one": 100.0, "Silent": 0.0}, "completeness by group")
    ok(any(g["key"] == "" for g in admin.get("/completeness?archive=day&by=maker&from=2020-01-01&to=2100-01-01")[1]["items"]), "and by maker")
    return next(d["id"] for d in admin.get("/devices?search=10000002")[1]["items"])


def data(admin, place, device):
    for archive in ("day", "profile", "current"):
        shown = svod("show", place + "/svod.db", 10000002, "--archive", archive, "--from", "2020-01-01", "--to", "2100-01-01", "--csv").out
        status, csv = admin.raw("GET", f"/api/v1/devices/{device}/readings.csv?archive={archive}&from=2020-01-01&to=2100-01-01")
        lines = [line.rsplit(";", 3) for line in csv.decode().splitlines()]
        ok(status == 200 and "".join(line[0] + "\n" for line in lines) == shown and shown.count("\n") > 3, f"CSV of {archive} equals svod show --csv")
        same(lines[0][1:], ["zone_minutes", "stored", "server_zone_minutes"], "and has both times' zones")
        now, stored = time.time(), [calendar.timegm(time.strptime(line[2], "%Y-%m-%d %H:%M:%SZ")) for line in lines[1:]]
        ok(all(now - 600 < s <= now for s in stored), f"every value of {archive} says when the server got it", stored)
    fleet = admin.raw("GET", f"/api/v1/readings.csv?archive=day&from=2020-01-01&to=2100-01-01")[1].decode().splitlines()
    same(len({line.split(";")[0] for line in fleet[1:]}), METERS, "CSV of the fleet")
    status, text = admin.raw("GET", f"/api/v1/devices/{device}/readings?archive=day&from=2020-01-01&to=2100-01-01")
    pivot = json.loads(text, parse_float=str, parse_int=str)
    lines = [line.split(";") for line in admin.raw("GET", f"/api/v1/devices/{device}/readings.csv?archive=day&from=2020-01-01&to=2100-01-01")[1].decode().splitlines()[1:]]
    zone = admin.get(f"/devices/{device}")[1]["zone_minutes"]
    same({(line[6], line[8]) for line in lines}, {(str(zone), str(pivot["server_zone_minutes"]))}, "and in which zones the two clocks are")
    same({line[1].replace(" ", "T"): line[7].replace(" ", "T").replace("Z", ".000Z") for line in lines}, {row["time"]: row["stored"] for row in pivot["rows"]}, "the pivot says the same")
    same(int(pivot["zone_minutes"]), zone, "of the device and the server")
    cells = {(row["time"].replace("T", " "), column["obis"]): value for row in pivot["rows"] for column, value in zip(pivot["columns"], row["values"]) if value is not None}
    same(cells, {(l[1], l[2]): l[3] for l in lines if l[3]}, "the pivot holds the same numbers, digit by digit")
    first = json.loads(admin.raw("GET", f"/api/v1/devices/{device}/readings?archive=profile&from=2020-01-01&to=2100-01-01&limit=10")[1])
    second = admin.get(f"/devices/{device}/readings?archive=profile&from={first['next']}&to=2100-01-01&limit=10")[1]
    ok(len(first["rows"]) == 10 and first["next"] == second["rows"][0]["time"], "long answers come in parts")
    latest = admin.get(f"/devices/{device}/latest")[1]["items"]
    ok(len(latest) > 5 and all(value["stored"] and value["zone_minutes"] == zone for value in latest), "latest values, with both times")
    events = admin.get(f"/devices/{device}/events?from=2020-01-01&to=2100-01-01")[1]
    ok(events["total"] >= 0 and events["items"] == sorted(events["items"], key=lambda e: e["time"], reverse=True), "events, newest first")
    states = admin.get(f"/devices/{device}/states")[1]["items"]
    ok(any(s["own"] for s in states), "states")
    same([s["obis"] for s in states if s["title"] == s["obis"]], [], "each has a name")
    same(len({s["title"] for s in states}), len(states), "of its own")
    frames = admin.get(f"/devices/{device}/exchanges?decode=true&size=20")[1]["items"]
    ok(len(frames) > 3 and all(f["lines"] for f in frames if f["direction"] != "note" and f["frame"]), "frames exchanged, explained as a tree")
    ok(b"svod_devices 9" in admin.raw("GET", "/metrics")[1], "metrics")
    same(admin.get("/about")[1]["name"], "Svod", "versions")


def contact_comes_back(admin, port):
    good = admin.get("/devices?search=10000001")[1]["items"][0]
    broken = admin.get(f"/links/{good['link']}")[1]
    admin.patch(f"/links/{broken['id']}", {"revision": broken["revision"], "uri": "tcp://127.0.0.1:9"})
    same(admin.post("/collection", {"devices": [good["id"]]})[0], 202, "one device alone is asked")
    for _ in range(200):
        if admin.get("/log/general?kind=SET_CONTACT_LOST")[1]["items"]:
            break
        time.sleep(0.1)
    lost = admin.get("/log/general?kind=SET_CONTACT_LOST")[1]["items"]
    ok(len(lost) == 1 and lost[0]["object"].startswith("10000001"), "loss of contact is in the log")
    while admin.get("/collection")[1]["running"]:
        time.sleep(0.1)
    same(admin.get("/collection")[1]["meters"], 1, "nobody else was asked")
    broken = admin.get(f"/links/{good['link']}")[1]
    admin.patch(f"/links/{broken['id']}", {"revision": broken["revision"], "uri": f"tcp://127.66.0.1:{port}"})
    admin.post("/collection", {"devices": [good["id"]]})
    for _ in range(200):
        if admin.get("/log/general?kind=SET_CONTACT_BACK")[1]["items"]:
            break
        time.sleep(0.1)
    ok(len(admin.get("/log/general?kind=SET_CONTACT_BACK")[1]["items"]) == 1, "and its return")


def sessions_and_factors(admin, callers):
    user = callers["Operator"]
    begun = user.post("/session/totp", {"password": "second-2"})[1]
    ok(begun["uri"].startswith("otpauth://totp/Svod:operator-1?secret=" + begun["secret"]), "a second factor is enrolled by its URI")
    same(user.post("/session/totp/confirm", {"code": "000000"})[0], 401, "a wrong code does not turn it on")
    used = totp(begun["secret"])
    status, recovery = user.post("/session/totp/confirm", {"code": used})
    same((status, len(recovery["codes"])), (200, 10), "the right one does, with ten recovery codes")
    again = Client(admin.port)
    same(code(again.sign_in("operator-1", "second-2")[1]), "code-required", "the password alone is not enough now")
    same(again.sign_in("operator-1", "second-2", used)[0], 401, "a code works once")
    same(again.sign_in("operator-1", "second-2", recovery["codes"][0])[0], 200, "a recovery code lets in")
    same(Client(admin.port).sign_in("operator-1", "second-2", recovery["codes"][0])[0], 401, "once")
    sessions = again.get("/sessions")[1]["items"]
    ok(len(sessions) >= 2, "both sessions are listed")
    other = next(s for s in sessions if not s["current"])
    same(again.ask("DELETE", f"/api/v1/sessions/{other['id']}")[0], 200, "one ends the other")
    same(user.get("/session")[0], 401, "which is out then")
    mine = next(s for s in admin.get("/sessions")[1]["items"] if s["current"])
    same(again.ask("DELETE", f"/api/v1/sessions/{mine['id']}")[0], 404, "another's session does not exist for him")
    status, token = admin.post("/tokens", {"title": "robot", "days": 1})
    robot = Client(admin.port, token["token"])
    same(robot.get("/devices")[0], 200, "a token lets a program in")
    same(robot.post("/groups", {"title": "made by a robot"})[0], 201, "without CSRF words")
    same(robot.post("/tokens", {"title": "child"})[0], 403, "but it makes no tokens")
    admin.ask("DELETE", f"/api/v1/tokens/{token['id']}")
    same(robot.get("/devices")[0], 401, "deleted, it does not")
    same(admin.ask("PUT", "/api/v1/session/settings", {"settings": {"columns": ["a", 1]}})[1], {"columns": ["a", 1]}, "settings of the pages are kept")
    same(admin.get("/session/settings")[1], {"columns": ["a", 1]}, "and read back")


def lock_out(admin):
    c = Client(admin.port)
    answers = [c.sign_in("user-1", f"wrong-{i}")[0] for i in range(5)]
    same(answers, [401] * 5, "wrong passwords")
    status, answer = c.sign_in("user-1", "second-2")
    same((status, code(answer)), (429, "held"), "after five the right one waits, too")
    ok(int(c.headers["retry-after"]) > 600, "and is told how long")
    unknown = [Client(admin.port).sign_in("nobody-at-all", "wrong")[0] for _ in range(6)]
    same(unknown, [401] * 5 + [429], "a name that does not exist behaves the same")
    row = next(u for u in admin.get("/users")[1]["items"] if u["login"] == "user-1")
    ok(row["held_ms"] > 0, "the administrator sees it")
    same(admin.patch(f"/users/{row['id']}", {"revision": row["revision"], "held": False})[0], 200, "and lets him in")
    same(c.sign_in("user-1", "second-2")[0], 200, "at once")
    kinds = {r["kind"] for r in admin.get("/log/security?limit=1000")[1]["items"]}
    ok({"SSET_LOGIN", "SSET_LOGIN_FAILED", "SSET_LOGIN_HELD", "SSET_PASSWORD_CHANGE", "SSET_USER_ADD", "SSET_USER_REMOVE", "SSET_ROLE_ADD", "SSET_TOTP_ON", "SSET_TOKEN_ADD"} <= kinds, "all of it is in the security log")
    for i in range(40):
        last = Client(admin.port).sign_in(f"spray-{i}", "wrong")[0]
        if last == 429:
            break
    same(last, 429, "an address that tries many names is held")
    same(admin.get("/devices")[0], 200, "who is in stays in")
    csv = admin.raw("GET", "/api/v1/log/security.csv")[1].decode()
    ok(csv.count("\n") > 20 and csv.startswith("time;kind;level"), "the log as CSV")


def main():
    place = folder()
    sim = world(place)
    server = HeadEnd(place + "/svod.db")
    try:
        ok(server.password, "the first start prints a password")
        admin = first_sign_in(server.port, server.password)
        csrf_and_headers(admin)
        callers = people(admin)
        matrix(admin, callers)
        projects(admin)
        hostile(admin)
        lists(admin)
        editing(admin)
        device = collection(admin, place)
        data(admin, place, device)
        contact_comes_back(admin, sim.ports()[0])
        sessions_and_factors(admin, callers)
        lock_out(admin)
        left = socket.create_connection(("127.0.0.1", server.port))
        left.sendall(f"GET /api/v1/collection/stream HTTP/1.1\r\nHost: x\r\nCookie: svod={admin.cookie}\r\n\r\n".encode())
        left.settimeout(20)
        ok(b"event: progress" in left.recv(4096) + left.recv(4096), "a listener stays on")
    finally:
        same(server.close(), 0, "the server ends in order, sanitizers silent")
        sim.close()
    rescue = svod("admin", "user", place + "/svod.db", "admin")
    server = HeadEnd(place + "/svod.db")
    word = re.search(r"password of admin: (\S+)", rescue.out)
    same(Client(server.port).sign_in("admin", word.group(1))[0] if word else rescue.err, 200, "the console gives a new password")
    same(server.close(), 0, "and ends again")
    done()


main()
