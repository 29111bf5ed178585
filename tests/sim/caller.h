// caller — what clients' processes have in common: the library's core, its connection to the
// broker, and turns, in which what has come is heard, what is at hand is sent, and the application
// acts.
#ifndef DC_TESTS_SIM_CALLER_H
#define DC_TESTS_SIM_CALLER_H

#include "client/requests.h"
#include "tests/sim/inbox.h"

// The application takes its news and does what it wants. Returns when it would like its next turn,
// though nothing comes: UINT64_MAX: never.
typedef uint64_t caller_act_t(sim_t *sim, void *owner);

typedef struct caller {
    const char *name; // for the trace, with its number
    unsigned number;
    void *owner; // whom `act` is called with
    caller_act_t *act;
    dc_requests_t *requests; // NULL: the process is dead, or has ended
    dc_outcome_t outcome;
    conn_t *conn;
    bool is_stopped;
    uint64_t turn_us; // when the next turn is due
    uint64_t turn;    // which one that is
    inbox_t inbox;
    uint64_t step_count;
} caller_t;

// The process starts, and has its first turn at `at_us`.
void caller_begin(sim_t *sim, caller_t *self, const dc_session_settings_t *settings,
                  uint64_t at_us);

// It ends, in whatever way. Nothing happens if it has.
void caller_end(sim_t *sim, caller_t *self);

// Every second one wants to know who computed what.
static inline bool caller_wants_workers(const caller_t *self)
{
    return self->number % 2;
}

// SIGSTOP, SIGCONT.
void caller_stop(sim_t *sim, caller_t *self);
void caller_resume(sim_t *sim, caller_t *self);

// The application has called the library's core once.
void caller_count_step(sim_t *sim, caller_t *self);

// Send what is at hand: before the process ends, else that is done in its turns.
void caller_flush(sim_t *sim, caller_t *self);

#endif
