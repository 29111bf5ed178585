#include "broker/core/jobs/needs.h"

#include <stdlib.h>

#include "broker/core/jobs/ledger.h"
#include "broker/core/jobs/pieces.h"
#include "common/piece_reader.h"
#include "common/wire_needs.h"

// --- sources -----------------------------------------------------------------------------------

static dc_needs_source_t *find_source(const dc_batch_t *batch, uint64_t index)
{
    dc_needs_source_t *source;
    HASH_FIND(hh, batch->sources, &index, sizeof index, source);
    return source;
}

// The source for job `index`, made if need be; NULL if memory is short.
static dc_needs_source_t *make_source(dc_core_t *self, dc_batch_t *batch, uint64_t index)
{
    dc_needs_source_t *source = find_source(batch, index);
    if (source) return source;
    source = calloc(1, sizeof *source);
    if (!source) return NULL;
    source->index = index;
    HASH_ADD(hh, batch->sources, index, sizeof source->index, source);
    if (!DC_MAP_ADDED(source)) {
        free(source);
        return NULL;
    }
    self->memory_bytes += dc_needs_source_bytes(source);
    return source;
}

static void forget_source(dc_core_t *self, dc_batch_t *batch, dc_needs_source_t *source)
{
    assert(!source->users && !source->watchers);
    self->memory_bytes -= dc_needs_source_bytes(source);
    HASH_DEL(batch->sources, source);
    dc_slice_drop(&source->result);
    free(source);
}

// While the batch is open, who needs it may still come.
static void forget_if_unused(dc_core_t *self, dc_batch_t *batch, dc_needs_source_t *source)
{
    if (batch->is_closed && !source->users) forget_source(self, batch, source);
}

// Is job `index` held, of a chunk whose results are needed, and without a result?
static bool is_expected(const dc_batch_t *batch, uint64_t index)
{
    size_t at = dc_batch_find(batch, index);
    if (at == dc_batch_chunk_count(batch)) return false;
    const dc_chunk_t *chunk = dc_batch_chunk(batch, at);
    return chunk->first <= index && chunk->flags & DC_CHUNK_NEEDED &&
           !dc_ranges_has(&chunk->answered, index);
}

// --- chunks ------------------------------------------------------------------------------------

static void doom(dc_core_t *self, dc_needs_t *needs)
{
    needs->is_doomed = true;
    DL_APPEND(self->doomed, needs);
}

static bool is_too_large(const dc_needs_t *self)
{
    size_t bytes = dc_wire_needs_bytes(self->count, self->results_bytes);
    return bytes + self->chunk->data.bytes.len > DC_JOIN_DATA_BYTES_MAX;
}

// Go on to the first source that has not ended, and watch it. Where there is none the jobs are
// ready, or fail.
static void advance(dc_core_t *self, dc_needs_t *needs)
{
    for (; needs->met < needs->count; needs->met++) {
        dc_needs_source_t *source = needs->list[needs->met];
        if (source->state == DC_NEEDS_OPEN) {
            DL_APPEND(source->watchers, needs);
            return;
        }
        needs->results_bytes += source->result.bytes.len;
        if (source->state != DC_NEEDS_DONE && !needs->fault) needs->fault = source;
    }
    if (needs->fault || is_too_large(needs)) {
        doom(self, needs);
    } else if (!needs->chunk->batch->awaited_count) {
        dc_ledger_release(self, needs->chunk);
    }
}

static uint32_t count_jobs(dc_str_t pairs)
{
    uint64_t count = 0;
    for (size_t i = 0; i < pairs.len / DC_WIRE_RANGE_BYTES; i++) {
        dc_range_t pair = dc_wire_get_range(pairs, i);
        count += pair.end - pair.first;
    }
    assert(count <= DC_NEEDS_MAX); // as the codec has seen
    return (uint32_t)count;
}

// Append the source of job `index` to the list.
static dc_err_t add_source(dc_core_t *self, dc_needs_t *needs, uint64_t index, dc_diag_t *diag)
{
    dc_batch_t *batch = needs->chunk->batch;
    dc_needs_source_t *source = find_source(batch, index);
    if (!source && !is_expected(batch, index)) {
        return dc_diag_set(diag, DC_ERR_PROTOCOL, 0, 0,
                           "a chunk needs job %llu, whose result is not here",
                           (unsigned long long)index);
    }
    if (!source) source = make_source(self, batch, index);
    if (!source) return dc_diag_set_no_memory(diag);
    source->users++;
    needs->list[needs->count++] = source;
    return DC_OK;
}

static dc_err_t add_sources(dc_core_t *self, dc_needs_t *needs, dc_str_t pairs, dc_diag_t *diag)
{
    dc_err_t err = DC_OK;
    for (size_t i = 0; !err && i < pairs.len / DC_WIRE_RANGE_BYTES; i++) {
        dc_range_t pair = dc_wire_get_range(pairs, i);
        for (uint64_t index = pair.first; !err && index < pair.end; index++) {
            err = add_source(self, needs, index, diag);
        }
    }
    return err;
}

// Give up what the chunk needs. It is watching nothing.
static void free_needs(dc_core_t *self, dc_needs_t *needs)
{
    for (uint32_t i = 0; i < needs->count; i++) {
        needs->list[i]->users--;
        forget_if_unused(self, needs->chunk->batch, needs->list[i]);
    }
    free(needs);
}

static dc_err_t enter_needs(dc_core_t *self, dc_chunk_t *chunk, dc_str_t pairs, dc_diag_t *diag)
{
    size_t bytes = sizeof(dc_needs_t) + count_jobs(pairs) * sizeof(dc_needs_source_t *);
    dc_needs_t *needs = calloc(1, bytes);
    if (!needs) return dc_diag_set_no_memory(diag);
    needs->chunk = chunk;
    dc_err_t err = add_sources(self, needs, pairs, diag);
    if (err) {
        free_needs(self, needs);
        return err;
    }
    chunk->needs = needs;
    chunk->held_bytes += bytes;
    self->memory_bytes += bytes;
    advance(self, needs);
    return DC_OK;
}

bool dc_needs_found_sources(dc_core_t *self, dc_batch_t *batch, uint64_t first, uint64_t end)
{
    for (uint64_t index = first; index < end; index++) {
        if (!make_source(self, batch, index)) return false;
    }
    return true;
}

// The chunk's own jobs are sources.
static dc_err_t enter_sources(dc_core_t *self, const dc_chunk_t *chunk, dc_diag_t *diag)
{
    uint64_t end = dc_chunk_end(chunk);
    if (dc_needs_found_sources(self, chunk->batch, chunk->first, end)) return DC_OK;
    return dc_diag_set_no_memory(diag);
}

static dc_err_t refuse_memory(dc_diag_t *diag)
{
    return dc_diag_set(diag, DC_ERR_TOO_LARGE, 0, 0,
                       "the broker has no memory for results that other jobs need");
}

dc_err_t dc_needs_admit(const dc_core_t *self, dc_str_t pairs, uint8_t flags, dc_diag_t *diag)
{
    bool is_cheap = !pairs.len && !(flags & DC_CHUNK_NEEDED);
    if (is_cheap || self->memory_bytes <= self->settings.memory_bytes_max) return DC_OK;
    return refuse_memory(diag);
}

dc_err_t dc_needs_enter(dc_core_t *self, dc_chunk_t *chunk, dc_str_t pairs, dc_diag_t *diag)
{
    bool has_sources = chunk->flags & DC_CHUNK_NEEDED;
    dc_err_t err = has_sources ? enter_sources(self, chunk, diag) : DC_OK;
    return err || !pairs.len ? err : enter_needs(self, chunk, pairs, diag);
}

void dc_needs_leave(dc_core_t *self, dc_chunk_t *chunk)
{
    dc_needs_t *needs = chunk->needs;
    if (!needs) return;
    if (needs->is_doomed) {
        DL_DELETE(self->doomed, needs);
    } else if (needs->met < needs->count) {
        DL_DELETE(needs->list[needs->met]->watchers, needs);
    }
    size_t bytes = sizeof *needs + needs->count * sizeof *needs->list;
    chunk->held_bytes -= bytes;
    self->memory_bytes -= bytes;
    chunk->needs = NULL;
    free_needs(self, needs);
}

// --- results -----------------------------------------------------------------------------------

// The source's job has ended: with `result`, or in another way.
static void end_source(dc_core_t *self, dc_batch_t *batch, dc_needs_source_t *source,
                       dc_needs_state_t state, dc_str_t result)
{
    dc_slice_t copy = { NULL, result };
    source->state = state;
    if (state == DC_NEEDS_DONE) {
        bool has_room = self->memory_bytes + result.len <= self->settings.memory_bytes_max &&
                        result.len <= DC_NEED_BYTES_MAX;
        bool is_kept = has_room && dc_slice_keep(&copy, &source->result);
        if (!is_kept) source->state = DC_NEEDS_LOST;
        self->memory_bytes += source->result.bytes.len;
    }
    while (source->watchers) {
        dc_needs_t *needs = source->watchers;
        DL_DELETE(source->watchers, needs);
        advance(self, needs);
    }
    forget_if_unused(self, batch, source);
}

static void take(dc_core_t *self, dc_batch_t *batch, const dc_results_t *results,
                 const dc_ranges_t *fresh)
{
    dc_str_t data = results->data.bytes;
    dc_piece_reader_t reader = { .faults = dc_str(data.data, results->faults_bytes),
                                 .results = dc_str_behind(data, results->faults_bytes),
                                 .is_columns = batch->flags & DC_OPEN_COLUMNS };
    for (uint64_t index = results->first; index < results->first + results->count; index++) {
        dc_str_t fault;
        dc_str_t result = dc_piece_reader_take(&reader, index, &fault);
        if (!dc_ranges_has(fresh, index)) continue;
        // It may have been forgotten at CLOSE, and the batch be open again.
        dc_needs_source_t *source =
            batch->is_closed ? find_source(batch, index) : make_source(self, batch, index);
        if (!source || source->state != DC_NEEDS_OPEN) continue;
        end_source(self, batch, source, fault.len ? DC_NEEDS_FAILED : DC_NEEDS_DONE, result);
    }
}

void dc_needs_take(dc_core_t *self, const dc_chunk_t *chunk, const dc_results_t *results,
                   const dc_ranges_t *fresh)
{
    if (chunk->flags & DC_CHUNK_NEEDED) take(self, chunk->batch, results, fresh);
}

dc_err_t dc_needs_found_results(dc_core_t *self, dc_batch_t *batch, dc_slice_t pieces)
{
    dc_cmd_t piece;
    bool is_whole = true;
    while (is_whole && dc_pieces_take(&pieces, &piece)) {
        dc_results_t results = { .first = piece.piece.first,
                                 .count = piece.piece.count,
                                 .faults_bytes = piece.piece.faults_bytes };
        dc_ranges_t fresh;
        dc_ranges_init(&fresh);
        is_whole = dc_pieces_split(&piece, &fresh, &results.data);
        if (is_whole) take(self, batch, &results, &fresh);
        dc_ranges_fini(&fresh);
    }
    if (!is_whole) return DC_ERR_NOMEM;
    return pieces.bytes.len ? DC_ERR_IO : DC_OK;
}

dc_err_t dc_needs_give(dc_core_t *self, dc_batch_t *batch, const dc_cmd_t *cmd, dc_diag_t *diag)
{
    if (self->memory_bytes > self->settings.memory_bytes_max) return refuse_memory(diag);
    bool is_failed = cmd->give.flags & DC_GIVE_FAILED;
    dc_wire_needs_t given;
    dc_str_t data = cmd->data.bytes;
    bool is_read = is_failed || dc_wire_read_needs(&data, &given);
    assert(is_read); // as the codec has seen
    (void)is_read;
    for (uint32_t i = 0; i < cmd->give.count; i++) {
        dc_str_t result = is_failed ? (dc_str_t){ 0 } : dc_wire_take_need(&given);
        dc_needs_source_t *source = make_source(self, batch, cmd->give.first + i);
        if (!source) return dc_diag_set_no_memory(diag);
        if (source->state != DC_NEEDS_OPEN) continue;
        end_source(self, batch, source, is_failed ? DC_NEEDS_FAILED : DC_NEEDS_DONE, result);
    }
    return DC_OK;
}

void dc_needs_close(dc_core_t *self, dc_batch_t *batch)
{
    dc_needs_source_t *source, *following;
    HASH_ITER(hh, batch->sources, source, following)
    {
        forget_if_unused(self, batch, source);
    }
}

void dc_needs_clear(dc_core_t *self, dc_batch_t *batch)
{
    while (batch->sources) {
        forget_source(self, batch, batch->sources);
    }
}

void dc_needs_put(const dc_chunk_t *chunk, dc_buf_t *out)
{
    const dc_needs_t *needs = chunk->needs;
    size_t sizes = dc_wire_begin_needs(out, needs->count);
    for (uint32_t i = 0; i < needs->count; i++) {
        dc_wire_add_need(out, sizes, i, needs->list[i]->result.bytes);
    }
}

// --- failures ----------------------------------------------------------------------------------

static void explain(const dc_needs_t *needs, dc_diag_t *diag)
{
    const dc_needs_source_t *fault = needs->fault;
    if (!fault) {
        dc_diag_set(diag, DC_ERR_TOO_LARGE, 0, 0,
                    "the results that it needs are larger than %u bytes together",
                    DC_JOIN_DATA_BYTES_MAX);
    } else if (fault->state == DC_NEEDS_LOST) {
        dc_diag_set(diag, DC_ERR_TOO_LARGE, 0, 0,
                    "the result of job %llu, which it needs, has more than %d bytes, or more than "
                    "the broker has memory for",
                    (unsigned long long)fault->index + 1, DC_NEED_BYTES_MAX);
    } else {
        dc_diag_set(diag, DC_ERR_SKIPPED, 0, 0, "job %llu, which it needs, has failed",
                    (unsigned long long)fault->index + 1);
    }
}

// The chunk's jobs fail. With the last of them it needs nothing any more.
static void fail_chunk(dc_core_t *self, dc_needs_t *needs, dc_actions_t *actions)
{
    dc_diag_t diag;
    dc_chunk_t *chunk = needs->chunk;
    dc_batch_t *batch = chunk->batch;
    explain(needs, &diag);
    DL_DELETE(self->doomed, needs);
    needs->is_doomed = false;
    dc_ledger_release(self, chunk);
    for (uint64_t index = chunk->first; index < dc_chunk_end(chunk); index++) {
        dc_deliver_failure(self, chunk, index, &diag, actions);
    }
    dc_deliver_end(self, batch, actions);
}

void dc_needs_settle(dc_core_t *self, dc_actions_t *actions)
{
    while (self->doomed) {
        fail_chunk(self, self->doomed, actions);
    }
}
