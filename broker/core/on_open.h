// on_open — a client makes a batch, or comes back for one.
#ifndef DC_BROKER_CORE_ON_OPEN_H
#define DC_BROKER_CORE_ON_OPEN_H

#include "broker/core/state.h"

// Carry out the OPEN of `client`: the batch under its key is taken over from whoever has it and
// brought to the state in which the client sees it, or made.
void dc_on_open(dc_core_t *self, dc_client_t *client, const dc_cmd_t *cmd, dc_actions_t *actions);

// A batch as the OPEN says, which is nobody's and not registered. NULL if memory is short.
dc_batch_t *dc_on_open_make(dc_core_t *self, const dc_cmd_t *cmd);

#endif
