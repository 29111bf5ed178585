#!/bin/sh
# hint — `hint.sh VERDICTS`: write into each patch the seed in which its defect was found, as the
# folder VERDICTS (build/release/defects) says after `make check-defects`: there it is looked for
# first. Where a change of the core or the simulation has moved what happens in that seed the check
# takes longer, and finds another.
set -eu

verdicts=$1
for patch in "$(dirname "$0")"/*.patch; do
    verdict=$verdicts/$(basename "$patch" .patch)
    [ -f "$verdict" ] || continue
    seed=$(sed -n 's/^found in seed \([0-9]*\).*/\1/p' "$verdict")
    [ -n "$seed" ] || continue
    sed -i "/^---/,\$b; /^seed /d; 1a\\
seed $seed" "$patch"
done
