// recovery — what becomes of the batches that a former broker left, once they are read.
#ifndef DC_BROKER_CORE_KEPT_RECOVERY_H
#define DC_BROKER_CORE_KEPT_RECOVERY_H

#include "broker/core/state.h"

// All of the last batch is here, if there is any: its results are kept only if others need them.
void dc_recovery_close_last(dc_core_t *self, dc_actions_t *actions);

// All batches are: those that were whole go on, or have ended; the others are given up.
void dc_recovery_end(dc_core_t *self, dc_actions_t *actions);

#endif
