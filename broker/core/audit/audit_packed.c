// The audit of backlogs: what is packed of each batch, and when it is to be opened.
#include "broker/core/audit/audit_part.h"

// The chunks are in order, behind all that are open, and what is counted of them is right.
static const char *audit_backlog(const dc_backlog_t *backlog, uint64_t border, uint64_t *jobs)
{
    size_t chunk_count = 0;
    size_t cost_bytes = 0;
    dc_packed_t chunk;
    dc_backlog_place_t at = { 0 };
    while (dc_backlog_next(backlog, &at, &chunk)) {
        if (chunk.first < border) return "packed chunks overlap or are out of order";
        if (!dc_chunk_is_valid(chunk.data.bytes, chunk.count, chunk.width, chunk.flags)) {
            return "a packed chunk has not the bytes of its jobs";
        }
        border = chunk.first + chunk.count;
        chunk_count++;
        *jobs += chunk.count;
        if (chunk.is_paid) cost_bytes += chunk.data.bytes.len + DC_CHUNK_COST_BYTES;
    }
    if (chunk_count == 0) return "a batch has an empty backlog";
    if (border != backlog->end) return "a backlog ends elsewhere than its last chunk";
    if (chunk_count != backlog->chunk_count) return "packed chunks are miscounted";
    if (*jobs != backlog->job_count) return "packed jobs are miscounted";
    return cost_bytes == backlog->cost_bytes ? NULL : "the credit of packed chunks is miscounted";
}

const char *dc_audit_packed(const dc_core_t *self, const dc_batch_t *batch, uint64_t border,
                            dc_audit_t *sums)
{
    if (!batch->backlog) return NULL;
    if (batch->is_plain) return "a plain request has a backlog";
    if (!batch->awaited_count && !batch->ready && !self->is_opening_due) {
        return "a batch has a backlog, and nothing before it that any slot may be leased";
    }
    uint64_t jobs = 0;
    const char *flaw = audit_backlog(batch->backlog, border, &jobs);
    sums->jobs += jobs;
    *(batch->awaited_count ? &sums->waiting : &sums->ready) += jobs;
    return flaw;
}
