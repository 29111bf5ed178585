// scheduler — who computes what next.
//
// Of slots with as much room the fast and idle are first, and those of loaded machines are asked
// only where all of their kind are loaded (broker/core/slots/load.h). A slot that is half as fast
// as others gets half as many jobs.
//
// Work goes to an idle slot first, then to one that holds less than it should (a lease that runs
// and one that waits, or some milliseconds of work). Whose work it is, broker/core/schedule/turns.h
// decides; within a batch parts of jobs that forked go first, the last made before others, then the
// lowest index. When nothing is ready that it may compute, an idle slot is given the tail of the
// longest lease; when there is none, a job that takes much longer than most of its batch's, which
// its slot goes on with as well. Such a second lease ends when either has the answer, or when its
// slot is needed for what is ready.
//
// What jobs cost is learned from their results. Until then a slot gets two leases; when jobs turn
// out to take longer than thought, what was leased is cut to some milliseconds, so that others wait
// no longer than that and for one job.
#ifndef DC_BROKER_CORE_SCHEDULE_SCHEDULER_H
#define DC_BROKER_CORE_SCHEDULE_SCHEDULER_H

#include "broker/core/state.h"

// Lease what is ready to whom has room, then let idle slots steal, or do what others are slow at.
void dc_scheduler_run(dc_core_t *self, dc_actions_t *actions);

#endif
