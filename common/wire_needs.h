// wire_needs — the results that a chunk needs, as common/wire.h defines them: in front of the
// inputs of a LEASE with NEEDS, and the data of a GIVE.
//
// u32 count, then for each result u32 bytes, then the results.
#ifndef DC_COMMON_WIRE_NEEDS_H
#define DC_COMMON_WIRE_NEEDS_H

#include "common/buf.h"
#include "common/limits.h"
#include "common/str.h"

// How many bytes `count` results of `results_bytes` together are.
static inline size_t dc_wire_needs_bytes(uint32_t count, size_t results_bytes)
{
    return 4 + 4 * (size_t)count + results_bytes;
}

// Begin to append `count` results (at most DC_NEEDS_MAX); returns where their sizes are. Then add
// each of them, `index` from 0, in order. What fails is in `out->failed`.
size_t dc_wire_begin_needs(dc_buf_t *out, uint32_t count);
void dc_wire_add_need(dc_buf_t *out, size_t sizes, uint32_t index, dc_str_t result);

// Results that are being read; all is borrowed.
typedef struct dc_wire_needs {
    uint32_t count;
    dc_str_t all;           // as it came
    dc_str_t sizes, bodies; // of those that were not taken yet
} dc_wire_needs_t;

// Cut results off the front of `data`. False, and nothing is cut, if they do not add up, or are too
// many.
DC_MUST_USE bool dc_wire_read_needs(dc_str_t *data, dc_wire_needs_t *needs);

// The next result; there are `count`.
dc_str_t dc_wire_take_need(dc_wire_needs_t *needs);

#endif
