// on_store — the store says that something is done.
#ifndef DC_BROKER_CORE_ON_STORE_H
#define DC_BROKER_CORE_ON_STORE_H

#include "broker/core/state.h"

// `*op_p` is done, or could not be. May take it.
void dc_on_stored(dc_core_t *self, dc_store_op_t **op_p, dc_actions_t *actions);

#endif
