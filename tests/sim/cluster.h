// cluster — one simulation from its beginning to its end.
//
// There is a time of faults, then calm. In the calm every batch must end; then everybody leaves,
// and the broker must forget all that it held.
#ifndef DC_TESTS_SIM_CLUSTER_H
#define DC_TESTS_SIM_CLUSTER_H

#include "tests/sim/sim.h"

// What all simulations of a run saw.
typedef struct tally {
    uint64_t steps, ticks, chunks, packed, answered, failed, skipped, needs, blamed, doubled,
        disputed, forks, tidings, kills, breaks, stops, broker_deaths, spoiled, others;
} tally_t;

typedef struct cluster_options {
    bool is_large; // as many slots and chunks as a broker is made for
    uint32_t size; // of others: multiplies the number of jobs
    uint64_t steps_max;
    bool is_tracing;
} cluster_options_t;

// Run the simulation that follows from `seed`. False if something did not hold, which is printed.
bool cluster_run(uint64_t seed, const cluster_options_t *options, tally_t *tally);

#endif
