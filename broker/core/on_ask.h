// on_ask — requests of plain clients: expressions, one a line, in one message.
#ifndef DC_BROKER_CORE_ON_ASK_H
#define DC_BROKER_CORE_ON_ASK_H

#include "broker/core/state.h"

// Take the request of `peer`, whose session is `client` (NULL: it has none yet), as a batch of its
// own, or as one more job of the batch before it, or answer why not.
void dc_on_ask(dc_core_t *self, dc_client_t *client, dc_peer_t peer, const dc_cmd_t *cmd,
               dc_actions_t *actions);

// The broker is about to end: whatever plain client `client` has open is refused, and its session
// is over.
void dc_on_ask_leave(dc_core_t *self, dc_client_t *client, dc_actions_t *actions);

#endif
