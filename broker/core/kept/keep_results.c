#include "broker/core/kept/keep_results.h"

#include <stdlib.h>

#include "broker/core/jobs/ledger.h"
#include "broker/core/jobs/needs.h"
#include "broker/core/jobs/packed.h"
#include "broker/core/jobs/pieces.h"
#include "broker/core/kept/keep.h"
#include "broker/core/kept/pending.h"
#include "broker/core/kept/tray.h"
#include "broker/core/schedule/after.h"
#include "broker/core/schedule/terms.h"

// --- results -----------------------------------------------------------------------------------

bool dc_keep_results_add(dc_core_t *self, dc_chunk_t *chunk, const dc_results_t *results,
                         const dc_ranges_t *fresh, dc_actions_t *actions)
{
    dc_detached_t *detached = chunk->batch->detached;
    size_t more = dc_pieces_bytes(results, fresh);
    if (!chunk->tray) chunk->tray = calloc(1, sizeof *chunk->tray);
    if (!chunk->tray) return false;
    chunk->tray->chunk = chunk;
    dc_pieces_put(&chunk->tray->pieces, results, fresh);
    if (chunk->tray->pieces.failed) return false;
    chunk->tray->jobs += (uint32_t)fresh->count;
    chunk->held_bytes += more;
    self->memory_bytes += more;
    // What cannot be let go now, as memory is short for that, can be when the chunk is answered.
    if (!dc_tray_see(self, chunk, actions)) dc_pending_log_short(chunk->batch, "tray", actions);
    if (dc_chunk_is_answered(chunk)) LL_PREPEND(detached->answered, chunk->tray);
    return true;
}

// Does nobody wait for what is put for `batch`?
static bool is_unwatched(const dc_batch_t *batch)
{
    return !batch->detached->viewers && !batch->waiters;
}

static void count_put(dc_core_t *self, dc_detached_t *detached, const dc_entry_t *entry)
{
    detached->answered_jobs += entry->answered;
    dc_keep_count_bytes(self, detached, entry->result_bytes);
}

// The results of `chunk`, so far as there are any. False if memory is short.
static bool put_results(dc_core_t *self, dc_chunk_t *chunk, dc_actions_t *actions)
{
    if (!dc_tray_close(self, chunk, actions)) return false;
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
    op->result.failed = entry->failed = (uint16_t)chunk->failed_count;
    if (is_unwatched(chunk->batch) && entry->result_bytes <= DC_STORE_PATIENT_BYTES) {
        op->patience_ms = DC_STORE_RESULT_PATIENCE_MS;
    }
    count_put(self, detached, entry);
    dc_pending_put(self, &op, actions);
    return true;
}

// Jobs [first, end) are over. False if memory is short.
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
    bool is_over = add_over(self, batch, first, dc_chunk_end(chunk));
    if (!is_over) dc_pending_log_short(batch, "over", actions);
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
    if (!is_over) dc_pending_log_short(batch, "over", actions);
    dc_packed_drop(self, batch);
}

bool dc_keep_results_found(dc_core_t *self, dc_batch_t *batch, const dc_entry_t *entry)
{
    dc_detached_t *detached = batch->detached;
    detached->stored_count++;
    count_put(self, detached, entry);
    return add_over(self, batch, entry->first, entry->first + entry->count);
}

void dc_keep_results_put(dc_core_t *self, dc_batch_t *batch, dc_actions_t *actions)
{
    dc_detached_t *detached = batch->detached;
    while (detached->answered) {
        dc_chunk_t *chunk = detached->answered->chunk;
        if (!put_results(self, chunk, actions)) {
            // Tried again with the next results, or at the end.
            dc_pending_log_short(batch, "result", actions);
            return;
        }
        detached->answered = detached->answered->next;
        drop_chunk(self, chunk, actions);
    }
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
    dc_store_op_t *op = dc_pending_make(DC_STORE_END, batch->number, peer, handle, json);
    if (!op) {
        // It is seen again with the next tick that looks at it.
        dc_pending_log_short(batch, "end", actions);
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
    if (!peer && is_unwatched(batch)) op->patience_ms = DC_STORE_END_PATIENCE_MS;
    dc_pending_put(self, &op, actions);
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
            dc_pending_log_short(batch, "result", actions);
        }
        drop_chunk(self, chunk, actions);
    }
    set_ended(self, batch, error, peer, handle, json, actions);
}
