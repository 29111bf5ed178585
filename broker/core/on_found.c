#include "broker/core/on_found.h"

#include "broker/core/jobs/needs.h"
#include "broker/core/kept/flaw.h"
#include "broker/core/kept/keep.h"
#include "broker/core/kept/keep_results.h"
#include "broker/core/kept/recovery.h"
#include "broker/core/kept/repair.h"
#include "broker/core/schedule/after.h"
#include "broker/core/schedule/lanes.h"
#include "broker/core/schedule/terms.h"
#include "broker/core/schedule/turns.h"

// The date as the core's clock would say it; what has passed is due at once.
static uint64_t ms_until(const dc_core_t *self, uint64_t date)
{
    uint64_t now = dc_keep_date(self);
    return date == 0 ? 0 : date > now ? date - now : 1;
}

static uint8_t valid_level(uint8_t level)
{
    return level < DC_LEVELS ? level : DC_LEVELS - 1;
}

static bool found_batch(dc_core_t *self, const dc_store_op_t *op)
{
    dc_batch_t *batch = dc_batch_new(&self->pools, &op->program);
    if (batch) batch->detached = dc_detached_new(batch);
    if (batch) batch->lane = dc_lanes_use(self, dc_str_from(op->opened.tag));
    if (!batch || !batch->detached || !batch->lane) goto failed;
    batch->key = op->opened.key;
    batch->flags = op->opened.flags;
    batch->retries = op->opened.retries;
    batch->level = valid_level(op->opened.level);
    batch->is_held = op->opened.is_held;
    batch->timeout_ms = op->opened.timeout_ms;
    batch->steps_max = op->opened.steps_max;
    memcpy(batch->name, op->data.bytes.data ? op->data.bytes.data : "",
           dc_min_size(op->data.bytes.len, DC_NAME_BYTES_MAX));
    batch->detached->keep_ms = op->opened.keep_ms;
    batch->detached->opened_date = op->opened.opened_date;
    if (!dc_keep_register(self, batch, op->batch)) goto failed;
    dc_terms_set_deadline(self, batch, ms_until(self, op->opened.deadline_date));
    return dc_after_restore(self, batch, op->awaited.bytes);

failed:
    if (batch && batch->lane) dc_lanes_drop(self, batch->lane);
    dc_batch_destroy(&batch);
    return false;
}

// A small row of `batch` is damaged, which goes on without it.
static void log_small(const dc_batch_t *batch, const char *what, dc_actions_t *actions)
{
    dc_actions_log(actions, DC_LOG_ERROR, "store damaged batch=b%llu what=%s",
                   (unsigned long long)batch->number, what);
}

// Those that are damaged may have lifted the deadline that was set before, which would end what may
// still be wanted.
static bool found_terms(dc_core_t *self, dc_batch_t *batch, const dc_store_op_t *op,
                        dc_actions_t *actions)
{
    uint64_t deadline_date = op->error == DC_OK ? op->terms.deadline_date : 0;
    batch->detached->terms_count = op->terms.number + 1;
    if (op->error != DC_OK) {
        log_small(batch, "terms: it has those that it had before, and no deadline", actions);
    }
    dc_terms_set_deadline(self, batch, ms_until(self, deadline_date));
    if (!op->terms.is_known) return true;
    batch->is_held = op->terms.is_held;
    return dc_turns_move(self, batch, valid_level(op->terms.level));
}

static void found_met(dc_batch_t *batch, const dc_store_op_t *op, dc_actions_t *actions)
{
    if (op->error == DC_OK) {
        dc_after_found_met(batch, op->met.index);
        return;
    }
    if (!batch->detached->is_met_lost) {
        log_small(batch, "end of one that it comes after: none that is gone is waited for",
                  actions);
    }
    batch->detached->is_met_lost = true;
}

// One that is damaged is as good as none, since it may be another's: what has no results is
// computed, and what has ended ends again, and is kept from then on.
static void found_end(dc_core_t *self, dc_batch_t *batch, const dc_store_op_t *op,
                      dc_actions_t *actions)
{
    if (op->error != DC_OK) {
        log_small(batch, "end: what has no results is computed", actions);
        return;
    }
    dc_detached_t *detached = batch->detached;
    detached->is_ended = detached->is_end_stored = true;
    detached->end_error = op->end.error;
    detached->end_date = op->end.date;
    dc_terms_set_deadline(self, batch, 0);
    // What has ended well was closed. Where that row is lost, it must not be taken for what a dead
    // client has left, when results of it are computed again.
    if (op->end.error == DC_OK && !detached->is_close_put) {
        detached->is_close_put = detached->is_close_stored = detached->is_count_lost = true;
    }
}

// It is closed, in so far as results are forgotten that nobody needs, when all of it is here.
static void found_close(dc_batch_t *batch, const dc_store_op_t *op)
{
    dc_detached_t *detached = batch->detached;
    detached->is_close_put = detached->is_close_stored = true;
    detached->is_count_lost = op->error != DC_OK;
    detached->is_count_certain = op->close.is_certain;
    batch->jobs = op->close.jobs;
}

static bool found_result(dc_core_t *self, dc_batch_t *batch, const dc_store_op_t *op,
                         dc_actions_t *actions)
{
    dc_detached_t *detached = batch->detached;
    dc_entry_t *entry = dc_detached_find(detached, op->result.first);
    if (!entry) return true;
    bool is_spoiled = op->error != DC_OK;
    const char *flaw = is_spoiled ? NULL : dc_flaw_of_result(entry, op);
    if (flaw) {
        dc_flaw_leave_out(batch, op, flaw, actions);
        return true;
    }
    entry->is_put = entry->is_stored = true;
    // Of a batch that has ended; whoever reads them sees that they are damaged.
    entry->answered = is_spoiled ? entry->count : (uint32_t)op->result.answered;
    entry->failed = is_spoiled ? 0 : (uint16_t)op->result.failed;
    entry->result_bytes = is_spoiled ? 1 : (uint32_t)op->result.bytes;
    batch->failed_count += entry->failed;
    // Results of some of its jobs are put when the batch ends before its time, and never else.
    detached->is_cut |= !detached->is_ended && entry->answered < entry->count;
    if (!dc_keep_results_found(self, batch, entry)) return false;
    dc_err_t err = detached->is_ended ? DC_OK : dc_needs_found_results(self, batch, op->data);
    if (err == DC_ERR_IO)
        dc_flaw_leave_out(batch, op, "results that others need are damaged", actions);
    return err != DC_ERR_NOMEM;
}

// A chunk of a batch that has ended has no results. Unless that was before its time it had some:
// they are as good as damaged.
static bool found_none(dc_core_t *self, dc_batch_t *batch, const dc_entry_t *entry,
                       dc_actions_t *actions)
{
    dc_store_op_t op = { .what = DC_STORE_RESULT,
                         .error = DC_ERR_DAMAGED,
                         .batch = batch->number,
                         .result = { .chunk = entry->number, .first = entry->first } };
    return batch->detached->end_error != DC_OK || found_result(self, batch, &op, actions);
}

static bool found_chunk(dc_core_t *self, dc_batch_t *batch, const dc_store_op_t *op,
                        dc_actions_t *actions)
{
    dc_detached_t *detached = batch->detached;
    const char *flaw = dc_flaw_of_chunk(detached, op);
    if (flaw) {
        dc_flaw_leave_out(batch, op, flaw, actions);
        return true;
    }
    dc_entry_t entry = {
        .first = op->chunk.first,
        .count = op->chunk.count,
        .number = op->chunk.number,
        .width = op->chunk.width,
        .input_bytes = (uint32_t)op->chunk.bytes,
        .needs_bytes = (uint32_t)op->awaited.bytes.len,
        .flags = op->chunk.flags,
        .is_committed = true,
    };
    dc_detached_count_digest(detached, op);
    if (op->chunk.is_spoiled) {
        dc_actions_log(actions, DC_LOG_ERROR,
                       "store damaged batch=b%llu jobs=[%llu,%llu) what=results: they are computed "
                       "again",
                       (unsigned long long)op->batch, (unsigned long long)entry.first,
                       (unsigned long long)entry.first + entry.count);
    }
    if (op->chunk.is_lost) return dc_repair_enter_lost(self, batch, &entry, actions) == DC_OK;
    if (!detached->is_ended && !op->chunk.has_result) {
        dc_diag_t diag;
        dc_err_t err = dc_keep_add_chunk(self, batch, &entry, &op->data, op->awaited.bytes, &diag);
        detached->is_broken |= err == DC_ERR_PROTOCOL;
        return err != DC_ERR_NOMEM;
    }
    if (!dc_keep_add_entry(self, batch, &entry)) return false;
    if (detached->is_ended) return op->chunk.has_result || found_none(self, batch, &entry, actions);
    return !(entry.flags & DC_CHUNK_NEEDED) ||
           dc_needs_found_sources(self, batch, entry.first, entry.first + entry.count);
}

static bool found_of_batch(dc_core_t *self, const dc_store_op_t *op, dc_actions_t *actions)
{
    dc_batch_t *batch = dc_keep_find(self, op->batch);
    // A row that the store left behind, or of one that is left out.
    if (!batch || batch->detached->is_damaged) return true;
    switch (op->what) {
    case DC_STORE_CLOSE: found_close(batch, op); break;
    case DC_STORE_TERMS: return found_terms(self, batch, op, actions);
    case DC_STORE_MET: found_met(batch, op, actions); break;
    case DC_STORE_END: found_end(self, batch, op, actions); break;
    case DC_STORE_CHUNK: return found_chunk(self, batch, op, actions);
    case DC_STORE_RESULT: return found_result(self, batch, op, actions);
    case DC_STORE_BATCH:
    case DC_STORE_SPOILED:
    case DC_STORE_DELETE:
    case DC_STORE_NUMBERS:
    case DC_STORE_READ: break; // of no batch, or not kept
    }
    return true;
}

// Something is damaged that is of no batch that is there: neither is anything lost of one.
static void log_flaw(const dc_store_op_t *op, dc_actions_t *actions)
{
    const char *what = op->what == DC_STORE_NUMBERS
                           ? "numbers that were given: it goes on behind this one"
                       : op->what == DC_STORE_DELETE ? "which batch is deleted: rows of it stay"
                                                     : "rows of a batch that is not there";
    dc_actions_log(actions, DC_LOG_ERROR, "store damaged batch=b%llu what=%s",
                   (unsigned long long)op->batch, what);
}

static bool is_flaw(const dc_core_t *self, const dc_store_op_t *op)
{
    if (op->what == DC_STORE_NUMBERS || op->what == DC_STORE_DELETE) return true;
    return op->what == DC_STORE_END && op->error != DC_OK && !self->keeper.batches;
}

bool dc_on_found(dc_core_t *self, const dc_store_op_t *op, dc_actions_t *actions)
{
    if (!op) {
        dc_recovery_end(self, actions);
        return true;
    }
    if (is_flaw(self, op)) {
        log_flaw(op, actions);
        return true;
    }
    if (op->what != DC_STORE_BATCH) return found_of_batch(self, op, actions);
    dc_recovery_close_last(self, actions);
    const char *flaw = dc_flaw_of_batch(op);
    if (flaw) {
        dc_flaw_log(op, flaw, actions);
        return true;
    }
    return found_batch(self, op);
}
