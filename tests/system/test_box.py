#!/usr/bin/env python3
"""The gateway's box over the running program and a simulated board: what is shown, time, a network change on trial, SIM cards with
failover and back, the button, loss of power, the self-test, the table of servers, roles, and the port that moves."""
import http.client
import os
import socket
import ssl
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from api_client import PASSWORD, Client, HeadEnd, code, until
from surroundings import Board
from running import done, folder, ok, same, svod


def fields(answer):
    return sorted(f["field"] for f in answer[1]["error"]["fields"])


def kinds(admin):
    return [r["kind"] for r in admin.read("/box/journal")["items"]]


def noted(admin, kind, name):
    return ok(until(lambda: kind in kinds(admin)), name)


def shown(admin):
    box = admin.read("/box")
    same((box["type"], box["serial"], bool(box["version"])), ("Свод (модель)", "900000000001", True), "who it is")
    same((box["power"]["mains"], box["power"]["lost"], box["inputs"], box["relays"], box["loop_ma"]), ("on", False, ["off"] * 3, ["off"] * 2, "4.000"), "its parts")
    same((box["lans"][0]["addresses"][0], box["lans"][1]["dhcp"]), ("192.168.0.1/24", "on"), "Ethernet 1 and 2")
    same((box["modem"]["state"], box["modem"]["wanted_sim"], box["modem"]["signal_percent"]), ("off", 0, None), "a modem that nobody has set up is left alone")
    same(box["leds"][0], {"name": "mode", "on_ms": 1000, "off_ms": 1000}, "the LED of work blinks a second by a second")
    same(box["meters"]["all"], 0, "no meters yet")
    noted(admin, "SET_BOX_START", "the journal begins")


def time_settings(admin, board):
    seen = admin.read("/box/time")
    same((seen["zone_minutes"], seen["written"]), (180, False), "time as the board has it")
    same(code(admin.patch("/box/time", {"revision": 1, "zone_minutes": 90})[1]), "invalid", "whole hours only")
    same(fields(admin.patch("/box/time", {"revision": 1, "servers": ["ntp.example.org", "no host"]})), ["servers[1]"], "which server is wrong")
    status, seen = admin.patch("/box/time", {"revision": 1, "zone_minutes": 300, "servers": ["ntp.example.org"]})
    same((status, seen["clock"]["zone_minutes"], seen["clock"]["synchronised"], seen["clock"]["source"]), (200, 300, True, "ntp.example.org"), "written and taken")
    same(code(admin.patch("/box/time", {"revision": 1, "zone_minutes": 0})[1]), "changed", "two who edit do not overwrite each other")
    status, seen = admin.post("/box/clock", {"utc": "2031-05-06T07:08:09"})
    same((status, seen["clock"]["utc"][:14], seen["clock"]["rtc_utc"][:14]), (200, "2031-05-06T07:", "2031-05-06T07:"), "the clock is set, the RTC with it")
    status, seen = admin.post("/box/clock/synchronise")
    ok(status == 200 and not seen["clock"]["utc"].startswith("2031"), "the time servers put it right", seen)
    board.say("rtc off")
    refused = admin.post("/box/clock", {"utc": "2031-05-06T07:08:09"})
    ok(refused[0] == 400 and "RTC: no answer" in refused[1]["error"]["fields"][0]["message"], "what the board refuses is told in its words", refused)
    board.say("rtc on")
    noted(admin, "SET_BOX_CLOCK", "setting the clock is noted")


def network(admin, board):
    start = admin.read("/box/network")
    wanted = {"revision": start["revision"], "lans": [{"dhcp": False, "address": "10.1.1.300", "mask": "255.0.255.0", "gateway": "10.1.2.1"}, {"dhcp": True, "dns1": "x"}]}
    same(fields(admin.patch("/box/network", wanted)), ["lans[0].address", "lans[0].mask", "lans[1].dns1"], "every wrong field is told")
    right = {"dhcp": False, "address": "10.1.1.30", "mask": "255.255.255.0", "gateway": "10.1.1.1"}
    wanted["lans"] = [right, {"dhcp": True, "dns1": ""}]
    status, seen = admin.patch("/box/network", wanted)
    ok(status == 202 and 0 < seen["trial_s"] <= 120 and seen["lans"][0]["address"] == "192.168.0.1", "on trial, not yet written", seen)
    ok(until(lambda: board.show()["lan1"] == "10.1.1.30"), "on the board already")
    same(code(admin.patch("/box/network", wanted)[1]), "in-use", "one trial at a time")
    same(admin.post("/box/network/revert")[1]["trial_s"], 0, "taken back by hand")
    same(board.show()["lan1"], "192.168.0.1", "the former address is back")
    noted(admin, "SET_BOX_NETWORK_BACK", "and that is noted")
    same(admin.post("/box/network/confirm")[0], 404, "there is nothing to confirm")
    admin.patch("/box/network", wanted)
    ok(until(lambda: board.show()["lan1"] == "10.1.1.30"), "tried again")
    status, seen = admin.post("/box/network/confirm")
    same((status, seen["lans"][0]["address"], seen["trial_s"], seen["revision"]), (200, "10.1.1.30", 0, start["revision"] + 1), "confirmed, it is written")


def modem(admin, board):
    start = admin.read("/box/modem")
    bad = {"revision": 1, "sims": [{"allowed": True, "pin": "12a4", "login": "a,b"}, {"sign_in": True}]}
    same(fields(admin.patch("/box/modem", bad)), ["sims[0].apn", "sims[0].login", "sims[0].pin", "sims[1].login"], "every wrong field is told")
    sims = [{"allowed": True, "apn": "internet.beeline.ru", "sign_in": True, "login": "beeline", "password": "beeline", "pin": "1234"},
            {"allowed": True, "apn": "internet.mts.ru", "sign_in": True, "login": "mts", "password": "mts"}]
    status, seen = admin.patch("/box/modem", {"revision": start["revision"], "sims": sims, "patience_s": 2, "return_s": 3})
    same((status, seen["sims"][0]["pin"], seen["sims"][0]["password"], seen["sims"][1]["pin"]), (200, "***", "***", ""), "secrets go in and never come out")

    def used():
        m = admin.read("/box")["modem"]
        return m["state"] == "connected" and m["sim"]

    same(used(), 1, "SIM 1 is preferred")
    same(admin.read("/box")["modem"]["operator"], "Beeline", "its operator")
    same(admin.read("/box")["leds"][1], {"name": "gsm-mode", "on_ms": 200, "off_ms": 1800}, "the LED of the modem says so")
    board.say("sim 1 silent")
    ok(until(lambda: used() == 2), "SIM 2 takes over when the first is silent")
    board.say("sim 1 good")
    ok(until(lambda: used() == 1), "and gives back when it is there again")
    noted(admin, "SET_BOX_SIM", "changes of the card are noted")
    now = admin.read("/box/modem")
    same((now["first"], fields(admin.patch("/box/modem", {"revision": now["revision"], "sims": [{}, {}], "first": 3}))), (1, ["first"]), "SIM 1 is the preferred card until somebody says otherwise")
    same(admin.patch("/box/modem", {"revision": now["revision"], "sims": [{}, {}], "first": 2})[1].get("first"), 2, "the second may be it")
    ok(until(lambda: used() == 2), "then it is used while both are good")
    admin.patch("/box/modem", {"revision": now["revision"] + 1, "sims": [{}, {}], "first": 1})
    ok(until(lambda: used() == 1), "and the first again")
    noted(admin, "SET_BOX_MODEM_OFF", "and the loss of the network")
    board.say("pin 1 9999")
    now = admin.read("/box/modem")
    kept = admin.patch("/box/modem", {"revision": now["revision"], "sims": [{"pin": "***", "password": "***"}, {"allowed": False}], "patience_s": 3600})
    same((kept[0], kept[1]["sims"][0]["apn"]), (200, "internet.beeline.ru"), "what is not sent stays")
    same(admin.read("/box")["modem"]["state"], "denied", "a card that refuses its PIN")


def parts(admin, board):
    same(admin.post("/box/relays", {"relay": 2, "on": True})[1]["relays"], ["off", "on"], "a relay of the box is switched and seen")
    same(admin.post("/box/relays", {"relay": 4, "on": True})[0], 400, "one that there is not is told")
    board.say("input 3 on")
    ok(until(lambda: admin.read("/box")["inputs"] == ["off", "off", "on"]), "an input is seen")
    noted(admin, "SET_BOX_INPUT", "and noted")
    board.say("loop 12.34")
    ok(until(lambda: admin.read("/box")["loop_ma"] == "12.340"), "the current input")
    board.say("mains off")
    ok(until(lambda: admin.read("/box")["power"]["lost"]), "loss of power is seen")
    record = next(r for r in admin.read("/box/journal")["items"] if r["kind"] == "SET_BOX_POWER")
    same((record["object"], record["details"]["mains"]), ("lost", "off"), "and noted with what there is")
    board.say("button 6")
    ok(until(lambda: board.show()["battery"] == "off"), "without power the button switches the battery off")
    board.say("mains on")


def self_test(admin, board):
    board.say("test I2C fail")
    board.say("cable1 off")
    before = admin.read("/box/diagnostics")["time"]
    same(admin.post("/box/diagnostics")[0], 202, "the self-test on demand")
    until(lambda: admin.read("/box/diagnostics")["time"] != before)
    seen = admin.read("/box/diagnostics")
    flags = {f["flag"]: f["result"] for f in seen["flags"]}
    same([flags[f] for f in ("I2C", "RTC", "File", "RAM", "ROM", "ARJ", "SOC", "ETH", "RS1", "SND")],
         ["failed", "passed", "passed", "passed", "passed", "passed", "passed", "passed", "absent", "absent"], "flags, each by its own look")
    same(admin.read("/box")["failed_tests"], ["I2C", "GSM"], "what failed is shown at home; the modem has a card that refuses its PIN")
    noted(admin, "SET_BOX_TEST_BAD", "and noted")


def servers(admin):
    table = admin.read("/servers")
    same([(r["type"], r["port"]) for r in table["items"]], [("http", 80)], "a fresh table")
    rows = [{"type": "http", "port": 80}, {"type": "rtu327", "port": 80}, {"type": "rtu327", "port": 55}]
    same(fields(admin.patch("/servers", {"revision": table["revision"], "items": rows})), ["items[1].port", "items[2].type"], "the manual's two rules, at the row")
    same(fields(admin.patch("/servers", {"revision": table["revision"], "items": []})), ["items"], "the way in stays")
    rows = [{"type": "http", "port": 80}, {"type": "transit-1", "port": 11}, {"type": "rtu327", "port": 55, "tls": True}]
    status, seen = admin.patch("/servers", {"revision": table["revision"], "items": rows})
    same((status, [r["port"] for r in seen["items"]]), (200, [11, 55, 80]), "written")
    ok(sorted(admin.read("/box")["ports"])[:2] == [11, 55], "ports in use are shown at home")
    same(code(admin.patch("/servers", {"revision": table["revision"], "items": rows})[1]), "changed", "two who edit do not overwrite each other")


def set_interface(admin, number, **what):
    return admin.patch("/interfaces/%d" % number, {"revision": admin.read("/interfaces/%d" % number)["revision"], **what})


def power_lines(admin, board):
    """S0 4.2.3: «линия питания» of an interface."""
    lines = lambda: [board.show()["supply%d" % n] for n in (1, 2, 3, 4)]
    become = lambda wanted, name: ok(until(lambda: lines() == wanted), name)  # the keeper of the box may be at its self-test
    same((admin.read("/interfaces")["power_lines"], admin.read("/box")["power_lines"]), (4, ["off"] * 4), "the box has four power lines")
    board.say("supply 3 on")
    same(set_interface(admin, 1, idle_s=90)[1]["power_line"], 0, "another setting of an interface is written")
    same(lines(), ["off", "off", "on", "off"], "lines that nobody has named are left alone")
    status, seen = set_interface(admin, 1, power_line=2)
    same((status, seen["power_line"]), (200, 2), "an interface is given its line")
    become(["off", "on", "off", "off"], "the interface's line goes on, what nobody wants goes off")
    ok(until(lambda: admin.read("/interfaces/1")["power"] == "on"), "which the interface tells")
    noted(admin, "SET_BOX_POWER_LINE", "and that is noted")
    set_interface(admin, 2, power_line=2)
    set_interface(admin, 1, power_line=4)
    become(["off", "on", "off", "on"], "it stays on while another interface wants it")
    set_interface(admin, 1, power_line=0)
    set_interface(admin, 2, power_line=1)
    become(["on", "off", "off", "off"], "and goes off with the last one")
    board.say("supply 1 off")
    become(["on", "off", "off", "off"], "a line that went off by itself is switched on again")
    board.say("supply 4 absent")
    ok(until(lambda: admin.read("/interfaces")["power_lines"] == 3), "a board with three")
    same((fields(set_interface(admin, 3, power_line=4)), set_interface(admin, 3, power_line=5)[0]), (["power_line"], 400), "a line that the box has not is refused")


def roles(admin, port):
    names = {r["name"]: r for r in admin.read("/roles")["items"]}
    same(sorted(names), ["Administrator", "No access", "User"], "the gateway's roles are the manual's")
    for login, role in (("reader", "User"), ("nobody", "No access")):
        admin.post("/users", {"login": login, "password": "First-pass1", "role": names[role]["id"], "projects": [1]})
    reader, nobody = (Client(port).enter(login, "First-pass1", "Second-pass1") for login in ("reader", "nobody"))
    same([reader.get(p)[0] for p in ("/box", "/servers", "/box/modem", "/users", "/roles")], [200, 200, 200, 403, 403], "«Пользователь» reads all but accounts")
    same([reader.post("/box/restart")[0], reader.patch("/servers", {"revision": 1, "items": []})[0]], [403, 403], "and writes nothing")
    same([nobody.get(p)[0] for p in ("/box", "/devices", "/servers")], [403, 403, 403], "«Нет доступа» has none")


def button(admin, board):
    before = int(board.show()["restarts"])
    board.say("button 12")
    ok(until(lambda: int(board.show()["restarts"]) == before + 1), "ten seconds of the button: defaults and a restart")
    same(board.show()["lan1"], "192.168.0.1", "the network is as it came from the factory")
    same(admin.read("/box/network")["lans"][0]["address"], "192.168.0.1", "in the database, too")
    ok({"type": "http", "port": 80, "tls": False, "title": "HTTP server"} in admin.read("/servers")["items"], "HTTP is on port 80 again")
    before = int(board.show()["restarts"])
    same(admin.post("/box/restart")[0], 202, "restart by hand")
    ok(until(lambda: int(board.show()["restarts"]) == before + 1), "is carried out")
    noted(admin, "SET_BOX_RESTART", "and noted")


def free_port():
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    port = s.getsockname()[1]
    s.close()
    return port


def set_http(admin, port, tls=False):
    table = admin.read("/servers")
    return admin.patch("/servers", {"revision": table["revision"], "items": [{"type": "http", "port": port, "tls": tls}]})[0]


def answers(port, tls=False):
    context = ssl._create_unverified_context()
    try:
        c = http.client.HTTPSConnection("127.0.0.1", port, timeout=30, context=context) if tls else http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        c.request("GET", "/api/v1/session")
        return c.getresponse().status
    except (OSError, http.client.HTTPException):
        return None


def the_port_moves(place, admin, server):
    first, second = free_port(), free_port()
    set_http(admin, first)
    same(server.close(), 0, "it ends in order")
    server = HeadEnd(place + "/svod.db", "--board", "sim", face="gateway", listen=None)
    same(server.port, first, "without --listen the table says where the pages are")
    admin = Client(first).enter("admin", PASSWORD)
    same(set_http(admin, second), 200, "another port is written")
    ok(until(lambda: answers(second) == 401), "it is open without a restart")
    ok(until(lambda: answers(first) is None), "and the former one is closed")
    admin = Client(second).enter("admin", PASSWORD)
    same(admin.read("/log/security?size=1")["items"][0]["address"], "127.0.0.1", "a client of IPv4 is noted as such")
    if socket.has_dualstack_ipv6():
        c = http.client.HTTPConnection("::1", second, timeout=30)
        c.request("GET", "/api/v1/session")
        same(c.getresponse().status, 401, "by IPv6 it is open, too")
        c.close()
    same(set_http(admin, second, tls=True), 200, "TLS is asked for")
    ok(until(lambda: answers(second, tls=True) == 401), "HTTPS with the box's own certificate")
    same(server.close(), 0, "it ends in order")


def head_end_has_none(place):
    server = HeadEnd(place + "/svod.db")
    admin = server.admin
    same([admin.get(p)[0] for p in ("/box", "/servers", "/box/time", "/box/network", "/box/modem", "/box/diagnostics")], [404] * 6, "the head-end has no box")
    same(server.close(), 0, "it ends in order")


def main():
    place = folder()
    refused = svod("gateway", place + "/x.db", "--board", "arm", "--listen", "127.0.0.1:0")
    ok(refused.code == 2 and "no such board" in refused.err, "a board that there is not", refused)
    server = HeadEnd(place + "/svod.db", "--board", "sim:" + place + "/board", face="gateway")
    admin, board = server.admin, Board(place + "/board")
    shown(admin)
    time_settings(admin, board)
    network(admin, board)
    modem(admin, board)
    parts(admin, board)
    power_lines(admin, board)
    self_test(admin, board)
    servers(admin)
    roles(admin, server.port)
    same(server.close(), 0, "it ends in order")
    server = HeadEnd(place + "/svod.db", "--board", "sim:" + place + "/board", face="gateway")
    admin = Client(server.port).enter("admin", PASSWORD)
    same((board.show()["lan1"], board.show()["supply1"], admin.read("/box/time")["clock"]["zone_minutes"]), ("10.1.1.30", "on", 300), "after a start the settings are on the board again")
    button(admin, board)
    the_port_moves(place, admin, server)
    head_end_has_none(folder())
    done()


main()
