// chunk — some consecutive jobs of one batch, in the bytes that the client sent, and what has
// become of each of them.
//
// An index of a chunk is in exactly one state: waiting (as all of the chunk: for other jobs'
// results or other batches to end), ready (in one of the chunk's ready ranges), leased (in [next,
// end) of one of its leases that is no double), forked (split by a slot: one of the chunk's forks
// is its), or answered. A part of a job that forked is a chunk too, of that one job. All that is
// known of the bytes is where a job ends: at a newline, or after a fixed width.
#ifndef DC_BROKER_CORE_JOBS_CHUNK_H
#define DC_BROKER_CORE_JOBS_CHUNK_H

#include "broker/core/actions.h"
#include "broker/core/jobs/pools.h"
#include "common/buf.h"
#include "common/ranges.h"

struct dc_batch;
struct dc_chunk;
struct dc_fork;
struct dc_lease;
struct dc_needs;
struct dc_part;
struct dc_voter;

// What one slot has answered for jobs that two are to compute (broker/core/slots/votes.h).
typedef struct dc_vote {
    uint64_t first, end;
    struct dc_voter *voter; // whose it is
    bool is_failed;         // of a part: it has failed
    uint32_t faults_bytes;  // at the front of `data`
    dc_slice_t data;        // a reference of its own: the piece, results of `data_first` and on
    uint64_t data_first;
    struct dc_vote *prev, *next; // its chunk's, ordered by index
} dc_vote_t;

// Jobs that wait for a slot: [first, end) of `chunk`, none of them answered.
typedef struct dc_ready {
    struct dc_chunk *chunk;
    uint64_t first, end;
    struct dc_vote *vote;         // in a verified batch: what a slot has answered; NULL: none has
    struct dc_ready *prev, *next; // its batch's list, or its voter's, ordered by index
    struct dc_ready *chunk_prev, *chunk_next; // its chunk's list, likewise
} dc_ready_t;

// A job that something happened to.
typedef struct dc_suspect {
    uint64_t index;
    uint32_t crashes; // obituaries that name it
    uint32_t losses;  // slots that were lost, nobody knows why, while it ran alone
} dc_suspect_t;

// Results of a plain client's jobs, until it is their turn.
typedef struct dc_early {
    uint64_t first, end;
    dc_slice_t lines; // a reference of its own; of a single job all that came, else a line each
    struct dc_early *next;
} dc_early_t;

// Results of a detached batch's jobs, until all of its chunk's are answered.
typedef struct dc_tray {
    struct dc_chunk *chunk; // whose they are, which owns it
    dc_buf_t pieces;        // see broker/core/jobs/pieces.h
    uint32_t jobs;          // that have results in it
    uint32_t cut;           // so many of the chunk's last jobs do not fit, and fail
    struct dc_tray *next;   // of those that are answered
} dc_tray_t;

typedef struct dc_chunk {
    struct dc_batch *batch; // which owns it
    uint64_t first;         // index of its first job
    uint32_t count;         // 1 .. DC_CHUNK_JOBS_MAX
    uint32_t width;         // bytes of a job, or 0 for lines
    uint8_t flags;          // DC_CHUNK_*
    dc_slice_t data;        // a reference of its own; empty once every job is answered
    size_t held_bytes;      // what of the broker's memory it accounts for
    size_t data_bytes;      // ... for `data`, of these
    size_t cost_bytes;      // what it counts against the credit of `payer`
    dc_peer_t payer;        // the session that sent it
    dc_us_t arrived_us;     // when it came, for statistics; of jobs that were joined the mean
    uint64_t begun;         // likewise: which of its jobs were ever leased, all before this one
    uint32_t failed_count;  // likewise: how many of those that are answered have failed
    dc_ranges_t answered;
    uint64_t result_bytes;  // sent to the client and not acknowledged
    dc_suspect_t *suspects; // owned, ordered by index; usually none
    uint32_t suspect_count;
    bool is_waiting;         // all of its jobs are
    struct dc_needs *needs;  // owned: what it needs of others (needs.h); NULL: nothing
    dc_ready_t *ready;       // its ready ranges
    struct dc_lease *leases; // its leases
    struct dc_fork *forks;   // owned: of its forked jobs
    struct dc_part *part;    // what it is, if it is a part of a job (fork.h); else NULL
    struct dc_vote *votes;   // owned, ordered by index; of a verified batch only
    dc_early_t *early;       // ordered by index; of a plain client only
    dc_tray_t *tray;         // owned; of a detached batch only, from the first result on
} dc_chunk_t;

// A chunk that keeps a reference to `data`. NULL if memory is short.
dc_chunk_t *dc_chunk_new(dc_pools_t *pools, struct dc_batch *batch, uint64_t first, uint32_t count,
                         uint32_t width, uint8_t flags, const dc_slice_t *data);

// Append one more job, `line` (with or without its newline), to a chunk of lines, which must be
// fresh. False, nothing changed, if there is no room (DC_GATHER_JOBS_MAX, DC_GATHER_BYTES_MAX) or
// memory is short.
DC_MUST_USE bool dc_chunk_join(dc_chunk_t *self, dc_str_t line);

// Free it; its leases, ready ranges and votes must have gone.
void dc_chunk_destroy(dc_chunk_t **self_p, dc_pools_t *pools);

static inline uint64_t dc_chunk_end(const dc_chunk_t *self)
{
    return self->first + self->count;
}

static inline bool dc_chunk_is_answered(const dc_chunk_t *self)
{
    return self->answered.count == self->count;
}

// Whether all of it is ready as it came: in one range, nobody at it, and no job under suspicion.
static inline bool dc_chunk_is_fresh(const dc_chunk_t *self)
{
    const dc_ready_t *ready = self->ready;
    return ready && ready->end - ready->first == self->count && !self->leases && !self->suspects;
}

// Whether `data` holds exactly `count` jobs, and within the limits.
bool dc_chunk_is_valid(dc_str_t data, uint32_t count, uint32_t width, uint8_t flags);

// The bytes of jobs [first, end), sharing the chunk's reference. Costs a look at the bytes before
// `end`, unless that is the whole chunk.
dc_slice_t dc_chunk_cut(const dc_chunk_t *self, uint64_t first, uint64_t end);

// What is known against job `index`; NULL if nothing.
dc_suspect_t *dc_chunk_suspect(const dc_chunk_t *self, uint64_t index);

// The same, made if need be; NULL if memory is short.
dc_suspect_t *dc_chunk_make_suspect(dc_chunk_t *self, uint64_t index);

// Where a lease that begins at `first` must end at the latest, so that a job which crashed a slot
// is alone in its lease: `end`, or less.
uint64_t dc_chunk_lease_end(const dc_chunk_t *self, uint64_t first, uint64_t end);

// `text` without the newline at its end, if it has one: plain messages have none there.
static inline dc_str_t dc_without_newline(dc_str_t text)
{
    if (text.len && text.data[text.len - 1] == '\n') text.len--;
    return text;
}

#endif
