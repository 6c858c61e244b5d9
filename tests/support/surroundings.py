"""What surrounds a gateway in system tests: words to its simulated board, a real broker, somebody who listens there."""
import json
import os
import signal
import socket
import subprocess
from decimal import Decimal

from api_client import until


class Board:
    """Words to the simulated board."""

    def __init__(self, path):
        self.path = path

    def say(self, words):
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(30)
        s.connect(self.path)
        s.sendall(words.encode() + b"\n")
        answer = s.makefile().readline().strip()
        s.close()
        return answer

    def show(self):
        return dict(pair.split("=") for pair in self.say("show").split())


class Broker:
    """mosquitto on a port of its own, with a password; it keeps sessions, so that a listener misses nothing over a restart."""

    def __init__(self, place):
        self.place = place
        os.mkdir(place)
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        for name in ("box", "listener"):
            subprocess.run(["mosquitto_passwd", *(["-c"] if name == "box" else []), "-b", place + "/passwords", name, "word-" + name], check=True, stderr=subprocess.DEVNULL)
        with open(place + "/mosquitto.conf", "w") as f:
            f.write("listener %d 127.0.0.1\nuser root\nallow_anonymous false\npassword_file %s/passwords\npersistence true\npersistence_location %s/\nmax_queued_messages 0\n"
                    % (self.port, place, place))
        self.start()

    def start(self):
        program = next(p for p in ("/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto", "mosquitto") if os.path.exists(p) or p == "mosquitto")
        self.process = subprocess.Popen([program, "-c", self.place + "/mosquitto.conf"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(self.answers)

    def answers(self):
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)


class Listener:
    """What mosquitto_sub writes: a line a message."""

    def __init__(self, broker, place):
        self.path = place + "/heard"
        self.out = open(self.path, "wb")
        self.process = subprocess.Popen(["mosquitto_sub", "-h", "127.0.0.1", "-p", str(broker.port), "-u", "listener", "-P", "word-listener", "-i", "listener", "-c", "-q", "2",
                                         "-t", "#", "-F", "%t %r %p"], stdout=self.out, stderr=subprocess.DEVNULL)

    def messages(self):
        with open(self.path, encoding="utf-8") as f:
            return [line.rstrip("\n").split(" ", 2) for line in f if line.endswith("\n")]

    def records(self):
        """{(measure, meter, ts, tag): [values as they came]}."""
        found = {}
        for topic, _, body in self.messages():
            if topic.endswith("/status"):
                continue
            for m in json.loads(body, parse_float=Decimal, parse_int=Decimal)["measures"]:
                for d in m["devices"]:
                    for v in d["vals"]:
                        for t in v["tags"]:
                            found.setdefault((m["measure"], int(d["id"]), int(v["ts"]), t["tag"]), []).append(t["val"])
        return found

    def status(self):
        return [body for topic, _, body in self.messages() if topic == "town/box1/status"][-1:]

    def close(self):
        self.process.terminate()
        self.process.wait(30)
        self.out.close()
