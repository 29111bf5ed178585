// rows — the bytes of a job become the inputs of an expression.
//
// What a job's bytes are is said by its program: a line, a record of CSV or TSV, an object of JSON,
// doubles. Each variable is read by its type; an empty cell is null (of a string variable an empty
// cell in quotes is the empty string). Only variables that the expression uses are looked at. Of a
// program with wide numbers a number is its digits, and may stand in a JSON string. A cell that
// does not fit is a fault whose message begins with the column's name:
//
//   column 'price': 'n/a' is not a number
//   column 'price': empty
#ifndef DC_COMMON_ROWS_H
#define DC_COMMON_ROWS_H

#include "common/program.h"

typedef struct dc_rows dc_rows_t;

// A reader for the rows of `program`. `vars[i]` is what the compiler made of variable i of the
// program (with no template: what was declared); both are borrowed until destroy. NULL if memory is
// short.
dc_rows_t *dc_rows_new(const dc_program_t *program, const dc_var_t *vars);
void dc_rows_destroy(dc_rows_t **self_p);

// Read the job with these bytes (its line end may be there or not): `inputs[i]` becomes the value
// of variable i, for all that are used. Where the program has no template `*text` becomes the
// expression, and `*column` where it begins in `bytes`. Strings are borrowed from `bytes` or from
// the reader, until the next call. DC_ERR_NUMBER, DC_ERR_INTEGER, DC_ERR_TYPE, DC_ERR_NULL,
// DC_ERR_ENCODING: a cell; DC_ERR_FIELDS: the record's form; DC_ERR_EMPTY: a blank one;
// DC_ERR_SYNTAX: not JSON; DC_ERR_NOMEM.
DC_MUST_USE dc_err_t dc_rows_read(dc_rows_t *self, dc_str_t bytes, dc_value_t *inputs,
                                  dc_str_t *text, size_t *column, dc_diag_t *diag);

#endif
