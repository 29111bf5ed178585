#include "worker/splitter.h"

#include <math.h>

#include "common/wire_fork.h"

// A job of more bytes is not split: each of its parts would have them all.
#define JOB_BYTES_MAX (DC_FRAME_BYTES_MAX / (DC_FORK_CHILDREN_MAX + 1) / 2)

bool dc_splitter_init(dc_splitter_t *self, bool may_split)
{
    *self = (dc_splitter_t){ .may_split = may_split };
    return dc_task_init(&self->whole);
}

void dc_splitter_fini(dc_splitter_t *self)
{
    dc_splitter_end(self);
    dc_task_fini(&self->whole);
    dc_buf_fini(&self->data);
}

// --- parts -------------------------------------------------------------------------------------

static bool read_child(dc_splitter_t *self, dc_str_t data, dc_str_t *job)
{
    if (!dc_task_read(&self->part, data, job)) return false;
    self->is_part = true;
    return !self->part.is_join && !self->part.is_merge;
}

static bool read_join(dc_splitter_t *self, dc_str_t data, dc_str_t *job)
{
    dc_wire_join_t join;
    if (!dc_wire_read_join(data, &join) || !dc_task_read(&self->part, join.join, job)) return false;
    self->is_part = true;
    for (uint32_t i = 0; i < join.count; i++)
        self->given[i] = dc_wire_take_result(&join);
    self->part.given = self->given;
    self->part.given_count = join.count;
    return self->part.is_join || self->part.is_merge;
}

dc_err_t dc_splitter_begin(dc_splitter_t *self, const dc_cmd_t *lease, dc_str_t *job,
                           dc_diag_t *diag)
{
    bool is_join = lease->lease.flags & DC_LEASE_JOIN;
    bool is_read = is_join ? read_join(self, lease->data.bytes, job)
                           : read_child(self, lease->data.bytes, job);
    if (is_read) return DC_OK;
    dc_splitter_end(self);
    return dc_diag_set(diag, DC_ERR_PROTOCOL, 0, 0, "this is no part of a job");
}

void dc_splitter_end(dc_splitter_t *self)
{
    if (self->is_part) dc_task_fini(&self->part);
    self->is_part = false;
}

// --- evaluations -------------------------------------------------------------------------------

static dc_task_t *current(dc_splitter_t *self)
{
    return self->is_part ? &self->part : &self->whole;
}

dc_task_t *dc_splitter_task(dc_splitter_t *self, size_t job_bytes)
{
    dc_task_t *task = current(self);
    if (!self->is_part) dc_task_clear(task);
    bool may_split = self->may_split && job_bytes <= JOB_BYTES_MAX &&
                     task->depth < DC_FORK_LEVELS_MAX && task->chain <= DC_FORK_CHAIN_MAX;
    task->split_steps = may_split ? DC_SPLIT_STEPS : (double)INFINITY;
    task->slice_us = may_split ? DC_SLICE_MS * UINT64_C(1000) : UINT64_MAX;
    return task;
}

void dc_splitter_keep_whole(dc_splitter_t *self)
{
    dc_task_t *task = current(self);
    task->split_steps = (double)INFINITY;
    task->slice_us = UINT64_MAX;
}

// --- what is sent ------------------------------------------------------------------------------

// Write the parts behind each other, and only then, when none moves any more, where each is.
static bool put_fork(dc_splitter_t *self, dc_str_t job)
{
    const dc_task_t *task = current(self);
    dc_wire_child_t children[DC_FORK_CHILDREN_MAX];
    size_t ends[DC_FORK_CHILDREN_MAX];
    dc_buf_t texts = { 0 };
    for (uint32_t i = 0; i < task->plan.part_count; i++) {
        dc_task_put_child(task, i, job, &texts);
        ends[i] = texts.len;
    }
    dc_task_put_join(task, job, &texts);
    bool fits = !texts.failed && texts.len <= DC_FRAME_BYTES_MAX / 2;
    if (fits) {
        dc_str_t rest = dc_buf_str(&texts);
        for (uint32_t i = 0, at = 0; i < task->plan.part_count; at = (uint32_t)ends[i], i++) {
            children[i].weight = dc_task_child_terms(task, i);
            children[i].bytes = dc_str(texts.data + at, ends[i] - at);
        }
        dc_str_t join = dc_str_behind(rest, ends[task->plan.part_count - 1]);
        dc_wire_put_fork(&self->data, children, task->plan.part_count, join);
    }
    dc_buf_fini(&texts);
    return fits;
}

bool dc_splitter_put(dc_splitter_t *self, dc_str_t job, dc_str_t *data)
{
    const dc_task_t *task = current(self);
    self->data.len = 0;
    self->data.failed = false;
    bool fits = true;
    if (task->end_is == DC_TASK_SPLIT) {
        fits = put_fork(self, job);
    } else {
        dc_buf_append_str(&self->data, dc_buf_str(&task->result));
    }
    *data = dc_buf_str(&self->data);
    return fits && !self->data.failed;
}
