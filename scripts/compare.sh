#!/usr/bin/env bash
# keepalived with supervisord and HaGrpc under the same faults, in the lab; writes docs/comparison.md. On a quiet
# machine 3 runs take about 20 minutes. Figures from a busy one are worth little: the page says how busy it was.
#
#   scripts/compare.sh [--runs N] [--json FILE] [--page FILE]
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

runs=3
json=
page=$root/docs/comparison.md
while [ $# -gt 0 ]; do
  case $1 in
    --runs) runs=$2; shift ;;
    --json) json=$2; shift ;;
    --page) page=$2; shift ;;
    *) die "unknown argument '$1'" ;;
  esac
  shift
done

need keepalived keepalived
need supervisord supervisor
"$root/scripts/build.sh" --lab
work=$(mktemp -d "$root/artifacts/compare.XXXXXX")
trap 'rm -rf "$work"' EXIT

begun=$(date -u '+%Y-%m-%d %H:%M UTC')
load_before=$(cut -d' ' -f1 /proc/loadavg)
commit=$(git -C "$root" rev-parse --short HEAD)
[ -z "$(git -C "$root" status --porcelain --untracked-files=no)" ] || commit="$commit and changes that are not committed"
# The lab's own load is part of the second figure.
"$root/scripts/lab.sh" compare --runs "$runs" --page "$work/tables.md" --json "$work/report.json"
load_after=$(cut -d' ' -f1 /proc/loadavg)

version() { dpkg-query -W -f='${Version}' "$1" 2>/dev/null || echo unknown; }
model=$(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -1)
distribution=$(. /etc/os-release && echo "$PRETTY_NAME")
{
  cat <<HEAD
# keepalived and HaGrpc under the same faults

Made by \`scripts/compare.sh --runs $runs\`: begun $begun, commit $commit, keepalived $(version keepalived), supervisor $(version supervisor),
$distribution, kernel $(uname -r | cut -d- -f1), $(nproc) processors${model:+ ($model)}, load average $load_before before and $load_after after.
Runs of each cell: $runs.

Each cell: the client's outage, median (greatest) / time with two holders of the address, greatest / time with two copies of a program, greatest; all
in seconds. †n: in n runs the client was without an answer when the fault was healed. ‡n: in n runs it still was 15 s later.
§n: in n runs both hosts still held the address when the fault was healed.

HEAD
  cat "$work/tables.md" "$root/tests/Lab/Comparison/reading.md"
} >"$work/page.md"
mv "$work/page.md" "$page"
[ -z "$json" ] || cp "$work/report.json" "$json"
say "written: $page"
