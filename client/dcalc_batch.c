#include <stdlib.h>
#include <string.h>

#include "client/dcalc.h"
#include "client/handle.h"
#include "client/sized.h"
#include "client/word_key.h"
#include "common/clock.h"
#include "common/entropy.h"
#include "common/fault.h"
#include "common/jobs_digest.h"
#include "common/lines.h"

static_assert(DCALC_CHUNK_BYTES_MAX == DC_CHUNK_BYTES_MAX, "dcalc.h repeats common/limits.h");
static_assert(DCALC_CHUNK_JOBS_MAX == DC_CHUNK_JOBS_MAX, "dcalc.h repeats common/limits.h");
static_assert(DCALC_RECORD_BYTES_MAX == DC_RECORD_BYTES_MAX, "dcalc.h repeats common/limits.h");

// --- memory ------------------------------------------------------------------------------------

// What dcalc_memory_new gives out is the part behind the head.
typedef struct memory {
    dc_blob_t blob;
    _Alignas(max_align_t) char bytes[];
} memory_t;

static void free_memory(dc_blob_t *blob)
{
    free(blob);
}

static memory_t *memory_of(void *bytes)
{
    return (memory_t *)(void *)((char *)bytes - offsetof(memory_t, bytes));
}

void *dcalc_memory_new(size_t size)
{
    size_t all;
    if (__builtin_add_overflow(sizeof(memory_t), size, &all)) return NULL;
    memory_t *self = malloc(all);
    if (!self) return NULL;
    dc_blob_init(&self->blob, NULL, 0, free_memory);
    self->blob.data = self->bytes;
    self->blob.len = size;
    return self->bytes;
}

void *dcalc_memory_share(void *memory)
{
    if (memory) dc_blob_retain(&memory_of(memory)->blob);
    return memory;
}

void dcalc_memory_release(void *memory)
{
    if (!memory) return;
    dc_blob_t *blob = &memory_of(memory)->blob;
    dc_blob_release(&blob);
}

// --- batches -----------------------------------------------------------------------------------

// What the struct had in version 1.0. It does not change; members that come later are behind it.
#define BATCH_OPTIONS_BYTES_FIRST (offsetof(dcalc_batch_options_t, deadline_ms) + sizeof(uint64_t))

void dcalc_batch_options_init(dcalc_batch_options_t *options, size_t size)
{
    dcalc_batch_options_t all = { .size = size, .retries = DC_RETRIES };
    memset(options, 0, size);
    memcpy(options, &all, dc_min_size(size, sizeof all));
}

dcalc_err_t dcalc_open(dcalc_t *self, const dcalc_batch_options_t *options, dcalc_id_t *batch)
{
    dcalc_batch_options_t all = dcalc_batch_options_default();
    dc_key_t key;
    if (options && !dc_sized_read(&all, sizeof all, options, BATCH_OPTIONS_BYTES_FIRST)) {
        return DCALC_ERR_INVALID;
    }
    if (all.key) {
        key = dc_word_key(dc_str_from(all.key));
    } else if (!dc_entropy_fill(&key, sizeof key)) {
        return DCALC_ERR_IO;
    }
    return (dcalc_err_t)dc_requests_open(self->requests, dc_clock_ms(), &key, &all, batch,
                                         &self->outcome);
}

dcalc_err_t dcalc_attach(dcalc_t *self, uint64_t number, uint64_t first, dcalc_id_t *batch)
{
    return (dcalc_err_t)dc_requests_attach(self->requests, dc_clock_ms(), number, first, batch,
                                           &self->outcome);
}

size_t dcalc_chunk_cut(const char *bytes, size_t size, uint32_t *jobs)
{
    *jobs = 0;
    dc_str_t text = dc_str(bytes, dc_min_size(size, DC_CHUNK_BYTES_MAX));
    const char *last = text.len ? memrchr(text.data, '\n', text.len) : NULL;
    if (!last) {
        // No line ends where several would fit: it may still be one that is longer.
        text.len = dc_min_size(size, DC_RECORD_BYTES_MAX);
        last = text.len ? memchr(text.data, '\n', text.len) : NULL;
        if (!last) return 0;
    }
    text.len = (size_t)(last - text.data) + 1;
    size_t count = dc_lines_count(text);
    if (count > DC_CHUNK_JOBS_MAX) {
        count = DC_CHUNK_JOBS_MAX;
        text.len = dc_lines_offset(text, count);
    }
    *jobs = (uint32_t)count;
    return text.len;
}

size_t dcalc_room(const dcalc_t *self, dcalc_id_t batch)
{
    return dc_requests_room(self->requests, batch);
}

dcalc_err_t dcalc_send(dcalc_t *self, dcalc_id_t batch, dcalc_chunk_t *chunk)
{
    // What is not 0 here wants something of a later library, or was never initialized.
    if (chunk->zero || chunk->zeros[0] || chunk->zeros[1]) return DCALC_ERR_INVALID;
    if ((chunk->size && !chunk->bytes) || (chunk->need_count && !chunk->needs)) {
        return DCALC_ERR_INVALID;
    }
    dc_slice_t data = { .bytes = dc_str(chunk->bytes, chunk->size) };
    if (chunk->memory) data.blob = &memory_of(chunk->memory)->blob;
    dc_err_t err =
        dc_requests_send(self->requests, dc_clock_ms(), batch, chunk, &data, &self->outcome);
    // The core has a reference of its own now.
    if (err == DC_OK) dcalc_memory_release(chunk->memory);
    return (dcalc_err_t)err;
}

uint64_t dcalc_digest(uint64_t first, const dcalc_chunk_t *chunk)
{
    dc_str_t inputs = dc_str(chunk->bytes, chunk->size);
    return dc_jobs_digest(first, inputs, chunk->width, chunk->record);
}

dcalc_err_t dcalc_close(dcalc_t *self, dcalc_id_t batch)
{
    return (dcalc_err_t)dc_requests_close(self->requests, dc_clock_ms(), batch, &self->outcome);
}

dcalc_err_t dcalc_ack(dcalc_t *self, dcalc_id_t batch, uint64_t first, uint64_t end)
{
    return (dcalc_err_t)dc_requests_ack(self->requests, batch, first, end, &self->outcome);
}

const dcalc_chunk_t *dcalc_unanswered(const dcalc_t *self, dcalc_id_t batch, uint64_t from,
                                      dcalc_range_t *jobs)
{
    dc_range_t open;
    const dcalc_chunk_t *chunk = dc_requests_unanswered(self->requests, batch, from, &open);
    if (chunk) *jobs = (dcalc_range_t){ open.first, open.end };
    return chunk;
}

void dcalc_cancel(dcalc_t *self, dcalc_id_t batch)
{
    dc_requests_cancel(self->requests, dc_clock_ms(), batch, &self->outcome);
}

// --- pieces ------------------------------------------------------------------------------------

// A piece that the application keeps, with what it points to.
typedef struct held_piece {
    dcalc_piece_t piece; // first, so that its address is this one's
    dc_slice_t data;     // a reference to, or a copy of, faults and results
    dcalc_range_t fresh[];
} held_piece_t;

// Small results that came with many others would hold these too.
static bool is_worth_a_copy(const dcalc_piece_t *piece, const dc_slice_t *data)
{
    size_t bytes = piece->faults_bytes + piece->results_bytes;
    return !data->blob || bytes < data->blob->len / 4;
}

dcalc_piece_t *dcalc_piece_hold(const dcalc_piece_t *piece)
{
    const dc_slice_t *data = piece->inside;
    size_t fresh_bytes = piece->fresh_count * sizeof *piece->fresh;
    held_piece_t *held = malloc(sizeof *held + fresh_bytes + piece->worker_bytes);
    if (!held) return NULL;
    dc_slice_t whole = *data;
    whole.bytes = dc_str(piece->faults, piece->faults_bytes + piece->results_bytes);
    if (is_worth_a_copy(piece, data)) whole.blob = NULL;
    if (!dc_slice_keep(&whole, &held->data)) {
        free(held);
        return NULL;
    }
    held->piece = *piece;
    held->piece.faults = held->data.bytes.data;
    held->piece.results = held->piece.faults + piece->faults_bytes;
    held->piece.fresh = held->fresh;
    held->piece.inside = &held->data;
    memcpy(held->fresh, piece->fresh, fresh_bytes);
    // The name is short, and stands before what is kept: it lies behind the ranges.
    held->piece.worker = (char *)held->fresh + fresh_bytes;
    if (piece->worker_bytes)
        memcpy((char *)held->fresh + fresh_bytes, piece->worker, piece->worker_bytes);
    return &held->piece;
}

void dcalc_piece_release(dcalc_piece_t **piece_p)
{
    held_piece_t *held = (held_piece_t *)*piece_p;
    *piece_p = NULL;
    if (!held) return;
    dc_slice_drop(&held->data);
    free(held);
}

static bool counts(const dcalc_piece_t *piece, uint64_t index)
{
    uint32_t low = 0;
    uint32_t high = piece->fresh_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (piece->fresh[middle].end > index) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low < piece->fresh_count && piece->fresh[low].first <= index;
}

bool dcalc_fault_next(const dcalc_piece_t *piece, size_t *cursor, dcalc_fault_t *fault)
{
    if (*cursor >= piece->faults_bytes) return false;
    dc_str_t rest = dc_str(piece->faults + *cursor, piece->faults_bytes - *cursor);
    dc_fault_t found;
    while (dc_fault_take(&rest, &found)) {
        if (!counts(piece, found.index)) continue;
        *fault = (dcalc_fault_t){
            .index = found.index,
            .error = (dcalc_err_t)found.code,
            .column = found.column,
            .width = found.width,
            .message = found.message.data,
            .message_bytes = found.message.len,
        };
        *cursor = (size_t)(rest.data - piece->faults);
        return true;
    }
    *cursor = piece->faults_bytes;
    return false;
}
