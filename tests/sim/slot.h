// slot — a slot's process: the link's core, its connection, and the runner; and the supervisor that
// starts it again, and may tell the broker how it died.
#ifndef DC_TESTS_SIM_SLOT_H
#define DC_TESTS_SIM_SLOT_H

#include "tests/sim/inbox.h"
#include "tests/sim/runner.h"
#include "worker/link.h"

typedef struct slot {
    unsigned number;
    dc_link_t *link; // NULL: the process is dead
    dc_link_actions_t actions;
    runner_t runner;
    conn_t *conn;
    uint64_t life; // counted up at each start
    dc_key_t session;
    bool is_stopped;
    inbox_t inbox; // while it is stopped
    msg_t *out;    // what is at hand for the broker
    msg_t *echo;   // an old message, which comes once more some day
    uint64_t step_count;
} slot_t;

// A slot that starts now.
slot_t *slot_new(sim_t *sim, unsigned number);
void slot_destroy(sim_t *sim, slot_t **self_p);

// kill -9.
void slot_kill(sim_t *sim, slot_t *self);

// SIGSTOP, SIGCONT, SIGTERM.
void slot_stop(sim_t *sim, slot_t *self);
void slot_resume(sim_t *sim, slot_t *self);
void slot_drain(sim_t *sim, slot_t *self);

#endif
