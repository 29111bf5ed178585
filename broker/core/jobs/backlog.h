// backlog — chunks of a batch that wait behind its others, packed.
//
// A chunk that is computed needs a dc_chunk_t, a ready range and a place in several lists, some 400
// bytes; one that only waits needs to be remembered. Where jobs come one a chunk, a million of them
// wait, and these bytes are what they cost. So the chunks behind those that are opened lie here, in
// blocks of memory one after another: each is a head of 32 bytes and its jobs' bytes. Bytes that
// are more than what is copied anyway when it is sent (DC_COPY_BYTES_MAX) stay in the blob that
// they came in, and a reference lies here instead.
//
// Chunks are pushed and popped in the order of their indices, and do not overlap. The blocks grow
// with the backlog, so that a short one takes little. All operations are O(1), but finding a chunk
// and walking over all of them. It knows nothing of who computes what: broker/core/jobs/packed.h
// does.
#ifndef DC_BROKER_CORE_JOBS_BACKLOG_H
#define DC_BROKER_CORE_JOBS_BACKLOG_H

#include "common/blob.h"
#include "common/limits.h"
#include "common/ranges.h"

struct dc_backlog_block;

// A chunk as it came.
typedef struct dc_packed {
    uint64_t first;     // index of its first job
    uint32_t count;     // 1 .. DC_CHUNK_JOBS_MAX
    uint32_t width;     // bytes of a job, or 0 for lines
    uint8_t flags;      // DC_CHUNK_*
    bool is_paid;       // the session that sent it has spent credit on it, and is still there
    dc_us_t arrived_us; // when it came, for statistics; or when it waited for others no more
    dc_slice_t data;
} dc_packed_t;

typedef struct dc_backlog {
    size_t chunk_count;  // at least one, save while it is new
    uint64_t job_count;  // of these
    uint64_t end;        // behind the last job
    size_t cost_bytes;   // what the chunks that are paid for count against their session's credit
    size_t held_bytes;   // what all of it takes, data that others share included
    uint64_t unpaid_end; // what begins before it is paid for by nobody that is still there
    dc_us_t released_us; // until when all that is here waited for others; 0: it did not
    struct dc_backlog_block *blocks; // list, the oldest first
} dc_backlog_t;

// Where one is that walks over a backlog, which must not change meanwhile: all zero to begin.
typedef struct dc_backlog_place {
    const struct dc_backlog_block *block;
    size_t offset;
} dc_backlog_place_t;

// An empty backlog. NULL if memory is short.
dc_backlog_t *dc_backlog_new(void);

// Free it with all that is in it; NULL is fine.
void dc_backlog_destroy(dc_backlog_t **self_p);

// Append `chunk`, which begins at or behind the end. Its bytes are copied, or kept where they are
// many. False, nothing changed, if memory is short.
DC_MUST_USE bool dc_backlog_push(dc_backlog_t *self, const dc_packed_t *chunk);

// The first chunk of a backlog that is not empty; its data are borrowed until it is popped.
dc_packed_t dc_backlog_first(const dc_backlog_t *self);

// Forget the first chunk.
void dc_backlog_pop(dc_backlog_t *self);

// The session that has paid is gone: nobody has credit to get back for what is here.
void dc_backlog_forget_paid(dc_backlog_t *self);

// All that is here has waited for others until now.
void dc_backlog_release(dc_backlog_t *self, dc_us_t now_us);

// Go on to the next chunk; its data are borrowed, likewise. False behind the last.
bool dc_backlog_next(const dc_backlog_t *self, dc_backlog_place_t *at, dc_packed_t *chunk);

// The first chunk that ends behind `index`: the one that holds it, if any does. False if there is
// none. Looks from the end, a block at a time, since what comes again came lately.
bool dc_backlog_find(const dc_backlog_t *self, uint64_t index, dc_range_t *jobs);

#endif
