// plain — peers that know nothing of dcalc: a REQ or DEALER client that sends lines and waits for
// the reply, and trying again after a while as the guide's Lazy Pirate does; and a worker of the
// guide's Paranoid Pirate.
#ifndef DC_TESTS_SIM_PLAIN_H
#define DC_TESTS_SIM_PLAIN_H

#include "tests/sim/net.h"

// Requests that a client has under way at most.
#define PLAIN_WAITING_MAX 32

typedef struct plain_client {
    unsigned number;
    conn_t *conn;
    batch_t *batch;
    uint64_t answered; // its jobs are answered up to here
    // Requests that wait for their replies, in order: a DEALER may have several.
    uint64_t ends[PLAIN_WAITING_MAX];
    unsigned waiting, waiting_max;
    uint64_t attempt; // counted up when it begins anew
    uint32_t lines_max;
} plain_client_t;

plain_client_t *plain_client_new(sim_t *sim, unsigned number);
void plain_client_destroy(sim_t *sim, plain_client_t **self_p);
bool plain_client_is_done(const plain_client_t *self);
void plain_client_leave(sim_t *sim, plain_client_t *self);
void plain_client_break(sim_t *sim, plain_client_t *self);

typedef struct plain_worker {
    unsigned number;
    conn_t *conn;  // NULL: it is dead
    uint64_t life; // counted up at each start
    uint64_t heard_us, beat_us;
    bool is_busy;
    dc_cmd_t work; // what it is at
} plain_worker_t;

plain_worker_t *plain_worker_new(sim_t *sim, unsigned number);
void plain_worker_destroy(sim_t *sim, plain_worker_t **self_p);
void plain_worker_kill(sim_t *sim, plain_worker_t *self);

#endif
