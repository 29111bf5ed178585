#include "common/blob.h"

#include <stdlib.h>

void dc_blob_init(dc_blob_t *self, const char *data, size_t len, void (*free)(dc_blob_t *self))
{
    atomic_init(&self->refs, 1);
    self->data = data;
    self->len = len;
    self->free = free;
}

static void free_blob(dc_blob_t *self)
{
    free(self);
}

dc_blob_t *dc_blob_new(dc_str_t bytes)
{
    size_t size;
    if (__builtin_add_overflow(sizeof(dc_blob_t), bytes.len, &size)) return NULL;
    dc_blob_t *self = malloc(size);
    if (!self) return NULL;
    char *data = (char *)(self + 1);
    if (bytes.len) memcpy(data, bytes.data, bytes.len);
    dc_blob_init(self, data, bytes.len, free_blob);
    return self;
}

dc_blob_t *dc_blob_retain(dc_blob_t *self)
{
    if (self) atomic_fetch_add_explicit(&self->refs, 1, memory_order_relaxed);
    return self;
}

void dc_blob_release(dc_blob_t **self_p)
{
    dc_blob_t *self = *self_p;
    *self_p = NULL;
    if (!self) return;
    // What other owners did with the bytes must have happened before they are freed. The only owner
    // cannot be joined by another, so it need not count down: that is most of the cost.
    unsigned refs = atomic_load_explicit(&self->refs, memory_order_acquire);
    if (refs != 1) refs = atomic_fetch_sub_explicit(&self->refs, 1, memory_order_acq_rel);
    assert(refs > 0);
    if (refs == 1) self->free(self);
}

bool dc_slice_keep(const dc_slice_t *slice, dc_slice_t *kept)
{
    if (slice->bytes.len == 0) {
        *kept = (dc_slice_t){ 0 };
        return true;
    }
    if (slice->blob) {
        *kept = (dc_slice_t){ dc_blob_retain(slice->blob), slice->bytes };
        return true;
    }
    dc_blob_t *copy = dc_blob_new(slice->bytes);
    if (!copy) return false;
    *kept = (dc_slice_t){ copy, { copy->data, copy->len } };
    return true;
}
