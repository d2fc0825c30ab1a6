#!/usr/bin/env bash
# Installs what the tests need (as root, where something is missing), builds, lints and runs every test, the lab's
# included. The last line is the summary: N passed, N failed[, N skipped].
set -uo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

buf_version=1.75.0
openapi_version=2.11.0
# No test program takes a third of this on two cores: one that is still there hangs, and which test it is stands in its log.
most_seconds=600
projects=(Core.Tests Simulation Functional Storage.Tests Ctl.Tests Tidy Lab.Tests)
logs=$root/artifacts/test-logs
passed=0 failed=0 skipped=0
declare -a failures=()

mkdir -p "$logs"
rm -f "$logs"/*
trap 'end_contained; exit 130' INT TERM HUP
begin=$SECONDS

# check NAME COMMAND...: one thing that is right or not; its output is shown only when it is not.
check() {
  local name=$1 log=$logs/${1//[^A-Za-z0-9]/-}.log from=$SECONDS
  shift
  if "$@" >"$log" 2>&1; then
    passed=$((passed + 1))
    printf '  ok      %-58s %4d s\n' "$name" $((SECONDS - from))
  else
    failed=$((failed + 1))
    failures+=("$name")
    printf '  FAILED  %-58s %4d s\n' "$name" $((SECONDS - from))
    { grep -E 'error|warning|FAIL' "$log" | sort -u | head -20; tail -n 15 "$log"; } | sed 's/^/          /'
    return 1
  fi
}

prerequisites() {
  need ip iproute2 && need nft nftables && need unshare util-linux && need setsid util-linux || return 1
  need_package libnftables1 || true
  need_linker || return 1
  # Conformance tests compare with Debian's supervisord; its service, which an installation starts, is not wanted.
  if ! have supervisorctl; then
    need_package supervisor || { say "supervisorctl is missing: install the package 'supervisor'"; return 1; }
  fi
  # Completion is tried in the shells themselves; without them those tests are left out. So is the judgement of mandoc.
  for shell in zsh fish; do need_package "$shell" || true; done
  need_package mandoc || true
  # Without it the lab's pair to compare with is left out.
  need_package keepalived || true
  # The storage tests run on a PostgreSQL of their own; the server's programs are not on the path in Debian.
  if ! compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null && ! have initdb; then
    need_package postgresql || { say "PostgreSQL is missing: install the package 'postgresql'"; return 1; }
  fi
}

buf_lint() {
  local tools=$root/artifacts/tools
  if [ ! -x "$tools/node_modules/.bin/buf" ] || [ "$("$tools/node_modules/.bin/buf" --version 2>/dev/null)" != "$buf_version" ]; then
    need npm npm
    mkdir -p "$tools"
    npm install --prefix "$tools" --no-save --no-audit --no-fund --loglevel=error "@bufbuild/buf@$buf_version" || return 1
  fi
  # The annotations of HTTP paths are imported from a package, where buf does not look.
  local module=$root/artifacts/buf packages
  packages=$(dotnet nuget locals global-packages --list | sed 's/^[^:]*: *//') || return 1
  rm -rf "$module"
  mkdir -p "$module/google/api"
  cp -r "$root/proto/hagrpc" "$root/proto/buf.yaml" "$module" || return 1
  cp "$packages"/google.api.commonprotos/*/content/protos/google/api/{annotations,http}.proto "$module/google/api" || return 1
  (cd "$module" && "$tools/node_modules/.bin/buf" lint)
}

openapi_valid() {
  local tools=$root/artifacts/tools
  if [ ! -x "$tools/node_modules/.bin/validate-api" ]; then
    need npm npm
    npm install --prefix "$tools" --no-save --no-audit --no-fund --loglevel=error "@seriousme/openapi-schema-validator@$openapi_version" "@bufbuild/buf@$buf_version" || return 1
  fi
  "$tools/node_modules/.bin/validate-api" "$root/docs/reference/openapi.json"
}

# Style and analyzers have spoken in the build, where warnings are errors; this is what it does not look at.
format() { contained dotnet format whitespace --folder "$root" --verify-no-changes --exclude artifacts; }

build_tests() { contained dotnet build "$root/HaGrpc.sln" -nologo -v:minimal; }

# run_tests PROJECT: one test program in a process namespace of its own; its counts come from its own summary line.
run_tests() {
  local project=$1 name log=$logs/$1.log from=$SECONDS rc=0 line total errors fails skips
  name=$(basename "$(echo "$root/tests/$project"/*.csproj)" .csproj)
  contained timeout --signal=KILL "$most_seconds" dotnet "$root/tests/$project/bin/Debug/net10.0/$name.dll" \
    -noColor -noLogo -longRunning 100 >"$log" 2>&1 || rc=$?
  line=$(grep -aE "^ *$name  Total: " "$log" | tail -n 1)
  if [[ $line =~ Total:\ ([0-9]+),\ Errors:\ ([0-9]+),\ Failed:\ ([0-9]+),\ Skipped:\ ([0-9]+) ]]; then
    total=${BASH_REMATCH[1]} errors=${BASH_REMATCH[2]} fails=${BASH_REMATCH[3]} skips=${BASH_REMATCH[4]}
  else
    total=0 errors=0 fails=0 skips=0
  fi
  if [ "$total" -eq 0 ]; then
    # No test found is no success, and a test program that dies has failed.
    errors=1
  elif [ "$rc" -ne 0 ] && [ $((fails + errors)) -eq 0 ]; then
    errors=1
  fi
  passed=$((passed + total - fails - skips))
  failed=$((failed + fails + errors))
  skipped=$((skipped + skips))
  if [ $((fails + errors)) -gt 0 ]; then
    failures+=("$project")
    printf '  FAILED  %-58s %4d s  %d of %d\n' "$project" $((SECONDS - from)) $((fails + errors)) "$total"
    if [ "$total" -eq 0 ]; then
      [ $((SECONDS - from)) -lt "$most_seconds" ] || say "killed after $most_seconds s; still running then:"
      grep -aF '[Long Running Test]' "$log" | tail -n 10
      tail -n 30 "$log"
    else grep -aA 25 -F '[FAIL]' "$log" | head -n 120
    fi | sed 's/^/          /'
  else
    printf '  ok      %-58s %4d s  %d tests%s\n' "$project" $((SECONDS - from)) "$total" "$([ "$skips" -gt 0 ] && echo ", $skips skipped")"
  fi
}

finish() {
  say
  [ "$failed" -eq 0 ] || say "failed: ${failures[*]} (logs: artifacts/test-logs)"
  say "took $((SECONDS - begin)) s"
  say "$passed passed, $failed failed$([ "$skipped" -gt 0 ] && echo ", $skipped skipped")"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}

say "HaGrpc: all tests"
check "prerequisites" prerequisites || { finish; exit 1; }
find_dotnet
check "build and ahead-of-time compilation without warnings" "$root/scripts/build.sh" --lab --log "$logs/publish.log"
binaries=$?
if ! check "build of everything without warnings" build_tests; then
  finish
  exit 1
fi
check "dotnet format whitespace" format
check "buf lint of proto/" buf_lint
check "docs/reference/openapi.json is OpenAPI" openapi_valid
for project in "${projects[@]}"; do
  if [[ $project == @(Lab.Tests|Functional) ]] && [ "$binaries" -ne 0 ]; then
    failed=$((failed + 1))
    failures+=("$project (no binaries)")
    continue
  fi
  run_tests "$project"
done
finish
