"""A head-end for system tests: the server over a database, and callers of its API with a session of their own."""
import http.client
import json
import re
import signal
import subprocess
import time

from running import PATIENCE, SVOD, environment

PASSWORD = "tests-1"


class Caller:
    """One caller of the API: its cookie and its CSRF word."""

    def __init__(self, port):
        self.port, self.cookie, self.csrf = port, None, None

    def raw(self, method, path, body=None, lang="en"):
        """(status, bytes, headers)"""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        headers = {"Accept-Language": lang}
        if self.cookie:
            headers.update({"Cookie": "svod=" + self.cookie, "X-Svod-Csrf": self.csrf})
        if body is not None:
            headers["Content-Type"] = "application/json"
        connection.request(method, "/api/v1" + path, None if body is None else json.dumps(body).encode(), headers)
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        return answer.status, data, answer.headers

    def ask(self, method, path, body=None):
        status, data, self.headers = self.raw(method, path, body)
        return status, json.loads(data, parse_float=str)

    def get(self, path):
        """The answer of a request that must succeed; fractions as text, digit by digit."""
        status, answer = self.ask("GET", path)
        if status != 200:
            raise RuntimeError("%s: %s %s" % (path, status, answer))
        return answer

    def sign_in(self, login, password):
        self.cookie = None
        status, answer = self.ask("POST", "/session", {"login": login, "password": password})
        if status != 200:
            raise RuntimeError("sign-in: %s %s" % (status, answer))
        self.cookie, self.csrf = re.match(r"svod=(\w+)", self.headers["Set-Cookie"]).group(1), answer["csrf"]
        return self


class HeadEnd:
    """`svod hes` (or `face`) over a database; `admin` is signed in, its password PASSWORD."""

    def __init__(self, database, *words, face="hes"):
        self.log = database + ".hes"
        self.process = subprocess.Popen([SVOD, face, database, "--listen", "127.0.0.1:0", *words], stdin=subprocess.DEVNULL,
                                        stdout=open(self.log, "w"), stderr=subprocess.STDOUT, env=environment("en"))
        until = time.time() + PATIENCE
        while not (port := re.search(r"port (\d+)", self.said())):
            if self.process.poll() is not None or time.time() > until:
                raise RuntimeError("svod hes: " + self.said())
            time.sleep(0.02)
        self.port = int(port.group(1))
        first = re.search(r"name admin, password (\S+)", self.said())
        self.admin = Caller(self.port).sign_in("admin", first.group(1) if first else PASSWORD)
        if first:
            self.admin.ask("POST", "/session/password", {"former": first.group(1), "password": PASSWORD})

    def said(self):
        with open(self.log) as f:
            return f.read()

    def collect(self, **what):
        """Asks, and waits for the end of it."""
        status, answer = self.admin.ask("POST", "/collection", what or {"all": True})
        if status != 202:
            raise RuntimeError("collection: %s %s" % (status, answer))
        while self.admin.get("/collection")["running"]:
            time.sleep(0.05)

    def close(self):
        """Its exit code; whatever a sanitizer said counts as 99."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(PATIENCE)
        return 99 if "runtime error" in self.said() or "ERROR: " in self.said() else code
