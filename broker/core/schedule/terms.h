// terms — on what terms a batch is computed: how urgent it is, until when, and whether at all.
#ifndef DC_BROKER_CORE_SCHEDULE_TERMS_H
#define DC_BROKER_CORE_SCHEDULE_TERMS_H

#include "broker/core/state.h"

// What a client asks for with SET: answered with the batch as it is then, or REFUSED.
void dc_terms_set(dc_core_t *self, dc_client_t *client, const dc_cmd_t *cmd, dc_actions_t *actions);

// The batch ends `ms` from now, be it that the broker sleeps meanwhile; 0: it has no deadline.
void dc_terms_set_deadline(dc_core_t *self, dc_batch_t *batch, uint64_t ms);

// End those batches whose deadline has passed.
void dc_terms_expire(dc_core_t *self, dc_actions_t *actions);

// Tell the client of `batch`, if it has one, that it is over because of `error`, and forget it.
void dc_terms_end(dc_core_t *self, dc_batch_t *batch, dc_err_t error, dc_actions_t *actions);

#endif
