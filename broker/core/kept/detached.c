#include "broker/core/kept/detached.h"

#include <stdlib.h>

dc_detached_t *dc_detached_new(dc_batch_t *batch)
{
    dc_detached_t *self = calloc(1, sizeof *self);
    if (self) self->batch = batch;
    return self;
}

void dc_detached_destroy(dc_detached_t **self_p)
{
    dc_detached_t *self = *self_p;
    *self_p = NULL;
    if (!self) return;
    free(self->entries);
    free(self);
}

size_t dc_detached_own_bytes(const dc_detached_t *self)
{
    return sizeof *self + self->entry_capacity * sizeof *self->entries;
}

size_t dc_detached_at(const dc_detached_t *self, uint64_t index)
{
    size_t low = 0;
    size_t high = self->entry_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const dc_entry_t *entry = &self->entries[middle];
        if (entry->first + entry->count <= index) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

dc_entry_t *dc_detached_find(const dc_detached_t *self, uint64_t first)
{
    size_t at = dc_detached_at(self, first);
    if (at == self->entry_count || self->entries[at].first != first) return NULL;
    return &self->entries[at];
}

// Most batches have one chunk, and there may be many batches; a batch may have a million chunks,
// and what is in reserve then counts.
static size_t next_capacity(size_t capacity)
{
    if (capacity == 0) return 1;
    return capacity < 64 ? 2 * capacity + 6 : capacity + capacity / 4;
}

static bool make_room(dc_detached_t *self)
{
    if (self->entry_count < self->entry_capacity) return true;
    size_t capacity = next_capacity(self->entry_capacity);
    dc_entry_t *entries = realloc(self->entries, capacity * sizeof *entries);
    if (!entries) return false;
    self->entries = entries;
    self->entry_capacity = capacity;
    return true;
}

dc_entry_t *dc_detached_add(dc_detached_t *self, const dc_entry_t *entry)
{
    if (!make_room(self)) return NULL;
    size_t at = dc_detached_at(self, entry->first);
    dc_entry_t *place = &self->entries[at];
    memmove(place + 1, place, (self->entry_count - at) * sizeof *place);
    *place = *entry;
    self->entry_count++;
    self->job_count += entry->count;
    if (entry->number >= self->next_number) self->next_number = entry->number + 1;
    return place;
}

void dc_detached_count_digest(dc_detached_t *self, const dc_store_op_t *op)
{
    self->digest += op->chunk.digest;
    self->is_digest_lost |= !op->chunk.has_digest;
}

bool dc_detached_is_whole(const dc_detached_t *self, uint64_t jobs)
{
    if (self->job_count != jobs) return false;
    if (self->entry_count == 0) return true;
    // They do not meet, so as many jobs with none behind the end are all of them.
    const dc_entry_t *last = self->entries + self->entry_count - 1;
    return last->first + last->count == jobs;
}
