#include "client/sent.h"

#include <stdlib.h>

#include "common/limits.h"
#include "common/lines.h"
#include "common/wire.h"

#define CAPACITY_FIRST 64

void dc_sent_init(dc_sent_t *self)
{
    *self = (dc_sent_t){ 0 };
}

size_t dc_sent_cost(const dcalc_chunk_t *chunk)
{
    uint64_t jobs = chunk->needed ? chunk->jobs : 0;
    for (uint32_t i = 0; i < chunk->need_count; i++) {
        jobs += chunk->needs[i].end - chunk->needs[i].first;
    }
    size_t pairs_bytes = chunk->need_count * (size_t)DC_WIRE_RANGE_BYTES;
    return DC_CHUNK_COST_BYTES + chunk->size + pairs_bytes + (size_t)jobs * DC_NEED_COST_BYTES;
}

static void free_chunk(dc_sent_chunk_t *chunk)
{
    dc_slice_drop(&chunk->data);
    free(chunk->needs);
    free(chunk);
}

static void destroy_chunk(dc_sent_t *self, dc_sent_chunk_t *chunk)
{
    self->open_count--;
    self->bytes -= dc_sent_cost(&chunk->chunk);
    dc_ranges_fini(&chunk->answered);
    free_chunk(chunk);
}

void dc_sent_fini(dc_sent_t *self)
{
    for (size_t i = self->head; i < self->len; i++) {
        if (self->list[i].chunk) destroy_chunk(self, self->list[i].chunk);
    }
    free(self->list);
    dc_sent_init(self);
}

// Move the open chunks to the beginning of the list.
static void close_holes(dc_sent_t *self)
{
    size_t kept = 0;
    for (size_t i = self->head; i < self->len; i++) {
        if (self->list[i].chunk) self->list[kept++] = self->list[i];
    }
    self->head = 0;
    self->len = kept;
}

static bool reserve_one(dc_sent_t *self)
{
    if (self->len < self->capacity) return true;
    // Moving costs as much as there is, so it must gain as much.
    if (self->capacity && self->open_count <= self->capacity / 2) {
        close_holes(self);
        return true;
    }
    size_t capacity = self->capacity ? self->capacity * 2 : CAPACITY_FIRST;
    size_t bytes;
    if (__builtin_mul_overflow(capacity, sizeof *self->list, &bytes)) return false;
    dc_sent_place_t *list = realloc(self->list, bytes);
    if (!list) return false;
    self->list = list;
    self->capacity = capacity;
    return true;
}

bool dc_sent_count_jobs(dcalc_chunk_t *chunk, dc_str_t data)
{
    uint64_t jobs = 1;
    if (chunk->size == 0 || chunk->size != data.len) return false;
    if (chunk->record && chunk->width) return false;
    if (chunk->width) {
        if (chunk->size % chunk->width) return false;
        jobs = chunk->size / chunk->width;
    } else if (!chunk->record) {
        jobs = dc_lines_count(data) + (data.data[data.len - 1] != '\n');
    }
    if (jobs > DC_CHUNK_JOBS_MAX) return false;
    if (chunk->size > (jobs == 1 ? DC_RECORD_BYTES_MAX : DC_CHUNK_BYTES_MAX)) return false;
    chunk->jobs = (uint32_t)jobs;
    return true;
}

static bool copy_needs(dc_sent_chunk_t *self, const dcalc_chunk_t *chunk)
{
    size_t bytes = chunk->need_count * sizeof *self->needs;
    if (bytes == 0) return true;
    self->needs = malloc(bytes);
    if (self->needs) memcpy(self->needs, chunk->needs, bytes);
    return self->needs;
}

dc_sent_chunk_t *dc_sent_push(dc_sent_t *self, dcalc_chunk_t *chunk, const dc_slice_t *data)
{
    if (!reserve_one(self)) return NULL;
    dc_sent_chunk_t *sent = calloc(1, sizeof *sent);
    if (!sent) return NULL;
    if (!dc_slice_keep(data, &sent->data) || !copy_needs(sent, chunk)) {
        free_chunk(sent);
        return NULL;
    }
    chunk->first = self->jobs;
    sent->chunk = *chunk;
    sent->chunk.bytes = sent->data.bytes.data;
    sent->chunk.memory = NULL;
    sent->chunk.needs = sent->needs;
    dc_ranges_init(&sent->answered);
    self->list[self->len++] = (dc_sent_place_t){ chunk->first, sent };
    self->open_count++;
    self->jobs += chunk->jobs;
    self->bytes += dc_sent_cost(chunk);
    return sent;
}

bool dc_sent_skip(dc_sent_t *self, uint64_t first)
{
    if (first < self->jobs) return false;
    self->answered += first - self->jobs;
    self->jobs = first;
    return true;
}

void dc_sent_pop(dc_sent_t *self)
{
    assert(self->len > self->head && self->list[self->len - 1].chunk);
    dc_sent_chunk_t *chunk = self->list[--self->len].chunk;
    self->jobs -= chunk->chunk.jobs;
    destroy_chunk(self, chunk);
}

// Does place `at` begin at or before `index`, and the next one behind it?
static bool is_place(const dc_sent_t *self, size_t at, uint64_t index)
{
    return self->list[at].first <= index &&
           (at + 1 == self->len || self->list[at + 1].first > index);
}

// The last place that begins at or before `index`; `len` if there is none.
//
// Chunks of a batch mostly have the same number of jobs, so its place can be calculated.
static size_t find_place(const dc_sent_t *self, uint64_t index)
{
    size_t low = self->head;
    size_t high = self->len;
    if (low == high || index < self->list[low].first) return self->len;
    uint64_t first = self->list[low].first;
    uint64_t width = (self->jobs - first) / (high - low);
    uint64_t guess = low + (index - first) / (width ? width : 1);
    if (guess < high && is_place(self, (size_t)guess, index)) return (size_t)guess;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (self->list[middle].first <= index) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

dc_sent_chunk_t *dc_sent_find(const dc_sent_t *self, uint64_t index)
{
    size_t at = find_place(self, index);
    if (at == self->len) return NULL;
    dc_sent_chunk_t *chunk = self->list[at].chunk;
    return chunk && index < dc_sent_end(chunk) ? chunk : NULL;
}

dc_sent_chunk_t *dc_sent_next(const dc_sent_t *self, uint64_t index)
{
    size_t at = find_place(self, index);
    if (at == self->len) at = self->head;
    for (; at < self->len; at++) {
        dc_sent_chunk_t *chunk = self->list[at].chunk;
        if (chunk && dc_sent_end(chunk) > index) return chunk;
    }
    return NULL;
}

void dc_sent_remove(dc_sent_t *self, dc_sent_chunk_t *chunk)
{
    self->list[find_place(self, chunk->chunk.first)].chunk = NULL;
    destroy_chunk(self, chunk);
    // With it go the holes at the front.
    while (self->head < self->len && !self->list[self->head].chunk) {
        self->head++;
    }
    if (self->head == self->len) self->head = self->len = 0;
}

dc_slice_t dc_sent_part(const dc_sent_chunk_t *chunk, uint64_t first, uint64_t end)
{
    if (first == chunk->chunk.first && end == dc_sent_end(chunk)) return chunk->data;
    size_t skipped = (size_t)(first - chunk->chunk.first);
    size_t count = (size_t)(end - first);
    dc_str_t bytes = chunk->data.bytes;
    size_t width = chunk->chunk.width;
    if (width) return dc_slice_part(chunk->data, skipped * width, count * width);
    size_t offset = dc_lines_offset(bytes, skipped);
    dc_str_t rest = dc_str_behind(bytes, offset);
    return dc_slice_part(chunk->data, offset, dc_lines_offset(rest, count));
}
