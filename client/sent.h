// sent — the chunks of a batch that were sent and are not done with, in the order of their jobs.
//
// A chunk is here until all its jobs are done with and it is taken out; then its bytes are freed at
// once, whatever the order in which chunks become done. Finding the chunk of a job costs a search
// over those that are open, the rest is O(1) amortized.
#ifndef DC_CLIENT_SENT_H
#define DC_CLIENT_SENT_H

#include "client/dcalc.h"
#include "common/blob.h"
#include "common/err.h"
#include "common/ranges.h"

typedef struct dc_sent_chunk {
    dcalc_chunk_t chunk;  // what the application sees; `bytes` are those of `data`, `needs` owned
    dc_slice_t data;      // a reference of its own
    dcalc_range_t *needs; // owned; NULL: none
    dc_ranges_t answered; // which of its jobs have been delivered
} dc_sent_chunk_t;

// What is found quickly of a chunk. One that is done leaves a hole, until it is at the front or
// there are more holes than chunks.
typedef struct dc_sent_place {
    uint64_t first;
    dc_sent_chunk_t *chunk; // owned; NULL: done
} dc_sent_place_t;

typedef struct dc_sent {
    dc_sent_place_t *list; // owned; the first `head` are gone, sorted by `first`
    size_t head, len, capacity;
    size_t open_count; // chunks that are not done
    uint64_t jobs;     // how many jobs all chunks ever had: the index of the next one's first
    uint64_t answered; // how many of these have been delivered
    uint64_t bytes;    // of the chunks that are open, as dc_sent_cost has it
} dc_sent_t;

// What a chunk counts against the credit (dc_wire_cost).
size_t dc_sent_cost(const dcalc_chunk_t *chunk);

void dc_sent_init(dc_sent_t *self);
void dc_sent_fini(dc_sent_t *self);

// Set how many jobs `chunk` has (size, width and record are read), whose bytes are `data`. False if
// it cannot be a chunk.
DC_MUST_USE bool dc_sent_count_jobs(dcalc_chunk_t *chunk, dc_str_t data);

// Append `chunk` (size, jobs, width, record, needs, needed, tag; its `first` is set here) with its
// bytes, of which a reference is kept (borrowed ones are copied). NULL, and nothing changed, if
// memory is short.
dc_sent_chunk_t *dc_sent_push(dc_sent_t *self, dcalc_chunk_t *chunk, const dc_slice_t *data);

// The jobs up to `first` are not here and never will be: the next chunk begins there. False,
// nothing changed, if chunks have gone beyond it.
DC_MUST_USE bool dc_sent_skip(dc_sent_t *self, uint64_t first);

// Take the newest chunk back: it could not be sent after all.
void dc_sent_pop(dc_sent_t *self);

// The open chunk that holds job `index`; NULL if there is none.
dc_sent_chunk_t *dc_sent_find(const dc_sent_t *self, uint64_t index);

// The first open chunk that ends behind `index`; NULL if there is none. To walk over all: begin
// with 0, go on with dc_sent_end of the one before.
dc_sent_chunk_t *dc_sent_next(const dc_sent_t *self, uint64_t index);

static inline uint64_t dc_sent_end(const dc_sent_chunk_t *chunk)
{
    return chunk->chunk.first + chunk->chunk.jobs;
}

// Take out and free open chunk `chunk`, all of whose jobs are done with.
void dc_sent_remove(dc_sent_t *self, dc_sent_chunk_t *chunk);

// The bytes of jobs [first, end) of `chunk`, cut at the ends of lines; shares its reference.
dc_slice_t dc_sent_part(const dc_sent_chunk_t *chunk, uint64_t first, uint64_t end);

#endif
