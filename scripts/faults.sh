#!/usr/bin/env bash
# Strikes every fault of the lab, and every two of them at once, and writes what came of it to docs/faults.md. Exit code 0: everything was as
# it had to be. The table is written as well when something was not.
#
#   scripts/faults.sh [--jobs N] [--profile default|fast|calm] [--seed S] [--singles] [--part I/N] [--out FILE] [--keep DIR]
#
# Each job is a lab of its own with its share of the runs. With one lab on each two cores the bounds hold; with more, what is measured
# is the machine.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

jobs=1 profile=default seed=$RANDOM out=$root/docs/faults.md keep=$root/artifacts/faults pairs=(--pairs) part=1 parts=1
while [ $# -gt 0 ]; do
  case $1 in
    --singles) pairs=() ; shift ; continue ;;
  esac
  [ $# -ge 2 ] || die "$1 wants a value"
  case $1 in
    --jobs) jobs=$2 ;;
    --profile) profile=$2 ;;
    --seed) seed=$2 ;;
    --part) part=${2%/*} parts=${2#*/} ;;
    --out) out=$2 ;;
    --keep) keep=$2 ;;
    *) die "unknown argument '$1'" ;;
  esac
  shift 2
done

"$root/scripts/build.sh" --lab
mkdir -p "$keep"
keep=$(cd "$keep" && pwd)
rm -f "$keep"/part-*
workers=() logs=() follower=()
# shellcheck disable=SC2317 # The trap calls it.
finish() {
  kill "${workers[@]}" "${follower[@]}" 2>/dev/null || true
  wait
}
trap finish EXIT
trap 'exit 130' INT TERM HUP
say "faults: profile $profile, seed $seed, labs at once: $jobs; logs of broken runs: $keep"
begin=$SECONDS
for ((i = 1; i <= jobs; i++)); do
  # Part I of N, and of that the share of this job: number (i - 1) * N + I of jobs * N.
  "$root/scripts/lab.sh" faults "${pairs[@]}" --profile "$profile" --seed "$seed" --part "$(((i - 1) * parts + part))/$((jobs * parts))" \
    --json "$keep/part-$i.json" --keep "$keep" >"$keep/part-$i.log" 2>&1 &
  workers+=($!)
  logs+=("$keep/part-$i.log")
done
# Files that a worker has not made yet come later.
tail -q -n +1 -F "${logs[@]}" 2>/dev/null &
follower=($!)
rc=0
for worker in "${workers[@]}"; do wait "$worker" || rc=1; done
workers=()

reports=()
for ((i = 1; i <= jobs; i++)); do
  [ ! -s "$keep/part-$i.json" ] || reports+=("$keep/part-$i.json")
done
[ ${#reports[@]} -gt 0 ] || die "no lab reported anything: see $keep"
table=$("$root/scripts/lab.sh" faults-table "${reports[@]}")
commit=$(git -C "$root" describe --always --dirty 2>/dev/null || echo unknown)
cat >"$out" <<END
# Faults, and every two at once

One host pair, a control plane and a client in network namespaces; real agents, shims and programs. Each fault of the list is struck
alone, and with every other one: the second a random instant after the first, from at once to shortly after a takeover. Then both
are healed in a random order, and the pair has to become whole again. Left out are only pairs that act on the same process twice.

| fault | what happens |
|---|---|
| kill, stop, pause | kill -9; SIGSTOP until healed; SIGSTOP for five seconds, of an agent or the control plane |
| link-cut | the host's link loses carrier |
| mute, deaf | what the host sends is lost; what is sent to it is lost |
| cut | two hosts do not reach each other, but all others |
| loss | 30 % of the frames are lost in each direction |
| jitter | each frame is up to 200 ms late in each direction, and frames overtake each other |
| clock+1h, clock-1h | the wall clock of the host's processes steps |

What is audited from outside, every time: at no instant do two hosts let the VIP through, answer for it or run a program; the margin
between two owners is positive; a takeover starts each program once, and nothing on the host that lost the group; the history has
no gap, and each epoch its reason. What else has to come of it follows from who still reaches whom (\`tests/Lab/Faults/Course.cs\`): whether
anything may move, how often, and whether the client is answered while the faults last or only after the healing; how soon stands
in \`tests/Lab/Faults/FaultBounds.cs\`. After a single fault of the owner \`hactl why\` has to name the true cause (\`tests/Lab/Faults/Causes.cs\`). On a wire with loss or jitter "answered" means that answers come again, not that none is missing.

To repeat it: \`scripts/faults.sh --seed $seed --profile $profile\`; one run: \`scripts/lab.sh faults --seed $seed --only kill:owner+deaf:plane\`.

Machine: $(nproc) cores, Linux $(uname -r | cut -d- -f1), labs at once: $jobs. Commit $commit, $(date -u +%Y-%m-%d). Took $(((SECONDS - begin) / 60)) min.

$table
END
say "faults: ${out#"$root"/} written"
exit "$rc"
