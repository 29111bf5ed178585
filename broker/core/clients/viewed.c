#include "broker/core/clients/viewed.h"

#include <stdlib.h>
#include <utlist.h>

#include "common/limits.h"

// Inputs without results that are sent in a tick: 20 MiB/s.
#define PARTIAL_BYTES_MAX (DC_RESULTS_BYTES_MAX / 4)

static void take_off(dc_viewed_t *self, size_t bytes)
{
    self->bytes -= bytes;
    *self->sum -= bytes;
}

static void drop(dc_viewed_t *self, dc_viewed_chunk_t *chunk)
{
    take_off(self, chunk->bytes);
    DL_DELETE(self->chunks, chunk);
    free(chunk);
}

void dc_viewed_clear(dc_viewed_t *self)
{
    while (self->chunks) {
        drop(self, self->chunks);
    }
}

// The chunk of `entry`, if it was sent last.
static dc_viewed_chunk_t *find_last(const dc_viewed_t *self, const dc_entry_t *entry)
{
    dc_viewed_chunk_t *last = self->chunks ? self->chunks->prev : NULL;
    return last && last->end == entry->first + entry->count ? last : NULL;
}

void dc_viewed_see_partial(dc_viewed_t *self, const dc_detached_t *detached,
                           const dc_entry_t *entry)
{
    dc_viewed_chunk_t *last = find_last(self, entry);
    if (!last) return;
    last->is_partial = detached->is_ended && (!entry->is_put || entry->answered < entry->count);
}

bool dc_viewed_begin(dc_viewed_t *self, const dc_detached_t *detached, const dc_entry_t *entry)
{
    dc_viewed_chunk_t *last = find_last(self, entry);
    if (!last) {
        last = calloc(1, sizeof *last);
        if (!last) return false;
        last->first = entry->first;
        last->end = entry->first + entry->count;
        DL_APPEND(self->chunks, last);
    }
    dc_viewed_see_partial(self, detached, entry);
    return true;
}

void dc_viewed_add(dc_viewed_t *self, size_t bytes, uint64_t jobs)
{
    dc_viewed_chunk_t *last = self->chunks->prev;
    last->bytes += bytes;
    last->jobs += jobs;
    self->bytes += bytes;
    *self->sum += bytes;
}

bool dc_viewed_is_alone(const dc_viewed_t *self, const dc_entry_t *entry)
{
    return self->chunks && self->chunks == find_last(self, entry);
}

// Let go of the share that `count` jobs have in what was sent of `chunk`.
static void release(dc_viewed_t *self, dc_viewed_chunk_t *chunk, uint64_t count)
{
    if (chunk->jobs == 0) return;
    count = dc_min_u64(count, chunk->jobs);
    size_t bytes = (size_t)((double)chunk->bytes * (double)count / (double)chunk->jobs);
    chunk->bytes -= bytes;
    chunk->jobs -= count;
    take_off(self, bytes);
}

void dc_viewed_ack(dc_viewed_t *self, uint64_t first, uint64_t end)
{
    dc_viewed_chunk_t *chunk, *following;
    DL_FOREACH_SAFE(self->chunks, chunk, following)
    {
        if (chunk->first >= end) break;
        // Of the first chunk the client may want a part only.
        if (first <= chunk->first || chunk == self->chunks) {
            release(self, chunk, end - chunk->first);
            chunk->first = end;
        }
        if (chunk->first >= chunk->end) drop(self, chunk);
    }
}

void dc_viewed_release_partial(dc_viewed_t *self)
{
    size_t bytes = 0;
    dc_viewed_chunk_t *chunk, *following;
    DL_FOREACH_SAFE(self->chunks, chunk, following)
    {
        if (!chunk->is_partial) continue;
        bytes += chunk->bytes;
        drop(self, chunk);
        if (bytes >= PARTIAL_BYTES_MAX) return;
    }
}
