#include "broker/core/jobs/packed.h"

#include "broker/core/jobs/ledger.h"
#include "broker/core/schedule/ready.h"
#include "broker/core/schedule/turns.h"

// So many jobs of a batch are ready before any chunk of it is packed, and so many chunks are opened
// at a time: what is leased soon is not packed for that, and opening is done for several at once.
#define OPEN_JOBS_MIN  16
#define OPEN_AT_A_TIME 16

// --- into the backlog --------------------------------------------------------------------------

// Whether `chunk` comes behind all others of its batch.
static bool is_last(const dc_batch_t *batch, const dc_packed_t *chunk)
{
    if (batch->backlog) return chunk->first >= batch->backlog->end;
    size_t count = dc_batch_chunk_count(batch);
    return count == 0 || chunk->first >= dc_chunk_end(dc_batch_chunk(batch, count - 1));
}

// Whether something is ready of `batch` that any slot may be leased: in a verified batch a slot
// that has answered a range may not have it.
static bool has_for_any(const dc_batch_t *batch)
{
    return batch->ready;
}

static bool should_pack(const dc_batch_t *batch, const dc_packed_t *chunk)
{
    bool has_enough = batch->ready_count >= OPEN_JOBS_MIN && has_for_any(batch);
    return (has_enough || batch->awaited_count) && !batch->sources && is_last(batch, chunk);
}

// Of the jobs that are packed of `batch`, which are in one state, there are `change` more, or
// fewer.
static void count_packed(dc_core_t *self, dc_batch_t *batch, int64_t change)
{
    if (batch->awaited_count) {
        dc_ledger_count_waiting(self, batch, change);
    } else {
        dc_ready_count(self, batch, change);
    }
}

static bool pack(dc_core_t *self, dc_batch_t *batch, const dc_packed_t *chunk)
{
    size_t held_bytes = dc_batch_backlog_bytes(batch);
    if (!batch->backlog) batch->backlog = dc_backlog_new();
    if (!batch->backlog) return false;
    bool is_pushed = dc_backlog_push(batch->backlog, chunk);
    if (!batch->backlog->chunk_count) dc_backlog_destroy(&batch->backlog);
    self->memory_bytes += dc_batch_backlog_bytes(batch) - held_bytes;
    if (!is_pushed) return false;
    dc_ledger_count_held(self, batch, chunk->count);
    count_packed(self, batch, chunk->count);
    batch->fed_ms = self->now;
    self->is_dispatch_due = true;
    return true;
}

// What `packed` is when it is open. NULL if memory is short.
static dc_chunk_t *make_chunk(dc_core_t *self, dc_batch_t *batch, const dc_packed_t *packed)
{
    dc_chunk_t *chunk = dc_chunk_new(&self->pools, batch, packed->first, packed->count,
                                     packed->width, packed->flags, &packed->data);
    if (!chunk) return NULL;
    chunk->arrived_us = packed->arrived_us;
    chunk->is_waiting = batch->awaited_count;
    if (!packed->is_paid) return chunk;
    chunk->payer = batch->client->peer;
    chunk->cost_bytes = packed->data.bytes.len + DC_CHUNK_COST_BYTES;
    return chunk;
}

bool dc_packed_take(dc_core_t *self, dc_batch_t *batch, const dc_packed_t *chunk)
{
    dc_packed_t arrived = *chunk;
    arrived.arrived_us = self->now_us;
    if (should_pack(batch, chunk) && pack(self, batch, &arrived)) return true;
    dc_chunk_t *open = make_chunk(self, batch, &arrived);
    if (!open) return false;
    if (dc_ledger_add_chunk(self, open)) return true;
    dc_chunk_destroy(&open, &self->pools);
    return false;
}

// --- out of it ---------------------------------------------------------------------------------

static void forget_first(dc_core_t *self, dc_batch_t *batch, uint32_t count)
{
    self->memory_bytes -= dc_batch_backlog_bytes(batch);
    dc_backlog_pop(batch->backlog);
    if (!batch->backlog->chunk_count) dc_backlog_destroy(&batch->backlog);
    self->memory_bytes += dc_batch_backlog_bytes(batch);
    count_packed(self, batch, -(int64_t)count);
}

// The first chunk is packed no more. False, nothing changed, if memory is short.
static bool open_first(dc_core_t *self, dc_batch_t *batch)
{
    dc_packed_t packed = dc_backlog_first(batch->backlog);
    if (!dc_ready_reserve(self, 1)) return false;
    dc_chunk_t *chunk = make_chunk(self, batch, &packed);
    if (!chunk) return false;
    if (!dc_batch_insert(batch, chunk)) {
        dc_chunk_destroy(&chunk, &self->pools);
        return false;
    }
    self->memory_bytes += chunk->held_bytes;
    forget_first(self, batch, packed.count);
    dc_ledger_begin(self, chunk);
    return true;
}

bool dc_packed_open(dc_core_t *self, dc_batch_t *batch, uint64_t end)
{
    while (batch->backlog && dc_backlog_first(batch->backlog).first < end) {
        if (!open_first(self, batch)) return false;
    }
    return true;
}

void dc_packed_see(dc_core_t *self, dc_batch_t *batch)
{
    if (batch->awaited_count || has_for_any(batch)) return;
    for (unsigned i = 0; i < OPEN_AT_A_TIME && batch->backlog; i++) {
        if (open_first(self, batch)) continue;
        self->is_opening_due = true;
        return;
    }
}

void dc_packed_release(dc_core_t *self, dc_batch_t *batch)
{
    if (!batch->backlog) return;
    int64_t count = (int64_t)batch->backlog->job_count;
    dc_ledger_count_waiting(self, batch, -count);
    dc_ready_count(self, batch, count);
    dc_backlog_release(batch->backlog, self->now_us);
}

void dc_packed_drop(dc_core_t *self, dc_batch_t *batch)
{
    const dc_backlog_t *backlog = batch->backlog;
    if (!backlog) return;
    count_packed(self, batch, -(int64_t)backlog->job_count);
    dc_ledger_count_held(self, batch, -(int64_t)backlog->job_count);
    if (batch->client) batch->client->freed_bytes += backlog->cost_bytes;
    self->memory_bytes -= dc_batch_backlog_bytes(batch);
    dc_backlog_destroy(&batch->backlog);
    self->is_dispatch_due = true;
}

void dc_packed_tick(dc_core_t *self)
{
    if (!self->is_opening_due) return;
    self->is_opening_due = false;
    for (dc_batch_t *batch = self->batches; batch; batch = batch->hh_number.next) {
        dc_turns_see(self, batch);
    }
}
