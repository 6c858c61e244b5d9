#!/usr/bin/env bash
# Fuzzes every target of fuzz/ for some seconds each, starting from the real frames under tests/.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}
only=${2:-}
out=build/fuzz
mkdir -p $out/objects
flags="-std=gnu17 -g -O1 -D_GNU_SOURCE -Isrc -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined"

objects=""
for source in $(find src -mindepth 2 -name '*.c') src/link/coroutine_*.S; do
    object=$out/objects/$(tr / _ <<<"$source").o
    if [ ! -e "$object" ] || [ "$source" -nt "$object" ] || [ -n "$(find src -name '*.h' -newer "$object" -print -quit)" ]; then
        # shellcheck disable=SC2086
        clang $flags -c -o "$object" "$source"
    fi
    objects="$objects $object"
done

# Every hex string of the vectors is a first input.
corpus=$out/frames
if [ ! -d $corpus ]; then
    mkdir -p $corpus
    python3 - "$corpus" tests/vectors/*.txt <<'P'
import hashlib, re, sys
for path in sys.argv[2:]:
    for line in open(path, encoding="utf-8"):
        for field in line.split("|")[1:3]:
            hexes = field.replace(" ", "").strip()
            if re.fullmatch(r"(?:[0-9A-Fa-f]{2}){2,2000}", hexes):
                data = bytes.fromhex(hexes)
                open(f"{sys.argv[1]}/{hashlib.sha1(data).hexdigest()}", "wb").write(data)
P
fi

for target in fuzz/fuzz_*.c; do
    name=$(basename "$target" .c)
    [ -z "$only" ] || [ "$only" = "$name" ] || continue
    # shellcheck disable=SC2086
    clang $flags -fsanitize=fuzzer -o $out/$name "$target" $objects -lsqlite3 -lmosquitto -lssl -lz -lcrypto -lmicrohttpd -lsodium -ljansson -lcurl -lxlsxwriter -lminizip -lexpat -lm -pthread
    mkdir -p $out/corpus_$name
    echo "$name: $seconds s"
    $out/$name -max_total_time="$seconds" -max_len=4096 -print_final_stats=0 -verbosity=0 -artifact_prefix=$out/ $out/corpus_$name $corpus
done
echo "fuzz: nothing found"
