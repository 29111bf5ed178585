#include "common/str.h"

int dc_str_cmp(dc_str_t a, dc_str_t b)
{
    size_t shared = dc_min_size(a.len, b.len);
    int order = shared ? memcmp(a.data, b.data, shared) : 0;
    if (order) return order;
    return (a.len > b.len) - (a.len < b.len);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

dc_str_t dc_str_trim(dc_str_t text)
{
    while (text.len && is_blank(text.data[0])) {
        text.data++;
        text.len--;
    }
    while (text.len && is_blank(text.data[text.len - 1])) {
        text.len--;
    }
    return text;
}

bool dc_str_take_line(dc_str_t *rest, dc_str_t *line)
{
    if (rest->len == 0) return false;
    const char *end = memchr(rest->data, '\n', rest->len);
    size_t len = end ? (size_t)(end - rest->data) : rest->len;
    *line = dc_str(rest->data, len);
    size_t used = end ? len + 1 : len;
    *rest = dc_str(rest->data + used, rest->len - used);
    return true;
}

// 16 bytes at a time, in the notation of gcc and clang, which compile it for any processor.
typedef uint8_t lanes_t __attribute__((vector_size(16)));

// How many newlines there are in 16 * `groups` bytes, groups <= 255: a lane counts up to 255.
static size_t count_in_groups(const char *at, size_t groups)
{
    lanes_t found = { 0 };
    for (size_t i = 0; i < groups; i++) {
        lanes_t bytes;
        memcpy(&bytes, at + i * sizeof bytes, sizeof bytes);
        found -= (lanes_t)(bytes == '\n');
    }
    size_t count = 0;
    for (size_t lane = 0; lane < sizeof found; lane++) {
        count += found[lane];
    }
    return count;
}

size_t dc_str_count_lines(dc_str_t text)
{
    if (text.len == 0) return 0;
    size_t count = text.data[text.len - 1] != '\n';
    const char *at = text.data;
    size_t left = text.len;
    while (left >= sizeof(lanes_t)) {
        size_t groups = dc_min_size(left / sizeof(lanes_t), 255);
        count += count_in_groups(at, groups);
        at += groups * sizeof(lanes_t);
        left -= groups * sizeof(lanes_t);
    }
    while (left--) {
        count += *at++ == '\n';
    }
    return count;
}
