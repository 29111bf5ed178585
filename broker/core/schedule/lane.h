// lane — what waits for slots that carry one tag, or for any slot: its turns, level by level.
//
// A batch has one lane. Batches without a tag are in the common one, whose work every slot may do.
#ifndef DC_BROKER_CORE_SCHEDULE_LANE_H
#define DC_BROKER_CORE_SCHEDULE_LANE_H

#include "broker/core/schedule/turn.h"
#include "common/map.h"

typedef struct dc_level {
    dc_turn_t *ring;      // the turns that wait
    dc_turn_t *ahead;     // the last of those that go before the others; NULL: none does
    double ahead_us;      // what those were given more than the others, who waited
    uint32_t turn_count;  // how many those are
    uint64_t batch_count; // how many batches they have, plain requests apart
    double gained_us;     // what it is to have before those above it; below 0: what it owes
    double seen_us;       // `given_us` of its lane when that was reckoned
    double served_us;     // worker time that its batches were given, for each turn that waits
} dc_level_t;

typedef struct dc_lane {
    char tag[DC_TAG_BYTES_MAX + 1]; // "": the common one
    uint32_t use_count;             // batches and kinds of slots that have it
    uint32_t slot_count;            // slots that carry the tag
    uint32_t idle_count;            // ... without a lease
    uint64_t ready_count;           // jobs of its batches that are ready
    double given_us;                // worker time of slots that carry it, since ever
    dc_level_t levels[DC_LEVELS];
    uint32_t waiting_levels; // a bit for each that has something to be leased
    UT_hash_handle hh;
} dc_lane_t;

static inline bool dc_lane_is_common(const dc_lane_t *self)
{
    return self->tag[0] == '\0';
}

#endif
