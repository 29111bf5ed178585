#include "broker/core/clients/viewer.h"

#include <stdlib.h>

#include "broker/core/clients/refuse.h"
#include "broker/core/clients/sessions.h"
#include "broker/core/clients/viewer_part.h"
#include "broker/core/jobs/pieces.h"
#include "broker/core/kept/pending.h"
#include "broker/core/kept/repair.h"

dc_viewer_t *dc_viewer_find(const dc_client_t *client, uint32_t handle)
{
    dc_viewer_t *viewer;
    DL_FOREACH2(client->viewers, viewer, client_next)
    {
        if (viewer->handle == handle) return viewer;
    }
    return NULL;
}

static void leave_thirsty(dc_core_t *self, dc_viewer_t *viewer)
{
    if (viewer->is_thirsty) DL_DELETE2(self->thirsty, viewer, thirsty_prev, thirsty_next);
    viewer->is_thirsty = false;
}

void dc_viewer_close(dc_core_t *self, dc_viewer_t *viewer)
{
    leave_thirsty(self, viewer);
    dc_viewed_clear(&viewer->sent);
    DL_DELETE2(viewer->client->viewers, viewer, client_prev, client_next);
    DL_DELETE2(viewer->batch->detached->viewers, viewer, batch_prev, batch_next);
    self->viewer_count--;
    viewer->client->viewer_count--;
    free(viewer);
}

static void refuse(dc_core_t *self, dc_viewer_t *viewer, dc_err_t error, const char *why,
                   dc_actions_t *actions)
{
    dc_refuse(viewer->client, viewer->handle, error, actions, "batch b%llu: %s",
              (unsigned long long)viewer->batch->number, why);
    dc_viewer_close(self, viewer);
}

// What it is to get is seen to: it asks again, from the first job that it lacks.
static void put_off(dc_core_t *self, dc_viewer_t *viewer, const char *why, dc_actions_t *actions)
{
    dc_refuse_for_now(viewer->client, viewer->handle, DC_ERR_BUSY, DC_TICK_MS, actions,
                      "batch b%llu: %s", (unsigned long long)viewer->batch->number, why);
    dc_viewer_close(self, viewer);
}

void dc_viewer_restart(dc_core_t *self, dc_batch_t *batch, uint64_t first, const char *why,
                       dc_actions_t *actions)
{
    dc_viewer_t *viewer, *following;
    DL_FOREACH_SAFE2(batch->detached->viewers, viewer, following, batch_next)
    {
        if (viewer->next == first && viewer->offset) put_off(self, viewer, why, actions);
    }
}

void dc_viewer_refuse_all(dc_core_t *self, dc_batch_t *batch, dc_actions_t *actions)
{
    dc_err_t error = batch->detached->is_damaged ? DC_ERR_DAMAGED : DC_ERR_UNKNOWN_BATCH;
    const char *why = batch->detached->is_damaged
                          ? "the broker's store has lost a page that it needs"
                          : "it was deleted";
    while (batch->detached->viewers) {
        refuse(self, batch->detached->viewers, error, why, actions);
    }
}

// What may be read or not acknowledged of each viewer.
static size_t bytes_max(const dc_core_t *self)
{
    uint64_t all_max = self->settings.memory_bytes_max / DC_VIEWED_MEMORY_PART;
    bool is_much = self->viewed_bytes + self->reading_bytes >= all_max;
    return is_much ? DC_VIEWED_BYTES_MIN : DC_RESULTS_BYTES_MAX;
}

// --- asking the store --------------------------------------------------------------------------

// Be ready to add what is sent of `entry`. False if memory is short.
static bool begin_sent(dc_viewer_t *viewer, const dc_entry_t *entry)
{
    return dc_viewed_begin(&viewer->sent, viewer->batch->detached, entry);
}

static bool ask(dc_core_t *self, dc_viewer_t *viewer, const dc_entry_t *entry, bool is_of_result,
                dc_actions_t *actions)
{
    dc_store_op_t *op = dc_store_op_new(DC_STORE_READ, viewer->batch->number);
    if (!op) {
        refuse(self, viewer, DC_ERR_NOMEM, dc_err_text(DC_ERR_NOMEM), actions);
        return false;
    }
    op->peer = viewer->client->peer;
    op->handle = viewer->handle;
    op->read.ticket = viewer->ticket;
    op->read.chunk = entry->number;
    op->read.first = entry->first;
    op->read.is_of_result = is_of_result;
    op->read.offset = is_of_result ? viewer->offset : 0;
    op->read.bytes_max = is_of_result ? DC_STORE_READ_BYTES : entry->input_bytes;
    op->read.expected = is_of_result
                            ? dc_min_u64(entry->result_bytes - viewer->offset, DC_STORE_READ_BYTES)
                            : entry->input_bytes;
    viewer->reads++;
    viewer->read_bytes += op->read.expected;
    self->reading_bytes += op->read.expected;
    dc_pending_put(self, &op, actions);
    return true;
}

static void advance(dc_viewer_t *viewer, const dc_entry_t *entry)
{
    viewer->next = entry->first + entry->count;
    viewer->is_input_read = viewer->is_in_parts = false;
    viewer->offset = 0;
}

// The entry that is read next; NULL if it is not there, or not on disk yet.
static const dc_entry_t *next_entry(const dc_viewer_t *viewer)
{
    const dc_detached_t *detached = viewer->batch->detached;
    size_t at = dc_detached_at(detached, viewer->next);
    if (at == detached->entry_count) return NULL;
    const dc_entry_t *entry = &detached->entries[at];
    return entry->first == viewer->next && entry->is_committed ? entry : NULL;
}

static void send_input(const dc_viewer_t *viewer, const dc_entry_t *entry, dc_slice_t data,
                       dc_actions_t *actions)
{
    dc_cmd_t input = {
        .type = DC_CMD_INPUT,
        .input = { .handle = viewer->handle,
                   .count = entry->count,
                   .first = entry->first,
                   .width = entry->width,
                   .flags = entry->flags },
        .data = data,
    };
    dc_actions_to_client(actions, viewer->client->peer, &input);
}

// Whether faults stand for what is stored of `entry`, once it is the viewer's turn to have that.
static bool is_spoiled(const dc_viewer_t *viewer, const dc_entry_t *entry)
{
    if (viewer->wants_inputs && !viewer->is_input_read) return entry->is_blank;
    return entry->is_lost;
}

// Send faults for all jobs of `entry`, behind inputs that are blank if the viewer wants any and has
// none. False if memory is short.
static bool send_faults(const dc_viewer_t *viewer, const dc_entry_t *entry, dc_actions_t *actions)
{
    dc_buf_t inputs = { 0 };
    dc_buf_t results = { 0 };
    bool is_blank = viewer->wants_inputs && !viewer->is_input_read;
    if (is_blank) dc_repair_put_blank(entry, &inputs);
    uint32_t faults_bytes = dc_repair_put_faults(viewer->batch, entry, &results);
    bool is_made = !inputs.failed && !results.failed;
    if (is_made && is_blank)
        send_input(viewer, entry, (dc_slice_t){ NULL, dc_buf_str(&inputs) }, actions);
    dc_cmd_t piece = { .type = DC_CMD_PIECE,
                       .piece = { .handle = viewer->handle,
                                  .count = entry->count,
                                  .first = entry->first,
                                  .faults_bytes = faults_bytes },
                       .data = { NULL, dc_buf_str(&results) } };
    if (is_made) dc_actions_to_client(actions, viewer->client->peer, &piece);
    dc_buf_fini(&inputs);
    dc_buf_fini(&results);
    return is_made;
}

// Likewise, and go on. False if that is not yet to be, or the viewer has gone (`*is_gone`).
static bool step_over(dc_core_t *self, dc_viewer_t *viewer, const dc_entry_t *entry, bool *is_gone,
                      dc_actions_t *actions)
{
    if (viewer->reads) return false; // what is before it comes before
    *is_gone = !begin_sent(viewer, entry) || !send_faults(viewer, entry, actions);
    if (*is_gone) {
        refuse(self, viewer, DC_ERR_NOMEM, dc_err_text(DC_ERR_NOMEM), actions);
        return false;
    }
    dc_viewed_add(&viewer->sent, entry->input_bytes + DC_CHUNK_COST_BYTES, entry->count);
    advance(viewer, entry);
    return true;
}

// Take one step further. False if there is none at the moment, or the viewer has gone (`*is_gone`).
static bool step(dc_core_t *self, dc_viewer_t *viewer, bool *is_gone, dc_actions_t *actions)
{
    const dc_detached_t *detached = viewer->batch->detached;
    const dc_entry_t *entry = next_entry(viewer);
    if (!entry || viewer->is_in_parts) return false;
    if (is_spoiled(viewer, entry)) return step_over(self, viewer, entry, is_gone, actions);
    if (viewer->wants_inputs && !viewer->is_input_read) {
        *is_gone = !ask(self, viewer, entry, false, actions);
        if (!*is_gone) viewer->is_input_read = true;
        return !*is_gone;
    }
    if (entry->is_stored && viewer->offset < entry->result_bytes) {
        *is_gone = !ask(self, viewer, entry, true, actions);
        if (*is_gone) return false;
        // Where its pieces end is known only when they are there.
        viewer->is_in_parts = entry->result_bytes - viewer->offset > DC_STORE_READ_BYTES;
        if (!viewer->is_in_parts) advance(viewer, entry);
        return true;
    }
    if (entry->is_stored) {
        dc_viewed_see_partial(&viewer->sent, detached, entry); // all of it was shown before
        advance(viewer, entry);
        return true;
    }
    if (!detached->is_end_stored || entry->is_put) return false;
    advance(viewer, entry); // it has no results, and never will
    return true;
}

// --- what is still computed --------------------------------------------------------------------

// Pieces are stored with the names of workers.
static void hide_worker(dc_cmd_t *piece)
{
    size_t bytes = piece->piece.worker_bytes;
    piece->data = dc_slice_part(piece->data, bytes, piece->data.bytes.len - bytes);
    piece->piece.worker_bytes = 0;
}

// Send the pieces at the front of `rest`, and no more after `bytes_max`. Returns how many bytes
// they were.
static size_t send_pieces(dc_viewer_t *viewer, dc_slice_t *rest, size_t bytes_max,
                          dc_actions_t *actions)
{
    size_t sent = 0;
    size_t left = rest->bytes.len;
    dc_cmd_t piece;
    while (sent < bytes_max && dc_pieces_take(rest, &piece)) {
        piece.piece.handle = viewer->handle;
        if (!viewer->wants_workers) hide_worker(&piece);
        dc_actions_to_client(actions, viewer->client->peer, &piece);
        dc_viewed_add(&viewer->sent, left - rest->bytes.len, piece.piece.count);
        sent += left - rest->bytes.len;
        left = rest->bytes.len;
    }
    return sent;
}

// Send what there is so far of the chunk that is read next, and that the client has the inputs of.
static void show(const dc_core_t *self, dc_viewer_t *viewer, dc_actions_t *actions)
{
    const dc_batch_t *batch = viewer->batch;
    const dc_entry_t *entry = next_entry(viewer);
    bool is_due = entry && !entry->is_put && viewer->reads == 0 &&
                  (viewer->is_input_read || !viewer->wants_inputs);
    if (!is_due || viewer->sent.bytes >= bytes_max(self)) return;
    size_t at = dc_batch_find(batch, entry->first);
    if (at == dc_batch_chunk_count(batch)) return;
    const dc_chunk_t *chunk = dc_batch_chunk(batch, at);
    if (chunk->first != entry->first || !chunk->tray) return;
    dc_slice_t fresh = { NULL, dc_str_behind(dc_buf_str(&chunk->tray->pieces), viewer->offset) };
    if (fresh.bytes.len == 0 || !begin_sent(viewer, entry)) return;
    size_t room = bytes_max(self) - viewer->sent.bytes;
    viewer->offset += send_pieces(viewer, &fresh, room, actions);
}

static bool is_at_end(const dc_viewer_t *viewer)
{
    const dc_batch_t *batch = viewer->batch;
    return batch->detached->is_end_stored && viewer->reads == 0 && viewer->next >= batch->jobs;
}

// Whether the store may be asked for more; if not the viewer's turn comes again.
static bool may_ask(dc_core_t *self, dc_viewer_t *viewer)
{
    if (viewer->sent.bytes + viewer->read_bytes >= bytes_max(self)) return false;
    if (self->reading_bytes < self->settings.reading_bytes_max) return true;
    if (!viewer->is_thirsty) DL_APPEND2(self->thirsty, viewer, thirsty_prev, thirsty_next);
    viewer->is_thirsty = true;
    return false;
}

// Whether so much of the chunk that is read is not acknowledged that no more may be asked for. If
// its first job comes last nothing of it ever will be, so a part of it is read in each tick.
static bool is_choked(const dc_core_t *self, const dc_viewer_t *viewer)
{
    const dc_entry_t *entry = next_entry(viewer);
    return viewer->reads == 0 && viewer->sent.bytes >= bytes_max(self) && entry &&
           dc_viewed_is_alone(&viewer->sent, entry);
}

void dc_viewer_pump(dc_core_t *self, dc_viewer_t *viewer, dc_actions_t *actions)
{
    bool is_gone = false;
    while (may_ask(self, viewer)) {
        if (!step(self, viewer, &is_gone, actions)) break;
    }
    if (is_gone || !is_at_end(viewer)) return;
    const dc_detached_t *detached = viewer->batch->detached;
    dc_cmd_t done = { .type = DC_CMD_DONE,
                      .done = { .handle = viewer->handle,
                                .error = detached->end_error,
                                .answered = detached->answered_jobs } };
    dc_actions_to_client(actions, viewer->client->peer, &done);
    dc_viewer_close(self, viewer);
}

// Something has been read, so that others may ask.
void dc_viewer_serve(dc_core_t *self, dc_actions_t *actions)
{
    while (self->thirsty && self->reading_bytes < self->settings.reading_bytes_max) {
        dc_viewer_t *viewer = self->thirsty;
        leave_thirsty(self, viewer);
        dc_viewer_pump(self, viewer, actions);
    }
}

void dc_viewer_pump_all(dc_core_t *self, dc_batch_t *batch, dc_actions_t *actions)
{
    dc_viewer_t *viewer, *following;
    DL_FOREACH_SAFE2(batch->detached->viewers, viewer, following, batch_next)
    {
        dc_viewer_pump(self, viewer, actions);
    }
}

// --- what the store has read -------------------------------------------------------------------

// Send the pieces that are there as a whole. False if what is there is none.
static bool send_stored(dc_viewer_t *viewer, const dc_entry_t *entry, const dc_store_op_t *op,
                        dc_actions_t *actions)
{
    dc_slice_t rest = op->data;
    size_t used = send_pieces(viewer, &rest, SIZE_MAX, actions);
    if (used == 0 || (!viewer->is_in_parts && rest.bytes.len)) return false;
    if (!viewer->is_in_parts) return true;
    viewer->offset += used;
    viewer->is_in_parts = false; // the next part may be asked for
    if (viewer->offset >= entry->result_bytes) advance(viewer, entry);
    return true;
}

// The row that `op` was to read is damaged, or not there: it is seen to, and the viewer asks again.
static void see_damage(dc_core_t *self, dc_viewer_t *viewer, dc_entry_t *entry,
                       const dc_store_op_t *op, dc_actions_t *actions)
{
    if (op->read.is_of_result) {
        dc_repair_results(self, viewer->batch, entry, op->error, actions);
    } else {
        dc_repair_inputs(viewer->batch, entry, actions);
    }
    put_off(self, viewer, DC_VIEWER_SPOILED, actions);
}

// What was read for `viewer` has come, or cannot be had. False if the viewer has gone.
static bool take_read(dc_core_t *self, dc_viewer_t *viewer, const dc_store_op_t *op,
                      dc_actions_t *actions)
{
    viewer->reads--;
    viewer->read_bytes -= op->read.expected;
    dc_entry_t *entry = dc_detached_find(viewer->batch->detached, op->read.first);
    if (!entry || op->error == DC_ERR_NOMEM || op->error == DC_ERR_STORE_LOCKED) {
        refuse(self, viewer, entry ? op->error : DC_ERR_INTERNAL, "the store cannot read it",
               actions);
        return false;
    }
    if (op->error != DC_OK) {
        see_damage(self, viewer, entry, op, actions);
        return false;
    }
    if (!begin_sent(viewer, entry)) {
        refuse(self, viewer, DC_ERR_NOMEM, dc_err_text(DC_ERR_NOMEM), actions);
        return false;
    }
    if (!op->read.is_of_result) {
        send_input(viewer, entry, op->data, actions);
        dc_viewed_add(&viewer->sent, op->data.bytes.len, 0);
    } else if (!send_stored(viewer, entry, op, actions)) {
        see_damage(self, viewer, entry, op, actions);
        return false;
    }
    return true;
}

void dc_viewer_read(dc_core_t *self, const dc_store_op_t *op, dc_actions_t *actions)
{
    self->reading_bytes -= op->read.expected;
    dc_client_t *client = dc_sessions_find(self, op->peer);
    dc_viewer_t *viewer = client ? dc_viewer_find(client, op->handle) : NULL;
    bool is_there = viewer && viewer->ticket == op->read.ticket;
    // Those that have waited go first.
    if (is_there && take_read(self, viewer, op, actions) && !viewer->is_thirsty) {
        DL_APPEND2(self->thirsty, viewer, thirsty_prev, thirsty_next);
        viewer->is_thirsty = true;
    }
    dc_viewer_serve(self, actions);
}

// --- acknowledging -----------------------------------------------------------------------------

void dc_viewer_ack(dc_core_t *self, dc_viewer_t *viewer, uint64_t first, uint64_t end,
                   dc_actions_t *actions)
{
    dc_viewed_ack(&viewer->sent, first, end);
    dc_viewer_pump(self, viewer, actions);
}

void dc_viewer_tick(dc_core_t *self, dc_actions_t *actions)
{
    if (!self->viewer_count) return;
    for (const dc_client_t *client = self->clients; client; client = client->hh.next) {
        dc_viewer_t *viewer, *following;
        DL_FOREACH_SAFE2(client->viewers, viewer, following, client_next)
        {
            bool is_gone = false;
            dc_viewed_release_partial(&viewer->sent);
            show(self, viewer, actions);
            if (is_choked(self, viewer)) step(self, viewer, &is_gone, actions);
            if (!is_gone) dc_viewer_pump(self, viewer, actions);
        }
    }
}
