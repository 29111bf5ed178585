// leave — the broker is to stop: what workers are at is awaited, and then everybody is told.
//
// Nothing is leased from then on, and of what is leased a slot keeps what takes some milliseconds,
// else the job that it is at. No new batch is opened and no plain request taken, but what is open
// goes on: its results are delivered, what is sent of a detached one is stored. When nothing is
// leased any more, or the shell has no more time, clients are told and may go to another broker, or
// wait for this one to be started again; what they have no results of they send again. Workers need
// no word: what they say next goes to a broker that asks who they are.
#ifndef DC_BROKER_CORE_LEAVE_H
#define DC_BROKER_CORE_LEAVE_H

#include "broker/core/state.h"

// Nothing is leased from now on. Once is enough.
void dc_leave_begin(dc_core_t *self, dc_actions_t *actions);

// Tell all clients that the broker is about to end, plain ones in answers to what they have open.
void dc_leave_end(dc_core_t *self, dc_actions_t *actions);

// Refuse what `client` would open under `handle`: the next broker may have it.
void dc_leave_refuse(const dc_client_t *client, uint32_t handle, dc_actions_t *actions);

#endif
