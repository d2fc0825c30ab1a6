#!/usr/bin/env bash
# Kills agents, shims and programs at random, round after round, and looks from outside whether every program comes back, never twice, and
# whether no exit is forgotten. The seed repeats what is killed; real processes decide what comes of it.
#
#   scripts/survival.sh [ROUNDS] [SEED]
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

rounds=${1:-1000}
seed=${2:-$RANDOM}
trap 'end_contained; exit 130' INT TERM HUP
"$root/scripts/build.sh"
find_dotnet
dotnet build "$root/tests/Functional" -nologo -v:quiet
say "survival: $rounds rounds, seed $seed"
export HAGRPC_ROUNDS=$rounds HAGRPC_FIRST_SEED=$seed HAGRPC_AGENT=$bin/ha-agent
contained dotnet "$root/tests/Functional/bin/Debug/net10.0/HaGrpc.Functional.Tests.dll" -noColor -noLogo \
  -class HaGrpc.Functional.Tests.Survival.SurvivalTests -showLiveOutput
