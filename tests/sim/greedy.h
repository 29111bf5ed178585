// greedy — a client that sends without looking at its credit, and is to be refused for that.
#ifndef DC_TESTS_SIM_GREEDY_H
#define DC_TESTS_SIM_GREEDY_H

#include "tests/sim/net.h"

typedef struct greedy {
    conn_t *conn;
    batch_t *batch;
} greedy_t;

greedy_t *greedy_new(sim_t *sim);
void greedy_destroy(sim_t *sim, greedy_t **self_p);

#endif
