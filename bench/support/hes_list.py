"""Load for bench/hes_list.sh: imports devices, signs in, asks for pages of the list from several processes."""
import http.client, json, multiprocessing, os, re, shutil, signal, subprocess, sys, tempfile, time

svod, devices, clients, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
QUERIES = {
    "page of 50 by title": "/api/v1/devices?sort=title&size=50&page=%d",
    "search in titles": "/api/v1/devices?search=%%D1%%81%%D0%%B0%%D0%%B4%%D0%%BE%%D0%%B2%%D0%%B0%%D1%%8F%%2C%%20%d&sort=serial&size=50",
    "one device": "/api/v1/devices/%d",
    "health": "/health?",
}


def ask(args):
    port, cookie, path, until, seed = args
    c = http.client.HTTPConnection("127.0.0.1", port)
    took, n = [], seed
    while time.time() < until:
        n = (n * 1103515245 + 12345) % 2147483648
        t = time.perf_counter()
        c.request("GET", path % (n % 900 + 1) if "%d" in path else path, headers={"Cookie": "svod=" + cookie})
        r = c.getresponse()
        r.read()
        took.append(time.perf_counter() - t)
        if r.status != 200 and path != "/health?":
            raise SystemExit(f"{r.status} {path}")
    return took


def cpu(pid):
    words = open(f"/proc/{pid}/stat").read().split()
    return (int(words[13]) + int(words[14])) / os.sysconf("SC_CLK_TCK")


def main():
    place = tempfile.mkdtemp(prefix="svod-bench-")
    with open(place + "/meters.txt", "w") as f:
        for i in range(devices):
            f.write(f"{10000001 + i}|ул. Садовая, {i // 40 + 1}, кв. {i % 40 + 1}|spodes|tcp://127.10.{i // 250 % 250}.{i % 250 + 1}:{4059 + i // 62500}|password=111111|Садовая/{i // 40 + 1}|day=60\n")
    t = time.time()
    # One link for a hundred meters: an import of 100,000 links is another bench.
    lines = open(place + "/meters.txt").read().splitlines()
    with open(place + "/meters.txt", "w") as f:
        for i, line in enumerate(lines):
            f.write(re.sub(r"tcp://[^|]*", f"tcp://10.0.0.1:{1000 + i // max(1, devices // 100)}", line) + "\n")
    subprocess.run([svod, "admin", "import", place + "/a.db", place + "/meters.txt"], check=True, stdout=subprocess.DEVNULL)
    print(f"import of {devices} devices: {time.time() - t:.1f} s")
    t = time.time()
    log = open(place + "/log", "w")
    server = subprocess.Popen([svod, "hes", place + "/a.db", "--listen", "127.0.0.1:0", "--behind-proxy", *sys.argv[5:]], stdout=log, env={**os.environ, "SVOD_LANG": "en"})
    while not (m := re.search(r"port (\d+)", open(place + "/log").read())):
        time.sleep(0.02)
    port, password = int(m.group(1)), re.search(r"password (\S+)", open(place + "/log").read()).group(1)
    print(f"start: {time.time() - t:.2f} s")

    def post(path, body, headers):
        c = http.client.HTTPConnection("127.0.0.1", port)
        c.request("POST", path, json.dumps(body), {"Content-Type": "application/json", **headers})
        r = c.getresponse()
        return r.headers.get("Set-Cookie"), json.loads(r.read())

    cookie, me = post("/api/v1/session", {"login": "admin", "password": password}, {})
    cookie = re.match(r"svod=(\w+)", cookie).group(1)
    post("/api/v1/session/password", {"former": password, "password": "bench-1"}, {"Cookie": "svod=" + cookie, "X-Svod-Csrf": me["csrf"]})
    with multiprocessing.Pool(clients) as pool:
        for name, path in QUERIES.items():
            before = cpu(server.pid)
            until = time.time() + seconds
            took = sorted(sum(pool.map(ask, [(port, cookie, path, until, i + 1) for i in range(clients)]), []))
            at = lambda p: took[int(len(took) * p)] * 1000
            print(f"{name}: {len(took) / seconds:.0f} requests/s, ms p50 {at(.5):.2f} p95 {at(.95):.2f} p99 {at(.99):.2f}, server's CPU {(cpu(server.pid) - before) / len(took) * 1e6:.0f} us each")
    with open(f"/proc/{server.pid}/status") as f:
        print("resident:", re.search(r"VmRSS:\s+(\d+)", f.read()).group(1), "KiB")
    server.send_signal(signal.SIGTERM)
    server.wait()
    shutil.rmtree(place)


main()
