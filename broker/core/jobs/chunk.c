#include "broker/core/jobs/chunk.h"

#include <stdlib.h>

#include "common/gather.h"
#include "common/lines.h"

dc_chunk_t *dc_chunk_new(dc_pools_t *pools, struct dc_batch *batch, uint64_t first, uint32_t count,
                         uint32_t width, uint8_t flags, const dc_slice_t *data)
{
    dc_chunk_t *self = dc_pool_take(&pools->chunks);
    if (!self) return NULL;
    *self = (dc_chunk_t){
        .batch = batch,
        .first = first,
        .count = count,
        .width = width,
        .flags = flags,
        .held_bytes = data->bytes.len + DC_CHUNK_COST_BYTES,
        .data_bytes = data->bytes.len,
    };
    dc_ranges_init(&self->answered);
    if (!dc_slice_keep(data, &self->data)) {
        dc_pool_give(&pools->chunks, self);
        return NULL;
    }
    return self;
}

bool dc_chunk_join(dc_chunk_t *self, dc_str_t line)
{
    if (self->count >= DC_GATHER_JOBS_MAX || !dc_gather(&self->data, line)) return false;
    if (self->count == 1) {
        self->held_bytes += DC_GATHER_BYTES_MAX - self->data_bytes;
        self->data_bytes = DC_GATHER_BYTES_MAX;
    }
    self->count++;
    return true;
}

void dc_chunk_destroy(dc_chunk_t **self_p, dc_pools_t *pools)
{
    dc_chunk_t *self = *self_p;
    if (!self) return;
    assert(!self->ready && !self->leases && !self->forks && !self->needs && !self->votes);
    if (self->tray) dc_buf_fini(&self->tray->pieces);
    free(self->tray);
    while (self->early) {
        dc_early_t *early = self->early;
        self->early = early->next;
        dc_slice_drop(&early->lines);
        dc_pool_give(&pools->early, early);
    }
    dc_slice_drop(&self->data);
    dc_ranges_fini(&self->answered);
    free(self->suspects);
    dc_pool_give(&pools->chunks, self);
    *self_p = NULL;
}

bool dc_chunk_is_valid(dc_str_t data, uint32_t count, uint32_t width, uint8_t flags)
{
    if (count == 0 || count > DC_CHUNK_JOBS_MAX) return false;
    if (data.len > (count == 1 ? DC_RECORD_BYTES_MAX : DC_CHUNK_BYTES_MAX)) return false;
    if (width) return data.len == (size_t)width * count;
    if (flags & DC_CHUNK_RECORD) return count == 1;
    return dc_str_count_lines(data) == count;
}

dc_slice_t dc_chunk_cut(const dc_chunk_t *self, uint64_t first, uint64_t end)
{
    if (first == self->first && end == dc_chunk_end(self)) return self->data;
    uint64_t skipped = first - self->first;
    if (self->width) {
        return dc_slice_part(self->data, skipped * self->width, (end - first) * self->width);
    }
    dc_str_t text = self->data.bytes;
    size_t start = dc_lines_offset(text, skipped);
    size_t len = dc_lines_offset(dc_str_behind(text, start), end - first);
    return dc_slice_part(self->data, start, len);
}

// The first suspect at or after `index`, as a position in the list.
static uint32_t find_suspect(const dc_chunk_t *self, uint64_t index)
{
    uint32_t at = 0;
    while (at < self->suspect_count && self->suspects[at].index < index) {
        at++;
    }
    return at;
}

dc_suspect_t *dc_chunk_suspect(const dc_chunk_t *self, uint64_t index)
{
    uint32_t at = find_suspect(self, index);
    bool is_there = at < self->suspect_count && self->suspects[at].index == index;
    return is_there ? &self->suspects[at] : NULL;
}

dc_suspect_t *dc_chunk_make_suspect(dc_chunk_t *self, uint64_t index)
{
    dc_suspect_t *known = dc_chunk_suspect(self, index);
    if (known) return known;
    size_t bytes = (self->suspect_count + 1) * sizeof *self->suspects;
    dc_suspect_t *list = realloc(self->suspects, bytes);
    if (!list) return NULL;
    self->suspects = list;
    uint32_t at = find_suspect(self, index);
    memmove(&list[at + 1], &list[at], (self->suspect_count - at) * sizeof *list);
    self->suspect_count++;
    list[at] = (dc_suspect_t){ .index = index };
    return &list[at];
}

uint64_t dc_chunk_lease_end(const dc_chunk_t *self, uint64_t first, uint64_t end)
{
    for (uint32_t at = find_suspect(self, first); at < self->suspect_count; at++) {
        const dc_suspect_t *suspect = &self->suspects[at];
        if (suspect->index >= end) return end;
        if (suspect->crashes == 0) continue;
        return suspect->index == first ? first + 1 : suspect->index;
    }
    return end;
}
