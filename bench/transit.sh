#!/usr/bin/env bash
# How long a transit client waits for the line of a poll in progress: from his request until the meter's answer, less what the same
# question takes on a line at rest. Beside it: the poll's exchanges (he may have to wait for one) and the answer at rest. One line at
# 9600 with 20 meters; milliseconds, the median of the waits.
set -euo pipefail
cd "$(dirname "$0")/.."
[ -x build/svod ] || make -s
exec python3 bench/support/transit.py build/svod "${1:-40}"
