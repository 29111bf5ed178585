// inbox — messages that have arrived at a process, in order. It owns them.
#ifndef DC_TESTS_SIM_INBOX_H
#define DC_TESTS_SIM_INBOX_H

#include "tests/sim/net.h"

// All 0: there are none.
typedef struct inbox {
    msg_t *first, *last;
} inbox_t;

// Takes `msg`.
void inbox_push(inbox_t *self, msg_t *msg);

// The oldest, which is the caller's from now on; NULL if there is none.
msg_t *inbox_pop(inbox_t *self);

// Whoever they are for is no more.
void inbox_clear(sim_t *sim, inbox_t *self);

#endif
