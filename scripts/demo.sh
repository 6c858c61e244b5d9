#!/usr/bin/env bash
# The demonstration: a simulated world, collection by real protocols, and what was collected.
#   400 meters behind TCP at 127.10.0.1.. (СПОДЭС), of which a few are dead;
#   one RS-485 bus at 115200 with two dozen meters of three families.
# Everything lies in build/demo. --once ends after the first pass; otherwise Ctrl-C does.
set -euo pipefail
cd "$(dirname "$0")/.."
svod=${SVOD:-build/svod}
place=${DEMO_PLACE:-build/demo}
count=${DEMO_METERS:-400}
days=${DEMO_DAYS:-60}
port=${DEMO_PORT:-4059}
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
trap 'kill $sim 2>/dev/null; wait $sim 2>/dev/null || true' EXIT
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

# --- collection: a first stretch, then a look at what there is already
"$svod" collect "$place/svod.db" --for "${DEMO_SECONDS:-45}" || true

show() { echo; echo "$ svod $*"; "$svod" "$@"; }
show show "$place/svod.db"
show show "$place/svod.db" 10000002 --archive current,day
show show "$place/svod.db" 41000001 --archive profile --from "$(date -d '-3 hours' '+%Y-%m-%d %H:00')"
echo
echo "Ещё: svod show $place/svod.db 50000031 --archive current,month"
echo "     svod show $place/svod.db 10000002 --frames"
echo "     svod read tcp://127.10.0.5:$port --set transport=wrapper --set password=111111 --archive network,journal --trace"
echo "     svod scan serial:$bus --speeds 115200"
[ "$once" = "--once" ] && exit 0
echo
echo "Симулятор работает, опрос повторяется каждую минуту; Ctrl-C заканчивает."
"$svod" collect "$place/svod.db" --every 1 || true
