#!/usr/bin/env bash
# The first page, in one request, with 100,000 devices and 60 days of readings; as completeness.sh.
set -euo pipefail
cd "$(dirname "$0")/.."
make -s build/bench/fill_fleet
exec python3 bench/support/seeing.py home build/svod "${1:-100000}" "${2:-60}"
