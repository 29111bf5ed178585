#include "common/json_writer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/utf8.h"

static void begin_value(dc_json_writer_t *self)
{
    if (self->has_before) dc_buf_append_char(self->out, ',');
    self->has_before = true;
}

void dc_json_begin_object(dc_json_writer_t *self)
{
    begin_value(self);
    dc_buf_append_char(self->out, '{');
    self->has_before = false;
}

void dc_json_end_object(dc_json_writer_t *self)
{
    dc_buf_append_char(self->out, '}');
    self->has_before = true;
}

void dc_json_begin_array(dc_json_writer_t *self)
{
    begin_value(self);
    dc_buf_append_char(self->out, '[');
    self->has_before = false;
}

void dc_json_end_array(dc_json_writer_t *self)
{
    dc_buf_append_char(self->out, ']');
    self->has_before = true;
}

// How many bytes the character at the front of `text` has; 0 if it is not valid UTF-8.
static size_t measure_character(dc_str_t text)
{
    uint32_t character;
    bool is_ascii = (unsigned char)text.data[0] < 0x80; // as nearly all are: it need not be decoded
    return is_ascii ? 1 : dc_utf8_decode(text, &character);
}

static void put_character(dc_buf_t *out, const char *at, size_t len)
{
    unsigned char c = (unsigned char)*at;
    if (len == 0) {
        dc_buf_append_text(out, "\\ufffd");
    } else if (c == '"' || c == '\\') {
        dc_buf_append_char(out, '\\');
        dc_buf_append_char(out, *at);
    } else if (c == '\n') {
        dc_buf_append_text(out, "\\n");
    } else if (c == '\t') {
        dc_buf_append_text(out, "\\t");
    } else if (c < ' ' || c == 0x7F) {
        dc_buf_printf(out, "\\u%04x", c);
    } else {
        dc_buf_append(out, at, len);
    }
}

static void put_quoted(dc_buf_t *out, dc_str_t text)
{
    dc_buf_append_char(out, '"');
    while (text.len) {
        size_t len = measure_character(text);
        put_character(out, text.data, len);
        size_t used = len ? len : 1;
        text = dc_str_behind(text, used);
    }
    dc_buf_append_char(out, '"');
}

void dc_json_put_key(dc_json_writer_t *self, const char *key)
{
    begin_value(self);
    put_quoted(self->out, dc_str_from(key));
    dc_buf_append_char(self->out, ':');
    self->has_before = false;
}

void dc_json_put_string(dc_json_writer_t *self, dc_str_t text)
{
    begin_value(self);
    put_quoted(self->out, text);
}

void dc_json_put_u64(dc_json_writer_t *self, uint64_t value)
{
    begin_value(self);
    uint64_t readable = value < INT64_MAX ? value : INT64_MAX;
    dc_buf_printf(self->out, "%llu", (unsigned long long)readable);
}

void dc_json_put_number(dc_json_writer_t *self, double value)
{
    if (!isfinite(value)) {
        dc_json_put_null(self);
        return;
    }
    char text[32];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value) break;
    }
    begin_value(self);
    dc_buf_append_text(self->out, text);
}

void dc_json_put_bool(dc_json_writer_t *self, bool value)
{
    begin_value(self);
    dc_buf_append_text(self->out, value ? "true" : "false");
}

void dc_json_put_null(dc_json_writer_t *self)
{
    begin_value(self);
    dc_buf_append_text(self->out, "null");
}

void dc_json_put_member_string(dc_json_writer_t *self, const char *key, dc_str_t text)
{
    dc_json_put_key(self, key);
    dc_json_put_string(self, text);
}

void dc_json_put_member_u64(dc_json_writer_t *self, const char *key, uint64_t value)
{
    dc_json_put_key(self, key);
    dc_json_put_u64(self, value);
}

void dc_json_put_member_number(dc_json_writer_t *self, const char *key, double value)
{
    dc_json_put_key(self, key);
    dc_json_put_number(self, value);
}

void dc_json_put_member_bool(dc_json_writer_t *self, const char *key, bool value)
{
    dc_json_put_key(self, key);
    dc_json_put_bool(self, value);
}
