// flaw — what the store has and no broker has written.
//
// A disk forgets, and people look into the file with tools of theirs. SQLite sees what breaks its
// pages; a row that lies must not reach a slot, and stop the others.
#ifndef DC_BROKER_CORE_KEPT_FLAW_H
#define DC_BROKER_CORE_KEPT_FLAW_H

#include "broker/core/kept/detached.h"
#include "broker/core/kept/store_op.h"
#include "broker/core/state.h"

// Why a BATCH that was found, a CHUNK of `detached`, or a RESULT of `entry` cannot be; NULL if it
// can. Static.
const char *dc_flaw_of_batch(const dc_store_op_t *op);
const char *dc_flaw_of_chunk(const dc_detached_t *detached, const dc_store_op_t *op);
const char *dc_flaw_of_result(const dc_entry_t *entry, const dc_store_op_t *op);

// Say so. Nothing of its batch is done, and its rows stay as they are: whoever mends them has it
// again.
void dc_flaw_log(const dc_store_op_t *op, const char *flaw, dc_actions_t *actions);

// ... where the batch is here: it goes when all is found.
void dc_flaw_leave_out(dc_batch_t *batch, const dc_store_op_t *op, const char *flaw,
                       dc_actions_t *actions);

#endif
