"""Load for bench/pages.sh: signs in to a server over a filled database and asks for lists from several processes."""
import datetime, http.client, json, multiprocessing, os, re, signal, subprocess, sys, time
from urllib.parse import quote as quoted

svod, place, devices, clients, count = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5])
quote = lambda text: quoted(text).replace("%", "%%")  # paths are formats
day = lambda ago: (datetime.date.today() - datetime.timedelta(days=ago)).isoformat()
LIST = "/api/v1/devices?size=50&page=%(page)d"
QUERIES = {
    **{f"page sorted by {c}": LIST + f"&sort={c}" for c in ("serial", "title", "driver", "model", "group", "link", "enabled", "contact", "contact_since", "added", "status", "source", "note")},
    "page of 50 backwards": LIST + "&sort=title&order=desc",
    "page of 1000": "/api/v1/devices?size=1000&sort=title&page=%(small)d",
    "filters": LIST + "&model=CE307&contact=failed&source=imported&sort=title",
    "filter by group": "/api/v1/devices?group=" + quote("Садовая/") + "%(group)d",
    "filter by day of adding": LIST + f"&added_from={day(1)}&added_to={day(-1)}",
    "search in titles": "/api/v1/devices?size=50&sort=serial&search=" + quote("садовая, ") + "%(group)d",
    "search of nothing": "/api/v1/devices?search=" + quote("нет такого"),
    **{f"grouped by {c}": f"/api/v1/devices/counts?by={c}" for c in ("model", "group", "status", "source", "contact", "enabled", "added", "driver")},
    "ids of a filter": "/api/v1/devices/ids?model=CE207",
    "channels by title": "/api/v1/links?size=50&sort=title&page=%(page)d",
    "search in channels": "/api/v1/links?size=50&search=10.0.%(small)d.",
    "protocols": "/api/v1/protocols?size=50&sort=title",
    "groups": "/api/v1/groups",
    "one device": "/api/v1/devices/%(device)d",
    "its registers": "/api/v1/devices/%(device)d/readings?archive=day&from=" + day(60),
    "its half-hours of a day": "/api/v1/devices/%(device)d/readings?archive=profile&from=" + day(2) + "&to=" + day(1),
    "its states": "/api/v1/devices/%(device)d/states",
}


def ask(args):
    port, cookie, path, times, n = args
    c = http.client.HTTPConnection("127.0.0.1", port)
    took = []
    for _ in range(times):
        n = (n * 1103515245 + 12345) % 2147483648
        values = {"page": n % max(1, min(900, devices // 50)) + 1, "small": n % max(1, devices // 1000) + 1, "group": n % max(1, devices // 40) + 1, "device": n % devices + 1}
        t = time.perf_counter()
        c.request("GET", path % values, headers={"Cookie": "svod=" + cookie})
        r = c.getresponse()
        r.read()
        took.append(time.perf_counter() - t)
        if r.status != 200:
            raise SystemExit(f"{r.status} {path % values}")
    return took


def cpu(pid):
    words = open(f"/proc/{pid}/stat").read().split()
    return (int(words[13]) + int(words[14])) / os.sysconf("SC_CLK_TCK")


def main():
    t = time.time()
    server = subprocess.Popen([svod, "hes", place + "/svod.db", "--listen", "127.0.0.1:0", "--behind-proxy", *sys.argv[6:]], stdout=open(place + "/log", "w"), env={**os.environ, "SVOD_LANG": "en"})
    try:
        while not (m := re.search(r"port (\d+)", open(place + "/log").read())):
            if server.poll() is not None:
                raise SystemExit("the server did not start: " + open(place + "/log").read())
            time.sleep(0.02)
        print(f"start: {time.time() - t:.2f} s")
        measure(server, int(m.group(1)), re.search(r"password (\S+)", open(place + "/log").read()).group(1))
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()


def measure(server, port, password):

    def post(path, body, headers):
        c = http.client.HTTPConnection("127.0.0.1", port)
        c.request("POST", path, json.dumps(body), {"Content-Type": "application/json", **headers})
        r = c.getresponse()
        return r.headers.get("Set-Cookie"), json.loads(r.read())

    cookie, me = post("/api/v1/session", {"login": "admin", "password": password}, {})
    cookie = re.match(r"svod=(\w+)", cookie).group(1)
    post("/api/v1/session/password", {"former": password, "password": "bench-1"}, {"Cookie": "svod=" + cookie, "X-Svod-Csrf": me["csrf"]})
    everything, worst = [], (0, "")
    with multiprocessing.Pool(clients) as pool:
        for name, path in QUERIES.items():
            before = cpu(server.pid)
            took = sorted(sum(pool.map(ask, [(port, cookie, path, max(1, count // clients), i + 1) for i in range(clients)]), []))
            at = lambda p: took[int(len(took) * p)] * 1000
            print(f"{name}: ms p50 {at(.5):.2f} p95 {at(.95):.2f} p99 {at(.99):.2f} worst {took[-1] * 1000:.2f}, server's CPU {(cpu(server.pid) - before) / len(took) * 1e6:.0f} us each", flush=True)
            everything += took
            worst = max(worst, (at(.95), name))
    with open(f"/proc/{server.pid}/status") as f:
        print("resident:", re.search(r"VmRSS:\s+(\d+)", f.read()).group(1), "KiB")
    everything.sort()
    print(f"the slowest kind: {worst[1]}, p95 {worst[0]:.2f} ms; of all {everything[int(len(everything) * .95)] * 1000:.2f} ms")
    print(f"pages {worst[0]:.1f} ms")


main()
