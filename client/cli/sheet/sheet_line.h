// sheet_line — a cell of a sheet as the line of a job, from which its row can be written later, by
// anybody, without the file.
//
//   ["net","rate"]["tax",2,4]<tab>round(net * rate, 2)
//
// The names of the results that the cell gets (see worker/cells.h); its own name, which cell of the
// file it is, from 0, and its line there, from 1; behind a tab its expression. Slots leave the
// second list alone.
#ifndef DC_CLIENT_CLI_SHEET_SHEET_LINE_H
#define DC_CLIENT_CLI_SHEET_SHEET_LINE_H

#include "common/buf.h"
#include "common/pull.h"

typedef struct dc_sheet_line {
    dc_str_t uses; // the first list, as it is written
    dc_str_t name; //
    uint64_t row;  //
    uint64_t line; //
    dc_str_t text; // the expression
    size_t column; // where that begins; nobody need set it to write the line
} dc_sheet_line_t;

// Append the line of `self`, with its newline. `uses` is a list of names, in JSON.
void dc_sheet_line_put(const dc_sheet_line_t *self, dc_buf_t *out);

// Read `line`, which has no newline. What is in `self` is borrowed from it, or the name, where that
// has escapes, from `room`, of which nothing else is kept. False if it is no such line, or where
// `room->failed`.
DC_MUST_USE bool dc_sheet_line_read(dc_sheet_line_t *self, dc_str_t line, dc_buf_t *room);

// What a line uses, one after the other: `item` as it is written, and the `name` of the cell, whose
// result comes with the lease; it is empty where the item brings one. The name is borrowed
// likewise. False behind the last.
void dc_sheet_line_begin_uses(const dc_sheet_line_t *self, dc_pull_t *pull);
DC_MUST_USE bool dc_sheet_line_next_use(dc_pull_t *pull, dc_buf_t *room, dc_str_t *item,
                                        dc_str_t *name);

#endif
