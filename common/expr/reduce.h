// reduce — runs the reductions of a job.
//
// A reduction over a range is a partial (partial.h) that is fed block by block, from index 0 on:
// the same blocks whoever feeds it, so a part of the range can be computed elsewhere.
//
// Results of reductions that took long are kept, in the order in which a run comes to them, by a
// number that counts all reductions that are not inside of one that can be split (task.h). A run
// that finds them there does not compute them again. So the run that looks for the origin of a
// value that is not finite is quick, and whoever had a reduction computed elsewhere puts its result
// there and runs the job anew.
#ifndef DC_COMMON_EXPR_REDUCE_H
#define DC_COMMON_EXPR_REDUCE_H

#include "common/expr/partial.h"
#include "common/expr/vm.h"

// What came out of a reduction.
typedef struct dc_reduce_outcome {
    double value;    // a bool is 1 or 0
    double strange;  // if is_strange: the first value of its variable where f was not finite
    bool is_strange; // there was one
} dc_reduce_outcome_t;

// What took fewer steps is computed again sooner than kept: so that 10^11 steps leave 10^5 results.
#define DC_REPLAY_STEPS_MIN 1000000

typedef struct dc_replay {
    uint64_t number; // of the reduction among those that count, from 0
    uint64_t next;   // of the one behind it: more, if some were inside of it that count
    dc_reduce_outcome_t outcome;
} dc_replay_t;

struct dc_replays {
    dc_replay_t *items; // owned, in the order of their numbers
    uint32_t count, capacity;
    uint64_t number; // of the reduction that the run comes to next
    uint32_t next;   // the first item that it has not passed
};

// Keep the result of reduction `number`, the last that was computed; those inside of it are not
// needed any more. False if memory is short: it will be computed again.
bool dc_replays_keep(dc_replays_t *self, uint64_t number, const dc_reduce_outcome_t *outcome);

// Begin a run that finds the results that are there, or one that finds none.
void dc_replays_rewind(dc_replays_t *self);
void dc_replays_clear(dc_replays_t *self);

// Where a run is among them, to go back to.
typedef struct dc_replays_place {
    uint64_t number;
    uint32_t next;
} dc_replays_place_t;
dc_replays_place_t dc_replays_place(const dc_replays_t *self);
void dc_replays_go(dc_replays_t *self, dc_replays_place_t place);

// Free the items. A list that is all zeros is empty.
void dc_replays_fini(dc_replays_t *self);

// Run `reduction`, whose arguments are in their registers. A fault is returned; vm->fault_at and
// vm->sentence are set.
DC_MUST_USE dc_err_t dc_reduce(dc_vm_t *vm, const dc_reduction_t *reduction,
                               dc_reduce_outcome_t *outcome);

// The range of `reduction` as its registers have it, if it is one over a range. Faults as above,
// also if the range alone costs more than what is left of the budget.
DC_MUST_USE dc_err_t dc_reduce_range(dc_vm_t *vm, const dc_reduction_t *reduction,
                                     dc_number_range_t *range);

// Feed `partial` the terms of `range` up to `end`, which is a multiple of DC_BLOCK_ROWS or that of
// the range, or any other if it is no product; it may be decided sooner. Faults as above.
DC_MUST_USE dc_err_t dc_reduce_part(dc_vm_t *vm, const dc_reduction_t *reduction,
                                    const dc_number_range_t *range, dc_partial_t *partial,
                                    uint64_t end);

// The result of a partial that has had all of the range. Faults as above.
DC_MUST_USE dc_err_t dc_reduce_finish(dc_vm_t *vm, const dc_reduction_t *reduction,
                                      const dc_number_range_t *range, const dc_partial_t *partial,
                                      dc_reduce_outcome_t *outcome);

// All of a reduction, here and now. Faults as above.
DC_MUST_USE dc_err_t dc_reduce_compute(dc_vm_t *vm, const dc_reduction_t *reduction,
                                       dc_reduce_outcome_t *outcome);

// Is it over a range of a single term, as its registers have it?
bool dc_reduce_has_one_term(const dc_vm_t *vm, const dc_reduction_t *reduction);

// May so many terms of such a reduction be computed in parts? Not those of `any` and `all`, of
// which most may not be wanted.
bool dc_reduce_can_split(dc_reduce_t kind, uint64_t terms);

// `reduction` itself is at fault: remember where and what is said of it. Returns `err`.
dc_err_t dc_reduce_fail(dc_vm_t *vm, const dc_reduction_t *reduction, dc_err_t err,
                        const char *format, ...) DC_PRINTF(4, 5);

#endif
