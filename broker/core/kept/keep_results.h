// keep_results — what is computed of a detached batch, until the store has it; and the end of the
// batch, which follows.
//
// The results of a chunk stay with it, in its tray (broker/core/kept/tray.h), until the last of its
// jobs is answered: then they are put as one, the chunk goes, and what is left of it here is its
// entry.
#ifndef DC_BROKER_CORE_KEPT_KEEP_RESULTS_H
#define DC_BROKER_CORE_KEPT_KEEP_RESULTS_H

#include "broker/core/clients/deliver.h"

// Keep `results` of `chunk`, of which jobs `fresh` are the first, until the chunk is answered.
// False if memory is short.
bool dc_keep_results_add(dc_core_t *self, dc_chunk_t *chunk, const dc_results_t *results,
                         const dc_ranges_t *fresh, dc_actions_t *actions);

// Put the results of those chunks of `batch` that are answered; the chunks go. To be called when
// nobody looks at them any more.
void dc_keep_results_put(dc_core_t *self, dc_batch_t *batch, dc_actions_t *actions);

// The results of the chunk of `entry` were found in the store. False if memory is short.
DC_MUST_USE bool dc_keep_results_found(dc_core_t *self, dc_batch_t *batch, const dc_entry_t *entry);

// The batch is over if it is closed and all its results are stored.
void dc_keep_see_end(dc_core_t *self, dc_batch_t *batch, dc_actions_t *actions);

// End `batch`, which is closed, before its time: what there is of results is put. The client
// `peer` (0: nobody) is answered under `handle` with `json` once that is on disk.
void dc_keep_end(dc_core_t *self, dc_batch_t *batch, dc_err_t error, dc_peer_t peer,
                 uint32_t handle, const char *json, dc_actions_t *actions);

#endif
