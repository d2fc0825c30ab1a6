#!/usr/bin/env bash
# Runs ha-lab in namespaces of its own: network, processes, mounts, host name. When it ends, however it ends, the kernel
# removes every process, interface, address and file of the lab with them. Needs no root where unprivileged user
# namespaces work.
#
#   scripts/lab.sh run SCENARIO... [--runs N] [--profile default|fast|calm] [--replicas N] [--json FILE]
#   scripts/lab.sh faults [--only NAME[+NAME][,...]] [--pairs] [--part I/N] [--seed S] [--keep DIR] [--profile ...] [--replicas N] [--json FILE]
#   scripts/lab.sh list
#
# With --replicas 3, and in the scenarios that need it anyway, three control planes share a PostgreSQL with a standby, each on a host of
# its own; else there is one with an embedded database.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

find_dotnet
DOTNET_ROOT=${DOTNET_ROOT:-$(dirname "$(readlink -f "$(command -v dotnet)")")}
export DOTNET_ROOT
[ -x "$root/artifacts/lab/ha-lab" ] || die "the lab is not built: run scripts/build.sh --lab"
need ip iproute2
need nft nftables
need_package libnftables1 || true
# The lab says what is missing when a scenario needs it.
case " $* " in *--replicas*|*leader*|*database*|*primary*|*\ all\ *) need_package postgresql || true ;; esac
user=()
[ "$(id -u)" = 0 ] || user=(--user --map-root-user)
unshare "${user[@]}" --mount --net --pid --uts --ipc --fork --kill-child true 2>/dev/null ||
  die "this machine allows no namespaces to this user: run as root, or allow them (sysctl kernel.unprivileged_userns_clone=1, user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns=0)"

lab_pid=
# The whole lab hangs on process 1 of its process namespace, and that on this one.
finish() {
  [ -n "$lab_pid" ] && kill -KILL "$lab_pid" 2>/dev/null && wait "$lab_pid" 2>/dev/null
  lab_pid=
  return 0
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# bash stays process 1 and reaps what others leave; /run becomes the lab's own, so that its paths are short and gone with it.
# Without a TMPDIR of its own the runtime would leave diagnostic sockets in /tmp.
unshare "${user[@]}" --mount --net --pid --uts --ipc --fork --kill-child --mount-proc \
  bash -c 'mount -t tmpfs -o mode=755 lab /run && mkdir -p /run/lab /run/lock /run/tmp && export TMPDIR=/run/tmp DOTNET_EnableDiagnostics=0 && "$@"; exit $?' \
  lab "$root/artifacts/lab/ha-lab" "$@" </dev/null &
lab_pid=$!
rc=0
wait "$lab_pid" || rc=$?
lab_pid=
exit "$rc"
