// on_found — the store says, before anything else happens, what a former broker left in it.
#ifndef DC_BROKER_CORE_ON_FOUND_H
#define DC_BROKER_CORE_ON_FOUND_H

#include "broker/core/state.h"

// The store has found `op`; NULL: that was all. False if memory is short: the broker cannot go on,
// as it would forget what it promised.
DC_MUST_USE bool dc_on_found(dc_core_t *self, const dc_store_op_t *op, dc_actions_t *actions);

#endif
