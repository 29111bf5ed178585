#include "common/expr/value.h"

#include "common/expr/number.h"
#include "common/utf8.h"

const char *dc_type_name(dc_type_t type)
{
    switch (type) {
    case DC_TYPE_NULL: return "null";
    case DC_TYPE_NUMBER:
    case DC_TYPE_DIGITS: return "number";
    case DC_TYPE_BOOL: return "bool";
    case DC_TYPE_STRING: return "string";
    }
    return "unknown";
}

static void print_number(double number, dc_buf_t *out)
{
    if (!dc_buf_reserve(out, DC_NUMBER_TEXT_MAX)) return;
    out->len += dc_number_print(number, out->data + out->len);
}

// The letter of a two-character escape, 0 if `c` has none.
static char short_escape(char c)
{
    switch (c) {
    case '"': return '"';
    case '\\': return '\\';
    case '\b': return 'b';
    case '\f': return 'f';
    case '\n': return 'n';
    case '\r': return 'r';
    case '\t': return 't';
    default: return 0;
    }
}

static void print_escape(char c, dc_buf_t *out)
{
    char letter = short_escape(c);
    if (letter) {
        dc_buf_append_char(out, '\\');
        dc_buf_append_char(out, letter);
    } else {
        dc_buf_printf(out, "\\u%04x", (unsigned char)c);
    }
}

static bool is_plain(char c)
{
    return (unsigned char)c >= 0x20 && c != '"' && c != '\\';
}

// How many bytes at the beginning of `text` can be printed as they are.
static size_t plain_bytes(dc_str_t text)
{
    size_t at = 0;
    while (at < text.len && is_plain(text.data[at])) {
        uint32_t character;
        size_t bytes = dc_utf8_decode(dc_str_behind(text, at), &character);
        if (bytes == 0) return at;
        at += bytes;
    }
    return at;
}

static void print_string(dc_str_t text, dc_buf_t *out)
{
    dc_buf_append_char(out, '"');
    while (text.len) {
        size_t plain = plain_bytes(text);
        dc_buf_append(out, text.data, plain);
        if (plain == text.len) break;
        char c = text.data[plain];
        if (is_plain(c)) {
            // A cell of data may hold anything; what is printed is always UTF-8.
            dc_buf_append_text(out, "\\ufffd");
        } else {
            print_escape(c, out);
        }
        text = dc_str(text.data + plain + 1, text.len - plain - 1);
    }
    dc_buf_append_char(out, '"');
}

void dc_value_print(const dc_value_t *value, dc_buf_t *out)
{
    // Most values are numbers, and need no table of jumps.
    if (value->type == DC_TYPE_NUMBER) {
        print_number(value->number, out);
        return;
    }
    switch (value->type) {
    case DC_TYPE_NUMBER: break;
    case DC_TYPE_NULL: dc_buf_append_text(out, "null"); break;
    case DC_TYPE_BOOL: dc_buf_append_text(out, value->boolean ? "true" : "false"); break;
    case DC_TYPE_STRING: print_string(value->string, out); break;
    case DC_TYPE_DIGITS: dc_buf_append_str(out, value->string); break;
    }
}
