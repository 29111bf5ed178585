// reclaim — leases are cut short, for whoever their jobs are to go to then.
#ifndef DC_BROKER_CORE_SCHEDULE_RECLAIM_H
#define DC_BROKER_CORE_SCHEDULE_RECLAIM_H

#include "broker/core/state.h"

// The lease ends at `end` (next <= end <= lease->end), and its slot is told: what it had behind is
// ready again.
void dc_reclaim(dc_core_t *self, dc_lease_t *lease, uint64_t end, dc_actions_t *actions);

// The jobs of `batch` cost much more than was known: cut the leases that it has (a plain client's
// other requests too).
void dc_reclaim_dear(dc_core_t *self, const dc_batch_t *batch, dc_actions_t *actions);

// Something is more urgent than what slots have that nobody knows the cost of: leave them the jobs
// that they are at.
void dc_reclaim_for_urgent(dc_core_t *self, dc_actions_t *actions);

// Who came and went before others is next in slots that have no room, behind what they are at:
// make some, and lease it.
void dc_reclaim_for_ahead(dc_core_t *self, dc_actions_t *actions);

#endif
