// pool — objects of one size, kept for reuse when they are given back.
//
// For what comes and goes a million times a second: taking and giving are a few instructions, and
// memory that was once needed is kept. Objects are not cleared.
#ifndef DC_BROKER_CORE_JOBS_POOL_H
#define DC_BROKER_CORE_JOBS_POOL_H

#include <stdlib.h>

#include "common/base.h"

typedef struct dc_pool {
    size_t object_bytes;
    void *free;  // the first of those given back; each holds the address of the next
    void *slabs; // owned, a list likewise
} dc_pool_t;

// An empty pool for objects of `object_bytes`, at least a pointer's.
void dc_pool_init(dc_pool_t *self, size_t object_bytes);

// Free all memory; every object must have been given back.
void dc_pool_fini(dc_pool_t *self);

// The slow path of dc_pool_take: more memory from the system.
void *dc_pool_take_new(dc_pool_t *self);

#ifdef __SANITIZE_ADDRESS__

// So that the sanitizer sees every use after the end.
static inline void *dc_pool_take(dc_pool_t *self)
{
    return malloc(self->object_bytes);
}

static inline void dc_pool_give(dc_pool_t *self, void *object)
{
    (void)self;
    free(object);
}

#else

// An object, aligned to 16 bytes, not cleared; NULL if memory is short.
static inline void *dc_pool_take(dc_pool_t *self)
{
    void *object = self->free;
    if (!object) return dc_pool_take_new(self);
    self->free = *(void **)object;
    return object;
}

// Give `object` back; NULL is fine.
static inline void dc_pool_give(dc_pool_t *self, void *object)
{
    if (!object) return;
    *(void **)object = self->free;
    self->free = object;
}

#endif

#endif
