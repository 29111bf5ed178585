// number_rows — the short way to read rows of plain numbers, straight into columns.
//
// It knows doubles, and lines, CSV and TSV whose cells that count are numbers without quotes and
// blanks. What it reads is what dc_rows_read reads; where it stops, that one has to look.
#ifndef DC_WORKER_NUMBER_ROWS_H
#define DC_WORKER_NUMBER_ROWS_H

#include "common/program.h"

typedef struct dc_number_rows dc_number_rows_t;

// A reader that puts variable i into `columns[i]`, where that is not NULL. `program` and `columns`
// are borrowed until destroy. NULL if the rows have another form, or memory is short.
dc_number_rows_t *dc_number_rows_new(const dc_program_t *program, const dc_var_t *vars,
                                     double *const *columns);
void dc_number_rows_destroy(dc_number_rows_t **self_p);

// Read `bytes`, a row with or without its line end, into row `row` of the columns. All that stands
// before `limit` may be looked at, which need not be the row's end. False if the row is not what
// this reader knows; some columns may have been written then.
bool dc_number_rows_read(const dc_number_rows_t *self, dc_str_t bytes, const char *limit,
                         size_t row);

#endif
