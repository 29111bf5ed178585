// votes — the first answers to jobs that two slots are to compute, kept until the second one comes.
//
// A vote is a range of jobs and what one slot has answered for them. It stands until all of its
// jobs are answered, which they are when another slot's answer has been held against it: so what is
// known of a job that is not answered is the vote that covers it, or nothing. A chunk of long jobs
// may have one for each job: they are looked for from both ends, since a first answer's place is at
// the one and a second answer's at the other.
#ifndef DC_BROKER_CORE_SLOTS_VOTES_H
#define DC_BROKER_CORE_SLOTS_VOTES_H

#include "broker/core/clients/deliver.h"

// The vote that covers job `index`; NULL if there is none. `*end` (behind `index`) is lowered to
// where that ends to be so.
dc_vote_t *dc_votes_find(const dc_chunk_t *chunk, uint64_t index, uint64_t *end);

// Keep `results` as the vote of their slot for jobs [first, end), which have none. False, nothing
// changed, if memory is short.
DC_MUST_USE bool dc_votes_keep(dc_core_t *self, dc_chunk_t *chunk, const dc_results_t *results,
                               bool is_failed, uint64_t first, uint64_t end);

// Jobs [first, end) have been looked at: forget the votes for any of them all of whose jobs are
// answered.
void dc_votes_forget(dc_core_t *self, dc_chunk_t *chunk, uint64_t first, uint64_t end);

// The chunk is over: forget all of them.
void dc_votes_clear(dc_core_t *self, dc_chunk_t *chunk);

// Sort `jobs`, which both have, into those of which `results` say the same as the vote, to the
// byte, their faults included, and the others. False if memory is short.
DC_MUST_USE bool dc_votes_compare(const dc_vote_t *vote, const dc_results_t *results,
                                  const dc_batch_t *batch, dc_range_t jobs, dc_ranges_t *agreed,
                                  dc_ranges_t *disputed);

#endif
