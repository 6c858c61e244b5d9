#!/usr/bin/env bash
# A CSV of a million readings while collection goes on: how much the server's resident memory grows, MiB. Arguments: devices
# (300), days (20); each day of a device is 192 readings.
set -euo pipefail
cd "$(dirname "$0")/.."
make -s build/bench/fill_fleet
exec python3 bench/support/seeing.py export build/svod "${1:-300}" "${2:-20}"
