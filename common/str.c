#include "common/str.h"

#include "common/lines.h"

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

size_t dc_str_count_lines(dc_str_t text)
{
    bool has_rest = text.len && text.data[text.len - 1] != '\n';
    return dc_lines_count(text) + has_rest;
}
