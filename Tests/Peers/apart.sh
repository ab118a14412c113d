# A test apart from this machine: in namespaces of its own for mounts, network and processes, so that nothing of it can be
# reached, or is left behind. With KEEP=1 it keeps its directory and says where it is.

# run_apart NAME SCRIPT [ARGUMENT…]: runs the script once more, apart; returns only there, with its directory in $work. Needs
# root.
run_apart() {
  [ "$(id -u)" = 0 ] || fail 'namespaces, and users in them, need root'
  if [ -z "${PEERS_DIRECTORY:-}" ]; then
    PEERS_DIRECTORY=$(mktemp -d "${TMPDIR:-/tmp}/haplo-$1.XXXXXX")
    export PEERS_DIRECTORY
    trap 'rmdir "$PEERS_DIRECTORY"' EXIT
    unshare --mount --net --pid --fork --kill-child --mount-proc --propagation private "${@:2}"
    exit
  fi
  # What follows mounts over directories of the machine: never outside of the namespaces, where this is not the first process.
  [ "$$" = 1 ] || fail 'PEERS_DIRECTORY is for this script itself; unset it'
  work=$PEERS_DIRECTORY
}

# clean_up_at_the_end: from now on, whatever the end is, what was started here is ended (place.sh).
clean_up_at_the_end() {
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

clean_up() {
  local status=$?
  stop_all
  if [ "${KEEP:-}" = 1 ]; then
    mkdir "$work.kept" && cp -a "$work/." "$work.kept/" && echo "kept: $work.kept"
  elif [ "$status" != 0 ]; then
    show_logs
  fi
  exit "$status"
}
