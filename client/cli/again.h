// again — rows that are to be sent once more: the failed ones of a stored batch.
//
// They are gathered in order, with their inputs, and handed out as chunks of a new batch. A row
// keeps the form that it was sent in: a line, a record with line breaks, some doubles.
#ifndef DC_CLIENT_CLI_AGAIN_H
#define DC_CLIENT_CLI_AGAIN_H

#include "client/dcalc.h"
#include "common/buf.h"

typedef struct dc_again_row {
    size_t end;     // where its bytes end; they begin where the row's before end
    uint32_t width; // as the chunk had it
    bool is_record; //
} dc_again_row_t;

typedef struct dc_again {
    dc_buf_t bytes; // owned: of all rows, each line with its newline
    dc_buf_t rows;  // owned: a dc_again_row_t each
    size_t count;   // of rows
    size_t taken;   // of these, handed out
} dc_again_t;

void dc_again_fini(dc_again_t *self);

// Append a row of `chunk`, whose input is `input`, without its line end.
void dc_again_add(dc_again_t *self, const dcalc_chunk_t *chunk, dc_str_t input);

// Whether memory was short: rows are missing.
static inline bool dc_again_has_failed(const dc_again_t *self)
{
    return self->bytes.failed || self->rows.failed;
}

// The next rows as a chunk, and in `*jobs` how many; its bytes are the gatherer's. False if all
// have been handed out.
bool dc_again_next(dc_again_t *self, dcalc_chunk_t *chunk, uint32_t *jobs);

#endif
