#!/usr/bin/env bash
# The gateway at its full load: 500 electricity meters and 1,500 others on four simulated lines at 9600, the web app, the archive and
# MQTT to a mosquitto at once. Tells its memory, its processor time, how busy it keeps the lines, what it writes to the disk for a
# reading, how soon the first reading is there, how long a page and a transit client wait meanwhile. MiB resident at the end.
#   ./dev bench gateway [seconds of plain polling, 120]
set -euo pipefail
cd "$(dirname "$0")/.."
[ -x build/svod ] || make -s
exec python3 bench/support/gateway.py build/svod "${1:-120}"
