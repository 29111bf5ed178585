#include "common/log_json.h"

#include "common/json_writer.h"

// No line has so many; what is more is left out.
#define FIELDS_MAX 16

// More figures than a number in JSON is sure to keep.
#define FIGURES_MAX 15

typedef struct field {
    dc_str_t key, value;
} field_t;

typedef struct record {
    dc_str_t message;
    field_t fields[FIELDS_MAX];
    size_t count;
} record_t;

static bool is_key_letter(char c)
{
    return ('a' <= c && c <= 'z') || c == '_';
}

// The key at the front of `text`, which stands before a `=`; empty if there is none.
static dc_str_t key_of(dc_str_t text)
{
    size_t len = 0;
    while (len < text.len && is_key_letter(text.data[len])) {
        len++;
    }
    bool is_key = len && len < text.len && text.data[len] == '=';
    return dc_str(text.data, is_key ? len : 0);
}

// Where the value at the front of `text` ends: a quoted one behind its quote, another one at the
// blank before the next key.
static size_t measure_value(dc_str_t text)
{
    const char *quote =
        text.len && text.data[0] == '"' ? memchr(text.data + 1, '"', text.len - 1) : NULL;
    size_t at = quote ? (size_t)(quote + 1 - text.data) : 0;
    for (; at < text.len; at++) {
        if (text.data[at] == ' ' && key_of(dc_str_behind(text, at + 1)).len) break;
    }
    return at;
}

static dc_str_t unquote(dc_str_t value)
{
    bool is_quoted = value.len >= 2 && value.data[0] == '"' && value.data[value.len - 1] == '"';
    return is_quoted ? dc_str(value.data + 1, value.len - 2) : value;
}

static bool has_key(const record_t *self, dc_str_t key)
{
    static const char *const ours[] = { "time", "level", "message" };
    for (size_t i = 0; i < DC_ARRAY_LEN(ours); i++) {
        if (dc_str_eq(key, dc_str_from(ours[i]))) return true;
    }
    for (size_t i = 0; i < self->count; i++) {
        if (dc_str_eq(key, self->fields[i].key)) return true;
    }
    return false;
}

static void split(record_t *self, dc_str_t text)
{
    size_t at = key_of(text).len ? 0 : measure_value(text);
    self->message = dc_str(text.data, at);
    while (at < text.len && self->count < FIELDS_MAX) {
        if (at) at++; // the blank
        dc_str_t key = key_of(dc_str_behind(text, at));
        at += key.len + 1;
        dc_str_t rest = dc_str_behind(text, at);
        size_t len = measure_value(rest);
        at += len;
        if (has_key(self, key)) continue;
        self->fields[self->count++] = (field_t){ key, unquote(dc_str(rest.data, len)) };
    }
}

// Whether the text is an integer as JSON has it.
static bool is_integer(dc_str_t text)
{
    if (!text.len || text.len > FIGURES_MAX) return false;
    if (text.len > 1 && text.data[0] == '0') return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') return false;
    }
    return true;
}

static void put_field(const field_t *field, dc_json_writer_t *json)
{
    dc_buf_append_char(json->out, ',');
    json->has_before = false;
    dc_json_put_string(json, field->key);
    dc_buf_append_char(json->out, ':');
    json->has_before = false;
    if (is_integer(field->value)) {
        dc_buf_append_str(json->out, field->value);
    } else {
        dc_json_put_string(json, field->value);
    }
}

void dc_log_json_put(dc_buf_t *out, const char *time, const char *level, dc_str_t text)
{
    record_t record = { 0 };
    split(&record, text);
    dc_json_writer_t json = dc_json_writer(out);
    dc_json_begin_object(&json);
    dc_json_put_member_string(&json, "time", dc_str_from(time));
    dc_json_put_member_string(&json, "level", dc_str_from(level));
    dc_json_put_member_string(&json, "message", record.message);
    for (size_t i = 0; i < record.count; i++) {
        put_field(&record.fields[i], &json);
    }
    dc_json_end_object(&json);
    dc_buf_append_char(out, '\n');
}
