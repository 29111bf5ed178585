// ledger — moves jobs between waiting, ready, leased, forked and answered, and keeps the sums.
//
// Every index of a chunk is in exactly one of these states. A job may be leased to two slots: the
// two leases, of this one job, are twins, and the one that was given later is the double. The job
// is counted with the other one, until that ends; the double takes its place then. So a job that is
// doubled is answered, forked or lost like any other, and comes back to the ready ones only when
// both leases have ended without a result. All changes of state go through here, so that counters,
// lists and turns agree after every step; broker/core/schedule/ready.h is its part for ready ones,
// broker/core/jobs/packed.h for those of them that lie in backlogs, broker/core/jobs/forked.h for
// forked ones, broker/core/jobs/answered.h for answered ones.
#ifndef DC_BROKER_CORE_JOBS_LEDGER_H
#define DC_BROKER_CORE_JOBS_LEDGER_H

#include "broker/core/state.h"

// Take a new chunk into its batch: all its jobs are ready, or waiting if it is. The batch owns it
// from now on. What is packed before it is opened. False, the chunk is the caller's still, if
// memory is short.
DC_MUST_USE bool dc_ledger_add_chunk(dc_core_t *self, dc_chunk_t *chunk);

// The jobs of `chunk`, which its batch has and which are in no state, are ready, or waiting if it
// is. A node has been reserved.
void dc_ledger_begin(dc_core_t *self, dc_chunk_t *chunk);

// Jobs of `batch` that are packed are waiting: `change` more, or fewer.
void dc_ledger_count_waiting(dc_core_t *self, dc_batch_t *batch, int64_t change);

// The chunk, which was waiting, waits no more: all its jobs are ready.
void dc_ledger_release(dc_core_t *self, dc_chunk_t *chunk);

// One more job for the last chunk of its batch, which must be fresh: see dc_chunk_join.
DC_MUST_USE bool dc_ledger_join(dc_core_t *self, dc_chunk_t *chunk, dc_str_t line);

// The batch's chunk `at` is over: forget it. Its leases run on for nobody and are trimmed.
void dc_ledger_drop_chunk(dc_core_t *self, dc_batch_t *batch, size_t at, dc_actions_t *actions);

// Nobody wants the jobs of `chunk` any more, in whatever state they are: its leases run on for
// nobody and are trimmed, and it counts for nothing but the jobs held. It is about to be destroyed.
void dc_ledger_clear_chunk(dc_core_t *self, dc_chunk_t *chunk, dc_actions_t *actions);

// What of `batch`, of which something may be leased to `slot`, is leased to it next: never NULL.
dc_ready_t *dc_ledger_next(dc_batch_t *batch, const dc_slot_t *slot);

// Lease jobs from the front of `batch`, which has ready ones (for a plain worker: that are no
// parts), to `slot`, at most `count_max`. Returns the lease, which is the slot's; NULL if memory is
// short.
dc_lease_t *dc_ledger_lease(dc_core_t *self, dc_slot_t *slot, dc_batch_t *batch,
                            uint64_t count_max);

// Lease the job that `lease`, of one job and no twin yet, is at to `slot` as well: whoever answers
// first wins, and should either end otherwise the other goes on with it. NULL if memory is short.
dc_lease_t *dc_ledger_double(dc_core_t *self, dc_slot_t *slot, dc_lease_t *lease);

// `lease` does not go on with the job that its twin has as well, and its slot is told.
void dc_ledger_end_double(dc_core_t *self, dc_lease_t *lease, dc_actions_t *actions);

// The job that `lease` is at, which is not answered, is `fork`: it leaves the lease, which goes on
// behind it, and its children are ready. The chunk owns the fork from now on.
void dc_ledger_fork(dc_core_t *self, dc_lease_t *lease, struct dc_fork *fork);

// Jobs [first, end) of `lease` have to be computed by others: those that are not answered are ready
// again, though it covers them. The caller has divided it at `end`, and advances it behind them.
void dc_ledger_give_back(dc_core_t *self, dc_lease_t *lease, uint64_t first, uint64_t end);

// Likewise those of [lease->next, end) that are in no state, since their results found no memory.
// Where that is too short to divide the lease it ends here, and its slot is told.
void dc_ledger_give_back_lost(dc_core_t *self, dc_lease_t *lease, uint64_t end,
                              dc_actions_t *actions);

// The open jobs of `lease` before `border` and behind it do not go back as one range any more: a
// node is kept for that, should it lie inside. False, nothing changed, if memory is short.
DC_MUST_USE bool dc_ledger_divide(dc_core_t *self, dc_lease_t *lease, uint64_t border);

// Keep `count` more spare nodes for `lease`, which have been reserved.
void dc_ledger_keep_nodes(dc_core_t *self, dc_lease_t *lease, uint32_t count);

// The lease ends at `end` (next <= end <= lease->end): what it had behind is ready again, or its
// twin's. Where memory is short all of it is, and it ends where it is.
void dc_ledger_trim(dc_core_t *self, dc_lease_t *lease, uint64_t end);

// Nobody waits for the results of `lease` any more. It stays its slot's until that has ended it.
void dc_ledger_void_lease(dc_core_t *self, dc_lease_t *lease);

// See anew what the lease costs, which was not known, or is known better, since it was given.
void dc_ledger_price(dc_core_t *self, dc_lease_t *lease);

// Return what is not answered of the lease, cut into at most two pieces at `cut` (ignored unless it
// lies inside, and where memory is short), and free the lease. The slot's room is seen anew.
void dc_ledger_end_lease(dc_core_t *self, dc_lease_t *lease, uint64_t cut);

// How long a lease of `count` jobs of `batch`, no parts, should take: by its own mean, else its
// client's.
double dc_ledger_cost_us(const dc_batch_t *batch, uint64_t count);

// Whether that is likely: its client's others may take a millionth of what it takes, unless its
// last ones were alike. Requests of a plain one are, as far as anybody knows.
bool dc_ledger_knows_cost(const dc_batch_t *batch);

// Of `batch` the broker holds `change` more jobs, or fewer.
void dc_ledger_count_held(dc_core_t *self, dc_batch_t *batch, int64_t change);

// Of what `lease` covers `change` more jobs are open, or fewer.
void dc_ledger_count_open(dc_core_t *self, dc_lease_t *lease, int64_t change);

#endif
