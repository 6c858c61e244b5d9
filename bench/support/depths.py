"""A gateway with everything it can hold; see bench/depths.sh."""
import datetime, os, re, signal, subprocess, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests", "support"))
os.environ["SVOD"] = os.path.abspath(sys.argv[1])
METERS, TIMES = int(sys.argv[2]), 20

from api_client import HeadEnd
from running import folder

database = os.environ.get("SVOD_BENCH_DB") or os.path.join(folder(), "full.db")


def ago(days):
    return (datetime.date.today() - datetime.timedelta(days=days)).isoformat()


def memory(box, name):
    return int(re.search(r"^%s:\s+(\d+)" % name, open("/proc/%d/status" % box.process.pid).read(), re.M).group(1)) / 1024


def start(what):
    begun = time.monotonic()
    box = HeadEnd(database, "--board", "sim", "--every", "0", face="gateway")
    box.admin.read("/box")
    print("%s: pages after %.2f s, resident %.1f MiB" % (what, time.monotonic() - begun, memory(box, "VmRSS")), flush=True)
    return box


def look(api):
    """Milliseconds of each kind of page, somewhere else in the fleet each time."""
    took = {}
    for i in range(TIMES):
        device, page, first = 1 + i * 7919 % METERS, 1 + i * 37 % (METERS // 50), 170 - 8 * i
        span = "&from=%s&to=%s" % (ago(first + 6), ago(first))
        for name, path in (("devices", "/devices?size=50&page=%d" % page), ("search", "/devices?size=50&search=%d" % (10000001 + device)), ("the table of meters", "/table"),
                           ("a device", "/devices/%d" % device), ("its last values", "/devices/%d/latest" % device), ("home", "/home"), ("lines", "/lines"),
                           ("starts of days, 50 meters, a week", "/readings?kind=electricity.day&size=50&page=%d%s" % (page, span)),
                           ("use by days, 50 meters, a week", "/readings?kind=electricity.day-use&size=50&page=%d%s" % (page, span)),
                           ("half-hours, one meter, a day", "/readings?kind=electricity.power&devices=%d&from=%s&to=%s" % (device, ago(1 + i), ago(i))),
                           ("a device's journal", "/devices/%d/events?size=50" % device)):
            begun = time.monotonic()
            status, answer = api.ask("GET", path)
            took.setdefault(name, []).append((time.monotonic() - begun) * 1000)
            if status != 200:
                sys.exit("depths: %s: %s %s" % (path, status, answer))
    return took


def main():
    if not os.path.exists(database):
        subprocess.run(["build/bench/fill_depths", database, str(METERS)], check=True)
    print("the file: %.0f MB" % (os.path.getsize(database) / 1e6))
    start("first start").close()
    box = start("started again")
    box.process.send_signal(signal.SIGKILL)
    box.process.wait()
    box.ended = True
    box = start("after it was killed")
    took = look(box.admin)
    print("resident %.1f MiB after these pages, %.1f at most" % (memory(box, "VmRSS"), memory(box, "VmHWM")))
    box.close()
    for name, times in sorted(took.items(), key=lambda row: -sorted(row[1])[TIMES // 2]):
        print("%s: median %.0f ms, slowest %.0f ms" % (name, sorted(times)[TIMES // 2], max(times)))
    everything = sorted(sum(took.values(), []))
    print("depths %.0f ms" % everything[int(len(everything) * .95)])


main()
