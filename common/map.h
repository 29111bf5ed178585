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

// Ids are counted or random already; a multiplication spreads them, which is a tenth of the cost of
// the default. Longer keys (routing ids, 128-bit keys) are folded byte by byte.
#define HASH_FUNCTION(key, key_bytes, hash) ((hash) = dc_map_hash((key), (key_bytes)))

#include <string.h>
#include <uthash.h>
#include <utlist.h>

static inline unsigned dc_map_hash(const void *key, size_t key_bytes)
{
    uint64_t mix = 0;
    if (key_bytes == sizeof mix) {
        memcpy(&mix, key, sizeof mix);
    } else {
        const unsigned char *bytes = key;
        for (size_t i = 0; i < key_bytes; i++) {
            mix = (mix ^ bytes[i]) * UINT64_C(0x100000001b3);
        }
    }
    return (unsigned)((mix * UINT64_C(0x9e3779b97f4a7c15)) >> 32);
}

// Whether `item` went into its map.
#define DC_MAP_ADDED(item) ((item)->hh.tbl != NULL)

#endif
