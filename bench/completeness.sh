#!/usr/bin/env bash
# The pages of completeness with 100,000 devices and 60 days of readings (or as many as the arguments say): by group, channel,
# maker, reason; who is missing; statistics of a month; by the hour; the heat map. Milliseconds at the server, of a client on
# the same machine; the figure is the slowest median of those that make the page. SVOD_BENCH_DB names a database of
# fill-fleet to use instead of making one.
set -euo pipefail
cd "$(dirname "$0")/.."
make -s build/bench/fill_fleet
exec python3 bench/support/seeing.py completeness build/svod "${1:-100000}" "${2:-60}"
