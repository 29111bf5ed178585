#include "common/expr/task_part.h"

void dc_task_begin(dc_task_t *self)
{
    self->level = 0;
    self->can_split = false;
    self->begun = self->level_count > 1 ? UINT64_MAX : 0;
    self->end_is = DC_TASK_NOT_ENDED;
    for (uint32_t i = 0; i < self->level_count; i++)
        dc_replays_rewind(&self->levels[i].replays);
}

uint64_t dc_task_steps(const dc_task_t *self, uint64_t steps)
{
    // What is split is begun again by its parts, and what leads to a part is counted by who split
    // it.
    if (self->end_is == DC_TASK_SPLIT || self->begun == UINT64_MAX) return 0;
    return steps - self->begun;
}

static dc_err_t no_part(dc_vm_t *vm, const dc_reduction_t *reduction)
{
    return dc_reduce_fail(vm, reduction, DC_ERR_PROTOCOL, "this is not how '%s' was split",
                          dc_reduce_infos[reduction->kind].name);
}

// --- splitting ---------------------------------------------------------------------------------

// From now on terms [first, end) of this reduction are what would be split.
static void aim(dc_task_t *task, const dc_reduction_t *reduction, uint64_t number, uint64_t first,
                uint64_t end)
{
    task->plan = dc_task_plan(reduction->kind, end - first, reduction->cost);
    task->can_split = task->plan.part_count > 1;
    task->due_us = 0;
    task->split_number = number;
    task->first = first;
    task->end = end;
}

static bool is_costly(const dc_task_t *task)
{
    return task->can_split && task->plan.steps >= task->split_steps;
}

// --- a reduction of the last level -------------------------------------------------------------

// Put together what the parts of the whole range gave, in their order.
static dc_err_t join(dc_vm_t *vm, const dc_reduction_t *reduction, const dc_number_range_t *range,
                     dc_reduce_outcome_t *outcome)
{
    dc_task_t *task = vm->task;
    dc_partial_t all, part;
    dc_partial_init(&all, reduction->kind, 0);
    for (uint32_t i = 0; i < task->given_count; i++) {
        bool fits = dc_partial_get(&part, task->given[i]) && dc_partial_merge(&all, &part);
        if (!fits) return no_part(vm, reduction);
    }
    if (all.next != range->count) return no_part(vm, reduction);
    return dc_reduce_finish(vm, reduction, range, &all, outcome);
}

static dc_err_t compute(dc_vm_t *vm, const dc_reduction_t *reduction, uint64_t number,
                        const dc_number_range_t *range, dc_reduce_outcome_t *outcome)
{
    dc_task_t *task = vm->task;
    task->is_own_range = false;
    aim(task, reduction, number, 0, range->count);
    if (is_costly(task)) return dc_task_split(task);
    dc_err_t err = dc_reduce_compute(vm, reduction, outcome);
    if (err != DC_ERR_CANCELLED) task->can_split = false;
    return err;
}

// --- a part of a range -------------------------------------------------------------------------

static dc_err_t give(dc_task_t *task, const dc_partial_t *partial)
{
    task->result.len = 0;
    dc_partial_put(partial, &task->result);
    task->end_is = DC_TASK_GAVE;
    return task->result.failed ? DC_ERR_NOMEM : DC_ERR_CANCELLED;
}

// The terms are the last level: they are what this task computes.
static dc_err_t compute_part(dc_vm_t *vm, const dc_reduction_t *reduction,
                             const dc_number_range_t *range, const dc_task_level_t *part)
{
    dc_task_t *task = vm->task;
    task->begun = vm->steps;
    task->is_own_range = true;
    aim(task, reduction, part->number, part->first, part->end);
    if (is_costly(task)) return dc_task_split(task);
    dc_partial_t partial;
    dc_partial_init(&partial, reduction->kind, part->first);
    dc_err_t err = dc_reduce_part(vm, reduction, range, &partial, part->end);
    return err ? err : give(task, &partial);
}

// The next level is in one of the terms: the way leads on through that.
static dc_err_t pass_part(dc_vm_t *vm, const dc_reduction_t *reduction,
                          const dc_number_range_t *range, const dc_task_level_t *part)
{
    dc_partial_t partial;
    if (dc_reduce_can_split(reduction->kind, part->end - part->first)) {
        return no_part(vm, reduction);
    }
    dc_partial_init(&partial, reduction->kind, part->first);
    dc_err_t err = dc_reduce_part(vm, reduction, range, &partial, part->end);
    return err ? err : no_part(vm, reduction);
}

static dc_err_t enter(dc_vm_t *vm, const dc_reduction_t *reduction, const dc_number_range_t *range)
{
    dc_task_t *task = vm->task;
    const dc_task_level_t *part = &task->levels[task->level];
    bool is_product = reduction->kind == DC_REDUCE_PROD;
    bool is_border = !is_product || part->first % DC_PRODUCT_LEAF_TERMS == 0;
    if (part->end > range->count || !is_border) return no_part(vm, reduction);
    task->level++;
    vm->replays = &task->levels[task->level].replays;
    bool is_last = task->level + 1 == task->level_count;
    return is_last ? compute_part(vm, reduction, range, part)
                   : pass_part(vm, reduction, range, part);
}

// --- all of them -------------------------------------------------------------------------------

dc_err_t dc_task_reduce(dc_vm_t *vm, const dc_reduction_t *reduction, uint64_t number,
                        dc_reduce_outcome_t *outcome, bool *is_joined)
{
    dc_task_t *task = vm->task;
    bool is_last = task->level + 1 == task->level_count;
    bool is_target = !is_last && task->levels[task->level].number == number;
    *is_joined = is_last && task->is_join && task->number == number;
    if (!dc_reduce_is_range(reduction->kind)) {
        if (is_target || *is_joined) return no_part(vm, reduction);
        return dc_reduce_compute(vm, reduction, outcome);
    }
    dc_number_range_t range;
    dc_err_t err = dc_reduce_range(vm, reduction, &range);
    if (err) return err;
    if (is_target) return enter(vm, reduction, &range);
    if (*is_joined) return join(vm, reduction, &range, outcome);
    // What comes before the next level is short, or its result would be known.
    if (!is_last) return dc_reduce_compute(vm, reduction, outcome);
    return compute(vm, reduction, number, &range, outcome);
}

bool dc_task_merge(dc_task_t *self)
{
    dc_partial_t all, part;
    self->result.len = 0;
    self->end_is = DC_TASK_GAVE;
    for (uint32_t i = 0; i < self->given_count; i++) {
        if (!dc_partial_get(&part, self->given[i])) return false;
        if (i == 0) {
            all = part;
        } else if (!dc_partial_merge(&all, &part)) {
            return false;
        }
    }
    if (self->given_count) dc_partial_put(&all, &self->result);
    return self->given_count && !self->result.failed;
}
