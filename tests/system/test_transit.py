#!/usr/bin/env python3
"""Transit of a gateway's lines: a client talks to a meter through a port while this line and the others are polled; limits; clients
that flood, stall and leave; RFC 2217 with pySerial's client; listening; TLS; who held the line."""
import os
import socket
import ssl
import struct
import sys
import threading
import time
import warnings

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
sys.path.append("/usr/lib/python3/dist-packages")  # Debian's python3-serial, whichever Python runs the tests
import serial

from api_client import HeadEnd
from running import World, done, folder, holds, import_meters, ok, same

WAIT = 60  # seconds after which something counts as never
DEPTHS = "current,day=3"


def crc(frame):
    c = 0xFFFF
    for b in frame:
        c ^= b
        for _ in range(8):
            c = (c >> 1) ^ 0xA001 if c & 1 else c >> 1
    return frame + struct.pack("<H", c)


def ping(address):
    """A Меркурий's test of the channel; its answer has the same bytes."""
    return crc(bytes([address, 0]))


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for s in sockets:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def until(look, seconds=WAIT):
    end = time.time() + seconds
    while time.time() < end:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    return look()


class Client:
    """A transit client with plain bytes."""

    def __init__(self, port, tls=None):
        self.socket = socket.create_connection(("127.0.0.1", port), WAIT)
        self.name = "%s:%d" % self.socket.getsockname()
        if tls:
            self.socket = tls.wrap_socket(self.socket)

    def ask(self, request, size):
        self.socket.sendall(request)
        return self.take(size)

    def take(self, size):
        got = b""
        while len(got) < size:
            more = self.socket.recv(size - len(got))
            if not more:
                break
            got += more
        return got

    def ended(self):
        """True when the other side has closed, whatever still came."""
        try:
            while self.socket.recv(4096):
                pass
            return True
        except (ConnectionResetError, ssl.SSLError):
            return True
        except TimeoutError:
            return False

    def close(self):
        self.socket.close()


def any_tls():
    """Whatever certificate the other side has: it is the box's own."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


class Tunnel:
    """A port of ours over which plain bytes go through TLS to `port`: for clients that have no TLS of their own."""

    def __init__(self, port):
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = self.door.getsockname()[1]
        threading.Thread(target=self.carry, args=(port,), daemon=True).start()

    def carry(self, port):
        here, _ = self.door.accept()
        there = any_tls().wrap_socket(socket.create_connection(("127.0.0.1", port), WAIT))
        there.settimeout(0.02)  # one thread has the connection, as OpenSSL wants it
        here.settimeout(0.02)
        open_ = True
        while open_:
            for taker, giver in ((there, here), (here, there)):
                try:
                    data = giver.recv(4096)
                    open_ = open_ and len(data) > 0
                    taker.sendall(data)
                except TimeoutError:
                    pass
                except OSError:
                    open_ = False
        here.close()
        there.close()


class Box:
    """A gateway with three simulated buses; interfaces 1 to 3 have transit ports."""

    def __init__(self, place):
        self.buses = [os.path.join(place, "bus%d" % i) for i in (1, 2, 3)]
        meters = lambda first, count: [w for i in range(count) for w in ("--meter", "mercury230:%d:%d" % (i + 1, first + i))]
        self.world = World("--exact", "--bus", self.buses[0], "--line", "19200,8N1", *meters(41000001, 5),
                           "--bus", self.buses[1], "--line", "19200,8N1", *meters(42000001, 4),
                           "--bus", self.buses[2], "--line", "2400,8E1,strict", *meters(43000001, 1))
        self.database = os.path.join(place, "gateway.db")
        rows = [(41000001 + i, "Первый %d" % (i + 1), "mercury230", "serial:" + self.buses[0], "address=%d" % (i + 1), "A", DEPTHS) for i in range(5)]
        rows += [(42000001 + i, "Второй %d" % (i + 1), "mercury230", "serial:" + self.buses[1], "address=%d" % (i + 1), "B", DEPTHS) for i in range(4)]
        import_meters(self.database, rows)
        self.box = HeadEnd(self.database, face="gateway")
        self.api = self.box.admin
        self.api.ask("POST", "/links", {"title": "Третья", "kind": "serial", "device": self.buses[2]})
        self.links = {k["device"]: k["id"] for k in self.api.read("/links")["items"]}
        self.ports = free_ports(3)
        for n in (1, 2, 3):
            self.set(n, link=self.links[self.buses[n - 1]], idle_s=1, hold_s=60)
        servers = self.api.read("/servers")
        table = [{"type": "http", "port": 80}] + [{"type": "transit-%d" % n, "port": self.ports[n - 1]} for n in (1, 2, 3)]
        same(self.api.ask("PATCH", "/servers", {"revision": servers["revision"], "items": table})[0], 200, "the table of servers is written")
        ok(until(lambda: all(self.transit(n)["listening"] for n in (1, 2, 3))), "the ports are open", self.transit(1))

    def set(self, number, **what):
        now = self.api.read("/interfaces/%d" % number)
        status, answer = self.api.ask("PATCH", "/interfaces/%d" % number, {"revision": now["revision"], **what})
        if status != 200:
            raise RuntimeError("%s %s" % (status, answer))
        return answer

    def reset(self, number, **what):
        """Sets it, and waits until the port is open with that."""
        self.anew([number], lambda: self.set(number, **what))

    def anew(self, numbers, change):
        """Waits until the ports have been opened anew with the change: who was connected before it has been let go."""
        held = [self.client(n) for n in numbers]
        change()
        for client in held:
            client.ended()
            client.close()
        until(lambda: all(self.transit(n)["listening"] and not self.transit(n)["clients"] for n in numbers))

    def transit(self, number):
        return self.api.read("/interfaces/%d" % number)["transit"]

    def client(self, number, tls=None):
        return Client(self.ports[number - 1], tls)

    def secure(self, *numbers):
        """These ports are over TLS from now on, the others plain."""
        rows = [{"type": "http", "port": 80}] + [{"type": "transit-%d" % n, "port": self.ports[n - 1], "tls": n in numbers} for n in (1, 2, 3)]
        body = {"revision": self.api.read("/servers")["revision"], "items": rows}
        self.anew([1, 3], lambda: same(self.api.ask("PATCH", "/servers", body)[0], 200, "TLS in the rows of %s" % (numbers,)))

    def line(self, number):
        return self.api.read("/lines/%d" % self.links[self.buses[number - 1]])

    def journal(self, kind):
        return self.api.read("/log/security?kind=%s&limit=100" % kind)["items"]

    def end_of(self, client):
        """What the journal says of the end of this client's session, once it is there."""
        find = lambda: [r["after"] for r in self.journal("SSET_TRANSIT_END") if r["object"].endswith(", " + client.name)]
        found = until(find)
        return found[0] if found else {}


def beside_polling(b):
    """The client reads meter 2 of the first bus while both buses are polled; the polls resume and miss nothing."""
    client, other = b.client(1), b.client(2)
    same(client.ask(ping(2), 4), ping(2), "a meter answers through the port of a line at rest")
    same(b.line(1)["holder"]["use"], "transit", "the line's page shows who holds it")
    holds(b.line(1)["holder"]["client"], "127.0.0.1:", "and where he calls from")
    ok(until(lambda: b.line(1)["holder"]["use"] == "free", 30), "after the silence that was set the line is free, the client still there")
    status, _ = b.api.ask("POST", "/collection", {"all": True})
    same(status, 202, "collection begins")
    until(lambda: b.line(1)["holder"]["use"] == "collection")
    answers = [client.ask(ping(1 + i % 5), 4) == ping(1 + i % 5) for i in range(10)]
    ok(all(answers), "while the line is polled a client gets it, and only the answers to his own questions", answers)
    ok(b.line(1)["holder"]["use"] == "transit", "the poll waits meanwhile")
    ok(until(lambda: b.line(2)["cycle"] and not b.line(2)["cycle"]["running"], 60), "the other line is polled to its end in the meantime", b.line(2))
    same(b.line(2)["cycle"]["devices"], 4, "all of its meters")
    ok(until(lambda: not b.api.read("/collection")["running"]), "the poll resumes when the client is silent, and ends")
    figures = b.api.read("/collection")
    same((figures["done"], figures["failed"]), (9, 0), "every meter was read")
    line = b.line(1)
    uses = {s["use"] for s in line["past"]}
    ok({"transit", "collection"} <= uses, "the line's journal has both", uses)
    ok(line["cycle"]["away_ms"] >= 1000, "the cycle says how long transit had the line", line["cycle"])
    same(len(line["meters"]), 5, "what came of each meter")
    ok(all(m["fault"] == "" and m["ms"] > 0 and m["exchanges"] > 0 for m in line["meters"]), "with its time on the line", line["meters"])
    client.close()
    other.close()
    end = b.end_of(client)
    ok(end.get("bytes_to_line") == 44 and end.get("bytes_to_client") == 44 and float(end["held_line_s"]) >= 1, "the session is in the journal with its bytes and its time on the line", end)


def refusals(b):
    first = b.client(1)
    same(first.ask(ping(1), 4), ping(1), "the first client speaks")
    second = b.client(1)
    ok(second.ended(), "a second one is refused")
    refused = until(lambda: b.journal("SSET_TRANSIT_REFUSED"))
    holds(refused[0]["after"]["why"], "another client", "and the journal says why")
    for _ in range(20):
        b.client(1).ended()
    ok(len(b.journal("SSET_TRANSIT_REFUSED")) < 5, "who comes again and again does not flood the journal")
    same(first.ask(ping(2), 4), ping(2), "the first one is not disturbed")
    first.close()
    until(lambda: not b.transit(1)["clients"])
    b.reset(1, allowed="10.0.0.0/8 192.168.7.1")
    ok(b.client(1).ended(), "who is not among the allowed addresses is refused")
    b.reset(1, allowed="127.0.0.0/8")
    c = b.client(1)
    same(c.ask(ping(1), 4), ping(1), "who is of an allowed network may come")
    c.close()
    for wrong, field in (({"allowed": "10.0.0.0/33"}, "allowed"), ({"baud": 1234}, "baud"), ({"link": 99999}, "link"),
                         ({"link": b.links[b.buses[1]]}, "link"), ({"idle_s": 0}, "idle_s"), ({"parity": "mark"}, "parity")):
        status, answer = b.api.ask("PATCH", "/interfaces/1", {"revision": b.api.read("/interfaces/1")["revision"], **wrong})
        same((status, answer["error"]["fields"][0]["field"]), (400, field), "refused at its field: %s" % field)
    same(b.api.ask("PATCH", "/interfaces/1", {"revision": 1, "idle_s": 5})[1]["error"]["code"], "changed", "two editors")
    same(b.api.ask("GET", "/interfaces/9")[0], 404, "there are eight interfaces")


def hold_limit(b):
    b.reset(1, hold_s=2, idle_s=30)
    client = b.client(1)
    begun, asked = time.time(), 0
    try:
        while time.time() < begun + WAIT:
            if client.ask(ping(1), 4) != ping(1):
                break
            asked += 1
            time.sleep(0.05)
    except OSError:
        pass
    ok(asked > 3 and time.time() < begun + WAIT, "a client that keeps talking is let go after the longest hold")
    holds(b.end_of(client)["why"], "longest time", "and the journal says so")
    quiet = b.client(1)
    ok(quiet.ended(), "so is one who only occupies the port")
    holds(b.end_of(quiet)["why"], "silent", "for his silence")
    b.reset(1, hold_s=60, idle_s=1)


def rough_clients(b):
    """Flood, stall, leaving in the middle: the other line and the poll after it go well."""
    flooder = b.client(1)
    flooder.socket.settimeout(2)
    try:
        for _ in range(400):
            flooder.socket.sendall(b"\x55" * 65536)
    except TimeoutError:
        ok(True, "who floods is slowed down by the line's own pace")
    other = b.client(2)
    same([other.ask(ping(1), 4) for _ in range(3)], [ping(1)] * 3, "the other line answers meanwhile")
    flooder.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # what is under way is dropped
    flooder.close()
    end = b.end_of(flooder)
    ok(0 < end["bytes_to_line"] < 200000, "nothing was heaped up for the line", end)
    half = b.client(1)
    half.socket.sendall(ping(3)[:3])  # and no more
    until(lambda: b.line(1)["holder"]["use"] == "transit")
    same(other.ask(ping(2), 4), ping(2), "and while one hangs in the middle of a frame")
    half.close()
    asked = b.client(1)
    asked.socket.sendall(ping(3))
    asked.close()  # its answer will find nobody
    same(other.ask(ping(3), 4), ping(3), "and when he has left in the middle of an answer")
    until(lambda: not b.transit(1)["clients"])
    other.close()
    b.box.collect(all=True)
    figures = b.api.read("/collection")
    same((figures["failed"], figures["done"] > 0), (0, True), "whatever clients have left behind, the meters are read")


def stalled(b):
    """A listener that never reads, and a speaker beside it."""
    b.reset(1, others_listen=True, idle_s=1)
    speaker = b.client(1)
    same(speaker.ask(ping(1), 4), ping(1), "one speaks")
    deaf = socket.socket()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    deaf.connect(("127.0.0.1", b.ports[0]))
    listener = b.client(1)
    ok(until(lambda: sum(c["listens"] for c in b.transit(1)["clients"]) == 2), "others listen", b.transit(1))
    listener.socket.sendall(ping(4))  # is sent to nobody
    same([speaker.ask(ping(i), 4) for i in (2, 3)], [ping(2), ping(3)], "the speaker is not disturbed by who does not read")
    other = b.client(2)
    same([other.ask(ping(i), 4) for i in (1, 2)], [ping(1), ping(2)], "nor is the other line")
    other.close()
    same(listener.take(16), ping(2) * 2 + ping(3) * 2, "a listener has a copy of both sides, and his own words go nowhere")
    for c in (speaker, listener):
        c.close()
    deaf.close()
    until(lambda: not b.transit(1)["clients"])
    b.reset(1, others_listen=False)


def listening(b):
    b.reset(2, mode="listen")
    client = b.client(2)
    until(lambda: b.transit(2)["clients"])
    client.socket.sendall(ping(1))
    b.box.collect(all=True)
    heard = client.take(200)
    ok(len(heard) == 200 and heard.count(ping(1)) != 1, "who listens gets what collection and meters say", heard.hex())
    ok(b"\x01" * 6 in heard or heard[:2] in (b"\x01\x00", b"\x01\x01"), "from the first question on", heard[:20].hex())
    same(b.api.read("/collection")["failed"], 0, "and collection is not disturbed")
    client.close()
    until(lambda: not b.transit(2)["clients"])
    b.reset(2, mode="speak")


def rfc2217(b):
    """An independent client sets speed and parity; the meter understands no other."""
    plain = b.client(3)
    plain.socket.settimeout(1)
    try:
        answer = plain.ask(ping(1), 4)
    except TimeoutError:
        answer = b""
    same(answer, b"", "a meter at 2400 8E1 does not understand 9600 8N1")
    plain.close()
    until(lambda: not b.transit(3)["clients"])
    port = serial.serial_for_url("rfc2217://127.0.0.1:%d" % b.ports[2], baudrate=2400, bytesize=8, parity="E", stopbits=1, timeout=10)
    port.write(ping(1))
    same(port.read(4), ping(1), "pySerial's client sets 2400 8E1, and the meter answers")
    port.baudrate = 9600
    port.reset_input_buffer()
    port.timeout = 1
    port.write(ping(1))
    same(port.read(4), b"", "at 9600 it does not")
    port.baudrate, port.timeout = 2400, 10
    port.write(ping(1))
    same(port.read(4), ping(1), "at 2400 it does again")
    every = bytes(range(256)) + b"\xff\xff\xff\xf0"
    port.write(every)
    until(lambda: b.transit(3)["clients"][0]["bytes_sent"] >= 12 + len(every))
    same(b.transit(3)["clients"][0]["bytes_sent"], 12 + len(every), "bytes of the telnet protocol go to the line as data, once")
    try:
        port.stopbits = 1.5
        ok(False, "one and a half stop bits are refused")
    except (ValueError, serial.SerialException) as e:
        holds(str(e), "rejected", "one and a half stop bits are refused")
    port.close()
    until(lambda: not b.transit(3)["clients"])
    b.reset(3, baud=2400, parity="even")
    plain = b.client(3)
    same(plain.ask(ping(1), 4), ping(1), "with the interface's own settings plain bytes are understood, too")
    plain.close()


def over_tls(b):
    """TLS on the first and the third line's port, the second one's plain."""
    b.secure(1, 3)
    ok(until(lambda: b.transit(1)["listening"] and b.transit(3)["listening"]), "the ports are open", b.transit(1))
    stalled = b.client(1)  # says nothing from here on: TLS is to be set up by him
    ok(until(lambda: b.transit(1)["clients"]), "one who only occupies the port is there")
    b.box.collect(all=True)
    same(b.api.read("/collection")["failed"], 0, "the line is not his: every meter was read meanwhile")
    ok(stalled.ended(), "who does not set TLS up is let go")
    slow = b.end_of(stalled)
    ok("in time" in slow.get("why", "") and float(slow["held_line_s"]) == 0, "for his slowness, and the line was never his", slow)
    plain = b.client(1)
    plain.socket.sendall(ping(1) * 20)
    ok(plain.ended(), "who speaks plainly is let go")
    end = b.end_of(plain)
    ok("TLS 1.2" in end.get("why", "") and end["bytes_to_line"] == 0 and float(end["held_line_s"]) == 0, "not a byte of his was on the line, and the journal says why", end)
    old = any_tls()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        old.set_ciphers("DEFAULT@SECLEVEL=0")
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    until(lambda: not b.transit(1)["clients"])
    try:
        b.client(1, old)
        ok(False, "TLS 1.1 is refused")
    except OSError as e:
        ok("ALERT" in str(e) or "alert" in str(e), "TLS 1.1 is refused, by name", e)
    until(lambda: not b.transit(1)["clients"])
    client = b.client(1, any_tls())
    ok(client.socket.version() in ("TLSv1.2", "TLSv1.3"), "a client over " + client.socket.version())
    same([client.ask(ping(1 + i % 5), 4) for i in range(10)], [ping(1 + i % 5) for i in range(10)], "has the meters' answers")
    beside = b.client(2)
    same(beside.ask(ping(1), 4), ping(1), "a port whose row has no TLS is plain as before")
    beside.close()
    client.close()
    end = b.end_of(client)
    same((end["why"], end["bytes_to_line"], end["bytes_to_client"]), ("the client has left", 40, 40), "the journal counts his bytes, not those of TLS")
    b.reset(3, baud=9600, parity="none")
    port = serial.serial_for_url("rfc2217://127.0.0.1:%d" % Tunnel(b.ports[2]).port, baudrate=2400, bytesize=8, parity="E", stopbits=1, timeout=10)
    port.write(ping(1))
    same(port.read(4), ping(1), "RFC 2217 goes through TLS: 2400 8E1 is set, and the meter answers")
    port.close()
    b.secure()
    ok(until(lambda: b.transit(1)["listening"] and not b.transit(1)["clients"]), "without TLS again")
    open_ = b.client(1)
    same(open_.ask(ping(1), 4), ping(1), "plain bytes are understood")
    open_.close()
    until(lambda: not b.transit(1)["clients"])


def servers(b):
    table = b.api.read("/servers")
    http = [{"type": "http", "port": 80}]
    held = b.client(1)
    same(held.ask(ping(1), 4), ping(1), "a client is there")
    b.api.ask("PATCH", "/servers", {"revision": table["revision"], "items": http + [{"type": "transit-1", "port": b.ports[0], "tls": True}]})
    ok(held.ended(), "who is connected when the settings change is let go")
    ok(until(lambda: b.transit(1)["listening"]), "it is open again, over TLS", b.transit(1))
    same(b.transit(2)["port"], 0, "one that was taken out of the table is closed")
    taken = socket.socket()
    taken.bind(("0.0.0.0", 0))
    taken.listen(1)
    b.ports[0] = taken.getsockname()[1]
    b.api.ask("PATCH", "/servers", {"revision": b.api.read("/servers")["revision"], "items": http + [{"type": "transit-1", "port": b.ports[0]}]})
    ok(until(lambda: "in use" in b.transit(1)["trouble"]), "a port that somebody else has is told", b.transit(1))
    taken.close()
    ok(until(lambda: b.transit(1)["listening"]), "and opened as soon as it is free")


def plan(b):
    line = b.line(1)
    same((line["period_ms"], line["fit"]), (0, "unknown"), "without a period nothing is said of the plan")
    b.api.ask("PUT", "/collection/schedule", {"every_minutes": 30})
    line = b.line(1)
    ok(line["fit"] == "yes" and 0 < line["plan_ms"] < line["period_ms"] == 1800000, "a plan of seconds fits half an hour", line)
    b.api.ask("PUT", "/collection/schedule", {"every_minutes": 0})
    meters = [m["device"] for m in line["meters"]]
    task = b.api.post("/tasks", {"title": "two of them", "devices": meters[:2], "work": {"measurements": [{"archive": "day", "depth_days": 1}]}})[1]["id"]
    minutes, hours = [b.api.post("/timetables", {"title": kind, "schedule": {"kind": kind, "start": "2026-01-01T00:00:00", "every": 7}})[1]["id"] for kind in ("minutes", "hours")]
    both = b.api.post("/calendars", {"title": "both", "timetables": [hours, minutes]})[1]["id"]
    event = {"title": "poll", "condition": {"kind": "schedule", "timetable": hours}, "actions": [{"kind": "poll", "task": task}]}
    event = b.api.post("/occasions", event)[1]["id"]
    slow = b.api.read("/lines/%d" % line["id"])
    ok(slow["fit"] == "yes" and slow["period_ms"] == 7 * 3600000 and 0 < slow["plan_ms"] < line["plan_ms"], "an event that polls two meters every seven hours is a period, too, and its plan is theirs", slow)
    b.api.patch("/occasions/%d" % event, {"revision": 1, "condition": {"kind": "calendar", "calendar": both}})
    same(b.line(1)["period_ms"], 420000, "of a calendar the shortest")
    same((b.line(2)["period_ms"], b.line(2)["fit"]), (0, "unknown"), "a line that it does not name has none")
    b.api.patch("/occasions/%d" % event, {"revision": 2, "enabled": False})
    same(b.line(1)["fit"], "unknown", "nor has the first when the event is off")
    lines = b.api.read("/lines")
    same((lines["total"], [k["interface"] for k in lines["items"]]), (3, [1, 2, 3]), "all lines with the numbers on the case")


place = folder()
b = Box(place)
beside_polling(b)
refusals(b)
hold_limit(b)
rough_clients(b)
stalled(b)
listening(b)
rfc2217(b)
plan(b)
over_tls(b)
servers(b)
ok(any(r["object"].startswith("Interface 1, ") for r in b.journal("SSET_TRANSIT_BEGIN")), "every session's beginning is in the journal")
c = b.client(1)  # somebody is there, and has the line, when the gateway ends
same(c.ask(ping(1), 4), ping(1), "he has the line")
same(b.box.close(), 0, "the gateway ends in order, whoever is connected")
done()
