// viewed — what a viewer was sent and has not acknowledged, chunk by chunk.
//
// Results that are sent are acknowledged some time. Inputs whose results never come (the batch
// ended before) are not, by anybody: such chunks are partial, and are let go of in time, so many
// bytes at once.
#ifndef DC_BROKER_CORE_CLIENTS_VIEWED_H
#define DC_BROKER_CORE_CLIENTS_VIEWED_H

#include "broker/core/kept/detached.h"

typedef struct dc_viewed_chunk {
    uint64_t first, end; // acknowledged up to `first`
    size_t bytes;        // that were sent of it
    uint64_t jobs;       // whose results these are, at most
    bool is_partial;     // some of it has no results, and never will
    struct dc_viewed_chunk *prev, *next;
} dc_viewed_chunk_t;

typedef struct dc_viewed {
    dc_viewed_chunk_t *chunks; // list, by index; owned
    size_t bytes;              // of all of them
    size_t *sum;               // ... and of all viewers; borrowed
} dc_viewed_t;

// Forget all.
void dc_viewed_clear(dc_viewed_t *self);

// Be ready to add what is sent of `entry` of the batch, the last one or the one behind it. False if
// memory is short.
DC_MUST_USE bool dc_viewed_begin(dc_viewed_t *self, const dc_detached_t *detached,
                                 const dc_entry_t *entry);

// `bytes` were sent of the chunk that was begun last, with the results of `jobs`.
void dc_viewed_add(dc_viewed_t *self, size_t bytes, uint64_t jobs);

// Is `entry` the only one of which something is not acknowledged? Its results are sent in the order
// in which they were computed, so the client may have nothing to acknowledge until it has them all.
bool dc_viewed_is_alone(const dc_viewed_t *self, const dc_entry_t *entry);

// There is more to be known of `entry`: if it was sent last, whether it is partial.
void dc_viewed_see_partial(dc_viewed_t *self, const dc_detached_t *detached,
                           const dc_entry_t *entry);

// The client is done with jobs [first, end).
void dc_viewed_ack(dc_viewed_t *self, uint64_t first, uint64_t end);

// Let go of partial chunks, the oldest first, of as many as a tick may bring.
void dc_viewed_release_partial(dc_viewed_t *self);

#endif
