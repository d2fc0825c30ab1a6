#!/usr/bin/env bash
# scripts/fuzz.sh [SECONDS] [SEED]: hands bad inputs to importers and the manifest reader (SECONDS for each), and to the network surface of a control plane. An input
# that was not borne is kept in the temporary folder, and the failure names it.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export HAGRPC_FUZZ_SECONDS=${1:-30} HAGRPC_FUZZ_SEED=${2:-$RANDOM}
echo "seed $HAGRPC_FUZZ_SEED, $HAGRPC_FUZZ_SECONDS s for each target"
dotnet run --project "$root/tests/Ctl.Tests" -- -noColor -noLogo -namespace HaGrpc.Ctl.Tests.Fuzzing
dotnet run --project "$root/tests/Functional" -- -noColor -noLogo -namespace HaGrpc.Functional.Tests.Fuzzing
