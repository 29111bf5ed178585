#!/bin/sh
# find — `find.sh SIMULATOR`: the first seed in which a simulator with a defect fails, in a line that
# begins with `found`, or what happens if none does.
set -eu

seeds=1000
seconds=120

status=0
said=$(timeout "$seconds" "$1" --seeds $seeds --first 2>&1) || status=$?
case $status in
0) echo "none of $seeds seeds fails" ;;
124) echo "it takes longer than $seconds s" ;;
*) printf '%s\n' "$said" | sed -n 's/^seed /found in seed /p' | sed 1q ;;
esac
