#!/usr/bin/env bash
# Documents tell the truth: the table of meters is the drivers', links lead somewhere, the house is in order.
set -uo pipefail
cd "$(dirname "$0")/../.."
echo "1..3"
check() { if output=$("${@:3}" 2>&1); then echo "ok $1 - $2"; else echo "not ok $1 - $2"; sed 's/^/# /' <<<"$output" | head -30; fi; }
links() {
    local bad=0
    while IFS=: read -r file link; do
        [ -e "$(dirname "$file")/$link" ] || { echo "$file: $link"; bad=1; }
    done < <(grep -oE '\]\([a-zA-Z0-9_./-]+\)' README*.md docs/*.md | sed -E 's/:\]\(/:/; s/\)$//')
    return $bad
}
check 1 "the READMEs list the drivers there are" scripts/readme.sh --check
check 2 "links in the documents lead somewhere" links
check 3 "lint" scripts/lint.sh
