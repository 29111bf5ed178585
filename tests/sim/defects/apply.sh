#!/bin/sh
# apply — `apply.sh PATCH OUTPUT`: write the file that PATCH changes, so changed, to OUTPUT. The
# lines around it must be the same: else it might be applied somewhere else.
set -eu

patch=$1
output=$2
file=$(sed -n 's|^+++ b/||p' "$patch")

if [ ! -f "$file" ]; then
    echo "it is to change one file, and there is no file '$file'"
    exit 1
fi
if ! patch --silent --force --fuzz=0 --output="$output" --reject-file=- "$file" <"$patch" >/dev/null 2>&1; then
    echo "$patch no longer applies, since $file has changed. Take the rule that its first line" \
        "says out of the file as it is now, put that line and what 'git diff -U2 $file' prints" \
        "into the patch, and undo the change."
    exit 1
fi
