// audit_part — what the files of the audit share: audit.c looks at batches and clients,
// audit_chunk.c at chunks and their jobs, audit_packed.c at backlogs, audit_slots.c at slots and at
// what waits for them, audit_kept.c at detached batches.
#ifndef DC_BROKER_CORE_AUDIT_AUDIT_PART_H
#define DC_BROKER_CORE_AUDIT_AUDIT_PART_H

#include "broker/core/state.h"

// What is counted while looking, to be compared with the core's own sums.
typedef struct dc_audit {
    uint64_t jobs, waiting, waiting_chunks, ready, leased, forked, answered, plain_ready, parts,
        trees, busy;
    size_t leases, void_leases, chunk_leases, doubles, nodes, memory_bytes;
} dc_audit_t;

// NULL, or a sentence, all of them.
const char *dc_audit_chunk(const dc_chunk_t *chunk, dc_audit_t *sums);

// The open chunks of `batch` end at `border`.
const char *dc_audit_packed(const dc_core_t *self, const dc_batch_t *batch, uint64_t border,
                            dc_audit_t *sums);
const char *dc_audit_slots(const dc_core_t *self, dc_audit_t *sums);
const char *dc_audit_kept(const dc_core_t *self);

#endif
