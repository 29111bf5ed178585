// sheet_rows — the results of a sheet on their way to the output: cells are computed in the order
// of their needs, and written in the file's.
#ifndef DC_CLIENT_CLI_SHEET_ROWS_H
#define DC_CLIENT_CLI_SHEET_ROWS_H

#include "client/cli/printer.h"
#include "client/cli/sheet_feed.h"

typedef struct dc_sheet_rows {
    const dc_sheet_t *sheet; // borrowed
    dc_sheet_feed_t *feed;   // borrowed
    dc_buf_t *texts;         // owned: by rows, what is written of those that come too early
    uint32_t *blames;        // owned: by rows, why it failed: the row of the cell at fault, plus 1
    uint32_t next;           // the row that is written next
    dc_buf_t message;        // owned: of the last fault
    dc_buf_t text;           // owned: the last row
    bool has_failed;         // memory was short
} dc_sheet_rows_t;

// False if memory is short.
DC_MUST_USE bool dc_sheet_rows_init(dc_sheet_rows_t *self, const dc_sheet_t *sheet,
                                    dc_sheet_feed_t *feed);
void dc_sheet_rows_fini(dc_sheet_rows_t *self);

// What is to be printed of job `job`: its cell, its result, and its fault, which is NULL or gets
// the columns and the words that a person understands. Valid until the next call. Jobs that a
// skipped one uses must have been asked for before, for it to be said which of them failed.
dc_row_t dc_sheet_rows_row(dc_sheet_rows_t *self, uint64_t job, dc_str_t result, dc_fault_t *fault);

// Append the row of `job`, printed, to `out` when it is its turn, with those behind it.
void dc_sheet_rows_put(dc_sheet_rows_t *self, uint64_t job, dc_str_t text, dc_buf_t *out);

#endif
