// on_client — what the core does about each command of a client.
#ifndef DC_BROKER_CORE_ON_CLIENT_H
#define DC_BROKER_CORE_ON_CLIENT_H

#include "broker/core/state.h"

void dc_on_client(dc_core_t *self, dc_peer_t peer, const dc_cmd_t *cmd, dc_actions_t *actions);

// The connection of `peer` is no more.
void dc_on_client_gone(dc_core_t *self, dc_peer_t peer, dc_actions_t *actions);

#endif
