#include "worker/pieces.h"

#include <stdlib.h>

void dc_pieces_clear(dc_pieces_t *self)
{
    for (size_t i = 0; i < self->len; i++)
        dc_slice_drop(&self->list[i].data);
    self->len = 0;
}

void dc_pieces_fini(dc_pieces_t *self)
{
    dc_pieces_clear(self);
    free(self->list);
    *self = (dc_pieces_t){ 0 };
}

dc_cmd_t *dc_pieces_append(dc_pieces_t *self)
{
    if (self->len == self->capacity) {
        size_t capacity = self->capacity ? 2 * self->capacity : 64;
        dc_cmd_t *list = realloc(self->list, capacity * sizeof *list);
        if (!list) return NULL;
        self->list = list;
        self->capacity = capacity;
    }
    return &self->list[self->len++];
}
