"""The API of a running head-end from outside: a client with cookie, token or nothing, the program with the password it printed."""
import base64
import hashlib
import hmac
import http.client
import json
import os
import re
import signal
import struct
import subprocess
import sys
import time

from running import SVOD, environment, ok, same


class Client:
    """One caller: its cookie, its token, its CSRF word."""

    def __init__(self, port, token=None):
        self.port, self.token, self.cookie, self.csrf, self.headers = port, token, None, None, {}

    def raw(self, method, path, body=None, headers=None):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        h = dict(headers or {})
        if self.cookie:
            h.setdefault("Cookie", "svod=" + self.cookie)
        if self.csrf:
            h.setdefault("X-Svod-Csrf", self.csrf)
        if self.token:
            h.setdefault("Authorization", "Bearer " + self.token)
        h.setdefault("Accept-Language", "en")
        c.request(method, path, body, h)
        r = c.getresponse()
        data = r.read()
        self.headers = {k.lower(): v for k, v in r.getheaders()}
        c.close()
        return r.status, data

    def ask(self, method, path, body=None, **headers):
        if body is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(body).encode()
        status, data = self.raw(method, path, body, headers)
        try:
            return status, json.loads(data)
        except ValueError:
            return status, data.decode("utf-8", "replace")

    def get(self, path):
        return self.ask("GET", "/api/v1" + path)

    def post(self, path, body):
        return self.ask("POST", "/api/v1" + path, body)

    def patch(self, path, body):
        return self.ask("PATCH", "/api/v1" + path, body)

    def sign_in(self, login, password, code=None):
        self.cookie = self.csrf = None
        body = {"login": login, "password": password}
        if code:
            body["code"] = code
        status, answer = self.post("/session", body)
        if status == 200:
            self.cookie = re.match(r"svod=(\w+)", self.headers["set-cookie"]).group(1)
            self.csrf = answer["csrf"]
        return status, answer


def code(answer):
    return answer.get("error", {}).get("code") if isinstance(answer, dict) else answer


def totp(secret, ahead=0):
    key = base64.b32decode(secret)
    mac = hmac.new(key, struct.pack(">Q", int(time.time()) // 30 + ahead), hashlib.sha1).digest()
    at = mac[-1] & 15
    return "%06d" % ((struct.unpack(">I", mac[at:at + 4])[0] & 0x7FFFFFFF) % 1000000)


class Server:
    """`svod hes` (or another face) over a database, from its first line on; `password` is what it printed, None but the first time."""

    def __init__(self, place, *words, face="hes", listen="127.0.0.1:0"):
        self.log = place + "/hes.log"
        words = (*(["--listen", listen] if listen else []), *words)
        with open(self.log, "a") as log:
            begins = log.tell()
            self.process = subprocess.Popen([SVOD, face, place + "/svod.db", *words], stdout=log, stderr=subprocess.STDOUT,
                                            env=environment("en"))
        for _ in range(1200):
            with open(self.log) as log:
                said = log.read()[begins:]
            port = re.search(r"port (\d+)", said)
            if port:
                break
            if self.process.poll() is not None:
                sys.exit("Bail out! " + said)
            time.sleep(0.05)
        self.port = int(port.group(1))
        word = re.search(r"name admin, password (\S+)", said)
        self.password = word and word.group(1)

    def admin(self, password="Новый-пароль1"):
        """The first administrator, signed in, his password changed."""
        c = Client(self.port)
        c.sign_in("admin", self.password)
        c.post("/session/password", {"former": self.password, "password": password})
        c.sign_in("admin", password)
        return c

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        same(self.process.wait(60), 0, "the server ends in order")
        with open(self.log) as log:
            said = log.read()
        ok("ERROR: " not in said and "runtime error" not in said, "no sanitizer spoke", said[-3000:])


def until(look, seconds=60):
    """What `look` gives once it is true."""
    for _ in range(seconds * 10):
        found = look()
        if found:
            return found
        time.sleep(0.1)
    return look()
