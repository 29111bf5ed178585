// answered — the jobs that have results: the part of the ledger that knows about them.
//
// The first answer to a job counts: with it the job leaves whoever has it, leases that cover it
// included, which go on behind it, and any later answer to it is none. When all jobs of a chunk are
// answered its inputs are of no more use, and go. A client that lost results on their way lacks
// them: these jobs are opened again.
#ifndef DC_BROKER_CORE_JOBS_ANSWERED_H
#define DC_BROKER_CORE_JOBS_ANSWERED_H

#include "broker/core/state.h"

// Jobs [first, end) of `chunk` have results: count those that had none, and append the ranges of
// these to `fresh`; what was forked of them goes. False if memory was short: what is in `fresh`
// then is all that was counted.
DC_MUST_USE bool dc_answered_add(dc_core_t *self, dc_chunk_t *chunk, uint64_t first, uint64_t end,
                                 dc_ranges_t *fresh, dc_actions_t *actions);

// Jobs [first, end) of `chunk`, some of them answered, have no results after all: those are ready
// again, or leased where a lease still covers them. Its bytes must be there. False if memory is
// short.
DC_MUST_USE bool dc_answered_reopen(dc_core_t *self, dc_chunk_t *chunk, uint64_t first,
                                    uint64_t end);

// Nobody wants the results of `chunk` any more: they count for nothing.
void dc_answered_forget(dc_core_t *self, dc_chunk_t *chunk);

#endif
