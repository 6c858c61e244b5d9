#!/usr/bin/env bash
# Puts the table of supported meters, made from the drivers' own tables, into both READMEs. --check only compares.
set -euo pipefail
cd "$(dirname "$0")/.."
svod=${SVOD:-build/svod}
for pair in README.md:en README.ru.md:ru; do
    file=${pair%:*}
    table=$(SVOD_LANG=${pair#*:} "$svod" drivers --markdown)
    made=$(awk -v table="$table" '/<!-- drivers -->/ { print; print ""; print table; print ""; skip = 1 } /<!-- \/drivers -->/ { skip = 0 } !skip && !/<!-- drivers -->/' "$file")
    if [ "${1:-}" = "--check" ]; then
        [ "$made" = "$(cat "$file")" ] || { echo "$file: the table of meters is not the drivers' (run scripts/readme.sh)"; exit 1; }
    else
        printf '%s\n' "$made" >"$file"
    fi
done
