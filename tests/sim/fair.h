// fair — whose jobs are computed: what is urgent goes first and waits for one job at most, what
// waits below it has a twentieth of the time, clients of the same urgency have the same, and who
// takes no results only what it waits for.
//
// For shares of time, counted is the worker time that slots report, for leases that were given
// while nothing changed in who waits: as soon as it does, counting begins anew. Between what is
// given and what is reported lies what the slots have; so much may be missing, and no more.
#ifndef DC_TESTS_SIM_FAIR_H
#define DC_TESTS_SIM_FAIR_H

#include "tests/sim/hub.h"

// Begin to look, if the plan is one in which time can be reckoned: where all slots compute the
// same, no job is so long that its time is known too late, and everybody takes his results.
void fair_begin(sim_t *sim);
void fair_end(sim_t *sim);

// `lease` is given to worker `peer`; results of it took `us`.
void fair_leased(sim_t *sim, const hub_t *hub, const peer_t *peer, watched_lease_t *lease);
void fair_spent(sim_t *sim, const watched_lease_t *lease, uint64_t us);

// A turn of the broker's is about to end with leases; it is over.
void fair_before(sim_t *sim, const hub_t *hub);
void fair_watch(sim_t *sim, const hub_t *hub);

#endif
