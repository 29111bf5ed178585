// kind — the slots that carry the same tags, by the room that they have.
#ifndef DC_BROKER_CORE_SCHEDULE_KIND_H
#define DC_BROKER_CORE_SCHEDULE_KIND_H

#include "broker/core/schedule/lane.h"
#include "broker/core/slots/slot.h"

// The lanes that a slot may have: the common one, and one for each tag.
#define DC_KIND_LANES_MAX (DC_TAGS_MAX + 1)

typedef struct dc_kind {
    dc_lane_t *lanes[DC_KIND_LANES_MAX]; // the common one, then those of its tags, in their order
    size_t lane_count;
    uint32_t slot_count;                // plain ones too
    uint32_t fit_count;                 // of these, those that are fit
    dc_slot_t *with_room[DC_ROOM_NONE]; // lists, by room; whose turn it is first
    struct dc_kind *prev, *next;        // all of them, those with fewer tags first
} dc_kind_t;

// May its slots compute what is in `lane`?
static inline bool dc_kind_has(const dc_kind_t *self, const dc_lane_t *lane)
{
    for (size_t i = 0; i < self->lane_count; i++) {
        if (self->lanes[i] == lane) return true;
    }
    return false;
}

// Those levels at which anything waits that its slots may compute, as bits.
static inline uint32_t dc_kind_waiting_levels(const dc_kind_t *self)
{
    uint32_t levels = self->lanes[0]->waiting_levels;
    for (size_t i = 1; i < self->lane_count; i++) {
        levels |= self->lanes[i]->waiting_levels;
    }
    return levels;
}

#endif
