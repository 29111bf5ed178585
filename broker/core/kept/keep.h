// keep — detached batches from when they are taken until they are deleted: what the store has of
// them, and how long they stay. What is computed of them is put by broker/core/kept/keep_results.h.
#ifndef DC_BROKER_CORE_KEPT_KEEP_H
#define DC_BROKER_CORE_KEPT_KEEP_H

#include "broker/core/state.h"

// Said to whoever waits for what is not stored for `error`: of `batch` (NULL: one that is not taken
// yet), beside which others may be kept.
const char *dc_keep_error_text(const dc_core_t *self, const dc_batch_t *batch, dc_err_t error);

// Milliseconds since 1970: now, and when the shell's clock says `ms` (0 stays 0).
uint64_t dc_keep_date(const dc_core_t *self);
uint64_t dc_keep_date_of(const dc_core_t *self, dc_ms_t ms);

// Register `batch`, new and detached, under its key and `number` (0: the next), with the keeper's
// turn. False, nothing changed, if memory is short.
DC_MUST_USE bool dc_keep_register(dc_core_t *self, dc_batch_t *batch, uint64_t number);

// The detached batch with this number; NULL if there is none.
dc_batch_t *dc_keep_find(const dc_core_t *self, uint64_t number);

// Add an entry to `batch`, and count what it adds. False if memory is short.
DC_MUST_USE bool dc_keep_add_entry(dc_core_t *self, dc_batch_t *batch, const dc_entry_t *entry);

// `bytes` more of inputs or results count for the limits of the batch and of the store.
void dc_keep_count_bytes(dc_core_t *self, dc_detached_t *detached, uint64_t bytes);

// Add an entry likewise, and the chunk that it is of, whose inputs are `data`, to be computed when
// there are results of the jobs that it needs (`pairs` of ranges, checked). DC_ERR_PROTOCOL: these
// are not here; DC_ERR_NOMEM. Then the batch is of no use.
DC_MUST_USE dc_err_t dc_keep_add_chunk(dc_core_t *self, dc_batch_t *batch, const dc_entry_t *entry,
                                       const dc_slice_t *data, dc_str_t pairs, dc_diag_t *diag);

// The terms of `batch` have changed, which is put. The client `peer` (0: nobody) is answered under
// `handle` with `json` once that is on disk.
void dc_keep_terms(dc_core_t *self, dc_batch_t *batch, dc_peer_t peer, uint32_t handle,
                   const char *json, dc_actions_t *actions);

// It waits no longer for the one at `index` of those that it comes after.
void dc_keep_put_met(dc_core_t *self, dc_batch_t *batch, uint32_t index, dc_actions_t *actions);

// Forget `batch`, and have the store forget it; likewise.
void dc_keep_delete(dc_core_t *self, dc_batch_t *batch, dc_peer_t peer, uint32_t handle,
                    const char *json, dc_actions_t *actions);

// Likewise of a batch that is gone and that the store has still to forget: that there is none of
// `number` is said to `client` once it has.
void dc_keep_delete_again(dc_core_t *self, const dc_client_t *client, uint32_t handle,
                          uint64_t number, dc_actions_t *actions);

// The batch is being dropped: take it out of everything that is of detached ones.
void dc_keep_drop(dc_core_t *self, dc_batch_t *batch, dc_actions_t *actions);

// The store has done, or could not do, what `*op_p` says: a RESULT, END, TERMS, MET or DELETE. May
// take it, to try it again.
void dc_keep_stored(dc_core_t *self, dc_store_op_t **op_p, dc_actions_t *actions);

// Time has passed: try again what did not fit, drop orphans, delete what was kept long enough.
void dc_keep_tick(dc_core_t *self, dc_actions_t *actions);

// In how many ms `batch`, which has ended, is deleted; UINT64_MAX: never.
uint64_t dc_keep_left_ms(const dc_core_t *self, const dc_batch_t *batch);

#endif
