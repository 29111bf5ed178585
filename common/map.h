// map — uthash and utlist as dcalc uses them: maps and lists that thread through their items, in
// the order of insertion, so that a replay takes the same path.
//
// An insertion that finds no memory leaves the item out; whoever inserts looks whether it is in
// (DC_MAP_ADDED) where that can matter.
#ifndef DC_COMMON_MAP_H
#define DC_COMMON_MAP_H

#include "common/base.h"

#define HASH_NONFATAL_OOM 1
#define uthash_nonfatal_oom(item)

// Whoever chooses the keys of a map must not be able to choose them such that they share a bucket:
// uthash, which doubles a table until no bucket is long, takes 512 MiB for 10,000 of these. So the
// hash has a secret. Most keys are numbers, ours or a peer's, of 4 or 8 bytes: one multiplication,
// and two of them share their hash in one of 2^32 secrets, whatever they are (Dietzfelbinger,
// "Universal hashing and k-wise independent random variables via integer arithmetic without
// primes", 1996; Lemire and Kaser, "Strongly universal string hashing is fast", 2014). Numbers in
// steps would keep their steps, though, and uthash takes the low bits: these are mixed (Appleby,
// MurmurHash3, fmix32), which is one to one. Others are the keys of batches, and names: SipHash.
// Maps keep the order of insertion, so nothing that a program does depends on the secret.
#define HASH_FUNCTION(key, key_bytes, hash) ((hash) = dc_map_hash((key), (key_bytes)))

#include <string.h>
#include <uthash.h>
#include <utlist.h>

#include "common/siphash.h"

typedef struct dc_map_secret {
    uint64_t factors[2], summand;
    dc_siphash_key_t key;
} dc_map_secret_t;

extern dc_map_secret_t dc_map_secret;

// Draw the secret from the system's entropy; before the first map, and any thread. Without it the
// hash is the same in every process. False if the system has none.
DC_MUST_USE bool dc_map_draw_secret(void);

static inline uint32_t dc_map_mix(uint32_t hash)
{
    hash = (hash ^ (hash >> 16)) * 0x85ebca6bu;
    hash = (hash ^ (hash >> 13)) * 0xc2b2ae35u;
    return hash ^ (hash >> 16);
}

static inline unsigned dc_map_hash(const void *key, size_t key_bytes)
{
    uint32_t words[2] = { 0 };
    if (key_bytes != sizeof words && key_bytes != sizeof words[0])
        return (unsigned)dc_siphash(&dc_map_secret.key, dc_str(key, key_bytes)).low;
    memcpy(words, key, key_bytes);
    uint64_t product =
        (dc_map_secret.factors[0] + words[0]) * (dc_map_secret.factors[1] + words[1]);
    return dc_map_mix((uint32_t)((product + dc_map_secret.summand) >> 32));
}

// The item that went last into the map that begins with `first`, by handle `hh`; NULL if it is
// empty. Those before it are `item->hh.prev`.
#define DC_MAP_LAST(hh, first) \
    ((first) ? ELMT_FROM_HH((first)->hh.tbl, (first)->hh.tbl->tail) : NULL)

// Whether `item` went into its map.
#define DC_MAP_ADDED(item) ((item)->hh.tbl != NULL)

#endif
