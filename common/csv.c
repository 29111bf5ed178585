#include "common/csv.h"

// Where in a record the scanner is.
enum {
    AT_FIELD,
    IN_FIELD,
    IN_QUOTES,
    AFTER_QUOTE
};

// Look on, byte by byte, until the record ends. Returns the offset behind its newline, or 0.
static size_t scan_bytes(dc_csv_scan_t *self, dc_str_t bytes)
{
    uint8_t state = self->state;
    size_t at = self->at;
    for (; at < bytes.len; at++) {
        char c = bytes.data[at];
        if (state == IN_QUOTES) {
            if (c == '"') state = AFTER_QUOTE;
            if (c == '\n') self->breaks++;
        } else if (c == '\n') {
            return at + 1;
        } else if (c == '"' && state != IN_FIELD) {
            state = IN_QUOTES; // the first of a field, or the second of a doubled one
        } else {
            state = c == ',' ? AT_FIELD : IN_FIELD;
        }
    }
    self->at = at;
    self->state = state;
    return 0;
}

// The offset behind the newline that ends the record if no quote stands before it, else 0.
static size_t find_plain_end(dc_csv_scan_t *self, dc_str_t bytes)
{
    const char *newline = memchr(bytes.data, '\n', bytes.len);
    if (!newline) return 0;
    size_t size = (size_t)(newline - bytes.data) + 1;
    if (size <= self->quote_free) return size;
    // To the end of the bytes, so that the next records need not look.
    const char *from = bytes.data + self->quote_free;
    const char *quote = memchr(from, '"', bytes.len - self->quote_free);
    self->quote_free = quote ? (size_t)(quote - bytes.data) : bytes.len;
    return size <= self->quote_free ? size : 0;
}

size_t dc_csv_record_end(dc_csv_scan_t *self, dc_str_t bytes)
{
    if (bytes.len <= self->at) return 0;
    size_t size = 0;
    if (self->at == 0) {
        self->breaks = 0;
        size = find_plain_end(self, bytes);
    }
    if (size == 0) size = scan_bytes(self, bytes);
    if (size == 0) return 0;
    self->quote_free = self->quote_free > size ? self->quote_free - size : 0;
    self->at = 0;
    self->state = AT_FIELD;
    return size;
}

bool dc_csv_is_open(const dc_csv_scan_t *self)
{
    return self->at > 0 && self->state == IN_QUOTES;
}

void dc_csv_begin(dc_csv_cursor_t *self, dc_str_t record, char delimiter)
{
    size_t len = record.len;
    if (len > 0 && record.data[len - 1] == '\n') len--;
    if (len > 0 && record.data[len - 1] == '\r') len--;
    const char *start = record.data ? record.data : "";
    *self = (dc_csv_cursor_t){ .at = start, .end = start + len, .delimiter = delimiter };
}

// Go behind the delimiter at `at`, or past the last field where the record ends.
static void step_over(dc_csv_cursor_t *self, const char *at)
{
    self->at = at < self->end ? at + 1 : NULL;
}

static bool take_quoted(dc_csv_cursor_t *self, dc_csv_field_t *field)
{
    const char *start = self->at + 1;
    const char *at = start;
    bool doubled = false;
    for (;; at += 2, doubled = true) {
        at = memchr(at, '"', (size_t)(self->end - at));
        if (!at) {
            self->fault = "a quote is never closed";
            return false;
        }
        if (at + 1 == self->end || at[1] != '"') break;
    }
    if (at + 1 < self->end && at[1] != self->delimiter) {
        self->fault = "text stands behind a closing quote";
        return false;
    }
    *field = (dc_csv_field_t){ dc_str(start, (size_t)(at - start)), true, doubled };
    step_over(self, at + 1);
    return true;
}

bool dc_csv_next(dc_csv_cursor_t *self, dc_csv_field_t *field)
{
    if (!self->at || self->fault) return false;
    if (self->delimiter == DC_CSV_COMMA && self->at < self->end && *self->at == '"') {
        return take_quoted(self, field);
    }
    const char *start = self->at;
    const char *at = start;
    while (at < self->end && *at != self->delimiter)
        at++;
    *field = (dc_csv_field_t){ dc_str(start, (size_t)(at - start)), false, false };
    step_over(self, at);
    return true;
}

dc_str_t dc_csv_unquote(const dc_csv_field_t *field, dc_buf_t *room)
{
    if (!field->doubled || !dc_buf_reserve(room, field->text.len)) return field->text;
    char *start = room->data + room->len;
    char *to = start;
    const char *end = field->text.data + field->text.len;
    for (const char *at = field->text.data; at < end; at++) {
        *to++ = *at;
        if (*at == '"') at++;
    }
    room->len = (size_t)(to - room->data);
    return dc_str(start, (size_t)(to - start));
}

static bool needs_quotes(dc_str_t value)
{
    for (size_t i = 0; i < value.len; i++) {
        char c = value.data[i];
        if (c == ',' || c == '"' || c == '\n' || c == '\r') return true;
    }
    return value.len > 0 && (value.data[0] == ' ' || value.data[value.len - 1] == ' ');
}

void dc_csv_put(dc_buf_t *out, dc_str_t value)
{
    if (!needs_quotes(value)) {
        dc_buf_append_str(out, value);
        return;
    }
    dc_buf_append_char(out, '"');
    for (const char *at = value.data, *end = at + value.len; at < end; at++) {
        if (*at == '"') dc_buf_append_char(out, '"');
        dc_buf_append_char(out, *at);
    }
    dc_buf_append_char(out, '"');
}
