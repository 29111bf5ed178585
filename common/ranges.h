// ranges — a set of indices, kept as a short sorted list of half-open ranges.
//
// Made for "which jobs of this chunk are answered": almost always one range that grows at its end,
// so the first range is stored in place and the common operations are O(1); the others cost
// O(ranges), and there are at most as many as leases were cut.
#ifndef DC_COMMON_RANGES_H
#define DC_COMMON_RANGES_H

#include "common/base.h"

typedef struct dc_range {
    uint64_t first;
    uint64_t end; // half-open; first < end in a list
} dc_range_t;

typedef struct dc_ranges {
    dc_range_t *list;  // `one` or owned memory; sorted, disjoint, not touching
    uint32_t len;      // how many ranges are in
    uint32_t capacity; // how many fit
    uint64_t count;    // how many indices all ranges have together
    dc_range_t one;    // room for the usual case
} dc_ranges_t;

void dc_ranges_init(dc_ranges_t *self);
void dc_ranges_fini(dc_ranges_t *self);
void dc_ranges_clear(dc_ranges_t *self);

// Add [first, end); what is in already stays. False, and nothing changed, if memory is short.
DC_MUST_USE bool dc_ranges_add(dc_ranges_t *self, uint64_t first, uint64_t end);

// Take [first, end) out; what is not in doesn't matter. False, nothing changed, if memory is short.
DC_MUST_USE bool dc_ranges_remove(dc_ranges_t *self, uint64_t first, uint64_t end);

// The range that holds `index`; NULL if it is not in. The set's, until that is changed.
const dc_range_t *dc_ranges_find(const dc_ranges_t *self, uint64_t index);

static inline bool dc_ranges_has(const dc_ranges_t *self, uint64_t index)
{
    return dc_ranges_find(self, index) != NULL;
}

// How many indices of [first, end) are in.
uint64_t dc_ranges_count_in(const dc_ranges_t *self, uint64_t first, uint64_t end);

// The next gap: the first range of indices at or after `from` and below `end` that are NOT in.
// False if there is none.
bool dc_ranges_next_gap(const dc_ranges_t *self, uint64_t from, uint64_t end, dc_range_t *gap);

// The next range of indices at or after `from` and below `end` that ARE in, cut to these borders.
bool dc_ranges_next_run(const dc_ranges_t *self, uint64_t from, uint64_t end, dc_range_t *run);

#endif
