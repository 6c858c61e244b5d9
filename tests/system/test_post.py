#!/usr/bin/python3
"""Letters of the running gateway with what was stored: a real SMTP server gets every line once, in a CSV or a workbook; through a server
that is away for several letters, a kill while one goes, a kill while one is made, a refusal, and a schedule that the box slept through."""
import collections
import io
import os
import sqlite3
import sys

import openpyxl

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from api_client import HeadEnd, code, until
from mail_server import MailServer
from running import World, done, folder, import_meters, ok, same

METERS = 24  # one more is read for each step, so that there is something to send
HEAD = "serial;archive;time;obis;value;unit;quality"
TO = ["energy@example.org", "second@example.org"]


class Box:
    """The gateway over simulated meters, of which one more is known with each step."""

    def __init__(self):
        self.place, self.known = folder(), 0
        self.world = World("--tcp", "127.66.11.1:0", "--family", "spodes", "--count", METERS, "--serial", 10000001)
        self.start()

    def start(self):
        self.gateway = HeadEnd(self.place + "/svod.db", "--board", "sim", face="gateway")
        self.admin = self.gateway.admin

    def collect(self):
        i = self.known
        self.known += 1
        import_meters(self.place + "/svod.db", [(10000001 + i, "Meter", "spodes", "tcp://127.66.11.%d:%d" % (i + 1, self.world.ports()[0]), "transport=wrapper;password=111111", "House",
                                                 "current,day=5,profile=2,journal=30")])
        self.gateway.collect()

    def kill(self):
        self.gateway.kill()
        self.start()

    def change(self, path="/post", **fields):
        return self.admin.patch(path, dict(fields, revision=self.admin.read(path)["revision"]))

    def set(self, path="/post", **fields):
        status, answer = self.change(path, **fields)
        if status != 200:
            raise RuntimeError("%s: %s" % (fields, answer))

    def mail(self, server):
        self.set("/mail", server="127.0.0.1", port=server.port, sender="box@example.org", security="none")

    def send(self):
        status, answer = self.admin.post("/post/send", {})
        if status != 200:
            raise RuntimeError(answer)

    def made(self):
        """What was asked for is in the queue, or cannot be."""
        return until(lambda: (s := self.admin.read("/post")) and not s["ordered"] and s, "the letter is made")

    def settled(self):
        return until(lambda: (s := self.admin.read("/post")) and not s["ordered"] and not s["waiting"] and s, "all letters are gone")

    def archive(self):
        """Lines of the day archive of every meter, as the app downloads them."""
        found = []
        for meter in range(1, self.known + 1):
            text = self.admin.raw("GET", "/api/v1/devices/%d/readings.csv?archive=day&from=2000-01-01&to=2100-01-01" % meter)[1].decode("utf-8-sig")
            found += ["%d;%s" % (10000000 + meter, ";".join(line.split(";")[:6])) for line in text.splitlines()[1:]]
        return sorted(found)


def enclosed(letter):
    return next(letter.iter_attachments())


def lines(letters, to=TO[0]):
    found = []
    for letter in letters:
        if letter["To"] == to and enclosed(letter).get_filename().endswith(".csv"):
            text = enclosed(letter).get_payload(decode=True).decode().splitlines()
            same(text[0], HEAD, "a table with its heading") if text[0] != HEAD else None
            found += text[1:]
    return found


def once(box, letters, about):
    got = lines(letters)
    same(sorted(l for l in got if ";day;" in l), box.archive(), "%s: the letters say what the archive says, each line once" % about)
    same([l for l, n in collections.Counter(l for l in got if ";profile;" in l).items() if n > 1], [], "%s: no line of a profile twice" % about)
    same(sorted(lines(letters, TO[1])), sorted(got), "%s: the other recipient got the same" % about)


def refusals(box):
    def field(**fields):
        return box.change(**fields)[1]["error"]["fields"][0]["field"]
    same(code(box.admin.post("/post/send", {})[1]), "invalid", "nothing is sent while it is switched off")
    same(field(enabled=True), "recipients", "somebody must get it")
    same(field(recipients=["no address"]), "recipients", "an address must be one")
    same(field(recipients=TO + TO[:1]), "recipients", "nobody gets it twice")
    same(field(recipients=["a%d@b.ru" % i for i in range(9)]), "recipients", "eight at most")
    same(field(period_min=30, offset_min=30), "offset_min", "an offset is less than its period")
    same(field(subject="a\r\nBcc: x@y"), "subject", "no header can be slipped in")
    same(field(format="pdf"), "format", "a format that is there")
    same(code(box.admin.patch("/post", {"revision": 99, "period_min": 120})[1]), "changed", "two who edit do not overwrite each other")


def away(box, letters):
    """Letters wait through a server that is away and a kill, and come once."""
    for i in range(3):
        box.collect()
        box.send()
        until(lambda: box.admin.read("/post")["waiting"] == 2 * (i + 1), "the letter waits")
    until(lambda: "does not take the connection" in box.admin.read("/post")["trouble"] or "не принимает" in box.admin.read("/post")["trouble"], "why is told")
    box.kill()
    same(box.admin.read("/post")["waiting"], 6, "letters wait through a kill")
    back = MailServer()
    box.mail(back)
    box.settled()
    same(len(back.letters), 6, "and all come")
    once(box, letters + back.letters, "server away")
    return back


def killed(box, server, letters):
    server.stall = True
    box.collect()
    box.send()
    until(lambda: server.stalled, "the letter is under way")
    box.gateway.kill()
    server.stall = False
    box.start()
    box.settled()
    once(box, letters + server.letters, "killed while a letter goes")
    for _ in range(3):
        box.collect()
        box.send()
        box.kill()
    box.send()
    box.settled()
    once(box, letters + server.letters, "killed while it is made")
    ids = [l["Message-ID"] for l in letters + server.letters]
    same(len(set(ids)), len(ids), "every letter has a Message-ID of its own")


def packets(box, server):
    before = len(server.letters)
    box.set(packet_kib=4)
    box.collect()
    box.send()
    box.made()
    box.settled()
    new = [l for l in server.letters[before:] if l["To"] == TO[0]]
    ok(len(new) > 1, "what is more than a packet goes in several letters", len(new))
    same(len({enclosed(l).get_filename() for l in new}), len(new), "whose files have names of their own")
    box.set(packet_kib=1024)


def slept(box, server):
    """The schedule's moment passed while the box was off."""
    before = len(server.letters)
    box.collect()
    same(box.gateway.close(), 0, "the gateway ends in order")
    with sqlite3.connect(box.place + "/svod.db") as db:
        db.execute("UPDATE feed_reader SET note = CAST(note AS INTEGER) - 172800 WHERE name = 'post'")
    db.close()
    box.start()
    until(lambda: len(server.letters) == before + 2, "the letter is made up for")
    box.settled()


def workbook(box, server):
    before = len(server.letters)
    box.set(format="xlsx", subject="Дом 7: показания")
    box.collect()
    box.send()
    box.made()
    box.settled()
    letter = server.letters[before]
    same(letter["Subject"], "Дом 7: показания", "the subject that was set")
    book = openpyxl.load_workbook(io.BytesIO(enclosed(letter).get_payload(decode=True)))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    same(list(rows[0]), HEAD.split(";"), "a workbook opens, with its heading")
    serial = str(10000000 + box.known)
    want = sorted(tuple(l.split(";")[i] for i in (0, 2, 3, 4)) for l in box.archive() if l.startswith(serial + ";"))
    same(sorted((r[0], r[2], r[3], str(r[4])) for r in rows[1:] if r[1] == "day"), want, "and says what the archive says (%d lines)" % len(want))
    box.set(format="csv")


def refused(box, server):
    server.refuse[TO[1]] = "550 no such mailbox"
    before = len(server.letters)
    box.collect()
    box.send()
    box.made()
    s = box.settled()
    same([l["To"] for l in server.letters[before:]], TO[:1], "who takes it gets it")
    ok(s["given_up"] == 1 and "no such mailbox" in s["trouble"], "and the other's refusal is told in the server's words", s)
    server.refuse.clear()


def no_server(box, server):
    before = len(server.letters)
    box.set("/mail", server="")
    box.collect()
    box.send()
    until(lambda: box.admin.read("/post")["trouble"] in ("почтовый сервер не указан", "no mail server is set"), "that there is no server is told")
    same(box.admin.read("/post")["waiting"], 0, "the lines wait where they are")
    box.mail(server)
    box.send()
    until(lambda: len(server.letters) == before + 2, "and go when there is one")
    box.settled()


def main():
    box = Box()
    refusals(box)
    first = MailServer()
    box.mail(first)
    box.set(enabled=True, recipients=TO, period_min=1440, offset_min=1439, format="csv", packet_kib=1024)
    until(lambda: box.admin.read("/post")["next"], "the schedule runs")
    box.collect()
    box.send()
    box.made()
    s = box.settled()
    same([l["To"] for l in first.letters], TO, "each recipient has a letter of his own")
    letter = first.letters[0]
    ok(enclosed(letter).get_filename().startswith(("показания ", "readings ")) and enclosed(letter).get_content_type() == "text/csv", "with a file by its name", enclosed(letter).get_filename())
    ok(str(s["lines"]) in letter.get_body().get_content() and len(lines(first.letters)) == s["lines"], "and how many lines it has", s)
    once(box, first.letters, "collected")
    box.send()
    box.made()
    same(len(first.letters), 2, "nothing new: no letter")
    first.close()
    second = away(box, first.letters)
    killed(box, second, first.letters)
    packets(box, second)
    slept(box, second)
    once(box, first.letters + second.letters, "in packets and by schedule")
    no_server(box, second)
    once(box, first.letters + second.letters, "without a server for a while")
    refused(box, second)
    workbook(box, second)
    same(box.gateway.close(), 0, "the gateway ends in order")
    db = sqlite3.connect(box.place + "/svod.db")
    same(db.execute("SELECT count(*) FROM letter_file").fetchone()[0], 0, "no file stays behind its letters")
    db.close()
    second.close()
    box.world.close()
    done()


main()
