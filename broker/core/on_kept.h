// on_kept — a detached batch is cancelled or deleted by whoever names it.
#ifndef DC_BROKER_CORE_ON_KEPT_H
#define DC_BROKER_CORE_ON_KEPT_H

#include "broker/core/state.h"

// A CANCEL by number of `batch`, which is detached: it ends, and its results stay. Answered with
// `json` when that is on disk.
void dc_on_kept_cancel(dc_core_t *self, dc_client_t *client, const dc_cmd_t *cmd, dc_batch_t *batch,
                       const char *json, dc_actions_t *actions);

// A DELETE: answered with what the batch was, or REFUSED.
void dc_on_kept_delete(dc_core_t *self, dc_client_t *client, const dc_cmd_t *cmd,
                       dc_actions_t *actions);

#endif
