// lanes — the tags that batches ask for and slots carry, and which slots carry the same.
//
// A lane is there while a batch or a slot has its tag, a kind while it has slots. There are as many
// of both as people think of, usually few: each is looked for in a map or a short list.
#ifndef DC_BROKER_CORE_SCHEDULE_LANES_H
#define DC_BROKER_CORE_SCHEDULE_LANES_H

#include "broker/core/schedule/kind.h"
#include "broker/core/state.h"

// The lane of `tag`, which is one (common/tag.h), or the common one if that is empty; used once
// more from now on. NULL if memory is short.
dc_lane_t *dc_lanes_use(dc_core_t *self, dc_str_t tag);

// Somebody uses `lane` no more.
void dc_lanes_drop(dc_core_t *self, dc_lane_t *lane);

// Count one more slot, `slot`, of those that carry these tags, `count` <= DC_TAGS_MAX of them in
// any order. False, nothing changed, if memory is short.
DC_MUST_USE bool dc_lanes_enter(dc_core_t *self, dc_slot_t *slot, const dc_str_t *tags,
                                size_t count);

// The slot, which has no room any more, leaves.
void dc_lanes_leave(dc_core_t *self, dc_slot_t *slot);

#endif
