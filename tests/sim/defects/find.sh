#!/bin/sh
# find — `find.sh SIMULATOR PATCH`: a seed in which a simulator with the defect of PATCH fails, in a
# line that begins with `found`, or what happens if none does. The seed that the patch names is tried
# first, then all others; `hint.sh` writes it there.
set -eu

simulator=$1
patch=$2
seeds=1000
seconds=120

# try OPTION...: print the first seed that fails; the exit status is the simulator's.
try()
{
    said=$(timeout "$seconds" "$simulator" "$@" --first 2>&1) && return 0
    status=$?
    printf '%s\n' "$said" | sed -n 's/^seed /found in seed /p' | sed 1q
    return $status
}

hint=$(sed -n '/^---/q; s/^seed //p' "$patch")
if [ -n "$hint" ]; then
    found=$(try --seed "$hint") || true
    if [ -n "$found" ]; then
        echo "$found"
        exit
    fi
fi

status=0
try --seeds $seeds || status=$?
case $status in
0) echo "none of $seeds seeds fails" ;;
124) echo "it takes longer than $seconds s" ;;
esac
