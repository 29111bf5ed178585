// fork — a job that a slot has split: its children, their results, and the join that gets these.
//
// A part is a child or a join. Each open one has a chunk of its own, of one job at the index of the
// client's job that it is a part of; so whatever holds for jobs (leases, losses, turns) holds for
// parts. A part may fork in turn: its chunk has the fork then. Who is failed by a part is the job
// at the root, and the part of the lowest index wins: when one fails, those behind it are not
// wanted any more, and those before it are awaited.
//
// This is what is known of one fork; broker/core/jobs/forked.h keeps the sums,
// broker/core/jobs/tree.h decides.
#ifndef DC_BROKER_CORE_JOBS_FORK_H
#define DC_BROKER_CORE_JOBS_FORK_H

#include "broker/core/jobs/chunk.h"

struct dc_fork;

typedef struct dc_part {
    struct dc_fork *fork;
    uint64_t number;             // the broker's, never used twice
    uint64_t weight;             // of a child: how much of the job it is
    dc_chunk_t *chunk;           // while it is open: its job; the batch's list has it then
    dc_slice_t result;           // of a child: a reference of its own, until the join is made
    bool has_result;             // ... was there
    struct dc_part *prev, *next; // its batch's open parts
} dc_part_t;

typedef struct dc_fork {
    dc_chunk_t *chunk;    // whose job it is; the chunk owns it
    uint64_t index;       // of that job
    struct dc_fork *root; // the fork of the client's job; itself, if it is that one
    uint32_t level;       // 1: of the client's job
    uint32_t chain; // how many forks of this level were before it: it is of the last one's join
    uint32_t child_count;
    uint32_t wanted;  // only children before this one are: all, or those before the one that failed
    uint32_t missing; // how many of these have no result yet
    uint64_t weight;  // of all children
    uint64_t results_bytes; // of the results that are kept
    dc_slice_t join;        // its bytes; a reference of its own
    dc_slice_t failure;     // of child `wanted`, if that is one: what the client gets; likewise
    uint32_t failure_faults_bytes; // at its front
    bool is_failure_own;           // it is in the broker's own name
    size_t held_bytes; // what of the broker's memory it accounts for, its parts' chunks apart
    struct dc_fork *prev, *next; // its chunk's

    // Of a root, for all of its tree.
    uint64_t steps, spent_us;
    dc_ms_t since_ms;
    dc_us_t leased_us;                     // when the lease was given that its job was in
    struct dc_fork *tree_prev, *tree_next; // all roots, oldest first

    dc_part_t parts[]; // the children, then the join
} dc_fork_t;

// Split job `index` of `chunk` as `data` (of a RESULT that forks, checked) says. The children have
// their chunks, which nobody else knows of yet. NULL if memory is short.
dc_fork_t *dc_fork_new(dc_pools_t *pools, dc_chunk_t *chunk, uint64_t index,
                       const dc_slice_t *data);

// Free it; chunks of open parts too, which must have no leases, ready ranges or forks.
void dc_fork_destroy(dc_fork_t **self_p, dc_pools_t *pools);

static inline bool dc_part_is_join(const dc_part_t *self)
{
    return self == &self->fork->parts[self->fork->child_count];
}

// At which level a fork of a job of `chunk` would be, and behind how many of that level.
static inline uint32_t dc_fork_level(const dc_chunk_t *chunk)
{
    return chunk->part ? chunk->part->fork->level + !dc_part_is_join(chunk->part) : 1;
}
static inline uint32_t dc_fork_chain(const dc_chunk_t *chunk)
{
    bool is_behind = chunk->part && dc_part_is_join(chunk->part);
    return is_behind ? chunk->part->fork->chain + 1 : 0;
}

// Whether what the part gives is the result of the client's job: it is the join at the root, or the
// join of that one, ...
bool dc_part_is_final(const dc_part_t *self);

// Keep the result of `child`. False, nothing changed, if memory is short.
DC_MUST_USE bool dc_fork_keep(dc_fork_t *self, dc_part_t *child, const dc_slice_t *result);

// `child` has failed: what the client gets is `failure`, unless one before it fails. Those behind
// it are not wanted any more. False, nothing changed, if memory is short.
DC_MUST_USE bool dc_fork_fail(dc_fork_t *self, const dc_part_t *child, const dc_slice_t *failure,
                              uint32_t faults_bytes);

// The bytes that the data of the join's lease would have.
size_t dc_fork_join_bytes(const dc_fork_t *self);

// Make the join's chunk of all results, and forget these. False, nothing changed, if memory is
// short.
DC_MUST_USE bool dc_fork_make_join(dc_fork_t *self, dc_pools_t *pools);

// How much of its weight is done; children that have forked count in part.
uint64_t dc_fork_done(const dc_fork_t *self);

#endif
