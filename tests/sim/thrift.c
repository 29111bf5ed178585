#include "tests/sim/thrift.h"

#include "broker/core/state.h"

// How often a job may be leased while nothing goes wrong: of 3000 simulations, where leases of
// whole chunks are halved and halved again and others come that go first, no job had more than 13.
// What is traded with every message that comes has a hundred within milliseconds.
#define LEASES_MAX 40

// How often a job may be leased a second time beside the first: that one has run twice as long each
// time, from DC_STRAGGLER_MS_MIN on. Of most thousand simulations none was more than 3 times.
#define DOUBLES_MAX 16

static const dc_slot_t *find_slot(const hub_t *hub, const peer_t *peer)
{
    const dc_slot_t *slot;
    HASH_FIND(hh, hub_core(hub)->slots, &peer->number, sizeof peer->number, slot);
    return slot;
}

static const dc_lease_t *find_lease(const hub_t *hub, const peer_t *peer, uint64_t id)
{
    const dc_slot_t *slot = find_slot(hub, peer);
    const dc_lease_t *lease = slot ? slot->leases : NULL;
    while (lease && lease->id != id) {
        lease = lease->next_in_slot;
    }
    return lease;
}

void thrift_leased(sim_t *sim, const hub_t *hub, const peer_t *peer, const watched_lease_t *watched)
{
    const dc_lease_t *lease = find_lease(hub, peer, watched->id);
    if (!lease || !lease->chunk || lease->chunk->part) return;
    batch_t *batch = watched->batch;
    uint64_t upsets = sim->upsets + batch->upsets;
    uint64_t end = dc_min_u64(watched->end + watched->offset, batch->jobs);
    for (uint64_t i = watched->next + watched->offset; i < end; i++) {
        given_t *given = &batch->given[i];
        if (given->upsets != upsets) *given = (given_t){ .upsets = upsets };
        given->doubles += lease->is_double;
        if (given->doubles > DOUBLES_MAX) {
            sim_fail(sim, "job %llu of batch %u was leased a second time %u times",
                     (unsigned long long)i, batch->number, given->doubles);
            return;
        }
        if (++given->leases <= LEASES_MAX) continue;
        sim_fail(sim, "job %llu of batch %u was leased %u times, and nothing went wrong",
                 (unsigned long long)i, batch->number, given->leases);
        return;
    }
}

void thrift_trimmed(const hub_t *hub, const peer_t *peer, const watched_lease_t *lease)
{
    const dc_slot_t *slot = find_slot(hub, peer);
    if (slot && (slot->has_yielded || slot->is_preempted)) lease->batch->upsets++;
}
