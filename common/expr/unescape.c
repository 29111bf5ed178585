#include "common/expr/unescape.h"

#include "common/quote.h"
#include "common/utf8.h"

// Read four hexadecimal digits at the beginning of `text`.
static bool read_hex4(dc_str_t text, uint32_t *unit)
{
    if (text.len < 4) return false;
    uint32_t value = 0;
    for (size_t i = 0; i < 4; i++) {
        char c = text.data[i];
        uint32_t digit;
        if (c >= '0' && c <= '9') {
            digit = (uint32_t)(c - '0');
        } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
            digit = (uint32_t)((c | 0x20) - 'a' + 10);
        } else {
            return false;
        }
        value = value << 4 | digit;
    }
    *unit = value;
    return true;
}

// Read `\uXXXX`, or two of them that are one character beyond 0xFFFF. Returns its bytes, 0 if it is
// neither.
static size_t read_unicode(dc_str_t text, uint32_t *character)
{
    uint32_t high;
    if (!read_hex4(dc_str(text.data + 2, text.len - 2), &high)) return 0;
    if (high < 0xD800 || high > 0xDFFF) {
        *character = high;
        return 6;
    }
    uint32_t low;
    bool has_low = high < 0xDC00 && text.len >= 12 && text.data[6] == '\\' && text.data[7] == 'u';
    if (!has_low || !read_hex4(dc_str(text.data + 8, 4), &low)) return 0;
    if (low < 0xDC00 || low > 0xDFFF) return 0;
    *character = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
    return 12;
}

// Read the escape at the beginning of `text`. Returns its bytes, 0 if it is none.
static size_t read_escape(dc_str_t text, uint32_t *character)
{
    if (text.len < 2) return 0;
    switch (text.data[1]) {
    case '"':
    case '\'':
    case '\\':
    case '/': *character = (unsigned char)text.data[1]; return 2;
    case 'b': *character = '\b'; return 2;
    case 'f': *character = '\f'; return 2;
    case 'n': *character = '\n'; return 2;
    case 'r': *character = '\r'; return 2;
    case 't': *character = '\t'; return 2;
    case 'u': return read_unicode(text, character);
    default: return 0;
    }
}

static void complain(dc_str_t text, size_t column, dc_diag_t *diag)
{
    uint32_t character;
    size_t width = 1;
    if (text.len > 1) width += dc_utf8_decode(dc_str_behind(text, 1), &character);
    if (text.len > 1 && text.data[1] == 'u') {
        dc_diag_set(diag, DC_ERR_SYNTAX, column, width,
                    "four hexadecimal digits must follow '\\u', or a pair of surrogates");
    } else {
        dc_diag_set(diag, DC_ERR_SYNTAX, column, width, "'%s' is not an escape that JSON knows",
                    dc_quote(dc_str(text.data, width)).text);
    }
}

bool dc_unescape(dc_str_t *string, char *room, size_t column, dc_diag_t *diag)
{
    size_t len = 0;
    size_t at = 0;
    while (at < string->len) {
        if (string->data[at] != '\\') {
            room[len++] = string->data[at++];
            continue;
        }
        uint32_t character;
        size_t used = read_escape(dc_str(string->data + at, string->len - at), &character);
        if (used == 0) {
            complain(dc_str(string->data + at, string->len - at), column + at, diag);
            return false;
        }
        len += dc_utf8_encode(character, room + len);
        at += used;
    }
    *string = dc_str(room, len);
    return true;
}
