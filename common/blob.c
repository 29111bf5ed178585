#include "common/blob.h"

#include <stdlib.h>

void dc_blob_init(dc_blob_t *self, const char *data, size_t len, void (*free)(dc_blob_t *self))
{
    atomic_init(&self->refs, 1);
    self->data = data;
    self->len = len;
    self->free = free;
}

// --- copies ------------------------------------------------------------------------------------

// Small copies are all of one size, so that each can be used again for any other.
#define SMALL_BYTES 64

typedef struct small_blob {
    dc_blob_t blob;
    union {
        char data[SMALL_BYTES];
        struct small_blob *next; // among the spare ones
    };
} small_blob_t;

static _Thread_local struct {
    small_blob_t *first; // owned, like those behind it
    size_t count, count_max;
} spares;

void dc_blob_keep_spares(size_t count_max)
{
#ifdef __SANITIZE_ADDRESS__
    count_max = 0; // so that the sanitizer sees every use after the end
#endif
    spares.count_max = count_max;
    while (spares.count > count_max) {
        small_blob_t *spare = spares.first;
        spares.first = spare->next;
        spares.count--;
        free(spare);
    }
}

static void free_small(dc_blob_t *blob)
{
    small_blob_t *self = (small_blob_t *)blob;
    if (spares.count >= spares.count_max) {
        free(self);
        return;
    }
    self->next = spares.first;
    spares.first = self;
    spares.count++;
}

static dc_blob_t *copy_small(dc_str_t bytes)
{
    small_blob_t *self = spares.first;
    if (self) {
        spares.first = self->next;
        spares.count--;
    } else {
        self = malloc(sizeof *self);
        if (!self) return NULL;
    }
    if (bytes.len) memcpy(self->data, bytes.data, bytes.len);
    dc_blob_init(&self->blob, self->data, bytes.len, free_small);
    return &self->blob;
}

static void free_large(dc_blob_t *self)
{
    free(self);
}

dc_blob_t *dc_blob_new(dc_str_t bytes)
{
    if (bytes.len <= SMALL_BYTES) return copy_small(bytes);
    size_t size;
    if (__builtin_add_overflow(sizeof(dc_blob_t), bytes.len, &size)) return NULL;
    dc_blob_t *self = malloc(size);
    if (!self) return NULL;
    char *data = (char *)(self + 1);
    memcpy(data, bytes.data, bytes.len);
    dc_blob_init(self, data, bytes.len, free_large);
    return self;
}

// --- references --------------------------------------------------------------------------------

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
