#include "common/expr/philox.h"

#include "common/expr/lanes.h"

#define ROUNDS   10
#define FACTOR_0 0xD2511F53
#define FACTOR_2 0xCD9E8D57
#define STEP_0   0x9E3779B9 // the golden ratio
#define STEP_1   0xBB67AE85 // sqrt(3) - 1

void dc_philox(uint32_t counter[4], const uint32_t key[2])
{
    uint32_t key_0 = key[0];
    uint32_t key_1 = key[1];
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t product_0 = (uint64_t)counter[0] * FACTOR_0;
        uint64_t product_2 = (uint64_t)counter[2] * FACTOR_2;
        counter[0] = (uint32_t)(product_2 >> 32) ^ counter[1] ^ key_0;
        counter[1] = (uint32_t)product_2;
        counter[2] = (uint32_t)(product_0 >> 32) ^ counter[3] ^ key_1;
        counter[3] = (uint32_t)product_0;
        key_0 += STEP_0;
        key_1 += STEP_1;
    }
}

uint64_t dc_philox_u64(uint64_t counter, uint64_t key)
{
    uint32_t words[4] = { (uint32_t)counter, (uint32_t)(counter >> 32), 0, 0 };
    dc_philox(words, (uint32_t[]){ (uint32_t)key, (uint32_t)(key >> 32) });
    return (uint64_t)words[1] << 32 | words[0];
}

// --- many at once ------------------------------------------------------------------------------

// Words are in the lower halves of 64-bit lanes. What is in the upper halves does not matter: the
// multiplication does not look at it.
typedef struct words {
    __m256i counter[4];
} words_t;

DC_AVX2_INLINE void turn(words_t *words, __m256i key_0, __m256i key_1)
{
    __m256i product_0 = _mm256_mul_epu32(words->counter[0], _mm256_set1_epi64x(FACTOR_0));
    __m256i product_2 = _mm256_mul_epu32(words->counter[2], _mm256_set1_epi64x(FACTOR_2));
    __m256i high_0 = _mm256_srli_epi64(product_0, 32);
    __m256i high_2 = _mm256_srli_epi64(product_2, 32);
    words->counter[0] = _mm256_xor_si256(high_2, _mm256_xor_si256(words->counter[1], key_0));
    words->counter[1] = product_2;
    words->counter[2] = _mm256_xor_si256(high_0, _mm256_xor_si256(words->counter[3], key_1));
    words->counter[3] = product_0;
}

DC_AVX2_INLINE __m256i load(const uint64_t *from)
{
    return _mm256_loadu_si256((const void *)from);
}

// Two groups of lanes, whose multiplications fill each other's waits.
DC_AVX2 static void replace_two(uint64_t *counters, const uint64_t *keys)
{
    words_t words[2];
    __m256i key_0[2];
    __m256i key_1[2];
#pragma GCC unroll 2
    for (size_t i = 0; i < 2; i++) {
        __m256i counter = load(counters + i * DC_LANES);
        __m256i zero = _mm256_setzero_si256();
        words[i] = (words_t){ { counter, _mm256_srli_epi64(counter, 32), zero, zero } };
        key_0[i] = load(keys + i * DC_LANES);
        key_1[i] = _mm256_srli_epi64(key_0[i], 32);
    }
    for (int round = 0; round < ROUNDS; round++) {
#pragma GCC unroll 2
        for (size_t i = 0; i < 2; i++) {
            turn(&words[i], key_0[i], key_1[i]);
            key_0[i] = _mm256_add_epi32(key_0[i], _mm256_set1_epi64x(STEP_0));
            key_1[i] = _mm256_add_epi32(key_1[i], _mm256_set1_epi64x(STEP_1));
        }
    }
#pragma GCC unroll 2
    for (size_t i = 0; i < 2; i++) {
        __m256i upper = _mm256_slli_epi64(words[i].counter[1], 32);
        __m256i bits = _mm256_blend_epi32(words[i].counter[0], upper, 0xAA);
        _mm256_storeu_si256((void *)(counters + i * DC_LANES), bits);
    }
}

void dc_philox_u64_many(uint64_t *counters, const uint64_t *keys, size_t count)
{
    size_t done = 0;
    for (; done + DC_LANES_STEP <= count; done += DC_LANES_STEP) {
        replace_two(counters + done, keys + done);
    }
    for (; done < count; done++) {
        counters[done] = dc_philox_u64(counters[done], keys[done]);
    }
}
