#include "common/json.h"

#include <jansson.h>

#include "common/limits.h"

// How deep the brackets of `text` go, and where they go too deep. Brackets in strings do not count.
static bool is_too_deep(dc_str_t text, size_t *where)
{
    size_t depth = 0;
    bool is_string = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (is_string) {
            if (c == '\\') i++;
            if (c == '"') is_string = false;
        } else if (c == '"') {
            is_string = true;
        } else if (c == '[' || c == '{') {
            if (++depth > DC_JSON_DEPTH_MAX) {
                *where = i;
                return true;
            }
        } else if ((c == ']' || c == '}') && depth) {
            depth--;
        }
    }
    return false;
}

static dc_err_t code_of(const json_error_t *error)
{
    switch (json_error_code(error)) {
    case json_error_out_of_memory: return DC_ERR_NOMEM;
    case json_error_invalid_utf8: return DC_ERR_ENCODING;
    default: return DC_ERR_SYNTAX;
    }
}

dc_json_t *dc_json_parse(dc_str_t text, size_t bytes_max, dc_json_integers_t integers,
                         dc_diag_t *diag)
{
    size_t where;
    if (text.len > bytes_max) {
        dc_diag_set(diag, DC_ERR_TOO_LONG, bytes_max, 0, "JSON of more than %zu bytes", bytes_max);
        return NULL;
    }
    if (is_too_deep(text, &where)) {
        dc_diag_set(diag, DC_ERR_TOO_DEEP, where, 1, "JSON of more than %d levels",
                    DC_JSON_DEPTH_MAX);
        return NULL;
    }
    size_t flags = JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL;
    if (integers == DC_JSON_INTEGERS_DOUBLE) flags |= JSON_DECODE_INT_AS_REAL;
    json_error_t error;
    json_t *root = json_loadb(text.data ? text.data : "", text.len, flags, &error);
    if (!root) {
        size_t column = error.position > 0 ? (size_t)error.position : 0;
        dc_diag_set(diag, code_of(&error), dc_min_size(column, text.len), 0, "JSON: %s",
                    error.text);
    }
    return root;
}

void dc_json_destroy(dc_json_t **self_p)
{
    json_decref(*self_p);
    *self_p = NULL;
}

dc_json_type_t dc_json_type(const dc_json_t *self)
{
    switch (json_typeof(self)) {
    case JSON_NULL: return DC_JSON_NULL;
    case JSON_TRUE:
    case JSON_FALSE: return DC_JSON_BOOL;
    case JSON_INTEGER:
    case JSON_REAL: return DC_JSON_NUMBER;
    case JSON_STRING: return DC_JSON_STRING;
    case JSON_ARRAY: return DC_JSON_ARRAY;
    case JSON_OBJECT: break;
    }
    return DC_JSON_OBJECT;
}

double dc_json_number(const dc_json_t *self)
{
    return json_number_value(self);
}

dc_str_t dc_json_string(const dc_json_t *self)
{
    return dc_str(json_string_value(self), json_string_length(self));
}

size_t dc_json_len(const dc_json_t *self)
{
    return json_array_size(self);
}

const dc_json_t *dc_json_at(const dc_json_t *self, size_t index)
{
    return json_array_get(self, index);
}

const dc_json_t *dc_json_member(const dc_json_t *self, const char *name)
{
    return json_object_get(self, name);
}

// --- members by type ---------------------------------------------------------------------------

// The member, or NULL if it is as good as absent.
static const dc_json_t *find(const dc_json_t *self, const char *name)
{
    const dc_json_t *member = dc_json_member(self, name);
    return json_is_null(member) ? NULL : member;
}

static bool refuse(const char *name, const char *what, dc_diag_t *diag)
{
    dc_diag_set(diag, DC_ERR_PROTOCOL, 0, 0, "member \"%s\" is not %s", name, what);
    return false;
}

bool dc_json_read_string(const dc_json_t *self, const char *name, dc_str_t *value, dc_diag_t *diag)
{
    const dc_json_t *member = find(self, name);
    if (!member) return true;
    if (!json_is_string(member)) return refuse(name, "a string", diag);
    *value = dc_json_string(member);
    return true;
}

bool dc_json_read_u64(const dc_json_t *self, const char *name, uint64_t max, uint64_t *value,
                      dc_diag_t *diag)
{
    const dc_json_t *member = find(self, name);
    if (!member) return true;
    if (!json_is_integer(member) || json_integer_value(member) < 0 ||
        (uint64_t)json_integer_value(member) > max) {
        return refuse(name, "a whole number within its limits", diag);
    }
    *value = (uint64_t)json_integer_value(member);
    return true;
}

bool dc_json_read_number(const dc_json_t *self, const char *name, double *value, dc_diag_t *diag)
{
    const dc_json_t *member = find(self, name);
    if (!member) return true;
    if (!json_is_number(member)) return refuse(name, "a number", diag);
    *value = json_number_value(member);
    return true;
}

bool dc_json_read_bool(const dc_json_t *self, const char *name, bool *value, dc_diag_t *diag)
{
    const dc_json_t *member = find(self, name);
    if (!member) return true;
    if (!json_is_boolean(member)) return refuse(name, "true or false", diag);
    *value = json_is_true(member);
    return true;
}

bool dc_json_read_array(const dc_json_t *self, const char *name, const dc_json_t **value,
                        dc_diag_t *diag)
{
    const dc_json_t *member = find(self, name);
    if (!member) return true;
    if (!json_is_array(member)) return refuse(name, "an array", diag);
    *value = member;
    return true;
}
