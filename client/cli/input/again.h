// again — rows that are to be sent once more: the failed ones of a stored batch.
//
// They are gathered in order, with their inputs, and handed out as chunks of a new batch. A row
// keeps the form that it was sent in: a line, a record with line breaks, some doubles. A line may
// need results of others of them, before it; only such as need the same share a chunk.
#ifndef DC_CLIENT_CLI_INPUT_AGAIN_H
#define DC_CLIENT_CLI_INPUT_AGAIN_H

#include "client/dcalc.h"
#include "common/buf.h"

typedef struct dc_again_row {
    size_t end;       // where its bytes end; they begin where the row's before end
    size_t needs_end; // likewise of what it needs, in ranges
    uint32_t width;   // as the chunk had it
    bool is_record;   //
    bool is_needed;   // by rows behind it
} dc_again_row_t;

typedef struct dc_again {
    dc_buf_t bytes; // owned: of all rows, each line with its newline
    dc_buf_t rows;  // owned: a dc_again_row_t each
    dc_buf_t needs; // owned: a dcalc_range_t each, of all rows
    size_t count;   // of rows
    size_t taken;   // of these, handed out
} dc_again_t;

void dc_again_fini(dc_again_t *self);

// Append a row of `chunk`, whose input is `input`, without its line end.
void dc_again_add(dc_again_t *self, const dcalc_chunk_t *chunk, dc_str_t input);

// Append a line, without its line end, that needs the rows in `needs`, which are before it; and
// mark a row that is needed.
void dc_again_add_line(dc_again_t *self, dc_str_t line, const dcalc_range_t *needs,
                       uint32_t need_count);
void dc_again_mark_needed(dc_again_t *self, size_t index);

// Whether memory was short: rows are missing.
static inline bool dc_again_has_failed(const dc_again_t *self)
{
    return self->bytes.failed || self->rows.failed || self->needs.failed;
}

// The next rows as a chunk, and in `*jobs` how many; its bytes are the gatherer's. False if all
// have been handed out.
bool dc_again_next(dc_again_t *self, dcalc_chunk_t *chunk, uint32_t *jobs);

#endif
