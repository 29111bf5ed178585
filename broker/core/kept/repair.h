// repair — what a disk has spoiled of a detached batch: results are computed again, from the
// inputs that are stored beside them; where that cannot be, each of the jobs has a fault instead of
// a value (`store-damaged`), and the others are as they were.
//
// Damaged results are seen when somebody reads them, or when a later broker finds them. Results
// cannot be computed again whose inputs are damaged as well, those of a batch that ended before its
// time, those of a chunk that needs other jobs' results, which may be here no more, and those whose
// row, or its place, is malformed: nothing else can be put there. Such a chunk is remembered to be
// lost; on the disk everything stays as it is, so that whoever mends the file has it again.
#ifndef DC_BROKER_CORE_KEPT_REPAIR_H
#define DC_BROKER_CORE_KEPT_REPAIR_H

#include "broker/core/kept/detached.h"
#include "broker/core/state.h"

// The stored results of the chunk of `entry` are damaged; reading them gave `error`, which may be
// none. Have them computed again, if that can be.
void dc_repair_results(dc_core_t *self, dc_batch_t *batch, dc_entry_t *entry, dc_err_t error,
                       dc_actions_t *actions);

// Its stored inputs are damaged.
void dc_repair_inputs(const dc_batch_t *batch, dc_entry_t *entry, dc_actions_t *actions);

// The store has read the inputs of results that are to be computed again, or could not.
void dc_repair_read(dc_core_t *self, const dc_store_op_t *op, dc_actions_t *actions);

// `op`, a SPOILED or RESULT of `batch`, needs a page of the file that is lost: the results of its
// chunk are lost, and nothing else.
void dc_repair_in_vain(dc_core_t *self, dc_batch_t *batch, const dc_store_op_t *op,
                       dc_actions_t *actions);

// The inputs of the chunk of `entry` were found in the store damaged, and no results: enter it, and
// fail all of its jobs. DC_ERR_NOMEM.
DC_MUST_USE dc_err_t dc_repair_enter_lost(dc_core_t *self, dc_batch_t *batch,
                                          const dc_entry_t *entry, dc_actions_t *actions);

// Append inputs that stand for those of the chunk of `entry`: as many, and empty.
void dc_repair_put_blank(const dc_entry_t *entry, dc_buf_t *out);

// Append the results of all jobs of a chunk that is lost. Returns of how many bytes their faults
// are.
uint32_t dc_repair_put_faults(const dc_batch_t *batch, const dc_entry_t *entry, dc_buf_t *out);

#endif
