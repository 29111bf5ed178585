// hub — the broker's process: its core, and around it what ROUTER sockets and the shell do.
//
// Messages that have come are stepped through the core together, then work is leased, then what is
// at hand for each peer goes out as one message: a turn. A peer whose connection is gone is found
// out when something is sent to it, if its system noticed the break, and never otherwise. Who is
// forgotten by the core and speaks again is a new peer.
#ifndef DC_TESTS_SIM_HUB_H
#define DC_TESTS_SIM_HUB_H

#include "broker/core/core.h"
#include "tests/lib/store_model.h"
#include "tests/sim/net.h"

// A lease as it was given, for the watch.
typedef struct watched_lease {
    uint64_t id, next, end;
    uint64_t offset; // from these indices to the batch's: a plain request counts its own lines
    batch_t *batch;

    // Whose it is, and since when that client, and its level, have waited (tests/sim/fair.h).
    dc_peer_t client; // 0: it is not looked at
    uint8_t level;
    uint64_t period, level_period;
} watched_lease_t;

// A batch as a session of a client names it.
typedef struct watched_handle {
    uint32_t handle, serial;
    batch_t *batch;
    bool is_view; // it is attached
} watched_handle_t;

// What the shell knows of a connection.
typedef struct peer {
    dc_peer_t number;
    bool is_client;
    conn_t *conn;          // NULL: it is gone
    conn_t *origin;        // whose it was, ...
    uint32_t epoch;        // ... until its next break
    uint64_t gone_us;      // from when on sending to it finds no connection; UINT64_MAX: never
    bool is_forgotten;     // the core does not know it any more
    bool is_gone_told;     // the core was told that it is gone
    unsigned urgent_level; // the highest that waited for it before the dispatch; 0: none
    bool was_throttled;    // it had too many results under way before the dispatch
    uint64_t heard_us;     // when it last spoke, in hub_awake_us
    uint64_t came_us;      // when it first did
    double allowed_jobs;   // so many jobs it might begin at `allowed_us`; see tests/sim/rate.h
    uint64_t allowed_us;   // 0: nothing of it was leased yet
    msg_t *out;            // what is at hand for it
    struct peer *next_out;

    // For the watch.
    bool has_begun, is_plain, is_careless;
    uint64_t sent, granted; // credit
    watched_handle_t *handles;
    size_t handle_count, handle_capacity;
    watched_lease_t *leases; // in the order in which they were given
    size_t lease_count, lease_capacity;
    struct peer *next;
} peer_t;

typedef struct hub hub_t;

hub_t *hub_new(sim_t *sim);
void hub_destroy(sim_t *sim, hub_t **self_p);

// A message for the broker has arrived; it is taken.
void hub_deliver(sim_t *sim, msg_t *msg);

// The connection of `peer` is gone.
void hub_lose_peer(sim_t *sim, peer_t *peer);

// kill -9: all that it knew is gone, and every connection breaks. Then: it is started again.
void hub_kill(sim_t *sim);
void hub_start(sim_t *sim);
bool hub_is_alive(const hub_t *self);

// SIGTERM: it leases nothing more. Then, when that is to have an end: it tells its clients. Who
// calls kills it after that.
void hub_leave(sim_t *sim);
bool hub_has_left(const hub_t *self);
void hub_say_farewell(sim_t *sim);

// Now and then an operator changes what it may hold and how long it waits, within what the plan
// says.
void hub_let_operator(sim_t *sim);

// SIGSTOP, SIGCONT.
void hub_stop(sim_t *sim);
void hub_resume(sim_t *sim);
bool hub_is_stopped(const hub_t *self);

// How long the broker has been awake: for all that time but those stops that are longer than a
// heartbeat, each of which counts for a tick.
uint64_t hub_awake_us(const sim_t *sim);

// The core; NULL while the broker is dead.
const dc_core_t *hub_core(const hub_t *self);

// Its store.
const dc_store_model_t *hub_store(const hub_t *self);

// How often the broker was started.
uint64_t hub_life(const hub_t *self);

// The peer with this number; NULL if there was none.
peer_t *hub_peer(const hub_t *self, bool is_client, dc_peer_t number);

#endif
