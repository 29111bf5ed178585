// ready — the jobs that wait for a slot, as ranges, and whose turn they make it.
//
// A range is in two lists: its chunk's, and its batch's, which are ordered by index. What a slot
// has answered and another is to check (broker/core/slots/verify.h) is in a list of that slot's
// instead, since there may be much of it, and not every slot may have it. Of parts the batch has
// another, the last made ready first: so a tree of forks is computed depth first, and little of it
// is open at a time.
//
// Nodes are kept in reserve, so that giving work back cannot fail: one for each chunk that waits,
// and for each lease one for each range that its open jobs may become. Whoever takes another, or
// divides what a lease has, reserves it first. Jobs in their batch's backlog are ready without any
// range (broker/core/jobs/packed.h).
//
// Only the ledger moves jobs (broker/core/jobs/ledger.h): this is the part of it that knows about
// ready ones.
#ifndef DC_BROKER_CORE_SCHEDULE_READY_H
#define DC_BROKER_CORE_SCHEDULE_READY_H

#include "broker/core/state.h"

// How many spare nodes are kept for what is leased and what waits.
static inline size_t dc_ready_kept(const dc_core_t *self)
{
    return self->lease_nodes + self->waiting_chunks;
}

// See to it that `count` spare nodes are there beside those that are kept. False if memory is
// short.
DC_MUST_USE bool dc_ready_reserve(dc_core_t *self, size_t count);

// How many ranges [first, end) of `chunk`, none of it answered, become when they are ready: as many
// as votes divide them into.
size_t dc_ready_divide(const dc_chunk_t *chunk, uint64_t first, uint64_t end);

// Free the spare nodes, at the end.
void dc_ready_free_spare(dc_core_t *self);

// Jobs [first, end) of `chunk` are ready. Takes as many spare nodes as dc_ready_divide says, which
// have been reserved. The turn is to be seen anew, once all that was reserved has been taken: that
// may open chunks, which take nodes too.
void dc_ready_add(dc_core_t *self, dc_chunk_t *chunk, uint64_t first, uint64_t end);

// Jobs of `batch` that are packed are ready: `change` more, or fewer.
void dc_ready_count(dc_core_t *self, dc_batch_t *batch, int64_t change);

// One more job is ready, at the end of `chunk`, all of whose jobs are.
void dc_ready_extend(dc_core_t *self, dc_chunk_t *chunk);

// Cut [first, end) out of `node`; what is left on either side stays ready. Where something is left
// on both, it takes a spare node, which has been reserved. The turn is to be seen anew.
void dc_ready_carve(dc_core_t *self, dc_ready_t *node, uint64_t first, uint64_t end);

// Cut [first, end) out of all ranges of `chunk`, likewise: one spare node suffices, since only one
// range can hold the whole of it inside.
void dc_ready_take(dc_core_t *self, dc_chunk_t *chunk, uint64_t first, uint64_t end);

// Jobs [first, end) of `chunk` have a vote since: those that are ready know whose it is. Takes at
// most two spare nodes, likewise, and the turn is to be seen anew.
void dc_ready_see_vote(dc_core_t *self, dc_chunk_t *chunk, uint64_t first, uint64_t end);

// Nothing of `chunk` is ready any more. The turn is seen anew.
void dc_ready_drop(dc_core_t *self, dc_chunk_t *chunk);

#endif
