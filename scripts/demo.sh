#!/usr/bin/env bash
# The demonstration: a simulated world, a head-end that collects it by real protocols, a gateway beside it, and their web apps.
#   400 meters behind TCP at 127.10.0.1.. (СПОДЭС), of which a few are dead;
#   one RS-485 bus at 115200 with two dozen meters of three families;
#   a gateway with a simulated board and four buses at 9600: electricity, water and heat; it delivers to the head-end.
# Everything lies in build/demo. --once ends after a first look; otherwise Ctrl-C does.
set -euo pipefail
cd "$(dirname "$0")/.."
svod=${SVOD:-build/svod}
place=${DEMO_PLACE:-build/demo}
count=${DEMO_METERS:-400}
days=${DEMO_DAYS:-60}
port=${DEMO_PORT:-4059}
door=${DEMO_LISTEN:-127.0.0.1:8080}
gateway_door=${DEMO_GATEWAY_LISTEN:-127.0.0.1:8081}
password=${DEMO_PASSWORD:-demo2026}
once=${1:-}

rm -rf "$place"
mkdir -p "$place"
bus=$(realpath "$place")/bus1
buses=$(realpath "$place")/line
depths="current,network,state,day=$days,month=$((days + 340)),profile=$days,journal=$days"

# --- the world
words=(--tcp "127.10.0.1:$port" --family spodes --count "$count" --serial 10000001 --options "phases=3" --faults "dead=10")
words+=(--bus "$bus" --line "115200,8N1")
for i in $(seq 1 12); do words+=(--meter "mercury230:$i:$((41000000 + i))"); done
for i in $(seq 31 38); do words+=(--meter "mbus:$i:$((50000000 + i))"); done
for i in $(seq 61 64); do words+=(--meter "spodes:$i:$((61000000 + i))"); done
for n in 1 2; do
    words+=(--bus "$buses$n" --line "9600,8N1")
    for i in 1 2 3 4; do words+=(--meter "mercury230:$((n * 10 + i)):$((42000000 + n * 10 + i))"); done
done
words+=(--bus "${buses}3" --line "9600,8N1")
for i in 1 2 3; do words+=(--meter "mbus:$i:$((52000000 + i))"); done
words+=(--bus "${buses}4" --line "9600,8N1" --meter "spodes:17:62000001" --meter "spodes:18:62000002")
"$svod" sim "${words[@]}" >"$place/sim.log" 2>&1 &
sim=$!
hes= gateway=
trap 'kill $hes $gateway $sim 2>/dev/null; wait $hes $gateway $sim 2>/dev/null || true' EXIT
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

box="current,day=30,month=12,journal=30"
{
    for n in 1 2; do for i in 1 2 3 4; do
        echo "$((42000000 + n * 10 + i))|Щит $n, ввод $i|mercury230|serial:${buses}$n?9600,8N1|address=$((n * 10 + i))|Щитовая|$box,profile=3"
    done; done
    for i in 1 2 3; do echo "$((52000000 + i))|Вода и тепло, стояк $i|mbus|serial:${buses}3?9600,8N1|address=$i|Подвал|current,month=12"; done
    for i in 1 2; do echo "$((62000000 + i))|Общедомовой $i|spodes|serial:${buses}4?9600,8N1|physical=$((16 + i));password=111111|Щитовая|$box,profile=3"; done
} >"$place/gateway.txt"
"$svod" admin import "$place/gateway.db" "$place/gateway.txt" >"$place/gateway-import.log"

# --- the head-end: collects every half hour, the first time now
serve() { # face, database, log, address, further words: sets $served
    "$svod" "$1" "$2" --listen "$4" --every 30 "${@:5}" >"$3" 2>&1 &
    served=$!
    for _ in $(seq 200); do
        grep -q 'http://' "$3" && return 0
        kill -0 "$served" 2>/dev/null || return 1
        sleep 0.05
    done
    return 1
}
begin() { # the same; the port may be taken, then any will do
    serve "$@" || serve "${@:1:3}" "${4%:*}:0" "${@:5}" || { cat "$3" >&2; exit 1; }
}
begin hes "$place/svod.db" "$place/hes.log" "$door"
hes=$served
begin gateway "$place/gateway.db" "$place/gateway.log" "$gateway_door" --board "sim:$place/board"
gateway=$served

# --- the first sign-in is done for you; then what is there already
(umask 077 && : >"$place/code")
python3 scripts/demo_begin.py "$place/hes.log" "$password" port "$place/code"
python3 scripts/demo_begin.py "$place/gateway.log" "$password" gateway "$place/code"
rm "$place/code"
python3 scripts/demo_begin.py "$place/hes.log" "$password" "${DEMO_SECONDS:-45}"
[ "$once" = "--once" ] && exit 0
echo
echo "Опрос идёт и повторяется каждые полчаса; Ctrl-C заканчивает."
wait "$hes"
