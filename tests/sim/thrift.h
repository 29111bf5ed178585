// thrift — that work is not given out in vain: no job wanders from slot to slot, taken back each
// time before it has its result.
//
// It may be taken back now and then: a long lease is halved for idle slots, what is urgent or new
// goes first, and a second lease makes way for what is ready, later each time. But while no slot is
// lost, and its batch is neither opened anew nor has jobs that fork, or take long, so that slots
// give back what waits in them, nor makes way for others' that come one by one, or are more urgent,
// a job ends after a few leases, and fewer second ones.
#ifndef DC_TESTS_SIM_THRIFT_H
#define DC_TESTS_SIM_THRIFT_H

#include "tests/sim/hub.h"

// Worker `peer` was given the lease `watched`. Parts of jobs are not looked at.
void thrift_leased(sim_t *sim, const hub_t *hub, const peer_t *peer,
                   const watched_lease_t *watched);

// Worker `peer` was told that `lease` is shorter now.
void thrift_trimmed(const hub_t *hub, const peer_t *peer, const watched_lease_t *lease);

#endif
