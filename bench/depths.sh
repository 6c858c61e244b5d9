#!/usr/bin/env bash
# A full gateway: 10,000 meters, each with everything that manual S1, table 7 has it keep (126 million values, 11 million records of
# journals). Tells the size of the file, how soon the gateway is there (also after it was killed), its memory, how long its pages take.
# Filling takes some minutes; SVOD_BENCH_DB keeps the database for the next time. Milliseconds of a page, 95th percentile.
#   ./dev bench depths [meters, 10000]
set -euo pipefail
cd "$(dirname "$0")/.."
make -s build/bench/fill_depths
exec python3 bench/support/depths.py build/svod "${1:-10000}"
