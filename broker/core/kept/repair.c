#include "broker/core/kept/repair.h"

#include "broker/core/clients/deliver.h"
#include "broker/core/clients/viewer.h"
#include "broker/core/jobs/ledger.h"
#include "broker/core/kept/keep.h"
#include "broker/core/kept/pending.h"

// --- what is lost ------------------------------------------------------------------------------

static void log_damaged(const dc_batch_t *batch, const dc_entry_t *entry, const char *what,
                        dc_actions_t *actions)
{
    dc_actions_log(actions, DC_LOG_ERROR, "store damaged batch=b%llu jobs=[%llu,%llu) %s",
                   (unsigned long long)batch->number, (unsigned long long)entry->first,
                   (unsigned long long)entry->first + entry->count, what);
}

// From now on each of its jobs has failed.
static void set_lost(dc_core_t *self, dc_batch_t *batch, dc_entry_t *entry, const char *why,
                     dc_actions_t *actions)
{
    log_damaged(batch, entry, why, actions);
    entry->is_lost = true;
    batch->failed_count += entry->answered - entry->failed;
    entry->failed = (uint16_t)entry->answered;
    dc_viewer_restart(self, batch, entry->first, DC_VIEWER_SPOILED, actions);
}

void dc_repair_inputs(const dc_batch_t *batch, dc_entry_t *entry, dc_actions_t *actions)
{
    if (!entry->is_blank) {
        log_damaged(batch, entry, "what=inputs: whoever wants them with the results has faults",
                    actions);
    }
    entry->is_blank = true;
}

void dc_repair_put_blank(const dc_entry_t *entry, dc_buf_t *out)
{
    size_t bytes = entry->width ? (size_t)entry->width * entry->count : entry->count;
    bool is_record = entry->flags & DC_CHUNK_RECORD;
    for (size_t i = 0; i < bytes && !is_record; i++) {
        dc_buf_append_char(out, entry->width ? '\0' : '\n');
    }
}

static void explain(dc_diag_t *diag)
{
    dc_diag_set(diag, DC_ERR_DAMAGED, 0, 0,
                "the disk of the broker's store has spoiled the job, or its result");
}

uint32_t dc_repair_put_faults(const dc_batch_t *batch, const dc_entry_t *entry, dc_buf_t *out)
{
    dc_diag_t diag;
    explain(&diag);
    return dc_deliver_put_failures(batch, entry->first, entry->count, &diag, out);
}

// --- once more ---------------------------------------------------------------------------------

// Why results of `entry` that were read with `error` cannot be computed again; NULL if they can.
static const char *why_lost(const dc_batch_t *batch, const dc_entry_t *entry, dc_err_t error)
{
    const dc_detached_t *detached = batch->detached;
    // Of such a row SQLite can neither delete what there is nor put other results in its place.
    if (error == DC_ERR_IO)
        return "what=results: they are lost, since what is in their place cannot be replaced";
    if (entry->needs_bytes)
        return "what=results: they are lost, since they need those of other jobs";
    if (detached->is_ended && detached->end_error != DC_OK)
        return "what=results: they are lost, since the batch was ended before its time";
    return NULL;
}

void dc_repair_results(dc_core_t *self, dc_batch_t *batch, dc_entry_t *entry, dc_err_t error,
                       dc_actions_t *actions)
{
    const dc_detached_t *detached = batch->detached;
    bool is_under_way = detached->is_ended && !detached->is_end_stored;
    if (entry->is_asked || entry->is_lost || !entry->is_stored || is_under_way) return;
    const char *why = why_lost(batch, entry, error);
    if (why) {
        set_lost(self, batch, entry, why, actions);
        return;
    }
    dc_store_op_t *op = dc_store_op_new(DC_STORE_READ, batch->number);
    if (!op) return; // whoever reads them next sees it again
    log_damaged(batch, entry, "what=results: they are computed again", actions);
    op->read.chunk = entry->number;
    op->read.first = entry->first;
    op->read.bytes_max = op->read.expected = entry->input_bytes;
    self->reading_bytes += op->read.expected;
    entry->is_asked = true;
    dc_pending_put(self, &op, actions);
}

// The entry of chunk `number` in the store; NULL if there is none.
static dc_entry_t *find_number(const dc_detached_t *detached, uint32_t number)
{
    for (size_t i = 0; i < detached->entry_count; i++) {
        if (detached->entries[i].number == number) return &detached->entries[i];
    }
    return NULL;
}

void dc_repair_in_vain(dc_core_t *self, dc_batch_t *batch, const dc_store_op_t *op,
                       dc_actions_t *actions)
{
    bool is_result = op->what == DC_STORE_RESULT;
    uint32_t number = is_result ? op->result.chunk : op->spoiled.chunk;
    dc_entry_t *entry = find_number(batch->detached, number);
    if (!entry || entry->is_lost) return;
    set_lost(self, batch, entry, why_lost(batch, entry, DC_ERR_IO), actions);
}

// The chunk of `entry` is to be computed, whose results count no more. False if memory is short.
static bool add_chunk(dc_core_t *self, dc_batch_t *batch, const dc_entry_t *entry,
                      const dc_slice_t *inputs)
{
    // Whoever needed its results has ended, or has them.
    uint8_t flags = entry->flags & (uint8_t)~DC_CHUNK_NEEDED;
    dc_chunk_t *chunk =
        dc_chunk_new(&self->pools, batch, entry->first, entry->count, entry->width, flags, inputs);
    if (!chunk) return false;
    if (dc_ledger_add_chunk(self, chunk)) return true;
    dc_chunk_destroy(&chunk, &self->pools);
    return false;
}

// Jobs of `entry` are not over. False if memory is short.
static bool remove_over(dc_core_t *self, dc_batch_t *batch, const dc_entry_t *entry)
{
    self->memory_bytes -= dc_batch_own_bytes(batch);
    bool is_removed = dc_ranges_remove(&batch->over, entry->first, entry->first + entry->count);
    self->memory_bytes += dc_batch_own_bytes(batch);
    return is_removed;
}

static void uncount(dc_core_t *self, dc_batch_t *batch, dc_entry_t *entry)
{
    dc_detached_t *detached = batch->detached;
    detached->stored_count--;
    detached->answered_jobs -= entry->answered;
    dc_keep_count_bytes(self, detached, UINT64_C(0) - entry->result_bytes);
    batch->failed_count -= dc_min_u64(batch->failed_count, entry->failed);
    entry->is_put = entry->is_stored = false;
    entry->answered = entry->result_bytes = 0;
    entry->failed = 0;
}

static bool compute_again(dc_core_t *self, dc_batch_t *batch, dc_entry_t *entry,
                          const dc_slice_t *inputs, dc_actions_t *actions)
{
    dc_store_op_t *op = dc_store_op_new(DC_STORE_SPOILED, batch->number);
    if (!op) return false;
    op->spoiled.chunk = entry->number;
    if (!remove_over(self, batch, entry) || !add_chunk(self, batch, entry, inputs)) {
        dc_store_op_destroy(&op);
        return false;
    }
    dc_detached_t *detached = batch->detached;
    detached->is_ended = detached->is_end_stored = false;
    detached->end_date = 0;
    uncount(self, batch, entry);
    dc_viewer_restart(self, batch, entry->first, DC_VIEWER_SPOILED, actions);
    dc_pending_put(self, &op, actions);
    return true;
}

void dc_repair_read(dc_core_t *self, const dc_store_op_t *op, dc_actions_t *actions)
{
    self->reading_bytes -= op->read.expected;
    dc_batch_t *batch = dc_keep_find(self, op->batch);
    dc_entry_t *entry = batch ? dc_detached_find(batch->detached, op->read.first) : NULL;
    if (!entry || !entry->is_asked) return;
    entry->is_asked = false;
    const char *why = why_lost(batch, entry, DC_OK);
    if (op->error == DC_ERR_NOMEM || op->error == DC_ERR_STORE_LOCKED) return;
    if (op->error != DC_OK) {
        set_lost(self, batch, entry,
                 "what=results: they are lost, since the inputs are damaged too", actions);
    } else if (why) {
        set_lost(self, batch, entry, why, actions);
    } else if (!compute_again(self, batch, entry, &op->data, actions)) {
        dc_pending_log_short(batch, "results, again", actions);
    }
}

// --- found -------------------------------------------------------------------------------------

dc_err_t dc_repair_enter_lost(dc_core_t *self, dc_batch_t *batch, const dc_entry_t *entry,
                              dc_actions_t *actions)
{
    dc_diag_t diag;
    dc_buf_t blank = { 0 };
    dc_repair_put_blank(entry, &blank);
    dc_slice_t data = { NULL, dc_buf_str(&blank) };
    bool is_entered = !blank.failed && dc_keep_add_entry(self, batch, entry);
    dc_chunk_t *chunk = is_entered ? dc_chunk_new(&self->pools, batch, entry->first, entry->count,
                                                  entry->width, entry->flags, &data)
                                   : NULL;
    dc_buf_fini(&blank);
    if (!chunk) return DC_ERR_NOMEM;
    if (!dc_ledger_add_chunk(self, chunk)) {
        dc_chunk_destroy(&chunk, &self->pools);
        return DC_ERR_NOMEM;
    }
    log_damaged(batch, entry, "what=inputs: its jobs are lost", actions);
    explain(&diag);
    uint64_t end = entry->first + entry->count;
    for (uint64_t index = entry->first; index < end; index++) {
        dc_deliver_failure(self, chunk, index, &diag, actions);
    }
    dc_deliver_end(self, batch, actions);
    return DC_OK;
}
