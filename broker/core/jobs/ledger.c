#include "broker/core/jobs/ledger.h"

#include "broker/core/jobs/answered.h"
#include "broker/core/jobs/forked.h"
#include "broker/core/jobs/ledger_part.h"
#include "broker/core/jobs/needs.h"
#include "broker/core/jobs/packed.h"
#include "broker/core/schedule/ready.h"
#include "broker/core/schedule/turns.h"
#include "broker/core/slots/votes.h"

void dc_ledger_count_waiting(dc_core_t *self, dc_batch_t *batch, int64_t change)
{
    batch->waiting_count += (uint64_t)change;
    self->waiting_count += (uint64_t)change;
}

static void count_waiting(dc_core_t *self, dc_chunk_t *chunk, bool is_waiting)
{
    dc_ledger_count_waiting(self, chunk->batch,
                            is_waiting ? (int64_t)chunk->count : -(int64_t)chunk->count);
    self->waiting_chunks += is_waiting ? 1 : UINT64_MAX;
    chunk->is_waiting = is_waiting;
}

void dc_ledger_count_held(dc_core_t *self, dc_batch_t *batch, int64_t change)
{
    self->job_count += (uint64_t)change;
    if (batch->client) batch->client->job_count += (uint64_t)change;
}

// --- chunks ------------------------------------------------------------------------------------

bool dc_ledger_add_chunk(dc_core_t *self, dc_chunk_t *chunk)
{
    dc_batch_t *batch = chunk->batch;
    if (!dc_packed_open(self, batch, chunk->first)) return false;
    if (!dc_ready_reserve(self, 1) || !dc_batch_insert(batch, chunk)) return false;
    chunk->arrived_us = self->now_us;
    batch->fed_ms = self->now;
    dc_ledger_count_held(self, batch, chunk->count);
    self->memory_bytes += chunk->held_bytes;
    dc_ledger_begin(self, chunk);
    return true;
}

void dc_ledger_begin(dc_core_t *self, dc_chunk_t *chunk)
{
    if (chunk->is_waiting) {
        count_waiting(self, chunk, true); // with the node that was reserved
    } else {
        dc_ready_add(self, chunk, chunk->first, dc_chunk_end(chunk));
        dc_turns_see(self, chunk->batch);
    }
}

void dc_ledger_release(dc_core_t *self, dc_chunk_t *chunk)
{
    assert(chunk->is_waiting);
    count_waiting(self, chunk, false);
    chunk->arrived_us = self->now_us; // it has waited for others until now, and not for a slot
    dc_ready_add(self, chunk, chunk->first, dc_chunk_end(chunk));
    dc_turns_see(self, chunk->batch);
}

bool dc_ledger_join(dc_core_t *self, dc_chunk_t *chunk, dc_str_t line)
{
    assert(dc_chunk_is_fresh(chunk));
    self->memory_bytes -= chunk->held_bytes;
    bool is_joined = dc_chunk_join(chunk, line);
    self->memory_bytes += chunk->held_bytes;
    if (!is_joined) return false;
    if (chunk->arrived_us < self->now_us) {
        chunk->arrived_us += (self->now_us - chunk->arrived_us) / chunk->count;
    }
    dc_ledger_count_held(self, chunk->batch, 1);
    dc_ready_extend(self, chunk);
    return true;
}

void dc_ledger_clear_chunk(dc_core_t *self, dc_chunk_t *chunk, dc_actions_t *actions)
{
    while (chunk->leases) {
        dc_ledger_void_and_trim(self, chunk->leases, actions);
    }
    if (chunk->is_waiting) count_waiting(self, chunk, false);
    dc_needs_leave(self, chunk);
    dc_ready_drop(self, chunk);
    dc_forked_take(self, chunk, chunk->first, dc_chunk_end(chunk), actions);
    dc_answered_forget(self, chunk);
    dc_votes_clear(self, chunk);
    self->memory_bytes -= chunk->held_bytes;
}

void dc_ledger_drop_chunk(dc_core_t *self, dc_batch_t *batch, size_t at, dc_actions_t *actions)
{
    dc_chunk_t *chunk = dc_batch_chunk(batch, at);
    dc_ledger_clear_chunk(self, chunk, actions);
    dc_ledger_count_held(self, batch, -(int64_t)chunk->count);
    batch->failed_count -= chunk->failed_count;
    dc_client_t *client = batch->client;
    if (client) {
        client->unacked_bytes -= chunk->result_bytes;
        if (client->peer == chunk->payer) client->freed_bytes += chunk->cost_bytes;
        self->is_dispatch_due = true;
    }
    dc_batch_remove(batch, at);
    dc_chunk_destroy(&chunk, &self->pools);
}
