#include "broker/core/kept/keep.h"

#include "broker/core/clients/refuse.h"
#include "broker/core/clients/sessions.h"
#include "broker/core/clients/viewer.h"
#include "broker/core/jobs/ledger.h"
#include "broker/core/jobs/needs.h"
#include "broker/core/jobs/packed.h"
#include "broker/core/kept/deletion.h"
#include "broker/core/kept/keep_results.h"
#include "broker/core/kept/pending.h"
#include "broker/core/kept/repair.h"
#include "broker/core/kept/submit.h"
#include "broker/core/schedule/turns.h"

// --- dates -------------------------------------------------------------------------------------

uint64_t dc_keep_date(const dc_core_t *self)
{
    return self->step_ms + self->settings.date_ms;
}

uint64_t dc_keep_date_of(const dc_core_t *self, dc_ms_t ms)
{
    return ms ? ms + self->settings.date_ms : 0;
}

uint64_t dc_keep_left_ms(const dc_core_t *self, const dc_batch_t *batch)
{
    uint64_t end;
    const dc_detached_t *detached = batch->detached;
    if (__builtin_add_overflow(detached->end_date, detached->keep_ms, &end)) return UINT64_MAX;
    uint64_t date = dc_keep_date(self);
    return end > date ? end - date : 0;
}

// --- what cannot be stored ---------------------------------------------------------------------

const char *dc_keep_error_text(const dc_core_t *self, const dc_batch_t *batch, dc_err_t error)
{
    if (error == DC_ERR_STORE_LOCKED)
        return "the broker's store is locked by another program: it has to be left alone";
    if (error == DC_ERR_DAMAGED)
        return "a page of the broker's store is lost, without which it cannot be stored";
    bool is_kept = batch && batch->detached;
    if (self->kept_count > is_kept)
        return "the disk of the broker's store is full: delete batches, or make room on it";
    return "the disk of the broker's store is full: make room on it";
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

void dc_keep_count_bytes(dc_core_t *self, dc_detached_t *detached, uint64_t bytes)
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
    if (is_added) dc_keep_count_bytes(self, detached, bytes);
    return is_added;
}

// A chunk that needs results of others, or is needed.
static dc_err_t add_entangled(dc_core_t *self, dc_batch_t *batch, const dc_entry_t *entry,
                              const dc_slice_t *data, dc_str_t pairs, dc_diag_t *diag)
{
    dc_chunk_t *chunk = dc_chunk_new(&self->pools, batch, entry->first, entry->count, entry->width,
                                     entry->flags, data);
    if (!chunk) return dc_diag_set_no_memory(diag);
    chunk->is_waiting = pairs.len || batch->awaited_count;
    if (dc_ledger_add_chunk(self, chunk)) return dc_needs_enter(self, chunk, pairs, diag);
    dc_chunk_destroy(&chunk, &self->pools);
    return dc_diag_set_no_memory(diag);
}

dc_err_t dc_keep_add_chunk(dc_core_t *self, dc_batch_t *batch, const dc_entry_t *entry,
                           const dc_slice_t *data, dc_str_t pairs, dc_diag_t *diag)
{
    if (!dc_keep_add_entry(self, batch, entry)) return dc_diag_set_no_memory(diag);
    if (pairs.len || entry->flags & DC_CHUNK_NEEDED) {
        return add_entangled(self, batch, entry, data, pairs, diag);
    }
    dc_packed_t chunk = { .first = entry->first,
                          .count = entry->count,
                          .width = entry->width,
                          .flags = entry->flags,
                          .data = *data };
    return dc_packed_take(self, batch, &chunk) ? DC_OK : dc_diag_set_no_memory(diag);
}

// --- what may change ---------------------------------------------------------------------------

void dc_keep_terms(dc_core_t *self, dc_batch_t *batch, dc_peer_t peer, uint32_t handle,
                   const char *json, dc_actions_t *actions)
{
    dc_store_op_t *op = dc_pending_make(DC_STORE_TERMS, batch->number, peer, handle, json);
    if (!op) {
        dc_pending_log_short(batch, "terms", actions);
        return;
    }
    op->terms.number = batch->detached->terms_count++;
    op->terms.level = batch->level;
    op->terms.is_held = batch->is_held;
    op->terms.deadline_date = dc_keep_date_of(self, batch->deadline_ms);
    dc_pending_put(self, &op, actions);
}

void dc_keep_put_met(dc_core_t *self, dc_batch_t *batch, uint32_t index, dc_actions_t *actions)
{
    dc_store_op_t *op = dc_store_op_new(DC_STORE_MET, batch->number);
    if (!op) {
        dc_pending_log_short(batch, "met", actions); // a later broker may wait in vain
        return;
    }
    op->met.index = index;
    dc_pending_put(self, &op, actions);
}

// --- deleting ----------------------------------------------------------------------------------

// Have the store forget batch `number`. False if memory is short.
static bool put_delete(dc_core_t *self, uint64_t number, dc_peer_t peer, uint32_t handle,
                       const char *json, dc_actions_t *actions)
{
    dc_store_op_t *op = dc_pending_make(DC_STORE_DELETE, number, peer, handle, json);
    if (!op) return false;
    dc_deletion_begin(self, number);
    dc_pending_put(self, &op, actions);
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
        dc_refuse_no_memory(client, handle, actions);
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
    dc_pending_log_short(batch, "delete", actions);
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
    // Unless results of it are computed again, which were damaged.
    if (!batch->detached->is_ended) return;
    batch->detached->is_end_stored = true;
    dc_viewer_pump_all(self, batch, actions);
}

// A page of the store is lost that this would have changed, and will not be there the next time:
// the batch is left out, and its rows stay as they are. Whoever mends the file has it again.
static void leave_out(dc_core_t *self, dc_batch_t *batch, const dc_store_op_t *op,
                      dc_actions_t *actions)
{
    bool is_deletion = op->what == DC_STORE_DELETE;
    dc_pending_answer(self, op, actions);
    if (is_deletion) dc_deletion_end(self, op->batch);
    if (!batch && !is_deletion) return;
    dc_actions_log(
        actions, DC_LOG_ERROR,
        "store damaged batch=b%llu what=%s why=a page of the file is lost that it needs: %s",
        (unsigned long long)op->batch, dc_store_op_name(op->what),
        is_deletion ? "its rows stay" : "it is left out, as long as the file is so");
    if (!batch) return;
    batch->detached->is_damaged = true;
    dc_sessions_drop(self, batch, actions);
}

void dc_keep_stored(dc_core_t *self, dc_store_op_t **op_p, dc_actions_t *actions)
{
    const dc_store_op_t *op = *op_p;
    dc_batch_t *batch = dc_keep_find(self, op->batch);
    bool is_of_use = batch || op->what == DC_STORE_DELETE;
    bool is_of_results = op->what == DC_STORE_RESULT || op->what == DC_STORE_SPOILED;
    if (op->error == DC_ERR_DAMAGED && is_of_results && batch) {
        dc_repair_in_vain(self, batch, op, actions);
    } else if (op->error == DC_ERR_DAMAGED) {
        leave_out(self, batch, op, actions);
        return;
    } else if (op->error != DC_OK && is_of_use) {
        dc_pending_put_later(self, op_p);
        return;
    }
    if (op->what == DC_STORE_DELETE) dc_deletion_end(self, op->batch);
    dc_pending_answer(self, op, actions);
    if (!batch) return;
    if (op->what == DC_STORE_RESULT) note_result(self, batch, op, actions);
    if (op->what == DC_STORE_END) note_end(self, batch, actions);
}

// --- time --------------------------------------------------------------------------------------

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
        dc_keep_results_put(self, batch, actions);
    }
}

void dc_keep_tick(dc_core_t *self, dc_actions_t *actions)
{
    dc_pending_tick(self, actions);
    for (unsigned i = 0; i < DC_STORE_SWEEP_MAX && self->keeper.batches; i++) {
        dc_batch_t *batch = self->swept ? self->swept : self->keeper.batches;
        self->swept = batch->client_next;
        sweep(self, batch, actions);
        if (!self->swept) break; // once around
    }
}
