// rate — nobody begins more jobs than the broker's rate lets him.
//
// Counted are jobs that are leased for the first time since the broker was started, for whoever has
// them then, against a bucket that is full when the client is first heard, or the rate is set, and
// is filled from then on.
#ifndef DC_TESTS_SIM_RATE_H
#define DC_TESTS_SIM_RATE_H

#include "broker/core/state.h"
#include "tests/sim/hub.h"

// `peers`, a list, may have jobs begun by the rates of `next` from now on.
void rate_changes(const sim_t *sim, const hub_t *hub, peer_t *peers, const dc_settings_t *next);

// `lease`, which is new, is of jobs of `chunk`.
void rate_leased(sim_t *sim, const hub_t *hub, const watched_lease_t *lease,
                 const dc_chunk_t *chunk);

#endif
