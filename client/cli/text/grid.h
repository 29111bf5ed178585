// grid — a small table of what a command shows: aligned for people, or as CSV, TSV.
//
// Cells are texts; a row ends after as many as there are columns. Cells that came from elsewhere
// are made safe for a terminal.
#ifndef DC_CLIENT_CLI_TEXT_GRID_H
#define DC_CLIENT_CLI_TEXT_GRID_H

#include "client/cli/text/fit.h"

typedef struct dc_grid_column {
    const char *name; // `AGE`
    bool is_right;    // numbers stand on the right
    const char *key;  // in CSV and TSV, with the unit: `age_ms`; NULL: the name in small letters
} dc_grid_column_t;

typedef struct dc_grid {
    const dc_grid_column_t *columns; // borrowed
    size_t column_count;
    dc_buf_t cells; // owned: each cell ends in NUL
    size_t cell_count;
} dc_grid_t;

void dc_grid_init(dc_grid_t *self, const dc_grid_column_t *columns, size_t column_count);
void dc_grid_fini(dc_grid_t *self);

// Append a cell. An empty one is shown as `-` to people.
void dc_grid_put(dc_grid_t *self, dc_str_t cell);

// Append the table: aligned; nothing at all if there are no rows.
void dc_grid_print(const dc_grid_t *self, dc_buf_t *out);

// Likewise as wide as `fit` has it: columns without a word in any row are left out, long names are
// cut, and what does not fit then is left out from the right.
void dc_grid_print_fitting(const dc_grid_t *self, const dc_fit_t *fit, dc_buf_t *out);

// Append it as CSV or TSV, with a header, which is there for no rows as well.
void dc_grid_print_delimited(const dc_grid_t *self, char delimiter, dc_buf_t *out);

#endif
