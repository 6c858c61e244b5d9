#!/usr/bin/env bash
# Lists of the head-end with 100,000 devices, as many channels and 60 days of readings: milliseconds at the server for pages, sorting
# by every column, filters, search, grouping, channels, protocols and one device's readings, over keep-alive connections of clients on
# the same machine. The last line is the 95th percentile of all of them together.
# Arguments: devices, days, clients, requests of each kind, further options of svod hes (--event-threads 2).
set -euo pipefail
cd "$(dirname "$0")/.."
make -s build/bench/pages
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
build/bench/pages "$place/svod.db" "${1:-100000}" "${2:-60}"
python3 bench/support/pages.py build/svod "$place" "${1:-100000}" "${3:-2}" "${4:-1000}" "${@:5}"
