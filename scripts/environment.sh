# shellcheck shell=bash
# Sourced by the other scripts: where things are, and an environment that does not depend on the caller's.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
bin=$root/artifacts/bin
export LC_ALL=C.UTF-8

# Continuous integration often has no usable HOME; dotnet and npm insist on one.
if [ -z "${HOME:-}" ] || [ ! -w "${HOME:-/nonexistent}" ]; then
  HOME=$root/artifacts/home
  mkdir -p "$HOME"
  export HOME
fi
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false
# No build server may outlive a script.
export MSBUILDDISABLENODEREUSE=1

say() { printf '%s\n' "$*"; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# need COMMAND PACKAGE: installs the Debian package when we may, says what to install when we may not.
need() {
  have "$1" && return 0
  need_package "$2" || die "$1 is missing: install the package '$2' (as root: apt-get install $2)"
  have "$1" || die "$1 is still missing after installing '$2'"
}

need_package() {
  dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q 'ok installed' && return 0
  [ "$(id -u)" = 0 ] && have apt-get || return 1
  say "installing $1 ..."
  if [ -z "${apt_updated:-}" ]; then
    DEBIAN_FRONTEND=noninteractive apt-get update -qq >/dev/null || true
    apt_updated=1
  fi
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1" >/dev/null
}

find_dotnet() {
  local candidate
  for candidate in "${DOTNET_ROOT:-}" "$HOME/.dotnet" /usr/share/dotnet /usr/lib/dotnet /usr/local/share/dotnet; do
    have dotnet && break
    [ -n "$candidate" ] && [ -x "$candidate/dotnet" ] && PATH=$candidate:$PATH
  done
  have dotnet || die "the .NET SDK 10 is missing: see https://dotnet.microsoft.com/download/dotnet/10.0 (the version wanted stands in global.json)"
  (cd "$root" && dotnet --version >/dev/null 2>&1) || die "no .NET SDK that global.json accepts is installed; these are: $(dotnet --list-sdks | tr '\n' ' ')"
}

# The native linker step of AOT compilation wants a C compiler and the C library's start files.
need_linker() {
  have gcc || have clang || need gcc gcc
  if have dpkg-query; then
    need_package libc6-dev || die "libc6-dev is missing: AOT linking needs it"
    need_package zlib1g-dev || die "zlib1g-dev is missing: AOT linking needs it"
  fi
}

# contained COMMAND...: in a process namespace of its own, so that no compile server, test host or database is left
# behind however it ends; without such namespaces, as it is.
contained() {
  local scratch user=() rc=0
  [ "$(id -u)" = 0 ] || user=(--user --map-root-user)
  scratch=$(mktemp -d /tmp/hagrpc.XXXXXX)
  # Others may pass: PostgreSQL refuses to run as root, so its test cluster below it belongs to another account.
  chmod 711 "$scratch"
  if unshare "${user[@]}" --mount --pid --fork --kill-child --mount-proc true 2>/dev/null; then
    # bash, not the command, is process 1 there: it reaps what others leave to it.
    # A background job of a script ignores SIGINT, and so would everything below it: tests send it.
    # One compiler for all projects of a build takes half the time; here it ends with everything else.
    TMPDIR=$scratch UseSharedCompilation=true env --default-signal=INT,QUIT unshare "${user[@]}" --mount --pid --fork --kill-child --mount-proc bash -c '"$@"; exit $?' contained "$@" &
    contained_pid=$!
    wait "$contained_pid" || rc=$?
    contained_pid=
  else
    TMPDIR=$scratch "$@" || rc=$?
  fi
  rm -rf "$scratch"
  return "$rc"
}

# For traps: what `contained` started is killed with everything in it.
end_contained() {
  [ -n "${contained_pid:-}" ] && kill -KILL "$contained_pid" 2>/dev/null && wait "$contained_pid" 2>/dev/null
  contained_pid=
  return 0
}
