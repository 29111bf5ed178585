#include "client/cli/again.h"

#include "common/limits.h"

void dc_again_fini(dc_again_t *self)
{
    dc_buf_fini(&self->bytes);
    dc_buf_fini(&self->rows);
    *self = (dc_again_t){ 0 };
}

void dc_again_add(dc_again_t *self, const dcalc_chunk_t *chunk, dc_str_t input)
{
    dc_buf_append_str(&self->bytes, input);
    if (!chunk->width && !chunk->record) dc_buf_append_char(&self->bytes, '\n');
    dc_again_row_t row = { .end = self->bytes.len,
                           .width = chunk->width,
                           .is_record = chunk->record };
    dc_buf_append(&self->rows, (const char *)&row, sizeof row);
    if (!dc_again_has_failed(self)) self->count++;
}

static dc_again_row_t row_at(const dc_again_t *self, size_t index)
{
    dc_again_row_t row;
    memcpy(&row, self->rows.data + index * sizeof row, sizeof row);
    return row;
}

bool dc_again_next(dc_again_t *self, dcalc_chunk_t *chunk, uint32_t *jobs)
{
    if (self->taken == self->count) return false;
    size_t start = self->taken ? row_at(self, self->taken - 1).end : 0;
    dc_again_row_t first = row_at(self, self->taken);
    size_t end = first.end;
    for (*jobs = 1; self->taken + *jobs < self->count && *jobs < DC_CHUNK_JOBS_MAX; ++*jobs) {
        dc_again_row_t row = row_at(self, self->taken + *jobs);
        bool is_like = row.width == first.width && !row.is_record && !first.is_record;
        if (!is_like || row.end - start > DC_CHUNK_BYTES_MAX) break;
        end = row.end;
    }
    self->taken += *jobs;
    *chunk = (dcalc_chunk_t){ .bytes = self->bytes.data + start,
                              .size = end - start,
                              .width = first.width,
                              .record = first.is_record };
    return true;
}
