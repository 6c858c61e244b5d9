#!/usr/bin/env bash
# The demonstration: a simulated world, a head-end that collects it by real protocols, and its web app.
#   400 meters behind TCP at 127.10.0.1.. (СПОДЭС), of which a few are dead;
#   one RS-485 bus at 115200 with two dozen meters of three families.
# Everything lies in build/demo. --once ends after a first look; otherwise Ctrl-C does.
set -euo pipefail
cd "$(dirname "$0")/.."
svod=${SVOD:-build/svod}
place=${DEMO_PLACE:-build/demo}
count=${DEMO_METERS:-400}
days=${DEMO_DAYS:-60}
port=${DEMO_PORT:-4059}
door=${DEMO_LISTEN:-127.0.0.1:8080}
password=${DEMO_PASSWORD:-demo2026}
once=${1:-}

rm -rf "$place"
mkdir -p "$place"
bus=$(realpath "$place")/bus1
depths="current,network,state,day=$days,month=$((days + 340)),profile=$days,journal=$days"

# --- the world
words=(--tcp "127.10.0.1:$port" --family spodes --count "$count" --serial 10000001 --options "phases=3" --faults "dead=10")
words+=(--bus "$bus" --line "115200,8N1")
for i in $(seq 1 12); do words+=(--meter "mercury230:$i:$((41000000 + i))"); done
for i in $(seq 31 38); do words+=(--meter "mbus:$i:$((50000000 + i))"); done
for i in $(seq 61 64); do words+=(--meter "spodes:$i:$((61000000 + i))"); done
"$svod" sim "${words[@]}" >"$place/sim.log" 2>&1 &
sim=$!
hes=
trap 'kill $hes $sim 2>/dev/null; wait $hes $sim 2>/dev/null || true' EXIT
trap 'exit 0' INT TERM
for _ in $(seq 100); do
    grep -q '^ready' "$place/sim.log" && break
    kill -0 $sim 2>/dev/null || { cat "$place/sim.log" >&2; exit 1; }
    sleep 0.05
done

# --- the registry: serial|title|driver|link|parameters|group|depths
{
    for i in $(seq 0 $((count - 1))); do
        a=$(((i + 1) / 65536)) b=$((((i + 1) / 256) % 256)) c=$(((i + 1) % 256))
        echo "$((10000001 + i))|ул. Садовая, $((i / 40 + 1)), кв. $((i % 40 + 1))|spodes|tcp://127.$((10 + a)).$b.$c:$port|transport=wrapper;password=111111|Садовая/$((i / 40 + 1))|$depths"
    done
    for i in $(seq 1 12); do echo "$((41000000 + i))|ВРУ-1, ввод $i|mercury230|serial:$bus?115200,8N1|address=$i|ВРУ-1|$depths"; done
    for i in $(seq 31 38); do echo "$((50000000 + i))|Тепловой узел $i|mbus|serial:$bus?115200,8N1|address=$i|ИТП|current,network,state,month=400"; done
    for i in $(seq 61 64); do echo "$((61000000 + i))|ТП-7, фидер $i|spodes|serial:$bus?115200,8N1|physical=$i;password=111111|ТП-7|$depths"; done
} >"$place/meters.txt"
"$svod" admin import "$place/svod.db" "$place/meters.txt"

# --- the head-end: collects every half hour, the first time now
serve() {
    "$svod" hes "$place/svod.db" --listen "$1" --every 30 >"$place/hes.log" 2>&1 &
    hes=$!
    for _ in $(seq 200); do
        grep -q 'http://' "$place/hes.log" && return 0
        kill -0 "$hes" 2>/dev/null || return 1
        sleep 0.05
    done
    return 1
}
serve "$door" || serve "${door%:*}:0" || { cat "$place/hes.log" >&2; exit 1; } # the port may be taken

# --- the first sign-in is done for you; then what is there already
python3 scripts/demo_begin.py "$place/hes.log" "$password" "${DEMO_SECONDS:-45}"
[ "$once" = "--once" ] && exit 0
echo
echo "Опрос идёт и повторяется каждые полчаса; Ctrl-C заканчивает."
wait "$hes"
