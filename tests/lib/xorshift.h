// xorshift — random numbers for tests whose seed is one word: xorshift64* (Vigna, "An experimental
// exploration of Marsaglia's xorshift generators, scrambled").
#ifndef DC_TESTS_LIB_XORSHIFT_H
#define DC_TESTS_LIB_XORSHIFT_H

#include <stdint.h>

// 64 random bits. `*state` becomes another; any number but 0 is good.
static inline uint64_t dc_xorshift(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(2685821657736338717);
}

// A number from 0 to `bound` - 1, some a little likelier than others. `bound` > 0.
static inline uint32_t dc_xorshift_below(uint64_t *state, uint32_t bound)
{
    return (uint32_t)(dc_xorshift(state) >> 33) % bound;
}

#endif
