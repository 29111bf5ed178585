#include "broker/core/on_client.h"

#include <stdio.h>

#include "broker/core/clients/deliver.h"
#include "broker/core/clients/refuse.h"
#include "broker/core/clients/sessions.h"
#include "broker/core/clients/viewer.h"
#include "broker/core/jobs/ledger.h"
#include "broker/core/jobs/needs.h"
#include "broker/core/jobs/packed.h"
#include "broker/core/kept/submit.h"
#include "broker/core/on_ask.h"
#include "broker/core/on_kept.h"
#include "broker/core/on_open.h"
#include "broker/core/report/report.h"
#include "broker/core/schedule/terms.h"
#include "broker/core/slots/drain.h"
#include "common/buf.h"

static void ask_who(dc_peer_t peer, dc_actions_t *actions)
{
    dc_cmd_t who = { .type = DC_CMD_WHO };
    dc_actions_to_client(actions, peer, &who);
    dc_actions_forget_client(actions, peer);
}

// --- the batch's commands ----------------------------------------------------------------------

// A client that breaks the rules loses the batch that it broke them with.
static void punish(dc_core_t *self, dc_client_t *client, dc_batch_t *batch, const char *why,
                   dc_actions_t *actions)
{
    dc_refuse(client, batch->handle, DC_ERR_PROTOCOL, actions, "%s", why);
    dc_sessions_drop(self, batch, actions);
}

// Whether a chunk is new to its batch, known already (and left alone), or overlaps with others.
typedef enum novelty {
    NOVEL,
    KNOWN,
    OVERLAPPING
} novelty_t;

// The jobs of the first chunk that ends behind `index`; of a detached batch those that have left
// are known still.
static bool find_next(const dc_batch_t *batch, uint64_t index, dc_range_t *jobs)
{
    const dc_detached_t *detached = batch->detached;
    size_t at = detached ? dc_detached_at(detached, index) : dc_batch_find(batch, index);
    if (detached) {
        if (at == detached->entry_count) return false;
        const dc_entry_t *entry = &detached->entries[at];
        *jobs = (dc_range_t){ entry->first, entry->first + entry->count };
        return true;
    }
    if (at == dc_batch_chunk_count(batch)) {
        return batch->backlog && dc_backlog_find(batch->backlog, index, jobs);
    }
    const dc_chunk_t *chunk = dc_batch_chunk(batch, at);
    *jobs = (dc_range_t){ chunk->first, dc_chunk_end(chunk) };
    return true;
}

static novelty_t novelty_of(const dc_batch_t *batch, uint64_t first, uint64_t end)
{
    uint64_t over_count = dc_ranges_count_in(&batch->over, first, end);
    if (over_count) return over_count == end - first ? KNOWN : OVERLAPPING;
    dc_range_t next;
    if (!find_next(batch, first, &next) || next.first >= end) return NOVEL;
    return next.first == first && next.end == end ? KNOWN : OVERLAPPING;
}

// The inputs of a CHUNK, behind the pairs of what it needs.
static dc_slice_t inputs_of(const dc_cmd_t *cmd)
{
    size_t pairs_bytes = cmd->chunk.need_count * (size_t)DC_WIRE_RANGE_BYTES;
    if (!pairs_bytes) return cmd->data;
    return dc_slice_part(cmd->data, pairs_bytes, cmd->data.bytes.len - pairs_bytes);
}

// A chunk that needs results of others, or is needed.
static dc_err_t add_entangled(dc_core_t *self, dc_batch_t *batch, const dc_cmd_t *cmd, size_t cost,
                              dc_diag_t *diag)
{
    dc_slice_t inputs = inputs_of(cmd);
    dc_str_t pairs = dc_str(cmd->data.bytes.data, cmd->data.bytes.len - inputs.bytes.len);
    dc_chunk_t *chunk = dc_chunk_new(&self->pools, batch, cmd->chunk.first, cmd->chunk.count,
                                     cmd->chunk.width, cmd->chunk.flags, &inputs);
    if (!chunk) return dc_diag_set_no_memory(diag);
    chunk->payer = batch->client->peer;
    chunk->cost_bytes = cost;
    chunk->is_waiting = cmd->chunk.need_count || batch->awaited_count;
    if (!dc_ledger_add_chunk(self, chunk)) {
        dc_chunk_destroy(&chunk, &self->pools);
        return dc_diag_set_no_memory(diag);
    }
    batch->client->freed_bytes -= cost; // freed when it is dropped
    dc_err_t err = dc_needs_admit(self, pairs, cmd->chunk.flags, diag);
    return err ? err : dc_needs_enter(self, chunk, pairs, diag);
}

static dc_err_t add_chunk(dc_core_t *self, dc_batch_t *batch, const dc_cmd_t *cmd, size_t cost,
                          dc_diag_t *diag)
{
    bool is_needed = cmd->chunk.flags & DC_CHUNK_NEEDED;
    if (is_needed || cmd->chunk.need_count) {
        return add_entangled(self, batch, cmd, cost, diag);
    }
    dc_packed_t chunk = { .first = cmd->chunk.first,
                          .count = cmd->chunk.count,
                          .width = cmd->chunk.width,
                          .flags = cmd->chunk.flags,
                          .is_paid = true,
                          .data = cmd->data };
    if (!dc_packed_take(self, batch, &chunk)) return dc_diag_set_no_memory(diag);
    batch->client->freed_bytes -= cost; // freed when it is dropped
    return DC_OK;
}

static const char *flaw_of_chunk(const dc_client_t *client, const dc_batch_t *batch,
                                 const dc_cmd_t *cmd, uint64_t end)
{
    // What came for no batch may have come twice, and is held by nobody.
    if (client->received_bytes - client->stray_bytes > client->told_bytes) {
        return "more was sent than there was credit for";
    }
    if (batch->is_closed) return "a chunk came after CLOSE";
    if (!dc_chunk_is_valid(inputs_of(cmd).bytes, cmd->chunk.count, cmd->chunk.width,
                           cmd->chunk.flags)) {
        return "a chunk's data are not what it says";
    }
    if (novelty_of(batch, cmd->chunk.first, end) == OVERLAPPING) return "a chunk overlaps another";
    return NULL;
}

static void on_chunk(dc_core_t *self, dc_client_t *client, const dc_cmd_t *cmd,
                     dc_actions_t *actions)
{
    dc_batch_t *batch = dc_sessions_by_handle(client, cmd->chunk.handle);
    uint64_t end;
    bool is_too_high = __builtin_add_overflow(cmd->chunk.first, cmd->chunk.count, &end);
    if (batch && !is_too_high && novelty_of(batch, cmd->chunk.first, end) == KNOWN) {
        if (batch->detached) dc_submit_known(self, client, cmd, actions);
        return;
    }
    size_t cost = dc_wire_cost(cmd);
    client->received_bytes += cost;
    client->freed_bytes += cost; // until it is taken
    if (!batch) {
        client->stray_bytes += cost; // refused or cancelled while this was on its way
        return;
    }
    const char *flaw =
        is_too_high ? "a chunk's range is too high" : flaw_of_chunk(client, batch, cmd, end);
    if (flaw) {
        punish(self, client, batch, flaw, actions);
        return;
    }
    if (batch->detached) {
        client->freed_bytes -= cost; // freed when it is stored
        dc_submit_chunk(self, client, batch, cmd, actions);
        return;
    }
    dc_diag_t diag;
    dc_err_t err = add_chunk(self, batch, cmd, cost, &diag);
    if (!err) return;
    dc_refuse(client, batch->handle, err, actions, "%s", diag.message);
    dc_sessions_drop(self, batch, actions);
}

// Results that the client has, for chunks that it sends again.
static void on_give(dc_core_t *self, dc_client_t *client, const dc_cmd_t *cmd,
                    dc_actions_t *actions)
{
    dc_batch_t *batch = dc_sessions_by_handle(client, cmd->give.handle);
    dc_diag_t diag;
    // Of a detached batch the store has what was computed, and nothing else.
    if (!batch || batch->is_closed || batch->detached) return;
    dc_err_t err = dc_needs_give(self, batch, cmd, &diag);
    if (!err) return;
    dc_refuse(client, batch->handle, err, actions, "%s", diag.message);
    dc_sessions_drop(self, batch, actions);
}

// The key that the client opened stands for another input: there are more jobs than it knows of, or
// all were there before. Not to be punished: the batch may be completed by who has the right one.
static bool refuse_other_input(dc_core_t *self, dc_client_t *client, dc_batch_t *batch,
                               uint64_t jobs, dc_actions_t *actions)
{
    const dc_detached_t *detached = batch->detached;
    if (detached->job_count <= jobs && !detached->is_close_put) return false;
    dc_refuse(client, batch->handle, DC_ERR_INVALID, actions,
              "key is in use for another batch, b%llu, which has %llu jobs, and not %llu",
              (unsigned long long)batch->number, (unsigned long long)detached->job_count,
              (unsigned long long)jobs);
    dc_submit_leave(self, batch);
    return true;
}

static void on_close(dc_core_t *self, dc_client_t *client, const dc_cmd_t *cmd,
                     dc_actions_t *actions)
{
    dc_batch_t *batch = dc_sessions_by_handle(client, cmd->close.handle);
    if (!batch) return;
    if (cmd->close.jobs > INT64_MAX) {
        punish(self, client, batch, "CLOSE counts more jobs than there are numbers", actions);
        return;
    }
    if (batch->detached) {
        if (dc_submit_close(self, client, batch, cmd->close.jobs, actions)) return;
        if (refuse_other_input(self, client, batch, cmd->close.jobs, actions)) return;
        punish(self, client, batch, "CLOSE counts other jobs than were sent", actions);
        return;
    }
    batch->is_closed = true;
    batch->jobs = cmd->close.jobs;
    dc_needs_close(self, batch);
    dc_deliver_end(self, batch, actions);
}

// How many ranges the jobs that a client is done with may make. Those of our clients have a chunk
// between them that is open, or was before the broker was started again, and DC_CREDIT_BYTES pay
// for half as many of the smallest.
#define OVER_RANGES_MAX 65536
static_assert(OVER_RANGES_MAX >= 2 * DC_CREDIT_BYTES / DC_CHUNK_COST_BYTES, "credit is the bound");

// The client is done with the jobs of `chunk`. False if there is no memory to remember it.
static bool add_over(dc_core_t *self, dc_batch_t *batch, dc_chunk_t *chunk)
{
    self->memory_bytes -= dc_batch_own_bytes(batch);
    bool is_added = dc_ranges_add(&batch->over, chunk->first, dc_chunk_end(chunk));
    self->memory_bytes += dc_batch_own_bytes(batch);
    if (is_added) chunk->failed_count = 0; // the batch goes on counting them
    return is_added;
}

// The client is done with the chunks that lie within [first, end), answered or not. False if memory
// is short.
static bool drop_acknowledged(dc_core_t *self, dc_batch_t *batch, uint64_t first, uint64_t end,
                              dc_actions_t *actions)
{
    if (!dc_packed_open(self, batch, end)) return false;
    size_t at = dc_batch_find(batch, first);
    while (at < dc_batch_chunk_count(batch)) {
        dc_chunk_t *chunk = dc_batch_chunk(batch, at);
        if (dc_chunk_end(chunk) > end) break;
        if (chunk->first < first) {
            at++;
            continue;
        }
        if (!add_over(self, batch, chunk)) return false;
        dc_ledger_drop_chunk(self, batch, at, actions);
    }
    return true;
}

static void on_ack(dc_core_t *self, dc_client_t *client, const dc_cmd_t *cmd, dc_actions_t *actions)
{
    dc_batch_t *batch = dc_sessions_by_handle(client, cmd->ack.handle);
    dc_viewer_t *viewer = batch ? NULL : dc_viewer_find(client, cmd->ack.handle);
    if (viewer) dc_viewer_ack(self, viewer, cmd->ack.first, cmd->ack.end, actions);
    if (!batch || batch->detached) return; // who submits is sent no results
    if (!drop_acknowledged(self, batch, cmd->ack.first, cmd->ack.end, actions)) {
        dc_refuse_no_memory(client, cmd->ack.handle, actions);
        dc_sessions_drop(self, batch, actions);
        return;
    }
    if (batch->over.len > OVER_RANGES_MAX) {
        punish(self, client, batch, "too many gaps are between the chunks that are acknowledged",
               actions);
        return;
    }
    dc_sessions_grant(self, client, actions);
    dc_deliver_end(self, batch, actions);
}

// --- asked by anybody --------------------------------------------------------------------------

static void reply_json(dc_client_t *client, uint32_t handle, const char *json,
                       dc_actions_t *actions)
{
    dc_cmd_t reply = { .type = DC_CMD_REPLY,
                       .reply = { .handle = handle },
                       .data = { NULL, dc_str_from(json) } };
    dc_actions_to_client(actions, client->peer, &reply);
}

static void on_cancel(dc_core_t *self, dc_client_t *client, const dc_cmd_t *cmd,
                      dc_actions_t *actions)
{
    uint64_t number = cmd->cancel.number;
    uint32_t handle = cmd->cancel.handle;
    dc_batch_t *batch =
        number ? dc_sessions_by_number(self, number) : dc_sessions_by_handle(client, handle);
    if (!batch) {
        dc_viewer_t *viewer = number ? NULL : dc_viewer_find(client, handle);
        if (viewer) dc_viewer_close(self, viewer);
        if (number) dc_refuse_unknown(client, handle, number, actions);
        return;
    }
    if (number) {
        char json[96];
        snprintf(json, sizeof json, "{\"batch\":\"b%llu\",\"cancelled\":%llu}",
                 (unsigned long long)number, (unsigned long long)dc_batch_open_jobs(batch));
        if (batch->detached) {
            dc_on_kept_cancel(self, client, cmd, batch, json, actions);
            return;
        }
        reply_json(client, handle, json, actions);
        dc_terms_end(self, batch, DC_ERR_CANCELLED, actions);
        return;
    }
    dc_actions_log(actions, DC_LOG_INFO, "batch cancelled batch=b%llu",
                   (unsigned long long)batch->number);
    dc_sessions_drop(self, batch, actions);
}

static void on_query(dc_core_t *self, dc_client_t *client, const dc_cmd_t *cmd,
                     dc_actions_t *actions)
{
    dc_buf_t json = { 0 };
    dc_diag_t diag;
    dc_err_t err = dc_report(self, cmd->data.bytes, &json, &diag);
    if (err == DC_OK) {
        dc_cmd_t reply = { .type = DC_CMD_REPLY,
                           .reply = { .handle = cmd->query.handle },
                           .data = { NULL, dc_buf_str(&json) } };
        dc_actions_to_client(actions, client->peer, &reply);
    } else {
        dc_refuse(client, cmd->query.handle, err, actions, "%s", diag.message);
    }
    dc_buf_fini(&json);
}

// --- who says what -----------------------------------------------------------------------------

static void on_set(dc_core_t *self, dc_client_t *client, const dc_cmd_t *cmd, dc_actions_t *actions)
{
    if (cmd->set.what == DC_SET_DRAIN) {
        dc_drain_worker(self, client, cmd, actions);
    } else {
        dc_terms_set(self, client, cmd, actions);
    }
}

// Commands with which a session may begin; all others are answered with WHO.
static bool may_begin(dc_command_t type)
{
    return type == DC_CMD_OPEN || type == DC_CMD_QUERY || type == DC_CMD_CANCEL ||
           type == DC_CMD_ATTACH || type == DC_CMD_SET || type == DC_CMD_DELETE;
}

void dc_on_client(dc_core_t *self, dc_peer_t peer, const dc_cmd_t *cmd, dc_actions_t *actions)
{
    dc_client_t *client = dc_sessions_hear(self, peer);
    if (!client && dc_sessions_take_lost(self, peer)) {
        ask_who(peer, actions);
        return;
    }
    if (cmd->type == DC_CMD_ASK) {
        dc_on_ask(self, client, peer, cmd, actions);
        return;
    }
    if (!client && may_begin(cmd->type)) client = dc_sessions_begin(self, peer, false);
    if (!client) {
        ask_who(peer, actions);
        return;
    }
    if (client->is_plain) {
        dc_refuse(client, 0, DC_ERR_PROTOCOL, actions, "DC1 in a session of plain requests");
        return;
    }
    switch (cmd->type) {
    case DC_CMD_OPEN: dc_on_open(self, client, cmd, actions); break;
    case DC_CMD_CHUNK: on_chunk(self, client, cmd, actions); break;
    case DC_CMD_GIVE: on_give(self, client, cmd, actions); break;
    case DC_CMD_CLOSE: on_close(self, client, cmd, actions); break;
    case DC_CMD_ACK: on_ack(self, client, cmd, actions); break;
    case DC_CMD_CANCEL: on_cancel(self, client, cmd, actions); break;
    case DC_CMD_QUERY: on_query(self, client, cmd, actions); break;
    case DC_CMD_SET: on_set(self, client, cmd, actions); break;
    case DC_CMD_ATTACH: dc_viewer_attach(self, client, cmd, actions); break;
    case DC_CMD_DELETE: dc_on_kept_delete(self, client, cmd, actions); break;
    case DC_CMD_ASK:
        break; // was answered before
        // clang-format off
    DC_CASES(DC_COMMANDS_OF_ANYBODY) break; // it lives
    DC_CASES(DC_COMMANDS_TO_CLIENT) break;
    DC_CASES(DC_COMMANDS_TO_SLOT) break;
    DC_CASES(DC_COMMANDS_OF_SLOT) break;
        // clang-format on
    }
}

void dc_on_client_gone(dc_core_t *self, dc_peer_t peer, dc_actions_t *actions)
{
    dc_client_t *client = dc_sessions_hear(self, peer);
    if (client) dc_sessions_end(self, client, actions);
    if (dc_sessions_take_lost(self, peer)) dc_actions_forget_client(actions, peer);
}
