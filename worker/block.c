#include "worker/block.h"

#include <stdlib.h>

static void free_block(dc_blob_t *blob)
{
    free(blob);
}

dc_block_t *dc_block_new(size_t capacity)
{
    dc_block_t *self = malloc(sizeof *self + capacity);
    if (!self) return NULL;
    self->capacity = capacity;
    self->data[0] = '\0';
    dc_blob_init(&self->blob, self->data, capacity, free_block);
    return self;
}

void dc_block_release(dc_block_t **self_p)
{
    dc_blob_t *blob = *self_p ? &(*self_p)->blob : NULL;
    *self_p = NULL;
    dc_blob_release(&blob);
}
