// bigint — natural numbers of up to 4096 bits, on the stack, for what must be decided exactly.
//
// Only as much arithmetic as its callers need: reading a decimal next to a halfway point, rounding
// to digits, least common multiples. Each caller knows from the sizes of its arguments that its
// numbers fit; an operation that would not is a bug and asserts.
#ifndef DC_COMMON_EXPR_BIGINT_H
#define DC_COMMON_EXPR_BIGINT_H

#include "common/base.h"

#define DC_BIGINT_WORDS 64

typedef struct dc_bigint {
    uint64_t words[DC_BIGINT_WORDS]; // lowest first; those from `len` on are not set
    size_t len;                      // words in use; the last of them is not 0
} dc_bigint_t;

// The number is `value`.
void dc_bigint_set(dc_bigint_t *self, uint64_t value);

// Multiply by `factor` (> 0), then add `term`.
void dc_bigint_mul_add(dc_bigint_t *self, uint64_t factor, uint64_t term);

// Multiply by 5^exponent, by 2^bits.
void dc_bigint_mul_pow5(dc_bigint_t *self, unsigned exponent);
void dc_bigint_shift_left(dc_bigint_t *self, unsigned bits);

// The remainder of a division by `divisor` (> 0).
uint64_t dc_bigint_mod(const dc_bigint_t *self, uint64_t divisor);

// Negative, 0 or positive as `a` is less than, equal to or more than `b`.
int dc_bigint_cmp(const dc_bigint_t *a, const dc_bigint_t *b);

// How many bits it has; 0 has none.
size_t dc_bigint_bit_count(const dc_bigint_t *self);

// The number times 2^exponent (>= 0) as the nearest double, ties to even; infinity if too large.
double dc_bigint_to_double(const dc_bigint_t *self, int exponent);

#endif
