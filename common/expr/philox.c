#include "common/expr/philox.h"

#define ROUNDS 10

void dc_philox(uint32_t counter[4], const uint32_t key[2])
{
    uint32_t key_0 = key[0];
    uint32_t key_1 = key[1];
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t product_0 = (uint64_t)counter[0] * 0xD2511F53;
        uint64_t product_2 = (uint64_t)counter[2] * 0xCD9E8D57;
        counter[0] = (uint32_t)(product_2 >> 32) ^ counter[1] ^ key_0;
        counter[1] = (uint32_t)product_2;
        counter[2] = (uint32_t)(product_0 >> 32) ^ counter[3] ^ key_1;
        counter[3] = (uint32_t)product_0;
        key_0 += 0x9E3779B9; // the golden ratio
        key_1 += 0xBB67AE85; // sqrt(3) - 1
    }
}

uint64_t dc_philox_u64(uint64_t counter, uint64_t key)
{
    uint32_t words[4] = { (uint32_t)counter, (uint32_t)(counter >> 32), 0, 0 };
    dc_philox(words, (uint32_t[]){ (uint32_t)key, (uint32_t)(key >> 32) });
    return (uint64_t)words[1] << 32 | words[0];
}
