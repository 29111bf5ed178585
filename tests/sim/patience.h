// patience — who is given up, and when: nobody before he has been silent for too long, whoever
// cannot be reached at once, and nobody any more when all is well.
//
// What the broker slept through is nobody's silence. So silence is counted in time in which it was
// awake (hub_awake_us), beside the core's own reckoning.
#ifndef DC_TESTS_SIM_PATIENCE_H
#define DC_TESTS_SIM_PATIENCE_H

#include "tests/sim/hub.h"

// The core has made a step of `event`, of which `actions` are to be carried out.
void patience_watch(sim_t *sim, hub_t *hub, const dc_event_t *event, const dc_actions_t *actions);

// A slot or a client, `who`, gives up the broker.
void patience_broker_lost(sim_t *sim, const char *who, unsigned number);

#endif
