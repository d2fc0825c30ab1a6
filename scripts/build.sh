#!/usr/bin/env bash
# Publishes the binaries to artifacts/bin: ha-agent, ha-shim and hactl (native), ha-controlplane (needs the .NET runtime).
# With --lab also what the lab needs (artifacts/lab), with --bench also the benchmarks (artifacts/bench). Does only what the sources make necessary.
#
#   scripts/build.sh [--lab] [--bench] [--log FILE]
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

keys=(agent shim ctl controlplane)
log=$root/artifacts/build.log
while [ $# -gt 0 ]; do
  case $1 in
    --lab) keys+=(lab labprogram) ;;
    --bench) keys+=(bench labprogram) ;;
    --log) log=$2; shift ;;
    *) die "unknown argument '$1'" ;;
  esac
  shift
done

declare -A sources=(
  [agent]="src/Agent src/Core src/Linux proto"
  [shim]="src/Shim src/Core src/Linux"
  [ctl]="src/Ctl src/Core proto"
  [controlplane]="src/ControlPlane src/Core src/Linux proto"
  [lab]="tests/Lab src/Core src/Linux proto"
  [labprogram]="tests/LabProgram"
  [bench]="bench tests/Lab src/Core src/Linux proto"
)
declare -A results=(
  [agent]=ha-agent [shim]=ha-shim [ctl]=hactl [controlplane]=ha-controlplane
  [lab]=../lab/ha-lab [labprogram]=../lab/lab-program [bench]=../bench/ha-bench
)
declare -A folders=(
  [agent]=src/Agent [shim]=src/Shim [ctl]=src/Ctl [controlplane]=src/ControlPlane [lab]=tests/Lab [labprogram]=tests/LabProgram
  [bench]=bench
)

fingerprint() {
  # shellcheck disable=SC2086
  (cd "$root" && find ${sources[$1]} scripts/publish.proj Directory.Build.props Directory.Packages.props global.json .editorconfig \
    \( -name bin -o -name obj \) -prune -o -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1)
}

mkdir -p "$bin" "$root/artifacts/lab" "$root/artifacts/bench" "$root/artifacts/stamps"
# One build at a time in one tree.
exec 8>"$root/artifacts/stamps/lock"
have flock && flock 8

stale=()
for key in "${keys[@]}"; do
  stamp=$root/artifacts/stamps/$key
  if [ ! -x "$bin/${results[$key]}" ] || [ "$(cat "$stamp" 2>/dev/null)" != "$(fingerprint "$key")" ]; then
    stale+=("$key")
  fi
done
if [ ${#stale[@]} -eq 0 ]; then
  say "build: up to date"
  exit 0
fi

trap 'end_contained; exit 130' INT TERM
find_dotnet
need_linker
case $(uname -m) in
  x86_64) rid=linux-x64 ;;
  aarch64) rid=linux-arm64 ;;
  *) die "no native build for $(uname -m)" ;;
esac
say "build: ${stale[*]} (log: ${log#"$root"/}) ..."
begin=$SECONDS
declare -A prints
for key in "${stale[@]}"; do prints[$key]=$(fingerprint "$key"); done
only=$(IFS='+'; echo "${stale[*]}")
if ! contained dotnet msbuild "$root/scripts/publish.proj" -restore -t:Publish -m -nologo -v:minimal "-p:Only=$only" "-p:Rid=$rid" >"$log" 2>&1; then
  grep -E 'error|warning' "$log" | sort -u | head -30 >&2 || true
  tail -5 "$log" >&2
  die "the build failed: see $log"
fi
if grep -E 'warning (IL|AOT)|ILC : .*warning' "$log" >&2; then
  die "ahead-of-time compilation warned: see $log"
fi

for key in "${stale[@]}"; do
  out=$root/${folders[$key]}/bin/Release/net10.0/$rid/publish
  name=$(basename "${results[$key]}")
  case $key in
    agent | shim | ctl | labprogram)
      # Renamed into place: a running one keeps its file.
      to=$(dirname "$bin/${results[$key]}")
      cp "$out/$name" "$to/.$name"
      mv "$to/.$name" "$to/$name"
      ;;
    controlplane | lab | bench)
      to=$root/artifacts/$name.d
      rm -rf "$to.new"
      cp -r "$out" "$to.new"
      rm -rf "$to"
      mv "$to.new" "$to"
      ln -sfn "../$name.d/$name" "$bin/${results[$key]}"
      ;;
  esac
  echo "${prints[$key]}" >"$root/artifacts/stamps/$key"
done
if [[ " ${stale[*]} " == *" lab "* ]]; then
  cc=gcc
  have gcc || cc=clang
  "$cc" -shared -fPIC -O2 -Wall -Wextra -Werror -o "$root/artifacts/lab/.wall-clock.so" "$root/tests/Lab/World/wall_clock.c"
  mv "$root/artifacts/lab/.wall-clock.so" "$root/artifacts/lab/wall-clock.so"
fi
say "build: done in $((SECONDS - begin)) s"
