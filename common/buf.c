#include "common/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void dc_buf_fini(dc_buf_t *self)
{
    free(self->data);
    *self = (dc_buf_t){ 0 };
}

bool dc_buf_grow(dc_buf_t *self, size_t more)
{
    size_t need;
    if (__builtin_add_overflow(self->len, more, &need)) {
        self->failed = true;
        return false;
    }
    size_t capacity = self->capacity + self->capacity / 2;
    if (capacity < need) capacity = need;
    if (capacity < 64) capacity = 64;
    char *data = realloc(self->data, capacity);
    if (!data) {
        self->failed = true;
        return false;
    }
    self->data = data;
    self->capacity = capacity;
    return true;
}

void dc_buf_append_text(dc_buf_t *self, const char *text)
{
    dc_buf_append(self, text, strlen(text));
}

void dc_buf_printf(dc_buf_t *self, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len > 0 && dc_buf_reserve(self, (size_t)len + 1)) {
        vsnprintf(self->data + self->len, (size_t)len + 1, format, again);
        self->len += (size_t)len;
    }
    va_end(again);
}

void dc_buf_drop_front(dc_buf_t *self, size_t count)
{
    assert(count <= self->len);
    self->len -= count;
    if (self->len) memmove(self->data, self->data + count, self->len);
}
