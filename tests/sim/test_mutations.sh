#!/bin/sh
# test_mutations — is the simulation any good? Take one rule out of a core at a time, in a copy of the
# tree, and see that the simulation fails. Run by `make sim`; by hand: `sh tests/sim/test_mutations.sh`.
set -eu

kind=${DCALC_KIND:-release}
bin=${DCALC_BIN:-$PWD/build/$kind}
seeds=1000

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
trap 'exit 130' INT TERM
cp -a Makefile broker client common worker tests "$copy"
mkdir -p "$copy/build/$kind"
# What is built already need not be built again: make goes by times, which the copy keeps.
for part in obj lib flags members; do
    [ ! -e "$bin/$part" ] || cp -a "$bin/$part" "$copy/build/$kind"
done
cd "$copy"
sim=build/$kind/tests/sim/sim

passed=0
failed=0
fail() {
    echo "not found: $1"
    failed=$((failed + 1))
}

# Take a rule out: `mutate NAME FILE SED-SCRIPT`. The script must change the file, what comes out must
# compile, and the simulation must see it.
mutate() {
    name=$1 file=$2
    cp -p "$file" kept
    sed "$3" kept >"$file"
    if cmp -s kept "$file"; then
        fail "$name ($file has changed: adapt the script)"
    elif ! make --silent BUILD="$kind" CFLAGS="${CFLAGS:-}" "$sim" >log 2>&1; then
        cat log
        fail "$name (it does not compile)"
    elif "$sim" --seeds $seeds --first >log 2>&1; then
        fail "$name"
    else
        passed=$((passed + 1))
        echo "found: $name: $(grep '^seed ' log | tail -n 1)"
    fi
    cp -p kept "$file"
    # Newer than the object that was made of the other one.
    touch "$file"
}

if ! make --silent BUILD="$kind" CFLAGS="${CFLAGS:-}" "$sim" || ! "$sim" --seeds 20 >log; then
    cat log
    echo '0 passed, 1 failed'
    exit 1
fi

mutate 'a lost slot keeps its work' broker/ledger.c \
    's/^        dc_ledger_trim(self, lease, lease->next);$//'
mutate 'silence is no loss' broker/core.c \
    's/while ((slot = dc_registry_silent(self)))/while ((slot = NULL))/'
mutate 'an answer may come twice' broker/deliver.c \
    's/if (fresh->count == results->count) {/if (fresh->count) {/'
mutate 'a chunk may come twice' broker/on_client.c \
    's/novelty_of(batch, cmd->chunk.first, end) == KNOWN) return;/false) return;/'
mutate 'results count for any lease' broker/on_worker.c \
    's/if (lease->id == id) return lease;/if (id) return lease;/'
mutate 'credit is not looked at' broker/on_client.c \
    's/if (client->received_bytes - client->stray_bytes > client->told_bytes) {/if (client->received_bytes == 1) {/'
mutate 'a slot is not asked who it is' broker/on_worker.c \
    's/^    dc_actions_to_worker(actions, peer, &who);$/    (void)who;/'
mutate 'a client is not asked who it is' broker/on_client.c \
    's/^    dc_actions_to_client(actions, peer, &who);$/    (void)who;/'
mutate 'a slot does not say who it is' worker/link.c \
    '/^static void do_who/,/^}/s/begin_session(self, now, actions);/(void)now;/'
mutate 'a join gets one result for another' broker/fork.c \
    's/results\[i\] = self->parts\[i\].result.bytes;/results[i] = self->parts[0].result.bytes;/'
mutate 'a join does not wait for the last child' broker/tree.c \
    's/^    if (fork->missing) return STATE_OPEN;$/    if (fork->missing > 1) return STATE_OPEN;/'
mutate 'any fault wins, not the lowest' broker/tree.c \
    's/^    if (fork->missing) return STATE_OPEN;$/    if (fork->missing \&\& !outcome->is_failed) return STATE_OPEN;/'
mutate 'parts behind a fault are kept' broker/forked.c \
    '/^bool dc_forked_fail/,/^}/s/dc_forked_close(.*);/(void)actions;/'
mutate 'a job forks that was taken back' broker/on_worker.c \
    's/bool is_wanted = chunk && .*;/bool is_wanted = chunk;/'
mutate 'what is cancelled leaves its parts' broker/ledger.c \
    '/^void dc_ledger_clear_chunk/,/^}/s/dc_forked_take(.*);/(void)0;/'
mutate 'any slot computes what has a tag' broker/turns.c \
    '/^dc_batch_t \*dc_turns_next/,/^}/s/kind = slot->kind;/kind = slot->kind->next ? slot->kind->next : slot->kind;/'
mutate 'a job that is leased twice counts twice' broker/ledger.c \
    's/^    if (!lease->is_double) count_leased(/    count_leased(/'
mutate 'who loses a job that is leased twice gives it back' broker/ledger.c \
    's/end < old_end && leave_to_twin(self, lease)/false/'
mutate 'whoever answers second is not told' broker/ledger.c \
    '/^void dc_ledger_end_double/,/^}/s/if (!lease->slot->is_plain) tell_trim(lease, actions);/(void)actions;/'
mutate 'no job is leased twice' broker/scheduler.c \
    's/^        double_for(self, kind, DC_ROOM_IDLE, is_thorough, actions);$//'
mutate 'what is leased twice does not make way' broker/scheduler.c \
    's/^    if (self->doubles) yield_doubles(self, actions);$//'

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
