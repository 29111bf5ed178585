#include "broker/core/clients/sessions.h"

#include <stdlib.h>

#include "broker/core/clients/viewer.h"
#include "broker/core/jobs/ledger.h"
#include "broker/core/jobs/needs.h"
#include "broker/core/jobs/numbers.h"
#include "broker/core/jobs/packed.h"
#include "broker/core/kept/keep.h"
#include "broker/core/kept/submit.h"
#include "broker/core/schedule/after.h"
#include "broker/core/schedule/allowance.h"
#include "broker/core/schedule/lanes.h"
#include "broker/core/schedule/terms.h"
#include "broker/core/schedule/turns.h"
#include "broker/core/slots/verify.h"

// --- clients -----------------------------------------------------------------------------------

dc_client_t *dc_sessions_find(const dc_core_t *self, dc_peer_t peer)
{
    dc_client_t *client;
    HASH_FIND(hh, self->clients, &peer, sizeof peer, client);
    return client;
}

dc_client_t *dc_sessions_hear(dc_core_t *self, dc_peer_t peer)
{
    dc_client_t *client;
    HASH_FIND(hh, self->clients, &peer, sizeof peer, client);
    if (!client) return NULL;
    client->heard_ms = self->now;
    DL_DELETE2(self->heard_client, client, heard_prev, heard_next);
    DL_APPEND2(self->heard_client, client, heard_prev, heard_next);
    return client;
}

dc_client_t *dc_sessions_begin(dc_core_t *self, dc_peer_t peer, bool is_plain)
{
    dc_client_t *client = calloc(1, sizeof *client);
    if (!client) return NULL;
    client->peer = peer;
    client->is_plain = is_plain;
    client->heard_ms = self->now;
    client->told_bytes = DC_CREDIT_INITIAL_BYTES;
    dc_allowance_begin(self, client);
    HASH_ADD(hh, self->clients, peer, sizeof client->peer, client);
    if (!DC_MAP_ADDED(client)) {
        free(client);
        return NULL;
    }
    DL_APPEND2(self->heard_client, client, heard_prev, heard_next);
    return client;
}

static void end_session(dc_core_t *self, dc_client_t *client, dc_actions_t *actions)
{
    while (client->batches) {
        dc_batch_t *batch = client->batches;
        assert(batch->client == client);
        // Of a batch that is answered nothing is left here that its client could come back for.
        bool is_of_use = !client->is_plain && !(batch->is_closed && dc_batch_is_answered(batch));
        if (is_of_use) {
            dc_sessions_orphan(self, batch);
        } else {
            dc_sessions_drop(self, batch, actions);
        }
    }
    while (client->submitted) {
        dc_submit_leave(self, client->submitted->batch);
    }
    while (client->viewers) {
        dc_viewer_close(self, client->viewers);
    }
    HASH_DEL(self->clients, client);
    DL_DELETE2(self->heard_client, client, heard_prev, heard_next);
    free(client->stats);
    free(client);
}

void dc_sessions_end(dc_core_t *self, dc_client_t *client, dc_actions_t *actions)
{
    dc_peer_t peer = client->peer;
    end_session(self, client, actions);
    dc_actions_forget_client(actions, peer);
}

// --- sessions that fall silent -----------------------------------------------------------------

static bool remember_lost(dc_core_t *self, dc_peer_t peer)
{
    dc_lost_client_t *lost = calloc(1, sizeof *lost);
    if (!lost) return false;
    lost->peer = peer;
    HASH_ADD(hh, self->lost, peer, sizeof lost->peer, lost);
    if (DC_MAP_ADDED(lost)) return true;
    free(lost);
    return false;
}

bool dc_sessions_take_lost(dc_core_t *self, dc_peer_t peer)
{
    dc_lost_client_t *lost;
    HASH_FIND(hh, self->lost, &peer, sizeof peer, lost);
    if (!lost) return false;
    HASH_DEL(self->lost, lost);
    free(lost);
    return true;
}

// Who had nothing here may begin anew with whatever it says, and is forgotten; so is everybody if
// memory is short.
static void end_silent(dc_core_t *self, dc_client_t *client, dc_actions_t *actions)
{
    bool has_any = client->batches || client->submitted || client->viewers;
    if (!client->is_plain && has_any && remember_lost(self, client->peer)) {
        end_session(self, client, actions);
    } else {
        dc_sessions_end(self, client, actions);
    }
}

// --- batches -----------------------------------------------------------------------------------

// Give `batch` its name in the session, and its turn. False, nothing changed, if memory is short.
static bool enter_client(dc_core_t *self, dc_client_t *client, uint32_t handle, dc_batch_t *batch)
{
    if (client->is_plain) return dc_turns_join(self, batch);
    batch->handle = handle;
    HASH_ADD(hh_handle, client->by_handle, handle, sizeof batch->handle, batch);
    if (!batch->hh_handle.tbl) return false;
    if (dc_turns_join(self, batch)) return true;
    HASH_DELETE(hh_handle, client->by_handle, batch);
    return false;
}

// The jobs of the chunks that it has.
static uint64_t count_jobs(const dc_batch_t *batch)
{
    uint64_t count = batch->backlog ? batch->backlog->job_count : 0;
    for (size_t at = 0; at < dc_batch_chunk_count(batch); at++) {
        count += dc_batch_chunk(batch, at)->count;
    }
    return count;
}

bool dc_sessions_adopt(dc_core_t *self, dc_client_t *client, uint32_t handle, dc_batch_t *batch)
{
    assert(!batch->client);
    batch->client = client;
    if (!enter_client(self, client, handle, batch)) {
        batch->client = NULL;
        return false;
    }
    if (batch->client_prev) DL_DELETE2(self->orphans, batch, client_prev, client_next);
    DL_APPEND2(client->batches, batch, client_prev, client_next);
    client->job_count += count_jobs(batch);
    batch->is_closed = batch->is_done_told = false;
    return true;
}

// What the session was owed is owed no more: the next one says itself what it lacks.
static void forget_owed(dc_batch_t *batch)
{
    if (batch->backlog) {
        batch->client->freed_bytes += batch->backlog->cost_bytes;
        dc_backlog_forget_paid(batch->backlog);
    }
    for (size_t at = 0; at < dc_batch_chunk_count(batch); at++) {
        dc_chunk_t *chunk = dc_batch_chunk(batch, at);
        batch->client->unacked_bytes -= chunk->result_bytes;
        chunk->result_bytes = 0;
        if (chunk->payer == batch->client->peer) batch->client->freed_bytes += chunk->cost_bytes;
        chunk->payer = 0;
        dc_lease_t *lease;
        DL_FOREACH2(chunk->leases, lease, chunk_next)
        {
            batch->client->expected_bytes -= lease->expected_bytes;
            lease->expected_bytes = 0;
        }
    }
}

// Take `batch` out of everything of its client's.
static void leave_client(dc_batch_t *batch)
{
    dc_client_t *client = batch->client;
    forget_owed(batch);
    client->job_count -= count_jobs(batch);
    dc_turns_leave(batch);
    if (!client->is_plain && !client->is_keeper) HASH_DELETE(hh_handle, client->by_handle, batch);
    DL_DELETE2(client->batches, batch, client_prev, client_next);
    batch->client = NULL;
    batch->client_prev = batch->client_next = NULL;
}

void dc_sessions_orphan(dc_core_t *self, dc_batch_t *batch)
{
    leave_client(batch);
    batch->orphaned_ms = self->now;
    DL_APPEND2(self->orphans, batch, client_prev, client_next);
}

void dc_sessions_register_plain(dc_core_t *self, dc_batch_t *batch)
{
    batch->is_plain = true;
    batch->lane = &self->common;
    batch->number = ++self->plain_number;
    batch->opened_ms = self->now;
    self->memory_bytes += dc_batch_own_bytes(batch);
}

bool dc_sessions_register(dc_core_t *self, dc_batch_t *batch, uint64_t wish)
{
    batch->number = dc_numbers_choose(self, batch, wish);
    batch->opened_ms = self->now;
    HASH_ADD(hh_number, self->batches, number, sizeof batch->number, batch);
    if (!batch->hh_number.tbl) return false;
    HASH_ADD(hh_key, self->by_key, key, sizeof batch->key, batch);
    if (!batch->hh_key.tbl) {
        HASH_DELETE(hh_number, self->batches, batch);
        return false;
    }
    dc_numbers_give(self, batch->number);
    self->memory_bytes += dc_batch_own_bytes(batch);
    self->verified_count += dc_is_verified(batch);
    dc_after_arrive(self, batch);
    return true;
}

void dc_sessions_drop(dc_core_t *self, dc_batch_t *batch, dc_actions_t *actions)
{
    dc_packed_drop(self, batch);
    dc_after_leave(self, batch, actions);
    while (dc_batch_chunk_count(batch)) {
        dc_ledger_drop_chunk(self, batch, dc_batch_chunk_count(batch) - 1, actions);
    }
    dc_needs_clear(self, batch);
    if (batch->detached) dc_keep_drop(self, batch, actions);
    dc_client_t *client = batch->client;
    if (client) {
        leave_client(batch);
    } else if (batch->client_prev) {
        DL_DELETE2(self->orphans, batch, client_prev, client_next);
    }
    dc_terms_set_deadline(self, batch, 0);
    if (!batch->is_plain) {
        HASH_DELETE(hh_number, self->batches, batch);
        HASH_DELETE(hh_key, self->by_key, batch);
        self->verified_count -= dc_is_verified(batch);
    }
    self->memory_bytes -= dc_batch_own_bytes(batch);
    dc_lanes_drop(self, batch->lane);
    dc_batch_destroy(&batch);
    if (client && !client->is_plain && !client->is_keeper) {
        dc_sessions_grant(self, client, actions);
    }
}

dc_batch_t *dc_sessions_by_number(const dc_core_t *self, uint64_t number)
{
    dc_batch_t *batch;
    HASH_FIND(hh_number, self->batches, &number, sizeof number, batch);
    return batch;
}

dc_batch_t *dc_sessions_plain(dc_core_t *self, dc_peer_t peer, uint64_t number)
{
    dc_client_t *client;
    HASH_FIND(hh, self->clients, &peer, sizeof peer, client);
    if (!client || !client->is_plain) return NULL;
    dc_batch_t *batch = client->batches;
    while (batch && batch->number != number) {
        batch = batch->client_next;
    }
    return batch;
}

dc_batch_t *dc_sessions_by_handle(dc_client_t *client, uint32_t handle)
{
    dc_batch_t *batch;
    HASH_FIND(hh_handle, client->by_handle, &handle, sizeof handle, batch);
    return batch;
}

// --- time --------------------------------------------------------------------------------------

static void drop_orphan(dc_core_t *self, dc_batch_t *batch, dc_actions_t *actions)
{
    dc_actions_log(actions, DC_LOG_INFO, "batch dropped batch=b%llu orphan_ms=%llu jobs=%llu",
                   (unsigned long long)batch->number,
                   (unsigned long long)(self->now - batch->orphaned_ms),
                   (unsigned long long)dc_batch_open_jobs(batch));
    dc_sessions_drop(self, batch, actions);
}

void dc_sessions_expire(dc_core_t *self, dc_actions_t *actions)
{
    dc_ms_t patience_ms = self->settings.heartbeat_ms * self->settings.liveness_beats;
    dc_client_t *client, *following;
    DL_FOREACH_SAFE2(self->heard_client, client, following, heard_next)
    {
        if (self->now - client->heard_ms <= patience_ms) break;
        // A plain client has no heartbeat: while it waits for a reply its silence means nothing.
        if (!client->is_plain || !client->batches) end_silent(self, client, actions);
    }
    while (self->orphans && self->now - self->orphans->orphaned_ms >= self->settings.orphan_ms) {
        drop_orphan(self, self->orphans, actions);
    }
}

// --- credit ------------------------------------------------------------------------------------

// What a client may have open: enough for every slot to have a lease that runs and one that waits.
// When memory is getting short, or jobs are counted, no more than it takes to go on.
static uint64_t window_of(const dc_core_t *self)
{
    bool is_short = self->memory_bytes > self->settings.memory_bytes_max / 4 * 3;
    if (is_short || self->settings.outstanding_max) return DC_CREDIT_INITIAL_BYTES;
    uint64_t lease = DC_CHUNK_BYTES_MAX + DC_CHUNK_COST_BYTES;
    return dc_max_u64(DC_CREDIT_BYTES, DC_SLOT_LEASES_MIN * lease * self->slot_count);
}

// Whether all jobs of `client` wait for others to end: these may be the ones that it has no credit
// for.
static bool do_all_wait(const dc_client_t *client)
{
    uint64_t count = 0;
    const dc_batch_t *batch;
    DL_FOREACH2(client->batches, batch, client_next)
    {
        count += batch->waiting_count;
    }
    return count == client->job_count;
}

void dc_sessions_grant(dc_core_t *self, dc_client_t *client, dc_actions_t *actions)
{
    // What is not on disk yet is enough.
    if (client->submitted && self->pending_bytes > DC_STORE_PENDING_BYTES_MAX) return;
    uint64_t window = window_of(self);
    // Who has as many jobs open as it may is given credit when it has done with some.
    uint64_t jobs_max = self->settings.outstanding_max;
    if (jobs_max && client->job_count >= jobs_max && !do_all_wait(client)) return;
    uint64_t target = client->freed_bytes + window;
    if (target < client->told_bytes + window / 16) return;
    client->told_bytes = target;
    dc_cmd_t credit = { .type = DC_CMD_CREDIT, .credit = { .sent_max = target } };
    dc_actions_to_client(actions, client->peer, &credit);
}
