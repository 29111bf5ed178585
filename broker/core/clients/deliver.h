// deliver — results on their way from slots to clients.
#ifndef DC_BROKER_CORE_CLIENTS_DELIVER_H
#define DC_BROKER_CORE_CLIENTS_DELIVER_H

#include "broker/core/state.h"
#include "common/buf.h"

// Results as they came: of jobs [first, first + count), one line (or 8 bytes) each. They borrow all
// that they refer to.
typedef struct dc_results {
    uint64_t first;
    uint32_t count;
    uint32_t faults_bytes; // at the front of `data`
    dc_slice_t data;
    uint32_t spent_us;
    uint8_t attempt;
    dc_us_t leased_us; // when their lease was given; 0: the broker itself made them
    dc_slot_t *slot;   // whose lease it was; NULL: likewise, or that of several
    dc_str_t worker;   // the name of that slot's worker, or of whose it was; empty: likewise
    bool is_of_tree;   // of a job that forked: its time says nothing of a lease's
} dc_results_t;

// Count the results that are the first for their jobs and pass these on to the batch's client; the
// others count for nothing. The caller calls dc_deliver_end when it has done with the lease.
// False if memory was short and some of the results were lost.
bool dc_deliver(dc_core_t *self, dc_chunk_t *chunk, const dc_results_t *results,
                dc_actions_t *actions);

// The same for `jobs` only, of those that there are results for; the others are not looked at.
bool dc_deliver_some(dc_core_t *self, dc_chunk_t *chunk, const dc_results_t *results,
                     const dc_ranges_t *jobs, dc_actions_t *actions);

// Append the result of job `index` of `batch` that failed as `diag` says: its fault, of as many
// bytes as are returned, and its line.
uint32_t dc_deliver_put_failure(const dc_batch_t *batch, uint64_t index, const dc_diag_t *diag,
                                dc_buf_t *out);

// Put those of jobs [first, first + count) into `out`, which is empty: all faults, then all lines.
uint32_t dc_deliver_put_failures(const dc_batch_t *batch, uint64_t first, uint32_t count,
                                 const dc_diag_t *diag, dc_buf_t *out);

// Fail job `index` of `chunk`, which is no part (see dc_tree_fail), in the broker's own name. If
// memory is short that is logged, and nothing has changed.
void dc_deliver_failure(dc_core_t *self, dc_chunk_t *chunk, uint64_t index, const dc_diag_t *diag,
                        dc_actions_t *actions);

// Tell the client that its batch is over if it is, and forget it when nothing of it is left.
void dc_deliver_end(dc_core_t *self, dc_batch_t *batch, dc_actions_t *actions);

#endif
