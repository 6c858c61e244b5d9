"""The head-end in system tests: the running server over a database, and callers of its API with a session of their own."""
import atexit
import base64
import functools
import hashlib
import hmac
import http.client
import json
import re
import signal
import struct
import subprocess
import sys
import time

from running import PATIENCE, SVOD, environment, stop

PASSWORD = "Новый-пароль1"  # of the administrator, once he has changed the printed one


class Client:
    """One caller: its cookie, its token, its CSRF word. `headers` are the last answer's, their names in lower case."""

    def __init__(self, port, token=None):
        self.port, self.token, self.cookie, self.csrf, self.headers = port, token, None, None, {}

    def raw(self, method, path, body=None, headers=None):
        """(status, bytes); the path as it stands on the wire."""
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
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
        """(status, JSON or text); the path within the API, or whole from /api on."""
        return self.call(method, path if path.startswith("/api/") else "/api/v1" + path, body, **headers)

    def call(self, method, path, body=None, **headers):
        """The same of any path of the server. Fractions come as text, digit by digit."""
        if body is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(body).encode()
        status, data = self.raw(method, path, body, headers)
        try:
            return status, json.loads(data, parse_float=str)
        except ValueError:
            return status, data.decode("utf-8", "replace")

    def get(self, path):
        return self.ask("GET", path)

    def read(self, path):
        """The answer of a request that must succeed."""
        status, answer = self.ask("GET", path)
        if status != 200:
            raise RuntimeError("%s: %s %s" % (path, status, answer))
        return answer

    def post(self, path, body=None):
        return self.ask("POST", path, body)

    def patch(self, path, body):
        return self.ask("PATCH", path, body)

    def sign_in(self, login, password, code=None):
        """(status, answer)"""
        self.cookie = self.csrf = None
        body = {"login": login, "password": password}
        if code:
            body["code"] = code
        status, answer = self.post("/session", body)
        if status == 200:
            self.cookie = re.match(r"svod=(\w+)", self.headers["set-cookie"]).group(1)
            self.csrf = answer["csrf"]
        return status, answer

    def enter(self, login, password, new=None):
        """Signs in, which must succeed; with `new` the password is changed at once, as a first sign-in demands."""
        status, answer = self.sign_in(login, password)
        if status == 200 and new:
            status, answer = self.post("/session/password", {"former": password, "password": new})
        if status != 200:
            raise RuntimeError("%s: %s" % (login, answer))
        return self


def code(answer):
    """The code of a refusal."""
    return answer.get("error", {}).get("code") if isinstance(answer, dict) else answer


def totp(secret, ahead=0):
    key = base64.b32decode(secret)
    mac = hmac.new(key, struct.pack(">Q", int(time.time()) // 30 + ahead), hashlib.sha1).digest()
    at = mac[-1] & 15
    return "%06d" % ((struct.unpack(">I", mac[at:at + 4])[0] & 0x7FFFFFFF) % 1000000)


class HeadEnd:
    """`svod hes` (or another face) over a database: `process`, `port`, `password` (the first one, when this start has printed it)."""

    def __init__(self, database, *words, face="hes", listen="127.0.0.1:0"):
        self.log = database + ".hes"
        words = (*(["--listen", listen] if listen else []), *words)
        with open(self.log, "a") as log:
            self.begins = log.tell()
            self.process = subprocess.Popen([SVOD, face, database, *words], stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=subprocess.STDOUT, env=environment("en"))
        self.ended = False  # in a way that the test asked for
        atexit.register(self.tell_end)
        self.port = int(until(lambda: self.found(r"(?:listens on \S+|GOST TLS alone) \(port (\d+)\)"), "the server starts"))
        self.password = self.found(r"name admin, password (\S+)")

    def said(self):
        """What it said since this start."""
        with open(self.log, "rb") as log:
            log.seek(self.begins)
            return log.read().decode("utf-8", "replace")

    def tell_end(self):
        """A server that died by itself says why: of a run elsewhere nothing else is left. One that a broken test left goes with it."""
        if not self.ended and self.process.poll() not in (None, -signal.SIGKILL):
            print("# the server has ended with %d:\n# %s" % (self.process.returncode, self.said()[-8000:].replace("\n", "\n# ")), file=sys.stderr)
        stop(self.process)

    def found(self, pattern):
        if self.process.poll() is not None:
            sys.exit("Bail out! the server has ended: " + self.said())
        found = re.search(pattern, self.said())
        return found and found.group(1)

    def client(self, login, password, new=None):
        return Client(self.port).enter(login, password, new)

    @functools.cached_property
    def admin(self):
        """The first administrator, signed in; his password is PASSWORD from then on."""
        if self.password:
            self.client("admin", self.password, PASSWORD)
        return self.client("admin", PASSWORD)

    def collect(self, **what):
        """Asks, and waits for the end of it."""
        status, answer = self.admin.post("/collection", what or {"all": True})
        if status != 202:
            raise RuntimeError("collection: %s %s" % (status, answer))
        until(lambda: not self.admin.read("/collection")["running"], "the collection ends")

    def close(self):
        """Ends it in order. Its exit code; whatever a sanitizer said counts as 99."""
        if self.process.poll() is None:
            self.ended = True
            self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(PATIENCE)
        said = self.said()
        if "runtime error" in said or "ERROR: " in said:
            print("# " + said[-3000:].replace("\n", "\n# "))
            return 99
        return status

    def kill(self):
        self.ended = self.ended or self.process.poll() is None
        stop(self.process)


def until(look, name="what was looked for"):
    """What `look` gives once it is true; a test that waits too long is stuck."""
    end = time.monotonic() + PATIENCE
    while not (found := look()):
        if time.monotonic() > end:
            sys.exit("Bail out! waited too long: " + name)
        time.sleep(0.05)
    return found
