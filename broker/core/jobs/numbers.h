// numbers — which numbers batches get: b17 never means two of them, whoever dies.
//
// The store knows the detached batches, but not those that were sent by clients that stay. So it
// reserves numbers in steps: none is given before it is on the disk that a later broker begins
// behind it. It is asked for more when half of them are given, so that nobody waits unless its disk
// lags by thousands of batches; what is opened then is refused for a moment. A broker that ends in
// order says which was the last, so that only one that was killed leaves a gap.
//
// A broker without a store counts from 1 again. Clients that come back wish for the numbers that
// they had; until they have, a new batch may be given one of these.
#ifndef DC_BROKER_CORE_JOBS_NUMBERS_H
#define DC_BROKER_CORE_JOBS_NUMBERS_H

#include "broker/core/state.h"

// A number for a new batch: `wish`, if it can be and is not 0, or the next one. It is not given
// until dc_numbers_give.
uint64_t dc_numbers_choose(const dc_core_t *self, const dc_batch_t *batch, uint64_t wish);
void dc_numbers_give(dc_core_t *self, uint64_t number);

// Refuse, for now, a new batch for which there is none until the store has reserved more. False if
// there is one.
bool dc_numbers_refuse(const dc_core_t *self, const dc_client_t *client, uint32_t handle,
                       dc_actions_t *actions);

// Have more reserved, if it is time for that. After an OPEN, and with each tick.
void dc_numbers_look(dc_core_t *self, dc_actions_t *actions);

// The store has reserved what was asked for, or could not.
void dc_numbers_stored(dc_core_t *self, const dc_store_op_t *op);

#endif
