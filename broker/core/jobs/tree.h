// tree — what becomes of jobs that fork: their parts' results, faults and limits, up to the
// client's job.
//
// A job is forked until its join is answered; what that gives is the job's own result. Where a part
// fails, the parts behind it are dropped and those before it awaited, since the fault of the lowest
// index wins; then the job above has failed with the same, and so on up to the client's. What all
// parts of a client's job may use together, steps and time since it forked, is the batch's limit.
//
// No function here ends a batch: who calls one calls dc_deliver_end when it has done with the
// lease.
#ifndef DC_BROKER_CORE_JOBS_TREE_H
#define DC_BROKER_CORE_JOBS_TREE_H

#include "broker/core/clients/deliver.h"

// What a slot used for a part.
typedef struct dc_use {
    uint64_t steps;
    uint32_t spent_us;
} dc_use_t;

// The job that `lease` is at, which is not answered, is split as `data` (checked) says; or it
// fails, where it may not be. Its chunk may be gone afterwards.
void dc_tree_fork(dc_core_t *self, dc_lease_t *lease, const dc_slice_t *data, dc_use_t use,
                  dc_actions_t *actions);

// The part whose chunk this is has given `results`, of its one job; with `is_failed` what the
// client is to get. The chunk is gone afterwards.
void dc_tree_take(dc_core_t *self, dc_chunk_t *chunk, const dc_results_t *results, bool is_failed,
                  dc_use_t use, dc_actions_t *actions);

// Job `index` of `chunk`, the client's or a part, fails in the broker's own name.
void dc_tree_fail(dc_core_t *self, dc_chunk_t *chunk, uint64_t index, const dc_diag_t *diag,
                  dc_actions_t *actions);

// Time has passed: end what takes too long, and tell clients how far they are. Ends batches.
void dc_tree_tick(dc_core_t *self, dc_actions_t *actions);

#endif
