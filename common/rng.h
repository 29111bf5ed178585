// rng — random numbers that follow from a seed: xoshiro256** (Blackman and Vigna, 2018), seeded by
// splitmix64 as its authors advise. For jitter, sampling and simulations, so that a run can be
// repeated; what must not be guessed comes from common/entropy.h, at least as the seed.
#ifndef DC_COMMON_RNG_H
#define DC_COMMON_RNG_H

#include "common/base.h"

typedef struct dc_rng {
    uint64_t state[4];
} dc_rng_t;

// The same seed gives the same numbers, on every machine. Any seed is good.
void dc_rng_init(dc_rng_t *self, uint64_t seed);

// 64 random bits.
uint64_t dc_rng_u64(dc_rng_t *self);

// A number from 0 to `bound` - 1, all equally likely. `bound` > 0.
uint64_t dc_rng_below(dc_rng_t *self, uint64_t bound);

#endif
