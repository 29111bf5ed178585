// after — batches that wait for others to end.
//
// A batch may name others, opened before it, that it comes after: nothing of it is ready until each
// of them has ended. One that ends with every job computed is met; one that ends in any other way
// ends whoever waits for it (`skipped`), unless that takes any end. A batch waits for lower numbers
// than its own only, so that none can wait for itself.
//
// When the broker was started again, clients come back one after another: a batch that was opened
// before may name one that is not here yet. That has as long to come as an orphan is kept.
//
// A detached batch waits on after a restart: whom for is stored with it, and each that it has
// waited for when that is so, since one without a store is known to nobody any more once it has
// ended. Of those that were not detached the client has to come back in the time of an orphan: else
// nobody can say that every job was computed, and that counts as if it was not. If its turn never
// comes it ends (`skipped`), once it is closed, and is kept like any other: a row for each job.
//
// What ends by this may be a long chain: it is done at the end of a step, one by one.
#ifndef DC_BROKER_CORE_SCHEDULE_AFTER_H
#define DC_BROKER_CORE_SCHEDULE_AFTER_H

#include "broker/core/state.h"

// One batch that another comes after.
typedef struct dc_after {
    dc_batch_t *batch;            // the one that waits
    uint64_t number;              // whom for
    bool is_met;                  // it waits no longer
    bool is_missing;              // that one is not here yet: it is in the core's list of those
    dc_ms_t since_ms;             // ... since then
    struct dc_after *prev, *next; // those who wait for the same one; or the missing, oldest first
} dc_after_t;

// Whether what `cmd`, an OPEN, comes after can be waited for. If not, DC_ERR_INVALID in `diag`.
DC_MUST_USE dc_err_t dc_after_check(const dc_core_t *self, const dc_cmd_t *cmd, dc_diag_t *diag);

// Whether `batch`, which was opened before, comes after others than `cmd` asks for. That is not
// known of those that had ended before the broker was started, nor of what is not before it: who
// says `last` means another one each time.
bool dc_after_is_other(const dc_batch_t *batch, const dc_cmd_t *cmd);

// Let `batch`, new and registered, wait for what its OPEN says. DC_ERR_NOMEM; DC_ERR_INVALID: for a
// batch that is not before it. Then it waits for nothing.
DC_MUST_USE dc_err_t dc_after_begin(dc_core_t *self, dc_batch_t *batch, const dc_cmd_t *cmd,
                                    dc_diag_t *diag);

// `batch`, detached, was found in the store, with the list that dc_after_put_list wrote: it waits
// for all of them until dc_after_resume. False if memory is short.
DC_MUST_USE bool dc_after_restore(dc_core_t *self, dc_batch_t *batch, dc_str_t list);

// It was found that it has waited for the one at `index` of its list.
void dc_after_found_met(dc_batch_t *batch, uint32_t index);

// All that the store has is here: wait for those that have not ended, unless it has itself.
void dc_after_resume(dc_core_t *self, dc_batch_t *batch, dc_actions_t *actions);

// Append whom `batch` comes after, as the store keeps it: a u64 each, 0 for one that has ended.
void dc_after_put_list(const dc_batch_t *batch, dc_buf_t *out);

// `batch` was opened again, or for the first time: tell its client if it need not wait, and end it
// if it can never run.
void dc_after_tell(dc_core_t *self, dc_batch_t *batch, dc_actions_t *actions);

// `batch`, detached, is closed: it ends if it can never run.
void dc_after_close(dc_core_t *self, dc_batch_t *batch);

// A batch is registered that others may miss.
void dc_after_arrive(dc_core_t *self, dc_batch_t *batch);

// `batch` has ended, with all jobs answered: whoever comes after it goes on, or ends.
void dc_after_end(dc_core_t *self, dc_batch_t *batch, dc_actions_t *actions);

// `batch` goes, or has ended before its time: likewise, and whom it waits for does not matter any
// more.
void dc_after_leave(dc_core_t *self, dc_batch_t *batch, dc_actions_t *actions);

// Time has passed: who has not come by now never does.
void dc_after_expire(dc_core_t *self, dc_actions_t *actions);

// End the batches that can never run.
void dc_after_settle(dc_core_t *self, dc_actions_t *actions);

// What it waits for first, in words, appended to `out`: "after b17 (26 % done)".
void dc_after_put_why(const dc_core_t *self, const dc_batch_t *batch, dc_buf_t *out);

#endif
