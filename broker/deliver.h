// deliver — results on their way from slots to clients.
#ifndef DC_BROKER_DELIVER_H
#define DC_BROKER_DELIVER_H

#include "broker/state.h"

// Results as they came: of jobs [first, first + count), one line (or 8 bytes) each.
typedef struct dc_results {
    uint64_t first;
    uint32_t count;
    uint32_t faults_bytes; // at the front of `data`
    dc_slice_t data;
    uint32_t spent_us;
    uint8_t attempt;
} dc_results_t;

// Count the results that are the first for their jobs and pass these on to the batch's client; the
// others count for nothing. The caller calls dc_deliver_end when it has done with the lease.
// False if memory was short and some of the results were lost.
bool dc_deliver(dc_core_t *self, dc_chunk_t *chunk, const dc_results_t *results,
                dc_actions_t *actions);

// Fail job `index` of `chunk` in the broker's own name, which may end the batch: `chunk` may be gone
// afterwards. False as above.
bool dc_deliver_failure(dc_core_t *self, dc_chunk_t *chunk, uint64_t index, dc_err_t error,
                        dc_actions_t *actions);

// Tell the client that its batch is over if it is, and forget it when nothing of it is left.
void dc_deliver_end(dc_core_t *self, dc_batch_t *batch, dc_actions_t *actions);

#endif
