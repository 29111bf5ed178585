// drain — workers that are to leave: they finish the jobs that they are at, and others do the rest.
//
// An operator says so of a worker here (SET), or to the worker itself, which tells with GOODBYE.
// The slots that drain get nothing more, hand back at once what they have not begun, and take their
// leave. Where nobody says which job of a lease that is, the broker cuts the lease behind the first
// that has no result yet.
#ifndef DC_BROKER_CORE_SLOTS_DRAIN_H
#define DC_BROKER_CORE_SLOTS_DRAIN_H

#include "broker/core/state.h"

// What a client asks for with SET of a worker: answered with REPLY or REFUSED.
void dc_drain_worker(dc_core_t *self, const dc_client_t *client, const dc_cmd_t *cmd,
                     dc_actions_t *actions);

// A slot has come. If its worker drains, as when one that died is started again, it does so too.
void dc_drain_see(dc_core_t *self, dc_slot_t *slot, dc_actions_t *actions);

// The slot drains: leave it the job that it is at. It keeps what the GOODBYE does not name, which
// was read before.
void dc_drain_begun(dc_core_t *self, dc_slot_t *slot, dc_actions_t *actions);

#endif
