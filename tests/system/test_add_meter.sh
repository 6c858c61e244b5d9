#!/usr/bin/env bash
# docs/add-a-meter.md does what it says: its commands are run in a copy of the tree.
set -uo pipefail
cd "$(dirname "$0")/../.."
echo "1..2"
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$copy" 2>/dev/null
mkdir -p "$copy/build" && cp -r build/src "$copy/build/" 2>/dev/null
mkdir -p "$copy/build/san" && cp -r build/san/src "$copy/build/san/" 2>/dev/null
cd "$copy"
mkdir -p "$copy/build/web" && cp build/web/bundle.c "$copy/build/web/" 2>/dev/null # a driver changes nothing of the web app
# objects stay newer than the copied sources, so only what is new is compiled
find build -name '*.o' -exec touch {} + && touch build/web/bundle.c
commands=$(awk '/^   ```sh/ { on = 1; next } /^   ```/ { on = 0 } on { print }' docs/add-a-meter.md)
echo "set -e
$commands" >steps.sh
if output=$(bash steps.sh 2>&1); then echo "ok 1 - the steps run"; else echo "not ok 1 - the steps run"; sed 's/^/# /' <<<"$output" | tail -20; fi
if grep -q '^ok .*tests/drivers/example/register.txt' <<<"$output" && ! grep -q '^not ok' <<<"$output" && grep -q 'example — example' <<<"$output"; then
    echo "ok 2 - the new driver is listed and its recording plays"
else
    echo "not ok 2 - the new driver is listed and its recording plays"
    sed 's/^/# /' <<<"$output" | tail -20
fi
