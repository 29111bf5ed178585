// link_leases — what the slot has promised to compute, and how far each promise has come.
//
// It also remembers the ids of leases that are over, so that one which comes a second time is not
// begun again. It belongs to one session: with that its ids lose their meaning.
#ifndef DC_WORKER_LINK_LEASES_H
#define DC_WORKER_LINK_LEASES_H

#include "common/map.h"

// How many leases that are over are remembered. What is forgotten costs time only: the broker
// ignores the answers.
#define DC_LINK_ENDED_COUNT 256

typedef struct dc_link_lease {
    uint64_t id;
    uint64_t next, end; // of its jobs: not yet given back, not yet trimmed off
    UT_hash_handle hh;  // in the order of their coming, which is that of the runner
} dc_link_lease_t;

// All zero: none.
typedef struct dc_link_leases {
    dc_link_lease_t *list;                   // owned, by id; oldest first
    uint64_t ended_ids[DC_LINK_ENDED_COUNT]; // by hash; 0 where none
} dc_link_leases_t;

// Forget all, those that are over too.
void dc_link_leases_clear(dc_link_leases_t *self);

// The lease `id`, borrowed; NULL if there is none.
dc_link_lease_t *dc_link_leases_find(const dc_link_leases_t *self, uint64_t id);

// Is lease `id` held, or known to be over? Of 0, which is no lease's id, always true.
bool dc_link_leases_knows(const dc_link_leases_t *self, uint64_t id);

// Add lease `id`, which is not known, of jobs [first, end). False, and nothing changed, if memory
// is short.
DC_MUST_USE bool dc_link_leases_add(dc_link_leases_t *self, uint64_t id, uint64_t first,
                                    uint64_t end);

// `lease` is over: remember so, and free it.
void dc_link_leases_end(dc_link_leases_t *self, dc_link_lease_t *lease);

size_t dc_link_leases_count(const dc_link_leases_t *self);

// Check every invariant. NULL, or a sentence.
const char *dc_link_leases_audit(const dc_link_leases_t *self);

#endif
