// needs — results that other jobs of their batch need, and the chunks that wait for them.
//
// A *source* is a job whose result may be needed: one of a chunk that is marked NEEDED. Its result
// is kept, as bytes, from when it is answered until the batch is closed and every chunk that needs
// it is answered. A chunk that needs something waits (broker/core/jobs/ledger.h) until all its
// sources have ended; it watches one of them at a time, the first that has not, so that each is
// looked at once. Then its jobs are ready, or, where a source failed, they fail as well: which
// source is blamed follows from their order, not from time. A chunk needs jobs before its own only,
// so that nothing can wait for itself.
//
// What fails by this may be long chains: it is done at the end of a step, one by one.
#ifndef DC_BROKER_CORE_JOBS_NEEDS_H
#define DC_BROKER_CORE_JOBS_NEEDS_H

#include "broker/core/clients/deliver.h"

typedef enum dc_needs_state {
    DC_NEEDS_OPEN,   // it has no result yet
    DC_NEEDS_DONE,   // `result` is it
    DC_NEEDS_FAILED, // its job failed
    DC_NEEDS_LOST,   // its result is too large to be kept, or there was no memory for it
} dc_needs_state_t;

typedef struct dc_needs_source {
    uint64_t index; // of its job
    dc_needs_state_t state;
    uint32_t users;            // chunks that need it and are not answered
    dc_slice_t result;         // a reference of its own; a line without its newline, or 8 bytes
    struct dc_needs *watchers; // the chunks whose first open source it is
    UT_hash_handle hh;         // its batch's sources
} dc_needs_source_t;

// What a chunk needs. It accounts for it as held bytes of its own.
typedef struct dc_needs {
    dc_chunk_t *chunk;
    uint32_t count;
    uint32_t met;                   // so many of the list have ended
    const dc_needs_source_t *fault; // the first of these that gave no result; NULL: none
    size_t results_bytes;           // of all that are met
    bool is_doomed;                 // its chunk fails: it is in the core's list of those
    struct dc_needs *prev, *next;   // of a source's watchers, or of those doomed
    dc_needs_source_t *list[];
} dc_needs_t;

// Whether there is memory for what a chunk with these `pairs` and `flags` (DC_CHUNK_*) needs and is
// needed for. If not, DC_ERR_TOO_LARGE in `diag`.
DC_MUST_USE dc_err_t dc_needs_admit(const dc_core_t *self, dc_str_t pairs, uint8_t flags,
                                    dc_diag_t *diag);

// Enter what `chunk`, new and waiting if there are any, needs: `pairs` of ranges (checked), and the
// sources that it has itself. If all that it needs is there it waits no more.
// DC_ERR_PROTOCOL: it needs what nobody said is needed, or is not here any more; DC_ERR_NOMEM. Then
// the chunk needs nothing and is of no use.
DC_MUST_USE dc_err_t dc_needs_enter(dc_core_t *self, dc_chunk_t *chunk, dc_str_t pairs,
                                    dc_diag_t *diag);

// The chunk is answered, or goes: it needs nothing any more.
void dc_needs_leave(dc_core_t *self, dc_chunk_t *chunk);

// Jobs of `chunk` have results, of which those in `fresh` are the first ones: keep what is needed.
void dc_needs_take(dc_core_t *self, const dc_chunk_t *chunk, const dc_results_t *results,
                   const dc_ranges_t *fresh);

// A chunk of jobs [first, end) that are needed was found in the store, with results: they are
// sources. False if memory is short.
DC_MUST_USE bool dc_needs_found_sources(dc_core_t *self, dc_batch_t *batch, uint64_t first,
                                        uint64_t end);

// These are its results, as broker/core/jobs/pieces.h has them. DC_ERR_IO: they are no pieces.
// DC_ERR_NOMEM.
DC_MUST_USE dc_err_t dc_needs_found_results(dc_core_t *self, dc_batch_t *batch, dc_slice_t pieces);

// The client gives results that it has (GIVE, checked). DC_ERR_TOO_LARGE, DC_ERR_NOMEM.
DC_MUST_USE dc_err_t dc_needs_give(dc_core_t *self, dc_batch_t *batch, const dc_cmd_t *cmd,
                                   dc_diag_t *diag);

// The batch was closed: sources that nobody needs are forgotten.
void dc_needs_close(dc_core_t *self, dc_batch_t *batch);

// The batch goes, and has no chunks any more.
void dc_needs_clear(dc_core_t *self, dc_batch_t *batch);

// Fail the jobs whose sources failed. Ends batches.
void dc_needs_settle(dc_core_t *self, dc_actions_t *actions);

// Append the results that `chunk` needs, as a LEASE has them.
void dc_needs_put(const dc_chunk_t *chunk, dc_buf_t *out);

static inline bool dc_needs_are_met(const dc_needs_t *self)
{
    return !self || (self->met == self->count && !self->is_doomed);
}

// What the broker's memory has of it.
static inline size_t dc_needs_source_bytes(const dc_needs_source_t *self)
{
    return sizeof *self + self->result.bytes.len;
}

#endif
