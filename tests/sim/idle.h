// idle — nobody has room for what somebody waits for.
//
//   nothing is ready while a slot that accepts has room, or computes what another does as well
//   no slot is idle while a job takes too long elsewhere, or another has jobs left for a while
#ifndef DC_TESTS_SIM_IDLE_H
#define DC_TESTS_SIM_IDLE_H

#include "tests/sim/hub.h"

// A turn of the broker's is about to end with leases; it is over.
void idle_before(sim_t *sim, const hub_t *hub);
void idle_watch(sim_t *sim, const hub_t *hub);

#endif
