// batch — jobs that were submitted together, and who they are computed for.
//
// A batch owns its chunks, ordered by index; behind them may be more that are packed (its backlog),
// whose jobs are ready, or wait as it does. It belongs to the session of a client, or, when that is
// lost, to nobody until its client is back or its time as an orphan is over. The lines of a plain
// request are a batch as well, of a client that cannot come back.
#ifndef DC_BROKER_CORE_JOBS_BATCH_H
#define DC_BROKER_CORE_JOBS_BATCH_H

#include "broker/core/jobs/backlog.h"
#include "broker/core/jobs/chunk.h"
#include "broker/core/report/stats.h"
#include "broker/core/schedule/lane.h"
#include "broker/core/slots/voter.h"
#include "common/map.h"

struct dc_after;
struct dc_client;
struct dc_detached;
struct dc_needs_source;

typedef struct dc_batch {
    dc_pools_t *pools;        // where it and its chunks live
    dc_key_t key;             // the client's name for it
    uint64_t number;          // the broker's, from 1
    struct dc_client *client; // whose session it belongs to; NULL: an orphan
    uint32_t handle;          // its name in that session; 0 for a plain request
    uint32_t session;         // which of the client's sessions that is, as the client counts them
    uint16_t flags;           // DC_OPEN_*
    uint8_t level;            // of its priority, see dc_level_of
    uint8_t retries;
    bool is_held; // nothing of it is leased
    bool is_plain;
    bool is_joined;     // of a plain client: each of its jobs is a request of its own
    bool is_closed;     // this session has sent CLOSE
    bool is_done_told;  // ... and got DONE
    bool is_faulty;     // a job of it has failed, as its client says
    bool is_doomed;     // what it comes after failed: it is in the core's list of those
    uint64_t jobs;      // in all, once it is closed
    uint64_t replied;   // of these, if it is joined: how many have their replies
    dc_slice_t program; // a reference of its own
    char name[DC_NAME_BYTES_MAX + 1];

    dc_chunk_t **chunks; // those held, ordered by index: `one` or owned memory
    size_t chunk_head, chunk_len, chunk_capacity;
    dc_chunk_t *one[1];
    dc_backlog_t *backlog; // owned: chunks behind these (broker/core/jobs/packed.h); NULL: none
    dc_ranges_t over;      // jobs of chunks that the client is done with

    struct dc_detached *detached; // owned; NULL: it is its client's

    uint64_t steps_max;    // of a job that forks, with all its parts
    uint32_t timeout_ms;   // likewise, from when it forked; UINT32_MAX: no limit
    struct dc_part *parts; // list of those that are open
    uint64_t part_count;   // of these, which are jobs in one of the states below as well
    dc_ms_t progress_ms;   // when its client was told last how far such a job is

    // Of the chunks held, packed ones too.
    uint64_t waiting_count, ready_count, leased_count, forked_count, answered_count;
    dc_ready_t *ready;       // ordered by index: those that nobody has answered
    dc_ready_t *ready_parts; // of parts: before all others, the last first
    dc_voter_t *voters;      // map by slot, owned: who has votes, if it is verified ...
    dc_voter_t *voted;       // ... list of those who have answered what another is to compute

    dc_stats_t *stats;     // owned; NULL: nothing is measured, as of plain requests
    uint64_t failed_count; // of jobs whose results were sent, those that failed

    double job_us;        // mean worker time of a job; 0: not known
    double part_us;       // ... of a part
    double usual_us;      // the median of jobs' worker time, more or less; 0: not known
    double usual_part_us; // ... of parts'
    double result_bytes;  // mean size of a result; 0: not known
    dc_ms_t opened_ms, orphaned_ms;
    dc_ms_t fed_ms;      // when its last chunk came; 0: none did
    dc_ms_t deadline_ms; // in the time of `step_ms`: when it ends; 0: it has as long as it needs

    struct dc_needs_source
        *sources; // map by index: jobs whose results others need (broker/core/jobs/needs.h)
    struct dc_after *afters;  // owned: whom it comes after (broker/core/schedule/after.h) ...
    uint32_t after_count;     // ... so many ...
    uint32_t awaited_count;   // ... of which it waits for so many
    uint64_t failed_after;    // the number of one that failed; 0: none
    struct dc_after *waiters; // list: who comes after this one

    dc_lane_t *lane;                            // of its tag: who may compute it
    dc_turn_t *turn;                            // its client's at its level; NULL: an orphan
    struct dc_batch *turn_prev, *turn_next;     // that turn's batches which may be leased from ...
    struct dc_batch *turn_older, *turn_younger; // ... of these, those that are under it in a tree
    struct dc_batch *client_prev, *client_next; // all of its client's batches, or the orphans
    struct dc_batch *timed_prev, *timed_next;   // all batches that have a deadline
    struct dc_batch *doomed_prev, *doomed_next; // all that are doomed
    UT_hash_handle hh_key, hh_number, hh_handle;
} dc_batch_t;

// An empty batch of nobody in `pools`, with `program` kept. NULL if memory is short.
dc_batch_t *dc_batch_new(dc_pools_t *pools, const dc_slice_t *program);

// Free it and its chunks, none of which may have leases, ready ranges or votes.
void dc_batch_destroy(dc_batch_t **self_p);

static inline size_t dc_batch_chunk_count(const dc_batch_t *self)
{
    return self->chunk_len - self->chunk_head;
}

// What its backlog takes of the broker's memory.
static inline size_t dc_batch_backlog_bytes(const dc_batch_t *self)
{
    return self->backlog ? self->backlog->held_bytes : 0;
}

// What `self` takes of the broker's memory (broker/core/kept/detached.h).
size_t dc_detached_own_bytes(const struct dc_detached *self);

// What `afters` take.
size_t dc_batch_after_bytes(const dc_batch_t *self);

// What its voters take.
static inline size_t dc_batch_voter_bytes(const dc_batch_t *self)
{
    return HASH_COUNT(self->voters) * sizeof *self->voters;
}

// What it takes of the broker's memory beside its open chunks and sources.
static inline size_t dc_batch_own_bytes(const dc_batch_t *self)
{
    bool is_over_owned = self->over.list != &self->over.one;
    size_t over_bytes = is_over_owned ? self->over.capacity * sizeof *self->over.list : 0;
    size_t stats_bytes = self->stats ? sizeof *self->stats : 0;
    // A lane that others have too is counted for each, which is more than it takes.
    size_t lane_bytes = dc_lane_is_common(self->lane) ? 0 : sizeof *self->lane;
    size_t detached_bytes = self->detached ? dc_detached_own_bytes(self->detached) : 0;
    return sizeof *self + self->program.bytes.len + over_bytes + stats_bytes + lane_bytes +
           dc_batch_after_bytes(self) + dc_batch_voter_bytes(self) + detached_bytes +
           dc_batch_backlog_bytes(self);
}

// Chunk `at`, from 0, of those held.
static inline dc_chunk_t *dc_batch_chunk(const dc_batch_t *self, size_t at)
{
    return self->chunks[self->chunk_head + at];
}

// The oldest chunk that its client is not done with, NULL if there is none: the one whose results
// it uses next.
static inline dc_chunk_t *dc_batch_oldest(const dc_batch_t *self)
{
    return dc_batch_chunk_count(self) ? dc_batch_chunk(self, 0) : NULL;
}

// Position of the first chunk that ends behind `index`: the one that holds it, if any does.
size_t dc_batch_find(const dc_batch_t *self, uint64_t index);

// Put `chunk` where its index belongs; the batch owns it from now on. False if memory is short.
// Usually at the end, which is O(1).
DC_MUST_USE bool dc_batch_insert(dc_batch_t *self, dc_chunk_t *chunk);

// Take chunk `at` out of the list. The first one is O(1).
void dc_batch_remove(dc_batch_t *self, size_t at);

// Whether every job that the client has sent and still waits for is answered.
static inline bool dc_batch_is_answered(const dc_batch_t *self)
{
    return self->waiting_count == 0 && self->ready_count == 0 && self->leased_count == 0 &&
           self->forked_count == 0;
}

// Whether nothing more is computed of it, since every job is answered, or, of one that is detached,
// for whatever reason.
bool dc_batch_has_ended(const dc_batch_t *self);

// How many of its jobs are sent and not answered.
static inline uint64_t dc_batch_open_jobs(const dc_batch_t *self)
{
    return self->waiting_count + self->ready_count + self->leased_count + self->forked_count -
           self->part_count;
}

// What is leased of it next; NULL if nothing is ready. Parts go first: an open job is worth more
// than one that is not begun.
static inline dc_ready_t *dc_batch_next_ready(const dc_batch_t *self)
{
    if (self->ready_parts) return self->ready_parts;
    if (self->ready) return self->ready;
    return self->voted ? self->voted->ready : NULL;
}

#endif
