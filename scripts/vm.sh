#!/usr/bin/env bash
# Runs a command in a throw-away machine with Debian's own kernel, and ends with its exit code: for what the kernel at hand has not,
# which is cgroup v2 with all its controllers in many containers.
#   scripts/vm.sh [--systemd] [--packages FOLDER] COMMAND [ARGUMENT...]   as root, in the same folder, on a copy of this system
# --systemd: systemd is process 1 and the command a service of it; only journald runs beside it. Units in /run/systemd/system and systemctl
# work as they do everywhere. Without it the command is all that runs.
# --packages: what is in the .deb files of this folder covers what the copy has, to see the same with another version. One more folder of
# apt's for lists, and a sources.list for a later Debian, let `apt-get download` fetch systemd and libsystemd-shared without installing anything.
# The machine sees this system's files as they are now; what it writes is gone with it. It has no network but its own loopback.
# HAGRPC_VM_CPUS (2), HAGRPC_VM_MEMORY (4G) and HAGRPC_VM_LIMIT (1800 seconds) say how large it is and how long it may take.
# Where the processor cannot do it in hardware everything takes some ten times as long.
set -euo pipefail
here=$PWD
. "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

first=one
packages=
while [[ ${1:-} == --* ]]; do
  case $1 in
    --systemd) first=service ;;
    --packages) packages=$(cd "${2:?--packages wants a folder}" && pwd); shift ;;
    *) die "unknown option $1: there are --systemd and --packages FOLDER" ;;
  esac
  shift
done
[ $# -gt 0 ] || die "no command: scripts/vm.sh [--systemd] [--packages FOLDER] COMMAND [ARGUMENT...]"
need qemu-system-x86_64 qemu-system-x86
need cpio cpio
need depmod kmod
[ -x /bin/busybox ] && /bin/busybox --list | grep -qx insmod || need_package busybox-static || die "busybox is missing: install busybox-static"

# The kernel is unpacked, not installed: nothing of this system's own start is touched.
machine=$root/artifacts/vm
mkdir -p "$machine"
package=$(apt-cache depends linux-image-amd64 2>/dev/null | sed -n 's/^ *Depends: \(linux-image-.*-amd64\)$/\1/p' | head -1)
if [ -z "$package" ]; then
  apt-get update -qq >/dev/null || true
  package=$(apt-cache depends linux-image-amd64 | sed -n 's/^ *Depends: \(linux-image-.*-amd64\)$/\1/p' | head -1)
fi
version=${package#linux-image-}
if [ ! -e "$machine/$version/lib/modules/$version/modules.dep" ]; then
  say "unpacking $package ..."
  rm -rf "${machine:?}/$version" "$machine"/*.deb
  (cd "$machine" && apt-get download -qq "$package" 2>/dev/null && dpkg-deb -x "$package"_*.deb "$version" && rm -f -- *.deb)
  depmod -b "$machine/$version" "$version"
fi
modules=$machine/$version/lib/modules/$version

scratch=$(mktemp -d "$machine/run.XXXXXX")
qemu=
finish() {
  [ -z "$qemu" ] || kill "$qemu" 2>/dev/null || true
  rm -rf "$scratch"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# What runs, as a file: a kernel's command line is short.
{
  say '#!/bin/bash'
  printf 'export PATH=%q HOME=%q LC_ALL=C.UTF-8\ncd %q\n' "$PATH" "$HOME" "$here"
  for name in DOTNET_ROOT DOTNET_NOLOGO DOTNET_CLI_TELEMETRY_OPTOUT DOTNET_SKIP_FIRST_TIME_EXPERIENCE; do
    [ -z "${!name:-}" ] || printf 'export %s=%q\n' "$name" "${!name}"
  done
  printf '%q ' "$@"
  say ' </dev/null'
} > "$scratch/command"

# What covers the copy. A library of libc's size cannot be replaced under running processes: it is put there before any runs.
mkdir "$scratch/over"
if [ -n "$packages" ]; then
  for package in "$packages"/*.deb; do dpkg-deb -x "$package" "$scratch/over"; done
fi
tar -C "$scratch/over" -cf "$scratch/over.tar" .

# The first file system: what is needed to see this one, and to put a layer over it that can be written.
mkdir -p "$scratch/first/bin" "$scratch/first/modules"
cp /bin/busybox "$scratch/first/bin/"
order=$scratch/first/modules/order
: > "$order"
for name in virtio_pci 9pnet_virtio 9p overlay; do
  modprobe -d "$machine/$version" -S "$version" --show-depends "$name" | sed -n 's/^insmod \([^ ]*\).*/\1/p'
done | while read -r file; do
  grep -qx "${file##*/}" "$order" && continue
  cp "$file" "$scratch/first/modules/"
  say "${file##*/}" >> "$order"
done
cat > "$scratch/first/init" <<END
#!/bin/busybox sh
/bin/busybox --install /bin
mkdir -p /proc /sys /dev /below /above /new
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
while read -r file; do insmod /modules/\$file; done < /modules/order
mount -t 9p -o trans=virtio,version=9p2000.L,cache=loose,ro,msize=262144 host /below
mount -t tmpfs -o size=100% above /above
mkdir -p /above/upper /above/work
mount -t overlay -o lowerdir=/below,upperdir=/above/upper,workdir=/above/work overlay /new
tar -xf /below$scratch/over.tar -C /new
rm -rf /new/lib/modules && mkdir -p /new/lib/modules/$version
mount --bind /new$modules /new/lib/modules/$version
mount --move /dev /new/dev
mount --move /proc /new/proc
mount --move /sys /new/sys
exec switch_root /new $scratch/$first
END
# Process 1. The console is raw, so that lines end as they were written.
cat > "$scratch/begin" <<END
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
stty raw -F /dev/ttyS0
hostname vm
ip link set lo up
END
cat > "$scratch/one" <<END
#!/bin/bash
. $scratch/begin
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs shm /dev/shm
mount -t tmpfs run /run
mount -t cgroup2 cgroup2 /sys/fs/cgroup
bash $scratch/command > /dev/ttyS0 2>&1 &
# It takes in what others leave to it until the command has ended.
wait \$!
echo \$? > /dev/ttyS1
sync
/bin/busybox poweroff -f
END
# The same with systemd. Nothing is wanted at its start but journald and the command: there is no udev that would tell of devices, no
# terminal to log in at, and no first start to be set up.
cat > "$scratch/service" <<END
#!/bin/bash
. $scratch/begin
cd /lib/systemd/system
rm -rf /etc/systemd/system ./*.wants/ /lib/systemd/system-generators
mkdir -p /etc/systemd/system sockets.target.wants
ln -s /dev/null /etc/systemd/system/tmp.mount
ln -s ../systemd-journald{,-dev-log}.socket sockets.target.wants/
: > /etc/fstab
tr -d - < /proc/sys/kernel/random/uuid > /etc/machine-id
cat > vm.service <<UNIT
[Unit]
Requires=sysinit.target
After=basic.target
Wants=basic.target
[Service]
Type=exec
StandardOutput=file:/dev/ttyS0
ExecStart=/bin/bash -c 'stty raw -F /dev/ttyS0; bash $scratch/command; echo \\\$\\\$? > /dev/ttyS1; sync; exec /bin/busybox poweroff -f'
UNIT
# What this system is in is not what the copy is in.
rm -f /.dockerenv
exec /lib/systemd/systemd --unit=vm.service --show-status=false --log-level=notice
END
chmod +x "$scratch/first/init" "$scratch/one" "$scratch/service" "$scratch/command"
(cd "$scratch/first" && find . | cpio -o -H newc --quiet) | gzip -1 > "$scratch/initramfs"

touch "$scratch/rc"
# A /dev/kvm without the processor's extensions is one for other kernels than Debian's.
accel=tcg,thread=multi
if [ -w /dev/kvm ] && grep -qwE 'vmx|svm' /proc/cpuinfo; then accel=kvm; fi
timeout --foreground "${HAGRPC_VM_LIMIT:-1800}" qemu-system-x86_64 -accel "$accel" -cpu max,-arch-capabilities -smp "${HAGRPC_VM_CPUS:-2}" -m "${HAGRPC_VM_MEMORY:-4G}" \
  -nodefaults -no-reboot -display none -serial stdio -serial "file:$scratch/rc" \
  -kernel "$machine/$version/boot/vmlinuz-$version" -initrd "$scratch/initramfs" \
  -append "console=ttyS0 TERM=dumb loglevel=1 panic=-1 mitigations=off" \
  -virtfs local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap <&0 &
qemu=$!
rc=0
wait "$qemu" || rc=$?
qemu=
[ "$rc" = 0 ] || die "the machine ended with $rc"
told=$(tr -dc 0-9 < "$scratch/rc")
[ -n "$told" ] || die "the machine went down before the command had ended"
exit "$told"
