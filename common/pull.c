#include "common/pull.h"

#include "common/expr/number.h"
#include "common/utf8.h"

#define SKIP_DEPTH_MAX 64

void dc_pull_begin(dc_pull_t *self, dc_str_t text)
{
    const char *start = text.data ? text.data : "";
    *self = (dc_pull_t){ .start = start, .at = start, .end = start + text.len };
}

static bool fail(dc_pull_t *self, const char *fault)
{
    if (!self->fault) self->fault = fault;
    return false;
}

static void skip_blanks(dc_pull_t *self)
{
    while (self->at < self->end &&
           (*self->at == ' ' || *self->at == '\t' || *self->at == '\n' || *self->at == '\r')) {
        self->at++;
    }
}

// Take `c` if it comes next, behind blanks.
static bool take(dc_pull_t *self, char c)
{
    skip_blanks(self);
    if (self->at == self->end || *self->at != c) return false;
    self->at++;
    return true;
}

dc_pull_type_t dc_pull_next(dc_pull_t *self)
{
    skip_blanks(self);
    if (self->fault || self->at == self->end) return DC_PULL_NONE;
    switch (*self->at) {
    case '{': return DC_PULL_OBJECT;
    case '[': return DC_PULL_ARRAY;
    case '"': return DC_PULL_STRING;
    case 't':
    case 'f': return DC_PULL_BOOL;
    case 'n': return DC_PULL_NULL;
    default: break;
    }
    bool is_digit = *self->at >= '0' && *self->at <= '9';
    return is_digit || *self->at == '-' ? DC_PULL_NUMBER : DC_PULL_NONE;
}

bool dc_pull_object(dc_pull_t *self)
{
    if (self->fault || !take(self, '{')) return fail(self, "an object is expected");
    self->is_first = true;
    return true;
}

bool dc_pull_array(dc_pull_t *self)
{
    if (self->fault || !take(self, '[')) return fail(self, "an array is expected");
    self->is_first = true;
    return true;
}

// Step over what stands between items. False where `end` closes them, and at a fault.
static bool step(dc_pull_t *self, char end)
{
    if (self->fault) return false;
    bool is_first = self->is_first;
    self->is_first = false;
    if (take(self, end)) return false;
    if (is_first || take(self, ',')) return true;
    return fail(self, end == '}' ? "',' or '}' is expected" : "',' or ']' is expected");
}

bool dc_pull_member(dc_pull_t *self, dc_str_t *key)
{
    if (!step(self, '}') || !dc_pull_string(self, key)) return false;
    return take(self, ':') || fail(self, "':' is expected");
}

bool dc_pull_item(dc_pull_t *self)
{
    return step(self, ']');
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Go behind the escape whose backslash is at `at`; NULL if it is none.
static const char *skip_escape(const dc_pull_t *self, const char *at)
{
    static const char letters[] = { '"', '\\', '/', 'b', 'f', 'n', 'r', 't' };
    if (self->end - at < 2) return NULL;
    if (at[1] != 'u') return memchr(letters, at[1], sizeof letters) ? at + 2 : NULL;
    if (self->end - at < 6) return NULL;
    for (int i = 2; i < 6; i++) {
        if (!is_hex(at[i])) return NULL;
    }
    return at + 6;
}

bool dc_pull_string(dc_pull_t *self, dc_str_t *string)
{
    if (self->fault || !take(self, '"')) return fail(self, "a string is expected");
    const char *at = self->at;
    bool is_ascii = true;
    while (at < self->end && *at != '"') {
        unsigned char c = (unsigned char)*at;
        if (c < 0x20) return fail(self, "a control character is in a string");
        const char *next = c == '\\' ? skip_escape(self, at) : at + 1;
        if (!next) return fail(self, "a string has a bad escape");
        is_ascii = is_ascii && c < 0x80;
        at = next;
    }
    if (at == self->end) return fail(self, "a string is never closed");
    dc_str_t found = dc_str(self->at, (size_t)(at - self->at));
    if (!is_ascii && !dc_utf8_is_valid(found)) return fail(self, "a string is not UTF-8");
    *string = found;
    self->at = at + 1;
    return true;
}

static const char *skip_digits(const char *at, const char *end)
{
    while (at < end && *at >= '0' && *at <= '9')
        at++;
    return at;
}

// Where the number at `at` ends, by the grammar of JSON; NULL if none is there.
static const char *skip_number(const char *at, const char *end)
{
    if (at < end && *at == '-') at++;
    const char *digits = at;
    at = skip_digits(at, end);
    if (at == digits || (*digits == '0' && at - digits > 1)) return NULL;
    if (at < end && *at == '.') {
        const char *fraction = at + 1;
        at = skip_digits(fraction, end);
        if (at == fraction) return NULL;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        const char *exponent = at + 1;
        if (exponent < end && (*exponent == '+' || *exponent == '-')) exponent++;
        at = skip_digits(exponent, end);
        if (at == exponent) return NULL;
    }
    return at;
}

static bool take_number(dc_pull_t *self, dc_str_t *text)
{
    skip_blanks(self);
    const char *end = self->fault ? NULL : skip_number(self->at, self->end);
    if (!end) return fail(self, "a number is expected");
    *text = dc_str(self->at, (size_t)(end - self->at));
    self->at = end;
    return true;
}

bool dc_pull_number(dc_pull_t *self, double *number)
{
    dc_str_t text;
    if (!take_number(self, &text)) return false;
    bool is_negative = text.data[0] == '-';
    double size;
    dc_number_read(dc_str_behind(text, is_negative), &size);
    *number = is_negative ? -size : size;
    return true;
}

bool dc_pull_u64(dc_pull_t *self, uint64_t *number)
{
    dc_str_t text;
    if (!take_number(self, &text)) return false;
    if (text.len > 19) return fail(self, "an integer is too large");
    uint64_t value = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') return fail(self, "an integer is expected");
        value = value * 10 + (uint64_t)(text.data[i] - '0');
    }
    *number = value;
    return true;
}

static bool take_word(dc_pull_t *self, dc_str_t word)
{
    skip_blanks(self);
    if (self->fault || (size_t)(self->end - self->at) < word.len) return false;
    if (memcmp(self->at, word.data, word.len) != 0) return false;
    self->at += word.len;
    return true;
}

bool dc_pull_bool(dc_pull_t *self, bool *boolean)
{
    bool is_true = take_word(self, DC_STR("true"));
    if (!is_true && !take_word(self, DC_STR("false"))) {
        return fail(self, "true or false is expected");
    }
    *boolean = is_true;
    return true;
}

bool dc_pull_null(dc_pull_t *self)
{
    return take_word(self, DC_STR("null")) || fail(self, "null is expected");
}

static bool skip_at(dc_pull_t *self, int depth);

static bool skip_members(dc_pull_t *self, int depth)
{
    dc_str_t key;
    if (!dc_pull_object(self)) return false;
    while (dc_pull_member(self, &key)) {
        if (!skip_at(self, depth)) return false;
    }
    return !self->fault;
}

static bool skip_items(dc_pull_t *self, int depth)
{
    if (!dc_pull_array(self)) return false;
    while (dc_pull_item(self)) {
        if (!skip_at(self, depth)) return false;
    }
    return !self->fault;
}

static bool skip_at(dc_pull_t *self, int depth)
{
    dc_str_t text;
    bool boolean;
    if (depth == SKIP_DEPTH_MAX) return fail(self, "it is nested too deeply");
    switch (dc_pull_next(self)) {
    case DC_PULL_OBJECT: return skip_members(self, depth + 1);
    case DC_PULL_ARRAY: return skip_items(self, depth + 1);
    case DC_PULL_STRING: return dc_pull_string(self, &text);
    case DC_PULL_NUMBER: return take_number(self, &text);
    case DC_PULL_BOOL: return dc_pull_bool(self, &boolean);
    case DC_PULL_NULL: return dc_pull_null(self);
    case DC_PULL_NONE: break;
    }
    return fail(self, "a value is expected");
}

bool dc_pull_skip(dc_pull_t *self)
{
    return skip_at(self, 0);
}

bool dc_pull_end(dc_pull_t *self)
{
    skip_blanks(self);
    if (self->fault) return false;
    return self->at == self->end || fail(self, "something stands behind the value");
}

static uint32_t read_hex(const char *at)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) {
        char c = at[i];
        uint32_t digit = c <= '9' ? (uint32_t)(c - '0') : (uint32_t)((c | 0x20) - 'a' + 10);
        value = value << 4 | digit;
    }
    return value;
}

// Read the escape \uXXXX at `at`, with its second half if it is one of a pair; go behind it.
static uint32_t read_unicode(const char **at_p, const char *end)
{
    const char *at = *at_p;
    uint32_t code = read_hex(at + 2);
    *at_p = at + 6;
    if (code < 0xD800 || code > 0xDFFF) return code;
    if (code > 0xDBFF || end - at < 12 || at[6] != '\\' || at[7] != 'u') return 0xFFFD;
    uint32_t low = read_hex(at + 8);
    if (low < 0xDC00 || low > 0xDFFF) return 0xFFFD;
    *at_p = at + 12;
    return 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
}

static char unescape_letter(char c)
{
    switch (c) {
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return c;
    }
}

dc_str_t dc_pull_unescape(dc_str_t string, dc_buf_t *room)
{
    if (string.len == 0 || !memchr(string.data, '\\', string.len)) return string;
    if (!dc_buf_reserve(room, string.len)) return string;
    char *start = room->data + room->len;
    char *to = start;
    const char *at = string.data;
    const char *end = at + string.len;
    while (at < end) {
        if (*at != '\\') {
            *to++ = *at++;
        } else if (at[1] == 'u') {
            to += dc_utf8_encode(read_unicode(&at, end), to);
        } else {
            *to++ = unescape_letter(at[1]);
            at += 2;
        }
    }
    room->len = (size_t)(to - room->data);
    return dc_str(start, (size_t)(to - start));
}

bool dc_pull_find(dc_str_t object, dc_str_t name, dc_str_t *value)
{
    dc_pull_t pull;
    dc_str_t key;
    dc_buf_t room = { 0 };
    bool is_found = false;
    dc_pull_begin(&pull, object);
    bool is_object = dc_pull_object(&pull);
    while (is_object && !is_found && dc_pull_member(&pull, &key)) {
        room.len = 0;
        bool is_wanted = dc_str_eq(dc_pull_unescape(key, &room), name);
        dc_pull_next(&pull); // go to where the value begins
        const char *start = pull.at;
        if (!dc_pull_skip(&pull)) break;
        if (!is_wanted) continue;
        *value = dc_str_trim(dc_str(start, (size_t)(pull.at - start)));
        is_found = true;
    }
    dc_buf_fini(&room);
    return is_found;
}
