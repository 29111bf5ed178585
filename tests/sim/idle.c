#include "tests/sim/idle.h"

#include "broker/core/schedule/spare.h"
#include "broker/core/schedule/turns.h"
#include "broker/core/slots/verify.h"

// Parts are none: a plain worker does not know them.
static bool has_plain_work(const dc_turn_t *turn)
{
    const dc_batch_t *batch = turn->client->is_plain ? turn->ages.oldest : NULL;
    while (batch && !batch->ready) {
        batch = batch->turn_next;
    }
    return batch;
}

static void see_turn(sim_t *sim, const dc_core_t *core, const dc_kind_t *kind,
                     const dc_turn_t *turn)
{
    for (dc_room_t room = DC_ROOM_IDLE; room <= DC_ROOM_SOME; room++) {
        const dc_slot_t *slot = kind->with_room[room];
        for (; slot; slot = slot->room_next) {
            if (dc_turns_may(turn, slot)) sim_fail(sim, "work is ready while a slot has room");
        }
    }
    const dc_lease_t *lease;
    DL_FOREACH2(core->doubles, lease, double_next)
    {
        if (lease->slot->kind != kind || lease->slot->is_plain) continue;
        if (!dc_turns_may(turn, lease->slot)) continue;
        sim_fail(sim, "work is ready while a slot computes what another does as well");
    }
    bool has_plain_room = kind->with_room[DC_ROOM_PLAIN];
    if (has_plain_work(turn) && has_plain_room && !dc_client_is_slowed(turn->client)) {
        sim_fail(sim, "plain work is ready while a plain worker waits");
    }
}

static void see_lane(sim_t *sim, const dc_core_t *core, const dc_kind_t *kind,
                     const dc_lane_t *lane)
{
    for (unsigned level = 0; level < DC_LEVELS; level++) {
        for (const dc_turn_t *turn = lane->levels[level].ring; turn; turn = turn->next) {
            see_turn(sim, core, kind, turn);
        }
    }
}

// Whether a lease that could be shortened for slots of `kind` has run for a while.
static bool has_plenty(const dc_core_t *core, const dc_slot_t *idle)
{
    for (const dc_slot_t *slot = core->busy; slot; slot = slot->busy_next) {
        const dc_lease_t *lease = slot->leases;
        if (!lease->chunk || lease->open < 2 || core->now - lease->since_ms < DC_TICK_MS) continue;
        const dc_batch_t *batch = lease->chunk->batch;
        bool is_free = batch->turn && !batch->is_held && !dc_client_is_slowed(batch->client);
        uint64_t half = lease->end - (lease->end - lease->next) / 2;
        if (dc_is_verified(batch) && !dc_verify_may(lease->chunk, half, idle)) continue;
        if (is_free && dc_kind_has(idle->kind, batch->lane)) return true;
    }
    return false;
}

void idle_before(sim_t *sim, const hub_t *hub)
{
    sim->is_idle_due = hub_core(hub)->is_search_due;
}

void idle_watch(sim_t *sim, const hub_t *hub)
{
    const dc_core_t *core = hub_core(hub);
    for (const dc_kind_t *kind = core->kinds; kind; kind = kind->next) {
        const dc_slot_t *idle = sim->is_idle_due ? kind->with_room[DC_ROOM_IDLE] : NULL;
        if (idle && !dc_kind_waiting_levels(kind) && has_plenty(core, idle)) {
            sim_fail(sim, "a slot is idle while another has jobs left for a while");
        }
        if (idle && dc_spare_straggler(core, idle, true)) {
            sim_fail(sim, "a job takes too long while a slot is idle");
        }
        for (size_t i = 0; i < kind->lane_count; i++) {
            see_lane(sim, core, kind, kind->lanes[i]);
        }
    }
}
