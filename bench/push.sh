#!/usr/bin/env bash
# The push of a gateway that was away: its archive of METERS electricity meters and DAYS days of half-hours goes to a head-end on the
# same machine over TLS. Tells values a second, from the connection to the last acknowledgement, and bytes on the wire for a value.
#   ./dev bench push [meters, 40] [days, 60]
set -euo pipefail
cd "$(dirname "$0")/.."
[ -x build/svod ] || make -s
exec env SVOD=build/svod python3 bench/support/push.py "${1:-40}" "${2:-60}"
