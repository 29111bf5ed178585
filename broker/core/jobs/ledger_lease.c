// The leases of the ledger: how jobs become leased, and how they come back.
#include "broker/core/jobs/forked.h"
#include "broker/core/jobs/ledger_part.h"
#include "broker/core/report/measure.h"
#include "broker/core/schedule/allowance.h"
#include "broker/core/schedule/ready.h"
#include "broker/core/schedule/room.h"
#include "broker/core/schedule/turns.h"
#include "broker/core/slots/verify.h"

static void count_leased(dc_core_t *self, dc_batch_t *batch, int64_t change)
{
    batch->leased_count += (uint64_t)change;
    self->leased_count += (uint64_t)change;
}

void dc_ledger_count_open(dc_core_t *self, dc_lease_t *lease, int64_t change)
{
    lease->open += (uint64_t)change;
    count_leased(self, lease->chunk->batch, change);
}

void dc_ledger_keep_nodes(dc_core_t *self, dc_lease_t *lease, uint32_t count)
{
    lease->nodes += count;
    self->lease_nodes += count;
}

// `count` of the nodes that were kept for the lease have been taken, or need not be kept any more.
static void drop_nodes(dc_core_t *self, dc_lease_t *lease, size_t count)
{
    assert(count <= lease->nodes);
    lease->nodes -= (uint32_t)count;
    self->lease_nodes -= count;
}

// --- given -------------------------------------------------------------------------------------

double dc_ledger_cost_us(const dc_batch_t *batch, uint64_t count)
{
    double job_us = batch->job_us > 0 ? batch->job_us : batch->client ? batch->client->job_us : 0;
    return job_us * (double)count;
}

bool dc_ledger_knows_cost(const dc_batch_t *batch)
{
    const dc_client_t *client = batch->client;
    if (batch->job_us > 0) return true;
    if (!client || client->job_us <= 0) return false;
    return batch->is_plain || client->alike_count >= DC_ALIKE_BATCHES;
}

static double usual_cost(const dc_chunk_t *chunk, uint64_t count)
{
    if (chunk->part) return chunk->batch->part_us * (double)count;
    return dc_ledger_cost_us(chunk->batch, count);
}

static double cost_of(const dc_slot_t *slot, const dc_chunk_t *chunk, uint64_t count)
{
    return usual_cost(chunk, count) * slot->pace;
}

static bool is_guess(const dc_chunk_t *chunk)
{
    return chunk->part ? chunk->batch->part_us <= 0 : !dc_ledger_knows_cost(chunk->batch);
}

// How many bytes of results the client is to expect of `count` jobs. Those of parts stay here.
static double results_of(const dc_chunk_t *chunk, uint64_t count)
{
    double mean = chunk->batch->result_bytes > 0 ? chunk->batch->result_bytes : 16;
    return chunk->part ? 0 : mean * (double)count;
}

static uint64_t draw_id(dc_core_t *self)
{
    uint64_t id = dc_rng_u64(&self->rng);
    return id ? id : 1;
}

// Where a lease of at most `count_max` jobs ends that begins with `node`.
static uint64_t lease_end(const dc_ready_t *node, uint64_t count_max)
{
    uint64_t end = dc_chunk_lease_end(node->chunk, node->first, node->end);
    return end - node->first > count_max ? node->first + count_max : end;
}

static uint8_t count_attempt(const dc_chunk_t *chunk, uint64_t first, uint64_t count)
{
    const dc_suspect_t *suspect = count == 1 ? dc_chunk_suspect(chunk, first) : NULL;
    uint64_t attempts = suspect ? UINT64_C(1) + suspect->crashes + suspect->losses : 1;
    return (uint8_t)dc_min_u64(attempts, UINT8_MAX);
}

// The lease will be of one range, for which a node is kept from now on. NULL if memory is short.
static dc_lease_t *allocate_lease(dc_core_t *self)
{
    dc_lease_t *lease = dc_pool_take(&self->pools.leases);
    if (!lease || !dc_ready_reserve(self, 1)) {
        dc_pool_give(&self->pools.leases, lease);
        return NULL;
    }
    self->lease_nodes++;
    return lease;
}

// Count a new lease and put it where it belongs; its jobs are not ready any more.
static void enter_lease(dc_core_t *self, dc_lease_t *lease)
{
    dc_chunk_t *chunk = lease->chunk;
    dc_slot_t *slot = lease->slot;
    if (!lease->is_double) count_leased(self, chunk->batch, (int64_t)lease->open);
    if (chunk->batch->client) chunk->batch->client->expected_bytes += lease->expected_bytes;
    DL_APPEND2(chunk->leases, lease, chunk_prev, chunk_next);
    DL_APPEND2(slot->leases, lease, prev, next_in_slot);
    slot->lease_count++;
    slot->guess_count += lease->is_guess;
    slot->work_us += lease->cost_us;
    self->lease_count++;
    dc_room_see(self, slot);
}

// How many jobs of the lease, which is new, were never leased before: each begins once. Parts of a
// job are none.
static uint64_t begin_jobs(const dc_lease_t *lease)
{
    dc_chunk_t *chunk = lease->chunk;
    uint64_t first = dc_max_u64(chunk->begun, lease->next);
    if (chunk->part || first >= lease->end) return 0;
    chunk->begun = lease->end;
    return lease->end - first;
}

dc_ready_t *dc_ledger_next(dc_batch_t *batch, const dc_slot_t *slot)
{
    if (slot->is_plain) return batch->ready;
    return dc_is_verified(batch) ? dc_verify_next(batch, slot) : dc_batch_next_ready(batch);
}

dc_lease_t *dc_ledger_lease(dc_core_t *self, dc_slot_t *slot, dc_batch_t *batch, uint64_t count_max)
{
    dc_lease_t *lease = allocate_lease(self);
    if (!lease) return NULL;
    dc_ready_t *node = dc_ledger_next(batch, slot);
    uint64_t end = lease_end(node, count_max);
    uint64_t count = end - node->first;
    *lease = (dc_lease_t){
        .id = draw_id(self),
        .slot = slot,
        .chunk = node->chunk,
        .next = node->first,
        .end = end,
        .offered_end = end,
        .open = count,
        .nodes = 1,
        .cost_us = cost_of(slot, node->chunk, count),
        .is_guess = is_guess(node->chunk),
        .expected_bytes = results_of(node->chunk, count),
        .since_ms = self->now,
        .given_us = self->now_us,
        .attempt = count_attempt(node->chunk, node->first, count),
    };
    if (!batch->detached) self->asked_ms = self->now;
    dc_ready_carve(self, node, node->first, end);
    dc_turns_see(self, batch);
    enter_lease(self, lease);
    uint64_t begun = begin_jobs(lease);
    dc_measure_begun(self, lease->chunk, begun);
    dc_allowance_spend(self, lease->chunk, begun);
    return lease;
}

dc_lease_t *dc_ledger_double(dc_core_t *self, dc_slot_t *slot, dc_lease_t *lease)
{
    assert(!lease->twin && lease->open == 1 && lease->end == lease->next + 1);
    dc_lease_t *copy = allocate_lease(self);
    if (!copy) return NULL;
    *copy = (dc_lease_t){
        .id = draw_id(self),
        .slot = slot,
        .chunk = lease->chunk,
        .next = lease->next,
        .end = lease->end,
        .offered_end = lease->end,
        .open = 1,
        .nodes = 1,
        .cost_us = cost_of(slot, lease->chunk, 1),
        .is_guess = is_guess(lease->chunk),
        .expected_bytes = results_of(lease->chunk, 1),
        .since_ms = self->now,
        .given_us = self->now_us,
        .attempt = lease->attempt,
        .is_double = true,
        .twin = lease,
    };
    lease->twin = copy;
    DL_APPEND2(self->doubles, copy, double_prev, double_next);
    self->doubled_count++;
    enter_lease(self, copy);
    return copy;
}

// --- taken back --------------------------------------------------------------------------------

// What the lease has is its twin's alone from now on. False if it has none.
static bool leave_to_twin(dc_core_t *self, dc_lease_t *lease)
{
    dc_lease_t *twin = lease->twin;
    if (!twin) return false;
    dc_lease_t *copy = lease->is_double ? lease : twin;
    DL_DELETE2(self->doubles, copy, double_prev, double_next);
    lease->twin = twin->twin = NULL;
    lease->is_double = twin->is_double = false;
    lease->open = 0;
    return true;
}

void dc_ledger_void_lease(dc_core_t *self, dc_lease_t *lease)
{
    dc_chunk_t *chunk = lease->chunk;
    if (!leave_to_twin(self, lease)) count_leased(self, chunk->batch, -(int64_t)lease->open);
    if (chunk->batch->client) chunk->batch->client->expected_bytes -= lease->expected_bytes;
    DL_DELETE2(chunk->leases, lease, chunk_prev, chunk_next);
    drop_nodes(self, lease, lease->nodes);
    lease->chunk = NULL;
    lease->open = 0;
    lease->end = lease->next;
}

static void tell_trim(const dc_lease_t *lease, dc_actions_t *actions)
{
    dc_cmd_t trim = { .type = DC_CMD_TRIM, .trim = { .id = lease->id, .end = lease->end } };
    dc_actions_to_worker(actions, lease->slot->peer, &trim);
}

void dc_ledger_void_and_trim(dc_core_t *self, dc_lease_t *lease, dc_actions_t *actions)
{
    bool is_told = lease->slot->is_plain || lease->next == lease->end;
    dc_ledger_void_lease(self, lease);
    if (!is_told) tell_trim(lease, actions);
}

// What is left of the lease should take `cost_us`; its client pays, or gets back, the difference.
static void set_cost(dc_core_t *self, dc_lease_t *lease, double cost_us)
{
    double more_us = cost_us - lease->cost_us;
    lease->cost_us = cost_us;
    lease->slot->work_us += more_us;
    dc_turns_spend(self, lease->chunk->batch, lease->slot, more_us);
}

void dc_ledger_give_back(dc_core_t *self, dc_lease_t *lease, uint64_t first, uint64_t end)
{
    size_t spare_count = self->spare_count;
    dc_range_t gap = { .end = first };
    while (dc_ranges_next_gap(&lease->chunk->answered, gap.end, end, &gap)) {
        uint64_t count = gap.end - gap.first;
        dc_ledger_count_open(self, lease, -(int64_t)count);
        dc_ready_add(self, lease->chunk, gap.first, gap.end);
    }
    drop_nodes(self, lease, spare_count - self->spare_count);
    dc_turns_see(self, lease->chunk->batch);
}

bool dc_ledger_divide(dc_core_t *self, dc_lease_t *lease, uint64_t border)
{
    if (border <= lease->next || border >= lease->end || lease->twin) return true;
    if (!dc_ready_reserve(self, 1)) return false;
    dc_ledger_keep_nodes(self, lease, 1);
    return true;
}

// Whether job `index` of `chunk` is ready. `*until` is how far that holds, at most.
static bool is_ready(const dc_chunk_t *chunk, uint64_t index, uint64_t *until)
{
    bool is_in = false;
    for (const dc_ready_t *node = chunk->ready; node; node = node->chunk_next) {
        if (node->end <= index) continue;
        is_in |= node->first <= index;
        *until = dc_min_u64(*until, node->first <= index ? node->end : node->first);
    }
    return is_in;
}

void dc_ledger_give_back_lost(dc_core_t *self, dc_lease_t *lease, uint64_t end,
                              dc_actions_t *actions)
{
    bool is_divided = dc_ledger_divide(self, lease, end);
    if (!is_divided) end = lease->end;
    dc_range_t gap = { .end = lease->next };
    while (dc_ranges_next_gap(&lease->chunk->answered, gap.end, end, &gap)) {
        for (uint64_t until = gap.end; gap.first < gap.end; gap.first = until, until = gap.end) {
            if (is_ready(lease->chunk, gap.first, &until)) continue;
            dc_ledger_give_back(self, lease, gap.first, until);
        }
    }
    if (is_divided) return;
    lease->end = lease->next;
    if (!lease->slot->is_plain) tell_trim(lease, actions);
}

void dc_ledger_trim(dc_core_t *self, dc_lease_t *lease, uint64_t end)
{
    assert(lease->next <= end && end <= lease->end);
    if (!dc_ledger_divide(self, lease, end)) end = lease->next;
    uint64_t old_end = lease->end;
    dc_range_t gap = { .end = end < old_end && leave_to_twin(self, lease) ? old_end : end };
    lease->end = end;
    if (gap.end < old_end) dc_ledger_give_back(self, lease, gap.end, old_end);
    double cost_us = cost_of(lease->slot, lease->chunk, end - lease->next);
    if (cost_us < lease->cost_us) set_cost(self, lease, cost_us);
}

void dc_ledger_end_double(dc_core_t *self, dc_lease_t *lease, dc_actions_t *actions)
{
    assert(lease->twin);
    dc_ledger_trim(self, lease, lease->next);
    if (!lease->slot->is_plain) tell_trim(lease, actions);
    dc_room_see(self, lease->slot);
}

void dc_ledger_price(dc_core_t *self, dc_lease_t *lease)
{
    set_cost(self, lease, cost_of(lease->slot, lease->chunk, lease->end - lease->next));
    lease->slot->guess_count -= lease->is_guess;
    lease->is_guess = false;
    dc_room_see(self, lease->slot);
}

void dc_ledger_end_lease(dc_core_t *self, dc_lease_t *lease, uint64_t cut)
{
    dc_slot_t *slot = lease->slot;
    dc_chunk_t *chunk = lease->chunk;
    bool was_running = slot->leases == lease;
    if (chunk) {
        if (lease->next < cut && cut < lease->end) dc_ledger_trim(self, lease, cut);
        dc_ledger_trim(self, lease, lease->next);
        if (chunk->batch->client) chunk->batch->client->expected_bytes -= lease->expected_bytes;
        DL_DELETE2(chunk->leases, lease, chunk_prev, chunk_next);
        drop_nodes(self, lease, lease->nodes);
    }
    DL_DELETE2(slot->leases, lease, prev, next_in_slot);
    slot->lease_count--;
    slot->guess_count -= lease->is_guess;
    slot->work_us = slot->lease_count ? slot->work_us - lease->cost_us : 0;
    if (was_running) slot->has_yielded = false;
    if (was_running && slot->leases) slot->leases->since_ms = self->now;
    self->lease_count--;
    dc_pool_give(&self->pools.leases, lease);
    self->is_dispatch_due = true;
    dc_room_see(self, slot);
}

void dc_ledger_fork(dc_core_t *self, dc_lease_t *lease, struct dc_fork *fork)
{
    assert(lease->chunk == fork->chunk && lease->next == fork->index && lease->open);
    dc_ledger_count_open(self, lease, -1);
    lease->next++;
    dc_forked_add(self, fork);
}
