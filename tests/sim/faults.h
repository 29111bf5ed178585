// faults — who breaks, stops, kills and restarts: one fault after another, until there is calm.
#ifndef DC_TESTS_SIM_FAULTS_H
#define DC_TESTS_SIM_FAULTS_H

#include "tests/sim/sim.h"

// Plan the faults, and the calm after them.
void faults_begin(sim_t *sim);

// kill -9 of the broker, which is started again after a while.
void faults_kill_broker(sim_t *sim);

#endif
