// on_worker — what the core does about each command of a worker.
#ifndef DC_BROKER_CORE_ON_WORKER_H
#define DC_BROKER_CORE_ON_WORKER_H

#include "broker/core/state.h"

void dc_on_worker(dc_core_t *self, dc_peer_t peer, const dc_cmd_t *cmd, dc_actions_t *actions);

// The connection of `peer` is no more.
void dc_on_worker_gone(dc_core_t *self, dc_peer_t peer, dc_actions_t *actions);

#endif
