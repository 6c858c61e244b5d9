#!/usr/bin/env python3
"""Hour files of the running gateway and their way to real FTP servers: primary, secondary, both away, a cut in the middle of a file, a
kill in the middle; every line that was stored arrives once. Then the server's clock, the
same over TLS, and what the API refuses."""
import collections
import glob
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from api_client import HeadEnd, code, until
from ftp_server import PASSWORD, USER, FtpServer
from ftps_server import USER as FTPS_USER, FtpsServer
from mail_server import certificate
from running import World, done, folder, import_meters, ok, same

METERS = 24  # one more is read for each step, so that there is something to send
HEAD = b"serial;archive;time;obis;value;unit;quality\n"


def lines(files):
    """Lines of all hour files, without headings."""
    found = []
    for path, content in sorted(files.items()):
        if path.endswith(".csv"):
            assert content.startswith(HEAD), path
            found += content[len(HEAD):].decode().splitlines()
    return found


def card(place):
    found = {}
    for path in glob.glob(place + "/svod.db.files/*/*/*/*"):
        with open(path, "rb") as f:
            found[os.path.relpath(path, place + "/svod.db.files")] = f.read()
    return found


class Town:
    """Simulated meters, of which one more is known with each step."""

    def __init__(self, place):
        self.place, self.known = place, 0
        self.world = World("--tcp", "127.66.8.1:0", "--family", "spodes", "--count", METERS, "--serial", 10000001)

    def more(self):
        i = self.known
        self.known += 1
        import_meters(self.place + "/svod.db", [(10000001 + i, "Meter", "spodes", "tcp://127.66.8.%d:%d" % (i + 1, self.world.ports()[0]), "transport=wrapper;password=111111", "House",
                                                 "current,day=5,profile=2,journal=30")])

    def collect(self, gateway):
        self.more()
        gateway.collect()


def settled(admin):
    """No file waits, no round runs."""
    def look():
        s = admin.read("/ftp")
        return s["unsent"] == 0 and not s["sending"] and not s["ordered"] and s
    end = time.monotonic() + 120
    while not (found := look()):
        if time.monotonic() > end:
            raise RuntimeError("not sent: %s" % json.dumps(admin.read("/ftp")["states"]))
        time.sleep(0.05)
    return found


def send(admin):
    status, answer = admin.post("/ftp/send", {})
    if status != 200:
        raise RuntimeError(answer)


def tried(admin):
    """The round that was ordered has ended."""
    return until(lambda: (s := admin.read("/ftp")) and not s["sending"] and not s["ordered"] and s, "the round ends")


def change(admin, **fields):
    now = admin.read("/ftp")
    return admin.patch("/ftp", dict(fields, revision=now["revision"]))


def changed(admin, **fields):
    status, answer = change(admin, **fields)
    if status != 200:
        raise RuntimeError("%s: %s" % (fields, answer))


def server_words(server, **more):
    return dict({"address": "127.0.0.1", "port": server.port, "login": USER, "password": PASSWORD}, **more)


def refusals(admin):
    def field(**fields):
        return change(admin, **fields)[1]["error"]["fields"][0]["field"]
    same(code(admin.post("/ftp/send", {})[1]), "invalid", "nothing is sent while it is switched off")
    same(field(enabled=True), "servers[0].address", "a server is wanted")
    for wrong in ("../up", "a//b", "a/./b", "a\\b", "a\nb", "a/"):
        same(field(folder=wrong), "folder", "folder %r" % wrong)
    same(field(period_min=30, offset_min=30), "offset_min", "an offset is less than its period")
    same(field(authority="no certificate"), "authority", "a certificate must be one")
    same(field(servers=[{"address": "ftp://x"}, {}]), "servers[0].address", "an address is no URL")
    same(field(servers=[{"login": "a\r\nDELE x"}, {}]), "servers[0].login", "no command can be slipped in")
    same(code(admin.patch("/ftp", {"revision": 99, "answer_s": 5})[1]), "changed", "two who edit do not overwrite each other")
    for path in ("/files/99/content", "/files/days/2020-01-01/content", "/files/days/2020-1-1", "/files/days/..%2f..%2fetc"):
        same(admin.get(path)[0], 404, "%s is not there" % path)


def whole(admin, place, first, second, about):
    """What the servers have is what the card has, each file once."""
    there = [{k: v for k, v in s.files().items() if k.startswith("house 7/")} for s in (first, second)]
    files = card(place)
    both = sorted(set(there[0]) & set(there[1]))
    same(both, [], "%s: no file is on both servers" % about)
    same({k: len(v) for s in there for k, v in s.items()}, {"house 7/" + k: len(v) for k, v in files.items()}, "%s: every file is there, whole, and nothing else" % about)
    same(all((there[0] | there[1])["house 7/" + k] == v for k, v in files.items()), True, "%s: byte by byte" % about)


def way(admin, gateway, place, first, second):
    """By which interface: one that is not there is told and nothing goes round it; by the loop files go."""
    def by(*names):
        return [server_words(server, interface=name) for server, name in zip((first, second), names)]

    same(change(admin, servers=by("eth 0", ""))[1]["error"]["fields"][0]["field"], "servers[0].interface", "what is no interface is refused")
    changed(admin, servers=by("nosuch0", "nosuch1"))
    before = set(first.files())
    gateway.collect()
    send(admin)
    state = until(lambda: (s := admin.read("/ftp")["states"]) and all("nosuch" in one["trouble"] for one in s) and s, "both are tried")
    same([one["trouble"] for one in state], ["there is no network interface nosuch0", "there is no network interface nosuch1"], "why it does not go")
    same((set(first.files()), second.files()), (before, {}), "nothing goes another way")
    changed(admin, servers=by("lo", ""))
    send(admin)
    settled(admin)
    whole(admin, place, first, second, "by the loop")
    changed(admin, servers=by("", ""))


def main():
    place = folder()
    town = Town(place)
    first, second = FtpServer(place + "/first"), FtpServer(place + "/second")
    gateway = HeadEnd(place + "/svod.db", "--board", "sim", face="gateway")
    admin = gateway.admin
    refusals(admin)
    same(admin.read("/files")["writing"], False, "no file is written before it is wanted")
    status, set_ = change(admin, enabled=True, servers=[server_words(first), server_words(second)], second="instead", folder="house 7", period_min=1440, offset_min=1439, packet_kib=16, answer_s=10)
    same(status, 200, "FTP is set up")
    same(set_["servers"][0]["password"], "***", "its password never comes out")
    until(lambda: admin.read("/files")["writing"])

    town.collect(gateway)
    send(admin)
    settled(admin)
    whole(admin, place, first, second, "collected")
    ok(len(first.files()) > 1 and max(map(len, first.files().values())) < 40 << 10, "in packets of the size that was set", {k: len(v) for k, v in first.files().items()})
    same(second.files(), {}, "the secondary server gets nothing while the primary is there")
    way(admin, gateway, place, first, second)
    rows = lines(card(place))
    same([l for l, n in collections.Counter(rows).items() if n > 1], [], "no line twice (%d lines)" % len(rows))
    csv = admin.raw("GET", "/api/v1/devices/1/readings.csv?archive=day&from=2000-01-01&to=2100-01-01")[1].decode("utf-8-sig").splitlines()[1:]
    missing = [line for line in csv if "10000001;" + ";".join(line.split(";")[:6]) not in set(rows)]
    same(missing, [], "the files say what the archive says (%d days' lines)" % len(csv))
    day = admin.read("/files/days")["items"][0]
    listed = admin.read("/files/days/" + day["day"])["items"]
    same(sorted(f["path"] for f in listed), sorted(p for p in card(place) if p.startswith(day["day"].replace("-", "/"))), "the page lists what lies on the card")
    same(admin.raw("GET", "/api/v1/files/%d/content" % listed[0]["id"])[1], card(place)[listed[0]["path"]], "a file is downloaded")
    same(lines({"x.csv": admin.raw("GET", "/api/v1/files/days/%s/content" % day["day"])[1]}), [l for f in listed for l in lines({"x.csv": card(place)[f["path"]]})], "and a day as one table")

    first.stop()
    town.collect(gateway)
    send(admin)
    settled(admin)
    whole(admin, place, first, second, "primary away")
    ok(second.files(), "the secondary stands in")
    ok("does not take the connection" in admin.read("/ftp")["states"][0]["trouble"], "why is told", admin.read("/ftp"))

    second.stop()
    for _ in range(6):  # as many rounds as a day and more would have
        town.collect(gateway)
        send(admin)
        tried(admin)
    waiting = admin.read("/ftp")
    ok(waiting["unsent"] >= 6 and waiting["states"][1]["trouble"], "both away: files wait on the card", waiting)
    gateway.kill()
    gateway = HeadEnd(place + "/svod.db", "--board", "sim", face="gateway")
    admin = gateway.admin
    same(admin.read("/ftp")["unsent"], waiting["unsent"], "through a kill")
    first.start()
    second.start()
    send(admin)
    settled(admin)
    whole(admin, place, first, second, "both were away")

    town.collect(gateway)
    first.cut_after(6000)
    send(admin)
    until(first.cut_done, "the upload is cut")
    tried(admin)
    changed(admin, second="off")  # whatever the secondary has not taken goes on at the primary
    town.collect(gateway)
    first.cut_after(6000)
    send(admin)
    until(first.cut_done, "the upload is cut")
    tried(admin)
    ok(any(p.endswith(".part") and 0 < len(c) for p, c in first.files().items()), "a cut leaves a part", {p: len(c) for p, c in first.files().items() if p.endswith(".part")})
    ok(admin.read("/ftp")["states"][0]["trouble"], "and is told")
    send(admin)
    settled(admin)
    parts = [p for p in first.files() if p.endswith(".part")]
    for p in parts:  # the one whose file went to the secondary
        os.unlink(os.path.join(first.home, p))
    ok(len(parts) <= 1 and "APPE" in first.commands(), "it goes on from where it broke off")
    whole(admin, place, first, second, "cut in the middle")

    for size in (3000, 9000):
        town.collect(gateway)
        first.cut_after(size)
        send(admin)
        until(first.cut_done, "the upload is cut")
        gateway.kill()
        gateway = HeadEnd(place + "/svod.db", "--board", "sim", face="gateway")
        admin = gateway.admin
    send(admin)
    settled(admin)
    whole(admin, place, first, second, "killed in the middle")
    rows = lines(card(place))
    twice = [l for l, n in collections.Counter(l for l in rows if ";day;" in l or ";profile;" in l).items() if n > 1]
    same(twice, [], "after all of it no line of an archive is there twice")

    status, made = admin.post("/occasions", {"title": "Files", "condition": {"kind": "start"}, "actions": [{"kind": "files"}]})
    same(status, 201, "an event of the gateway may send files", made)
    town.collect(gateway)
    before = admin.read("/ftp")["states"][0]["sent"]
    same(admin.post("/occasions/%d/run" % made["id"], {})[0], 200, "it happens")
    until(lambda: admin.read("/ftp")["states"][0]["sent"] > before, "the files go")
    settled(admin)
    clock(gateway, town, admin, first)
    tls(gateway, town, admin, place, second)
    log = json.dumps(admin.read("/log/security?size=100"), ensure_ascii=False) + json.dumps(admin.read("/log/general?size=100"), ensure_ascii=False)
    ok(PASSWORD not in log, "no password in the log")
    same(gateway.close(), 0, "the gateway ends in order")
    town.world.close()
    first.stop()
    second.stop()
    done()


def clock(gateway, town, admin, server):
    """The moment at which the server has written a file is its clock; the box's (a simulated one) follows it within limits."""
    def look(ahead):
        server.be_ahead(ahead)
        town.collect(gateway)
        send(admin)
        settled(admin)
        return admin.read("/ftp")
    changed(admin, take_time=True, time_least_s=20, time_most_s=600)
    s = look(5)
    ok(s["time"] and not s["time_taken"] and 0 <= s["time_off_s"] < 20, "the server's clock is looked at, and left alone when it nearly agrees", s)
    s = look(300)
    ok(s["time_taken"] and 250 < s["time_off_s"] <= 301, "it is followed within the limits", s)
    s = look(86400)
    ok(not s["time_taken"] and s["time_off_s"] > 80000, "and not beyond them", s)
    notes = [n["kind"] for n in admin.read("/log/general?size=100")["items"]]
    same(notes.count("SET_BOX_CLOCK"), 1, "the journal has it")


def tls(gateway, town, admin, place, plain):
    """FTPS as vsftpd has it: who he is must be proven, data go on with the TLS session of the commands (or not), nothing goes bare."""
    def refused(words, about, trusts="", **server):
        changed(admin, servers=[dict(secure(strict), **server), {}], authority=trusts)
        send(admin)
        tried(admin)
        trouble = admin.read("/ftp")["states"][0]["trouble"]
        ok(words in trouble, about, trouble)

    def sent(about):
        send(admin)
        settled(admin)
        same({k: v for k, v in mine(strict, loose).items() if before.get(k) != v}, {k: v for k, v in card(place).items() if before.get(k) != v}, "%s: byte by byte" % about)

    secure = lambda server, **more: dict({"address": "127.0.0.1", "port": server.port, "login": FTPS_USER, "password": "x", "tls": True, "verify": True}, **more)
    mine = lambda *servers: {k[len("house 7/"):]: v for s in servers for k, v in s.files().items() if k.startswith("house 7/")}
    authority, chain, key = certificate(place)
    strict, loose = FtpsServer(place + "/strict", chain, key, True), FtpsServer(place + "/loose", chain, key, False)
    before = card(place)
    changed(admin, second="off", take_time=False, packet_kib=4096)
    town.collect(gateway)
    refused("certificate cannot be trusted", "a certificate that nobody vouches for is refused")
    with open(authority) as f:
        trusts = f.read()
    refused("certificate cannot be trusted", "and one for another name", trusts, address="localhost")
    refused("has no FTPS (AUTH TLS)", "a server without TLS is told apart", port=plain.port)
    refused("530", "a server that wants TLS says so to who comes without", tls=False)
    same(change(admin, passive=False, servers=[secure(strict), {}])[1]["error"]["fields"][0]["field"], "passive", "over TLS the box connects")
    ok("STOR" not in strict.commands() and not strict.files(), "nobody of them got anything")
    for _ in range(3):
        town.collect(gateway)
    changed(admin, servers=[secure(strict), secure(loose)], authority=trusts)
    sent("FTPS, the session goes on")
    ok("reused" in strict.commands() and max(map(len, strict.files().values())) > 48 << 10, "over TLS, in more than one record", {p: len(c) for p, c in strict.files().items()})
    changed(admin, servers=[secure(loose), {}])
    town.collect(gateway)
    sent("FTPS, a server that does not mind")
    changed(admin, servers=[secure(strict), secure(loose)], second="instead")
    strict.stop()
    town.collect(gateway)
    had = len(loose.files())
    sent("FTPS, the first is away")
    ok(len(loose.files()) > had, "the second server takes over")
    changed(admin, second="off")
    strict.start(rate=20000)
    town.collect(gateway)
    send(admin)
    part = lambda: [c for p, c in strict.files().items() if p.endswith(".part") and c]
    until(part, "a part is there")
    strict.stop()
    tried(admin)
    ok(part() and admin.read("/ftp")["states"][0]["trouble"], "a cut leaves a part, and is told", admin.read("/ftp")["states"])
    strict.start()
    sent("FTPS, cut in the middle")
    ok("APPE" in strict.commands() and not part(), "it goes on from where it broke off")
    strict.stop()
    loose.stop()


main()
