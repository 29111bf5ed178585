#include "client/cli/print/former.h"

#include <stdio.h>

#include "common/pull.h"

#define WORD DC_STR("error")

dc_former_t dc_former_named(size_t number)
{
    dc_former_t names = { "row", "error" };
    if (number < 2) return names;
    snprintf(names.row, sizeof names.row, "row%zu", number);
    snprintf(names.error, sizeof names.error, "error%zu", number);
    return names;
}

// The number of a name: 1 of "error", 2 of "error2"; 0 if it is no such name.
static size_t number_of(dc_str_t name)
{
    if (!dc_str_begins(name, WORD)) return 0;
    dc_str_t digits = dc_str_behind(name, WORD.len);
    size_t number = 0;
    if (digits.len == 0) return 1;
    if (digits.len > 9 || digits.data[0] == '0') return 0;
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.data[i] < '0' || digits.data[i] > '9') return 0;
        number = number * 10 + (size_t)(digits.data[i] - '0');
    }
    return number > 1 ? number : 0;
}

// Whether the value that comes next is an error of ours, which begins with its code. Takes it.
static bool take_error(dc_pull_t *pull)
{
    dc_str_t key;
    if (dc_pull_next(pull) != DC_PULL_OBJECT) {
        dc_pull_skip(pull);
        return false;
    }
    bool is_ours = false;
    bool is_first = true;
    dc_pull_object(pull);
    while (dc_pull_member(pull, &key)) {
        bool is_code = is_first && dc_str_eq(key, DC_STR("code"));
        is_ours = is_ours || (is_code && dc_pull_next(pull) == DC_PULL_STRING);
        is_first = false;
        dc_pull_skip(pull);
    }
    return is_ours;
}

bool dc_former_find(dc_str_t object, size_t first, dc_former_t *former)
{
    size_t found = 0;
    dc_pull_t pull;
    dc_str_t key;
    // Most rows are new: one look at the bytes is enough for them.
    if (!memmem(object.data, object.len, "\"error", 6)) return false;
    dc_pull_begin(&pull, object);
    if (!dc_pull_object(&pull)) return false;
    while (dc_pull_member(&pull, &key)) {
        size_t number = number_of(key);
        if (number < first) {
            dc_pull_skip(&pull);
        } else if (take_error(&pull) && number > found) {
            found = number;
        }
    }
    if (!dc_pull_end(&pull) || !found) return false;
    *former = dc_former_named(found);
    return true;
}

static bool has_either(dc_str_t object, const dc_former_t *names)
{
    dc_pull_t pull;
    dc_str_t key;
    dc_pull_begin(&pull, object);
    if (!dc_pull_object(&pull)) return false;
    while (dc_pull_member(&pull, &key)) {
        if (dc_str_eq(key, dc_str_from(names->row))) return true;
        if (dc_str_eq(key, dc_str_from(names->error))) return true;
        dc_pull_skip(&pull);
    }
    return false;
}

dc_former_t dc_former_choose(dc_str_t object, size_t first)
{
    dc_former_t names;
    if (dc_former_find(object, first, &names)) return names;
    names = dc_former_named(first);
    for (size_t number = first + 1; has_either(object, &names); number++) {
        names = dc_former_named(number);
    }
    return names;
}
