// The audit of detached batches, who submits them and who is attached to them.
#include "broker/core/audit/audit_part.h"
#include "broker/core/clients/viewer.h"

static const char *audit_entries(const dc_detached_t *detached)
{
    size_t stored = 0;
    uint64_t jobs = 0;
    uint64_t border = 0;
    for (size_t at = 0; at < detached->entry_count; at++) {
        const dc_entry_t *entry = &detached->entries[at];
        if (entry->first < border) return "entries of a detached batch meet, or are out of order";
        border = entry->first + entry->count;
        jobs += entry->count;
        stored += entry->is_stored;
        if (entry->number >= detached->next_number) return "a chunk has a number that comes again";
        if (entry->is_stored && !entry->is_put) return "results are stored that nobody put";
    }
    if (stored != detached->stored_count) return "stored chunks are miscounted";
    return jobs == detached->job_count ? NULL : "jobs of a detached batch are miscounted";
}

// Whether it has a chunk that begins at `first`, open, or packed: then it is the next one, since
// what is packed has no results yet.
static bool is_held(const dc_batch_t *batch, uint64_t first, dc_backlog_place_t *place)
{
    size_t at = dc_batch_find(batch, first);
    if (at < dc_batch_chunk_count(batch)) return dc_batch_chunk(batch, at)->first == first;
    dc_packed_t chunk;
    return batch->backlog && dc_backlog_next(batch->backlog, place, &chunk) && chunk.first == first;
}

// A chunk is here while its results are not on their way, unless the batch has ended.
static const char *audit_detached(const dc_batch_t *batch)
{
    const dc_detached_t *detached = batch->detached;
    const char *flaw = audit_entries(detached);
    if (flaw) return flaw;
    size_t open = 0;
    dc_backlog_place_t place = { 0 };
    for (size_t at = 0; at < detached->entry_count; at++) {
        const dc_entry_t *entry = &detached->entries[at];
        open += !entry->is_put;
        if (entry->is_put || detached->is_ended) continue;
        if (!is_held(batch, entry->first, &place)) return "a chunk of a detached batch is lost";
    }
    size_t held = dc_batch_chunk_count(batch);
    if (batch->backlog) held += batch->backlog->chunk_count;
    if (held != (detached->is_ended ? 0 : open)) return "a detached batch holds a chunk too many";
    if (detached->is_close_put && !dc_detached_is_whole(detached, batch->jobs)) {
        return "a detached batch is closed and not whole";
    }
    if (detached->submitter && detached->is_close_stored) {
        return "a batch is submitted that is kept already";
    }
    for (const dc_viewer_t *viewer = detached->viewers; viewer; viewer = viewer->batch_next) {
        if (viewer->batch != batch) return "a viewer is in the list of another batch";
    }
    return NULL;
}

// Every detached batch is the keeper's, and nothing else is.
static const char *audit_keeper(const dc_core_t *self)
{
    uint64_t count = 0;
    uint64_t bytes = 0;
    const dc_batch_t *batch;
    DL_FOREACH2(self->keeper.batches, batch, client_next)
    {
        if (batch->client != &self->keeper || !batch->detached) {
            return "the keeper has a batch that is not detached";
        }
        const char *flaw = audit_detached(batch);
        if (flaw) return flaw;
        count++;
        bytes += batch->detached->bytes;
    }
    if (count != self->kept_count) return "batches that are kept are miscounted";
    if (bytes != self->kept_bytes) return "bytes that are kept are miscounted";
    if (self->keeper.unacked_bytes > self->pending_bytes) return "more is put than is on its way";
    return NULL;
}

static const char *audit_viewer(const dc_viewer_t *viewer)
{
    size_t bytes = 0;
    for (const dc_viewed_chunk_t *chunk = viewer->sent.chunks; chunk; chunk = chunk->next) {
        bytes += chunk->bytes;
        if (chunk->first >= chunk->end) return "a viewer waits for what is acknowledged";
    }
    if (bytes != viewer->sent.bytes) return "what a viewer was sent is miscounted";
    if (bytes > DC_RESULTS_BYTES_MAX + DC_STORE_RESULT_BYTES_MAX)
        return "a viewer is sent too much";
    return viewer->read_bytes && !viewer->reads ? "nothing is read for a viewer, in bytes" : NULL;
}

static const char *audit_viewers(const dc_core_t *self)
{
    size_t count = 0;
    size_t thirsty = 0;
    size_t reading_bytes = 0;
    size_t viewed_bytes = 0;
    for (const dc_client_t *client = self->clients; client; client = client->hh.next) {
        unsigned of_client = 0;
        for (const dc_viewer_t *viewer = client->viewers; viewer; viewer = viewer->client_next) {
            const char *flaw = audit_viewer(viewer);
            if (flaw) return flaw;
            if (viewer->client != client) return "a viewer is in the list of another client";
            of_client++;
            thirsty += viewer->is_thirsty;
            reading_bytes += viewer->read_bytes;
            viewed_bytes += viewer->sent.bytes;
        }
        if (of_client != client->viewer_count) return "viewers of a client are miscounted";
        if (of_client > DC_VIEWERS_MAX) return "a client has too many viewers";
        count += of_client;
        const dc_detached_t *detached = client->submitted;
        for (; detached; detached = detached->submitter_next) {
            if (detached->submitter != client) return "another client submits a client's batch";
        }
    }
    const dc_viewer_t *waiting;
    DL_FOREACH2(self->thirsty, waiting, thirsty_next)
    {
        if (!waiting->is_thirsty || !thirsty--) return "a viewer waits to read that does not";
    }
    if (thirsty) return "a viewer waits to read, and its turn never comes";
    if (self->thirsty && self->reading_bytes == 0)
        return "viewers wait to read, and nothing is read";
    // Of those that have gone something may still be read.
    if (self->viewed_bytes != viewed_bytes) return "what all viewers were sent is miscounted";
    if (self->reading_bytes < reading_bytes) return "more is read for viewers than for all";
    return count == self->viewer_count ? NULL : "viewers are miscounted";
}

const char *dc_audit_kept(const dc_core_t *self)
{
    const char *flaw = audit_keeper(self);
    return flaw ? flaw : audit_viewers(self);
}
