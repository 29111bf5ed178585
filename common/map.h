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
// the default. Since that carries upwards only, the upper half is folded into the lower one first:
// else names that differ in their last digits share the bits that choose a bucket, and uthash,
// which doubles a table until no bucket is long, takes 512 MiB for 10,000 of them.
#define HASH_FUNCTION(key, key_bytes, hash) ((hash) = dc_map_hash((key), (key_bytes)))

#include <string.h>
#include <uthash.h>
#include <utlist.h>

static inline uint64_t dc_map_mix(uint64_t mix)
{
    return (mix ^ mix >> 32) * UINT64_C(0x9e3779b97f4a7c15);
}

static inline unsigned dc_map_hash(const void *key, size_t key_bytes)
{
    const char *bytes = key;
    uint64_t mix = 0;
    uint64_t word;
    for (; key_bytes >= sizeof word; key_bytes -= sizeof word, bytes += sizeof word) {
        memcpy(&word, bytes, sizeof word);
        mix = dc_map_mix(mix ^ word);
    }
    if (key_bytes) {
        word = 0;
        memcpy(&word, bytes, key_bytes);
        mix = dc_map_mix(mix ^ word);
    }
    return (unsigned)(mix >> 32);
}

// The item that went last into the map that begins with `first`, by handle `hh`; NULL if it is
// empty. Those before it are `item->hh.prev`.
#define DC_MAP_LAST(hh, first) \
    ((first) ? ELMT_FROM_HH((first)->hh.tbl, (first)->hh.tbl->tail) : NULL)

// Whether `item` went into its map.
#define DC_MAP_ADDED(item) ((item)->hh.tbl != NULL)

#endif
