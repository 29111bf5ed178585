#include "common/arena.h"

#include <stdlib.h>

#define BLOCK_BYTES_MIN 8192

struct dc_arena_block {
    dc_arena_block_t *next;
    size_t bytes; // of `data`
    _Alignas(16) char data[];
};

void dc_arena_init(dc_arena_t *self, size_t bytes_max)
{
    *self = (dc_arena_t){ .bytes_max = bytes_max };
}

void dc_arena_fini(dc_arena_t *self)
{
    while (self->first) {
        dc_arena_block_t *block = self->first;
        self->first = block->next;
        free(block);
    }
    dc_arena_init(self, self->bytes_max);
}

static void fill_from(dc_arena_t *self, dc_arena_block_t *block)
{
    self->current = block;
    self->at = block ? block->data : NULL;
    self->end = block ? block->data + block->bytes : NULL;
}

void dc_arena_reset(dc_arena_t *self)
{
    fill_from(self, self->first);
}

void dc_arena_rewind(dc_arena_t *self, dc_arena_mark_t mark)
{
    if (mark.at == self->at) return;
    // Nothing was allocated at the mark: its place is before the first block.
    fill_from(self, mark.block ? mark.block : self->first);
    if (mark.block) self->at = mark.at;
}

static dc_arena_block_t *append_block(dc_arena_t *self, size_t bytes)
{
    size_t left = self->bytes_max - self->bytes_held;
    if (bytes > left) return NULL;
    size_t wish = self->bytes_held > BLOCK_BYTES_MIN ? self->bytes_held : BLOCK_BYTES_MIN;
    if (wish < bytes) wish = bytes;
    if (wish > left) wish = left;
    dc_arena_block_t *block = malloc(sizeof *block + wish);
    if (!block) return NULL;
    block->bytes = wish;
    // Behind the current one: what follows was too small for this and may serve a later request.
    dc_arena_block_t **link = self->current ? &self->current->next : &self->first;
    block->next = *link;
    *link = block;
    self->bytes_held += wish;
    return block;
}

void *dc_arena_alloc_more(dc_arena_t *self, size_t bytes)
{
    dc_arena_block_t *block = self->current ? self->current->next : self->first;
    if (!block || block->bytes < bytes) block = append_block(self, bytes);
    if (!block) return NULL;
    fill_from(self, block);
    self->at += bytes;
    return block->data;
}
