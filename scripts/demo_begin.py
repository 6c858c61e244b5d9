#!/usr/bin/env python3
"""The demonstration's first steps in a server that has just begun: the administrator's password is changed to one that can be
told. In a head-end, what is collected is told while it comes; in a gateway its lines are numbered as on the case.

The head-end lets gateways in and has given the demonstration's one a code, which is carried to it through a file.

Arguments: the log of `svod hes` or `svod gateway`, the new password, how many seconds to watch at most or the words gateway or port,
and that file."""
import http.client
import json
import re
import socket
import sys
import time

log, password, gateway = open(sys.argv[1], encoding="utf-8").read(), sys.argv[2], sys.argv[3] == "gateway"
port = int(re.search(r"(?:порт|port) (\d+)", log).group(1))
first = re.search(r"(?:пароль|password) (\S+)", log) if sys.argv[3] in ("gateway", "port") else None  # a head-end's is changed with its port
headers = {"Content-Type": "application/json", "Accept-Language": "ru"}


def ask(method, path, body=None):
    door = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    door.request(method, "/api/v1" + path, json.dumps(body) if body is not None else None, headers)
    answer = door.getresponse()
    cookie = re.match(r"svod=\w+", answer.getheader("Set-Cookie") or "")
    if cookie:
        headers["Cookie"] = cookie.group(0)
    text = answer.read().decode()
    if answer.status >= 400:
        sys.exit("%s %s: %s" % (method, path, text))
    known = json.loads(text)
    headers["X-Svod-Csrf"] = known.get("csrf") or headers.get("X-Svod-Csrf", "")
    return known


if first:
    ask("POST", "/session", {"login": "admin", "password": first.group(1)})
    ask("POST", "/session/password", {"former": first.group(1), "password": password})
ask("POST", "/session", {"login": "admin", "password": password})

if sys.argv[3] == "port":
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    ask("PATCH", "/gateway-port", {"revision": ask("GET", "/gateway-port")["revision"], "enabled": True, "host": "127.0.0.1", "port": number})
    until = time.time() + 30
    while not ask("GET", "/gateway-port")["listening"] and time.time() < until:
        time.sleep(0.1)
    with open(sys.argv[4], "w", encoding="utf-8") as code:
        code.write(ask("POST", "/gateways", {"title": "Щитовая и подвал"})["code"])
    sys.exit()

if gateway:
    lines = sorted(ask("GET", "/links?size=100")["items"], key=lambda line: line["uri"])
    for number, line in enumerate(lines, 1):
        one = ask("GET", "/interfaces/%d" % number)
        ask("PATCH", "/interfaces/%d" % number, {"revision": one["revision"], "link": line["id"]})
    with open(sys.argv[4], encoding="utf-8") as code:
        ask("PATCH", "/centre", {"revision": ask("GET", "/centre")["revision"], "enabled": True, "code": code.read()})
    print("\n  Шлюз:     http://127.0.0.1:%d   имя admin, пароль %s" % (port, password))
    sys.exit()

seconds = float(sys.argv[3])
print("\n  Откройте  http://127.0.0.1:%d   имя admin, пароль %s\n" % (port, password))
began = time.time()
while True:
    c = ask("GET", "/collection")
    print("\r  прочитано счётчиков %d из %d, не отвечают %d, показаний %d   "
          % (c["done"], c["meters"], c["failed"], c["readings"]), end="", flush=True)
    over = c["ended"] is not None and not c["running"]
    if over or time.time() - began > seconds:
        break
    time.sleep(1)
print()
