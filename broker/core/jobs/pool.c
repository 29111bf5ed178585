#include "broker/core/jobs/pool.h"

#define SLAB_BYTES 16384

// Before a slab's objects stands the address of the next slab.
#define HEAD_BYTES 16

void dc_pool_init(dc_pool_t *self, size_t object_bytes)
{
    assert(object_bytes >= sizeof(void *) && object_bytes <= SLAB_BYTES - HEAD_BYTES);
    *self = (dc_pool_t){ .object_bytes = (object_bytes + 15) & ~(size_t)15 };
}

void dc_pool_fini(dc_pool_t *self)
{
    while (self->slabs) {
        void *slab = self->slabs;
        self->slabs = *(void **)slab;
        free(slab);
    }
    self->free = NULL;
}

void *dc_pool_take_new(dc_pool_t *self)
{
    char *slab = malloc(SLAB_BYTES);
    if (!slab) return NULL;
    *(void **)(void *)slab = self->slabs;
    self->slabs = slab;
    size_t count = (SLAB_BYTES - HEAD_BYTES) / self->object_bytes;
    for (size_t i = count; i-- > 0;) {
        char *object = slab + HEAD_BYTES + i * self->object_bytes;
        *(void **)(void *)object = self->free;
        self->free = object;
    }
    void *object = self->free;
    self->free = *(void **)object;
    return object;
}
