#!/usr/bin/env bash
# first-reading: from starting the demonstration (programs built) to the first reading on the screen: simulators begin,
# the registry is imported, collection starts and its live view shows values. A terminal of its own watches what a person
# would see.   bench/first_reading.sh [runs]
set -euo pipefail
cd "$(dirname "$0")/.."
[ -x build/svod ] || make -s
exec python3 - "${1:-5}" <<'PYTHON'
import os, pty, re, select, shutil, signal, statistics, subprocess, sys, tempfile, time

LIMIT_S = 30
SHOWN = re.compile(r"значений [1-9]|[1-9]\d* values|получено [1-9]")


def run(number):
    """Seconds from the start of one demonstration to its first reading; None when none came."""
    place = tempfile.mkdtemp(prefix="svod-bench-")
    master, slave = pty.openpty()
    surroundings = dict(os.environ, DEMO_PLACE=place, DEMO_PORT=str(4161 + number), DEMO_SECONDS=str(LIMIT_S), TERM="xterm")
    begun = time.monotonic()
    demo = subprocess.Popen(["scripts/demo.sh", "--once"], stdin=subprocess.DEVNULL, stdout=slave, stderr=slave,
                            env=surroundings, start_new_session=True)
    os.close(slave)
    seen, found = "", None
    while found is None and time.monotonic() < begun + LIMIT_S and select.select([master], [], [], LIMIT_S)[0]:
        try:
            seen += os.read(master, 65536).decode("utf-8", "replace")
        except OSError:
            break
        if SHOWN.search(seen):
            found = time.monotonic() - begun
    os.killpg(demo.pid, signal.SIGTERM)
    try:
        demo.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(demo.pid, signal.SIGKILL)
        demo.wait()
    os.close(master)
    shutil.rmtree(place, ignore_errors=True)
    if found is None:
        print(seen[-2000:])
    return found


runs = [run(i) for i in range(int(sys.argv[1]))]
if None in runs:
    sys.exit("first-reading: none came")
print("runs: " + ", ".join(f"{r:.2f}" for r in runs))
print(f"first-reading {statistics.median(runs):.2f} s")
PYTHON
