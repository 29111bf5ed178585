// evaluator — the jobs of a lease, one by one: bytes in, values or faults out.
//
// It holds an engine and a few programs, compiled, which it knows again by their bytes. It belongs
// to one thread. Calling sequence:
//
//   dc_evaluator_begin(self, &lease)
//   while (dc_evaluator_take(self)) {
//       if (dc_evaluator_take_values(self, ...)) continue;       several at once, where there are
//       err = dc_evaluator_eval(self, &budget, &value, &diag);   may be repeated for the same job
//       end = dc_evaluator_ended(self, &data);                   has it ended without a value?
//   }
//   dc_evaluator_end(self)
#ifndef DC_WORKER_EVALUATOR_H
#define DC_WORKER_EVALUATOR_H

#include "common/program.h"
#include "common/wire.h"
#include "worker/splitter.h"
#include "worker/spot.h"

// How many programs are kept compiled: those of the batches that are under way at the same time.
#define DC_EVALUATOR_PROGRAMS_MAX 16

typedef struct dc_evaluator dc_evaluator_t;

// An evaluator that says in `spot` (borrowed until destroy) where it is. Long jobs are split over
// the cluster, unless it `is_quick`: then nobody else goes on while it evaluates, and it gives up
// soon. NULL if memory is short.
dc_evaluator_t *dc_evaluator_new(dc_spot_t *spot, bool is_quick);
void dc_evaluator_destroy(dc_evaluator_t **self_p);

// Begin the jobs of `lease` (a LEASE; borrowed until the end). A program that cannot be used is a
// fault of each of its jobs.
void dc_evaluator_begin(dc_evaluator_t *self, const dc_cmd_t *lease);

// The limits of each of its jobs.
const dc_program_t *dc_evaluator_program(const dc_evaluator_t *self);

// Go to the next job. False behind the last of the lease.
bool dc_evaluator_take(dc_evaluator_t *self);

// Evaluate the job within `budget` (which says at most what the program allows; see
// dc_engine_eval). Strings in `*value` live until the evaluator is used again. A job whose bytes
// are missing fails like any other. Memory that is short is the job's: DC_ERR_TOO_LARGE.
DC_MUST_USE dc_err_t dc_evaluator_eval(dc_evaluator_t *self, dc_budget_t *budget, dc_value_t *value,
                                       dc_diag_t *diag);

// Some consecutive jobs that have their values already.
typedef struct dc_evaluated {
    const double *values; // until the evaluator is used again
    size_t count;
    bool are_bools; // values are 1 and 0 then
    uint64_t steps; // that all of them took
} dc_evaluated_t;

// The current job and those behind it that were evaluated together with it, at most `count_max` of
// them: the last of these is the current job then. False if the current one is to be evaluated.
bool dc_evaluator_take_values(dc_evaluator_t *self, uint64_t count_max, dc_evaluated_t *evaluated);

// How the last evaluation ended, if without a value or a fault (then it returned DC_ERR_CANCELLED):
// a part of a job GAVE `*data` for its join, or the job is SPLIT, as `*data` (of a RESULT with
// FORK) say. They live until the evaluator is used again.
dc_task_end_t dc_evaluator_ended(const dc_evaluator_t *self, dc_str_t *data);

// The current job and all behind it as a lease of its own, which borrows from `lease`, the one that
// was begun, or from the evaluator until it is used again.
void dc_evaluator_rest(dc_evaluator_t *self, const dc_cmd_t *lease, dc_cmd_t *rest);

// Nothing of the lease is needed any more.
void dc_evaluator_end(dc_evaluator_t *self);

#endif
