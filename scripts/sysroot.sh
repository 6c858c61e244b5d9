#!/usr/bin/env bash
# Debian's headers and libraries of another machine, unpacked into build/sysroot/<architecture>: what the program is cross-built
# against and what qemu runs it with. Nothing is installed into this system, so the packages of two machines never meet.
#   scripts/sysroot.sh arm64|armhf <packages>
set -euo pipefail
cd "$(dirname "$0")/.."
architecture=$1
shift
place=$PWD/build/sysroot/$architecture
wanted="$* libc6-dev libgcc-12-dev"
[ "$(cat "$place.packages" 2>/dev/null)" = "$wanted" ] && exit 0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/state/lists/partial" "$work/cache/archives/partial"
: >"$work/status"
apt=(apt-get -qq -o "APT::Architecture=$architecture" -o "APT::Architectures=$architecture" -o "Dir::State=$work/state" -o "Dir::State::status=$work/status"
     -o "Dir::Cache=$work/cache" -o "APT::Sandbox::User=$(id -un)" -o APT::Install-Recommends=false -o Debug::NoLocking=true)
echo "fetching libraries of $architecture" >&2
for pause in 0 5 20; do # a mirror may be between two states
    sleep $pause
    "${apt[@]}" -o Acquire::Retries=3 update -o APT::Update::Error-Mode=any && break
done || true # one index of several may be missing; the next step tells when that matters
# shellcheck disable=SC2086
"${apt[@]}" -y --download-only install $wanted >/dev/null
rm -rf "$place"
mkdir -p "$place"
for package in "$work"/cache/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$package" | tar -x -C "$place" --exclude='./usr/share/*' --exclude='./usr/bin/*' --exclude='./usr/sbin/*'
done
printf '%s' "$wanted" >"$place.packages"
