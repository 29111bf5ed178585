// codec — messages of the simulation through the real codec, to see that they come out as they are.
#ifndef DC_TESTS_SIM_CODEC_H
#define DC_TESTS_SIM_CODEC_H

#include "tests/sim/net.h"

// Write `msg`, read it, and compare.
void codec_check(sim_t *sim, const msg_t *msg);

#endif
