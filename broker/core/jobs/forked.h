// forked — the jobs that were split, and their parts: the part of the ledger that knows about them.
//
// A forked job is in no lease and not ready; the parts that stand for it are, as jobs of chunks of
// their own. Its fork is its chunk's, and goes with it, or when the job is answered: then all open
// parts go as well, with the forks that they have in turn, and their leases are trimmed.
#ifndef DC_BROKER_CORE_JOBS_FORKED_H
#define DC_BROKER_CORE_JOBS_FORKED_H

#include "broker/core/jobs/fork.h"
#include "broker/core/state.h"

// See to it that parts can be ready: `count` of them. False if memory is short.
DC_MUST_USE bool dc_forked_reserve(dc_core_t *self, uint32_t count);

// The job of `fork`, which is in no state at the moment, is forked. Its children are ready, in
// front of all others; that many nodes have been reserved. Its chunk owns the fork from now on.
void dc_forked_add(dc_core_t *self, dc_fork_t *fork);

// Keep the result of a child, or the failure, with what that changes of the memory held. False,
// nothing changed, if memory is short.
DC_MUST_USE bool dc_forked_keep(dc_core_t *self, dc_part_t *child, const dc_slice_t *result);
DC_MUST_USE bool dc_forked_fail(dc_core_t *self, dc_part_t *child, const dc_slice_t *failure,
                                uint32_t faults_bytes, dc_actions_t *actions);

// All children have their results: the join is made of these, and ready. False, nothing changed, if
// memory is short.
DC_MUST_USE bool dc_forked_join(dc_core_t *self, dc_fork_t *fork);

// The part is open no more, whatever state it is in.
void dc_forked_close(dc_core_t *self, dc_part_t *part, dc_actions_t *actions);

// Jobs [first, end) of `chunk` are forked no more: the caller says what they are instead.
void dc_forked_take(dc_core_t *self, dc_chunk_t *chunk, uint64_t first, uint64_t end,
                    dc_actions_t *actions);

#endif
