#!/usr/bin/env python3
"""A gateway read as an RTU-327 by a client written from the protocol's sheet: every value is what the API shows of the same store;
then clients that guess, stall, flood and break off."""
import csv
import io
import os
import socket
import ssl
import struct
import sys
import time
import warnings

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import rtu327_client as rtu
from decimal import Decimal
from api_client import HeadEnd
from mail_server import certificate
from rtu327_client import Gone, Reader, frame, nsh
from running import PATIENCE, World, begin, collect, done, folder, import_meters, ok, same, wall

SPODES, MERCURY, ZONE = 10000001, 41000001, 180
PASSWORD = bytes.fromhex("C0FFEE00")
CHANNELS = ["A+", "A-", "R+", "R-"]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def fill(place):
    world = World("--exact", "--tcp", "127.71.0.1:0", "--family", "spodes", "--count", 1, "--serial", SPODES, "--options", "phases=3",
                  "--tcp", "127.71.1.1:0", "--family", "mercury230", "--count", 1, "--serial", MERCURY)
    spodes, mercury = world.ports()
    database = os.path.join(place, "gateway.db")
    depths = "current=1,network=1,day=40,month=100,profile=3,journal=90"
    import_meters(database, [(SPODES, "A", "spodes", "tcp://127.71.0.1:%d" % spodes, "transport=wrapper;password=111111", "House", depths),
                             (MERCURY, "B", "mercury230", "tcp://127.71.1.1:%d" % mercury, "address=0", "House", depths)])
    ended = collect(database)
    same(ended.code, 0, "the world is collected", ended)
    world.close()
    return database


def shown(gateway, device, archive):
    """{(wall, obis): value or None} as the API shows it; None: the meter has none."""
    status, data = gateway.admin.raw("GET", "/api/v1/devices/%d/readings.csv?archive=%s&from=2000-01-01&to=2100-01-01" % (device, archive))
    rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig")), delimiter=";")
    return {(wall(r["time"].replace(" ", "T")), r["obis"]): None if int(r["quality"]) & 1 else Decimal(r["value"]) for r in rows}


def wait_for(what):
    """Its first true value."""
    until = time.time() + PATIENCE
    while not (found := what()) and time.time() < until:
        time.sleep(0.05)
    return found


def kilo(value):
    return -1.0 if value is None else float(value / 1000)


def utc(moment):
    return moment - ZONE * 60


# ---- values -----------------------------------------------------------------------------------------------------------------


def check_registers(reader, serial, store):
    for archive in ("day", "month"):
        walls = sorted({w for w, _ in store[archive]} - ({w for w, _ in store["day"]} if archive == "month" else set()))
        wrong = []
        for moment in walls:
            want = [kilo(store[archive].get((moment, "1.0.%d.8.0.255" % c))) for c in (1, 2, 3, 4)]
            got = reader.registers(serial, 15, utc(moment))
            if got != (rtu.OK, want):
                wrong.append((moment, got, want))
        ok(walls and not wrong, "%d: registers of %d moments of the %s archive" % (serial, len(walls), archive), wrong[:3])
    a_plus = store["day"][max(w for w, _ in store["day"]), "1.0.1.8.0.255"]
    same(reader.registers(serial, 1, utc(max(w for w, _ in store["day"]))), (rtu.OK, [kilo(a_plus)]), "%d: one channel alone" % serial)
    same(reader.registers(serial, 1, utc(wall("2019-01-01T00:00:00")))[0], rtu.NO_DATA, "%d: no data of long ago" % serial)


def check_profile(reader, serial, store):
    """All of it, 48 intervals at a time, from the beginning of time, asked on from each end."""
    used, got, since = store["profile"], {}, 0
    for _ in range(100):
        result, end, rows = reader.profile(serial, 15, since, 48)
        if result:
            break
        for i, (values, status) in enumerate(rows):
            got[end - (len(rows) - i) * 1800 + ZONE * 60] = (values, status)
        since = end
    same(result, rtu.NO_MORE, "%d: at last there is no more" % serial)
    want = {}
    for moment in range(min(w for w, _ in used), max(w for w, _ in used) + 1, 1800):
        values = [kilo(used.get((moment, "1.0.%d.29.0.255" % c))) for c in (1, 2, 3, 4)]
        want[moment] = (values, 1 if values == [-1.0] * 4 else 0)
    ok(len(want) > 100 and got == want, "%d: %d intervals of profile, each where it belongs" % (serial, len(want)),
       [(m, got.get(m), want.get(m)) for m in sorted(set(got) | set(want)) if got.get(m) != want.get(m)][:3])
    moment = max(w for w, _ in used)
    result, end, rows = reader.profile(serial, 4, utc(moment), 10)
    same((result, end, rows[0][0]), (rtu.OK, utc(moment) + 1800, [want[moment][0][2]]), "%d: R+ of the last interval" % serial)


def check_frozen(reader, serial, store):
    day = max(w for w, _ in store["day"])
    for channel, name in enumerate(CHANNELS, 1):
        result, rows = reader.frozen(serial, utc(day) - 1, channel, 1)
        want = [kilo(store["day"].get((day, "1.0.%d.8.%d.255" % (channel, t)))) for t in (1, 2, 3, 4, 0)]
        same((result, rows[0]["serial"], rows[0]["time"], rows[0]["tariffs"] + [rows[0]["total"]]), (rtu.OK, "%010d" % serial, utc(day), want),
             "%d: tariffs of %s at the start of the day" % (serial, name))


def check_network(reader, serial, store):
    moment = max(w for w, _ in store["network"])
    codes = {1: 21, 2: 41, 3: 61, 7: 14, 8: 31, 9: 51, 10: 71, 11: 32, 12: 52, 13: 72}
    result, rows = reader.network(serial, utc(moment), 1)
    same((result, rows[0][0]), (rtu.OK, utc(moment)), "%d: the network's moment" % serial)
    want = {bit: store["network"].get((moment, "1.0.%d.7.0.255" % c)) for bit, c in codes.items()}
    want = {bit: (kilo(v) if bit < 7 else float(v)) for bit, v in want.items() if v is not None}
    ok(len(want) == len(codes), "%d: powers, voltages, currents and frequency are collected" % serial, want)
    same({bit: v for bit, v in rows[0][1].items() if bit in codes}, want, "%d: kW, Hz, A and V in their bits" % serial)


def check_events(gateway, reader, serial, device):
    items = gateway.admin.read("/devices/%d/events?from=2000-01-01&to=2100-01-01&size=1000" % device)["items"]
    types = {(1, 0): 0, (1, 1): 1, (2, 0): 2, (2, 1): 3, (3, 2): 6, (7, 1): 9, (9, 1): 208, (9, 0): 209, (10, 1): 210, (10, 0): 211, (11, 1): 212,
             (11, 0): 213, (100, 1): 209, (100, 2): 208, (100, 3): 211, (100, 4): 210, (100, 5): 213, (100, 6): 212, (102, 1): 0, (102, 2): 1,
             (102, 29): 0, (104, 3): 9, (104, 4): 9, (113, 0): 2, (113, 1): 3}
    want = sorted((utc(wall(e["time"].replace(" ", "T"))), types[e["journal"], e["code"]]) for e in items if (e["journal"], e["code"]) in types)
    got, since = [], 0
    while True:
        result, rows = reader.events(serial, since, 10)
        if result:
            break
        got += rows
        since = rows[-1][0]
    ok(want and sorted(got) == want, "%d: %d events of %d, in pages" % (serial, len(want), len(items)), (got[:3], want[:3]))
    same((result, got == sorted(got, key=lambda e: e[0])), (rtu.NO_MORE, True), "%d: in order of time, then no more" % serial)


def check_values(gateway, port):
    reader = Reader(port)
    for d in gateway.admin.read("/devices?size=10")["items"]:
        serial = int(d["serial"])
        store = {a: shown(gateway, d["id"], a) for a in ("day", "month", "profile", "network")}
        check_registers(reader, serial, store)
        check_profile(reader, serial, store)
        check_frozen(reader, serial, store)
        check_network(reader, serial, store)
        check_events(gateway, reader, serial, d["id"])
        p = reader.parameters(serial)
        same((p["version"], p["type"], p["kt"], p["interval"]), (1, 15 if serial == MERCURY else 100, 1.0, 30), "%d: parameters" % serial)
    reader.close()


def check_commands(gateway, port):
    reader = Reader(port)
    same(reader.ask(rtu.GETVERSION), (rtu.OK, b"020102"), "the version")
    ok(abs(reader.time() - time.time()) < 1200, "the time is UTC")
    records = wait_for(lambda: struct.unpack("<I", reader.ask(rtu.GETMAXLOGID, b"\x01")[1])[0])
    ok(records > 0, "its own journal has records")
    same(reader.ask(rtu.SETTIME, struct.pack("<i", 3600))[0], rtu.NO_RIGHTS, "the clock is not the reader's to set")
    same(reader.ask(rtu.GETLOG, bytes(10))[0], rtu.UNKNOWN, "a command that is not served")
    same(reader.ask(rtu.GETSHPRM, nsh(7))[0], rtu.NO_METER, "a meter that is not there")
    same(reader.ask(rtu.GETSHPRM, b"\xFF" * 5)[0], rtu.BAD_PARAMETERS, "a number that is no decimal")
    same(reader.ask(rtu.GETLP, nsh(SPODES))[0], rtu.BAD_PARAMETERS, "a request cut short")
    reader.socket.sendall(b"\xFF\x00\x02" + frame(rtu.GETTIME, number=7)[:-1] + b"\0")
    same(reader.answer(), (7, rtu.BAD_CRC, b""), "noise is passed over, a wrong checksum is told")
    for byte in frame(rtu.GETVERSION, number=9):
        reader.socket.sendall(bytes([byte]))
    same(reader.answer(), (9, rtu.OK, b"020102"), "byte by byte")
    reader.socket.sendall(b"".join(frame(rtu.GETVERSION, number=n) for n in range(1, 101)))
    same([reader.answer()[0] for _ in range(100)], list(range(1, 101)), "a hundred at once are answered in order")
    reader.close()


def check_own_table(gateway, port):
    """What the head-end's table says of a meter goes out; a number of its own finds it."""
    device = next(d["id"] for d in gateway.admin.read("/devices?size=10")["items"] if d["serial"] == str(SPODES))
    reader, path = Reader(port), "/servers/rtu327/meters/%d" % device
    row = {"number": "9000000001", "object_type": 1, "object": 22, "feeder": -3}
    status, put = gateway.admin.ask("PUT", path, row)
    same((status, put["serial"], put["object"]), (200, str(SPODES), 22), "a meter's row is written")
    p = reader.parameters(9000000001)
    same((p["object_type"], p["object"], p["feeder"]), (1, 22, -3), "the same connection sees it at once")
    same(reader.ask(rtu.GETSHPRM, nsh(SPODES))[0], rtu.NO_METER, "by its serial number it is no more")
    same([i["number"] for i in gateway.admin.read("/servers/rtu327/meters")["items"]], ["9000000001"], "the row is listed")
    same(gateway.admin.ask("PUT", path, {"number": "12a"})[1]["error"]["fields"][0]["field"], "number", "letters are refused at the field")
    same(gateway.admin.ask("PUT", "/servers/rtu327/meters/999", row)[0], 404, "no such device")
    same(gateway.admin.ask("PUT", path, {})[0], 200, "nothing said takes the row away")
    same(reader.ask(rtu.GETSHPRM, nsh(SPODES))[0], rtu.OK, "and the serial number is its number again")
    reader.close()


# ---- who means no good --------------------------------------------------------------------------------------------------------


def gone(reader):
    """True once the server has let go of it; what it still says is thrown away."""
    try:
        while True:
            reader.take(1)
    except Gone:
        return True
    except (socket.timeout, TimeoutError):
        return False


def check_password(gateway, port):
    admin = gateway.admin
    now = admin.read("/servers/rtu327")
    same((now["password"], now["listening"], now["port"]), ("", True, port), "no password yet")
    same(admin.ask("PATCH", "/servers/rtu327", {"revision": now["revision"], "password": "xyz"})[1]["error"]["fields"][0]["field"], "password", "no hex is refused at the field")
    status, set_ = admin.ask("PATCH", "/servers/rtu327", {"revision": now["revision"], "password": PASSWORD.hex()})
    same((status, set_["password"]), (200, "***"), "a password is set, and never shown")
    same(admin.ask("PATCH", "/servers/rtu327", {"revision": now["revision"], "time": "local"})[0], 409, "whoever saw it before is told")
    database = gateway.log.rsplit(".", 1)[0]
    files = b"".join(open(database + end, "rb").read() for end in ("", "-wal"))
    ok(b"rtu327" in files and PASSWORD.hex().encode() not in files.lower(), "it lies sealed")
    same(Reader(port, PASSWORD).ask(rtu.GETVERSION)[0], rtu.OK, "who knows it reads")
    stranger = Reader(port)
    answers = []
    try:
        for _ in range(10):
            answers.append(stranger.ask(rtu.GETVERSION)[0])
    except (Gone, ConnectionError):
        pass
    same(answers, [rtu.BAD_PASSWORD] * 5, "who does not is told five times, then let go")


def check_hostile(gateway, port):
    good = Reader(port, PASSWORD)
    def serves(what):
        same(good.ask(rtu.GETVERSION)[0], rtu.OK, "others are served: " + what)
    stalled = Reader(port, PASSWORD)
    stalled.socket.sendall(frame(rtu.GETTIME, password=PASSWORD)[:6])
    serves("while one stalls in the middle of a request")
    flood = Reader(port, PASSWORD)
    try:
        for _ in range(64):
            flood.socket.sendall(os.urandom(16384).replace(b"\x02", b"\x03"))
    except OSError:
        pass
    ok(gone(flood), "who sends noise is let go")
    serves("after a flood of noise")
    deaf = Reader(port, PASSWORD)
    deaf.socket.settimeout(2)
    ask = frame(rtu.GETLP, nsh(SPODES) + struct.pack("<BIH", 15, 0, 0xFFFF), password=PASSWORD) * 200
    try:
        for _ in range(200):
            deaf.socket.sendall(ask)
    except OSError:
        pass
    serves("while one asks without end and never listens")
    deaf.close()
    broken = Reader(port, PASSWORD)
    broken.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    broken.socket.sendall(ask)
    broken.close()
    serves("after one broke off with answers on their way")
    huge = Reader(port, PASSWORD)
    huge.socket.sendall(b"\x02\xFF\xFF" + b"\x02\xFF\xFF" * 2000)
    ok(gone(huge), "lengths that no request has are noise")
    crowd = [Reader(port, PASSWORD, 5) for _ in range(40)]
    let_in = 0
    for reader in crowd:
        try:
            let_in += reader.ask(rtu.GETVERSION)[0] == rtu.OK
        except (Gone, OSError):
            pass
    ok(0 < let_in <= 16, "of a crowd from one address %d are let in" % let_in)
    serves("with a crowd at the door")
    figures = gateway.admin.read("/servers/rtu327")
    ok(figures["turned_away"] >= 24 and figures["wrong_passwords"] == 5 and figures["clients"] <= 16 and figures["requests"] > 10, "and the figures tell of it", figures)
    for reader in crowd:
        reader.close()
    return good, stalled


def table(gateway, *rows):
    now = gateway.admin.read("/servers")
    return gateway.admin.ask("PATCH", "/servers", {"revision": now["revision"], "items": [{"type": "http", "port": 80}] + list(rows)})


def check_tls(place, database, port):
    """The same gateway with a certificate: the row of the table says TLS."""
    authority, certificate_, key = certificate(place)
    log = open(os.path.join(place, "tls.log"), "w")
    gateway = begin("gateway", database, "--listen", "127.0.0.1:0", "--tls-cert", certificate_, "--tls-key", key, log=log)
    wait_for(lambda: "rtu327-listens" in open(log.name).read())
    trusting = ssl.create_default_context(cafile=authority)
    reader = Reader(port, PASSWORD, tls=trusting)
    ok(reader.socket.version() in ("TLSv1.2", "TLSv1.3"), "over " + reader.socket.version())
    same(reader.ask(rtu.GETVERSION)[0], rtu.OK, "a request is answered")
    result, _, rows = reader.profile(SPODES, 15, 0, 0xFFFF)
    ok(result == rtu.OK and len(rows) > 100, "an answer of many records")
    old = ssl.create_default_context(cafile=authority)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        old.maximum_version = old.minimum_version = ssl.TLSVersion.TLSv1_1
    try:
        Reader(port, PASSWORD, tls=old)
        ok(False, "TLS 1.1 is refused")
    except (ssl.SSLError, OSError):
        ok(True, "TLS 1.1 is refused")
    plain = Reader(port, PASSWORD)
    plain.socket.sendall(frame(rtu.GETVERSION, password=PASSWORD) * 20)
    ok(gone(plain), "who speaks plainly is let go")
    rude = Reader(port, PASSWORD, tls=trusting)
    rude.socket.close()
    same(reader.ask(rtu.GETVERSION)[0], rtu.OK, "others are served")
    gateway.terminate()
    same(gateway.wait(PATIENCE), 0, "and it ends in order")
    ok("runtime error" not in open(log.name).read() and "ERROR: " not in open(log.name).read(), "with nothing to complain of")
    ok(gone(reader), "letting its clients go")


def main():
    place = folder()
    gateway = HeadEnd(fill(place), face="gateway")
    for d in gateway.admin.read("/devices?size=10")["items"]:
        status, answer = gateway.admin.ask("PATCH", "/devices/%d" % d["id"], {"revision": d["revision"], "zone_minutes": ZONE})
        same(status, 200, "the meter's clock is three hours east", answer)
    same(gateway.admin.read("/servers/rtu327")["listening"], False, "without a row in the table of servers it rests")
    port = free_port()
    same(table(gateway, {"type": "rtu327", "port": port})[0], 200, "the server is wanted")
    check_values(gateway, port)
    check_commands(gateway, port)
    check_own_table(gateway, port)
    check_password(gateway, port)
    held = check_hostile(gateway, port)
    same(table(gateway, {"type": "rtu327", "port": port}, {"type": "transit-1", "port": 8011})[0], 200, "another row of the table changes")
    same(held[0].ask(rtu.GETVERSION)[0], rtu.OK, "whoever is connected stays")
    same(table(gateway)[0], 200, "the server is not wanted any more")
    ok(gone(held[0]), "its clients are let go")
    table(gateway, {"type": "rtu327", "port": port, "tls": True})
    status = gateway.admin.read("/servers/rtu327")
    same((status["listening"], status["trouble"]), (True, ""), "TLS without --tls-cert: the box's own certificate serves")
    table(gateway, {"type": "rtu327", "port": port})
    same(Reader(port, PASSWORD).ask(rtu.GETVERSION)[0], rtu.OK, "wanted again it serves again, with its password")
    table(gateway, {"type": "rtu327", "port": port, "tls": True})
    same(gateway.close(), 0, "the gateway ends in order")
    check_tls(place, gateway.log.rsplit(".", 1)[0], port)


main()
done()
