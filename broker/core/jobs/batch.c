#include "broker/core/jobs/batch.h"

#include <stdlib.h>

#include "broker/core/kept/detached.h"
#include "broker/core/schedule/after.h"

dc_batch_t *dc_batch_new(dc_pools_t *pools, const dc_slice_t *program)
{
    dc_batch_t *self = dc_pool_take(&pools->batches);
    if (!self) return NULL;
    memset(self, 0, sizeof *self);
    self->pools = pools;
    if (!dc_slice_keep(program, &self->program)) {
        dc_pool_give(&pools->batches, self);
        return NULL;
    }
    self->chunks = self->one;
    self->chunk_capacity = DC_ARRAY_LEN(self->one);
    dc_ranges_init(&self->over);
    self->level = dc_level_of(0);
    self->steps_max = DC_STEPS_MAX;
    self->timeout_ms = DC_JOB_TIMEOUT_MS;
    return self;
}

void dc_batch_destroy(dc_batch_t **self_p)
{
    dc_batch_t *self = *self_p;
    if (!self) return;
    for (size_t at = self->chunk_head; at < self->chunk_len; at++) {
        dc_chunk_destroy(&self->chunks[at], self->pools);
    }
    if (self->chunks != self->one) free(self->chunks);
    dc_backlog_destroy(&self->backlog);
    free(self->stats);
    dc_detached_destroy(&self->detached);
    dc_ranges_fini(&self->over);
    free(self->afters);
    dc_slice_drop(&self->program);
    dc_pool_give(&self->pools->batches, self);
    *self_p = NULL;
}

size_t dc_batch_after_bytes(const dc_batch_t *self)
{
    return self->after_count * sizeof *self->afters;
}

size_t dc_batch_find(const dc_batch_t *self, uint64_t index)
{
    size_t low = 0;
    size_t high = dc_batch_chunk_count(self);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (dc_chunk_end(dc_batch_chunk(self, middle)) <= index) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

// Make room for one more at the end: by moving to the front, or with more memory.
static bool make_room(dc_batch_t *self)
{
    if (self->chunk_len < self->chunk_capacity) return true;
    size_t count = dc_batch_chunk_count(self);
    if (self->chunk_head > self->chunk_capacity / 2) {
        memmove(self->chunks, self->chunks + self->chunk_head, count * sizeof *self->chunks);
    } else {
        size_t capacity = 2 * self->chunk_capacity + 6;
        dc_chunk_t **chunks = malloc(capacity * sizeof *chunks);
        if (!chunks) return false;
        memcpy(chunks, self->chunks + self->chunk_head, count * sizeof *chunks);
        if (self->chunks != self->one) free(self->chunks);
        self->chunks = chunks;
        self->chunk_capacity = capacity;
    }
    self->chunk_head = 0;
    self->chunk_len = count;
    return true;
}

bool dc_batch_insert(dc_batch_t *self, dc_chunk_t *chunk)
{
    if (!make_room(self)) return false;
    size_t at = self->chunk_head + dc_batch_find(self, chunk->first);
    memmove(&self->chunks[at + 1], &self->chunks[at],
            (self->chunk_len - at) * sizeof *self->chunks);
    self->chunks[at] = chunk;
    self->chunk_len++;
    return true;
}

void dc_batch_remove(dc_batch_t *self, size_t at)
{
    if (at == 0) {
        self->chunk_head++;
    } else {
        size_t place = self->chunk_head + at;
        memmove(&self->chunks[place], &self->chunks[place + 1],
                (self->chunk_len - place - 1) * sizeof *self->chunks);
        self->chunk_len--;
    }
    if (self->chunk_head == self->chunk_len) self->chunk_head = self->chunk_len = 0;
}

bool dc_batch_has_ended(const dc_batch_t *self)
{
    if (self->detached) return self->detached->is_ended;
    return self->is_closed && dc_batch_is_answered(self);
}
