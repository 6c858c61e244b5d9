#!/usr/bin/python3
"""Devices, their lines, channels and protocol profiles over the running server: lists, group operations, the wizard; two
editors; another project's ids."""
import datetime
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from api_client import HeadEnd
from running import done, folder, ok, same

SECRET = "3131313131313131"


def field(answer):
    status, body = answer
    return status, body["error"]["fields"][0]["field"] if body["error"]["fields"] else body["error"]["code"]


def fields(answer):
    return answer[0], [f["field"] for f in answer[1]["error"]["fields"]]


def channels(admin):
    status, made = admin.ask("POST", "/links", {"kind": "tcp", "host": "10.0.0.5", "port": 4059, "exclusive": True, "answer_ms": 30000, "title": "Дом 5"})
    same(status, 201, "a channel by its fields")
    link = admin.read(f"/links/{made['id']}")
    same({k: link[k] for k in ("uri", "kind", "host", "port", "exclusive", "answer_ms", "connect_ms", "soft7", "devices")},
         {"uri": "tcp://10.0.0.5:4059", "kind": "tcp", "host": "10.0.0.5", "port": 4059, "exclusive": True, "answer_ms": 30000, "connect_ms": 0, "soft7": False, "devices": 0}, "comes back so")
    status, link = admin.ask("PATCH", f"/links/{made['id']}", {"revision": link["revision"], "kind": "serial", "device": "/dev/ttyS1", "baud": 9600, "format": "7E1", "soft7": True})
    same((status, link["uri"], link["host"], link["device"]), (200, "serial:/dev/ttyS1?9600,7E1,soft7", "", "/dev/ttyS1"), "another kind takes another address")
    same(admin.ask("PATCH", f"/links/{made['id']}", {"revision": link["revision"] - 1, "title": "x"})[0], 409, "the second editor is told")
    for body, at in (({"kind": "tcp", "host": "a"}, "port"), ({"kind": "serial"}, "device"), ({"uri": "gopher://x"}, "uri"), ({"kind": "tcp", "host": "a?b", "port": 1}, "host"), ({"kind": "tcp", "host": "10.0.0.256", "port": 1}, "host"), ({"kind": "udp", "host": " ", "port": 1}, "host"),
                     ({"kind": "serial", "device": "/dev/x", "baud": 1234}, "baud"), ({"kind": "serial", "device": "/dev/x", "baud": 9600, "format": "9N1"}, "format"),
                     ({"kind": "tcp", "host": "a", "port": 1, "rs485": True}, "rs485"), ({"kind": "tcp", "host": "a", "port": 70000}, "port")):
        same(field(admin.ask("POST", "/links", body)), (400, at), f"a channel {body} is wrong at {at}")
    ids = [admin.ask("POST", "/links", {"uri": f"tcp://10.1.0.{i}:5000"})[1]["id"] for i in range(3)]
    same(admin.ask("POST", "/links/edit", {"ids": ids, "set": {"port": 6000, "soft7": True}}), (200, {"changed": 3}), "several channels at once")
    same(admin.read(f"/links/{ids[2]}")["uri"], "tcp://10.1.0.2:6000?soft7", "keep what was not named")
    same(fields(admin.ask("POST", "/links/edit", {"ids": ids, "set": {"title": "x"}})), (400, ["set.title"]), "but not their names")
    same([k["id"] for k in admin.read("/links?search=%D0%94%D0%9E%D0%9C")["items"]], [made["id"]], "searched in any case")
    same([k["id"] for k in admin.read("/links?kind=tcp&search=10.1.&sort=uri&order=desc")["items"]], ids[::-1], "by kind, sorted")
    return ids


def protocols(admin):
    status, made = admin.ask("POST", "/protocols", {"title": "dlms-16", "driver": "spodes", "parameters": {"security": "low", "password": SECRET, "client": "32"}})
    same(status, 201, "a protocol profile")
    one = admin.read(f"/protocols/{made['id']}")
    same((one["parameters"], one["devices"]), ({"security": "low", "password": "***", "client": "32"}, 0), "its password is not shown")
    status, one = admin.ask("PATCH", f"/protocols/{made['id']}", {"revision": one["revision"], "parameters": {"password": "***", "client": "48", "security": "high"}})
    same((status, one["parameters"]), (200, {"password": "***", "client": "48", "security": "high"}), "the mask keeps the secret")
    for body, at in (({"driver": "none"}, "driver"), ({"driver": "spodes", "parameters": {"client": "x"}}, "parameters.client"),
                     ({"driver": "spodes", "parameters": {"info": "31"}}, "parameters.info"), ({"driver": "spodes", "parameters": {"nothing": "1"}}, "parameters.nothing"),
                     ({"driver": "spodes", "parameters": {"password": "a;b"}}, "parameters.password"),
                     ({"driver": "spodes", "parameters": {"security": "high", "password": "short"}}, "parameters.password"),
                     ({"driver": "spodes", "parameters": {"security": "high", "client": "32"}}, "parameters.client"),
                     ({"driver": "spodes", "parameters": {"security": "low", "client": "48"}}, "parameters.client"),
                     ({"driver": "spodes", "parameters": {"physical": "16384"}}, "parameters.physical"),
                     ({"driver": "spodes", "parameters": {"address_size": "3"}}, "parameters.address_size"),
                     ({"driver": "spodes", "parameters": {"address_size": "2", "physical": "6867"}}, "parameters.address_size"),
                     ({"driver": "spodes", "parameters": {"info_send": "20"}}, "parameters.info_send"),
                     ({"driver": "spodes", "parameters": {"dedicated": "yes"}}, "parameters.dedicated"),
                     ({"driver": "spodes", "parameters": {"suite": "2", "protection": "both", "encryption_key": "hex:" + "00" * 16}}, "parameters.encryption_key"),
                     ({"driver": "spodes", "parameters": {"security": "ecdsa"}}, "parameters.suite"), ({"driver": "spodes", "parameters": {"tries": "21"}}, "parameters.tries")):
        same(field(admin.ask("POST", "/protocols", {"title": "x", **body})), (400, at), f"wrong at {at}")
    other = admin.ask("POST", "/protocols", {"title": "m-bus", "driver": "mbus", "parameters": {}})[1]["id"]
    ids = [made["id"], admin.ask("POST", "/protocols", {"title": "dlms-17", "driver": "spodes", "parameters": {"client": "32"}})[1]["id"]]
    same(admin.ask("POST", "/protocols/edit", {"ids": ids, "set": {"parameters": {"info": "256"}}}), (200, {"changed": 2}), "several profiles at once")
    same(admin.read(f"/protocols/{made['id']}")["parameters"], {"password": "***", "client": "48", "security": "high", "info": "256"}, "keep the others of their parameters")
    same(field(admin.ask("POST", "/protocols/edit", {"ids": ids + [other], "set": {"parameters": {"client": "16"}}})), (400, "set.parameters.client"), "all or none")
    same(admin.read(f"/protocols/{ids[1]}")["parameters"], {"client": "32", "info": "256"}, "none it was")
    driver = next(d for d in admin.read("/drivers")["items"] if d["name"] == "spodes")
    by = {p["name"]: p for p in driver["parameters"]}
    same((by["physical"]["address"], by["physical"]["when"], by["info"]["least"], by["info"]["most"], by["timeout"]["part"], by["password"]["secret"]),
         (True, {"parameter": "transport", "is_not": ["wrapper"]}, 32, 2030, "exchange", True), "a form can be made of what the driver says")
    same([(a["channel"], a["value"]) for a in by["info"]["advice"]], [("tcp", "256"), ("udp", "256"), ("serial", "1024")], "and what is usual by the kind of channel")
    ok([a["value"] for a in by["physical"]["advice"]] == [None, None, "16"] and all(a["text"] for a in by["physical"]["advice"]), "or where to learn it")
    same([len(by[name]["advice"]) for name in ("password", "timeout", "tries", "logical")], [0, 3, 3, 3], "of table 3")
    return ids, other


def devices(admin, links, profiles, other):
    lines = [{"link": links[0], "protocol": profiles[0], "address": "1234", "parameters": {"password": SECRET}, "retries": 2},
             {"link": links[1], "priority": 7, "enabled": False, "parameters": {"security": "none"}}]
    status, made = admin.ask("POST", "/devices", {"serial": "7001, 7002,7003", "driver": "spodes", "model": "CE307", "status": "in-stock", "note": "щит №4", "lines": lines})
    same((status, len(made["ids"])), (201, 3), "three devices with two lines each")
    long = "Щит 1 ввод 2" + " " + "я" * 87
    status, named = admin.ask("POST", "/devices", {"serial": f"N19(N02)-CE207 (v4) , {long}", "driver": "spodes"})
    same([admin.read(f"/devices/{id}")["serial"] for id in named["ids"]], ["N19(N02)-CE207 (v4)", long], "any text of 100 characters is a serial number")
    same(field(admin.ask("POST", "/devices", {"serial": long + "я", "driver": "spodes"})), (400, "serial"), "not of 101")
    same(admin.ask("POST", "/devices/delete", {"ids": named["ids"]})[1]["deleted"], 2, "they go")
    one = admin.read(f"/devices/{made['ids'][0]}")
    first = one["lines"][0]
    same((first["place"], first["address"], first["parameters"], first["retries"], first["protocol_title"], first["link_uri"]),
         (1, "1234", {"password": "***"}, 2, "dlms-16", "tcp://10.1.0.0:6000?soft7"), "the first line")
    same((one["status"], one["source"], one["note"], one["model"]), ("in-stock", "by-hand", "щит №4", "CE307"), "what is said of it")
    same(admin.read(f"/links/{links[0]}")["devices"], 3, "a channel says how many use it")
    status, body = admin.ask("DELETE", f"/links/{links[0]}")
    same((status, body["error"]["code"], body["devices"]), (409, "in-use", 3), "and is not deleted meanwhile")
    status, body = admin.ask("DELETE", f"/protocols/{profiles[0]}")
    same((status, body["devices"]), (409, 3), "nor a profile")
    same(admin.ask("POST", "/links/delete", {"ids": [links[0], links[2]]}), (200, {"used": [links[0]], "deleted": 1}), "of several the free ones go")
    for line, at in (({"link": 999}, "lines[0].link"), ({"protocol": 999}, "lines[0].protocol"), ({"protocol": other}, "lines[0].protocol"),
                     ({"parameters": {"client": "900"}}, "lines[0].parameters.client"), ({"address": "x"}, "lines[0].parameters.physical"), ({"place": 3}, "lines[0].place"),
                     ({"parameters": {"security": "low"}}, "lines[0].parameters.password"), ({"parameters": {"security": "high", "password": SECRET}}, "lines[0].parameters.client"),
                     ({"parameters": {"client": "48", "password": SECRET}}, "lines[0].parameters.client"), ({"parameters": {"security": "gmac"}}, "lines[0].parameters.encryption_key"),
                     ({"parameters": {"security": "none", "protection": "both", "encryption_key": "k" * 16}}, "lines[0].parameters.authentication_key")):
        same(field(admin.ask("POST", "/devices", {"serial": "7777", "driver": "spodes", "lines": [line]})), (400, at), f"a line {line} is wrong at {at}")
    same(admin.read("/devices?search=7777")["total"], 0, "and no device was made")
    return made["ids"], one


def editing_lines(admin, one, links):
    path = f"/devices/{one['id']}/lines"
    status, fresh = admin.ask("PUT", path, {"revision": one["revision"], "lines": [{"place": 2, "enabled": True}, {"place": 1, "priority": 9}, {"link": links[1], "address": "77", "parameters": {"security": "low", "password": "111"}}]})
    same((status, [l["place"] for l in fresh["lines"]]), (200, [3, 2, 1]), "lines change places by priority, a new one gets a number")
    same([(l["address"], l["parameters"], l["retries"]) for l in fresh["lines"] if l["place"] == 1], [("1234", {"password": "***"}, 2)], "what was not given stays")
    status, answer = admin.ask("PUT", path, {"revision": one["revision"], "lines": []})
    same((status, answer["error"]["code"], len(answer["current"]["lines"])), (409, "changed", 3), "the second editor sees how it is now")
    status, fresh = admin.ask("PUT", path, {"revision": fresh["revision"], "lines": [{"place": 1, "address": "", "parameters": {"password": "***", "time": "7"}}]})
    same((status, field((status, fresh))[1] if status == 400 else None), (400, "lines[0].parameters.time"), "an unknown parameter is refused at its place")
    same(admin.ask("PUT", path, {"revision": 0, "lines": [{"place": 1}, {"place": 1}]})[1]["error"]["fields"][0]["field"], "lines[1].place", "a line is named once")
    now = admin.read(f"/devices/{one['id']}")
    status, fresh = admin.ask("PUT", path, {"revision": now["revision"], "lines": [{"place": 1, "address": ""}]})
    same((status, len(fresh["lines"]), fresh["lines"][0]["address"]), (200, 1, ""), "lines left out are gone, an address can be emptied")
    same(field(admin.ask("PUT", path, {"revision": fresh["revision"], "lines": [{"place": 1, "parameters": {"password": "sealed:AAAA"}}]})), (400, "lines[0].parameters.password"), "what looks sealed is no password")
    same(admin.read(path)["total"], 1, "as its own list says")


def lists(admin, ids):
    rows = {d["id"]: d for d in admin.read("/devices?model=CE307")["items"]}
    same((sorted(rows), {d["lines"] for d in rows.values()}), (ids, {1, 2}), "the list has them by model")
    same([(v["value"], v["count"]) for v in admin.read("/devices/counts?by=status")["items"]], [("in-use", 2), ("in-stock", 3)], "grouped by status, the file's first two in use")
    same([(v["value"], v["title"], v["count"]) for v in admin.read("/devices/counts?by=source&model=CE307")["items"]], [("by-hand", "By hand", 3)], "within a filter")
    today = admin.read("/devices/counts?by=added&status=in-stock")["items"]
    same([(v["value"], v["count"]) for v in today], [(datetime.date.today().isoformat(), 3)], "by day of adding")
    day = today[0]["value"]
    same(admin.read(f"/devices?added_from={day}&added_to={day}T23:59:59&model=CE307")["total"], 3, "which opens by the filter")
    same(admin.read("/devices?added_to=2020-01-01")["total"], 0, "and shuts")
    same([d["id"] for d in admin.read(f"/devices?ids={ids[2]},{ids[0]},99999")["items"]], [ids[0], ids[2]], "only those named by id")
    same(admin.read("/devices/ids?model=CE307&sort=serial&order=desc"), {"ids": ids[::-1], "total": 3}, "all ids of a filter")
    found = admin.ask("POST", "/devices/find", {"serials": ["7003", "nobody", "7001"]})[1]
    same(([d["serial"] for d in found["items"]], found["missing"]), (["7003", "7001"], ["nobody"]), "by pasted numbers")
    same(admin.read("/devices?search=%D0%A9%D0%98%D0%A2")["total"], 3, "searched in the notes")
    same([d["serial"] for d in admin.read("/devices?sort=note&order=desc&size=1")["items"]], ["7003"], "sorted by any column")


def wizard(admin, ids, links, profiles):
    one, two, three = ids
    status, answer = admin.ask("POST", "/devices/wizard", {"ids": [one, two], "set": {"device": {"group": "Щитовая", "enabled": False}}})
    same((status, answer), (200, {"devices": 2, "links": 0, "protocols": 0}), "common mode: a group and a switch for two")
    same({d["id"] for d in admin.read("/devices?group=%D0%A9%D0%B8%D1%82%D0%BE%D0%B2%D0%B0%D1%8F&enabled=false")["items"]}, {one, two}, "they moved")
    same(fields(admin.ask("POST", "/devices/wizard", {"ids": [one, two, three], "set": {"link": {"port": 7000}}})), (400, ["ids[1].link", "ids[2].link"]),
         "a channel only where there is one line, each row told")
    for i in (two, three):
        d = admin.read(f"/devices/{i}")
        same(admin.ask("PUT", f"/devices/{i}/lines", {"revision": d["revision"], "lines": [{"place": 1}]})[0], 200, "one line left")
    status, answer = admin.ask("POST", "/devices/wizard", {"ids": ids, "set": {"link": {"port": 7000}, "protocol": {"parameters": {"info": "512"}}, "line": {"retries": 4}}})
    same((status, answer), (200, {"devices": 3, "links": 1, "protocols": 1}), "three devices over one channel and one profile")
    same((admin.read(f"/links/{links[0]}")["port"], admin.read(f"/protocols/{profiles[0]}")["parameters"]["info"]), (7000, "512"), "both are changed")
    rows = admin.ask("POST", "/devices/wizard/rows", {"ids": ids})[1]["items"]
    same([(r["line"]["retries"], r["link"]["port"], r["protocol"]["parameters"]["password"], r["device"]["serial"]) for r in rows], [(4, 7000, "***", s) for s in ("7001", "7002", "7003")], "what can be edited")
    status, answer = admin.ask("POST", "/devices/wizard", {"rows": [{"id": r["id"], "revision": r["revision"], "line": {"address": str(1000 + i), "parameters": {"password": "p" * 15 + str(i)}}}
                                                                    for i, r in enumerate(rows)]})
    same(status, 200, "unique mode: to each its address and password")
    fresh = [admin.read(f"/devices/{i}") for i in ids]
    same([d["lines"][0]["address"] for d in fresh], ["1000", "1001", "1002"], "each has its own")
    bad = [{"id": one, "revision": fresh[0]["revision"], "device": {"note": "changed"}}, {"id": two, "revision": rows[1]["revision"], "device": {"note": "changed"}}]
    answer = admin.ask("POST", "/devices/wizard", {"rows": bad})
    same((answer[1]["error"]["code"], fields(answer)), ("changed", (409, ["rows[1].revision"])), "a row that somebody has changed is named")
    same(admin.read(f"/devices/{one}")["note"], "щит №4", "and nothing was done")
    wrong = [{"id": one, "line": {"address": "99999"}}, {"id": two, "link": {"port": 1}}, {"id": three, "link": {"port": 2}}, {"id": 999999}]
    same(fields(admin.ask("POST", "/devices/wizard", {"rows": wrong})), (400, ["rows[0].line.parameters.physical", "rows[2].link", "rows[3].id"]), "every mistake at its row and field")
    same(fields(admin.ask("POST", "/devices/wizard", {"rows": [{"id": one, "device": {"title": "x"}}, {"id": one, "line": {"retries": 99}}]})),
         (400, ["rows[0].device.title", "rows[1].line.retries"]), "names are no matter of the wizard, limits hold")
    same(fields(admin.ask("POST", "/devices/wizard", {"rows": [{"id": one}, {"id": one}]})), (400, ["rows[1].id"]), "a device once")
    log = admin.read("/log/general?kind=SET_DEVICE_UPDATE&limit=3")["items"]
    ok(len(log) == 3 and "***" in str(log[0]["after"]) and "pppp" not in str(log), "the log has every device, no password")


def foreign(admin, server, ids, links, profiles):
    project = admin.ask("POST", "/projects", {"title": "Other"})[1]["id"]
    role = next(r["id"] for r in admin.read("/roles")["items"] if r["name"] == "Project Manager")
    admin.ask("POST", "/users", {"login": "stranger", "password": "first-1", "role": role, "projects": [project]})
    stranger = server.client("stranger", "first-1")
    stranger.ask("POST", "/session/password", {"former": "first-1", "password": "second-2"})
    unknown = stranger.ask("GET", "/devices/99999999")
    same(unknown[0], 404, "nothing there")
    for method, path, body in (("GET", f"/links/{links[0]}", None), ("GET", f"/protocols/{profiles[0]}", None), ("DELETE", f"/protocols/{profiles[0]}", None),
                               ("PATCH", f"/protocols/{profiles[0]}", {"revision": 1, "title": "x"}), ("GET", f"/devices/{ids[0]}/lines", None),
                               ("PUT", f"/devices/{ids[0]}/lines", {"revision": 1, "lines": []}), ("POST", "/links/edit", {"ids": [links[0]], "set": {"port": 1}}),
                               ("POST", "/protocols/edit", {"ids": [profiles[0]], "set": {"parameters": {}}}), ("POST", "/links/delete", {"ids": [links[0]]}),
                               ("POST", "/devices/wizard/rows", {"ids": [ids[0]]})):
        same(stranger.ask(method, path, body), unknown, f"{method} {path} of a foreign project is as one that is not")
    same(fields(stranger.ask("POST", "/devices/wizard", {"ids": [ids[0]], "set": {"device": {"note": "x"}}})), (400, ["ids[0].id"]), "nor the wizard")
    same(stranger.ask("POST", "/devices/delete", {"ids": ids}), (200, {"deleted": 0, "missing": 3}), "nor deleting many")
    same(stranger.ask("POST", "/devices/find", {"serials": ["7001"]})[1]["missing"], ["7001"], "nor by number")
    same(fields(stranger.ask("POST", "/devices", {"serial": "1", "driver": "spodes", "lines": [{"protocol": profiles[0]}]})), (400, ["lines[0].protocol"]), "nor its profile used")


def main():
    place = folder()
    with open(place + "/meters.txt", "w") as f:
        f.write("1|A|mercury230|tcp://127.0.0.1:9|address=1|G|day=1\n2|B|mercury230|tcp://127.0.0.1:9|address=2|G|day=1\n")
    from running import svod
    same(svod("admin", "import", place + "/svod.db", place + "/meters.txt").code, 0, "meters of a text file")
    server = HeadEnd(place + "/svod.db")
    admin = server.admin
    imported = admin.read("/devices?source=imported")["items"]
    same([(d["serial"], d["lines"]) for d in imported], [("1", 1), ("2", 1)], "are imported, with a line each")
    links = channels(admin)
    profiles, other = protocols(admin)
    ids, one = devices(admin, links, profiles, other)
    editing_lines(admin, one, links)
    lists(admin, ids)
    wizard(admin, ids, links, profiles)
    foreign(admin, server, ids, links, profiles)
    written = b"".join(open(place + "/" + name, "rb").read() for name in os.listdir(place) if name.startswith("svod.db") and not name.endswith(".hes"))
    ok(b"dlms-17" in written and SECRET.encode() not in written, "the database's files show no password")
    same(admin.ask("POST", "/devices/delete", {"ids": ids + [999999]}), (200, {"deleted": 3, "missing": 1}), "many deleted, counted")
    same(admin.read(f"/links/{links[0]}")["devices"], 0, "nobody uses the channel any more")
    same(server.close(), 0, "the server ends in order, sanitizers silent")
    done()


main()
