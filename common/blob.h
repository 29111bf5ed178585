// blob — bytes that several owners share, and slices of them.
//
// A blob is counted: whoever keeps it holds a reference, and the last one to release it frees it.
// Counting is atomic, because a message library may release on a thread of its own. The bytes never
// change once somebody else can see them. A shell puts a received frame into a blob by embedding
// dc_blob_t in a larger struct and giving its own `free`.
#ifndef DC_COMMON_BLOB_H
#define DC_COMMON_BLOB_H

#include <stdatomic.h>

#include "common/str.h"

typedef struct dc_blob {
    atomic_uint refs;
    const char *data;
    size_t len;
    void (*free)(struct dc_blob *self); // called once, by the last release
} dc_blob_t;

// Prepare an embedded blob with one reference.
void dc_blob_init(dc_blob_t *self, const char *data, size_t len, void (*free)(dc_blob_t *self));

// A new blob with a copy of `bytes` and one reference, which is the caller's; NULL if memory is
// short.
dc_blob_t *dc_blob_new(dc_str_t bytes);

// From now on this thread keeps up to `count_max` small copies that it has released the last
// reference of, for its next ones; 0, as every thread begins, frees them all. For threads that make
// millions of them: malloc keeps only a few of a size at hand.
void dc_blob_keep_spares(size_t count_max);

// One more reference; returns `self`. NULL is fine.
dc_blob_t *dc_blob_retain(dc_blob_t *self);

// Give a reference back and set `*self_p` to NULL. NULL is fine.
void dc_blob_release(dc_blob_t **self_p);

// Some bytes of a blob. Where `blob` is NULL the bytes are borrowed, and live no longer than the
// call that they are passed to.
typedef struct dc_slice {
    dc_blob_t *blob;
    dc_str_t bytes;
} dc_slice_t;

// A slice that holds a reference of its own: of the same blob, or of a new copy where the bytes
// were borrowed. False if memory is short; `*kept` is then unchanged.
DC_MUST_USE bool dc_slice_keep(const dc_slice_t *slice, dc_slice_t *kept);

// Release the reference of a kept slice and empty it.
static inline void dc_slice_drop(dc_slice_t *slice)
{
    if (slice->blob) dc_blob_release(&slice->blob);
    slice->bytes = (dc_str_t){ 0 };
}

// The part [offset, offset + len) of `slice`, sharing its reference: keep it to hold it longer.
static inline dc_slice_t dc_slice_part(dc_slice_t slice, size_t offset, size_t len)
{
    assert(offset <= slice.bytes.len && len <= slice.bytes.len - offset);
    return (dc_slice_t){ slice.blob, { dc_str_behind(slice.bytes, offset).data, len } };
}

#endif
