#include "broker/core/kept/submit_part.h"

#include <stdio.h>

#include "broker/core/clients/refuse.h"
#include "broker/core/clients/sessions.h"
#include "broker/core/clients/viewer.h"
#include "broker/core/jobs/numbers.h"
#include "broker/core/kept/keep.h"
#include "broker/core/kept/pending.h"
#include "broker/core/on_open.h"
#include "broker/core/schedule/after.h"
#include "broker/core/schedule/lanes.h"
#include "broker/core/schedule/terms.h"
#include "common/bytes.h"
#include "common/quantity.h"

// What a frame holds of ranges, and a digest behind them.
#define RANGES_BYTES_MAX \
    ((size_t)(DC_FRAME_BYTES_MAX - 8) / DC_WIRE_RANGE_BYTES * DC_WIRE_RANGE_BYTES)

// To wait for what is on its way to the disk, unless that is full.
#define PENDING_RETRY_MS 100

// What makes a batch another one, in words: two tags, at most.
#define WHAT_BYTES (2 * DC_TAG_BYTES_MAX + 32)

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

// Append the digest of all that is committed, if it is known and there is room.
static bool put_digest(const dc_detached_t *detached, dc_buf_t *out)
{
    char bytes[8];
    if (detached->is_digest_lost || out->len > RANGES_BYTES_MAX) return false;
    dc_put_u64(bytes, detached->digest);
    dc_buf_append(out, bytes, sizeof bytes);
    return true;
}

// Answer `open`; `there` says what was there before (OPENED).
static void send_opened(const dc_core_t *self, const dc_client_t *client, const dc_cmd_t *open,
                        const dc_batch_t *batch, uint8_t there, dc_actions_t *actions)
{
    dc_buf_t data = { 0 };
    put_committed(batch->detached, &data);
    bool has_digest = open->open.flags & DC_OPEN_DIGEST && put_digest(batch->detached, &data);
    // What cannot be said, since a frame or memory is full, the client sends again.
    size_t most = RANGES_BYTES_MAX + (has_digest ? 8 : 0);
    dc_str_t said = data.failed ? dc_str(NULL, 0) : dc_buf_str(&data);
    said.len = dc_min_size(said.len, most);
    uint8_t flags = (batch->flags & DC_OPENED_FLAGS) | there;
    if (has_digest && !data.failed) flags |= DC_OPENED_DIGEST;
    dc_cmd_t opened = { .type = DC_CMD_OPENED,
                        .opened = { .handle = open->open.handle,
                                    .number = batch->number,
                                    .flags = flags,
                                    .expr_bytes_max = (uint32_t)self->settings.expr_bytes_max },
                        .data = { NULL, said } };
    dc_actions_to_client(actions, client->peer, &opened);
    dc_buf_fini(&data);
}

static bool put_batch(dc_core_t *self, const dc_batch_t *batch, dc_actions_t *actions)
{
    dc_store_op_t *op = dc_store_op_new(DC_STORE_BATCH, batch->number);
    if (!op) return false;
    op->opened.key = batch->key;
    op->opened.flags = batch->flags & (uint8_t) ~(DC_OPEN_AGAIN | DC_OPEN_DIGEST);
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
static const char *why_not(const dc_core_t *self, dc_err_t *error)
{
    *error = DC_ERR_STORE_FULL;
    if (self->kept_count >= self->settings.store_batches_max) {
        return "the broker keeps as many batches as it may: delete some, or wait until they expire";
    }
    if (self->kept_bytes >= self->settings.store_bytes_max) {
        return "the broker's store has all the bytes that it may: delete batches, or wait until "
               "they expire";
    }
    if (!self->unstored.first) return NULL;
    *error = self->unstored_error;
    return dc_keep_error_text(self, NULL, *error);
}

// Refuse a new batch if it has to be.
static bool refuse_new(dc_core_t *self, const dc_client_t *client, const dc_cmd_t *cmd,
                       dc_actions_t *actions)
{
    uint32_t handle = cmd->open.handle;
    dc_err_t error;
    const char *why = why_not(self, &error);
    if (why) {
        dc_refuse(client, handle, error, actions, "%s", why);
        return true;
    }
    dc_diag_t diag;
    if (dc_after_check(self, cmd, &diag)) {
        dc_refuse(client, handle, diag.code, actions, "%s", diag.message);
        return true;
    }
    if (self->memory_bytes > self->settings.memory_bytes_max) {
        dc_refuse_for_now(client, handle, DC_ERR_BUSY, DC_BUSY_RETRY_MS, actions,
                          "the broker holds all the memory that it may");
        return true;
    }
    return dc_numbers_refuse(self, client, handle, actions);
}

static void open_new(dc_core_t *self, dc_client_t *client, const dc_cmd_t *cmd,
                     dc_actions_t *actions)
{
    uint32_t handle = cmd->open.handle;
    if (refuse_new(self, client, cmd, actions)) return;
    dc_batch_t *batch = make(self, cmd);
    if (!batch || !dc_submit_enter(client, handle, batch)) {
        dc_refuse_no_memory(client, handle, actions);
        if (batch) dc_sessions_drop(self, batch, actions);
        return;
    }
    batch->session = cmd->open.session;
    dc_terms_set_deadline(self, batch, cmd->open.deadline_ms);
    dc_diag_t diag;
    dc_err_t err = dc_after_begin(self, batch, cmd, &diag);
    if (!err && !put_batch(self, batch, actions)) {
        err = dc_diag_set_no_memory(&diag);
    }
    if (err) {
        dc_submit_fail(self, batch, err, diag.message, actions);
        return;
    }
    send_opened(self, client, cmd, batch, 0, actions);
    dc_after_tell(self, batch, actions);
    dc_sessions_grant(self, client, actions);
}

// The key is that of `batch`, which is another one; `what` says by what it is. What differs between
// programs only clients can read, and a person has to know: they get it.
static void refuse_another(const dc_client_t *client, uint32_t handle, const dc_batch_t *batch,
                           const char *what, dc_actions_t *actions)
{
    char text[WHAT_BYTES + 64];
    int len = snprintf(text, sizeof text, "key is in use for another batch, b%llu, which %s",
                       (unsigned long long)batch->number, what);
    dc_cmd_t cmd = { .type = DC_CMD_REFUSED,
                     .refused = { .handle = handle, .error = DC_ERR_INVALID },
                     .data = { NULL, dc_str(text, (size_t)len) },
                     .program = batch->program };
    dc_actions_to_client(actions, client->peer, &cmd);
}

static void put_other_tag(const char *theirs, dc_str_t ours, char *what)
{
    if (!*theirs) {
        snprintf(what, WHAT_BYTES, "has no --tag");
    } else if (!ours.len) {
        snprintf(what, WHAT_BYTES, "has --tag %s", theirs);
    } else {
        snprintf(what, WHAT_BYTES, "has --tag %s, and not %.*s", theirs, (int)ours.len, ours.data);
    }
}

static void put_other_keep(uint64_t theirs_ms, uint64_t ours_ms, char *what)
{
    char theirs[DC_QUANTITY_TEXT_MAX], ours[DC_QUANTITY_TEXT_MAX];
    dc_duration_print(theirs_ms, theirs);
    dc_duration_print(ours_ms, ours);
    snprintf(what, WHAT_BYTES, "has --keep %s, and not %s", theirs, ours);
}

// The option with which the results of `batch`, or who computes them, are others than `cmd` asks
// for, in a client's words: into `what`, which has WHAT_BYTES. False if there is none. What an
// operator may change is not compared: that it was changed makes no other batch of it. Limits stand
// in the program. Who had it open does not say again what it has waited for.
static bool put_other_option(const dc_cmd_t *cmd, const dc_batch_t *batch, char *what)
{
    unsigned flags = batch->flags ^ cmd->open.flags;
    const char *tag = batch->lane->tag;
    bool is_again = cmd->open.flags & DC_OPEN_AGAIN;
    uint64_t keep_ms = cmd->open.keep_ms;
    *what = '\0';
    if (flags & DC_OPEN_VERIFY) {
        const char *is_there = batch->flags & DC_OPEN_VERIFY ? "" : "no ";
        snprintf(what, WHAT_BYTES, "has %s--verify", is_there);
    } else if (flags & DC_OPEN_AFTER_ANY) {
        snprintf(what, WHAT_BYTES, "has another --after-any");
    } else if (!is_again && dc_after_is_other(batch, cmd)) {
        const char *any = batch->flags & DC_OPEN_AFTER_ANY ? "-any" : "";
        snprintf(what, WHAT_BYTES, "has another --after%s", any);
    } else if (!dc_str_eq(dc_str_from(tag), dc_open_tag(cmd))) {
        put_other_tag(tag, dc_open_tag(cmd), what);
    } else if (batch->retries != cmd->open.retries) {
        snprintf(what, WHAT_BYTES, "has --retries %u, and not %u", batch->retries,
                 cmd->open.retries);
    } else if (keep_ms && batch->detached->keep_ms != keep_ms) {
        put_other_keep(batch->detached->keep_ms, keep_ms, what);
    }
    return *what;
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
    unsigned form = batch->flags ^ cmd->open.flags;
    if (form & DC_OPEN_COLUMNS || !dc_str_eq(batch->program.bytes, cmd->program.bytes)) {
        refuse_another(client, handle, batch, "computes something else", actions);
        return true;
    }
    char what[WHAT_BYTES];
    if (put_other_option(cmd, batch, what)) {
        refuse_another(client, handle, batch, what, actions);
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

// Whether something that was sent of `batch` is not on disk yet.
static bool has_pending(const dc_batch_t *batch)
{
    const dc_detached_t *detached = batch->detached;
    for (size_t at = 0; at < detached->entry_count; at++) {
        if (!detached->entries[at].is_committed) return true;
    }
    return detached->is_close_put && !detached->is_close_stored;
}

static void open_again(dc_core_t *self, dc_client_t *client, const dc_cmd_t *cmd, dc_batch_t *batch,
                       dc_actions_t *actions)
{
    uint32_t handle = cmd->open.handle;
    // Who opens it again may be the one who made it, and never heard of that.
    uint8_t there = cmd->open.flags & DC_OPEN_AGAIN ? 0 : DC_OPENED_THERE;
    if (refuse_other(self, client, cmd, batch, actions)) return;
    if (batch->detached->is_close_stored) {
        send_opened(self, client, cmd, batch, there | DC_OPENED_COMPLETE, actions);
        dc_submit_send_receipt(client, handle, 0, batch->jobs, DC_RECEIPT_CLOSED, actions);
        return;
    }
    take_over(self, client, batch, actions);
    // Who compares what is there with what it has must be told of all of it.
    if (there && cmd->open.flags & DC_OPEN_DIGEST && has_pending(batch)) {
        dc_refuse_for_now(client, handle, DC_ERR_BUSY, PENDING_RETRY_MS, actions,
                          "what was sent of batch b%llu is on its way to the disk",
                          (unsigned long long)batch->number);
        return;
    }
    if (!dc_submit_enter(client, handle, batch)) {
        dc_refuse_no_memory(client, handle, actions);
        return;
    }
    batch->session = cmd->open.session;
    // Whoever comes back says all of what it has again, its end too.
    if (!batch->detached->is_close_put) batch->is_closed = false;
    send_opened(self, client, cmd, batch, there, actions);
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
        send_opened(self, client, cmd, batch, 0, actions); // the second copy of a message
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
