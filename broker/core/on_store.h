// on_store — what the store says: that something is done, and what a former broker left in it.
#ifndef DC_BROKER_CORE_ON_STORE_H
#define DC_BROKER_CORE_ON_STORE_H

#include "broker/core/state.h"

// `*op_p` is done, or could not be. May take it.
void dc_on_stored(dc_core_t *self, dc_store_op_t **op_p, dc_actions_t *actions);

// The store has found `op`; NULL: that was all. False if memory is short: the broker cannot go on,
// as it would forget what it promised.
DC_MUST_USE bool dc_on_found(dc_core_t *self, const dc_store_op_t *op, dc_actions_t *actions);

#endif
