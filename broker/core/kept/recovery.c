#include "broker/core/kept/recovery.h"

#include "broker/core/clients/sessions.h"
#include "broker/core/jobs/needs.h"
#include "broker/core/kept/flaw.h"
#include "broker/core/kept/keep.h"
#include "broker/core/kept/keep_results.h"
#include "broker/core/schedule/after.h"

void dc_recovery_close_last(dc_core_t *self, dc_actions_t *actions)
{
    dc_batch_t *batch = self->keeper.batches ? self->keeper.batches->client_prev : NULL;
    if (!batch || !batch->detached->is_close_put) return;
    if (batch->detached->is_count_lost) {
        batch->jobs = batch->detached->job_count;
        dc_actions_log(actions, DC_LOG_ERROR,
                       "store damaged batch=b%llu what=count of jobs: it has %llu",
                       (unsigned long long)batch->number, (unsigned long long)batch->jobs);
    }
    batch->is_closed = true;
    dc_needs_close(self, batch);
}

// Not all of it is here, as its end says. Where a sum bears that out, a chunk did not fit, and the
// broker died before it could say so: nobody was told that the batch is safe. Else the end may lie.
static void drop_incomplete(dc_core_t *self, dc_batch_t *batch, dc_actions_t *actions)
{
    dc_detached_t *detached = batch->detached;
    if (detached->is_close_put && !detached->is_count_certain) {
        dc_store_op_t op = { .what = DC_STORE_CLOSE, .batch = batch->number };
        dc_flaw_leave_out(batch, &op, "it has more jobs than it is said to have, or fewer",
                          actions);
    } else {
        dc_actions_log(actions, DC_LOG_INFO,
                       "batch given up batch=b%llu why=not all of it was stored jobs=%llu",
                       (unsigned long long)batch->number, (unsigned long long)detached->job_count);
    }
    dc_sessions_drop(self, batch, actions);
}

static void see_state(dc_core_t *self, dc_batch_t *batch, dc_actions_t *actions)
{
    const dc_detached_t *detached = batch->detached;
    bool is_whole = !detached->is_close_put || dc_detached_is_whole(detached, batch->jobs);
    bool is_kept = is_whole && !detached->is_broken;
    if (detached->is_damaged) {
        dc_sessions_drop(self, batch, actions);
    } else if (!is_kept || (detached->is_cut && !detached->is_close_put)) {
        drop_incomplete(self, batch, actions);
    } else if (detached->is_cut) {
        dc_keep_end(self, batch, DC_ERR_CANCELLED, 0, 0, NULL, actions);
    } else {
        dc_keep_see_end(self, batch, actions);
    }
}

// The newest date that a batch has; 0 if there is none.
static uint64_t newest_date(const dc_core_t *self)
{
    uint64_t newest = 0;
    const dc_batch_t *batch;
    DL_FOREACH2(self->keeper.batches, batch, client_next)
    {
        newest = dc_max_u64(newest, batch->detached->opened_date);
        newest = dc_max_u64(newest, batch->detached->end_date);
    }
    return newest;
}

// A clock that is wrong must not delete what may be wanted, nor one that was wrong before have it
// kept for years: then what has ended is kept from now on, and what ended later than now always is.
static void see_dates(dc_core_t *self, dc_actions_t *actions)
{
    uint64_t date = dc_keep_date(self);
    uint64_t newest = newest_date(self);
    bool is_ahead = newest && date > newest && date - newest > DC_STORE_DOUBT_MS;
    bool is_behind = newest > date && newest - date > DC_STORE_DOUBT_MS;
    dc_batch_t *batch;
    DL_FOREACH2(self->keeper.batches, batch, client_next)
    {
        dc_detached_t *detached = batch->detached;
        bool is_of_now = is_ahead || is_behind || detached->end_date > date;
        if (detached->is_ended && is_of_now) detached->end_date = date;
    }
    if (!is_ahead && !is_behind) return;
    dc_actions_log(actions, DC_LOG_WARN,
                   "clock is %s what the store has days=%llu: one of them is wrong, or nothing was "
                   "done for long; what has ended is kept as if it had ended now",
                   is_ahead ? "ahead of" : "behind",
                   (unsigned long long)((is_ahead ? date - newest : newest - date) / 86400000));
}

void dc_recovery_end(dc_core_t *self, dc_actions_t *actions)
{
    dc_batch_t *batch, *following;
    dc_recovery_close_last(self, actions);
    see_dates(self, actions);
    DL_FOREACH2(self->keeper.batches, batch, client_next)
    {
        dc_after_resume(self, batch, actions);
    }
    DL_FOREACH_SAFE2(self->keeper.batches, batch, following, client_next)
    {
        see_state(self, batch, actions);
    }
    dc_actions_log(actions, DC_LOG_INFO, "store read batches=%llu jobs_waiting=%llu",
                   (unsigned long long)self->kept_count, (unsigned long long)self->ready_count);
}
