// pow10 — the powers of ten from 10^-342 to 10^324, with 128 bits each.
//
// 10^n lies in [significand, significand + 1) * 2^(dc_pow10_log2(n) - 127), where significand is
// `high * 2^64 + low` and has its top bit set. For n in 0 .. 55 it is exact.
#ifndef DC_COMMON_EXPR_POW10_H
#define DC_COMMON_EXPR_POW10_H

#include "common/base.h"

#define DC_POW10_MIN       (-342)
#define DC_POW10_MAX       324
#define DC_POW10_EXACT_MAX 55

typedef struct dc_pow10 {
    uint64_t high, low;
} dc_pow10_t;

extern const dc_pow10_t dc_pow10_table[DC_POW10_MAX - DC_POW10_MIN + 1];

// 10^exponent, for DC_POW10_MIN .. DC_POW10_MAX.
static inline dc_pow10_t dc_pow10(int exponent)
{
    return dc_pow10_table[exponent - DC_POW10_MIN];
}

static inline bool dc_pow10_is_exact(int exponent)
{
    return exponent >= 0 && exponent <= DC_POW10_EXACT_MAX;
}

// A product of 64 and 128 bits.
typedef struct dc_pow10_product {
    uint64_t high, middle, low;
} dc_pow10_product_t;

static inline dc_pow10_product_t dc_pow10_multiply(uint64_t factor, dc_pow10_t power)
{
    __extension__ typedef unsigned __int128 u128_t;
    u128_t lower = (u128_t)factor * power.low;
    u128_t upper = (u128_t)factor * power.high + (uint64_t)(lower >> 64);
    return (dc_pow10_product_t){ (uint64_t)(upper >> 64), (uint64_t)upper, (uint64_t)lower };
}

// Add `term` at the low end. False if the sum has passed 2^192, and is wrong.
static inline bool dc_pow10_product_add(dc_pow10_product_t *self, uint64_t term)
{
    uint64_t carry = (uint64_t)__builtin_add_overflow(self->low, term, &self->low);
    carry = (uint64_t)__builtin_add_overflow(self->middle, carry, &self->middle);
    return !__builtin_add_overflow(self->high, carry, &self->high);
}

// floor(log2(10^exponent)), right for exponents of less than 1000 either way.
static inline int dc_pow10_log2(int exponent)
{
    return (exponent * 1741647) >> 19;
}

#endif
