#include "broker/core/schedule/reclaim.h"

#include "broker/core/jobs/ledger.h"
#include "broker/core/schedule/leasing.h"
#include "broker/core/schedule/room.h"
#include "broker/core/schedule/spare.h"
#include "broker/core/schedule/turns.h"

void dc_reclaim(dc_core_t *self, dc_lease_t *lease, uint64_t end, dc_actions_t *actions)
{
    dc_ledger_trim(self, lease, end);
    dc_cmd_t trim = { .type = DC_CMD_TRIM, .trim = { .id = lease->id, .end = lease->end } };
    dc_actions_to_worker(actions, lease->slot->peer, &trim);
}

// Leave `lease` as much as a new one would get, or nothing if it waits behind plenty.
static void shorten(dc_core_t *self, dc_lease_t *lease, dc_actions_t *actions)
{
    const dc_slot_t *slot = lease->slot;
    const dc_batch_t *batch = lease->chunk->batch;
    dc_ledger_price(self, lease);
    if (slot->is_plain) return;
    bool is_surplus = slot->leases != lease && slot->work_us > 2 * DC_SLOT_WORK_US;
    uint64_t count =
        is_surplus ? 0 : dc_leasing_jobs(batch, slot, DC_LEASE_WORK_US, DC_CHUNK_JOBS_MAX);
    if (count < lease->end - lease->next) dc_reclaim(self, lease, lease->next + count, actions);
}

static void shorten_chunks(dc_core_t *self, const dc_batch_t *batch, dc_actions_t *actions)
{
    for (size_t at = 0; at < dc_batch_chunk_count(batch); at++) {
        dc_lease_t *lease;
        DL_FOREACH2(dc_batch_chunk(batch, at)->leases, lease, chunk_next)
        {
            shorten(self, lease, actions);
        }
    }
}

// Whether `lease` is of jobs that are like those of `batch`: its own, or of a plain client, whose
// requests are all alike as far as anybody knows, any of that client's. Parts of jobs are like
// nothing.
static bool is_alike(const dc_lease_t *lease, const dc_batch_t *batch)
{
    const dc_chunk_t *chunk = lease->chunk;
    if (!chunk || chunk->part) return false;
    return chunk->batch == batch || (batch->is_plain && chunk->batch->client == batch->client);
}

static void shorten_slots(dc_core_t *self, const dc_slot_t *slots, const dc_batch_t *batch,
                          dc_actions_t *actions)
{
    for (const dc_slot_t *slot = slots; slot; slot = slot->busy_next) {
        dc_lease_t *lease;
        DL_FOREACH2(slot->leases, lease, next_in_slot)
        {
            if (is_alike(lease, batch)) shorten(self, lease, actions);
        }
    }
}

// Of a batch with more chunks than there are leases most have none, and so have most requests of a
// plain client: there it is the slots that tell.
void dc_reclaim_dear(dc_core_t *self, const dc_batch_t *batch, dc_actions_t *actions)
{
    if (!batch->is_plain && dc_batch_chunk_count(batch) <= self->lease_count) {
        shorten_chunks(self, batch, actions);
        return;
    }
    shorten_slots(self, self->busy, batch, actions);
    shorten_slots(self, self->busy_plain, batch, actions);
}

// --- what is more urgent -----------------------------------------------------------------------

// The highest level at which something waits for slots of `kind`, all of which are busy; 0 if there
// is none, or it is the lowest.
static unsigned highest_waiting(const dc_kind_t *kind)
{
    uint32_t levels = 1;
    for (size_t i = 0; i < kind->lane_count; i++) {
        const dc_lane_t *lane = kind->lanes[i];
        if (lane->idle_count < lane->ready_count) levels |= lane->waiting_levels;
    }
    return 31 - (unsigned)__builtin_clz(levels);
}

// Leave `slot` the job that it is at and nothing more, where what it has is less urgent than what
// waits and nobody knows how long that takes: so it has nothing to do when that job ends. (Where it
// is known it is little enough.)
static void preempt(dc_core_t *self, dc_slot_t *slot, dc_actions_t *actions)
{
    unsigned level = highest_waiting(slot->kind);
    dc_lease_t *lease;
    slot->is_cut = true;
    DL_FOREACH2(slot->leases, lease, next_in_slot)
    {
        if (!lease->chunk) continue;
        if (lease->chunk->batch->level >= level) {
            slot->is_cut = false; // what is more urgent still may come
            continue;
        }
        uint64_t end = lease->next + (lease == slot->leases);
        if (end < lease->end) dc_reclaim(self, lease, end, actions);
        slot->is_preempted = true;
    }
    slot->is_cut &= slot->is_preempted;
    dc_room_see(self, slot);
}

void dc_reclaim_for_urgent(dc_core_t *self, dc_actions_t *actions)
{
    self->is_preempt_due = false;
    dc_slot_t *slot, *following;
    DL_FOREACH_SAFE2(self->guessing, slot, following, guess_next)
    {
        preempt(self, slot, actions);
    }
}

// --- who comes ---------------------------------------------------------------------------------

// Whether `lease`, which waits in its slot, is to wait for `batch`, which goes before others.
static bool makes_way(const dc_lease_t *lease, const dc_batch_t *batch)
{
    if (!lease->chunk || lease->next == lease->end) return false;
    const dc_batch_t *own = lease->chunk->batch;
    bool is_ahead = own->turn && own->turn->is_ahead;
    return own->level < batch->level || (own->level == batch->level && !is_ahead);
}

// How much of what waits in `slot` makes way for `batch`.
static double yielded_us(const dc_slot_t *slot, const dc_batch_t *batch)
{
    double us = 0;
    const dc_lease_t *lease = slot->leases->next_in_slot;
    for (; lease; lease = lease->next_in_slot) {
        us += makes_way(lease, batch) ? lease->cost_us : 0;
    }
    return us;
}

// Whether `slot` has no room for who is next there and goes before others, and is to make some.
static bool should_yield(const dc_slot_t *slot)
{
    if (!dc_room_can_accept(slot) || slot->has_yielded || slot->guess_count) return false;
    const dc_batch_t *batch = dc_turns_next(slot);
    return batch && batch->turn->is_ahead && yielded_us(slot, batch) >= DC_YIELD_US_MIN;
}

// Of the slots that should yield the one whose lease has run longest; NULL if there is none.
static dc_slot_t *find_yielding(const dc_core_t *self)
{
    dc_slot_t *best = NULL;
    size_t left = DC_SPARE_SLOTS_MAX;
    for (dc_slot_t *slot = self->busy; slot && left; slot = slot->busy_next, left--) {
        if (best && best->leases->since_ms <= slot->leases->since_ms) continue;
        if (should_yield(slot)) best = slot;
    }
    return best;
}

// Take back what waits in `slot` and makes way. Once for each lease that runs: so what is sent
// twice is at most what is computed.
static void yield(dc_core_t *self, dc_slot_t *slot, dc_actions_t *actions)
{
    const dc_batch_t *batch = dc_turns_next(slot);
    slot->has_yielded = true;
    for (dc_lease_t *lease = slot->leases->next_in_slot; lease; lease = lease->next_in_slot) {
        if (makes_way(lease, batch)) dc_reclaim(self, lease, lease->next, actions);
    }
    dc_room_see(self, slot);
}

void dc_reclaim_for_ahead(dc_core_t *self, dc_actions_t *actions)
{
    self->is_yield_due = false;
    bool is_any = dc_turns_are_ahead(&self->common);
    for (const dc_lane_t *lane = self->lanes; lane && !is_any; lane = lane->hh.next) {
        is_any = dc_turns_are_ahead(lane);
    }
    if (!is_any) return;
    dc_slot_t *slot;
    while ((slot = find_yielding(self))) {
        yield(self, slot, actions);
        if (self->is_dispatch_due) dc_leasing_run(self, actions);
    }
}
