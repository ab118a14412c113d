# A guest: a real systemd and journald in namespaces of their own, on an overlay of this machine's root, or on a root that was
# made for it. Nothing in it outlives it, and it sees no network but its own loopback. /srv/ext4-file-system is an ext4 of its own.
# Needs root, systemd-nspawn and a loop device.

guest_home=''    # its directory on this side
guest_process='' # systemd-nspawn
guest_init=''    # the guest's process 1, by its number on this side
guest_cgroup=''

# Boots a guest. With an argument, that directory is its root below the overlay; without, `/` is.
guest_start() {
  local lower=${1:-/} groups
  groups=$(findmnt --noheadings --first-only --types cgroup2 --output TARGET)
  guest_home=$(mktemp -d "${TMPDIR:-/tmp}/haplo-guest.XXXXXX")
  guest_cgroup=$groups/${guest_home##*/}
  mkdir "$guest_cgroup"
  unshare --mount --uts --net --propagation private \
    bash -ec "$(declare -f guest_prepare guest_boot); guest_boot \"\$@\"" - \
    "$guest_home" "$guest_cgroup" "$lower" >"$guest_home.log" 2>&1 </dev/null &
  guest_process=$!
  wait_for 30 'the guest to boot' guest_is_up
}

# Runs in the guest's outer namespaces, and becomes systemd-nspawn.
guest_boot() {
  local home=$1 cgroup=$2 lower=$3
  echo $$ >"$cgroup/cgroup.procs"
  mount -t tmpfs -o size=2g guest "$home"
  mkdir "$home/upper" "$home/work" "$home/root"
  mount -t overlay -o "lowerdir=$lower,upperdir=$home/upper,workdir=$home/work" guest "$home/root"
  guest_prepare "$home/root"
  truncate --size 128M "$home/ext4.img"
  mkfs.ext4 -q "$home/ext4.img"
  mkdir "$home/ext4"
  mount -o loop "$home/ext4.img" "$home/ext4"
  umount -R /sys/fs/cgroup
  mount -t cgroup2 cgroup2 /sys/fs/cgroup
  mount -t tmpfs run /run
  exec systemd-nspawn --quiet --directory "$home/root" --machine haplo-guest --boot --register=no --keep-unit \
    --private-network --bind "$home/ext4:/srv/ext4-file-system"
}

# No service of this machine's own, none that may not start (as in images for containers), a machine id (without one,
# the first-boot wizard would ask), and a journal on disk.
guest_prepare() {
  # No index of manual pages for each package, which takes as long as the rest of an installation.
  rm -f "$1/var/lib/man-db/auto-update"
  rm -rf "$1"/etc/systemd/system/*.wants "$1/usr/sbin/policy-rc.d" "$1/var/log/journal"
  mkdir -p "$1/var/log/journal"
  tr -d - </proc/sys/kernel/random/uuid >"$1/etc/machine-id"
}

guest_is_up() {
  guest_init=$(pgrep --parent "$guest_process" --exact systemd) || return 1
  case "$(guest systemctl is-system-running)" in running | degraded) ;; *) return 1 ;; esac
}

# Runs a command in the guest, as its root.
guest() {
  nsenter --target "$guest_init" --all env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 TERM=dumb SYSTEMD_COLORS=0 \
    SYSTEMD_PAGER= DEBIAN_FRONTEND=noninteractive "$@"
}

# Runs a command in the guest, as one of its users.
guest_as() {
  local user=$1
  shift
  guest runuser --user "$user" -- "$@"
}

# Succeeds if the guest has a program.
has() { guest sh -c 'command -v "$1"' - "$1" >/dev/null; }

# Writes standard input to a file of the guest.
guest_write() { guest sh -c 'mkdir -p "${1%/*}" && cat >"$1"' - "$1"; }

guest_stop() {
  [ -n "$guest_process" ] || return 0
  kill -TERM "$guest_process" 2>/dev/null || true
  wait "$guest_process" 2>/dev/null || true
  guest_process=''
  wait_for 10 'the cgroup to empty' guest_remove_cgroup
  rm -rf "$guest_home" "$guest_home.log"
}

guest_remove_cgroup() { find "$guest_cgroup" -depth -type d -exec rmdir {} + 2>/dev/null; [ ! -d "$guest_cgroup" ]; }
