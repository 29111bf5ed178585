#include "broker/core/schedule/after.h"

#include <stdio.h>
#include <stdlib.h>

#include "broker/core/clients/refuse.h"
#include "broker/core/clients/sessions.h"
#include "broker/core/jobs/ledger.h"
#include "broker/core/jobs/needs.h"
#include "broker/core/jobs/packed.h"
#include "broker/core/kept/keep.h"
#include "broker/core/kept/keep_results.h"
#include "broker/core/schedule/turns.h"
#include "common/bytes.h"

// --- what an OPEN says -------------------------------------------------------------------------

static uint64_t number_at(const dc_cmd_t *cmd, uint32_t index)
{
    dc_str_t data = cmd->data.bytes;
    size_t from_end = (size_t)(cmd->open.after_count - index) * 8;
    return dc_get_u64(data.data + data.len - from_end);
}

dc_err_t dc_after_check(const dc_core_t *self, const dc_cmd_t *cmd, dc_diag_t *diag)
{
    if (cmd->open.flags & DC_OPEN_AGAIN) return DC_OK; // it may still come
    for (uint32_t i = 0; i < cmd->open.after_count; i++) {
        uint64_t number = number_at(cmd, i);
        if (dc_sessions_by_number(self, number)) continue;
        return dc_diag_set(diag, DC_ERR_INVALID, 0, 0,
                           "there is no batch b%llu to come after: it has ended, or never was",
                           (unsigned long long)number);
    }
    return DC_OK;
}

static bool asks_for(const dc_cmd_t *cmd, uint64_t number)
{
    for (uint32_t i = 0; i < cmd->open.after_count; i++) {
        if (number_at(cmd, i) == number) return true;
    }
    return false;
}

static bool comes_after(const dc_batch_t *batch, uint64_t number)
{
    for (uint32_t i = 0; i < batch->after_count; i++) {
        if (batch->afters[i].number == number) return true;
    }
    return false;
}

// What is not known on one side may be what only the other has.
bool dc_after_is_other(const dc_batch_t *batch, const dc_cmd_t *cmd)
{
    uint32_t theirs_alone = 0, theirs_unknown = 0, ours_alone = 0, ours_unknown = 0;
    for (uint32_t i = 0; i < batch->after_count; i++) {
        uint64_t number = batch->afters[i].number;
        if (number == 0) {
            ours_unknown++;
        } else if (!asks_for(cmd, number)) {
            ours_alone++;
        }
    }
    for (uint32_t i = 0; i < cmd->open.after_count; i++) {
        uint64_t number = number_at(cmd, i);
        if (number >= batch->number) {
            theirs_unknown++;
        } else if (!comes_after(batch, number)) {
            theirs_alone++;
        }
    }
    return ours_alone > theirs_unknown || theirs_alone > ours_unknown;
}

// --- waiting -----------------------------------------------------------------------------------

// It waits for nothing any more: what its chunks need is all that they wait for.
static void release(dc_core_t *self, dc_batch_t *batch, dc_actions_t *actions)
{
    dc_packed_release(self, batch);
    for (size_t at = 0; at < dc_batch_chunk_count(batch); at++) {
        dc_chunk_t *chunk = dc_batch_chunk(batch, at);
        if (chunk->is_waiting && dc_needs_are_met(chunk->needs)) dc_ledger_release(self, chunk);
    }
    dc_turns_see(self, batch);
    dc_after_tell(self, batch, actions);
}

static void doom(dc_core_t *self, dc_batch_t *batch, uint64_t number)
{
    if (!batch->failed_after) batch->failed_after = number;
    // Of one that is kept all jobs are taken first, so that each of them has its row.
    if (batch->detached && !batch->detached->is_close_put) return;
    // Whoever has no client is told when that is back.
    if (!batch->client || batch->is_doomed) return;
    batch->is_doomed = true;
    DL_APPEND2(self->doomed_batches, batch, doomed_prev, doomed_next);
}

// Whom `after` waits for has ended, and `is_good` if every job of it was computed.
static void meet(dc_core_t *self, dc_after_t *after, bool is_good, dc_actions_t *actions)
{
    dc_batch_t *batch = after->batch;
    after->is_met = true;
    if (!is_good && !(batch->flags & DC_OPEN_AFTER_ANY)) {
        doom(self, batch, after->number);
        return;
    }
    if (batch->detached) {
        dc_keep_put_met(self, batch, (uint32_t)(after - batch->afters), actions);
    }
    if (--batch->awaited_count == 0) release(self, batch, actions);
}

static bool is_good(const dc_batch_t *batch)
{
    if (batch->detached && batch->detached->end_error != DC_OK) return false;
    return dc_batch_has_ended(batch) && !batch->is_faulty && !batch->failed_count;
}

// Wait for the one that `after` says. Returns it, and does not, if it has ended already.
static const dc_batch_t *await(dc_core_t *self, dc_after_t *after)
{
    dc_batch_t *on = dc_sessions_by_number(self, after->number);
    if (on && dc_batch_has_ended(on)) return on;
    after->since_ms = self->now;
    after->is_missing = !on;
    if (on) {
        DL_APPEND(on->waiters, after);
    } else {
        DL_APPEND(self->missing, after);
    }
    return NULL;
}

static bool make_list(dc_core_t *self, dc_batch_t *batch, uint32_t count)
{
    self->memory_bytes -= dc_batch_own_bytes(batch);
    batch->afters = calloc(count, sizeof *batch->afters);
    if (batch->afters) batch->after_count = count;
    self->memory_bytes += dc_batch_own_bytes(batch);
    return batch->afters;
}

static void begin(dc_core_t *self, dc_batch_t *batch, dc_after_t *after, uint64_t number)
{
    *after = (dc_after_t){ .batch = batch, .number = number };
    const dc_batch_t *ended = await(self, after);
    bool has_failed = ended && !is_good(ended) && !(batch->flags & DC_OPEN_AFTER_ANY);
    after->is_met = ended;
    if (has_failed) batch->failed_after = number;
    if (has_failed || !ended) batch->awaited_count++;
}

dc_err_t dc_after_begin(dc_core_t *self, dc_batch_t *batch, const dc_cmd_t *cmd, dc_diag_t *diag)
{
    uint32_t count = cmd->open.after_count;
    if (count == 0) return DC_OK;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t number = number_at(cmd, i);
        if (number > 0 && number < batch->number) continue;
        return dc_diag_set(diag, DC_ERR_INVALID, 0, 0,
                           "batch b%llu cannot come after b%llu, which is not before it",
                           (unsigned long long)batch->number, (unsigned long long)number);
    }
    if (!make_list(self, batch, count)) return dc_diag_set_no_memory(diag);
    for (uint32_t i = 0; i < count; i++) {
        begin(self, batch, &batch->afters[i], number_at(cmd, i));
    }
    return DC_OK;
}

void dc_after_tell(dc_core_t *self, dc_batch_t *batch, dc_actions_t *actions)
{
    const dc_client_t *client = batch->detached ? batch->detached->submitter : batch->client;
    if (!batch->after_count) return;
    if (batch->failed_after) {
        doom(self, batch, batch->failed_after);
    } else if (client && !batch->awaited_count) {
        dc_cmd_t cmd = { .type = DC_CMD_RELEASED, .released = { .handle = batch->handle } };
        dc_actions_to_client(actions, client->peer, &cmd);
    }
}

void dc_after_close(dc_core_t *self, dc_batch_t *batch)
{
    if (batch->failed_after) doom(self, batch, batch->failed_after);
}

// --- after a restart ---------------------------------------------------------------------------

void dc_after_put_list(const dc_batch_t *batch, dc_buf_t *out)
{
    for (uint32_t i = 0; i < batch->after_count; i++) {
        char bytes[8];
        const dc_after_t *after = &batch->afters[i];
        // A later broker is to find that one has failed.
        bool is_over = after->is_met && after->number != batch->failed_after;
        dc_put_u64(bytes, is_over ? 0 : after->number);
        dc_buf_append(out, bytes, sizeof bytes);
    }
}

bool dc_after_restore(dc_core_t *self, dc_batch_t *batch, dc_str_t list)
{
    uint32_t count = (uint32_t)dc_min_size(list.len / 8, DC_AFTERS_MAX);
    if (count == 0) return true;
    if (!make_list(self, batch, count)) return false;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t number = dc_get_u64(list.data + (size_t)i * 8);
        batch->afters[i] = (dc_after_t){ .batch = batch, .number = number, .is_met = !number };
        batch->awaited_count += number != 0;
    }
    return true;
}

void dc_after_found_met(dc_batch_t *batch, uint32_t index)
{
    if (index >= batch->after_count || batch->afters[index].is_met) return;
    batch->afters[index].is_met = true;
    batch->awaited_count--;
}

static void wait_for_none(dc_core_t *self, dc_batch_t *batch, dc_actions_t *actions)
{
    for (uint32_t i = 0; i < batch->after_count; i++) {
        dc_after_found_met(batch, i);
    }
    release(self, batch, actions);
}

// Jobs whose inputs the disk has spoiled have failed without having been computed.
static bool is_begun(const dc_detached_t *self)
{
    for (size_t i = 0; i < self->entry_count; i++) {
        const dc_entry_t *entry = &self->entries[i];
        if (entry->is_stored && entry->failed < entry->answered) return true;
    }
    return self->is_ended;
}

void dc_after_resume(dc_core_t *self, dc_batch_t *batch, dc_actions_t *actions)
{
    // What was computed proves that it had waited for long enough, whatever else was lost.
    if (batch->awaited_count && is_begun(batch->detached)) wait_for_none(self, batch, actions);
    for (uint32_t i = 0; i < batch->after_count; i++) {
        dc_after_t *after = &batch->afters[i];
        if (after->is_met) continue;
        const dc_batch_t *ended = await(self, after);
        if (ended) meet(self, after, is_good(ended), actions);
    }
}

// --- those who are waited for ------------------------------------------------------------------

void dc_after_arrive(dc_core_t *self, dc_batch_t *batch)
{
    dc_after_t *after, *following;
    DL_FOREACH_SAFE(self->missing, after, following)
    {
        if (after->number != batch->number || after->batch == batch) continue;
        DL_DELETE(self->missing, after);
        after->is_missing = false;
        DL_APPEND(batch->waiters, after);
    }
}

void dc_after_end(dc_core_t *self, dc_batch_t *batch, dc_actions_t *actions)
{
    while (batch->waiters) {
        dc_after_t *after = batch->waiters;
        DL_DELETE(batch->waiters, after);
        meet(self, after, is_good(batch), actions);
    }
}

static void give_up(dc_core_t *self, dc_after_t *after)
{
    if (after->is_met) return;
    after->is_met = true;
    // Of what is read from a store, and is dropped before all of it was, nobody waits yet.
    if (!after->prev) return;
    if (after->is_missing) {
        DL_DELETE(self->missing, after);
        return;
    }
    dc_batch_t *on = dc_sessions_by_number(self, after->number);
    DL_DELETE(on->waiters, after);
}

static void spare(dc_core_t *self, dc_batch_t *batch)
{
    if (!batch->is_doomed) return;
    batch->is_doomed = false;
    DL_DELETE2(self->doomed_batches, batch, doomed_prev, doomed_next);
}

void dc_after_leave(dc_core_t *self, dc_batch_t *batch, dc_actions_t *actions)
{
    dc_after_end(self, batch, actions);
    for (uint32_t i = 0; i < batch->after_count; i++) {
        give_up(self, &batch->afters[i]);
    }
    batch->awaited_count = 0;
    spare(self, batch);
}

// Whether `after` may stand for one that had ended well, of which the store has lost what says so.
static bool may_be_met(const dc_after_t *after)
{
    const dc_detached_t *detached = after->batch->detached;
    return detached && detached->is_met_lost;
}

void dc_after_expire(dc_core_t *self, dc_actions_t *actions)
{
    while (self->missing && self->now - self->missing->since_ms >= self->settings.orphan_ms) {
        dc_after_t *after = self->missing;
        DL_DELETE(self->missing, after);
        after->is_missing = false;
        meet(self, after, may_be_met(after), actions);
    }
}

// Of one that is detached there is an end, which is kept.
static void end_skipped(dc_core_t *self, dc_batch_t *batch, dc_actions_t *actions)
{
    char why[96];
    spare(self, batch);
    // It lost its client in this very step, and is told when that is back.
    if (!batch->client) return;
    snprintf(why, sizeof why, "it comes after b%llu, of which not every job was computed",
             (unsigned long long)batch->failed_after);
    if (!batch->detached)
        dc_refuse(batch->client, batch->handle, DC_ERR_SKIPPED, actions, "%s", why);
    dc_actions_log(actions, DC_LOG_INFO, "batch skipped batch=b%llu after=b%llu jobs=%llu",
                   (unsigned long long)batch->number, (unsigned long long)batch->failed_after,
                   (unsigned long long)dc_batch_open_jobs(batch));
    if (batch->detached) {
        dc_keep_end(self, batch, DC_ERR_SKIPPED, 0, 0, NULL, actions);
    } else {
        dc_sessions_drop(self, batch, actions);
    }
}

void dc_after_settle(dc_core_t *self, dc_actions_t *actions)
{
    while (self->doomed_batches) {
        end_skipped(self, self->doomed_batches, actions);
    }
}

// --- for people --------------------------------------------------------------------------------

static void put_progress(const dc_batch_t *on, dc_buf_t *out)
{
    uint64_t done = on->answered_count + on->over.count;
    if (on->is_closed && on->jobs) {
        unsigned percent = (unsigned)(100.0 * (double)done / (double)on->jobs);
        dc_buf_printf(out, " (%u %% done)", percent);
    } else if (!on->is_closed) {
        dc_buf_printf(out, " (%llu jobs done)", (unsigned long long)done);
    }
}

void dc_after_put_why(const dc_core_t *self, const dc_batch_t *batch, dc_buf_t *out)
{
    if (batch->failed_after) {
        dc_buf_printf(out, "after b%llu, of which not every job was computed",
                      (unsigned long long)batch->failed_after);
        return;
    }
    for (uint32_t i = 0; i < batch->after_count; i++) {
        const dc_after_t *after = &batch->afters[i];
        if (after->is_met) continue;
        dc_buf_printf(out, "after b%llu", (unsigned long long)after->number);
        const dc_batch_t *on = dc_sessions_by_number(self, after->number);
        if (on) put_progress(on, out);
        if (after->is_missing) dc_buf_append_text(out, ", which is not back yet");
        return;
    }
}
