// exact — the sum of doubles, rounded once at the end.
//
// A fixed-point number wide enough for every double and for 2^53 terms: so the sum is exact until
// it is asked for, and neither the order of the terms nor how they were split among workers can
// show. Terms that are not finite are remembered beside it.
//
// The digits are signed and may be larger than their base: adding a term carries nothing. They are
// brought in order every 2^20 terms, and when somebody looks. The object owns nothing and may be
// copied. No call reads a clock or fails for lack of memory.
#ifndef DC_COMMON_EXPR_EXACT_H
#define DC_COMMON_EXPR_EXACT_H

#include "common/buf.h"
#include "common/str.h"

// In units of 2^-1074 doubles are below 2^2098, and 2^53 of them below 2^2151.
#define DC_EXACT_DIGIT_BITS 32
#define DC_EXACT_DIGITS     68

// A text is not longer: a sign, eight letters for each digit, `@` with an index, three flags.
#define DC_EXACT_TEXT_MAX (1 + DC_EXACT_DIGITS * 8 + 3 + 3)

typedef struct dc_exact {
    int64_t digits[DC_EXACT_DIGITS]; // in base 2^32, the lowest first, in units of 2^-1074
    uint32_t added_count;            // additions since the digits were in order
    bool has_nan;                    // which terms there were that are not finite
    bool has_positive_inf;
    bool has_negative_inf;
} dc_exact_t;

// Make it the sum of no terms.
void dc_exact_init(dc_exact_t *self);

// Add one term, or `count` of them: the same sum, and many at once take about a cycle each if they
// are not spread over too many powers of two.
void dc_exact_add(dc_exact_t *self, double x);
void dc_exact_add_many(dc_exact_t *self, const double *x, size_t count);

// Add `value` units of 2^(shift - 1074), where 0 <= shift < 2112 and |value| < 2^62.
void dc_exact_add_units(dc_exact_t *self, int64_t value, unsigned shift);

// Add the terms of another sum.
void dc_exact_merge(dc_exact_t *self, const dc_exact_t *other);

// The nearest double, of two the even one. It is what IEEE 754 says of terms that are not finite
// (inf + -inf is NaN), and inf only if the exact sum rounds to that. A sum of 0 is +0, also that of
// no terms and that of nothing but -0.
double dc_exact_round(const dc_exact_t *self);

// Append the sum as text: hexadecimal digits, a sign and flags, at most DC_EXACT_TEXT_MAX bytes, no
// blank, comma or newline. Equal sums have equal texts, however they came about.
void dc_exact_put(const dc_exact_t *self, dc_buf_t *out);

// Read such a text. False if it is anything else, be it only another way to write that sum; `self`
// is then unchanged.
DC_MUST_USE bool dc_exact_get(dc_exact_t *self, dc_str_t text);

#endif
