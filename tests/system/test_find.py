#!/usr/bin/env python3
"""Gateways are found in the network, by IPv4 and IPv6: two on loopback answer the group's question with what stands on their cases; switched off one is
silent; other datagrams get no answer; a head-end finds them by its own question."""
import concurrent.futures
import json
import os
import socket
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from api_client import HeadEnd, PASSWORD, until
from running import done, folder, ok, same, svod

PORT = 47683


def found():
    """{port: columns} of what `svod find` prints."""
    rows = [line.split("\t") for line in svod("find", "--interface", "lo", "--seconds", "1").out.splitlines()]
    return {int(row[0].rsplit(":", 1)[1]): row for row in rows}


def silent():
    """Whatever is no question gets no answer; a question does. The socket that the system chooses may be another gateway's that is just
    ending, so the question is put again."""
    good = b"svod-find-1 0123456789abcdef\n"
    question = good + bytes(1000 - len(good))
    cases = (b"", b"svod-find-1", good, good + bytes(2000), question.replace(b"a", b"A"), question.replace(b"find-1", b"find-2"), bytes(1000))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        for case in cases:
            s.sendto(case, ("127.0.0.1", PORT))
        s.settimeout(0.3)
        wrong = heard(s)
        answer = until(lambda: s.sendto(question, ("127.0.0.1", PORT)) and heard(s), "a question is answered")
    ok(wrong == b"" and b"0123456789abcdef" in answer and len(answer) <= 1000, "only a whole question is answered, never with more than it had", (wrong, answer))


def heard(s):
    try:
        return s.recv(2000)
    except TimeoutError:
        return b""


def found_by(hes):
    """{url: answer} of what the head-end finds."""
    status, answer = hes.admin.post("/gateway-search", {"interface": "lo", "seconds": 1})
    same((status, answer["total"]), (200, len(answer["items"])), "a head-end asks on the interface that was named")
    return {one["url"]: one for one in answer["items"]}


def head_end(place, boxes):
    hes = HeadEnd("%s/hes.db" % place)
    urls = {"http://127.0.0.1:%d" % b.port for b in boxes}
    until(lambda: urls <= set(found_by(hes)), "the head-end finds both")
    one = found_by(hes)["http://127.0.0.1:%d" % boxes[0].port]
    same((one["serial"], one["version"], one["gateway"]), ("900000000001", boxes[0].admin.read("/box")["version"], 0), "what stands on its case; it is none of ours yet")
    ok("192.168.0.1/24" in one["addresses"].split(), "and where it is", one)
    status, answer = hes.admin.post("/gateway-search", {"interface": "nosuch", "seconds": 1})
    same((status, answer["error"]["fields"][0]["field"]), (400, "interface"), "a network that is not there is told at its field")
    same(hes.admin.post("/gateway-search", {"interface": "lo", "seconds": 60})[0], 400, "nobody makes it wait for a minute")
    people = [hes.admin, hes.client("admin", PASSWORD)]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        both = [pool.submit(one.post, "/gateway-search", {"interface": "lo", "seconds": 3}) for one in people]
        same(sorted(one.result()[0] for one in both), [200, 429], "one search at a time")
    roles = {r["name"]: r for r in hes.admin.read("/roles")["items"]}
    may = [p for p in roles["Administrator"]["permissions"] if p != "Write.ChannelSettings"]
    role = hes.admin.post("/roles", {"name": "Looks", "permissions": may})[1]["id"]
    hes.admin.post("/users", {"login": "looks", "role": role, "password": "First-pass1"})
    looks = hes.client("looks", "First-pass1", "Second-pass1")
    same(looks.post("/gateway-search", {"interface": "lo", "seconds": 1})[0], 403, "who may not change gateways does not search")
    same(boxes[0].admin.post("/gateway-search", {"interface": "lo", "seconds": 1})[0], 404, "a gateway does not look for gateways")
    same(hes.close(), 0, "it ends in order")


def one_answer(ways, **more):
    """What is found while a made-up gateway answers on these ways: (family, where it listens)."""
    heard_by = []
    for family, where in ways:
        s = socket.socket(family, socket.SOCK_DGRAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind((where, PORT))
        if family == socket.AF_INET:
            s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton("239.255.83.86") + socket.inet_aton("127.0.0.1"))
        s.settimeout(20)
        heard_by.append(s)

    def reply():
        for s in heard_by:  # IPv6 first, where there are both
            question, who = s.recvfrom(2000)
            s.sendto(json.dumps(dict({"svod": 1, "ask": question[12:28].decode(), "type": "t", "serial": "7", "version": "1", "port": 81, "tls": False, "addresses": ["10.0.0.7/8"]}, **more)).encode(), who)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        done_ = pool.submit(reply)
        out = svod("find", "--interface", "lo", "--seconds", "1").out
        done_.result()
    for s in heard_by:
        s.close()
    return [line.split("\t")[:2] for line in out.splitlines() if "\t7\t" in line]


def six():
    by_6, by_4 = (socket.AF_INET6, "::1"), (socket.AF_INET, "")
    same(one_answer([by_6]), [["http://[::1]:81", "7"]], "a gateway that answers by IPv6 alone is found")
    same(one_answer([by_6, by_4]), [["http://127.0.0.1:81", "7"]], "one that answers both ways is one row, with its IPv4 address")
    same(one_answer([by_4], tls=True), [["https://127.0.0.1:81", "7"]], "and one by IPv4 alone, as ever")


def question_by_6():
    """To the machine's own address: whichever gateway of this machine has opened its door last answers."""
    question = b"svod-find-1 00112233445566aa\n" + bytes(971)
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s:
        s.settimeout(0.3)
        answer = json.loads(until(lambda: s.sendto(question, ("::1", PORT)) and heard(s), "a gateway answers over IPv6"))
    same((answer["serial"], answer["ask"]), ("900000000001", "00112233445566aa"), "with what stands on its case")


def main():
    place = folder()
    if socket.has_dualstack_ipv6():
        six()
    boxes = [HeadEnd("%s/%s.db" % (place, name), "--board", "sim", face="gateway") for name in "ab"]
    both = {b.port for b in boxes}
    until(lambda: both <= set(found()), "both are found")
    row = found()[boxes[0].port]
    same((row[0], row[1]), ("http://127.0.0.1:%d" % boxes[0].port, "900000000001"), "where its pages are and what stands on its case")
    ok(row[2] and row[3] == boxes[0].admin.read("/box")["version"] and "192.168.0.1/24" in row[4], "type, version, addresses", row)
    silent()
    if socket.has_dualstack_ipv6():
        question_by_6()
    head_end(place, boxes)
    beacon = boxes[0].admin.read("/box/beacon")
    same(beacon["on"], True, "it answers before anybody has set it")
    same(boxes[0].admin.patch("/box/beacon", {"revision": beacon["revision"], "on": False})[0], 200, "switched off")
    same(boxes[0].admin.patch("/box/beacon", {"revision": beacon["revision"], "on": True})[0], 409, "two who write do not overwrite each other")
    until(lambda: boxes[0].port not in found(), "it is silent")
    ok(boxes[1].port in found(), "the other one is not")
    status, now = boxes[0].admin.patch("/box/beacon", {"revision": boxes[0].admin.read("/box/beacon")["revision"], "on": True})
    until(lambda: boxes[0].port in found(), "switched on again it is found")
    same([b.close() for b in boxes], [0, 0], "both end in order")
    same(svod("find", "--interface", "nosuch", "--seconds", "1").code, 4, "no network is told")
    done()


main()
