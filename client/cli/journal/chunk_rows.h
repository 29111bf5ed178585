// chunk_rows — the rows of a chunk, one after the other, as their bytes were sent.
#ifndef DC_CLIENT_CLI_JOURNAL_CHUNK_ROWS_H
#define DC_CLIENT_CLI_JOURNAL_CHUNK_ROWS_H

#include "client/dcalc.h"
#include "common/lines.h"

typedef struct dc_chunk_rows {
    dc_str_t rest;  // borrowed: from the next row on
    uint32_t width; // of a row; 0: it is a line
    bool is_record; // all of it is a single row
} dc_chunk_rows_t;

// Begin with the row that stands behind `skipped` others.
static inline dc_chunk_rows_t dc_chunk_rows(const dcalc_chunk_t *chunk, size_t skipped)
{
    dc_str_t bytes = dc_str(chunk->bytes, chunk->size);
    size_t at = skipped * chunk->width;
    if (!chunk->width && skipped) at = dc_lines_offset(bytes, skipped);
    return (dc_chunk_rows_t){ dc_str_behind(bytes, at), chunk->width, chunk->record };
}

// Take the next row, without its newline; an empty one when there are no more.
static inline dc_str_t dc_chunk_rows_next(dc_chunk_rows_t *self)
{
    dc_str_t row = DC_STR("");
    if (!self->width && !self->is_record) {
        dc_str_take_line(&self->rest, &row);
        return row;
    }
    size_t len = self->is_record ? self->rest.len : dc_min_size(self->width, self->rest.len);
    row = dc_str(self->rest.data, len);
    self->rest = dc_str_behind(self->rest, len);
    if (self->is_record && row.len && row.data[row.len - 1] == '\n') row.len--;
    return row;
}

#endif
