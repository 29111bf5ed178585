# shellcheck shell=sh
# lib.sh — what the scripts share. Source it first, from wherever the script was started:
#
#     . "$(dirname "$0")/lib.sh"
#
# ROOT    the top folder of the sources
# PYTHON  Debian's own python, which sees Debian's python3-zmq; another may be first in PATH

ROOT=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
: "${PYTHON:=/usr/bin/python3}"

# Tell the person what happens. On stderr: a script's stdout is its result.
say() {
    printf '%s\n' "$*" >&2
}

# Say why it cannot go on, and end.
die() {
    say "$(basename "$0"): $*"
    exit 1
}

# Make the given targets in the given kind of build: `build release all`. Only warnings and errors
# are shown.
build() {
    build_kind=$1
    shift
    make -C "$ROOT" --no-print-directory --jobs="$(nproc)" BUILD="$build_kind" "$@" >/dev/null
}
