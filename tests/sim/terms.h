// terms — that a batch is taken, and computed, on the terms that its client was told: no new one
// while memory is full, none taken from another session without a word, nothing of it while it is
// held, and not beyond its deadline, nor less long.
#ifndef DC_TESTS_SIM_TERMS_H
#define DC_TESTS_SIM_TERMS_H

#include "tests/sim/hub.h"

// The core is to make a step of `event`; it has made it, and `actions` are to be carried out.
void terms_before(sim_t *sim, const hub_t *hub, const dc_event_t *event);
void terms_after(sim_t *sim, const hub_t *hub, const dc_event_t *event,
                 const dc_actions_t *actions);

// A job of `batch` is leased.
void terms_leased(sim_t *sim, const batch_t *batch);

// Its client is told that it has met its deadline.
void terms_met(sim_t *sim, const hub_t *hub, const batch_t *batch);

#endif
