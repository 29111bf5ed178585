// quick — tiny leases are evaluated at once, by the thread that received them.
//
// Handing a lease to the runner and its result back wakes two threads, which takes longer than a
// small job itself; and what the runner is at may be of another client, whose jobs take a thousand
// times as long. So the link's thread tries leases of a few jobs and bytes with a budget of few
// steps, whether the runner is busy or not. The job that exceeds that is begun anew by the runner,
// which goes on with the lease: jobs are pure.
//
// Nobody looks at the clock meanwhile, and heartbeats wait: for 60 microseconds with most
// functions, for 50 milliseconds where each step chooses 515 of 1030, or is a remainder of numbers
// as far apart as doubles go.
#ifndef DC_WORKER_QUICK_H
#define DC_WORKER_QUICK_H

#include "common/wire.h"
#include "worker/pieces.h"
#include "worker/spot.h"

typedef struct dc_quick dc_quick_t;

// One that says in `spot` (borrowed until destroy) where it is. NULL if memory is short.
dc_quick_t *dc_quick_new(dc_spot_t *spot);
void dc_quick_destroy(dc_quick_t **self_p);

// Evaluate `lease` (a LEASE, borrowed for the call). False if it is not tiny: then `*rest` is what
// is left of it for the runner, all or the jobs from one on, and borrows from `lease`. `*now_us` is
// the time on dc_clock_awake_us(), before and after.
DC_MUST_USE bool dc_quick_try(dc_quick_t *self, const dc_cmd_t *lease, dc_us_t *now_us,
                              dc_cmd_t *rest);

// Move the pieces of what was evaluated into `pieces` (empty; its memory is used further).
void dc_quick_take(dc_quick_t *self, dc_pieces_t *pieces);

// As dc_runner_has_failed.
bool dc_quick_has_failed(const dc_quick_t *self);

#endif
