#include "broker/core/jobs/tree.h"

#include "broker/core/jobs/forked.h"
#include "broker/core/jobs/ledger.h"
#include "broker/core/slots/usual.h"
#include "broker/core/slots/verify.h"
#include "common/quantity.h"

// What a part gave, on its way up.
typedef struct outcome {
    dc_slice_t data; // a reference of its own
    uint32_t faults_bytes;
    uint8_t attempt;
    bool is_failed;
    bool is_own; // ... in the broker's own name: no slot has said so
} outcome_t;

// --- failures ----------------------------------------------------------------------------------

// The client's job fails as a whole: what is left of its tree goes.
static void fail_root(dc_core_t *self, const dc_fork_t *fork, const dc_diag_t *diag,
                      dc_actions_t *actions)
{
    const dc_fork_t *root = fork->root;
    dc_deliver_failure(self, root->chunk, root->index, diag, actions);
}

static void fail_short(dc_core_t *self, const dc_fork_t *fork, dc_actions_t *actions)
{
    dc_diag_t diag;
    dc_diag_set_no_memory(&diag);
    fail_root(self, fork, &diag, actions);
}

// Put another result into `outcome`, of which a reference is kept. False if memory is short.
static bool set_outcome(outcome_t *outcome, const dc_slice_t *data, uint32_t faults_bytes,
                        bool is_failed)
{
    dc_slice_t kept;
    if (!dc_slice_keep(data, &kept)) return false;
    dc_slice_drop(&outcome->data);
    outcome->data = kept;
    outcome->faults_bytes = faults_bytes;
    outcome->is_failed = is_failed;
    return true;
}

// The outcome of a job of `chunk` that fails in the broker's own name.
static bool set_failure(outcome_t *outcome, const dc_chunk_t *chunk, uint64_t index,
                        const dc_diag_t *diag)
{
    dc_buf_t data = { 0 };
    uint32_t faults_bytes = dc_deliver_put_failure(chunk->batch, index, diag, &data);
    dc_slice_t slice = { NULL, dc_buf_str(&data) };
    bool is_set = !data.failed && set_outcome(outcome, &slice, faults_bytes, true);
    outcome->is_own = true;
    dc_buf_fini(&data);
    return is_set;
}

// --- results on their way up -------------------------------------------------------------------

typedef enum state {
    STATE_OPEN,    // something is still awaited
    STATE_SETTLED, // the outcome is the fork's
    STATE_SHORT,   // of memory
} state_t;

// All children have results: the join is next, if these are not too many for it.
static state_t begin_join(dc_core_t *self, dc_fork_t *fork, outcome_t *outcome)
{
    if (dc_fork_join_bytes(fork) <= DC_JOIN_DATA_BYTES_MAX) {
        return dc_forked_join(self, fork) ? STATE_OPEN : STATE_SHORT;
    }
    dc_diag_t diag;
    dc_diag_set(&diag, DC_ERR_TOO_LARGE, 0, 0,
                "the results of its parts are larger than %u bytes together",
                DC_JOIN_DATA_BYTES_MAX);
    return set_failure(outcome, fork->chunk, fork->index, &diag) ? STATE_SETTLED : STATE_SHORT;
}

// `part` of `fork`, closed, has given `outcome`, which becomes the fork's if that is settled by it.
static state_t note(dc_core_t *self, dc_fork_t *fork, dc_part_t *part, outcome_t *outcome,
                    dc_actions_t *actions)
{
    if (dc_part_is_join(part)) return STATE_SETTLED;
    bool is_kept = outcome->is_failed
                       ? dc_forked_fail(self, part, &outcome->data, outcome->faults_bytes, actions)
                       : dc_forked_keep(self, part, &outcome->data);
    if (!is_kept) return STATE_SHORT;
    if (outcome->is_failed) fork->is_failure_own = outcome->is_own;
    if (fork->missing) return STATE_OPEN;
    if (fork->wanted == fork->child_count) return begin_join(self, fork, outcome);
    bool is_set = set_outcome(outcome, &fork->failure, fork->failure_faults_bytes, true);
    outcome->is_own = fork->is_failure_own;
    return is_set ? STATE_SETTLED : STATE_SHORT;
}

// The tree of `fork`, a root, is over: pass its outcome on.
static void deliver(dc_core_t *self, const dc_fork_t *fork, const outcome_t *outcome,
                    dc_actions_t *actions)
{
    dc_chunk_t *chunk = fork->chunk;
    dc_results_t results = {
        .first = fork->index,
        .count = 1,
        .faults_bytes = outcome->faults_bytes,
        .data = outcome->data,
        .spent_us = (uint32_t)dc_min_u64(fork->spent_us, UINT32_MAX),
        .attempt = outcome->attempt,
        .leased_us = fork->leased_us,
        .is_of_tree = true,
    };
    dc_diag_t diag;
    if (!outcome->is_own && !dc_verify_tree(chunk, &results, &diag, actions)) {
        dc_deliver_failure(self, chunk, fork->index, &diag, actions);
        return;
    }
    if (!dc_deliver(self, chunk, &results, actions)) {
        dc_actions_log(actions, DC_LOG_ERROR, "result lost batch=b%llu job=%llu error=no-memory",
                       (unsigned long long)chunk->batch->number, (unsigned long long)results.first);
    }
}

// `part` has given `outcome`; that may settle its fork, which is the outcome of another part, and
// so on.
static void settle(dc_core_t *self, dc_part_t *part, outcome_t *outcome, dc_actions_t *actions)
{
    while (part) {
        dc_fork_t *fork = part->fork;
        dc_forked_close(self, part, actions);
        state_t state = note(self, fork, part, outcome, actions);
        if (state == STATE_SHORT) fail_short(self, fork, actions);
        if (state != STATE_SETTLED) return;
        part = fork->chunk->part;
        if (!part) deliver(self, fork, outcome, actions);
    }
}

void dc_tree_fail(dc_core_t *self, dc_chunk_t *chunk, uint64_t index, const dc_diag_t *diag,
                  dc_actions_t *actions)
{
    if (!chunk->part) {
        dc_deliver_failure(self, chunk, index, diag, actions);
        return;
    }
    outcome_t outcome = { 0 };
    if (set_failure(&outcome, chunk, index, diag)) {
        settle(self, chunk->part, &outcome, actions);
    } else {
        fail_short(self, chunk->part->fork, actions);
    }
    dc_slice_drop(&outcome.data);
}

// --- what a tree uses --------------------------------------------------------------------------

// Count what was used for a part. False if it is more than the job may use: then that has failed.
static bool charge(dc_core_t *self, dc_fork_t *root, dc_use_t use, dc_actions_t *actions)
{
    uint64_t steps_max = root->chunk->batch->steps_max;
    root->spent_us += use.spent_us;
    if (__builtin_add_overflow(root->steps, use.steps, &root->steps)) root->steps = UINT64_MAX;
    if (root->steps <= steps_max) return true;
    dc_diag_t diag;
    dc_diag_set(&diag, DC_ERR_STEPS, 0, 0, "more than %llu steps are needed by all its parts",
                (unsigned long long)steps_max);
    fail_root(self, root, &diag, actions);
    return false;
}

// Means to be learned from: a part's time says nothing of other jobs'.
static void learn(dc_batch_t *batch, uint32_t spent_us)
{
    double mean = batch->part_us;
    if (!spent_us) return;
    batch->part_us = mean > 0 ? mean + (spent_us - mean) / 4 : spent_us;
    dc_usual_see(&batch->usual_part_us, spent_us);
}

void dc_tree_take(dc_core_t *self, dc_chunk_t *chunk, const dc_results_t *results, bool is_failed,
                  dc_use_t use, dc_actions_t *actions)
{
    dc_part_t *part = chunk->part;
    learn(chunk->batch, use.spent_us);
    if (!charge(self, part->fork->root, use, actions)) return;
    outcome_t outcome = { .attempt = results->attempt };
    dc_diag_t diag;
    uint64_t room = self->settings.memory_bytes_max;
    bool is_too_much =
        !is_failed && !dc_part_is_join(part) && self->memory_bytes + results->data.bytes.len > room;
    if (is_too_much) {
        dc_diag_set(&diag, DC_ERR_TOO_LARGE, 0, 0,
                    "the broker has no memory for the result of a part");
    }
    bool is_set = is_too_much
                      ? set_failure(&outcome, chunk, chunk->first, &diag)
                      : set_outcome(&outcome, &results->data, results->faults_bytes, is_failed);
    if (is_set) {
        settle(self, part, &outcome, actions);
    } else {
        fail_short(self, part->fork, actions);
    }
    dc_slice_drop(&outcome.data);
}

// --- forks -------------------------------------------------------------------------------------

// Why the job may not be split, in `diag`. False if it may.
static bool refuses(const dc_core_t *self, const dc_chunk_t *chunk, const dc_slice_t *data,
                    dc_diag_t *diag)
{
    size_t bytes = data->bytes.len + DC_FORK_CHILDREN_MAX * (size_t)DC_CHUNK_COST_BYTES;
    if (dc_fork_level(chunk) > DC_FORK_LEVELS_MAX) {
        dc_diag_set(diag, DC_ERR_TOO_DEEP, 0, 0, "it is split more than %d times over",
                    DC_FORK_LEVELS_MAX);
    } else if (dc_fork_chain(chunk) > DC_FORK_CHAIN_MAX) {
        dc_diag_set(diag, DC_ERR_TOO_DEEP, 0, 0, "it is split more than %d times in a row",
                    DC_FORK_CHAIN_MAX);
    } else if (self->memory_bytes + bytes > self->settings.memory_bytes_max) {
        dc_diag_set(diag, DC_ERR_TOO_LARGE, 0, 0, "the broker has no memory for its parts");
    } else {
        return false;
    }
    return true;
}

void dc_tree_fork(dc_core_t *self, dc_lease_t *lease, const dc_slice_t *data, dc_use_t use,
                  dc_actions_t *actions)
{
    dc_diag_t diag;
    dc_chunk_t *chunk = lease->chunk;
    uint64_t index = lease->next;
    if (chunk->part && !charge(self, chunk->part->fork->root, use, actions)) return;
    if (refuses(self, chunk, data, &diag)) {
        dc_tree_fail(self, chunk, index, &diag, actions);
        return;
    }
    dc_fork_t *fork = dc_fork_new(&self->pools, chunk, index, data);
    if (!fork || !dc_forked_reserve(self, fork->child_count)) {
        dc_fork_destroy(&fork, &self->pools);
        dc_diag_set_no_memory(&diag);
        dc_tree_fail(self, chunk, index, &diag, actions);
        return;
    }
    fork->leased_us = lease->given_us;
    // Before it forked the job had a budget of its own, which the slot has seen to.
    if (!chunk->part) {
        fork->steps = use.steps;
        fork->spent_us = use.spent_us;
    }
    dc_ledger_fork(self, lease, fork);
}

// --- time --------------------------------------------------------------------------------------

static dc_fork_t *find_overdue(const dc_core_t *self)
{
    dc_fork_t *root;
    DL_FOREACH2(self->trees, root, tree_next)
    {
        uint32_t timeout_ms = root->chunk->batch->timeout_ms;
        if (timeout_ms != UINT32_MAX && self->now - root->since_ms > timeout_ms) return root;
    }
    return NULL;
}

static void end_overdue(dc_core_t *self, const dc_fork_t *root, dc_actions_t *actions)
{
    dc_diag_t diag;
    dc_batch_t *batch = root->chunk->batch;
    char limit[DC_QUANTITY_TEXT_MAX];
    dc_duration_print(batch->timeout_ms, limit);
    dc_diag_set(&diag, DC_ERR_TIME, 0, 0, "it took longer than %s (--timeout)", limit);
    fail_root(self, root, &diag, actions);
    dc_deliver_end(self, batch, actions);
}

static void tell_progress(const dc_core_t *self, const dc_fork_t *root, dc_actions_t *actions)
{
    dc_batch_t *batch = root->chunk->batch;
    // Where nobody works it is no further, and a client would take it for a sign of work.
    if (!batch->client || batch->is_plain || batch->detached || self->slot_count == 0) return;
    if (self->now - dc_max_u64(root->since_ms, batch->progress_ms) < DC_PROGRESS_MS) return;
    batch->progress_ms = self->now;
    dc_cmd_t cmd = { .type = DC_CMD_PROGRESS,
                     .progress = { .handle = batch->handle,
                                   .first = root->index,
                                   .done = dc_fork_done(root),
                                   .total = root->weight } };
    dc_actions_to_client(actions, batch->client->peer, &cmd);
}

void dc_tree_tick(dc_core_t *self, dc_actions_t *actions)
{
    dc_fork_t *root;
    size_t count;
    DL_COUNT2(self->trees, root, count, tree_next);
    // Whose end found no memory is tried again with the next tick.
    for (; count && (root = find_overdue(self)); count--) {
        end_overdue(self, root, actions);
    }
    DL_FOREACH2(self->trees, root, tree_next)
    {
        tell_progress(self, root, actions);
    }
}
