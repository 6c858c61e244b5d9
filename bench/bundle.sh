#!/usr/bin/env bash
# What the first route costs: kilobytes of compressed script that a cold browser loads for the home page, and how long until
# the page is usable over a line of 10 Mbit/s with 20 ms there and back. The first argument is another address than "/".
set -euo pipefail
cd "$(dirname "$0")/.."
exec env SVOD=build/svod node bench/support/first_view.mjs "${1:-/}"
