// arena — memory for things that die together, with a limit.
//
// Allocation is a pointer increment; nothing is freed one by one. `dc_arena_reset` makes all of it
// free for reuse and keeps the blocks, so that a loop which resets its arena allocates nothing once
// it has warmed up.
#ifndef DC_COMMON_ARENA_H
#define DC_COMMON_ARENA_H

#include "common/base.h"

typedef struct dc_arena_block dc_arena_block_t;

typedef struct dc_arena {
    dc_arena_block_t *first;   // owned, each block owns the next
    dc_arena_block_t *current; // the one that is being filled
    char *at, *end;            // what is free of it
    size_t bytes_held;         // of all blocks
    size_t bytes_max;          // never more than this is held
} dc_arena_t;

// An empty arena that will hold `bytes_max` at most. Allocates nothing yet.
void dc_arena_init(dc_arena_t *self, size_t bytes_max);

// Free everything.
void dc_arena_fini(dc_arena_t *self);

// Forget all allocations, keep the memory.
void dc_arena_reset(dc_arena_t *self);

// A place in an arena. To rewind to it forgets all that was allocated behind it, and keeps the
// memory; good until the arena is reset, or rewound to a place before it.
typedef struct dc_arena_mark {
    dc_arena_block_t *block;
    char *at;
} dc_arena_mark_t;

static inline dc_arena_mark_t dc_arena_mark(const dc_arena_t *self)
{
    return (dc_arena_mark_t){ self->current, self->at };
}

void dc_arena_rewind(dc_arena_t *self, dc_arena_mark_t mark);

// The slow path of dc_arena_alloc: goes on in another block.
void *dc_arena_alloc_more(dc_arena_t *self, size_t bytes);

// Room for `count` items of `size` bytes, aligned to 16 bytes, not cleared; NULL if that would pass
// the limit or if memory is short. It is the arena's, until reset or fini.
static inline void *dc_arena_alloc(dc_arena_t *self, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > self->bytes_max) return NULL;
    bytes = (bytes + 15) & ~(size_t)15;
    if ((size_t)(self->end - self->at) < bytes) return dc_arena_alloc_more(self, bytes);
    void *room = self->at;
    self->at += bytes;
    return room;
}

#endif
