#include "tests/lib/store_model.h"

#include <stdlib.h>

#include "common/jobs_digest.h"
#include "tests/lib/store_model_part.h"

dc_store_model_t *dc_store_model_new(void)
{
    dc_store_model_t *self = calloc(1, sizeof *self);
    if (!self) abort();
    dc_store_queue_init(&self->queue);
    return self;
}

// --- rows --------------------------------------------------------------------------------------

static dc_store_op_t *copy_of(const dc_store_op_t *op)
{
    dc_store_op_t *copy = dc_store_op_new(op->what, op->batch);
    if (!copy) abort();
    *copy = *op;
    copy->data = copy->program = copy->awaited = copy->reply = (dc_slice_t){ 0 };
    copy->also = copy->next = NULL;
    if (!dc_slice_keep(&op->data, &copy->data)) abort();
    if (!dc_slice_keep(&op->program, &copy->program)) abort();
    if (!dc_slice_keep(&op->awaited, &copy->awaited)) abort();
    return copy;
}

static model_batch_t **place_of(dc_store_model_t *self, uint64_t number)
{
    model_batch_t **at = &self->batches;
    while (*at && (*at)->number < number) {
        at = &(*at)->next;
    }
    return at;
}

model_batch_t *dc_store_model_find(const dc_store_model_t *self, uint64_t number)
{
    model_batch_t *batch = self->batches;
    while (batch && batch->number < number) {
        batch = batch->next;
    }
    return batch && batch->number == number ? batch : NULL;
}

// Position of the first row whose number is not below `number`.
static size_t row_at(const model_batch_t *batch, uint32_t number)
{
    size_t low = 0;
    size_t high = batch->row_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (batch->rows[middle].chunk->chunk.number < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static model_row_t *find_row(const model_batch_t *batch, uint32_t number)
{
    size_t at = batch ? row_at(batch, number) : 0;
    bool is_there = batch && at < batch->row_count && batch->rows[at].chunk->chunk.number == number;
    return is_there ? &batch->rows[at] : NULL;
}

static void put_batch(dc_store_model_t *self, const dc_store_op_t *op)
{
    model_batch_t **at = place_of(self, op->batch);
    if (*at && (*at)->number == op->batch) return;
    model_batch_t *batch = calloc(1, sizeof *batch);
    if (!batch) abort();
    batch->number = op->batch;
    batch->opened = copy_of(op);
    batch->next = *at;
    *at = batch;
    self->batch_count++;
    self->highest = dc_max_u64(self->highest, op->batch);
}

static void put_chunk(model_batch_t *batch, const dc_store_op_t *op)
{
    if (find_row(batch, op->chunk.number)) return;
    if (batch->row_count == batch->row_capacity) {
        batch->row_capacity = 2 * batch->row_capacity + 4;
        batch->rows = realloc(batch->rows, batch->row_capacity * sizeof *batch->rows);
        if (!batch->rows) abort();
    }
    model_row_t *row = &batch->rows[row_at(batch, op->chunk.number)];
    size_t behind = batch->row_count - (size_t)(row - batch->rows);
    memmove(row + 1, row, behind * sizeof *row);
    *row = (model_row_t){ .chunk = copy_of(op) };
    batch->row_count++;
}

static void free_batch(model_batch_t *batch)
{
    for (size_t i = 0; i < batch->row_count; i++) {
        dc_store_op_destroy(&batch->rows[i].chunk);
        dc_store_op_destroy(&batch->rows[i].result);
    }
    free(batch->rows);
    dc_store_op_destroy(&batch->opened);
    dc_store_op_destroy(&batch->close);
    dc_store_op_destroy(&batch->terms);
    dc_store_op_destroy(&batch->mets);
    dc_store_op_destroy(&batch->end);
    free(batch);
}

static void delete_batch(dc_store_model_t *self, uint64_t number)
{
    model_batch_t **at = place_of(self, number);
    self->highest = dc_max_u64(self->highest, number);
    if (!*at || (*at)->number != number) return;
    model_batch_t *batch = *at;
    *at = batch->next;
    self->batch_count--;
    free_batch(batch);
}

static void put_met(model_batch_t *batch, const dc_store_op_t *op)
{
    dc_store_op_t *met = copy_of(op);
    met->also = batch->mets;
    batch->mets = met;
}

static void put_once(dc_store_op_t **place, const dc_store_op_t *op)
{
    if (!*place) *place = copy_of(op);
}

// What is spoiled makes way.
static void put_end(model_batch_t *batch, const dc_store_op_t *op)
{
    if (batch->is_end_spoiled) dc_store_op_destroy(&batch->end);
    batch->is_end_spoiled = false;
    put_once(&batch->end, op);
}

bool dc_store_model_is_answered(const model_batch_t *batch)
{
    for (size_t i = 0; i < batch->row_count; i++) {
        if (!batch->rows[i].result) return false;
    }
    return batch->close;
}

// A batch that was over is computed once more; who came after it may have begun.
static void forget_result(model_batch_t *batch, model_row_t *row)
{
    batch->was_over |= batch->end || dc_store_model_is_answered(batch);
    dc_store_op_destroy(&row->result);
    row->is_spoiled = false;
}

static void read_row(dc_store_model_t *self, dc_store_op_t *op)
{
    const model_row_t *row = find_row(dc_store_model_find(self, op->batch), op->read.chunk);
    const dc_store_op_t *from = !row ? NULL : op->read.is_of_result ? row->result : row->chunk;
    if (!from) {
        op->error = DC_ERR_UNKNOWN_BATCH;
        return;
    }
    if (op->read.is_of_result ? row->is_spoiled : row->is_blank) {
        op->error = DC_ERR_DAMAGED;
        return;
    }
    op->read.bytes = from->data.bytes.len;
    if (op->read.offset >= op->read.bytes) return;
    size_t len = (size_t)dc_min_u64(op->read.bytes - op->read.offset, op->read.bytes_max);
    dc_slice_t part = dc_slice_part(from->data, (size_t)op->read.offset, len);
    if (!dc_slice_keep(&part, &op->data)) abort();
}

static void apply(dc_store_model_t *self, dc_store_op_t *op)
{
    model_batch_t *batch = dc_store_model_find(self, op->batch);
    model_row_t *row;
    switch (op->what) {
    case DC_STORE_BATCH: put_batch(self, op); break;
    case DC_STORE_CHUNK:
        op->chunk.digest = dc_jobs_digest(op->chunk.first, op->data.bytes, op->chunk.width,
                                          op->chunk.flags & DC_CHUNK_RECORD);
        op->chunk.has_digest = true;
        if (batch) put_chunk(batch, op);
        break;
    case DC_STORE_CLOSE:
        if (batch) put_once(&batch->close, op);
        break;
    case DC_STORE_TERMS:
        if (!batch || (batch->terms && batch->terms->terms.number > op->terms.number)) break;
        dc_store_op_destroy(&batch->terms);
        put_once(&batch->terms, op);
        batch->are_terms_spoiled = false;
        break;
    case DC_STORE_MET:
        if (batch) put_met(batch, op);
        break;
    case DC_STORE_RESULT:
        row = find_row(batch, op->result.chunk);
        if (row) put_once(&row->result, op);
        break;
    case DC_STORE_SPOILED:
        row = find_row(batch, op->spoiled.chunk);
        if (row) forget_result(batch, row);
        if (batch) dc_store_op_destroy(&batch->end);
        if (batch) batch->is_end_spoiled = false;
        break;
    case DC_STORE_END:
        if (batch) put_end(batch, op);
        break;
    case DC_STORE_DELETE: delete_batch(self, op->batch); break;
    case DC_STORE_NUMBERS: self->highest = op->batch; break;
    case DC_STORE_READ: read_row(self, op); break;
    }
}

// --- operations --------------------------------------------------------------------------------

void dc_store_model_put(dc_store_model_t *self, dc_store_op_t **op_p)
{
    dc_store_queue_push(&self->queue, *op_p);
    *op_p = NULL;
    self->waiting++;
}

size_t dc_store_model_waiting(const dc_store_model_t *self)
{
    return self->waiting;
}

size_t dc_store_model_waiting_bytes(const dc_store_model_t *self)
{
    size_t bytes = 0;
    for (const dc_store_op_t *op = self->queue.first; op; op = op->next) {
        bytes += op->cost;
    }
    return bytes;
}

uint64_t dc_store_model_waiting_inputs(const dc_store_model_t *self, dc_peer_t peer)
{
    uint64_t bytes = 0;
    for (const dc_store_op_t *op = self->queue.first; op; op = op->next) {
        if (op->what != DC_STORE_CHUNK || op->peer != peer) continue;
        bytes += op->chunk.credit;
    }
    return bytes;
}

uint64_t dc_store_model_waiting_reads(const dc_store_model_t *self, uint64_t *largest)
{
    uint64_t bytes = 0;
    *largest = 0;
    for (const dc_store_op_t *op = self->queue.first; op; op = op->next) {
        if (op->what != DC_STORE_READ) continue;
        bytes += op->read.expected;
        *largest = dc_max_u64(*largest, op->read.expected);
    }
    return bytes;
}

const dc_store_op_t *dc_store_model_next(const dc_store_model_t *self)
{
    return self->queue.first;
}

static dc_store_op_t *pop(dc_store_model_t *self)
{
    dc_store_op_t *op = dc_store_queue_pop(&self->queue);
    if (op) self->waiting--;
    return op;
}

dc_store_op_t *dc_store_model_commit(dc_store_model_t *self)
{
    dc_store_op_t *group = pop(self);
    for (dc_store_op_t *op = group; op; op = op->also) {
        op->error = DC_OK;
        apply(self, op);
    }
    return group;
}

dc_store_op_t *dc_store_model_refuse(dc_store_model_t *self, dc_err_t error)
{
    dc_store_op_t *group = pop(self);
    if (group) group->error = error;
    return group;
}

void dc_store_model_crash(dc_store_model_t *self)
{
    dc_store_op_t *op;
    while ((op = pop(self))) {
        dc_store_op_destroy(&op);
    }
}

// --- recovery ----------------------------------------------------------------------------------

static void tell(const dc_store_op_t *op, dc_store_found_fn *found, void *context)
{
    if (op && !found(context, op)) abort();
}

// ... as a row that is damaged, where it is: what it says then is a lie. Of terms there are none
// before them here.
static void tell_spoiled(const dc_store_op_t *op, bool is_spoiled, dc_store_found_fn *found,
                         void *context)
{
    if (!op) return;
    dc_store_op_t told = *op;
    told.also = NULL;
    told.error = is_spoiled ? DC_ERR_DAMAGED : DC_OK;
    if (told.what == DC_STORE_TERMS) told.terms.is_known = !is_spoiled;
    if (told.what == DC_STORE_END && is_spoiled) told.end.error = DC_ERR_CANCELLED;
    tell(&told, found, context);
}

static void tell_row(model_batch_t *batch, model_row_t *row, dc_store_found_fn *found,
                     void *context)
{
    bool is_ended = batch->end && !batch->is_end_spoiled;
    dc_store_op_t chunk = *row->chunk;
    // Results that are needed are read, and damage is seen then.
    bool is_read = row->result && !is_ended && chunk.chunk.flags & DC_CHUNK_NEEDED;
    chunk.chunk.is_spoiled = is_read && row->is_spoiled;
    if (chunk.chunk.is_spoiled) forget_result(batch, row);
    chunk.chunk.bytes = chunk.data.bytes.len;
    chunk.chunk.has_result = row->result;
    chunk.chunk.is_lost = !row->result && !is_ended && row->is_blank;
    chunk.error = DC_OK;
    if (row->result || chunk.chunk.is_lost) chunk.data = (dc_slice_t){ 0 };
    tell(&chunk, found, context);
    if (!row->result) return;
    dc_store_op_t result = *row->result;
    result.result.bytes = result.data.bytes.len;
    bool is_needed = !is_ended && chunk.chunk.flags & DC_CHUNK_NEEDED;
    if (!is_needed) result.data = (dc_slice_t){ 0 };
    tell(&result, found, context);
}

void dc_store_model_recover(dc_store_model_t *self, dc_store_found_fn *found, void *context)
{
    for (model_batch_t *batch = self->batches; batch; batch = batch->next) {
        tell(batch->opened, found, context);
        if (batch->close) batch->close->close.is_certain = true;
        tell(batch->close, found, context);
        tell_spoiled(batch->terms, batch->are_terms_spoiled, found, context);
        for (const dc_store_op_t *met = batch->mets; met; met = met->also) {
            tell_spoiled(met, batch->are_mets_spoiled, found, context);
        }
        tell_spoiled(batch->end, batch->is_end_spoiled, found, context);
        for (size_t i = 0; i < batch->row_count; i++) {
            tell_row(batch, &batch->rows[i], found, context);
        }
    }
}

uint64_t dc_store_model_highest(const dc_store_model_t *self)
{
    return self->highest;
}

void dc_store_model_reserve(dc_store_model_t *self, dc_settings_t *settings)
{
    settings->batch_number = self->highest;
    settings->number_end = self->highest += settings->numbers_step;
}

size_t dc_store_model_batches(const dc_store_model_t *self)
{
    return self->batch_count;
}

void dc_store_model_destroy(dc_store_model_t **self_p)
{
    dc_store_model_t *self = *self_p;
    *self_p = NULL;
    if (!self) return;
    dc_store_model_crash(self);
    while (self->batches) {
        model_batch_t *batch = self->batches;
        self->batches = batch->next;
        free_batch(batch);
    }
    free(self);
}
