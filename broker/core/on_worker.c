#include "broker/core/on_worker.h"

#include <stdio.h>

#include "broker/core/clients/deliver.h"
#include "broker/core/jobs/fork.h"
#include "broker/core/jobs/ledger.h"
#include "broker/core/jobs/tree.h"
#include "broker/core/schedule/reclaim.h"
#include "broker/core/schedule/room.h"
#include "broker/core/schedule/turns.h"
#include "broker/core/slots/drain.h"
#include "broker/core/slots/load.h"
#include "broker/core/slots/loss.h"
#include "broker/core/slots/registry.h"
#include "broker/core/slots/usual.h"
#include "broker/core/slots/verify.h"
#include "common/bytes.h"
#include "common/lines.h"

// --- READY -------------------------------------------------------------------------------------

// Silence is for plain workers; who introduces itself is a slot, and is told what is wrong.
static void refuse_worker(dc_peer_t peer, const dc_diag_t *diag, dc_actions_t *actions)
{
    char text[DC_DIAG_MESSAGE_MAX + 100];
    snprintf(text, sizeof text, "error: %s the broker does not take this worker: %s",
             dc_err_name(diag->code), diag->message);
    dc_cmd_t answer = { .type = DC_CMD_ANSWER, .data = { NULL, dc_str_from(text) } };
    dc_actions_to_worker(actions, peer, &answer);
}

static void on_ready(dc_core_t *self, dc_peer_t peer, dc_slot_t *former, const dc_cmd_t *cmd,
                     dc_actions_t *actions)
{
    if (former) dc_loss_of_session(self, former, "ready-again", actions);
    dc_diag_t diag;
    dc_slot_t *elsewhere;
    dc_err_t err = dc_registry_add(self, peer, cmd->data.bytes, &elsewhere, &diag);
    if (err != DC_OK) {
        dc_actions_log(actions, DC_LOG_WARN, "worker refused error=%s why=\"%s\"", dc_err_name(err),
                       diag.message);
        if (cmd->data.bytes.len) refuse_worker(peer, &diag, actions);
        dc_actions_forget_worker(actions, peer);
        return;
    }
    if (elsewhere) {
        dc_loss_of_slot(self, elsewhere, DC_BLAME_NOBODY, "ready-elsewhere", actions);
    }
    dc_slot_t *slot = dc_registry_hear(self, peer);
    dc_actions_log(actions, DC_LOG_INFO, "slot ready id=s%llu worker=%s host=%s pid=%llu",
                   (unsigned long long)slot->number, slot->name, slot->host,
                   (unsigned long long)slot->pid);
    dc_drain_see(self, slot, actions);
}

// --- RESULT ------------------------------------------------------------------------------------

static dc_lease_t *find_lease(const dc_slot_t *slot, uint64_t id)
{
    dc_lease_t *lease;
    DL_FOREACH2(slot->leases, lease, next_in_slot)
    {
        if (lease->id == id) return lease;
    }
    return NULL;
}

// What is wrong with results of `count` jobs of `batch`, behind their faults; NULL if nothing is.
static const char *flaw_of_lines(const dc_batch_t *batch, dc_str_t lines, uint64_t count)
{
    bool is_columns = batch->flags & DC_OPEN_COLUMNS;
    if (is_columns) return lines.len == count * 8 ? NULL : "its results are not 8 bytes each";
    if (lines.len && lines.data[lines.len - 1] != '\n')
        return "its results do not end in a newline";
    if (dc_str_count_lines(lines) != count) return "its results are not a line each";
    return NULL;
}

// What is wrong with a RESULT for `lease`; NULL if nothing is.
static const char *flaw_of_result(const dc_lease_t *lease, const dc_cmd_t *cmd)
{
    uint64_t count = cmd->result.count;
    if (cmd->result.first != lease->next) return "its results do not go on where they ended";
    if (count > lease->offered_end - lease->next) return "it has more results than jobs";
    if (!lease->chunk) return NULL; // of a batch that has gone, in whatever form
    if (cmd->result.flags & DC_RESULT_FORK) return NULL;
    const dc_part_t *part = lease->chunk->part;
    bool is_failed = cmd->result.flags & DC_RESULT_FAILED;
    if (is_failed && !part) return "a part fails where there is none";
    if (part && count && !is_failed && !dc_part_is_final(part)) {
        return cmd->result.faults_bytes ? "a part has faults and has not failed" : NULL;
    }
    dc_str_t lines = dc_str_behind(cmd->data.bytes, cmd->result.faults_bytes);
    return flaw_of_lines(lease->chunk->batch, lines, count);
}

// The lease gave `count` results that took `spent_us`: what is left of it should take less.
static void charge(dc_core_t *self, dc_lease_t *lease, uint64_t count, uint32_t spent_us)
{
    dc_slot_t *slot = lease->slot;
    uint64_t left = lease->end > lease->next ? lease->end - lease->next : 0;
    double part = left ? (double)dc_min_u64(count, left) / (double)left : 1;
    double done_us = lease->cost_us * part;
    lease->cost_us -= done_us;
    slot->work_us -= done_us;
    slot->jobs_done += count;
    slot->busy_us += spent_us;
    if (!lease->chunk || !lease->chunk->batch->client) return;
    dc_turns_spend(self, lease->chunk->batch, slot, spent_us - done_us);
    dc_client_t *client = lease->chunk->batch->client;
    client->expected_bytes -= lease->expected_bytes * part;
    lease->expected_bytes -= lease->expected_bytes * part;
    self->is_dispatch_due = true; // it may have more leased now
}

// The lease has come to `count` jobs further, and ends there if `is_last`.
static void advance(dc_core_t *self, dc_lease_t *lease, uint64_t count, bool is_last)
{
    lease->next += count;
    if (lease->end < lease->next) lease->end = lease->next;
    lease->since_ms = self->now;
    if (is_last) {
        dc_ledger_end_lease(self, lease, 0);
    } else {
        dc_room_see(self, lease->slot);
    }
}

static void accept_results(dc_core_t *self, dc_lease_t *lease, const dc_results_t *results,
                           bool is_last, dc_actions_t *actions)
{
    const dc_slot_t *slot = lease->slot;
    dc_batch_t *batch = lease->chunk ? lease->chunk->batch : NULL;
    double job_us = batch ? dc_ledger_cost_us(batch, 1) : 0;
    bool was_known = batch && dc_ledger_knows_cost(batch);
    bool was_throttled = batch && batch->client && dc_client_is_throttled(batch->client);
    charge(self, lease, results->count, results->spent_us);
    if (batch) {
        dc_load_learn(lease->slot, dc_ledger_cost_us(batch, results->count), results->spent_us);
    }
    bool is_whole = true;
    if (batch && results->count) {
        is_whole = dc_is_verified(batch) ? dc_verify_results(self, lease, results, actions)
                                         : dc_deliver(self, lease->chunk, results, actions);
    }
    if (!is_whole) {
        dc_actions_log(actions, DC_LOG_ERROR, "results lost slot=s%llu error=no-memory",
                       (unsigned long long)slot->number);
        uint64_t end = dc_min_u64(results->first + results->count, lease->end);
        dc_ledger_give_back_lost(self, lease, end, actions);
    }
    advance(self, lease, results->count, is_last);
    if (!batch) return;
    // Smaller results than were expected may be what its client's other chunks have waited for.
    if (was_throttled && batch->client && !dc_client_is_throttled(batch->client)) {
        self->is_dispatch_due = true;
    }
    // Jobs of less than a microsecond cost nothing that could be known.
    bool is_learnt = !was_known && dc_ledger_knows_cost(batch);
    bool is_dearer = dc_ledger_cost_us(batch, 1) > DC_DEARER * job_us;
    if (is_learnt || is_dearer) dc_reclaim_dear(self, batch, actions);
    dc_deliver_end(self, batch, actions);
}

// The result of a part, of which there is only the one.
static void accept_part(dc_core_t *self, dc_lease_t *lease, const dc_results_t *results,
                        const struct dc_cmd_result *result, dc_actions_t *actions)
{
    dc_chunk_t *chunk = lease->chunk;
    dc_batch_t *batch = chunk->batch;
    dc_use_t use = { result->steps, result->spent_us };
    bool is_last = result->flags & DC_RESULT_LAST;
    bool is_failed = result->flags & DC_RESULT_FAILED;
    dc_diag_t diag;
    dc_verdict_t verdict = dc_is_verified(batch)
                               ? dc_verify_part(self, lease, results, is_failed, &diag, actions)
                               : DC_VERDICT_AGREED;
    charge(self, lease, 1, result->spent_us);
    if (verdict == DC_VERDICT_FIRST) {
        advance(self, lease, 1, is_last);
        return;
    }
    dc_ledger_void_lease(self, lease);
    advance(self, lease, 1, is_last);
    if (verdict == DC_VERDICT_AGREED) {
        dc_tree_take(self, chunk, results, is_failed, use, actions);
    } else {
        dc_tree_fail(self, chunk, chunk->first, &diag, actions);
    }
    dc_deliver_end(self, batch, actions);
}

// The job that the lease is at is split. What the lease has behind it goes back, since parts go
// first; so a slot has one job of a lease split at a time.
static void accept_fork(dc_core_t *self, dc_lease_t *lease, const dc_cmd_t *cmd,
                        dc_actions_t *actions)
{
    dc_chunk_t *chunk = lease->chunk;
    dc_batch_t *batch = chunk ? chunk->batch : NULL;
    uint64_t index = lease->next;
    dc_use_t use = { cmd->result.steps, cmd->result.spent_us };
    charge(self, lease, 1, cmd->result.spent_us);
    bool is_wanted = chunk && index < lease->end && !dc_ranges_has(&chunk->answered, index);
    if (is_wanted) {
        dc_tree_fork(self, lease, &cmd->data, use, actions);
    } else {
        self->late_count++;
    }
    bool is_last = cmd->result.flags & DC_RESULT_LAST;
    if (!is_last && lease->chunk && index + 1 < lease->end) {
        dc_reclaim(self, lease, index + 1, actions);
    }
    advance(self, lease, index + 1 - lease->next, is_last);
    if (batch) dc_deliver_end(self, batch, actions);
}

// The slot of `lease` has answered what its twin is at as well, or splits it. Where two answers are
// wanted the other slot goes on: its answer is the second.
static void settle_twins(dc_core_t *self, dc_lease_t *lease, const dc_cmd_t *cmd,
                         dc_actions_t *actions)
{
    bool is_fork = cmd->result.flags & DC_RESULT_FORK;
    if (dc_is_verified(lease->chunk->batch) && !is_fork) {
        dc_ledger_trim(self, lease, lease->next);
    } else {
        dc_ledger_end_double(self, lease->twin, actions);
    }
}

static void on_result(dc_core_t *self, dc_slot_t *slot, const dc_cmd_t *cmd, dc_actions_t *actions)
{
    dc_lease_t *lease = find_lease(slot, cmd->result.id);
    if (!lease || cmd->result.first + cmd->result.count <= lease->next) {
        bool is_end = lease && cmd->result.count == 0 && cmd->result.first == lease->next;
        if (!is_end) {
            self->stale_count++; // of a former session, or the second copy of a message
            return;
        }
    }
    const char *flaw = flaw_of_result(lease, cmd);
    if (flaw) {
        dc_actions_log(actions, DC_LOG_ERROR, "slot breaks the protocol id=s%llu worker=%s: %s",
                       (unsigned long long)slot->number, slot->name, flaw);
        dc_loss_of_slot(self, slot, DC_BLAME_RUNNING, "protocol", actions);
        return;
    }
    bool has_result = cmd->result.count || cmd->result.flags & DC_RESULT_FORK;
    if (lease->twin && has_result) settle_twins(self, lease, cmd, actions);
    if (cmd->result.flags & DC_RESULT_FORK) {
        accept_fork(self, lease, cmd, actions);
        return;
    }
    dc_results_t results = {
        .first = cmd->result.first,
        .count = cmd->result.count,
        .faults_bytes = cmd->result.faults_bytes,
        .data = cmd->data,
        .spent_us = cmd->result.spent_us,
        .attempt = lease->attempt,
        .leased_us = lease->given_us,
        .slot = slot,
        .worker = dc_str(slot->name, slot->name_len),
    };
    if (lease->chunk && lease->chunk->part && results.count) {
        accept_part(self, lease, &results, &cmd->result, actions);
    } else {
        accept_results(self, lease, &results, cmd->result.flags & DC_RESULT_LAST, actions);
    }
}

// The reply of a plain worker to one expression is one result, whatever it is: a line of a request
// of several, as it stands for a request of one.
static void on_worked(dc_core_t *self, dc_slot_t *slot, const dc_cmd_t *cmd, dc_actions_t *actions)
{
    dc_lease_t *lease = find_lease(slot, cmd->worked.id);
    if (!lease || !slot->is_plain) {
        self->stale_count++;
        return;
    }
    dc_slice_t data = cmd->data;
    const dc_batch_t *batch = lease->chunk ? lease->chunk->batch : NULL;
    bool is_alone = batch && (batch->jobs == 1 || batch->is_joined);
    if (!is_alone) data = dc_slice_part(data, 0, dc_lines_offset(data.bytes, 1));
    dc_results_t results = {
        .first = lease->next,
        .count = 1,
        .data = data,
        .attempt = 1,
        .leased_us = lease->given_us,
    };
    if (lease->twin) dc_ledger_end_double(self, lease->twin, actions);
    if (batch && batch->client && self->now > lease->since_ms) {
        // It does not say how long that took.
        dc_usual_see(&batch->client->usual_us, (double)(self->now - lease->since_ms) * 1000);
    }
    accept_results(self, lease, &results, true, actions);
}

// --- GOODBYE -----------------------------------------------------------------------------------

static void on_goodbye(dc_core_t *self, dc_slot_t *slot, const dc_cmd_t *cmd, dc_actions_t *actions)
{
    bool is_leaving = cmd->goodbye.flags & DC_GOODBYE_LEAVING;
    if (!is_leaving && !slot->is_draining) {
        dc_actions_log(actions, DC_LOG_INFO, "slot drains id=s%llu worker=%s why=worker",
                       (unsigned long long)slot->number, slot->name);
    }
    slot->is_draining = true; // what it hands back is not for itself
    for (size_t i = 0; i < cmd->data.bytes.len / 8; i++) {
        dc_lease_t *lease = find_lease(slot, dc_get_u64(cmd->data.bytes.data + 8 * i));
        if (lease) dc_ledger_end_lease(self, lease, 0);
    }
    if (is_leaving) {
        dc_loss_of_slot(self, slot, DC_BLAME_NOBODY, "goodbye", actions);
    } else {
        dc_drain_begun(self, slot, actions);
    }
}

// --- who says what -----------------------------------------------------------------------------

static void on_stranger(dc_peer_t peer, const dc_cmd_t *cmd, dc_actions_t *actions)
{
    // A plain worker gets silence, so that it sends READY again; a slot is told.
    bool is_plain =
        cmd->type == DC_CMD_WORKED || (cmd->type == DC_CMD_BEAT && cmd->data.bytes.len == 0);
    if (is_plain) {
        dc_actions_forget_worker(actions, peer);
        return;
    }
    dc_cmd_t who = { .type = DC_CMD_WHO };
    dc_actions_to_worker(actions, peer, &who);
    dc_actions_forget_worker(actions, peer);
}

void dc_on_worker(dc_core_t *self, dc_peer_t peer, const dc_cmd_t *cmd, dc_actions_t *actions)
{
    dc_slot_t *slot = dc_registry_hear(self, peer);
    if (cmd->type == DC_CMD_READY) {
        on_ready(self, peer, slot, cmd, actions);
        return;
    }
    if (cmd->type == DC_CMD_OBITUARY) {
        dc_loss_obituary(self, cmd, actions);
        return;
    }
    if (!slot) {
        on_stranger(peer, cmd, actions);
        return;
    }
    switch (cmd->type) {
    case DC_CMD_RESULT: on_result(self, slot, cmd, actions); break;
    case DC_CMD_WORKED: on_worked(self, slot, cmd, actions); break;
    case DC_CMD_BEAT: dc_load_hear(self, slot, cmd->data.bytes); break;
    case DC_CMD_GOODBYE: on_goodbye(self, slot, cmd, actions); break;
    case DC_CMD_READY:
    case DC_CMD_OBITUARY:
        break; // were done before
        // clang-format off
    DC_CASES(DC_COMMANDS_OF_ANYBODY) break; // it lives
    DC_CASES(DC_COMMANDS_OF_CLIENT) break;
    DC_CASES(DC_COMMANDS_TO_CLIENT) break;
    DC_CASES(DC_COMMANDS_TO_SLOT) break;
        // clang-format on
    }
}

void dc_on_worker_gone(dc_core_t *self, dc_peer_t peer, dc_actions_t *actions)
{
    dc_slot_t *slot = dc_registry_hear(self, peer);
    if (slot) dc_loss_of_slot(self, slot, DC_BLAME_RUNNING, "unreachable", actions);
}
