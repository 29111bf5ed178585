// decimal — an integer times a power of ten, as the nearest double.
//
// The heart of reading numbers and of rounding to digits. Nearly always one or two 64 x 128 bit
// products decide (after Eisel and Lemire, "Number parsing at a gigabyte per second", 2021); here
// they give a lower and an upper bound, and only if these round to different doubles is the
// decimal compared exactly with the point halfway between.
#ifndef DC_COMMON_EXPR_DECIMAL_H
#define DC_COMMON_EXPR_DECIMAL_H

#include "common/expr/bigint.h"

// digits * 10^exponent, rounded correctly; infinity if that is too large.
double dc_decimal_to_double(uint64_t digits, int64_t exponent);

// Doubles between which the value lies: both the same, or neighbours.
typedef struct dc_decimal_bounds {
    double low, high;
} dc_decimal_bounds_t;

// The nearest doubles to the bounds of d * 10^exponent, where d is `digits` or, if `is_cut`, some
// number in [digits, digits + 1]; `digits` is then at least 10^18.
dc_decimal_bounds_t dc_decimal_bounds(uint64_t digits, int64_t exponent, bool is_cut);

// Which of the neighbours `low` and the one above it is nearest to digits * 10^exponent, ties to
// even. Changes `digits`, which has at most 2600 bits; the value is near `low`.
double dc_decimal_choose(double low, dc_bigint_t *digits, int exponent);

// Negative, 0 or positive as digits * 10^decimal is less than, equal to or more than
// integer * 2^binary. Changes `digits`. The two are of the same order of magnitude.
int dc_decimal_cmp(dc_bigint_t *digits, int decimal, uint64_t integer, int binary);

#endif
