// sheet_rows — the results of a sheet on their way to the output: cells are computed in the order
// of their needs, and written in the file's.
//
// All that it knows of a cell stands in the line of its job (client/cli/sheet/sheet_line.h), so
// that it makes no difference whether the sheet was read by this process or is fetched from the
// broker. What comes too early is kept as it will be written: at most all rows, and 8 bytes for
// each. Of cells that failed it keeps who they are, to say so of those that were skipped. Who wants
// neither the memory nor the order has rows written as they come.
//
// A cell whose line a disk has spoiled says nothing of itself. That it is one of the sheet's is
// known all the same, and once all others were read, where in the file it stood: rows that nobody
// has are those of the lost.
#ifndef DC_CLIENT_CLI_SHEET_SHEET_ROWS_H
#define DC_CLIENT_CLI_SHEET_SHEET_ROWS_H

#include "client/cli/print/printer.h"
#include "client/cli/sheet/sheet_line.h"
#include "common/arena.h"
#include "common/map.h"

typedef struct dc_sheet_rows {
    uint64_t count;                // of cells
    uint64_t first, end;           // which rows are wanted: all, unless somebody says otherwise
    bool is_unordered;             // rows are written as they come
    dc_sheet_line_t cell;          // the last that was read
    uint8_t *seen;                 // owned: a bit a row, of those whose cells were read
    uint64_t unseen_count;         // the other rows
    uint64_t lost_count;           // cells that are lost, and whose rows are still to be found
    uint64_t lost_next;            // no row before it is theirs
    struct dc_early_text **early;  // owned: by rows, what is written of those that come too early
    uint64_t next;                 // the row that is written next
    struct dc_failed_cell *failed; // a map, by name
    dc_arena_t arena;              // owned, as all that follows: what is in the map
    dc_buf_t room, use_room;       //
    dc_buf_t message;              // of the last fault
    dc_buf_t text;                 // the last row
    dc_err_t error;                // DC_ERR_NOMEM; DC_ERR_PROTOCOL: a job is no cell. No more rows
                                   // are to be expected then
} dc_sheet_rows_t;

// Rows of `count` cells. False if memory is short.
DC_MUST_USE bool dc_sheet_rows_init(dc_sheet_rows_t *self, uint64_t count, bool is_unordered);
void dc_sheet_rows_fini(dc_sheet_rows_t *self);

// Read the line of the next cell, which `cell` is from now on; borrowed until the next. False, and
// `error`, if it is none of this sheet.
DC_MUST_USE bool dc_sheet_rows_read(dc_sheet_rows_t *self, dc_str_t line);

// The line of the next cell is spoiled, and so it is not read: its row comes last.
static inline void dc_sheet_rows_lose(dc_sheet_rows_t *self)
{
    self->lost_count++;
}

// When no more cells come, take the next row of one that is lost; `cell` has its place then, and
// nothing else. False if there is none; and if other cells never came, so that nobody knows which
// rows are whose: `lost_count` says how many these are.
DC_MUST_USE bool dc_sheet_rows_next_lost(dc_sheet_rows_t *self);

// Whether the row of that cell is wanted.
static inline bool dc_sheet_rows_is_wanted(const dc_sheet_rows_t *self)
{
    return self->cell.row >= self->first && self->cell.row < self->end;
}

// What is to be printed of it, and of its result and its fault, which is NULL or gets the columns
// and the words that a person understands. Valid until the next call. Those that a skipped one uses
// must have been asked for before, for it to be said which of them failed.
dc_row_t dc_sheet_rows_row(dc_sheet_rows_t *self, dc_str_t result, dc_fault_t *fault);

// Append its row, printed, to `out` when it is its turn, with those behind it. An empty `text` is
// none.
void dc_sheet_rows_put(dc_sheet_rows_t *self, dc_str_t text, dc_buf_t *out);

// Append the rows that were put and wait for others, which will never come: the batch ended while
// it was sent.
void dc_sheet_rows_flush(dc_sheet_rows_t *self, dc_buf_t *out);

#endif
