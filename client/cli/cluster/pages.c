#include "client/cli/cluster/pages.h"

#include "common/pull.h"

// What an answer ends in, behind its items.
static const char end[] = "]}";

// What stands between the brackets of the array that comes next.
static bool take_items(dc_pull_t *pull, dc_str_t *items, size_t *count)
{
    if (!dc_pull_array(pull)) return false;
    const char *start = pull->at;
    const char *behind = start;
    while (dc_pull_item(pull)) {
        if (!dc_pull_skip(pull)) return false;
        behind = pull->at;
        (*count)++;
    }
    *items = dc_str(start, (size_t)(behind - start));
    return !pull->fault;
}

static bool read_page(const char *name, dc_str_t page, dc_str_t *items, size_t *count,
                      uint64_t *next)
{
    dc_pull_t pull;
    dc_str_t key;
    bool has_items = false;
    dc_pull_begin(&pull, page);
    if (!dc_pull_object(&pull)) return false;
    while (dc_pull_member(&pull, &key)) {
        if (dc_str_eq(key, dc_str_from(name))) {
            has_items = take_items(&pull, items, count);
        } else if (dc_str_eq(key, DC_STR("next"))) {
            dc_pull_u64(&pull, next);
        } else {
            dc_pull_skip(&pull);
        }
    }
    return dc_pull_end(&pull) && has_items;
}

bool dc_pages_add(dc_buf_t *answer, const char *name, dc_str_t page, uint64_t *next)
{
    dc_str_t items = { 0 };
    size_t count = 0;
    *next = 0;
    if (!read_page(name, page, &items, &count, next)) return false;
    // One that never comes to an end must not be followed for ever.
    if (*next && count == 0) return false;
    if (answer->len + items.len > DC_PAGES_BYTES_MAX) return false;
    if (answer->len == 0) {
        dc_buf_printf(answer, "{\"v\":1,\"%s\":[", name);
    } else {
        answer->len -= sizeof end - 1;
        if (count && answer->data[answer->len - 1] != '[') dc_buf_append_char(answer, ',');
    }
    dc_buf_append_str(answer, items);
    dc_buf_append_text(answer, end);
    return !answer->failed;
}
