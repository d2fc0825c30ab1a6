#!/usr/bin/env bash
# Runs the ownership protocol's simulator over many seeds, in parts, and says how many kept every promise. It stops at the first part in
# which one did not, with the seed and its story. HAGRPC_REPLAY tells one seed's whole story (docs/ownership-protocol.md).
#
#   scripts/simulate.sh [COUNT] [FIRST]     1,000,000 seeds from 1 on, if nothing else is said
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

count=${1:-1000000}
first=${2:-1}
part=20000
[[ $count =~ ^[1-9][0-9]*$ && $first =~ ^[0-9]+$ ]] || die "usage: scripts/simulate.sh [COUNT] [FIRST], two numbers; got '$count' and '$first'"
find_dotnet
trap 'end_contained; exit 130' INT TERM HUP
dotnet build "$root/tests/Simulation" -c Release -nologo -v:quiet
say "simulating $count seeds from $first on, at commit $(git -C "$root" rev-parse --short HEAD 2>/dev/null || echo unknown)"
began=$SECONDS
for ((done_ = 0; done_ < count; done_ += seeds)); do
  seeds=$((count - done_ < part ? count - done_ : part))
  story=$(HAGRPC_FIRST_SEED=$((first + done_)) HAGRPC_SEEDS=$seeds contained dotnet \
    "$root/tests/Simulation/bin/Release/net10.0/HaGrpc.Simulation.Tests.dll" -noColor -noLogo -method '*Every_seed_keeps_the_promises' 2>&1) || {
    printf '%s\n' "$story"
    die "a seed of $((first + done_)) to $((first + done_ + seeds - 1)) breaks a promise; $done_ seeds before them kept all"
  }
  say "$((done_ + seeds)) seeds kept every promise, $((SECONDS - began)) s"
done
