// cells — the jobs of a sheet: what results of other jobs mean, by name.
//
// A job of a sheet is a line: a JSON list of names, a tab, an expression. Its lease brings results
// (LEASE with NEEDS), and the first name is that of the first result, and so on; an empty name
// stands for one that this job does not use. A pair in place of a name, `["qty","12"]`, brings its
// result itself, and takes none of the lease's. In the expression all these are constants, beside
// those of the batch's program. Results are what slots print: a number keeps its bits, since they
// print -0 as such in a sheet, and a wide one is its digits. What stands between the list and the
// tab is the client's own.
#ifndef DC_WORKER_CELLS_H
#define DC_WORKER_CELLS_H

#include "common/program.h"
#include "common/wire_needs.h"

typedef struct dc_cells {
    dc_var_t *vars;     // owned, as `values`: the program's constants, then what is bound
    dc_value_t *values; //
    size_t count;       // of both
    size_t capacity;    //
    dc_buf_t room;      // owned: names and strings that had escapes
    bool are_wide;      // numbers are digits
} dc_cells_t;

void dc_cells_fini(dc_cells_t *self);

// Read the job `line`, which gets the results `needs`: `vars` and `values` become what its
// expression may use, `*text` is that, and `*column` where it begins. All is borrowed from the line
// and the results until the next call. DC_ERR_PROTOCOL: it is no such line, or the results are no
// values; DC_ERR_NOMEM.
DC_MUST_USE dc_err_t dc_cells_read(dc_cells_t *self, const dc_program_t *program, dc_str_t line,
                                   dc_wire_needs_t needs, dc_str_t *text, size_t *column,
                                   dc_diag_t *diag);

#endif
