#include "broker/core/schedule/spare.h"

#include "broker/core/slots/verify.h"

// Where to trim `lease` so that an idle slot gets a fair part: the whole if its slot has not come
// to it, or if others have answered all of it; else the later half of what is left. Its end if
// nothing can be had.
static uint64_t trim_point(const dc_lease_t *lease)
{
    if (lease->slot->leases != lease || lease->open == 0) return lease->next;
    return lease->end - (lease->end - lease->next) / 2;
}

// The first of the jobs that are taken off `lease`, or computed as well.
static uint64_t taken_first(const dc_lease_t *lease)
{
    uint64_t point = trim_point(lease);
    return point < lease->end ? point : lease->next;
}

// Whether what is taken off `lease` could be leased to `idle`.
static bool is_takable(const dc_lease_t *lease, const dc_slot_t *idle)
{
    const dc_chunk_t *chunk = lease->chunk;
    if (!chunk) return false;
    const dc_batch_t *batch = chunk->batch;
    if (!batch->turn || batch->is_held || !dc_kind_has(idle->kind, batch->lane)) return false;
    if (dc_is_verified(batch) && !dc_verify_may(chunk, taken_first(lease), idle)) return false;
    if (!dc_client_is_slowed(batch->client) || chunk->part) return true;
    return !batch->client->is_over_rate && chunk == dc_batch_oldest(chunk->batch);
}

double dc_spare_run_us(const dc_core_t *self, const dc_lease_t *lease)
{
    return (double)(self->now - lease->since_ms) * 1000;
}

// --- tails -------------------------------------------------------------------------------------

// How long the rest of `lease` should take, so far as anybody knows: by its cost, or, where that is
// exceeded or not known, as long again as it has run.
static double rest_us(const dc_core_t *self, const dc_lease_t *lease)
{
    double elapsed = dc_spare_run_us(self, lease);
    double rest = lease->cost_us - elapsed;
    return rest > elapsed ? rest : elapsed;
}

// A lease that could be shortened, and what is gained by it.
typedef struct victim {
    dc_lease_t *lease; // NULL: there is none
    double gain_us;
} victim_t;

// Of two that gain the same the younger slot's, and of its the later: whom the search began with
// must not matter.
static bool is_better(const victim_t *best, const dc_lease_t *lease, double gain_us)
{
    if (gain_us != best->gain_us || !best->lease) return gain_us >= best->gain_us;
    return lease->slot->number >= best->lease->slot->number;
}

// Take the lease of `slot` from which `idle` gains most for `best` if it is better.
static void look_at(const dc_core_t *self, const dc_slot_t *slot, const dc_slot_t *idle,
                    victim_t *best)
{
    // A lease that waits is worth as much as the one before it will still take.
    double wait_us = rest_us(self, slot->leases);
    dc_lease_t *lease;
    DL_FOREACH2(slot->leases, lease, next_in_slot)
    {
        double gain_us = lease == slot->leases ? wait_us : wait_us + lease->cost_us;
        if (!is_better(best, lease, gain_us) || trim_point(lease) == lease->end) continue;
        if (is_takable(lease, idle)) *best = (victim_t){ lease, gain_us };
    }
}

dc_lease_t *dc_spare_tail(dc_core_t *self, const dc_slot_t *idle, size_t *left, uint64_t *end)
{
    victim_t best = { .gain_us = DC_STEAL_US_MIN };
    for (size_t i = 0; i < DC_SPARE_SLOTS_MAX && *left; i++, (*left)--) {
        dc_slot_t *slot = self->busy;
        look_at(self, slot, idle, &best);
        DL_DELETE2(self->busy, slot, busy_prev, busy_next);
        DL_APPEND2(self->busy, slot, busy_prev, busy_next);
    }
    if (best.lease) *end = trim_point(best.lease);
    return best.lease;
}

// --- stragglers --------------------------------------------------------------------------------

// How long a job like that of `lease` takes at most, if all is well; 0 if nobody knows. One whose
// double made way is left to its slot for twice as long as it had run then: work that trickles in
// would else have it given to others, and taken back, for each of its jobs.
static double patience_us(const dc_lease_t *lease)
{
    const dc_batch_t *batch = lease->chunk->batch;
    double usual_us = lease->chunk->part    ? batch->usual_part_us
                      : batch->usual_us > 0 ? batch->usual_us
                                            : batch->client->usual_us;
    if (usual_us <= 0) return 0;
    double patience = DC_STRAGGLER_RATIO * usual_us;
    if (patience < DC_STRAGGLER_MS_MIN * 1000.0) patience = DC_STRAGGLER_MS_MIN * 1000.0;
    return patience > lease->again_us ? patience : lease->again_us;
}

// Whether `lease`, which is the first of its slot's, is of one job that `idle` could compute as
// well.
static bool can_double(const dc_lease_t *lease, const dc_slot_t *idle)
{
    if (lease->open != 1 || lease->end - lease->next != 1 || lease->twin) return false;
    if (!is_takable(lease, idle) || dc_chunk_suspect(lease->chunk, lease->next)) return false;
    return !idle->is_plain || (lease->chunk->batch->is_plain && !lease->chunk->part);
}

// The straggler that is latest, and by how much.
typedef struct latest {
    dc_lease_t *lease; // NULL: there is none
    double late_us;
} latest_t;

static void look_for_late(const dc_core_t *self, dc_lease_t *lease, latest_t *latest)
{
    double patience = patience_us(lease);
    double late_us = dc_spare_run_us(self, lease) - patience;
    if (patience <= 0 || late_us <= latest->late_us) return;
    *latest = (latest_t){ lease, late_us };
}

dc_lease_t *dc_spare_straggler(const dc_core_t *self, const dc_slot_t *idle, bool is_thorough)
{
    latest_t latest = { 0 };
    const dc_slot_t *lists[] = { self->busy, self->busy_plain };
    for (size_t i = 0; i < DC_ARRAY_LEN(lists); i++) {
        size_t left = is_thorough ? SIZE_MAX : DC_SPARE_SLOTS_MAX;
        for (const dc_slot_t *slot = lists[i]; slot && left; slot = slot->busy_next, left--) {
            dc_lease_t *lease = slot->leases;
            if (can_double(lease, idle)) look_for_late(self, lease, &latest);
        }
    }
    return latest.lease;
}

// In how many us a part of what `lease`, the first of its slot's, has can be given to others, if it
// cannot yet; a negative number: never.
static double wait_us(const dc_core_t *self, const dc_slot_t *idle, const dc_lease_t *lease)
{
    if (!is_takable(lease, idle)) return -1;
    double elapsed = dc_spare_run_us(self, lease);
    if (can_double(lease, idle)) return patience_us(lease) - elapsed;
    return trim_point(lease) < lease->end ? DC_STEAL_US_MIN - elapsed : -1;
}

dc_ms_t dc_spare_wait_ms(const dc_core_t *self)
{
    double least_us = -1;
    if (self->busy_count > DC_SPARE_SLOTS_MAX) return 0;
    for (const dc_kind_t *kind = self->kinds; kind; kind = kind->next) {
        const dc_slot_t *idle = kind->with_room[DC_ROOM_IDLE];
        if (!idle) continue;
        for (const dc_slot_t *slot = self->busy; slot; slot = slot->busy_next) {
            double us = wait_us(self, idle, slot->leases);
            if (us >= 0 && (least_us < 0 || us < least_us)) least_us = us;
        }
    }
    return least_us < 0 ? 0 : 1 + (dc_ms_t)(least_us / 1000);
}
