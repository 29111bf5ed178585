#!/bin/sh
# test_defects — is the simulation any good? Each patch of tests/sim/defects takes one rule, which its
# first line says, out of a core, and the simulation must fail within 1000 seeds. Who finds none has
# found a hole in what the simulation does or looks at. The seed that a patch names is tried first:
# defects/hint.sh writes them anew when changes have moved too many. Run by `make sim` and
# `make check-defects`; `make check-defects TESTS='credit*'` tries some.
set -eu

kind=${DCALC_KIND:-release}
bin=${DCALC_BIN:-$PWD/build/$kind}

# Flags of the make that this is run by, if it is, come by way of the environment.
make --silent --jobs="$(nproc)" BUILD="$kind" OUT="$bin" defects 2>/dev/null

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
for patch in $(chosen); do
    name=$(basename "$patch" .patch)
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
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
