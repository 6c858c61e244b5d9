#!/usr/bin/env bash
# The house itself is checked: floors, headers, purposes, sizes, drivers' data. Prints what is wrong; exit 1 when anything is.
set -uo pipefail
cd "$(dirname "$0")/.."
bad=0
complain() { echo "$*"; bad=1; }

# 1. No include runs up a floor. From the ground up; sim stands beside drivers and may use what they use.
floors=(base meter wire link board drivers store collect people upstream box control http api hes gateway cli)
declare -A height
for i in "${!floors[@]}"; do height[${floors[$i]}]=$i; done
height[sim]=${height[store]}
while IFS=: read -r file include; do
    from=$(cut -d/ -f2 <<<"$file") to=${include%%/*}
    [ -n "${height[$from]:-}" ] && [ -n "${height[$to]:-}" ] || continue
    [ "${height[$from]}" -ge "${height[$to]}" ] || complain "$file includes $include: up a floor"
    [ "$to" != sim ] || [ "$from" = sim ] || [ "$from" = cli ] || complain "$file includes $include: only faces know simulators"
    [ "$from" != sim ] || [ "$to" != drivers ] || complain "$file includes $include: a twin must not know the driver"
done < <(grep -rHoE '^#include "[a-z]+/[^"]+"' src | sed -E 's/:#include "/:/; s/"$//')
# wire is pure: no I/O, clocks or memory of its own.
impure=$(grep -nE '\b(malloc|calloc|realloc|free|fopen|printf|socket|read|write|time|clock_[a-z]+)\(' src/wire/*.c | grep -vE 'snprintf|explain|EVP_' || true)
[ -z "$impure" ] || complain "wire is pure: $impure"

# 2. Every header compiles alone.
for header in $(find src -name '*.h'); do
    gcc -std=gnu17 -D_GNU_SOURCE -Isrc -fsyntax-only -x c "$header" 2>/dev/null || complain "$header does not compile alone"
done

# Fuzz targets are built by `./dev fuzz` alone; here they must at least compile.
for target in fuzz/*.c; do
    gcc -std=gnu17 -D_GNU_SOURCE -Isrc -fsyntax-only "$target" 2>/dev/null || complain "$target does not compile"
done

# 3. Every file opens with its purpose.
for file in $(find src tests bench fuzz \( -name '*.c' -o -name '*.h' -o -name '*.S' \) | sort); do
    [ "$(head -c 2 "$file")" = "/*" ] || complain "$file does not say what it is for"
done
for folder in src/*/; do
    [ -f "$folder/README.md" ] || complain "$folder has no README.md"
done

# 4. Sizes: no file above 800 lines.
while read -r lines file; do
    [ "$lines" -le 800 ] || complain "$file has $lines lines"
done < <(find src tests bench fuzz \( -name '*.c' -o -name '*.h' \) -exec wc -l {} + | grep -v ' total$')

# 5. Functions: complexity at most 20 and 120 lines, where pmccabe is installed.
if command -v pmccabe >/dev/null; then
    while read -r complexity _ _ _ lines where function; do
        [ "$complexity" -le 20 ] && [ "$lines" -le 120 ] || complain "$where $function: complexity $complexity, $lines lines"
    done < <(find src -name '*.c' -exec pmccabe {} +)
fi

# 6. Drivers hold no writable data, and take frames apart only through cursors.
for object in $(find build/src/drivers -name '*.c.o' 2>/dev/null); do
    # .data.rel.ro is constant once relocated; .data and .bss are not.
    size -A "$object" | awk '$1 == ".data" || $1 == ".bss" { if ($2 > 0) bad = 1 } END { exit !bad }' && complain "$object has writable data"
done
grep -nE '\b(frame|answer|reply)\.data\[' src/drivers/*.c src/drivers/*/*.c && complain "frames are taken apart by cursors"

[ $bad = 0 ] && echo "lint: the house is in order"
exit $bad
