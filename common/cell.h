// cell — one value of a row: a text becomes what its variable holds.
//
// A cell that does not fit is a fault whose message begins with the column's name.
#ifndef DC_COMMON_CELL_H
#define DC_COMMON_CELL_H

#include "common/expr/expr.h"

// A cell of a text, which has no type of its own.
typedef struct dc_cell_text {
    dc_str_t text;
    bool quoted;  // empty, it is the empty string; without quotes it is null
    bool is_wide; // a number is taken as its digits (common/digits.h)
} dc_cell_text_t;

// Read `cell` by the type of `var`; one without a type takes that of its cell. Strings are borrowed
// from the cell. DC_ERR_NUMBER, DC_ERR_INTEGER, DC_ERR_TYPE, DC_ERR_NULL, DC_ERR_ENCODING.
DC_MUST_USE dc_err_t dc_cell_read(const dc_var_t *var, dc_cell_text_t cell, dc_value_t *value,
                                  dc_diag_t *diag);

// Set `*value`: to null, where that may be (DC_ERR_NULL); to a number, which `text` was, or to one
// that is its digits (an int must be integral: DC_ERR_INTEGER); to a string, which must be UTF-8
// (DC_ERR_ENCODING).
DC_MUST_USE dc_err_t dc_cell_set_null(const dc_var_t *var, dc_value_t *value, dc_diag_t *diag);
DC_MUST_USE dc_err_t dc_cell_set_number(const dc_var_t *var, double number, dc_str_t text,
                                        dc_value_t *value, dc_diag_t *diag);
DC_MUST_USE dc_err_t dc_cell_set_digits(const dc_var_t *var, dc_str_t digits, dc_value_t *value,
                                        dc_diag_t *diag);
DC_MUST_USE dc_err_t dc_cell_set_string(const dc_var_t *var, dc_str_t text, dc_value_t *value,
                                        dc_diag_t *diag);

// Say `column 'NAME': 'TEXT' WHAT`. Returns `code`.
dc_err_t dc_cell_blame(const dc_var_t *var, dc_err_t code, dc_str_t text, const char *what,
                       dc_diag_t *diag);

// Say that `text` is not a number, and what takes it if it is a fraction, as 1/3 is. Returns
// DC_ERR_NUMBER.
dc_err_t dc_cell_blame_number(const dc_var_t *var, dc_str_t text, dc_diag_t *diag);

#endif
