#include "common/rng.h"

static uint64_t next_splitmix(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

void dc_rng_init(dc_rng_t *self, uint64_t seed)
{
    for (size_t i = 0; i < DC_ARRAY_LEN(self->state); i++) {
        self->state[i] = next_splitmix(&seed);
    }
}

static uint64_t rotate_left(uint64_t x, int bits)
{
    return (x << bits) | (x >> (64 - bits));
}

uint64_t dc_rng_u64(dc_rng_t *self)
{
    uint64_t *s = self->state;
    uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate_left(s[3], 45);
    return result;
}

uint64_t dc_rng_below(dc_rng_t *self, uint64_t bound)
{
    assert(bound > 0);
    // The numbers below 2^64 mod bound are drawn again; the others fall into equal classes.
    uint64_t uneven = (0 - bound) % bound;
    uint64_t drawn = dc_rng_u64(self);
    while (drawn < uneven) {
        drawn = dc_rng_u64(self);
    }
    return drawn % bound;
}
