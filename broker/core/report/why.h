// why — why nothing of a batch runs, in one sentence for people.
//
// Reasons are looked for in an order: what has to change first for the batch to go on is named, so
// that who waits knows what to do, or that nothing needs to be done. What is true of the whole
// cluster is looked at once, for however many batches are asked about.
#ifndef DC_BROKER_CORE_REPORT_WHY_H
#define DC_BROKER_CORE_REPORT_WHY_H

#include "broker/core/state.h"
#include "common/buf.h"

typedef struct dc_survey {
    uint64_t batches[DC_LEVELS]; // how many wait to be leased at each level, whatever their tags
    uint64_t clients[DC_LEVELS]; // ... of how many clients, counted once for each tag
    uint32_t draining_count;     // slots of dcalc's own that take no more
    const dc_lease_t *longest;   // the lease whose job runs for longest; NULL: none runs
} dc_survey_t;

// Look at all slots and tags.
dc_survey_t dc_why_survey(const dc_core_t *self);

// Append why nothing of `batch` runs, as it follows "waiting: "; nothing if it runs or has ended.
void dc_why_put(const dc_core_t *self, const dc_survey_t *survey, const dc_batch_t *batch,
                dc_buf_t *out);

// Whether `batch` needs a client, and the one that it had is gone. In `*left_ms` that one may come
// back; then the batch is dropped.
bool dc_why_is_left(const dc_core_t *self, const dc_batch_t *batch, dc_ms_t *left_ms);

#endif
