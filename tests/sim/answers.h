// answers — what an application looks at in what it gets: each job answered once, and rightly.
#ifndef DC_TESTS_SIM_ANSWERS_H
#define DC_TESTS_SIM_ANSWERS_H

#include "client/dcalc.h"
#include "tests/sim/sim.h"

// A batch of `jobs` jobs, entered into the simulation's list, which owns it.
batch_t *answers_new_batch(sim_t *sim, uint64_t jobs);

// Check a piece, and add the jobs that it answers to `fresh`. Workers are named if it `is_named`.
void answers_take(sim_t *sim, batch_t *batch, const dcalc_piece_t *piece, bool is_named,
                  dc_ranges_t *fresh);

// All of `batch` is answered: was skipped what needs a job that failed, and nothing else?
void answers_check_skipped(sim_t *sim, const batch_t *batch);

// Check the reply to a plain request for jobs [first, end).
void answers_take_reply(sim_t *sim, batch_t *batch, uint64_t first, uint64_t end, dc_str_t reply);

// `batch`, which comes after another one if every job of that is computed, has ended well.
void answers_check_after(sim_t *sim, const batch_t *batch, const batch_t *after);

#endif
