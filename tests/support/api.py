"""A caller of the head-end's API in system tests: signed in, JSON in and out; and the head-end itself over a database."""
import http.client
import json
import re
import signal
import subprocess
import sys
import time

from running import SVOD, environment, stop


class Client:
    def __init__(self, port):
        self.port, self.cookie, self.csrf = port, None, None

    def ask(self, method, path, body=None):
        """(status, JSON or text)"""
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Accept-Language": "en"}
        if self.cookie:
            headers.update({"Cookie": "svod=" + self.cookie, "X-Svod-Csrf": self.csrf})
        if body is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(body).encode()
        c.request(method, "/api/v1" + path, body, headers)
        r = c.getresponse()
        data, cookie = r.read(), re.match(r"svod=(\w+)", r.getheader("Set-Cookie") or "")
        c.close()
        if cookie:
            self.cookie = cookie.group(1)
        try:
            return r.status, json.loads(data)
        except ValueError:
            return r.status, data.decode("utf-8", "replace")

    def get(self, path):
        return self.ask("GET", path)[1]

    def post(self, path, body=None):
        return self.ask("POST", path, body)

    def sign_in(self, login, password, new=None):
        """Signs in; with `new` the password is changed at once, as a first sign-in demands."""
        self.cookie = self.csrf = None
        status, answer = self.post("/session", {"login": login, "password": password})
        if status != 200:
            raise RuntimeError("%s: %s" % (login, answer))
        self.csrf = answer["csrf"]
        if new:
            status, answer = self.post("/session/password", {"former": password, "password": new})
            if status != 200:
                raise RuntimeError("%s: %s" % (login, answer))
        return self


class HeadEnd:
    """`svod hes` over a database; end() ends it in order, kill() does not."""

    def __init__(self, database, *words):
        self.log = database + ".hes.log"
        self.process = subprocess.Popen([SVOD, "hes", database, "--listen", "127.0.0.1:0", *words], stdin=subprocess.DEVNULL,
                                        stdout=open(self.log, "w"), stderr=subprocess.STDOUT, env=environment("en"))
        self.port = int(wait_for(lambda: self.said(r"port (\d+)"), "the server starts"))
        self.password = self.said(r"name admin, password (\S+)")

    def said(self, pattern):
        if self.process.poll() is not None:
            sys.exit("Bail out! the server has ended: " + open(self.log).read())
        found = re.search(pattern, open(self.log).read())
        return found and found.group(1)

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def kill(self):
        stop(self.process)


def wait_for(what, name, patience=120):
    """What it gives as soon as it is true; a test that waits too long is stuck."""
    for _ in range(patience * 20):
        found = what()
        if found:
            return found
        time.sleep(0.05)
    sys.exit("Bail out! waited too long: " + name)
