#!/bin/sh
# What the scripts promise, above all that scripts/run-tests never takes a failure for a pass.
set -u

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

# expect NAME EXPECTED ACTUAL
expect() {
    if [ "$2" = "$3" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf '%s:\n  expected: %s\n  actual:   %s\n' "$1" "$2" "$3"
    fi
}

# outcome SCRIPT-TEXT: last line and exit code of scripts/run-tests with a program of that text.
outcome() {
    printf '%s\n' "$1" >"$work/program.sh"
    code=0
    scripts/run-tests --bin "$work" --limit 1 "$work/program.sh" >"$work/output" || code=$?
    printf '%s, exit %s' "$(tail -n 1 "$work/output")" "$code"
}

expect "check's passes count" '7 passed, 0 failed, exit 0' \
    "$(outcome 'echo "100%: Checks: 7, Failures: 0, Errors: 0"')"
expect "check's failures and errors count" '4 passed, 3 failed, exit 1' \
    "$(outcome 'echo "57%: Checks: 7, Failures: 1, Errors: 2"; exit 1')"
expect "unittest's passes count" '3 passed, 0 failed, exit 0' \
    "$(outcome 'echo "Ran 3 tests in 0.1s"; echo; echo OK')"
expect "unittest's skipped tests are told apart" '2 passed, 0 failed, 1 skipped, exit 0' \
    "$(outcome 'echo "Ran 3 tests in 0.1s"; echo; echo "OK (skipped=1)"')"
expect "unittest's failures and errors count" '1 passed, 3 failed, 1 skipped, exit 1' \
    "$(outcome 'echo "Ran 5 tests in 1s"; echo "FAILED (failures=1, errors=2, skipped=1)"; exit 1')"
expect 'a closing line counts' '5 passed, 1 failed, 2 skipped, exit 1' \
    "$(outcome 'echo "5 passed, 1 failed, 2 skipped"; exit 1')"
expect 'the last closing line counts' '5 passed, 0 failed, exit 0' \
    "$(outcome 'echo "1 passed, 1 failed"; echo "5 passed, 0 failed"')"
expect 'a failure counts though the program ends well' '1 passed, 1 failed, exit 1' \
    "$(outcome 'echo "1 passed, 1 failed"')"
expect 'who passes and then crashes has failed' '5 passed, 1 failed, exit 1' \
    "$(outcome 'echo "5 passed, 0 failed"; kill -SEGV $$')"
expect 'who says nothing has failed' '0 passed, 1 failed, exit 1' "$(outcome 'exit 0')"
expect 'who takes too long has failed' '0 passed, 1 failed, exit 1' "$(outcome 'sleep 100')"
expect 'who is not there has failed' '0 passed, 1 failed' \
    "$(scripts/run-tests --bin "$work" "$work/nobody" | tail -n 1)"
expect 'a failing program shows its output' '1' \
    "$(outcome 'echo "some reason"; exit 1' >"$work/ignored"; grep -c 'some reason' "$work/output")"
expect 'a passing program is one line' '2' \
    "$(outcome 'echo noise; echo "1 passed, 0 failed"' >"$work/ignored"; wc -l <"$work/output")"
expect 'several programs are summed up' '2 passed, 1 failed' \
    "$(printf 'echo "1 passed, 0 failed"' >"$work/a.sh"
        printf 'exit 1' >"$work/b.sh"
        scripts/run-tests --bin "$work" "$work/a.sh" "$work/b.sh" "$work/a.sh" | tail -n 1)"
expect 'so they are if they run at a time' '2 passed, 1 failed' \
    "$(scripts/run-tests --jobs 2 --bin "$work" "$work/a.sh" "$work/b.sh" "$work/a.sh" | tail -n 1)"
printf 'echo "1 passed, 0 failed"\nuntil [ -e %s/%s-is-here ]; do sleep 0.01; done\n' \
    "$work" other >"$work/one.sh"
printf 'echo "1 passed, 0 failed"\ntouch %s/%s-is-here\n' "$work" other >"$work/other.sh"
expect 'programs that wait for each other pass at a time' '2 passed, 0 failed' \
    "$(scripts/run-tests --jobs 2 --bin "$work" "$work/one.sh" "$work/other.sh" | tail -n 1)"
# shellcheck disable=SC2016  # the program kills who runs it
printf 'kill -KILL "$(ps -o ppid= -p $PPID | tr -d " ")"\n' >"$work/killer.sh"
expect 'whose runner is killed has failed' '1 passed, 1 failed' \
    "$(scripts/run-tests --jobs 2 --bin "$work" "$work/a.sh" "$work/killer.sh" 2>"$work/ignored" | tail -n 1)"

# breaches FILE TEXT: how many breaches scripts/layers sees in a file of that name and text.
breaches() {
    rm -rf "$work/tree"
    mkdir -p "$work/tree/scripts" "$work/tree/$(dirname "$1")"
    cp scripts/layers scripts/lib.sh "$work/tree/scripts"
    printf '%b\n' "$2" >"$work/tree/$1"
    "$work/tree/scripts/layers" | wc -l
}

expect 'the broker may include common' 0 "$(breaches broker/core/a.c '#include "common/str.h"')"
expect 'the broker may not know expressions' 1 \
    "$(breaches broker/shell/a.c '#include "common/expr/expr.h"')"
expect 'the core does not know its shell' 1 \
    "$(breaches broker/core/a.c '#include "broker/shell/door.h"')"
expect 'a room has its rules' 1 "$(breaches broker/cellar/a.c '#include "common/str.h"')"
expect 'the engine knows only its base' 1 \
    "$(breaches common/expr/a.c '#include "common/wire.h"')"
expect 'a core has no socket' 1 "$(breaches broker/core/core.c '#include <zmq.h>')"
expect 'a shell has one through net' 0 "$(breaches broker/shell/shell.c '#include "common/net.h"')"
expect 'the command line has one through the library' 1 \
    "$(breaches client/cli/a.c '#include "client/channel.h"')"
expect 'so have its rooms' 1 "$(breaches client/cli/run/a.c '#include "client/channel.h"')"
expect 'its rooms know each other in order' 1     "$(breaches client/cli/print/a.c '#include "client/cli/run/run.h"')"
expect 'and not the other way round' 0     "$(breaches client/cli/run/a.c '#include "client/cli/print/printer.h"')"
expect 'a core has no thread' 1 "$(breaches worker/link.c '#include <pthread.h>')"
expect 'a core has no clock' 1 "$(breaches client/requests.c '#include "common/clock.h"')"
expect 'a core has no entropy' 1 "$(breaches broker/core/core.c 'int f(void)\n{ return rand(); }')"
expect 'includes start at the top' 1 "$(breaches broker/core/a.c '#include "queue.h"')"
expect 'what the files of a class share is for its own room' 1 \
    "$(breaches client/cli/run/a.c '#include "client/cli/print/printer_part.h"')"
expect 'where they may all include it' 0 \
    "$(breaches client/cli/print/a.c '#include "client/cli/print/printer_part.h"')"
expect 'the engine has doors' 1 "$(breaches worker/a.c '#include "common/expr/vm.h"')"
expect 'through which it is known' 0 "$(breaches worker/a.c '#include "common/expr/expr.h"')"
expect 'foreign code comes in by few doors' 1 \
    "$(breaches client/cli/a.c '#include <jansson.h>')"
expect 'which are known' 0 "$(breaches common/json.c '#include <jansson.h>')"
expect 'the time is read in one place' 1 \
    "$(breaches worker/a.c 'int f(void)\n{ return clock_gettime(0, 0); }')"
expect 'a core logs nothing' 1 "$(breaches worker/link.c 'void f(void)\n{ dc_log(0, 0); }')"
hundred=$(printf '%0100d' 0)
expect 'a line of 100 columns is no breach, however many bytes it has' 0 \
    "$(breaches common/a.c "// ${hundred#00000}é×")"
expect 'a line of 101 is one' 1 "$(breaches common/a.c "// ${hundred#000}x")"
expect 'a type has a name of its own' 1 \
    "$(breaches worker/a.c '} dc_a_t;\n} dc_a_t;')"
expect 'a guard is named after its file' 1 \
    "$(breaches broker/core/a.h '#ifndef DC_A_H\n#define DC_A_H\n#endif')"

# wrong_use SCRIPT: its exit code for an option that it does not have.
wrong_use() {
    code=0
    "scripts/$1" --no-such-option >"$work/output" 2>&1 || code=$?
    printf '%s' "$code"
}
for script in check cluster demo globals install-deps layers run-tests make-pow10.sh; do
    expect "wrong use of scripts/$script is what it is of the programs" 64 "$(wrong_use "$script")"
done

printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
