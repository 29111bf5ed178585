// philox — Philox4x32-10, random bits that follow from a counter and a key (Salmon, Moraes, Dror,
// Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011). Neighbouring counters and keys give
// bits that have nothing to do with each other, so any worker can make those of any job.
#ifndef DC_COMMON_EXPR_PHILOX_H
#define DC_COMMON_EXPR_PHILOX_H

#include <stddef.h>
#include <stdint.h>

// Replace the counter by its random bits.
void dc_philox(uint32_t counter[4], const uint32_t key[2]);

// The first 64 bits for a counter and a key of 64, whose lower words come first, as do the
// result's.
uint64_t dc_philox_u64(uint64_t counter, uint64_t key);

// Replace each of `count` counters by what dc_philox_u64() gives for it and its key, with AVX2.
void dc_philox_u64_many(uint64_t *counters, const uint64_t *keys, size_t count);

#endif
