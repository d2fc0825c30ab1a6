#!/usr/bin/env bash
# Shows a failover on this machine, without touching its network: builds what it needs, makes a lab of network
# namespaces, loses a host, and prints who did what when. Needs no root where unprivileged user namespaces work.
# Ends by itself, and leaves nothing behind but the build (artifacts/).
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

limit=${HAGRPC_DEMO_LIMIT:-150} # seconds for the story itself, the build not counted
child=
finish() {
  if [ -n "$child" ]; then
    kill -TERM "$child" 2>/dev/null && wait "$child" 2>/dev/null
    child=
  fi
  return 0
}
trap finish EXIT
trap 'say; say "interrupted: everything is removed"; exit 130' INT
trap 'exit 143' TERM HUP

run() {
  "$@" &
  child=$!
  local rc=0
  wait "$child" || rc=$?
  child=
  return "$rc"
}

say "HaGrpc: the owner of a virtual IP is lost, its backup takes over"
say
run "$root/scripts/build.sh" --lab
say
links_before=$(ip -o link 2>/dev/null | sed 's/@.*//; s/mtu.*//' || true)
rc=0
run timeout --foreground -k 5 "$limit" "$root/scripts/lab.sh" demo || rc=$?
[ "$rc" -ne 124 ] || say "the story did not end within $limit s"

# The lab's namespaces are gone with it; see for yourself.
left=$(pgrep -u "$(id -u)" -f "$root/artifacts/(bin|lab|ha-lab.d|ha-controlplane.d)/" || true)
links_after=$(ip -o link 2>/dev/null | sed 's/@.*//; s/mtu.*//' || true)
if [ -n "$left" ] || [ "$links_before" != "$links_after" ]; then
  say "something was left behind: processes '${left//$'\n'/ }'; links before: $links_before; after: $links_after"
  rc=1
else
  say
  say "Nothing is left: no process, no interface, no address (only the build in artifacts/)."
fi
exit "$rc"
