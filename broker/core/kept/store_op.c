#include "broker/core/kept/store_op.h"

#include <stdlib.h>

dc_store_op_t *dc_store_op_new(dc_store_what_t what, uint64_t batch)
{
    dc_store_op_t *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    self->what = what;
    self->batch = batch;
    return self;
}

void dc_store_op_destroy(dc_store_op_t **self_p)
{
    dc_store_op_t *self = *self_p;
    *self_p = NULL;
    while (self) {
        dc_store_op_t *also = self->also;
        dc_slice_drop(&self->data);
        dc_slice_drop(&self->program);
        dc_slice_drop(&self->awaited);
        dc_slice_drop(&self->reply);
        free(self);
        self = also;
    }
}

size_t dc_store_op_bytes(const dc_store_op_t *self)
{
    return sizeof *self + self->data.bytes.len + self->program.bytes.len + self->awaited.bytes.len +
           self->reply.bytes.len;
}

const char *dc_store_op_name(dc_store_what_t what)
{
    switch (what) {
    case DC_STORE_BATCH: return "batch";
    case DC_STORE_CHUNK: return "chunk";
    case DC_STORE_CLOSE: return "close";
    case DC_STORE_TERMS: return "terms";
    case DC_STORE_MET: return "met";
    case DC_STORE_RESULT: return "result";
    case DC_STORE_SPOILED: return "spoiled";
    case DC_STORE_END: return "end";
    case DC_STORE_DELETE: return "delete";
    case DC_STORE_NUMBERS: return "numbers";
    case DC_STORE_READ: return "read";
    }
    return "?";
}

// --- queues ------------------------------------------------------------------------------------

void dc_store_queue_init(dc_store_queue_t *self)
{
    self->first = NULL;
    self->end = &self->first;
}

void dc_store_queue_fini(dc_store_queue_t *self)
{
    dc_store_op_t *op;
    while ((op = dc_store_queue_pop(self))) {
        dc_store_op_destroy(&op);
    }
}

void dc_store_queue_push(dc_store_queue_t *self, dc_store_op_t *op)
{
    op->next = NULL;
    *self->end = op;
    self->end = &op->next;
}

dc_store_op_t *dc_store_queue_pop(dc_store_queue_t *self)
{
    dc_store_op_t *op = self->first;
    if (!op) return NULL;
    self->first = op->next;
    if (!self->first) self->end = &self->first;
    op->next = NULL;
    return op;
}
