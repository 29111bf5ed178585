// leasing — what is ready is leased to whom has room: how much of it, and in which message.
//
// Idle slots come first, then those that hold less than they should. A lease is as many jobs as
// take some milliseconds; where less is ready than every idle slot could use, a fair share.
#ifndef DC_BROKER_CORE_SCHEDULE_LEASING_H
#define DC_BROKER_CORE_SCHEDULE_LEASING_H

#include "broker/core/state.h"

// Lease all that is ready and has room somewhere.
void dc_leasing_run(dc_core_t *self, dc_actions_t *actions);

// Tell its slot of `lease`. False if memory is short.
DC_MUST_USE bool dc_leasing_send(const dc_core_t *self, const dc_lease_t *lease,
                                 dc_actions_t *actions);

// How many jobs of `batch` take `slot` `work_us`: at least one, at most a chunk's. `unknown` where
// nobody knows what they take.
uint64_t dc_leasing_jobs(const dc_batch_t *batch, const dc_slot_t *slot, double work_us,
                         uint64_t unknown);

#endif
