// verify — batches whose jobs two slots compute, so that a machine that computes wrongly is found.
//
// What one slot answers first is kept as its vote (broker/core/slots/votes.h), and its jobs are
// ready again, for any slot but that one: a job is answered when a second slot has said the same,
// to the byte, its fault included. Where they differ it has failed, and the log names both. An
// answer for what was taken back from its slot counts as well. Who has a choice takes what a slot
// of another host has answered, then what nobody has, then what its neighbour has.
//
// Of a job that a slot has split each part is computed twice, the joins too, and a part that
// differs fails the job. How it is split is not compared, since two slots may rightly do that
// differently; but what its parts come to is held against the answer of a slot that did not split
// it.
#ifndef DC_BROKER_CORE_SLOTS_VERIFY_H
#define DC_BROKER_CORE_SLOTS_VERIFY_H

#include "broker/core/clients/deliver.h"

static inline bool dc_is_verified(const dc_batch_t *batch)
{
    return batch->flags & DC_OPEN_VERIFY && !batch->is_plain;
}

// What `slot` may be leased next of `batch`, which is verified and has a client; NULL: nothing.
dc_ready_t *dc_verify_next(dc_batch_t *batch, const dc_slot_t *slot);

// Whether `slot` may compute job `index` of `chunk`: it has not answered it before.
bool dc_verify_may(const dc_chunk_t *chunk, uint64_t index, const dc_slot_t *slot);

// Take results of `lease`, which holds jobs of a verified batch that are no parts. False if memory
// was short and some are lost or are to be computed again.
bool dc_verify_results(dc_core_t *self, dc_lease_t *lease, const dc_results_t *results,
                       dc_actions_t *actions);

typedef enum dc_verdict {
    DC_VERDICT_FIRST,  // it is the first answer: kept, and the job is for another slot
    DC_VERDICT_AGREED, // another slot has said the same
    DC_VERDICT_DIFFERS,
} dc_verdict_t;

// The result of a part of a verified batch's job, of `lease`. Where it differs, `diag` says what
// the job has failed with.
dc_verdict_t dc_verify_part(dc_core_t *self, dc_lease_t *lease, const dc_results_t *results,
                            bool is_failed, dc_diag_t *diag, dc_actions_t *actions);

// The tree of the job of `results` is over. False if a slot that did not split the job has said
// otherwise: then `diag` says what the job has failed with.
bool dc_verify_tree(const dc_chunk_t *chunk, const dc_results_t *results, dc_diag_t *diag,
                    dc_actions_t *actions);

#endif
