#!/bin/sh
# test_defects — is the simulation any good? Each patch of tests/sim/defects takes one rule, which its
# first line says, out of a core, and the simulation must fail within 1000 seeds. Who finds none has
# found a hole in what the simulation does or looks at. The seed that a patch names is tried first:
# defects/hint.sh writes them anew when changes have moved too many. Run by `make sim`, where those
# that DEFECTS_SECONDS leave no time for are skipped, and by `make check-defects`, which tries all;
# `make check-defects TESTS='credit*'` tries some.
set -eu

kind=${DCALC_KIND:-release}
bin=${DCALC_BIN:-$PWD/build/$kind}

# Flags of the make that this is run by, if it is, come by way of the environment.
# What is stopped leaves no verdict: make removes it.
timeout "${DEFECTS_SECONDS:-0}" make --silent --jobs="$(nproc)" BUILD="$kind" OUT="$bin" defects 2>/dev/null || true

# The patches that TESTS picks, which may be several patterns.
chosen()
(
    set -f
    for pattern in ${TESTS:-*}; do
        find tests/sim/defects -name "$pattern.patch"
    done | sort -u
)

passed=0
failed=0
skipped=0
for patch in $(chosen); do
    name=$(basename "$patch" .patch)
    if [ ! -e "$bin/defects/$name" ] && [ "${DEFECTS_SECONDS:-0}" -gt 0 ]; then
        skipped=$((skipped + 1))
        continue
    fi
    verdict=$(cat "$bin/defects/$name")
    case $verdict in
    found*)
        passed=$((passed + 1))
        echo "$name: $verdict"
        ;;
    *)
        failed=$((failed + 1))
        echo "not found: $name ($(sed 1q "$patch")) $verdict"
        ;;
    esac
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
