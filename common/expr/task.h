// task — a job that is computed in parts, by several workers.
//
// A long reduction is split into parts of its range. Each part is a *child*; what the children give
// is put together by a *join*, which then goes on with the job. Both may be split in turn, also at
// a reduction inside of the terms of another. What travels is text: which part it is, then the
// bytes of the job itself, which every worker begins anew: up to the reduction that was split that
// costs little, because the results of long reductions before it travel, too.
//
// So a task is a way into the job. Its first *level* is the job; the next is a part of the range of
// a reduction in it, the third a part of a reduction within those terms, and so on. What a level
// knows of itself are the results of its long reductions (reduce.h), and which reduction the next
// is in.
//
// Borders follow from the range alone, and the parts of a reduction give the same bits however it
// was split (partial.h). Whether it is split is decided by its cost, as far as that is known
// before, and by the time it has taken. What cannot be split: a range of a single term, a product
// of no more terms than are multiplied in a row, any and all, which may stop at any term, and what
// chooses its own terms (integrate, solve, diff); then the reductions inside of it may be.
//
//   dc_task_t task;
//   dc_task_init(&task);                          a job, or dc_task_read for a part of one
//   budget.task = &task; ... dc_engine_run ...
//   where that returns DC_ERR_CANCELLED:          task.end_is may say what is to be done
//   dc_task_fini(&task);
#ifndef DC_COMMON_EXPR_TASK_H
#define DC_COMMON_EXPR_TASK_H

#include "common/buf.h"
#include "common/err.h"
#include "common/expr/reduction.h"
#include "common/limits.h"
#include "common/str.h"

typedef struct dc_task_level dc_task_level_t;

// How a reduction would be split.
typedef struct dc_task_plan {
    double steps;        // that it takes at least
    uint64_t part_terms; // of each part but the last
    uint32_t part_count; // at most DC_FORK_CHILDREN_MAX; 1: it cannot be split
} dc_task_plan_t;

// How the evaluation of a task ended that has no value.
typedef enum dc_task_end {
    DC_TASK_NOT_ENDED,
    DC_TASK_GAVE,  // a part of a range was computed: `result`, for the join
    DC_TASK_SPLIT, // it is to be computed in the parts of `plan`
} dc_task_end_t;

typedef struct dc_task {
    dc_task_level_t *levels; // owned
    uint32_t level_count;    // at least 1
    uint32_t level;          // the one that the evaluation is in
    uint32_t depth;          // at which level of children this part is; 0: the job
    uint32_t chain;          // how many joins were at that level before this one
    bool is_join;    // it gets the results of the parts of reduction `number` of the last level
    bool is_merge;   // it only puts the results of the parts of its own range together, see
                     // dc_task_merge
    uint64_t number; // of the reduction that was split; of those of the last level
    const dc_str_t *given; // borrowed: what the parts gave, in their order
    uint32_t given_count;

    // When to split.
    double split_steps; // what certainly takes more steps is split at once; infinite: nothing is
    dc_us_t slice_us;   // a reduction that takes longer is split then; UINT64_MAX: none is
    dc_us_t due_us;     // when that is, on dc_clock_awake_us(); 0: not looked at yet

    // Where the evaluation is: the reduction that would be split. Set by task_reduce.c.
    bool can_split;
    bool is_own_range; // it is that of the last level, not one inside of it
    uint64_t split_number;
    uint64_t first, end; // its terms
    dc_task_plan_t plan; // for these; of SPLIT with 2 parts at least
    uint64_t begun;      // vm->steps when the last level was entered; `UINT64_MAX`: it was not

    dc_task_end_t end_is;
    dc_buf_t result; // owned; of GAVE
} dc_task_t;

// A job as a whole, that is never split. False if memory is short; there is nothing to free then.
DC_MUST_USE bool dc_task_init(dc_task_t *self);

// What dc_task_put_child or dc_task_put_join have written; `*job` becomes the job's bytes, borrowed
// from `text`. False if the text is anything else, or memory is short; there is nothing to free
// then.
DC_MUST_USE bool dc_task_read(dc_task_t *self, dc_str_t text, dc_str_t *job);

// Let a task that was initialised for a whole job serve for another one.
void dc_task_clear(dc_task_t *self);

void dc_task_fini(dc_task_t *self);

// --- what is split -----------------------------------------------------------------------------

// The plan for `terms` terms that take `term_steps` each at least. Parts have as many terms as the
// least power of two, of a product that many leaves, that gives no more than DC_FORK_CHILDREN_MAX.
dc_task_plan_t dc_task_plan(dc_reduce_t kind, uint64_t terms, double term_steps);

// How many terms child `index` stands for.
uint64_t dc_task_child_terms(const dc_task_t *self, uint32_t index);

// Append what child `index`, or the join, is to do for the job with these bytes.
void dc_task_put_child(const dc_task_t *self, uint32_t index, dc_str_t job, dc_buf_t *out);
void dc_task_put_join(const dc_task_t *self, dc_str_t job, dc_buf_t *out);

// --- without an evaluation ---------------------------------------------------------------------

// Of a merge: put together what the parts gave, so that `end_is` GAVE. False if that is not what
// such parts give.
DC_MUST_USE bool dc_task_merge(dc_task_t *self);

#endif
