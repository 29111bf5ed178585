#include "common/expr/bigint.h"

#include <math.h>
#include <string.h>

__extension__ typedef unsigned __int128 u128_t;

static void push_word(dc_bigint_t *self, uint64_t word)
{
    if (word == 0) return;
    assert(self->len < DC_BIGINT_WORDS);
    self->words[self->len++] = word;
}

void dc_bigint_set(dc_bigint_t *self, uint64_t value)
{
    self->len = 0;
    push_word(self, value);
}

void dc_bigint_mul_add(dc_bigint_t *self, uint64_t factor, uint64_t term)
{
    uint64_t carry = term;
    for (size_t i = 0; i < self->len; i++) {
        u128_t product = (u128_t)self->words[i] * factor + carry;
        self->words[i] = (uint64_t)product;
        carry = (uint64_t)(product >> 64);
    }
    push_word(self, carry);
}

void dc_bigint_mul_pow5(dc_bigint_t *self, unsigned exponent)
{
    const uint64_t pow5_27 = UINT64_C(7450580596923828125); // the largest below 2^64
    for (; exponent >= 27; exponent -= 27) {
        dc_bigint_mul_add(self, pow5_27, 0);
    }
    uint64_t factor = 1;
    for (; exponent > 0; exponent--) {
        factor *= 5;
    }
    dc_bigint_mul_add(self, factor, 0);
}

void dc_bigint_shift_left(dc_bigint_t *self, unsigned bits)
{
    if (self->len == 0) return;
    size_t words = bits / 64;
    assert(self->len + words <= DC_BIGINT_WORDS);
    memmove(self->words + words, self->words, self->len * sizeof self->words[0]);
    memset(self->words, 0, words * sizeof self->words[0]);
    self->len += words;
    dc_bigint_mul_add(self, UINT64_C(1) << bits % 64, 0);
}

uint64_t dc_bigint_mod(const dc_bigint_t *self, uint64_t divisor)
{
    uint64_t rest = 0;
    for (size_t i = self->len; i-- > 0;) {
        rest = (uint64_t)(((u128_t)rest << 64 | self->words[i]) % divisor);
    }
    return rest;
}

int dc_bigint_cmp(const dc_bigint_t *a, const dc_bigint_t *b)
{
    if (a->len != b->len) return a->len < b->len ? -1 : 1;
    for (size_t i = a->len; i-- > 0;) {
        if (a->words[i] != b->words[i]) return a->words[i] < b->words[i] ? -1 : 1;
    }
    return 0;
}

size_t dc_bigint_bit_count(const dc_bigint_t *self)
{
    if (self->len == 0) return 0;
    return self->len * 64 - (size_t)__builtin_clzll(self->words[self->len - 1]);
}

// The top 64 bits, the lowest of them set if anything below is not 0: that is all that rounding to
// 53 bits can see.
double dc_bigint_to_double(const dc_bigint_t *self, int exponent)
{
    if (self->len == 0) return 0;
    uint64_t top = self->words[self->len - 1];
    uint64_t below = self->len > 1 ? self->words[self->len - 2] : 0;
    int shift = __builtin_clzll(top);
    uint64_t bits = shift ? top << shift | below >> (64 - shift) : top;
    uint64_t rest = below << shift;
    for (size_t i = 0; i + 2 < self->len; i++) {
        rest |= self->words[i];
    }
    bits |= rest != 0;
    return ldexp((double)bits, (int)(self->len - 1) * 64 - shift + exponent);
}
