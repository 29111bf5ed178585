// wide — the door of the engine for numbers that are wider than a double: exact ones, and decimal
// ones of as many digits as somebody wants.
//
// Expressions are those of common/expr: the same parser, types, definitions and faults with their
// columns. What differs are the numbers, and what is computed with them (numbers.h):
//
//   exact        Every number is a rational. What has no exact value (sin(1), sqrt(2), pi) is
//                DC_ERR_INEXACT. Of more than DC_WIDE_BITS_MAX bits above or below the line:
//                DC_ERR_OVERFLOW, before it is computed where that can be told.
//   decimal=N    Decimal floating point as IEEE 754-2008 and the General Decimal Arithmetic
//                Specification define it, with N digits, exponents to +-DC_WIDE_EXPONENT_MAX and
//                half-even rounding, which each operator and function does once: its result is the
//                correctly rounded one, so it is the same everywhere. There is one zero, without a
//                sign; what is too small for the digits of a subnormal number becomes 0.
//
// There are no infinities and no NaN: dividing by zero, what is not defined and what is too large
// are faults where they happen. A number goes in and comes out as its text (DC_TYPE_DIGITS):
//
//   exact        `0.3`, `1267650600228229401496703205376`: decimal digits without an exponent if
//                they end; else a fraction in lowest terms, `-1/3`
//   decimal=N    as ECMAScript writes numbers: `0.30000000000000000001`, from 1e21 on and below
//                1e-6 with an exponent, `1.5e30`
//
// Steps are charged as for doubles, another for every 64 bytes that an operation reads or writes,
// and one for every 8 bits that a series is computed with (sin, exp). gamma, erf, erfc and normcdf
// take some for each term and factor: of 1000 digits 4000 steps and 5 ms, at worst 35,000 and
// 40 ms. The greatest common divisor of two exact numbers of 2^20 bits, as fractions in lowest
// terms need it, takes 80,000 and 0.1 s. To read or to print one of n words of 64 bits takes
// n^1.5 / 100, of 2^20 bits 20,000 and 25 ms; factorials and binomials are charged likewise. So a
// step is one or two microseconds, and far less where long numbers are added, or multiplied by
// short ones. Literals are read without steps. The clock and the cancel flag are looked at every
// thousand steps, between operations and in the midst of these, and as long numbers are read and
// printed: at most 50 ms lie between. All registers together take no more than DC_WIDE_BYTES_MAX.
//
// An evaluator belongs to one thread and keeps its memory. GMP ends the program where memory is
// short, which is why all of it is bounded.
#ifndef DC_COMMON_WIDE_WIDE_H
#define DC_COMMON_WIDE_WIDE_H

#include "common/err.h"
#include "common/expr/expr.h"
#include "common/numbers.h"

typedef struct dc_wide dc_wide_t;
typedef struct dc_wide_code dc_wide_code_t;

// Create an evaluator for numbers of a kind that is not DC_NUMBERS_DOUBLE. NULL if memory is short.
dc_wide_t *dc_wide_new(dc_numbers_t numbers);

// Destroy it and set `*self_p` to NULL; NULL is fine. Compiled code may live on.
void dc_wide_destroy(dc_wide_t **self_p);

// Compile `text` for many rows, as dc_engine_compile does: `vars` are declared; types by use,
// nullable and is_used are filled in. The caller owns `*code`, and any evaluator for the same
// numbers can run it. A literal that is too large or has no exact value, and a function that these
// numbers don't have, are faults here already, unless on a side that is never chosen.
DC_MUST_USE dc_err_t dc_wide_compile(dc_wide_t *self, dc_str_t text, dc_var_t *vars,
                                     size_t var_count, dc_wide_code_t **code, dc_diag_t *diag);

// Destroy compiled code and set `*code_p` to NULL; NULL is fine.
void dc_wide_code_destroy(dc_wide_code_t **code_p);

// The type of the values that `code` gives, as dc_code_type tells it.
dc_type_t dc_wide_code_type(const dc_wide_code_t *code);

// Evaluate `code` with `inputs[i]` for the variable i that was declared. A number is read from its
// text (blanks around, a sign, a literal as in expressions; or integers p/q), else it is
// DC_ERR_NUMBER; where a number must stand a bool counts as 1 or 0. Of another type than declared
// it is DC_ERR_TYPE, null where the variable is not nullable DC_ERR_NULL, no integer where one is
// declared DC_ERR_INTEGER. What is not used is not looked at.
// `budget` gives limits and gets the steps; its task is not looked at, as nothing is split.
// On success `*value` is set, and borrowed until the evaluator is used again. On failure `*diag`
// says what and where.
DC_MUST_USE dc_err_t dc_wide_run(dc_wide_t *self, const dc_wide_code_t *code,
                                 const dc_value_t *inputs, dc_budget_t *budget, dc_value_t *value,
                                 dc_diag_t *diag);

// Compile and run `text` at once, with `vars[i]` = `values[i]` (NULL if var_count is 0). A variable
// that is declared as DC_VAR_ANY has its value's type.
DC_MUST_USE dc_err_t dc_wide_eval(dc_wide_t *self, dc_str_t text, const dc_var_t *vars,
                                  const dc_value_t *values, size_t var_count, dc_budget_t *budget,
                                  dc_value_t *value, dc_diag_t *diag);

#endif
