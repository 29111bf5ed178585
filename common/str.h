// str — a view of bytes: where they are and how many. It owns nothing and does not end in NUL.
#ifndef DC_COMMON_STR_H
#define DC_COMMON_STR_H

#include <string.h>

#include "common/base.h"

typedef struct dc_str {
    const char *data; // borrowed; may be NULL if `len` is 0
    size_t len;       // in bytes
} dc_str_t;

// A view of a string literal.
#define DC_STR(literal) ((dc_str_t){ (literal), sizeof(literal) - 1 })

static inline dc_str_t dc_str(const char *data, size_t len)
{
    return (dc_str_t){ data, len };
}

// A view of a C string; NULL is the empty view.
static inline dc_str_t dc_str_from(const char *text)
{
    return (dc_str_t){ text, text ? strlen(text) : 0 };
}

// What stands behind the first `bytes` of `text`, which has as many.
static inline dc_str_t dc_str_behind(dc_str_t text, size_t bytes)
{
    // Nothing may be added to NULL, not even 0.
    return bytes ? dc_str(text.data + bytes, text.len - bytes) : text;
}

// Cut `c` off the front of `rest`. False if that is not there.
static inline bool dc_str_take_char(dc_str_t *rest, char c)
{
    if (rest->len == 0 || rest->data[0] != c) return false;
    *rest = dc_str_behind(*rest, 1);
    return true;
}

static inline bool dc_str_eq(dc_str_t a, dc_str_t b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static inline bool dc_str_begins(dc_str_t s, dc_str_t beginning)
{
    return s.len >= beginning.len && memcmp(s.data, beginning.data, beginning.len) == 0;
}

// Order of the bytes, a shorter one before what it begins: negative, 0 or positive.
int dc_str_cmp(dc_str_t a, dc_str_t b);

// The view without blanks, tabs and line ends at either side.
dc_str_t dc_str_trim(dc_str_t text);

// Cut the next line off `rest`: what stands before its first newline, or all of it if there is
// none. The newline is dropped. False if `rest` is empty; `line` is then unchanged.
bool dc_str_take_line(dc_str_t *rest, dc_str_t *line);

// How many lines there are: newlines, and one more if bytes follow the last of them.
size_t dc_str_count_lines(dc_str_t text);

#endif
