// task_part — what task.c, which reads and writes tasks, and task_reduce.c, which runs them, share.
#ifndef DC_COMMON_EXPR_TASK_PART_H
#define DC_COMMON_EXPR_TASK_PART_H

#include "common/expr/reduce.h"
#include "common/expr/task.h"

// Reductions stand inside each other so deep at most, and the job is a level, too.
#define DC_TASK_LEVELS_MAX (DC_EXPR_REDUCTIONS_MAX + 1)

struct dc_task_level {
    dc_replays_t replays;
    uint64_t number;     // of the reduction that the next level is in
    uint64_t first, end; // its terms that are the next level
};

static inline dc_task_level_t *dc_task_last_level(const dc_task_t *self)
{
    return &self->levels[self->level_count - 1];
}

// Begin an evaluation: in the job, with nothing entered.
void dc_task_begin(dc_task_t *self);

// What of the vm's steps the part took that the task is.
uint64_t dc_task_steps(const dc_task_t *self, uint64_t steps);

// Reduction `number` of the level that the evaluation is in, which is no part of another: compute
// it or put it together (`*is_joined`), for `*outcome`; or enter it, where the task is a part of
// it. Faults as dc_reduce; DC_ERR_CANCELLED where `end_is` says how the evaluation ends.
dc_err_t dc_task_reduce(dc_vm_t *vm, const dc_reduction_t *reduction, uint64_t number,
                        dc_reduce_outcome_t *outcome, bool *is_joined);

// Has the reduction that the evaluation is in run for long enough? Its time begins with the first
// question, so that short ones need no clock.
bool dc_task_is_due(dc_task_t *self, dc_us_t now_us);

// The reduction that the evaluation is in is to be split now: say so. Returns DC_ERR_CANCELLED.
dc_err_t dc_task_split(dc_task_t *self);

#endif
