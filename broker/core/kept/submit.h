// submit — detached batches on their way in: opened, sent, committed, closed.
//
// Nothing is acknowledged before it is on disk: the receipt of a chunk follows the store's word,
// and so does the credit that it used. A batch may be computed before that.
#ifndef DC_BROKER_CORE_KEPT_SUBMIT_H
#define DC_BROKER_CORE_KEPT_SUBMIT_H

#include "broker/core/state.h"

// An OPEN, valid, that is detached, or whose key is that of `batch`, which is.
void dc_submit_open(dc_core_t *self, dc_client_t *client, const dc_cmd_t *cmd, dc_batch_t *batch,
                    dc_actions_t *actions);

// A CHUNK of `batch`, new to it and valid, which `client` has paid credit for: take it, and have it
// stored. If that cannot be, the client knows, and the batch has gone.
void dc_submit_chunk(dc_core_t *self, dc_client_t *client, dc_batch_t *batch, const dc_cmd_t *cmd,
                     dc_actions_t *actions);

// A CHUNK that the batch has already, maybe from a former session, and maybe not on disk yet: its
// client, who does not know that, has its credit back.
void dc_submit_known(dc_core_t *self, dc_client_t *client, const dc_cmd_t *cmd,
                     dc_actions_t *actions);

// The batch has all its chunks, `jobs` jobs. False, nothing changed, if that is not so.
bool dc_submit_close(dc_core_t *self, dc_client_t *client, dc_batch_t *batch, uint64_t jobs,
                     dc_actions_t *actions);

// Nobody submits `batch` any more: its client's session is over, or it is done with it.
void dc_submit_leave(dc_core_t *self, dc_batch_t *batch);

// Give up `batch`, because of `error`: the client that submits it, if any does, is told `why`.
void dc_submit_fail(dc_core_t *self, dc_batch_t *batch, dc_err_t error, const char *why,
                    dc_actions_t *actions);

// The store has done, or could not do, what `op` says: a BATCH, a CHUNK or a CLOSE.
void dc_submit_stored(dc_core_t *self, const dc_store_op_t *op, dc_actions_t *actions);

#endif
