#include "client/cli/journal/kept.h"

#include <stdlib.h>
#include <string.h>

size_t dc_kept_bytes(const dc_kept_t *self)
{
    return self->chunk.size + self->piece.results_bytes + self->piece.faults_bytes;
}

static const char *put(char **to, const char *bytes, size_t count)
{
    char *start = *to;
    if (count) memcpy(start, bytes, count);
    *to += count;
    return start;
}

dc_kept_t *dc_kept_copy(const dc_kept_t *self)
{
    dc_kept_t *copy = malloc(sizeof *copy + dc_kept_bytes(self));
    if (!copy) return NULL;
    char *to = (char *)(copy + 1);
    *copy = *self;
    copy->chunk.bytes = put(&to, self->chunk.bytes, self->chunk.size);
    copy->chunk.memory = NULL;
    copy->piece.results = put(&to, self->piece.results, self->piece.results_bytes);
    copy->piece.faults = put(&to, self->piece.faults, self->piece.faults_bytes);
    copy->piece.chunk = &copy->chunk;
    return copy;
}
