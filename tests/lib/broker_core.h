// broker_core — a broker's core for tests that put events in and look at the actions that come out.
#ifndef DC_TESTS_LIB_BROKER_CORE_H
#define DC_TESTS_LIB_BROKER_CORE_H

#include "broker/core/core.h"

// Of the test that runs: between broker_core_set_up and broker_core_tear_down, which make a checked
// fixture.
extern dc_core_t *broker_core;
extern dc_actions_t broker_actions; // what the core wanted since they were last cleared

void broker_core_set_up(void);
void broker_core_tear_down(void);

// So much time passes until the next event.
void broker_core_pass(dc_ms_t ms);

// Let it give out work.
void broker_core_dispatch(void);

// Give it a command of `peer`; its sums must hold afterwards.
void broker_core_step(dc_event_type_t type, dc_peer_t peer, const dc_cmd_t *cmd);

#endif
