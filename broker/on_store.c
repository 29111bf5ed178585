#include "broker/on_store.h"

#include "broker/keep.h"
#include "broker/lanes.h"
#include "broker/sessions.h"
#include "broker/submit.h"
#include "broker/terms.h"
#include "broker/turns.h"
#include "broker/viewer.h"

void dc_on_stored(dc_core_t *self, dc_store_op_t **op_p, dc_actions_t *actions)
{
    dc_keep_count_back(self, *op_p);
    switch ((*op_p)->what) {
    case DC_STORE_BATCH:
    case DC_STORE_CHUNK:
    case DC_STORE_CLOSE: dc_submit_stored(self, *op_p, actions); break;
    case DC_STORE_TERMS:
    case DC_STORE_RESULT:
    case DC_STORE_END:
    case DC_STORE_DELETE: dc_keep_stored(self, op_p, actions); break;
    case DC_STORE_READ: dc_viewer_read(self, *op_p, actions); break;
    }
}

// --- what a former broker left -----------------------------------------------------------------

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
    return true;

failed:
    if (batch && batch->lane) dc_lanes_drop(self, batch->lane);
    dc_batch_destroy(&batch);
    return false;
}

static bool found_terms(dc_core_t *self, dc_batch_t *batch, const dc_store_op_t *op)
{
    batch->detached->terms_count = op->terms.number + 1;
    batch->is_held = op->terms.is_held;
    dc_terms_set_deadline(self, batch, ms_until(self, op->terms.deadline_date));
    return dc_turns_move(self, batch, valid_level(op->terms.level));
}

static void found_end(dc_core_t *self, dc_batch_t *batch, const dc_store_op_t *op)
{
    dc_detached_t *detached = batch->detached;
    detached->is_ended = detached->is_end_stored = true;
    detached->end_error = op->end.error;
    detached->end_date = op->end.date;
    dc_terms_set_deadline(self, batch, 0);
}

static void found_close(dc_batch_t *batch, const dc_store_op_t *op)
{
    dc_detached_t *detached = batch->detached;
    batch->is_closed = detached->is_close_put = detached->is_close_stored = true;
    batch->jobs = op->close.jobs;
}

static bool found_chunk(dc_core_t *self, dc_batch_t *batch, const dc_store_op_t *op)
{
    const dc_detached_t *detached = batch->detached;
    dc_entry_t entry = {
        .first = op->chunk.first,
        .count = op->chunk.count,
        .number = op->chunk.number,
        .width = op->chunk.width,
        .input_bytes = (uint32_t)op->chunk.bytes,
        .flags = op->chunk.flags,
        .is_committed = true,
    };
    // Where there are results no inputs come, save those that have no bytes.
    bool is_open = !detached->is_ended && op->data.bytes.len == op->chunk.bytes;
    return is_open ? dc_keep_add_chunk(self, batch, &entry, &op->data)
                   : dc_keep_add_entry(self, batch, &entry);
}

static bool found_result(dc_core_t *self, dc_batch_t *batch, const dc_store_op_t *op,
                         dc_actions_t *actions)
{
    dc_entry_t *entry = dc_detached_find(batch->detached, op->result.first);
    if (!entry) return true;
    entry->is_put = entry->is_stored = true;
    entry->answered = (uint32_t)op->result.answered;
    entry->result_bytes = (uint32_t)op->result.bytes;
    batch->failed_count += op->result.failed;
    return dc_keep_found_result(self, batch, entry, actions);
}

static void found_all(dc_core_t *self, dc_actions_t *actions)
{
    dc_batch_t *batch, *following;
    DL_FOREACH_SAFE2(self->keeper.batches, batch, following, client_next)
    {
        const dc_detached_t *detached = batch->detached;
        // A chunk did not fit, and the broker died before it could say so: nobody was told that
        // the batch is safe.
        if (detached->is_close_put && !dc_detached_is_whole(detached, batch->jobs)) {
            dc_sessions_drop(self, batch, actions);
        } else {
            dc_keep_see_end(self, batch, actions);
        }
    }
    dc_actions_log(actions, DC_LOG_INFO, "store read batches=%llu jobs_waiting=%llu",
                   (unsigned long long)self->kept_count, (unsigned long long)self->ready_count);
}

static bool found_of_batch(dc_core_t *self, const dc_store_op_t *op, dc_actions_t *actions)
{
    dc_batch_t *batch = dc_keep_find(self, op->batch);
    if (!batch) return true; // a row that the store left behind
    switch ((int)op->what) {
    case DC_STORE_CLOSE: found_close(batch, op); break;
    case DC_STORE_TERMS: return found_terms(self, batch, op);
    case DC_STORE_END: found_end(self, batch, op); break;
    case DC_STORE_CHUNK: return found_chunk(self, batch, op);
    case DC_STORE_RESULT: return found_result(self, batch, op, actions);
    default: break; // the others are not kept
    }
    return true;
}

bool dc_on_found(dc_core_t *self, const dc_store_op_t *op, dc_actions_t *actions)
{
    if (!op) {
        found_all(self, actions);
        return true;
    }
    return op->what == DC_STORE_BATCH ? found_batch(self, op) : found_of_batch(self, op, actions);
}
