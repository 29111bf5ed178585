// siphash — SipHash-2-4 with 128 bits of output (Aumasson and Bernstein, "SipHash: a fast
// short-input PRF", 2012, and its reference code): a name for bytes that nobody can forge without
// the key.
//
// With a random key two different texts have the same name by chance alone, once in 2^128 pairs,
// whoever wrote them. Some 25 ns for a row of 24 bytes, 0.7 ns for each byte more.
#ifndef DC_COMMON_SIPHASH_H
#define DC_COMMON_SIPHASH_H

#include "common/str.h"

typedef struct dc_siphash_key {
    uint64_t k0, k1;
} dc_siphash_key_t;

typedef struct dc_siphash {
    uint64_t low, high; // little-endian, `low` first, they are the reference code's 16 bytes
} dc_siphash_t;

dc_siphash_t dc_siphash(const dc_siphash_key_t *key, dc_str_t bytes);

static inline bool dc_siphash_eq(dc_siphash_t a, dc_siphash_t b)
{
    return a.low == b.low && a.high == b.high;
}

#endif
