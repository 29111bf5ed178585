// decimals — decimal floating point: rounding, and what is quicker with digits and exponents than
// with rationals.
//
// The rules are those of the General Decimal Arithmetic Specification (Cowlishaw, 1.70) for a
// context of `digits` digits, exponents to +-DC_WIDE_EXPONENT_MAX and rounding half-even, except
// that zero has neither sign nor exponent: between -Emax and the exponent of the smallest subnormal
// numbers there are fewer digits, and below is 0.
#ifndef DC_COMMON_WIDE_DECIMALS_H
#define DC_COMMON_WIDE_DECIMALS_H

#include "common/wide/arithmetic.h"

// 10^exponent; it is the arithmetic's, until the next one is asked for.
mpz_srcptr dc_decimals_power(dc_arithmetic_t *self, uint64_t exponent);

// Let `number`, whose digits and exponent are any, be the decimal number next to it.
// `is_more`: what is meant is a little further from 0 than that, by less than one in its last
// digit; it has more digits than the arithmetic then.
DC_MUST_USE dc_err_t dc_decimals_round(dc_arithmetic_t *self, dc_wide_number_t *number,
                                       bool is_more);

// result = above / below * 10^exponent, rounded; `below` is above 0. The two may be anywhere but in
// the arithmetic's `quotient` and `rest`.
DC_MUST_USE dc_err_t dc_decimals_divide(dc_arithmetic_t *self, dc_wide_number_t *result,
                                        mpz_srcptr above, mpz_srcptr below, int64_t exponent);

// result = a + b or a - b, not rounded.
void dc_decimals_add(dc_arithmetic_t *self, dc_wide_number_t *result, const dc_wide_number_t *a,
                     const dc_wide_number_t *b, bool is_minus);

#endif
