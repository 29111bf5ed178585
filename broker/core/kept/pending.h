// pending — operations on their way to the store: counted, put again where they did not fit, and
// answered once they are on disk.
//
// Every operation goes through here, so that what is on its way to the disk is known: clients get
// no credit, and nothing detached is leased, while that is too much. What comes back because the
// disk is full is put again later, save that a batch on its way in is refused: its client has it
// still.
#ifndef DC_BROKER_CORE_KEPT_PENDING_H
#define DC_BROKER_CORE_KEPT_PENDING_H

#include "broker/core/state.h"

// Make an operation after which client `peer` (0: nobody) is told `json` under `handle`. NULL if
// memory is short. Who makes one puts it, or destroys it.
dc_store_op_t *dc_pending_make(dc_store_what_t what, uint64_t batch, dc_peer_t peer,
                               uint32_t handle, const char *json);

// Have `*op_p` done. Takes it.
void dc_pending_put(dc_core_t *self, dc_store_op_t **op_p, dc_actions_t *actions);

// It came back, done or not.
void dc_pending_count_back(dc_core_t *self, const dc_store_op_t *op);

// It did not fit, and is put again when there may be room. Takes it; it counts again.
void dc_pending_put_later(dc_core_t *self, dc_store_op_t **op_p);

// Whoever asked for `op`, if he is still there, is told that it is done, or why it is not.
void dc_pending_answer(dc_core_t *self, const dc_store_op_t *op, dc_actions_t *actions);

// Time has passed: put again what did not fit, so far as it is of use still.
void dc_pending_tick(dc_core_t *self, dc_actions_t *actions);

// Log that memory is short for `what` of `batch`, which is not stored.
void dc_pending_log_short(const dc_batch_t *batch, const char *what, dc_actions_t *actions);

#endif
