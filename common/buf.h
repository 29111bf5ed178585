// buf — bytes that grow at the end.
//
// Appending cannot fail halfway: when memory is short the buffer remembers it (`failed`), further
// appends do nothing, and the owner asks once at the end.
#ifndef DC_COMMON_BUF_H
#define DC_COMMON_BUF_H

#include <string.h>

#include "common/str.h"

typedef struct dc_buf {
    char *data;      // owned; NULL while nothing was appended
    size_t len;      // how many bytes are in
    size_t capacity; // how many fit without growing
    bool failed;     // an append found no memory
} dc_buf_t;

// Free the bytes; the buffer is empty and usable again.
void dc_buf_fini(dc_buf_t *self);

// The slow path of dc_buf_reserve: moves the bytes to where there is more room.
bool dc_buf_grow(dc_buf_t *self, size_t more);

// Make room for `more` bytes behind what is in. False, and `failed` set, if memory is short.
static inline bool dc_buf_reserve(dc_buf_t *self, size_t more)
{
    if (self->failed) return false;
    return self->capacity - self->len >= more || dc_buf_grow(self, more);
}

// Append bytes, a C string, formatted text.
static inline void dc_buf_append(dc_buf_t *self, const void *bytes, size_t count)
{
    if (count == 0 || !dc_buf_reserve(self, count)) return;
    memcpy(self->data + self->len, bytes, count);
    self->len += count;
}

static inline void dc_buf_append_str(dc_buf_t *self, dc_str_t text)
{
    dc_buf_append(self, text.data, text.len);
}

static inline void dc_buf_append_char(dc_buf_t *self, char c)
{
    dc_buf_append(self, &c, 1);
}

void dc_buf_append_text(dc_buf_t *self, const char *text);
void dc_buf_printf(dc_buf_t *self, const char *format, ...) DC_PRINTF(2, 3);

// Drop the first `count` bytes (<= len) and move the rest to the front.
void dc_buf_drop_front(dc_buf_t *self, size_t count);

// What is in, as a view that is valid until the next append.
static inline dc_str_t dc_buf_str(const dc_buf_t *self)
{
    return dc_str(self->data, self->len);
}

#endif
