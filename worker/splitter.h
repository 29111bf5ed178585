// splitter — how the jobs of a slot are split over the cluster, and the parts of others' jobs.
//
// It gives the engine the task (common/expr/task.h) that a job or a part is, and makes what is sent
// of how that ended.
#ifndef DC_WORKER_SPLITTER_H
#define DC_WORKER_SPLITTER_H

#include "common/expr/task.h"
#include "common/wire.h"

typedef struct dc_splitter {
    bool may_split;
    bool is_part;                         // the lease in hand is of a part, and `part` is it
    dc_task_t whole;                      // what jobs are that are no parts
    dc_task_t part;                       //
    dc_str_t given[DC_FORK_CHILDREN_MAX]; // what a join gets; views of its lease
    dc_buf_t data;                        // what is to be sent
} dc_splitter_t;

// False if memory is short; there is nothing to free then. Unless it `may_split`, jobs are computed
// whole, whatever they take.
DC_MUST_USE bool dc_splitter_init(dc_splitter_t *self, bool may_split);
void dc_splitter_fini(dc_splitter_t *self);

// Begin the part that `lease` (with CHILD or JOIN) has, of the job whose bytes are `*job` then,
// borrowed from the lease until the end. DC_ERR_PROTOCOL with `diag` if it is none.
DC_MUST_USE dc_err_t dc_splitter_begin(dc_splitter_t *self, const dc_cmd_t *lease, dc_str_t *job,
                                       dc_diag_t *diag);
void dc_splitter_end(dc_splitter_t *self);

// The task for an evaluation of a job of `job_bytes`: the part that was begun, or all of it.
dc_task_t *dc_splitter_task(dc_splitter_t *self, size_t job_bytes);

// Make the data that say how the task for `job` has ended: a part's result, or of a job that is to
// be split the data of a RESULT with FORK. They live until the next call. False if they do not fit
// a frame, or memory is short: then dc_splitter_keep_whole and evaluate once more.
DC_MUST_USE bool dc_splitter_put(dc_splitter_t *self, dc_str_t job, dc_str_t *data);

// The task is to be computed here, whatever it takes.
void dc_splitter_keep_whole(dc_splitter_t *self);

#endif
