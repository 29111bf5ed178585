#include "client/cli/input/again.h"

#include "common/limits.h"

void dc_again_fini(dc_again_t *self)
{
    dc_buf_fini(&self->bytes);
    dc_buf_fini(&self->rows);
    dc_buf_fini(&self->needs);
    *self = (dc_again_t){ 0 };
}

// The bytes and the needs of `row` are there.
static void append_row(dc_again_t *self, dc_again_row_t row)
{
    row.end = self->bytes.len;
    row.needs_end = self->needs.len / sizeof(dcalc_range_t);
    dc_buf_append(&self->rows, (const char *)&row, sizeof row);
    if (!dc_again_has_failed(self)) self->count++;
}

void dc_again_add(dc_again_t *self, const dcalc_chunk_t *chunk, dc_str_t input)
{
    dc_buf_append_str(&self->bytes, input);
    if (!chunk->width && !chunk->record) dc_buf_append_char(&self->bytes, '\n');
    append_row(self, (dc_again_row_t){ .width = chunk->width, .is_record = chunk->record });
}

void dc_again_add_line(dc_again_t *self, dc_str_t line, const dcalc_range_t *needs,
                       uint32_t need_count)
{
    dc_buf_append_str(&self->bytes, line);
    dc_buf_append_char(&self->bytes, '\n');
    if (need_count) dc_buf_append(&self->needs, (const char *)needs, need_count * sizeof *needs);
    append_row(self, (dc_again_row_t){ 0 });
}

static dc_again_row_t row_at(const dc_again_t *self, size_t index)
{
    dc_again_row_t row;
    memcpy(&row, self->rows.data + index * sizeof row, sizeof row);
    return row;
}

void dc_again_mark_needed(dc_again_t *self, size_t index)
{
    assert(index < self->count);
    dc_again_row_t row = row_at(self, index);
    row.is_needed = true;
    memcpy(self->rows.data + index * sizeof row, &row, sizeof row);
}

static dc_str_t needs_of(const dc_again_t *self, size_t index)
{
    size_t start = index ? row_at(self, index - 1).needs_end : 0;
    size_t count = row_at(self, index).needs_end - start;
    if (count == 0) return DC_STR("");
    return dc_str(self->needs.data + start * sizeof(dcalc_range_t), count * sizeof(dcalc_range_t));
}

static bool can_share(const dc_again_t *self, size_t index, size_t other)
{
    dc_again_row_t row = row_at(self, index);
    dc_again_row_t next = row_at(self, other);
    return row.width == next.width && !row.is_record && !next.is_record &&
           row.is_needed == next.is_needed &&
           dc_str_eq(needs_of(self, index), needs_of(self, other));
}

bool dc_again_next(dc_again_t *self, dcalc_chunk_t *chunk, uint32_t *jobs)
{
    if (self->taken == self->count) return false;
    size_t first = self->taken;
    dc_again_row_t row = row_at(self, first);
    size_t start = first ? row_at(self, first - 1).end : 0;
    size_t end = row.end;
    for (*jobs = 1; first + *jobs < self->count && *jobs < DC_CHUNK_JOBS_MAX; ++*jobs) {
        size_t next_end = row_at(self, first + *jobs).end;
        if (next_end - start > DC_CHUNK_BYTES_MAX) break;
        if (!can_share(self, first, first + *jobs)) break;
        end = next_end;
    }
    self->taken += *jobs;
    dc_str_t needs = needs_of(self, first);
    *chunk = (dcalc_chunk_t){ .bytes = self->bytes.data + start,
                              .size = end - start,
                              .width = row.width,
                              .record = row.is_record,
                              .needed = row.is_needed,
                              .needs = (const dcalc_range_t *)(const void *)needs.data,
                              .need_count = (uint32_t)(needs.len / sizeof(dcalc_range_t)) };
    return true;
}
