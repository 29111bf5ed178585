// hub_part — what the files of hub_t share: hub.c (the process), hub_peers.c and hub_store.c.
#ifndef DC_TESTS_SIM_HUB_PART_H
#define DC_TESTS_SIM_HUB_PART_H

#include "tests/sim/hub.h"
#include "tests/sim/inbox.h"

// Peers by number.
typedef struct numbers {
    peer_t **list; // owned; the peers are not
    size_t count, capacity;
} numbers_t;

struct hub {
    dc_core_t *core;         // NULL: the process is dead
    dc_store_model_t *store; // what is on its disk, whoever dies
    bool is_store_due;
    bool is_stopped, is_turn_due;
    bool is_leaving;               // it is to stop
    uint64_t stopped_us, slept_us; // when it was stopped, and for how long, all in all
    uint64_t life;                 // counted up when it is started
    uint64_t step_count;
    uint64_t told_count; // at which step it is looked at next what slots were told
    inbox_t inbox;
    dc_actions_t actions;
    peer_t *peers;        // owned: all of this life
    numbers_t numbers[2]; // of workers and clients
    bool has_operator;
    dc_rng_t operator;      // what he does: the rest of a seed goes as it would without him
    peer_t *out, *out_last; // those that have something to be sent, in order
};

// The event and what follows from it.
void hub_step(sim_t *sim, hub_t *self, const dc_event_t *event);

// There is something to be done in a turn, which comes soon.
void hub_make_turn_due(sim_t *sim, hub_t *self);

// --- hub_peers.c -------------------------------------------------------------------------------

// Who sent what came on `conn` before its break number `epoch`. What was read before a break is
// looked at after it, as it comes.
peer_t *hub_find_peer(const sim_t *sim, hub_t *self, conn_t *conn, uint32_t epoch);

// The core does not know it any more.
void hub_forget_peer(hub_t *self, bool is_client, dc_peer_t number);

void hub_free_peers(sim_t *sim, hub_t *self);

// --- hub_store.c -------------------------------------------------------------------------------

// Something was put: it is committed after a while.
void hub_make_store_due(sim_t *sim, hub_t *self);

// What waits dies with the broker, except that some of it is on the disk already, and nobody knows.
void hub_crash_store(sim_t *sim, hub_t *self);

#endif
