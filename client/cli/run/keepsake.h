// keepsake — what the client keeps of itself in a detached batch, so that its rows can be written
// later, by anybody: the names of all columns, where the rows came from, how they are to be shown.
//
// It is a member of the program, {"v":1, ..., "client":{"columns":["id","amount"], "file":"a.csv",
// "line":2, "digits":6, "format":"%.3f", "reduce":"sum"}}, which workers leave alone; of a sheet
// there are "cells". What jobs need is in the program itself already: format, template, types. A
// batch that some other program sent has no keepsake: its columns then have the names of its
// variables, and the others their numbers.
#ifndef DC_CLIENT_CLI_RUN_KEEPSAKE_H
#define DC_CLIENT_CLI_RUN_KEEPSAKE_H

#include "client/cli/recipe/layout.h"
#include "client/cli/text/numfmt.h"
#include "common/arena.h"

typedef struct dc_keepsake {
    dc_str_t file; // the input's name; empty: it had none
    uint64_t line; // of its first row; 0: rows have no lines
    dc_number_style_t style;
    int64_t reduce; // dc_reducer_op_t; -1: rows are written
    int64_t cells;  // of a sheet, whose jobs say which they are; -1: rows are no cells
} dc_keepsake_t;

// Add `self` and the columns of `layout` to `program`, which dc_program_encode wrote. Where memory
// is short `program` says so.
void dc_keepsake_put(const dc_keepsake_t *self, const dc_layout_t *layout, dc_buf_t *program);

// Read the frame of a stored batch: `layout` and `ieee` from the program, `self` from what was
// kept. All of it lives in `arena` or in `frame`. DC_ERR_PROTOCOL (it is no program), DC_ERR_NOMEM;
// `diag` says what.
DC_MUST_USE dc_err_t dc_keepsake_take(dc_keepsake_t *self, dc_str_t frame, dc_arena_t *arena,
                                      dc_layout_t *layout, bool *ieee, dc_diag_t *diag);

#endif
