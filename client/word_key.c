#include "client/word_key.h"

#include "common/bytes.h"

#define BASIS_HIGH UINT64_C(0x6c62272e07bb0142)
#define BASIS_LOW  UINT64_C(0x62b821756295c58d)

// The prime is 2^88 + 0x13b.
#define PRIME_LOW   UINT64_C(0x13b)
#define PRIME_SHIFT 88

dc_key_t dc_word_key(dc_str_t word)
{
    uint64_t high = BASIS_HIGH;
    uint64_t low = BASIS_LOW;
    for (size_t i = 0; i < word.len; i++) {
        low ^= (uint8_t)word.data[i];
        // low * PRIME_LOW has up to 73 bits: what is beyond 64 goes into the high half.
        uint64_t middle = (low >> 32) * PRIME_LOW + (((low & UINT32_MAX) * PRIME_LOW) >> 32);
        high = high * PRIME_LOW + (middle >> 32) + (low << (PRIME_SHIFT - 64));
        low *= PRIME_LOW;
    }
    dc_key_t key;
    dc_put_u64(key.bytes, low);
    dc_put_u64(key.bytes + sizeof low, high);
    return key;
}
