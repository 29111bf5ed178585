// voter — a slot that was the first to answer jobs of a verified batch.
//
// Its batch has one for all its votes (broker/core/slots/votes.h), so that what waits for a second
// slot is found by whose it is: no slot has to look through what it has answered itself.
#ifndef DC_BROKER_CORE_SLOTS_VOTER_H
#define DC_BROKER_CORE_SLOTS_VOTER_H

#include "broker/core/jobs/chunk.h"
#include "common/map.h"

struct dc_batch;
struct dc_slot;

typedef struct dc_voter {
    uint64_t slot;             // its number; it may be gone
    dc_key_t session;          // of its process, on whatever connection
    char worker[65], host[65]; // what it said of itself
    size_t vote_count;         // it goes with the last of its votes
    dc_ready_t *ready; // ordered by index: what of its jobs, no parts, another is to compute
    struct dc_voter *prev, *next; // those of its batch that have such
    UT_hash_handle hh;
} dc_voter_t;

// The voter of `batch` that is `slot`, with one vote more from now on. NULL if memory is short.
dc_voter_t *dc_voter_take(struct dc_batch *batch, const struct dc_slot *slot);

// It has one vote fewer, and may be gone.
void dc_voter_release(struct dc_batch *batch, dc_voter_t *self);

// Whether it is `slot`'s process, which may have come back on another connection. Its number is
// compared sooner.
bool dc_voter_is(const dc_voter_t *self, const struct dc_slot *slot);

#endif
