#include "tests/sim/fair.h"

#include <stdlib.h>

#include "tests/sim/rate.h"

// Of the time that others are given, what a level that waits gains (broker/core/schedule/turns.c).
#define GAIN 0.05

// Of the jobs that a slot holds as many may be slow, one of which comes to light after the other.
#define SLOW_HELD 4

#define CLIENTS_MAX 16
#define SLOTS_MAX   100

// A client that waits at a level.
typedef struct waiter {
    dc_peer_t client;
    double served_us;
} waiter_t;

typedef struct level {
    waiter_t waiters[CLIENTS_MAX];
    size_t count;
    uint64_t period; // counted up when its waiters change
    double served_us;
} level_t;

typedef struct fair {
    level_t levels[DC_LEVELS];
    uint32_t waiting; // a bit for each level that has waiters
    uint64_t period;  // counted up when that changes
    double given_us;  // to all levels
    double tolerance_us;
    uint64_t broker_deaths;
} fair_t;

void fair_begin(sim_t *sim)
{
    const plan_t *plan = &sim->plan;
    bool is_clear = plan->tag_count == 0 && plan->verified_per_mille == 0 &&
                    plan->plain_workers == 0 && plan->long_count == 0 &&
                    plan->tree_per_mille == 0 && plan->wide_per_mille == 0 &&
                    plan->settings.rate_max == 0 && plan->settings.rate_bytes_max == 0 &&
                    plan->clients <= CLIENTS_MAX / 2 && plan->plain_clients <= CLIENTS_MAX / 2;
    // What waits for the disk takes no turn.
    if (!is_clear || plan->depositors) return;
    sim->fair = calloc(1, sizeof *sim->fair);
    if (!sim->fair) abort();
    double job_us = (double)plan->job_ns_max / 1000 * 1.5;
    if (plan->slow_per_mille) job_us = 100000;
    // Each slot may have a lease that it has not reported of; and before anybody knew what a
    // batch's jobs cost it was given a chunk to run and one to wait. Where few jobs are slow it
    // holds many that the others make believe are not.
    double held =
        DC_SLOT_LEASES_MIN * plan->chunk_jobs_max + (plan->slow_per_mille ? SLOW_HELD : 0);
    double slot_us = DC_PIECE_AGE_MS * 1000 + DC_LEASE_WORK_US + held * job_us;
    sim->fair->tolerance_us = 4 * DC_TURN_US + plan->slots * slot_us;
}

void fair_end(sim_t *sim)
{
    free(sim->fair);
    sim->fair = NULL;
}

// --- what is given -----------------------------------------------------------------------------

static const dc_lease_t *find_lease(const hub_t *hub, const peer_t *peer, uint64_t id)
{
    const dc_slot_t *slot;
    HASH_FIND(hh, hub_core(hub)->slots, &peer->number, sizeof peer->number, slot);
    const dc_lease_t *lease = slot ? slot->leases : NULL;
    while (lease && lease->id != id) {
        lease = lease->next_in_slot;
    }
    return lease;
}

// The keeper, who has all detached batches, is a client like any other.
static dc_peer_t name_of(const dc_client_t *client)
{
    return client->is_keeper ? UINT64_MAX : client->peer;
}

// Who takes no results is leased the chunk that it uses next, and nothing more.
static void check_throttled(sim_t *sim, const hub_t *hub, const dc_chunk_t *chunk)
{
    const peer_t *client = hub_peer(hub, true, chunk->batch->client->peer);
    if (!client || !client->was_throttled || chunk->part) return; // the keeper takes all
    if (chunk == dc_batch_oldest(chunk->batch)) return;
    sim_fail(sim, "a client that takes no results is leased more than it waits for");
}

void fair_leased(sim_t *sim, const hub_t *hub, const peer_t *peer, watched_lease_t *lease)
{
    const dc_lease_t *given = find_lease(hub, peer, lease->id);
    if (!given || !given->chunk || !given->chunk->batch->turn) return;
    check_throttled(sim, hub, given->chunk);
    rate_leased(sim, hub, lease, given->chunk);
    if (!sim->fair) return;
    const dc_turn_t *turn = given->chunk->batch->turn;
    lease->client = name_of(turn->client);
    lease->level = turn->level;
    lease->level_period = sim->fair->levels[turn->level].period;
    lease->period = sim->fair->period;
}

void fair_spent(sim_t *sim, const watched_lease_t *lease, uint64_t us)
{
    fair_t *self = sim->fair;
    if (!self || !lease->client) return;
    level_t *level = &self->levels[lease->level];
    if (lease->period == self->period) {
        self->given_us += (double)us;
        level->served_us += (double)us;
    }
    if (lease->level_period != level->period) return;
    for (size_t i = 0; i < level->count; i++) {
        if (level->waiters[i].client == lease->client) level->waiters[i].served_us += (double)us;
    }
}

// --- who waits ---------------------------------------------------------------------------------

static bool are_same(const level_t *level, const dc_turn_t *ring)
{
    size_t count = 0;
    for (const dc_turn_t *turn = ring; turn; turn = turn->next, count++) {
        bool is_known = false;
        for (size_t i = 0; i < level->count; i++) {
            is_known |= level->waiters[i].client == name_of(turn->client);
        }
        if (!is_known) return false;
    }
    return count == level->count;
}

static void see_level(level_t *level, const dc_turn_t *ring)
{
    if (are_same(level, ring)) return;
    level->period++;
    level->count = 0;
    for (const dc_turn_t *turn = ring; turn && level->count < CLIENTS_MAX; turn = turn->next) {
        level->waiters[level->count++] = (waiter_t){ .client = name_of(turn->client) };
    }
}

static void begin_period(fair_t *self, uint32_t waiting)
{
    self->waiting = waiting;
    self->period++;
    self->given_us = 0;
    for (unsigned i = 0; i < DC_LEVELS; i++) {
        self->levels[i].served_us = 0;
    }
}

// --- what must hold ----------------------------------------------------------------------------

static void check_clients(sim_t *sim, const level_t *level, int priority)
{
    double least_us = level->waiters[0].served_us;
    double most_us = least_us;
    for (size_t i = 1; i < level->count; i++) {
        double us = level->waiters[i].served_us;
        least_us = us < least_us ? us : least_us;
        most_us = us > most_us ? us : most_us;
    }
    if (most_us - least_us <= sim->fair->tolerance_us) return;
    sim_fail(sim, "of clients that wait at priority %d one was given %.0f us, another %.0f",
             priority, most_us, least_us);
}

static void check_level(sim_t *sim, unsigned level)
{
    const fair_t *self = sim->fair;
    double own_us = self->levels[level].served_us;
    double share_us = GAIN * (self->given_us - own_us);
    bool is_highest = self->waiting >> level == 1;
    if (own_us < share_us - self->tolerance_us) {
        sim_fail(sim, "priority %d waits, and was given %.0f us of %.0f",
                 dc_priority_of((uint8_t)level), own_us, self->given_us);
    }
    if (!is_highest && own_us > share_us + self->tolerance_us) {
        sim_fail(sim, "priority %d is not the most urgent, and was given %.0f us of %.0f",
                 dc_priority_of((uint8_t)level), own_us, self->given_us);
    }
}

// The highest level that waits for slots of `kind`, all of which are busy; 0: none does.
static unsigned urgent_level(const dc_kind_t *kind)
{
    unsigned urgent = 0;
    for (size_t i = 0; i < kind->lane_count; i++) {
        const dc_lane_t *lane = kind->lanes[i];
        for (unsigned level = urgent + 1; level < DC_LEVELS; level++) {
            bool waits = lane->waiting_levels >> level & 1;
            if (waits && lane->idle_count < lane->ready_count) urgent = level;
        }
    }
    return urgent;
}

static void note_urgent(const hub_t *hub)
{
    const dc_core_t *core = hub_core(hub);
    for (const dc_slot_t *slot = core->slots; slot; slot = slot->hh.next) {
        bool is_open = !slot->is_plain && slot->guess_count;
        hub_peer(hub, false, slot->peer)->urgent_level = is_open ? urgent_level(slot->kind) : 0;
    }
}

// Where something more urgent waited than what a slot has, and nobody knows how long that takes,
// the slot has the job that it is at and nothing more.
static void check_urgent(sim_t *sim, const hub_t *hub)
{
    const dc_core_t *core = hub_core(hub);
    for (const dc_slot_t *slot = core->slots; slot; slot = slot->hh.next) {
        unsigned level = hub_peer(hub, false, slot->peer)->urgent_level;
        for (const dc_lease_t *lease = slot->leases; lease && level; lease = lease->next_in_slot) {
            uint64_t most = lease == slot->leases ? 1 : 0;
            bool is_new = lease->since_ms == core->now;
            bool is_urgent = !lease->chunk || lease->chunk->batch->level >= level;
            if (is_new || is_urgent || lease->end - lease->next <= most) continue;
            sim_fail(sim, "what is urgent waits for more than one job of slot s%llu",
                     (unsigned long long)slot->number);
            return;
        }
    }
}

void fair_before(sim_t *sim, const hub_t *hub)
{
    const dc_core_t *core = hub_core(hub);
    // All slots are looked at, which is too much where there are many.
    sim->was_preempt_due = core->is_preempt_due && sim->slot_count <= SLOTS_MAX;
    if (sim->was_preempt_due) note_urgent(hub);
    for (const dc_client_t *client = core->clients; client; client = client->hh.next) {
        hub_peer(hub, true, client->peer)->was_throttled = dc_client_is_throttled(client);
    }
}

void fair_watch(sim_t *sim, const hub_t *hub)
{
    fair_t *self = sim->fair;
    if (sim->was_preempt_due) check_urgent(sim, hub);
    const dc_lane_t *lane = &hub_core(hub)->common;
    if (!self) return;
    bool is_new = self->broker_deaths != sim->broker_deaths;
    self->broker_deaths = sim->broker_deaths;
    if (is_new || self->waiting != lane->waiting_levels) begin_period(self, lane->waiting_levels);
    for (unsigned i = 0; i < DC_LEVELS && !sim->has_failed; i++) {
        level_t *level = &self->levels[i];
        if (is_new) level->count = 0;
        see_level(level, lane->levels[i].ring);
        if (level->count > 1) check_clients(sim, level, dc_priority_of((uint8_t)i));
        if (level->count && self->waiting & (self->waiting - 1)) check_level(sim, i);
    }
}
