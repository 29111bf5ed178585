#include "broker/core/kept/submit_part.h"

#include "broker/core/clients/refuse.h"
#include "broker/core/clients/sessions.h"
#include "broker/core/clients/viewer.h"
#include "broker/core/jobs/needs.h"
#include "broker/core/kept/keep.h"
#include "broker/core/kept/keep_results.h"
#include "broker/core/kept/pending.h"
#include "broker/core/schedule/after.h"

// --- who submits -------------------------------------------------------------------------------

void dc_submit_leave(dc_core_t *self, dc_batch_t *batch)
{
    dc_detached_t *detached = batch->detached;
    dc_client_t *client = detached->submitter;
    if (!client) return;
    HASH_DELETE(hh_handle, client->by_handle, batch);
    DL_DELETE2(client->submitted, detached, submitter_prev, submitter_next);
    detached->submitter = NULL;
    batch->handle = 0;
    batch->orphaned_ms = self->now;
}

bool dc_submit_enter(dc_client_t *client, uint32_t handle, dc_batch_t *batch)
{
    dc_detached_t *detached = batch->detached;
    batch->handle = handle;
    HASH_ADD(hh_handle, client->by_handle, handle, sizeof batch->handle, batch);
    if (!batch->hh_handle.tbl) return false;
    detached->submitter = client;
    DL_APPEND2(client->submitted, detached, submitter_prev, submitter_next);
    return true;
}

void dc_submit_fail(dc_core_t *self, dc_batch_t *batch, dc_err_t error, const char *why,
                    dc_actions_t *actions)
{
    dc_client_t *client = batch->detached->submitter;
    if (client) dc_refuse(client, batch->handle, error, actions, "%s", why);
    dc_actions_log(actions, DC_LOG_INFO, "batch given up batch=b%llu error=%s",
                   (unsigned long long)batch->number, dc_err_name(error));
    dc_sessions_drop(self, batch, actions);
}

void dc_submit_send_receipt(const dc_client_t *client, uint32_t handle, uint64_t first,
                            uint64_t end, uint8_t flags, dc_actions_t *actions)
{
    dc_cmd_t receipt = {
        .type = DC_CMD_RECEIPT,
        .receipt = { .handle = handle, .first = first, .end = end, .flags = flags },
    };
    dc_actions_to_client(actions, client->peer, &receipt);
}

// --- CHUNK and CLOSE ---------------------------------------------------------------------------

// Why the batch cannot have a chunk more; NULL if it can.
static const char *why_no_chunk(const dc_core_t *self, const dc_batch_t *batch, const dc_cmd_t *cmd,
                                dc_err_t *error)
{
    const dc_detached_t *detached = batch->detached;
    size_t cost = cmd->data.bytes.len + DC_CHUNK_COST_BYTES;
    *error = DC_ERR_TOO_LARGE;
    if (detached->bytes + cost > self->settings.batch_bytes_max) {
        return "the batch has more bytes than a detached one may (--max-batch of the broker)";
    }
    if (detached->next_number >= UINT32_C(1) << DC_STORE_CHUNK_BITS) {
        return "the batch has more chunks than the store has numbers for";
    }
    *error = DC_ERR_STORE_FULL;
    if (self->kept_bytes + cost > self->settings.store_bytes_max) {
        return "the broker's store has all the bytes that it may: delete batches, or wait until "
               "they expire";
    }
    return NULL;
}

static bool put_chunk(dc_core_t *self, const dc_client_t *client, const dc_batch_t *batch,
                      const dc_entry_t *entry, const dc_cmd_t *cmd, dc_actions_t *actions)
{
    dc_slice_t pairs = dc_slice_part(cmd->data, 0, entry->needs_bytes);
    dc_slice_t inputs = dc_slice_part(cmd->data, entry->needs_bytes, entry->input_bytes);
    dc_store_op_t *op = dc_store_op_new(DC_STORE_CHUNK, batch->number);
    if (!op) return false;
    op->peer = client->peer;
    op->chunk.number = entry->number;
    op->chunk.first = entry->first;
    op->chunk.count = entry->count;
    op->chunk.width = entry->width;
    op->chunk.flags = entry->flags;
    op->chunk.bytes = entry->input_bytes;
    op->chunk.credit = dc_wire_cost(cmd);
    if (!dc_slice_keep(&inputs, &op->data) || !dc_slice_keep(&pairs, &op->awaited)) {
        dc_store_op_destroy(&op);
        return false;
    }
    dc_pending_put(self, &op, actions);
    return true;
}

static dc_err_t take_chunk(dc_core_t *self, const dc_client_t *client, dc_batch_t *batch,
                           const dc_cmd_t *cmd, dc_diag_t *diag, dc_actions_t *actions)
{
    size_t pairs_bytes = cmd->chunk.need_count * (size_t)DC_WIRE_RANGE_BYTES;
    dc_entry_t entry = {
        .first = cmd->chunk.first,
        .count = cmd->chunk.count,
        .number = batch->detached->next_number,
        .width = cmd->chunk.width,
        .input_bytes = (uint32_t)(cmd->data.bytes.len - pairs_bytes),
        .needs_bytes = (uint32_t)pairs_bytes,
        .flags = cmd->chunk.flags,
    };
    dc_slice_t inputs = dc_slice_part(cmd->data, pairs_bytes, entry.input_bytes);
    dc_str_t pairs = dc_str(cmd->data.bytes.data, pairs_bytes);
    dc_err_t err = dc_needs_admit(self, pairs, entry.flags, diag);
    if (!err) err = dc_keep_add_chunk(self, batch, &entry, &inputs, pairs, diag);
    if (err || put_chunk(self, client, batch, &entry, cmd, actions)) return err;
    return dc_diag_set_no_memory(diag);
}

void dc_submit_chunk(dc_core_t *self, dc_client_t *client, dc_batch_t *batch, const dc_cmd_t *cmd,
                     dc_actions_t *actions)
{
    dc_diag_t diag;
    const char *why = why_no_chunk(self, batch, cmd, &diag.code);
    if (why) {
        dc_diag_set(&diag, diag.code, 0, 0, "%s", why);
    } else if (take_chunk(self, client, batch, cmd, &diag, actions) == DC_OK) {
        client->stored_bytes += dc_wire_cost(cmd);
        return;
    }
    client->freed_bytes += dc_wire_cost(cmd); // nothing that is stored says so
    dc_submit_fail(self, batch, diag.code, diag.message, actions);
}

void dc_submit_known(dc_core_t *self, dc_client_t *client, const dc_cmd_t *cmd,
                     dc_actions_t *actions)
{
    size_t cost = dc_wire_cost(cmd);
    client->received_bytes += cost;
    client->freed_bytes += cost;
    client->stray_bytes += cost; // a message may come twice, which nobody has to pay for
    dc_sessions_grant(self, client, actions);
}

bool dc_submit_close(dc_core_t *self, dc_client_t *client, dc_batch_t *batch, uint64_t jobs,
                     dc_actions_t *actions)
{
    dc_detached_t *detached = batch->detached;
    if (detached->is_close_put) return batch->jobs == jobs;
    if (!dc_detached_is_whole(detached, jobs)) return false;
    dc_store_op_t *op = dc_store_op_new(DC_STORE_CLOSE, batch->number);
    if (!op) {
        dc_submit_fail(self, batch, DC_ERR_NOMEM, dc_err_text(DC_ERR_NOMEM), actions);
        return true;
    }
    batch->is_closed = detached->is_close_put = true;
    batch->jobs = jobs;
    dc_needs_close(self, batch);
    op->peer = client->peer;
    op->close.jobs = jobs;
    dc_pending_put(self, &op, actions);
    dc_after_close(self, batch);
    return true;
}

// --- the store's word --------------------------------------------------------------------------

// The client that sent a chunk has its credit back, whatever became of it.
static void free_credit(dc_core_t *self, const dc_store_op_t *op, dc_actions_t *actions)
{
    dc_client_t *client = dc_sessions_find(self, op->peer);
    if (!client) return;
    client->stored_bytes -= op->chunk.credit;
    client->freed_bytes += op->chunk.credit;
    dc_sessions_grant(self, client, actions);
}

static void note_chunk(dc_core_t *self, dc_batch_t *batch, const dc_store_op_t *op,
                       dc_actions_t *actions)
{
    dc_detached_t *detached = batch->detached;
    dc_entry_t *entry = dc_detached_find(detached, op->chunk.first);
    if (!entry || entry->is_committed) return;
    entry->is_committed = true;
    dc_detached_count_digest(detached, op);
    if (detached->submitter) {
        dc_submit_send_receipt(detached->submitter, batch->handle, entry->first,
                               entry->first + entry->count, 0, actions);
    }
    dc_viewer_pump_all(self, batch, actions);
}

static void note_close(dc_core_t *self, dc_batch_t *batch, dc_actions_t *actions)
{
    dc_detached_t *detached = batch->detached;
    detached->is_close_stored = true;
    if (detached->submitter) {
        dc_submit_send_receipt(detached->submitter, batch->handle, 0, batch->jobs,
                               DC_RECEIPT_CLOSED, actions);
        dc_submit_leave(self, batch);
    }
    dc_keep_see_end(self, batch, actions);
}

void dc_submit_stored(dc_core_t *self, const dc_store_op_t *op, dc_actions_t *actions)
{
    dc_batch_t *batch = dc_keep_find(self, op->batch);
    if (op->what == DC_STORE_CHUNK) free_credit(self, op, actions);
    if (!batch) return;
    if (op->error != DC_OK) {
        dc_submit_fail(self, batch, op->error, dc_keep_error_text(self, batch, op->error), actions);
    } else if (op->what == DC_STORE_CHUNK) {
        note_chunk(self, batch, op, actions);
    } else if (op->what == DC_STORE_CLOSE) {
        note_close(self, batch, actions);
    }
}
