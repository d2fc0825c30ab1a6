#!/usr/bin/env bash
# Writes what of docs/reference comes from the source: api.md, configuration.md, events.md and openapi.json. Tests compare them.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export HAGRPC_WRITE_REFERENCE=1
exec dotnet run --project "$root/tests/Functional" -- -noColor -noLogo -namespace HaGrpc.Functional.Tests.Reference
