// block — bytes that are written by one and read by several, while more are written behind them.
//
// A blob that grows: what readers hold a reference to and a view of does not change any more.
#ifndef DC_WORKER_BLOCK_H
#define DC_WORKER_BLOCK_H

#include "common/blob.h"

typedef struct dc_block {
    dc_blob_t blob; // its references: the writer's, and one for each reader
    size_t capacity;
    char data[];
} dc_block_t;

// A block for `capacity` bytes (> 0), with the writer's reference; NULL if memory is short.
dc_block_t *dc_block_new(size_t capacity);

// Give the writer's reference back and set `*self_p` to NULL; NULL is fine.
void dc_block_release(dc_block_t **self_p);

// Has no reader a reference any more? Then it may be written from its start again.
static inline bool dc_block_is_alone(const dc_block_t *self)
{
    return atomic_load_explicit(&self->blob.refs, memory_order_acquire) == 1;
}

#endif
