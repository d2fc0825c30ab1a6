#!/usr/bin/env bash
# Measures HaGrpc beside what it replaces, on this machine, in namespaces of its own, and prints a table in Markdown.
#
#   bench/run.sh operators [--rounds N]       apply of 1000 programs with both databases, and starts of hactl
#   bench/run.sh supervision [--rounds N] [--programs N[,N]] [--only HaGrpc|supervisord]
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../scripts/environment.sh"

need curl curl
need supervisord supervisor
"$root/scripts/build.sh" --bench >&2
find_dotnet
DOTNET_ROOT=${DOTNET_ROOT:-$(dirname "$(readlink -f "$(command -v dotnet)")")}
export DOTNET_ROOT
user=()
[ "$(id -u)" = 0 ] || user=(--user --map-root-user)
ulimit -n "$(ulimit -Hn)"
printf 'commit %s, %s, %s cores, Linux %s, %s\n\n' "$(git -C "$root" rev-parse --short HEAD)" \
  "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" "$(nproc)" "$(uname -r)" "load $(cut -d' ' -f1 /proc/loadavg)"
exec unshare "${user[@]}" --mount --net --pid --uts --ipc --fork --kill-child --mount-proc \
  bash -c 'mount -t tmpfs -o mode=755 bench /run && mkdir -p /run/lock /run/tmp && ip link set lo up && export TMPDIR=/run/tmp DOTNET_EnableDiagnostics=0 && "$@"; exit $?' \
  bench "$root/artifacts/bench/ha-bench" "$@"
