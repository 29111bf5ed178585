#include "broker/core/keep.h"

#include <stdlib.h>

#include "broker/core/after.h"
#include "broker/core/deletion.h"
#include "broker/core/ledger.h"
#include "broker/core/needs.h"
#include "broker/core/packed.h"
#include "broker/core/pieces.h"
#include "broker/core/refuse.h"
#include "broker/core/sessions.h"
#include "broker/core/submit.h"
#include "broker/core/terms.h"
#include "broker/core/turns.h"
#include "broker/core/viewer.h"

// --- dates -------------------------------------------------------------------------------------

uint64_t dc_keep_date(const dc_core_t *self)
{
    return self->step_ms + self->settings.date_ms;
}

uint64_t dc_keep_date_of(const dc_core_t *self, dc_ms_t ms)
{
    return ms ? dc_keep_date(self) + ms - self->now : 0;
}

uint64_t dc_keep_left_ms(const dc_core_t *self, const dc_batch_t *batch)
{
    uint64_t end;
    const dc_detached_t *detached = batch->detached;
    if (__builtin_add_overflow(detached->end_date, detached->keep_ms, &end)) return UINT64_MAX;
    uint64_t date = dc_keep_date(self);
    return end > date ? end - date : 0;
}

// --- operations --------------------------------------------------------------------------------

// While too many results are on their way, nothing detached is leased.
static void count_pending(dc_core_t *self, const dc_store_op_t *op, int sign)
{
    size_t bytes = sign > 0 ? op->cost : (size_t)0 - op->cost;
    self->pending_bytes += bytes;
    if (op->what == DC_STORE_RESULT) self->keeper.unacked_bytes += bytes;
    if (sign < 0) self->is_dispatch_due = true;
}

void dc_keep_put(dc_core_t *self, dc_store_op_t **op_p, dc_actions_t *actions)
{
    dc_store_op_t *op = *op_p;
    op->cost = dc_store_op_bytes(op);
    count_pending(self, op, 1);
    dc_actions_store(actions, op_p);
}

void dc_keep_count_back(dc_core_t *self, const dc_store_op_t *op)
{
    count_pending(self, op, -1);
}

// An operation after which `peer` is told `json`. NULL if memory is short.
static dc_store_op_t *make_answered(dc_store_what_t what, uint64_t batch, dc_peer_t peer,
                                    uint32_t handle, const char *json)
{
    dc_store_op_t *op = dc_store_op_new(what, batch);
    if (!op) return NULL;
    op->peer = peer;
    op->handle = handle;
    dc_slice_t text = { NULL, dc_str_from(json) };
    if (peer && !dc_slice_keep(&text, &op->reply)) dc_store_op_destroy(&op);
    return op;
}

static void log_short(const dc_batch_t *batch, const char *what, dc_actions_t *actions)
{
    dc_actions_log(actions, DC_LOG_ERROR, "not stored batch=b%llu what=%s error=no-memory",
                   (unsigned long long)batch->number, what);
}

void dc_keep_refuse_unknown(const dc_client_t *client, uint32_t handle, uint64_t number,
                            dc_actions_t *actions)
{
    dc_refuse(client, handle, DC_ERR_UNKNOWN_BATCH, actions, "there is no batch b%llu",
              (unsigned long long)number);
}

static void answer(dc_core_t *self, const dc_store_op_t *op, dc_actions_t *actions)
{
    const dc_client_t *client = dc_sessions_find(self, op->peer);
    if (!client) return;
    if (op->error != DC_OK) {
        dc_refuse(client, op->handle, op->error, actions, "%s", dc_err_text(op->error));
        return;
    }
    if (op->what == DC_STORE_DELETE && op->reply.bytes.len == 0) {
        dc_keep_refuse_unknown(client, op->handle, op->batch, actions);
        return;
    }
    dc_cmd_t reply = { .type = DC_CMD_REPLY, .reply = { .handle = op->handle }, .data = op->reply };
    dc_actions_to_client(actions, client->peer, &reply);
}

// --- registering -------------------------------------------------------------------------------

bool dc_keep_register(dc_core_t *self, dc_batch_t *batch, uint64_t number)
{
    dc_client_t *keeper = &self->keeper;
    batch->client = keeper;
    if (!dc_turns_join(self, batch)) {
        batch->client = NULL;
        return false;
    }
    if (!dc_sessions_register(self, batch, number)) {
        dc_turns_leave(batch);
        batch->client = NULL;
        return false;
    }
    DL_APPEND2(keeper->batches, batch, client_prev, client_next);
    self->kept_count++;
    batch->orphaned_ms = self->now;
    return true;
}

dc_batch_t *dc_keep_find(const dc_core_t *self, uint64_t number)
{
    dc_batch_t *batch = dc_sessions_by_number(self, number);
    return batch && batch->detached ? batch : NULL;
}

static void count_bytes(dc_core_t *self, dc_detached_t *detached, uint64_t bytes)
{
    detached->bytes += bytes;
    self->kept_bytes += bytes;
}

bool dc_keep_add_entry(dc_core_t *self, dc_batch_t *batch, const dc_entry_t *entry)
{
    dc_detached_t *detached = batch->detached;
    self->memory_bytes -= dc_detached_own_bytes(detached);
    bool is_added = dc_detached_add(detached, entry);
    self->memory_bytes += dc_detached_own_bytes(detached);
    uint64_t bytes = entry->input_bytes + entry->needs_bytes + DC_CHUNK_COST_BYTES;
    if (is_added) count_bytes(self, detached, bytes);
    return is_added;
}

static dc_err_t run_short(dc_diag_t *diag)
{
    return dc_diag_set(diag, DC_ERR_NOMEM, 0, 0, "%s", dc_err_text(DC_ERR_NOMEM));
}

// A chunk that needs results of others, or is needed.
static dc_err_t add_entangled(dc_core_t *self, dc_batch_t *batch, const dc_entry_t *entry,
                              const dc_slice_t *data, dc_str_t pairs, dc_diag_t *diag)
{
    dc_chunk_t *chunk = dc_chunk_new(&self->pools, batch, entry->first, entry->count, entry->width,
                                     entry->flags, data);
    if (!chunk) return run_short(diag);
    chunk->is_waiting = pairs.len || batch->awaited_count;
    if (dc_ledger_add_chunk(self, chunk)) return dc_needs_enter(self, chunk, pairs, diag);
    dc_chunk_destroy(&chunk, &self->pools);
    return run_short(diag);
}

dc_err_t dc_keep_add_chunk(dc_core_t *self, dc_batch_t *batch, const dc_entry_t *entry,
                           const dc_slice_t *data, dc_str_t pairs, dc_diag_t *diag)
{
    if (!dc_keep_add_entry(self, batch, entry)) return run_short(diag);
    if (pairs.len || entry->flags & DC_CHUNK_NEEDED) {
        return add_entangled(self, batch, entry, data, pairs, diag);
    }
    dc_packed_t chunk = { .first = entry->first,
                          .count = entry->count,
                          .width = entry->width,
                          .flags = entry->flags,
                          .data = *data };
    return dc_packed_take(self, batch, &chunk) ? DC_OK : run_short(diag);
}

// --- results -----------------------------------------------------------------------------------

// Results that are more than can be stored end the batch. Not here: others look at the chunk.
static bool is_too_much(const dc_core_t *self, const dc_chunk_t *chunk, size_t more)
{
    size_t bytes = chunk->tray->pieces.len + more;
    return bytes > DC_STORE_RESULT_BYTES_MAX ||
           chunk->batch->detached->bytes + bytes > self->settings.batch_bytes_max;
}

bool dc_keep_results(dc_core_t *self, dc_chunk_t *chunk, const dc_results_t *results,
                     const dc_ranges_t *fresh)
{
    dc_detached_t *detached = chunk->batch->detached;
    size_t more = dc_pieces_bytes(results, fresh);
    if (!chunk->tray) chunk->tray = calloc(1, sizeof *chunk->tray);
    if (!chunk->tray) return false;
    chunk->tray->chunk = chunk;
    bool fits = !is_too_much(self, chunk, more);
    if (fits) {
        dc_pieces_put(&chunk->tray->pieces, results, fresh);
        if (chunk->tray->pieces.failed) return false;
        chunk->tray->jobs += (uint32_t)fresh->count;
        chunk->held_bytes += more;
        self->memory_bytes += more;
    }
    detached->is_too_large |= !fits;
    if (dc_chunk_is_answered(chunk)) LL_PREPEND(detached->answered, chunk->tray);
    return true;
}

static void count_put(dc_core_t *self, dc_detached_t *detached, const dc_entry_t *entry)
{
    detached->answered_jobs += entry->answered;
    count_bytes(self, detached, entry->result_bytes);
}

// The results of `chunk`, so far as there are any. False if memory is short.
static bool put_results(dc_core_t *self, dc_chunk_t *chunk, dc_actions_t *actions)
{
    dc_detached_t *detached = chunk->batch->detached;
    dc_entry_t *entry = dc_detached_find(detached, chunk->first);
    dc_store_op_t *op = dc_store_op_new(DC_STORE_RESULT, chunk->batch->number);
    dc_slice_t pieces = { NULL, dc_buf_str(&chunk->tray->pieces) };
    if (!op || !dc_slice_keep(&pieces, &op->data)) {
        dc_store_op_destroy(&op);
        return false;
    }
    entry->is_put = true;
    entry->answered = chunk->tray->jobs;
    entry->result_bytes = (uint32_t)chunk->tray->pieces.len;
    op->result.chunk = entry->number;
    op->result.first = entry->first;
    op->result.answered = entry->answered;
    op->result.failed = chunk->failed_count;
    count_put(self, detached, entry);
    dc_keep_put(self, &op, actions);
    return true;
}

// Jobs of the chunk of `entry` are over. False if memory is short.
static bool add_over(dc_core_t *self, dc_batch_t *batch, uint64_t first, uint64_t end)
{
    self->memory_bytes -= dc_batch_own_bytes(batch);
    bool is_added = dc_ranges_add(&batch->over, first, end);
    self->memory_bytes += dc_batch_own_bytes(batch);
    return is_added;
}

// Nothing of `chunk` is wanted here any more.
static void drop_chunk(dc_core_t *self, dc_chunk_t *chunk, dc_actions_t *actions)
{
    dc_batch_t *batch = chunk->batch;
    uint64_t first = chunk->first;
    if (!add_over(self, batch, first, dc_chunk_end(chunk))) log_short(batch, "over", actions);
    chunk->failed_count = 0; // the batch's count stays
    dc_ledger_drop_chunk(self, batch, dc_batch_find(batch, first), actions);
}

// Likewise of all that is packed.
static void drop_packed(dc_core_t *self, dc_batch_t *batch, dc_actions_t *actions)
{
    dc_packed_t chunk;
    dc_backlog_place_t at = { 0 };
    bool is_over = true;
    while (batch->backlog && dc_backlog_next(batch->backlog, &at, &chunk)) {
        is_over &= add_over(self, batch, chunk.first, chunk.first + chunk.count);
    }
    if (!is_over) log_short(batch, "over", actions);
    dc_packed_drop(self, batch);
}

bool dc_keep_found_result(dc_core_t *self, dc_batch_t *batch, const dc_entry_t *entry)
{
    dc_detached_t *detached = batch->detached;
    detached->stored_count++;
    count_put(self, detached, entry);
    return add_over(self, batch, entry->first, entry->first + entry->count);
}

static void end_too_large(dc_core_t *self, dc_batch_t *batch, dc_actions_t *actions)
{
    if (batch->detached->is_close_put) {
        dc_keep_end(self, batch, DC_ERR_TOO_LARGE, 0, 0, NULL, actions);
    } else {
        dc_submit_fail(self, batch, DC_ERR_TOO_LARGE,
                       "the batch's results have more bytes than a detached one may have "
                       "(--max-batch of the broker)",
                       actions);
    }
}

void dc_keep_put_answered(dc_core_t *self, dc_batch_t *batch, dc_actions_t *actions)
{
    dc_detached_t *detached = batch->detached;
    while (detached->answered) {
        dc_chunk_t *chunk = detached->answered->chunk;
        if (!put_results(self, chunk, actions)) {
            log_short(batch, "result", actions); // tried again with the next results, or at the end
            return;
        }
        detached->answered = detached->answered->next;
        drop_chunk(self, chunk, actions);
    }
    if (detached->is_too_large && !detached->is_ended) end_too_large(self, batch, actions);
}

// --- the end -----------------------------------------------------------------------------------

// Statistics are of no use any more, and large.
static void forget_stats(dc_core_t *self, dc_batch_t *batch)
{
    self->memory_bytes -= dc_batch_own_bytes(batch);
    free(batch->stats);
    batch->stats = NULL;
    self->memory_bytes += dc_batch_own_bytes(batch);
}

static void set_ended(dc_core_t *self, dc_batch_t *batch, dc_err_t error, dc_peer_t peer,
                      uint32_t handle, const char *json, dc_actions_t *actions)
{
    dc_detached_t *detached = batch->detached;
    dc_store_op_t *op = make_answered(DC_STORE_END, batch->number, peer, handle, json);
    if (!op) {
        log_short(batch, "end", actions); // it is seen again with the next tick that looks at it
        return;
    }
    detached->is_ended = true;
    detached->end_error = error;
    detached->end_date = dc_keep_date(self);
    dc_terms_set_deadline(self, batch, 0);
    forget_stats(self, batch);
    dc_needs_clear(self, batch);
    op->end.error = error;
    op->end.date = detached->end_date;
    dc_keep_put(self, &op, actions);
    // Behind the end, that it is not told of one which never was.
    dc_after_leave(self, batch, actions);
}

void dc_keep_see_end(dc_core_t *self, dc_batch_t *batch, dc_actions_t *actions)
{
    const dc_detached_t *detached = batch->detached;
    if (detached->is_ended || !detached->is_close_stored || batch->awaited_count) return;
    if (detached->stored_count < detached->entry_count) return;
    set_ended(self, batch, DC_OK, 0, 0, NULL, actions);
}

void dc_keep_end(dc_core_t *self, dc_batch_t *batch, dc_err_t error, dc_peer_t peer,
                 uint32_t handle, const char *json, dc_actions_t *actions)
{
    dc_actions_log(actions, DC_LOG_INFO, "batch ended batch=b%llu why=%s jobs=%llu",
                   (unsigned long long)batch->number, dc_err_name(error),
                   (unsigned long long)dc_batch_open_jobs(batch));
    batch->detached->answered = NULL;
    drop_packed(self, batch, actions);
    while (dc_batch_chunk_count(batch)) {
        dc_chunk_t *chunk = dc_batch_chunk(batch, dc_batch_chunk_count(batch) - 1);
        if (chunk->tray && !put_results(self, chunk, actions)) {
            log_short(batch, "result", actions);
        }
        drop_chunk(self, chunk, actions);
    }
    set_ended(self, batch, error, peer, handle, json, actions);
}

void dc_keep_terms(dc_core_t *self, dc_batch_t *batch, dc_peer_t peer, uint32_t handle,
                   const char *json, dc_actions_t *actions)
{
    dc_store_op_t *op = make_answered(DC_STORE_TERMS, batch->number, peer, handle, json);
    if (!op) {
        log_short(batch, "terms", actions);
        return;
    }
    op->terms.number = batch->detached->terms_count++;
    op->terms.level = batch->level;
    op->terms.is_held = batch->is_held;
    op->terms.deadline_date = dc_keep_date_of(self, batch->deadline_ms);
    dc_keep_put(self, &op, actions);
}

void dc_keep_put_met(dc_core_t *self, dc_batch_t *batch, uint32_t index, dc_actions_t *actions)
{
    dc_store_op_t *op = dc_store_op_new(DC_STORE_MET, batch->number);
    if (!op) {
        log_short(batch, "met", actions); // a later broker may wait in vain
        return;
    }
    op->met.index = index;
    dc_keep_put(self, &op, actions);
}

// --- deleting ----------------------------------------------------------------------------------

// Have the store forget batch `number`. False if memory is short.
static bool put_delete(dc_core_t *self, uint64_t number, dc_peer_t peer, uint32_t handle,
                       const char *json, dc_actions_t *actions)
{
    dc_store_op_t *op = make_answered(DC_STORE_DELETE, number, peer, handle, json);
    if (!op) return false;
    dc_deletion_begin(self, number);
    dc_keep_put(self, &op, actions);
    return true;
}

void dc_keep_delete(dc_core_t *self, dc_batch_t *batch, dc_peer_t peer, uint32_t handle,
                    const char *json, dc_actions_t *actions)
{
    batch->detached->is_deleted = put_delete(self, batch->number, peer, handle, json, actions);
    dc_sessions_drop(self, batch, actions);
}

void dc_keep_delete_again(dc_core_t *self, const dc_client_t *client, uint32_t handle,
                          uint64_t number, dc_actions_t *actions)
{
    if (self->pending_bytes > DC_STORE_PENDING_BYTES_MAX) {
        dc_refuse_for_now(client, handle, DC_ERR_BUSY, DC_STORE_RETRY_MS, actions,
                          "batch b%llu is being deleted, and the broker's disk lags: try again "
                          "later",
                          (unsigned long long)number);
    } else if (!put_delete(self, number, client->peer, handle, "", actions)) {
        dc_refuse(client, handle, DC_ERR_NOMEM, actions, "%s", dc_err_text(DC_ERR_NOMEM));
    }
}

void dc_keep_drop(dc_core_t *self, dc_batch_t *batch, dc_actions_t *actions)
{
    dc_detached_t *detached = batch->detached;
    detached->answered = NULL;
    dc_viewer_refuse_all(self, batch, actions);
    dc_submit_leave(self, batch);
    if (self->swept == batch) self->swept = batch->client_next;
    self->kept_count--;
    self->kept_bytes -= detached->bytes;
    if (detached->is_deleted || detached->is_damaged) return;
    // If not even that fits, the next broker finds it unfinished, or kept for long enough.
    if (put_delete(self, batch->number, 0, 0, NULL, actions)) return;
    log_short(batch, "delete", actions);
}

// --- the store's word --------------------------------------------------------------------------

static void note_result(dc_core_t *self, dc_batch_t *batch, const dc_store_op_t *op,
                        dc_actions_t *actions)
{
    dc_detached_t *detached = batch->detached;
    dc_entry_t *entry = dc_detached_find(detached, op->result.first);
    if (!entry || entry->is_stored) return;
    entry->is_stored = true;
    detached->stored_count++;
    dc_keep_see_end(self, batch, actions);
    dc_viewer_pump_all(self, batch, actions);
}

static void note_end(dc_core_t *self, dc_batch_t *batch, dc_actions_t *actions)
{
    batch->detached->is_end_stored = true;
    dc_viewer_pump_all(self, batch, actions);
}

// It did not fit, and is put again when there may be room.
static void try_later(dc_core_t *self, dc_store_op_t **op_p)
{
    count_pending(self, *op_p, 1);
    if (!self->unstored.first) self->retry_ms = self->now + DC_STORE_RETRY_MS;
    (*op_p)->error = DC_OK;
    dc_store_queue_push(&self->unstored, *op_p);
    *op_p = NULL;
}

void dc_keep_stored(dc_core_t *self, dc_store_op_t **op_p, dc_actions_t *actions)
{
    const dc_store_op_t *op = *op_p;
    dc_batch_t *batch = dc_keep_find(self, op->batch);
    bool is_of_use = batch || op->what == DC_STORE_DELETE;
    if (op->error != DC_OK && is_of_use) {
        try_later(self, op_p);
        return;
    }
    if (op->what == DC_STORE_DELETE) dc_deletion_end(self, op->batch);
    answer(self, op, actions);
    if (!batch) return;
    if (op->what == DC_STORE_RESULT) note_result(self, batch, op, actions);
    if (op->what == DC_STORE_END) note_end(self, batch, actions);
}

// --- time --------------------------------------------------------------------------------------

static void put_unstored(dc_core_t *self, dc_actions_t *actions)
{
    if (!self->unstored.first || self->now < self->retry_ms) return;
    dc_store_op_t *op;
    while ((op = dc_store_queue_pop(&self->unstored))) {
        if (op->what == DC_STORE_DELETE || dc_keep_find(self, op->batch)) {
            dc_actions_store(actions, &op); // it is counted still
        } else {
            count_pending(self, op, -1);
            dc_store_op_destroy(&op);
        }
    }
}

// See whether the time of `batch` is over, or whether something of it was left for lack of memory.
static void sweep(dc_core_t *self, dc_batch_t *batch, dc_actions_t *actions)
{
    const dc_detached_t *detached = batch->detached;
    bool is_orphan = !detached->is_close_put && !detached->submitter &&
                     self->now - batch->orphaned_ms >= self->settings.orphan_ms;
    if (is_orphan) {
        dc_submit_fail(self, batch, DC_ERR_CANCELLED, "its client is gone", actions);
    } else if (detached->is_end_stored && dc_keep_left_ms(self, batch) == 0) {
        dc_actions_log(actions, DC_LOG_INFO, "batch expired batch=b%llu",
                       (unsigned long long)batch->number);
        dc_sessions_drop(self, batch, actions);
    } else {
        dc_keep_see_end(self, batch, actions);
        dc_keep_put_answered(self, batch, actions);
    }
}

void dc_keep_tick(dc_core_t *self, dc_actions_t *actions)
{
    put_unstored(self, actions);
    for (unsigned i = 0; i < DC_STORE_SWEEP_MAX && self->keeper.batches; i++) {
        dc_batch_t *batch = self->swept ? self->swept : self->keeper.batches;
        self->swept = batch->client_next;
        sweep(self, batch, actions);
        if (!self->swept) break; // once around
    }
}
