#include "broker/core/submit.h"

#include "broker/core/after.h"
#include "broker/core/keep.h"
#include "broker/core/keep_results.h"
#include "broker/core/lanes.h"
#include "broker/core/needs.h"
#include "broker/core/on_open.h"
#include "broker/core/pending.h"
#include "broker/core/refuse.h"
#include "broker/core/sessions.h"
#include "broker/core/terms.h"
#include "broker/core/turns.h"
#include "broker/core/viewer.h"

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

static bool enter(dc_client_t *client, uint32_t handle, dc_batch_t *batch)
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

// --- OPEN --------------------------------------------------------------------------------------

// Ranges of jobs whose chunks are on disk.
static void put_committed(const dc_detached_t *detached, dc_buf_t *out)
{
    dc_range_t run = { 0 };
    for (size_t at = 0; at < detached->entry_count; at++) {
        const dc_entry_t *entry = &detached->entries[at];
        if (!entry->is_committed) continue;
        if (entry->first != run.end || run.end == 0) {
            if (run.end) dc_wire_put_range(out, &run);
            run.first = entry->first;
        }
        run.end = entry->first + entry->count;
    }
    if (run.end) dc_wire_put_range(out, &run);
}

static void send_opened(const dc_client_t *client, uint32_t handle, const dc_batch_t *batch,
                        dc_actions_t *actions)
{
    dc_buf_t data = { 0 };
    put_committed(batch->detached, &data);
    // What cannot be said, since a frame or memory is full, the client sends again.
    size_t most = DC_FRAME_BYTES_MAX / DC_WIRE_RANGE_BYTES * DC_WIRE_RANGE_BYTES;
    dc_str_t ranges = data.failed ? dc_str(NULL, 0) : dc_buf_str(&data);
    ranges.len = dc_min_size(ranges.len, most);
    dc_cmd_t opened = { .type = DC_CMD_OPENED,
                        .opened = { .handle = handle,
                                    .number = batch->number,
                                    .flags = batch->flags & DC_OPENED_FLAGS },
                        .data = { NULL, ranges } };
    dc_actions_to_client(actions, client->peer, &opened);
    dc_buf_fini(&data);
}

static void send_receipt(const dc_client_t *client, uint32_t handle, uint64_t first, uint64_t end,
                         uint8_t flags, dc_actions_t *actions)
{
    dc_cmd_t receipt = {
        .type = DC_CMD_RECEIPT,
        .receipt = { .handle = handle, .first = first, .end = end, .flags = flags },
    };
    dc_actions_to_client(actions, client->peer, &receipt);
}

static bool put_batch(dc_core_t *self, const dc_batch_t *batch, dc_actions_t *actions)
{
    dc_store_op_t *op = dc_store_op_new(DC_STORE_BATCH, batch->number);
    if (!op) return false;
    op->opened.key = batch->key;
    op->opened.flags = batch->flags & (uint8_t)~DC_OPEN_AGAIN;
    op->opened.retries = batch->retries;
    op->opened.level = batch->level;
    op->opened.is_held = batch->is_held;
    op->opened.timeout_ms = batch->timeout_ms;
    op->opened.steps_max = batch->steps_max;
    op->opened.keep_ms = batch->detached->keep_ms;
    op->opened.opened_date = batch->detached->opened_date;
    op->opened.deadline_date = dc_keep_date_of(self, batch->deadline_ms);
    dc_slice_t name = { NULL, dc_str_from(batch->name) };
    memcpy(op->opened.tag, batch->lane->tag, sizeof op->opened.tag);
    dc_buf_t list = { 0 };
    dc_after_put_list(batch, &list);
    dc_slice_t awaited = { NULL, dc_buf_str(&list) };
    bool is_made = !list.failed && dc_slice_keep(&name, &op->data) &&
                   dc_slice_keep(&batch->program, &op->program) &&
                   dc_slice_keep(&awaited, &op->awaited);
    if (is_made) dc_pending_put(self, &op, actions);
    dc_buf_fini(&list);
    dc_store_op_destroy(&op);
    return is_made;
}

static dc_batch_t *make(dc_core_t *self, const dc_cmd_t *cmd)
{
    dc_batch_t *batch = dc_on_open_make(self, cmd);
    if (!batch) return NULL;
    batch->detached = dc_detached_new(batch);
    if (batch->detached) {
        batch->detached->keep_ms = cmd->open.keep_ms ? cmd->open.keep_ms : self->settings.keep_ms;
        batch->detached->opened_date = dc_keep_date(self);
        // Numbers of batches that are stored are not wished for: nobody else ever had one.
        if (dc_keep_register(self, batch, 0)) return batch;
    }
    dc_lanes_drop(self, batch->lane);
    dc_batch_destroy(&batch);
    return NULL;
}

// Why no new batch can be taken; NULL if it can.
static const char *why_not(const dc_core_t *self)
{
    if (self->kept_count >= self->settings.store_batches_max) {
        return "the broker keeps as many batches as it may: delete some, or wait until they expire";
    }
    if (self->kept_bytes >= self->settings.store_bytes_max) {
        return "the broker's store has all the bytes that it may: delete batches, or wait until "
               "they expire";
    }
    return self->unstored.first ? DC_KEEP_FULL_TEXT : NULL;
}

static void open_new(dc_core_t *self, dc_client_t *client, const dc_cmd_t *cmd,
                     dc_actions_t *actions)
{
    uint32_t handle = cmd->open.handle;
    const char *why = why_not(self);
    if (why) {
        dc_refuse(client, handle, DC_ERR_STORE_FULL, actions, "%s", why);
        return;
    }
    dc_diag_t diag;
    if (dc_after_check(self, cmd, &diag)) {
        dc_refuse(client, handle, diag.code, actions, "%s", diag.message);
        return;
    }
    if (self->memory_bytes > self->settings.memory_bytes_max) {
        dc_refuse_for_now(client, handle, DC_ERR_BUSY, DC_BUSY_RETRY_MS, actions,
                          "the broker holds all the memory that it may");
        return;
    }
    dc_batch_t *batch = make(self, cmd);
    if (!batch || !enter(client, handle, batch)) {
        dc_refuse(client, handle, DC_ERR_NOMEM, actions, "%s", dc_err_text(DC_ERR_NOMEM));
        if (batch) dc_sessions_drop(self, batch, actions);
        return;
    }
    batch->session = cmd->open.session;
    dc_terms_set_deadline(self, batch, cmd->open.deadline_ms);
    dc_err_t err = dc_after_begin(self, batch, cmd, &diag);
    if (!err && !put_batch(self, batch, actions)) {
        err = dc_diag_set(&diag, DC_ERR_NOMEM, 0, 0, "%s", dc_err_text(DC_ERR_NOMEM));
    }
    if (err) {
        dc_submit_fail(self, batch, err, diag.message, actions);
        return;
    }
    send_opened(client, handle, batch, actions);
    dc_after_tell(self, batch, actions);
    dc_sessions_grant(self, client, actions);
}

// Whether the batch `cmd` means can be `batch`, which has its key; the client knows if not.
static bool refuse_other(const dc_core_t *self, const dc_client_t *client, const dc_cmd_t *cmd,
                         const dc_batch_t *batch, dc_actions_t *actions)
{
    uint32_t handle = cmd->open.handle;
    bool is_detached = cmd->open.flags & DC_OPEN_DETACHED;
    unsigned long long number = batch->number;
    if (!batch->detached || !is_detached) {
        dc_refuse(client, handle, DC_ERR_INVALID, actions,
                  "key is in use for batch b%llu, which is %s", number,
                  batch->detached ? "detached" : "not detached");
        return true;
    }
    uint8_t form = batch->flags ^ cmd->open.flags;
    if (form & DC_OPEN_COLUMNS || !dc_str_eq(batch->program.bytes, cmd->program.bytes)) {
        dc_refuse(client, handle, DC_ERR_INVALID, actions,
                  "key is in use for another batch, b%llu, which has another program", number);
        return true;
    }
    const dc_client_t *former = batch->detached->submitter;
    if (former && former != client && cmd->open.session < batch->session) {
        // Who never had it counts from one, and may be the one that goes on with it: the other may
        // have died, which shows in a moment.
        if (cmd->open.flags & DC_OPEN_AGAIN) {
            dc_refuse(client, handle, DC_ERR_TAKEN_OVER, actions,
                      "batch b%llu was opened by a later session", number);
        } else {
            dc_refuse_for_now(client, handle, DC_ERR_BUSY, self->settings.heartbeat_ms, actions,
                              "batch b%llu is being sent by another client", number);
        }
        return true;
    }
    return false;
}

static void take_over(dc_core_t *self, const dc_client_t *client, dc_batch_t *batch,
                      dc_actions_t *actions)
{
    dc_client_t *former = batch->detached->submitter;
    if (!former) return;
    if (former != client) {
        dc_refuse(former, batch->handle, DC_ERR_TAKEN_OVER, actions,
                  "batch b%llu was opened by another session", (unsigned long long)batch->number);
    }
    dc_submit_leave(self, batch);
}

static void open_again(dc_core_t *self, dc_client_t *client, const dc_cmd_t *cmd, dc_batch_t *batch,
                       dc_actions_t *actions)
{
    uint32_t handle = cmd->open.handle;
    if (refuse_other(self, client, cmd, batch, actions)) return;
    if (batch->detached->is_close_stored) {
        send_opened(client, handle, batch, actions);
        send_receipt(client, handle, 0, batch->jobs, DC_RECEIPT_CLOSED, actions);
        return;
    }
    take_over(self, client, batch, actions);
    if (!enter(client, handle, batch)) {
        dc_refuse(client, handle, DC_ERR_NOMEM, actions, "%s", dc_err_text(DC_ERR_NOMEM));
        return;
    }
    batch->session = cmd->open.session;
    // Whoever comes back says all of what it has again, its end too.
    if (!batch->detached->is_close_put) batch->is_closed = false;
    send_opened(client, handle, batch, actions);
    dc_after_tell(self, batch, actions);
    dc_sessions_grant(self, client, actions);
}

void dc_submit_open(dc_core_t *self, dc_client_t *client, const dc_cmd_t *cmd, dc_batch_t *batch,
                    dc_actions_t *actions)
{
    uint32_t handle = cmd->open.handle;
    bool is_same =
        batch && batch->detached && batch->detached->submitter == client && batch->handle == handle;
    if (is_same) {
        send_opened(client, handle, batch, actions); // the second copy of a message
    } else if (!self->settings.has_store) {
        dc_refuse(client, handle, DC_ERR_NOT_STORED, actions,
                  "this broker keeps no batches without their client: it has no store (--data)");
    } else if (dc_sessions_by_handle(client, handle) || dc_viewer_find(client, handle)) {
        dc_refuse(client, handle, DC_ERR_PROTOCOL, actions, "the handle is in use");
    } else if (batch) {
        open_again(self, client, cmd, batch, actions);
    } else {
        open_new(self, client, cmd, actions);
    }
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
    return dc_diag_set(diag, DC_ERR_NOMEM, 0, 0, "%s", dc_err_text(DC_ERR_NOMEM));
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
    if (detached->submitter) {
        send_receipt(detached->submitter, batch->handle, entry->first, entry->first + entry->count,
                     0, actions);
    }
    dc_viewer_pump_all(self, batch, actions);
}

static void note_close(dc_core_t *self, dc_batch_t *batch, dc_actions_t *actions)
{
    dc_detached_t *detached = batch->detached;
    detached->is_close_stored = true;
    if (detached->submitter) {
        send_receipt(detached->submitter, batch->handle, 0, batch->jobs, DC_RECEIPT_CLOSED,
                     actions);
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
        dc_submit_fail(self, batch, op->error, DC_KEEP_FULL_TEXT, actions);
    } else if (op->what == DC_STORE_CHUNK) {
        note_chunk(self, batch, op, actions);
    } else if (op->what == DC_STORE_CLOSE) {
        note_close(self, batch, actions);
    }
}
