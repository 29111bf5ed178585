#include "common/siphash.h"

#include "common/bytes.h"

typedef struct state {
    uint64_t v0, v1, v2, v3;
} state_t;

static inline uint64_t rotate(uint64_t x, int bits)
{
    return x << bits | x >> (64 - bits);
}

// A fourth of a SipRound, but for turning `a` by half.
static inline void mix_lanes(uint64_t *a, uint64_t *b, int bits)
{
    *a += *b;
    *b = rotate(*b, bits) ^ *a;
}

static inline void mix(state_t *s, int rounds)
{
    for (int i = 0; i < rounds; i++) {
        mix_lanes(&s->v0, &s->v1, 13);
        s->v0 = rotate(s->v0, 32);
        mix_lanes(&s->v2, &s->v3, 16);
        mix_lanes(&s->v0, &s->v3, 21);
        mix_lanes(&s->v2, &s->v1, 17);
        s->v2 = rotate(s->v2, 32);
    }
}

static inline void take_word(state_t *s, uint64_t word)
{
    s->v3 ^= word;
    mix(s, 2);
    s->v0 ^= word;
}

dc_siphash_t dc_siphash(const dc_siphash_key_t *key, dc_str_t bytes)
{
    // The constants are "somepseudorandomlygeneratedbytes"; 0xee says that 128 bits are wanted.
    state_t s = { key->k0 ^ UINT64_C(0x736f6d6570736575),
                  key->k1 ^ UINT64_C(0x646f72616e646f6d) ^ 0xee,
                  key->k0 ^ UINT64_C(0x6c7967656e657261), key->k1 ^ UINT64_C(0x7465646279746573) };
    size_t at = 0;
    for (; bytes.len - at >= sizeof(uint64_t); at += sizeof(uint64_t)) {
        take_word(&s, dc_get_u64(bytes.data + at));
    }
    uint64_t last = (uint64_t)bytes.len << 56;
    for (int shift = 0; at < bytes.len; at++, shift += 8) {
        last |= (uint64_t)(uint8_t)bytes.data[at] << shift;
    }
    take_word(&s, last);
    dc_siphash_t hash;
    s.v2 ^= 0xee;
    mix(&s, 4);
    hash.low = s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
    s.v1 ^= 0xdd;
    mix(&s, 4);
    hash.high = s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
    return hash;
}
