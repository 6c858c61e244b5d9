"""Benches of the pages that show data: fills a database, starts the server, asks; see completeness.sh, home.sh, readings.sh, export.sh."""
import datetime, http.client, json, os, re, shutil, signal, statistics, subprocess, sys, tempfile, threading, time

what, svod, devices, days = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
TIMES, SIMULATED = 21, 500
ago = lambda n: (datetime.date.today() - datetime.timedelta(days=n)).isoformat()


class Server:
    def __init__(self, database, log):
        self.process = subprocess.Popen([svod, "hes", database, "--listen", "127.0.0.1:0"], stdout=open(log, "w"), env={**os.environ, "SVOD_LANG": "en"})
        while not (port := re.search(r"port (\d+)", open(log).read())):
            time.sleep(0.02)
        self.port = int(port.group(1))
        first = re.search(r"password (\S+)", open(log).read())
        self.headers = {}
        _, me, headers = self.ask("POST", "/session", {"login": "admin", "password": first.group(1) if first else "bench-1"})
        self.headers = {"Cookie": re.match(r"(svod=\w+)", headers["Set-Cookie"]).group(1), "X-Svod-Csrf": json.loads(me)["csrf"]}
        if first:
            self.ask("POST", "/session/password", {"former": first.group(1), "password": "bench-1"})

    def ask(self, method, path, body=None):
        c = http.client.HTTPConnection("127.0.0.1", self.port)
        headers = dict(self.headers)
        if body is not None:
            headers["Content-Type"] = "application/json"
        c.request(method, "/api/v1" + path, None if body is None else json.dumps(body).encode(), headers)
        r = c.getresponse()
        return r.status, r.read(), r.headers

    def memory(self, name):
        return int(re.search(name + r":\s+(\d+)", open(f"/proc/{self.process.pid}/status").read()).group(1))

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def median(server, name, path):
    took = []
    for _ in range(TIMES):
        t = time.perf_counter()
        status, data, _ = server.ask("GET", path)
        took.append((time.perf_counter() - t) * 1000)
        if status != 200:
            raise SystemExit(f"{path}: {status} {data[:200]}")
    took.sort()
    print(f"{name}: ms median {statistics.median(took):.0f}, slowest of {TIMES} {took[-1]:.0f}, {len(data) / 1024:.0f} KB", flush=True)
    return statistics.median(took)


def completeness(server):
    month, last = f"from={ago(60)}&to={ago(0)}", f"from={ago(1)}&to={ago(0)}"
    page = [median(server, f"{name}, {archive}, {span_name}", f"/completeness{path}archive={archive}&{span}")
            for archive in ("day", "profile") for span_name, span in (("60 days", month), ("yesterday", last))
            for name, path in (("by group", "?by=group&"), ("by channel", "?by=link&"), ("by maker", "?by=maker&"), ("by reason", "?by=reason&missing=true&"), ("who is missing", "/missing?size=50&"))]
    for name, path in (("statistics of 31 days by group", f"/completeness/statistics?archive=day&from={ago(31)}&to={ago(0)}&size=1000"),
                       ("statistics of 31 days by device, a page", f"/completeness/statistics?archive=day&from={ago(31)}&to={ago(0)}&by=device"),
                       ("by the hour, 7 days", f"/completeness/hours?archive=day&from={ago(6)}&to={ago(-1)}"),
                       ("heat map of the fleet, 30 days by hours", f"/contacts?from={ago(30)}&to={ago(0)}&step=hour"),
                       ("heat map of a page of devices, a year", f"/contacts/devices?from={ago(365)}&to={ago(0)}&step=day"),
                       ("heat map, the worst of 60 days", f"/contacts/devices?from={ago(60)}&to={ago(0)}&step=day&sort=worst"),
                       ("pivot of 50 devices, 31 days, 3 tariffs", f"/data?resource=electricity&archive=day&from={ago(31)}&to={ago(0)}&tariffs=0,1,2")):
        median(server, name, path)
    print(f"completeness {max(page):.0f} ms")


def home(server):
    print(f"home {median(server, 'home', '/home'):.0f} ms")


def readings(server):
    """Everything of every device, page by page as the gateway's table asks for it, and as files."""
    span = f"from={ago(days - 1)}&to={ago(-1)}"
    for kind in ("day", "day-use"):
        t, size, lines = time.perf_counter(), 0, 0
        for page in range(1, (devices + 49) // 50 + 1):
            status, data, _ = server.ask("GET", f"/readings?kind=electricity.{kind}&{span}&page={page}&size=50")
            if status != 200:
                raise SystemExit(f"readings: {status} {data[:200]}")
            size, lines = size + len(data), lines + data.count(b'"gap"')
        whole = (time.perf_counter() - t) * 1000
        print(f"electricity.{kind}: {lines} lines in {whole:.0f} ms, {size / 1e6:.1f} MB", flush=True)
        for file in ("json", "xlsx"):
            t = time.perf_counter()
            _, data, _ = server.ask("GET", f"/readings.{file}?kind=electricity.{kind}&{span}")
            print(f"  as {file}: {(time.perf_counter() - t) * 1000:.0f} ms, {len(data) / 1e6:.1f} MB", flush=True)
    median(server, "a page of 50 devices", f"/readings?kind=electricity.day-use&{span}&size=50")
    print(f"readings {whole:.0f} ms")


def export(server, place):
    """Collection from simulated meters goes on all the while; the growth is from after its first pass to the peak."""
    collecting, passes = True, [0]

    def collect():
        while collecting:
            server.ask("POST", "/collection", {"groups": ["sim"]})
            while json.loads(server.ask("GET", "/collection")[1])["running"]:
                time.sleep(0.05)
            passes[0] += 1

    thread = threading.Thread(target=collect)
    thread.start()
    while passes[0] < 2:
        time.sleep(0.05)
    before = server.memory("VmRSS")
    open(f"/proc/{server.process.pid}/clear_refs", "w").write("5") # the peak is counted anew
    c, t, size, lines, begun = http.client.HTTPConnection("127.0.0.1", server.port), time.time(), 0, 0, passes[0]
    c.request("GET", f"/api/v1/readings.csv?archive=profile&from={ago(days + 1)}&to={ago(0)}", headers=server.headers)
    r = c.getresponse()
    while part := r.read(1 << 16):
        size, lines = size + len(part), lines + part.count(b"\n")
    peak, took = server.memory("VmHWM"), time.time() - t
    collecting = False
    thread.join()
    print(f"{lines - 1} readings, {size / 1e6:.0f} MB in {took:.1f} s, {passes[0] - begun} passes over {SIMULATED} meters meanwhile; resident {before / 1024:.1f} MiB before, {peak / 1024:.1f} at most")
    if lines < 1000000:
        raise SystemExit("fewer than a million readings")
    print(f"export {(peak - before) / 1024:.1f} MiB")


def simulate(place, database):
    log = place + "/sim"
    sim = subprocess.Popen([svod, "sim", "--tcp", "127.68.1.1:14061", "--family", "spodes", "--count", str(SIMULATED), "--serial", "50000001"], stdout=open(log, "w"))
    while "ready" not in open(log).read():
        time.sleep(0.05)
    with open(place + "/meters", "w") as f:
        for i in range(SIMULATED):
            f.write(f"{50000001 + i}|sim|spodes|tcp://127.68.{1 + i // 254}.{1 + i % 254}:14061|transport=wrapper;password=111111|sim|current,day=2\n")
    subprocess.run([svod, "admin", "import", database, place + "/meters"], check=True, stdout=subprocess.DEVNULL)
    return sim


def main():
    place = tempfile.mkdtemp(prefix="svod-bench-")
    database, sim = os.environ.get("SVOD_BENCH_DB") or place + "/fleet.db", None
    try:
        if not os.path.exists(database):
            subprocess.run(["build/bench/fill_fleet", database, str(devices), str(days)], check=True)
        if what == "export":
            sim = simulate(place, database)
        server = Server(database, place + "/log")
        print(f"server with {devices} devices: resident {server.memory('VmRSS') / 1024:.0f} MiB")
        {"completeness": completeness, "home": home, "readings": readings, "export": lambda s: export(s, place)}[what](server)
        server.close()
    finally:
        if sim:
            sim.terminate()
            sim.wait()
        shutil.rmtree(place)


main()
