// sheet_again — the cells of a stored sheet that have no value, to be sent once more.
//
// They need others, of which some have a value and are not sent: what such a cell had for a result
// stands in the lines of those that use it, in place of a result of the lease (worker/cells.h). So
// what is computed again sees the same bits, and waits for nothing but cells that are computed
// again as well. Cells keep their lines in the file; which rows they are is counted anew.
//
// Calling sequence: dc_sheet_again_init; dc_sheet_again_add for each job, in order;
// dc_sheet_again_finish.
#ifndef DC_CLIENT_CLI_RUN_SHEET_AGAIN_H
#define DC_CLIENT_CLI_RUN_SHEET_AGAIN_H

#include "client/cli/input/again.h"
#include "client/cli/sheet/sheet_line.h"
#include "common/arena.h"
#include "common/err.h"
#include "common/map.h"

typedef struct dc_sheet_again {
    struct dc_known_cell *known;     // a map of all cells, by name
    struct dc_valueless_cell *cells; // owned: those that have no value, in the order of their jobs
    size_t count, capacity;          //
    dc_arena_t arena;                // owned, as all that follows: what is in both
    dc_buf_t room, use_room;         //
    dc_buf_t uses;                   // of the line that is written
    dc_buf_t line;                   //
    dc_buf_t needs;                  // likewise: a dcalc_range_t each
    dc_err_t error;                  // what went wrong first
} dc_sheet_again_t;

void dc_sheet_again_init(dc_sheet_again_t *self);
void dc_sheet_again_fini(dc_sheet_again_t *self);

// Take the job `line` and its `result`; NULL: it has none. Both are copied.
void dc_sheet_again_add(dc_sheet_again_t *self, dc_str_t line, const dc_str_t *result);

// Give the cells without a value to `again`. DC_ERR_PROTOCOL: a job was no cell; DC_ERR_TOO_LARGE:
// a cell and the values that it uses are more than a job may be, and `diag` says which;
// DC_ERR_NOMEM.
DC_MUST_USE dc_err_t dc_sheet_again_finish(dc_sheet_again_t *self, dc_again_t *again,
                                           dc_diag_t *diag);

#endif
