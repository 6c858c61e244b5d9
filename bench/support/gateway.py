"""A gateway at its full load; see bench/gateway.sh."""
import http.client, os, random, re, signal, socket, sqlite3, statistics, subprocess, sys, threading, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests", "support"))
os.environ["SVOD"] = os.path.abspath(sys.argv[1])
SECONDS = int(sys.argv[2])
LINES, MERCURIES, SPODES, MODULES, MBUS = 4, 100, 25, 125, 250  # on each line: 125 electricity meters and 375 others
WARM, PAGES, WAITS = 15, 25, 25
SILENCE_MS = 38.5 / 9.6  # between frames: 3.5 characters of 11 bits (Modbus over serial line 2.5.1.1); Mercury, M-Bus and HDLC want no less

from api_client import HeadEnd
from running import World, collect, folder, import_meters
from transit_peer import ask, free_port

place = folder()
database, heard = os.path.join(place, "gateway.db"), os.path.join(place, "heard")


def population():
    """Words of the simulated world on its buses, words of the same meters on the network with their first serials, rows of the registry."""
    words, fleets, rows = ["--exact"], [], []
    for line in range(LINES):
        bus, base, own = os.path.join(place, "bus%d" % line), 10000 * line, []
        words += ["--bus", bus, "--line", "9600,8N1"]

        def add(family, count, address, serial, parameters, depths, options=None):
            fleets.append((serial, count, ["--tcp", "127.1.0.1:0", "--family", family, "--serial", serial, "--count", count] + (["--options", options] if options else [])))
            for i in range(count):
                words.extend(["--meter", "%s:%d:%d" % (family, address + i, serial + i)] + (["--options", options] if options else []))
                own.append((serial + i, "%s %d" % (family, serial + i), family, "serial:%s?9600,8N1" % bus, parameters % (address + i), "Line %d" % (line + 1), depths))

        add("mercury230", MERCURIES, 1, 41000001 + base, "address=%d", "current,network,day=2,profile=1")
        add("spodes", SPODES, 300, 61000001 + base, "physical=%d;password=111111", "current,day=2,profile=1")
        add("modbus", MODULES, 110, 70001 + base, "address=%d;model=mv110-16d", "current,state", "model=mv110-16d")
        add("mbus", MBUS // 5, 1, 50000001 + base, "address=%d", "current,month=1", "medium=water")
        add("mbus", MBUS - MBUS // 5, 1 + MBUS // 5, 50000001 + base + MBUS // 5, "address=%d", "current,month=1", "medium=heat")
        random.Random(7).shuffle(own)  # on a line, meters come in no order of families
        rows += own
    return words, fleets, rows


def uri_of(first, count, i):
    """Where the i-th meter of a fleet is: each has an address of its own."""
    numbers = [int(n) for n in first.split(":")[0].split(".")]
    number = int.from_bytes(bytes(numbers), "big") + i
    return "tcp://%s:%s" % (".".join(map(str, number.to_bytes(4, "big"))), first.split(":")[1])


def acquaint(fleets):
    """A gateway that has worked: everybody was read before, over the network, which takes seconds and not the quarter of an hour of the
    lines. Nothing of it is measured."""
    world = World("--exact", *sum((words for _, _, words in fleets), []))
    at = {}
    for (serial, count, _), thing in zip(fleets, world.things):
        at.update((str(serial + i), uri_of(thing[1], count, i)) for i in range(count))
    with sqlite3.connect(database) as db:
        lines = db.execute("SELECT l.link, m.id, m.serial FROM comm_line l JOIN meter m ON m.id = l.meter").fetchall()
        for link, meter, serial in lines:
            made = db.execute("INSERT INTO link(title, uri, settings) VALUES(?, ?, '')", (at[serial], at[serial])).lastrowid
            db.execute("UPDATE comm_line SET link = ? WHERE meter = ?", (made, meter))
    ended = collect(database, "--frames", "0")
    if ended.code:
        sys.exit("gateway: the first acquaintance: %s" % (ended,))
    with sqlite3.connect(database) as db:
        db.execute("DELETE FROM link WHERE uri LIKE 'tcp://%'")
        db.executemany("UPDATE comm_line SET link = ? WHERE meter = ?", ((link, meter) for link, meter, _ in lines))
    world.close()
    print("acquainted: %s" % ended.out.strip().splitlines()[-1])


def broker():
    """mosquitto and a listener that takes everything; the broker's port and both processes."""
    port = free_port()
    with open(place + "/mosquitto.conf", "w") as f:
        f.write("listener %d 127.0.0.1\nuser root\nallow_anonymous true\nmax_queued_messages 0\n" % port)
    program = next(p for p in ("/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto", "mosquitto") if os.path.exists(p) or p == "mosquitto")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    processes = [subprocess.Popen([program, "-c", place + "/mosquitto.conf"], **quiet)]
    with socket.socket() as s:
        while s.connect_ex(("127.0.0.1", port)):
            time.sleep(0.02)
    processes.append(subprocess.Popen(["mosquitto_sub", "-h", "127.0.0.1", "-p", str(port), "-t", "#", "-F", "%t %l"], stdout=open(heard, "w"), stderr=subprocess.DEVNULL))
    return port, processes


def set_up(port, transit):
    """What people set once: the broker and what goes to it, the line's transit port."""
    box = HeadEnd(database, "--board", "sim", "--every", "0", face="gateway")
    api = box.admin
    made = api.post("/mqtt/brokers", {"device": "box1", "address": "127.0.0.1", "port": port})[1]["id"]
    wants = [{"kind": kind["kind"]} for kind in api.read("/mqtt/kinds")["items"]][:16]
    template = api.post("/mqtt/templates", {"title": "Всё", "wants": wants})[1]["id"]
    status, answer = api.post("/mqtt/publications", {"broker": made, "template": template, "postfix": "data"})
    if status != 201:
        sys.exit("gateway: the publication: %s" % answer)
    links = sorted(api.read("/links?size=100")["items"], key=lambda l: l["uri"])
    for i, link in enumerate(links):
        api.patch("/interfaces/%d" % (i + 1), {"revision": 1, "link": link["id"], "idle_s": 1, "hold_s": 600})
    api.patch("/servers", {"revision": api.read("/servers")["revision"], "items": [{"type": "http", "port": 80}, {"type": "transit-1", "port": transit}]})
    password = api
    box.close()
    return password


def of_process(pid, file, name):
    return int(re.search(r"^%s:\s+(\d+)" % name, open("/proc/%d/%s" % (pid, file)).read(), re.M).group(1))


def cpu(pid):
    words = open("/proc/%d/stat" % pid).read().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


class Look:
    """A moment of the gateway's figures."""

    def __init__(self, box):
        pid = box.process.pid
        self.at, self.cpu, self.written = time.monotonic(), cpu(pid), of_process(pid, "io", "write_bytes")
        collection = box.admin.read("/collection")
        self.readings, self.done, self.failed, self.exchanges = (collection[name] for name in ("readings", "done", "failed", "exchanges"))
        self.lines = [(l["cycle"]["ms"], l["cycle"]["talking_ms"], l["cycle"]["silent_ms"]) for l in box.admin.read("/lines")["items"]]
        self.memory, self.peak = of_process(pid, "status", "VmRSS"), of_process(pid, "status", "VmHWM")
        self.own = of_process(pid, "status", "RssAnon")


def watcher(client):
    """A page that somebody has open: its stream of events."""
    c = http.client.HTTPConnection("127.0.0.1", client.port)
    c.request("GET", "/api/v1/collection/stream", None, {"Cookie": "svod=" + client.cookie})
    answer = c.getresponse()
    if answer.status != 200:
        sys.exit("gateway: events: %d" % answer.status)

    def read():
        try:
            while answer.read1(65536):
                pass
        except (OSError, http.client.HTTPException):
            pass  # the gateway has ended

    threading.Thread(target=read, daemon=True).start()


def pages(api):
    """Milliseconds of every request while the lines are polled."""
    ids = [d["id"] for d in api.read("/devices?size=200")["items"]]
    took = {}
    for i in range(PAGES):
        device = ids[i * 37 % len(ids)]
        for name, path in (("devices", "/devices?size=50&page=%d" % (1 + i)), ("one device", "/devices/%d" % device), ("its readings", "/devices/%d/latest" % device),
                           ("lines", "/lines"), ("one line", "/lines/%d" % (1 + i % LINES)), ("the table", "/table"), ("groups", "/groups"), ("box", "/box"),
                           ("collection", "/collection"), ("home", "/home"), ("log", "/log/general?size=50"), ("mqtt", "/mqtt/publications")):
            begun = time.monotonic()
            status, answer = api.ask("GET", path)
            took.setdefault(name, []).append((time.monotonic() - begun) * 1000)
            if status != 200:
                sys.exit("gateway: %s: %s %s" % (path, status, answer))
            time.sleep(0.02)
    return took


def ended(box):
    """Stops it; what it wrote in its life, its last checkpoint too: a process that has ended is told of until it is waited for."""
    pid, box.ended = box.process.pid, True
    box.process.send_signal(signal.SIGTERM)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    written = of_process(pid, "io", "write_bytes")
    box.process.wait()
    return written


def main():
    words, fleets, rows = population()
    first = HeadEnd(database, "--board", "sim", face="gateway")  # makes the database as a gateway does
    first.admin.read("/box")
    first.close()
    import_meters(database, rows)
    acquaint(fleets)
    world, transit = World(*words), free_port()
    port, processes = broker()
    set_up(port, transit)
    begun = time.monotonic()
    box = HeadEnd(database, "--board", "sim", "--every", "60", face="gateway")
    api, up = box.admin, time.monotonic() - begun
    while not api.read("/collection")["readings"]:
        time.sleep(0.01)
    first = time.monotonic() - begun
    watcher(api)
    time.sleep(WARM)
    before = Look(box)
    time.sleep(SECONDS)
    after = Look(box)
    took = pages(api)
    client = socket.create_connection(("127.0.0.1", transit))
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    line, waits = "/lines/%d" % api.read("/interfaces/1")["link"], []
    for i in range(WAITS):
        while api.read(line)["holder"]["use"] != "collection":
            time.sleep(0.02)
        time.sleep(0.3 + 0.037 * (i % 11))  # at any moment of an exchange
        waits.append(ask(client, 1 + i % MERCURIES))
    end = Look(box)
    client.close()
    written = ended(box)
    for p in processes:
        p.terminate()
        p.wait()
    tell(up, first, before, after, end, took, waits, written, world.close())


def tell(up, first, before, after, end, took, waits, written, buses):
    span, readings = after.at - before.at, after.readings - before.readings
    print("start: pages after %.2f s, the first reading after %.2f s" % (up, first))
    print("polling for %.0f s: %d meters done, %d failed, %d readings stored, %d exchanges" % (span, after.done - before.done, after.failed, readings, after.exchanges - before.exchanges))
    print("processor: %.1f %% of one core" % (100 * (after.cpu - before.cpu) / span))
    shares = [100 * (a[1] - b[1]) / (a[0] - b[0]) for b, a in zip(before.lines, after.lines)]
    print("lines at work: %s %% of their cycle" % ", ".join("%.1f" % s for s in shares))
    for name, silence in (("bits and meters thinking", 0), ("with the silence that frames must have before them", SILENCE_MS)):
        used = [(b["bits_ms"] + b["turnaround_ms"] + b["requests"] * silence, b["bits_ms"] + b["turnaround_ms"] + b["idle_ms"]) for b in buses]
        print("of the wires' own time: %s %% are %s (the first had the transit client)" % (", ".join("%.1f" % (100 * u / whole) for u, whole in used), name))
    print("written to the disk: %.1f bytes a reading in that time, %.1f from the start to the end and with the log carried into the file"
          % ((after.written - before.written) / max(1, readings), written / max(1, end.readings)))
    everything = sorted(sum(took.values(), []))
    worst = max(took, key=lambda name: sorted(took[name])[int(len(took[name]) * .95)])
    print("pages while polling: p50 %.1f, p95 %.1f ms of %d; the slowest kind: %s, p95 %.1f ms"
          % (everything[len(everything) // 2], everything[int(len(everything) * .95)], len(everything), worst, sorted(took[worst])[int(len(took[worst]) * .95)]))
    print("transit while polling: the answer after %.0f ms (median), %.0f at most of %d; an exchange of the poll takes %.0f ms on average"
          % (statistics.median(waits), max(waits), len(waits), sum(a[1] - b[1] for b, a in zip(before.lines, after.lines)) / max(1, after.exchanges - before.exchanges)))
    with open(heard) as f:
        sent = [line.rsplit(" ", 1) for line in f if line.endswith("\n")]
    print("MQTT: %d messages, %.1f MB" % (len(sent), sum(int(size) for _, size in sent) / 1e6))
    print("resident: %.1f MiB after the warm-up, %.1f after polling, %.1f at the end (%.1f its own, the rest the program's file), %.1f at most"
          % (before.memory / 1024, after.memory / 1024, end.memory / 1024, end.own / 1024, end.peak / 1024))
    print("gateway %.1f MiB" % (end.memory / 1024))


main()
