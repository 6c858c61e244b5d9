#!/usr/bin/env bash
# The gateway's table of readings: use per day of 500 meters over 60 days, all of it, page by page as the web app asks; the same as JSON
# and as a workbook. Milliseconds at the server, of a client on the same machine. Arguments: devices (500), days (60).
set -euo pipefail
cd "$(dirname "$0")/.."
make -s build/bench/fill_fleet
exec python3 bench/support/seeing.py readings build/svod "${1:-500}" "${2:-60}"
