// watch — what must hold whatever the broker does, counted beside it from what goes in and out.
//
//   a stranger that speaks is asked who it is
//   a client's open bytes never exceed its credit; who sends more is refused
//   within a session no job is delivered twice, and none to a session that was taken over
//   no slot of ours breaks the protocol, and no client of ours is punished
//   no job wanders from slot to slot
//   a slot has been told where each of its leases ends
//   memory stays within its bounds
//
// It also counts how often each job may have been at fault when a slot was lost, so that the
// application can tell whether a job was blamed rightly.
#ifndef DC_TESTS_SIM_WATCH_H
#define DC_TESTS_SIM_WATCH_H

#include "tests/sim/hub.h"

void watch_before(sim_t *sim, hub_t *hub, const dc_event_t *event);
void watch_after(sim_t *sim, hub_t *hub, const dc_event_t *event, const dc_actions_t *actions);
void watch_action(sim_t *sim, hub_t *hub, const dc_action_t *action);
void watch_dispatched(sim_t *sim, hub_t *hub);

// When all that a dispatch wanted is done.
void watch_told(sim_t *sim, hub_t *hub);

// The broker's process ends: what it has counted is in its core only.
void watch_death(sim_t *sim, const hub_t *hub);

// When everybody has left: the broker holds nothing any more.
void watch_end(sim_t *sim);

#endif
