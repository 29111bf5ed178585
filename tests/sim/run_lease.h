// run_lease — a lease as a slot has it: its jobs, and what they come to.
#ifndef DC_TESTS_SIM_RUN_LEASE_H
#define DC_TESTS_SIM_RUN_LEASE_H

#include "tests/sim/parts.h"
#include "tests/sim/sim.h"

typedef struct run_lease {
    dc_cmd_t cmd;       // LEASE; references of its own
    uint64_t next, end; // what is not given back, nor trimmed off
    dc_str_t rest;      // the inputs from `next` on
    bool is_decided;    // whether job `next`, which may be split, is
    bool is_split;      // ... which it is
    struct run_lease *following;
} run_lease_t;

// A RESULT, as it is being written.
typedef struct run_result {
    dc_buf_t results, faults;
    uint64_t steps;
    uint8_t flags;
} run_result_t;

// Keep the LEASE in `cmd`, which brings the results that its jobs need.
run_lease_t *run_lease_new(sim_t *sim, const dc_cmd_t *cmd);
void run_lease_free(run_lease_t *self);

// Cut job `index`, the next one, off `rest`, the inputs. False if it is not there.
bool run_lease_take(sim_t *sim, const run_lease_t *self, uint64_t index, dc_str_t *rest,
                    job_t *job);

// What `job` comes to, and how long it takes.
outcome_t run_lease_outcome(sim_t *sim, const run_lease_t *self, const job_t *job);

// Which letter its batch's results begin with.
char run_lease_letter(const run_lease_t *self);

// Write what `job` comes to, or `lie` instead.
void run_lease_put(sim_t *sim, const run_lease_t *self, const job_t *job, run_result_t *to);
void run_lease_put_lie(const run_lease_t *self, uint64_t lie, run_result_t *to);

#endif
