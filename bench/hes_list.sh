#!/usr/bin/env bash
# The device list of a head-end with 100,000 devices (or as many as the first argument says): requests a second and
# milliseconds, over keep-alive connections of a client on the same machine.
# Arguments: devices, clients, seconds for each figure, further options of svod hes (--event-threads 2).
set -euo pipefail
cd "$(dirname "$0")/.."
exec python3 bench/support/hes_list.py build/svod "${1:-100000}" "${2:-4}" "${3:-10}" "${@:4}"
