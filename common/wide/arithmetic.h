// arithmetic — what exact and decimal numbers have in common: operators, and the way from a
// rational number to the one that stands for it.
//
// A result is what IEEE 754 calls correctly rounded: the exact one, rounded once. So an operation
// that gives a rational number is computed with rationals (dc_wide_number_ratio), and
// dc_arithmetic_put does the rest. Numbers in results may be any, also one of the operands.
//
// Errors: DC_ERR_OVERFLOW (more bits, or a larger exponent, than these numbers have),
// DC_ERR_DIVIDE_BY_ZERO, DC_ERR_DOMAIN, DC_ERR_INTEGER (an integer is needed), DC_ERR_INEXACT (no
// exact value), and those of meter.h from what takes long. A result is then of no use.
#ifndef DC_COMMON_WIDE_ARITHMETIC_H
#define DC_COMMON_WIDE_ARITHMETIC_H

#include "common/err.h"
#include "common/expr/code.h"
#include "common/numbers.h"
#include "common/wide/meter.h"
#include "common/wide/tangents.h"
#include "common/wide/wide_number.h"

// Powers of ten that were needed last, each at the place that its exponent leads to.
#define DC_ARITHMETIC_POWERS 64

typedef struct dc_arithmetic {
    dc_numbers_t numbers;
    mpz_t limit; // decimal: 10^digits, which no number's digits reach
    mpz_t powers[DC_ARITHMETIC_POWERS];
    uint64_t exponents[DC_ARITHMETIC_POWERS]; // of these, plus 1; 0: there is none yet
    mpz_t quotient, rest;                     // for those in the midst of an operation
    mpq_t a, b, ratio;
    dc_wide_number_t difference;
    dc_wide_number_t low, high; // for series.c
    dc_meter_t meter;           // what takes long is charged, and ends where it says so
    dc_tangents_t tangents;
} dc_arithmetic_t;

// result = a function of `count` numbers, as many as it takes.
typedef dc_err_t (*dc_wide_call_t)(dc_arithmetic_t *self, dc_wide_number_t *result,
                                   const dc_wide_number_t *const *args, size_t count);

// Declare one, dc_wide_NAME; define one.
#define DC_WIDE_CALL(name)                                                   \
    dc_err_t dc_wide_##name(dc_arithmetic_t *self, dc_wide_number_t *result, \
                            const dc_wide_number_t *const *args, size_t count)

// For numbers of a kind that is not DC_NUMBERS_DOUBLE.
void dc_arithmetic_init(dc_arithmetic_t *self, dc_numbers_t numbers);
void dc_arithmetic_fini(dc_arithmetic_t *self);

static inline bool dc_arithmetic_is_exact(const dc_arithmetic_t *self)
{
    return self->numbers.kind == DC_NUMBERS_EXACT;
}

// Let `result` be the number that stands for `ratio`, which is in lowest terms and used up.
DC_MUST_USE dc_err_t dc_arithmetic_put(dc_arithmetic_t *self, dc_wide_number_t *result,
                                       mpq_ptr ratio);

// Likewise for an integer.
DC_MUST_USE dc_err_t dc_arithmetic_put_integer(dc_arithmetic_t *self, dc_wide_number_t *result,
                                               mpz_ptr integer);

// result = a op b, for ADD .. POW, NEG (of a) and the bitwise operators.
DC_MUST_USE dc_err_t dc_arithmetic_operate(dc_arithmetic_t *self, dc_op_t op,
                                           dc_wide_number_t *result, const dc_wide_number_t *a,
                                           const dc_wide_number_t *b);

// Negative, 0 or positive, as a is less than b, equal or more.
int dc_arithmetic_compare(dc_arithmetic_t *self, const dc_wide_number_t *a,
                          const dc_wide_number_t *b);

bool dc_arithmetic_is_integer(dc_arithmetic_t *self, const dc_wide_number_t *number);

// Is it one that bitwise operators take: an integer, and of decimal ones one that has all of its
// digits, as those below 10^digits have?
bool dc_arithmetic_has_bits(dc_arithmetic_t *self, const dc_wide_number_t *number);

// Add `term` to `total` without rounding, as often as there are terms; then `total` becomes the sum
// divided by `count`, rounded once.
DC_MUST_USE dc_err_t dc_arithmetic_gather(dc_arithmetic_t *self, dc_wide_number_t *total,
                                          const dc_wide_number_t *term);
DC_MUST_USE dc_err_t dc_arithmetic_share(dc_arithmetic_t *self, dc_wide_number_t *total,
                                         uint64_t count);

#endif
