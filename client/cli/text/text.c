#include "client/cli/text/text.h"

#include <ctype.h>

#include "common/utf8.h"

// How wide the part before the mark may be before the source is shown from further on.
#define CONTEXT_MIN 20

// The size of the character in front of `text` (which is not empty); 1 for a byte that begins none.
static size_t character_bytes(dc_str_t text)
{
    unsigned char lead = (unsigned char)text.data[0];
    size_t bytes = lead < 0xC2 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 1;
    if (bytes > text.len) return 1;
    for (size_t i = 1; i < bytes; i++) {
        if (((unsigned char)text.data[i] & 0xC0) != 0x80) return 1;
    }
    return bytes;
}

static bool is_printable(const char *at, size_t bytes)
{
    unsigned char lead = (unsigned char)at[0];
    if (bytes == 1) return lead >= ' ' && lead < 0x7F;
    // U+0080 to U+009F are controls as well, and some terminals obey them.
    if (bytes == 2) return lead != 0xC2 || (unsigned char)at[1] >= 0xA0;
    unsigned char second = (unsigned char)at[1];
    if (lead == 0xE0) return second >= 0xA0;
    if (lead == 0xED) return second < 0xA0;
    if (lead == 0xF0) return second >= 0x90;
    return lead != 0xF4 || second < 0x90;
}

void dc_text_put_safe(dc_buf_t *out, dc_str_t text)
{
    while (text.len) {
        size_t bytes = character_bytes(text);
        if (is_printable(text.data, bytes)) {
            dc_buf_append(out, text.data, bytes);
        } else {
            dc_buf_append_char(out, text.data[0] == '\t' ? ' ' : '?');
        }
        text = dc_str_behind(text, bytes);
    }
}

bool dc_text_is_safe(dc_str_t text)
{
    while (text.len) {
        size_t bytes = character_bytes(text);
        if (!is_printable(text.data, bytes)) return false;
        text = dc_str_behind(text, bytes);
    }
    return true;
}

size_t dc_text_column(dc_str_t text, size_t offset)
{
    size_t count = 0;
    size_t at = 0;
    while (at < offset && at < text.len) {
        at += character_bytes(dc_str_behind(text, at));
        count++;
    }
    return count;
}

// The offset of the character that stands `count` characters behind the one at `at`.
static size_t step(dc_str_t text, size_t at, size_t count)
{
    while (count-- > 0 && at < text.len) {
        at += character_bytes(dc_str_behind(text, at));
    }
    return at;
}

size_t dc_text_offset(dc_str_t text, size_t count)
{
    return step(text, 0, count);
}

static void put_mark(dc_buf_t *out, size_t before, size_t width, const char *on, const char *off)
{
    dc_buf_printf(out, "    %*s%s^", (int)before, "", on);
    for (size_t i = 1; i < width; i++) {
        dc_buf_append_char(out, '~');
    }
    dc_buf_printf(out, "%s\n", off);
}

void dc_text_put_marked(dc_buf_t *out, dc_str_t source, size_t column, size_t width, size_t columns,
                        const char *mark_on, const char *mark_off)
{
    size_t shown_max = columns > CONTEXT_MIN + 8 ? columns - 4 : CONTEXT_MIN + 4;
    size_t mark = dc_text_column(source, column);
    size_t mark_end = dc_text_column(source, column + width);
    size_t total = dc_text_column(source, source.len);
    size_t shown_first = 0;
    if (total > shown_max && mark + CONTEXT_MIN > shown_max) {
        shown_first = mark - (shown_max - CONTEXT_MIN);
    }
    size_t from = step(source, 0, shown_first);
    size_t to = step(source, from, shown_max);
    dc_buf_append_text(out, "    ");
    dc_text_put_safe(out, dc_str(source.data + from, to - from));
    dc_buf_append_char(out, '\n');
    size_t room = shown_max - (mark - shown_first);
    put_mark(out, mark - shown_first, dc_min_size(mark_end - mark, room), mark_on, mark_off);
}

static bool is_word(dc_str_t name)
{
    static const char *const words[] = { "and", "or", "not", "in", "true", "false", "null" };
    for (size_t i = 0; i < DC_ARRAY_LEN(words); i++) {
        if (dc_str_eq(name, dc_str_from(words[i]))) return true;
    }
    return false;
}

// What the language takes for a name as it stands.
static bool is_plain_name(dc_str_t name)
{
    if (name.len == 0 || (name.data[0] >= '0' && name.data[0] <= '9') || is_word(name))
        return false;
    for (size_t at = 0, bytes; at < name.len; at += bytes) {
        uint32_t character;
        bytes = dc_utf8_decode(dc_str_behind(name, at), &character);
        if (bytes == 0) return false;
        bool is_plain = character < 0x80 ? character == '_' || isalnum((int)character)
                                         : dc_utf8_is_letter(character);
        if (!is_plain) return false;
    }
    return true;
}

void dc_text_put_name(dc_buf_t *out, dc_str_t name)
{
    bool is_plain = is_plain_name(name);
    if (!is_plain) dc_buf_append_char(out, '{');
    dc_text_put_safe(out, name);
    if (!is_plain) dc_buf_append_char(out, '}');
}

void dc_text_put_shell(dc_buf_t *out, dc_str_t text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-+./,:=@%";
    size_t plain_len = 0;
    while (plain_len < text.len && text.data[plain_len] && strchr(plain, text.data[plain_len])) {
        plain_len++;
    }
    if (text.len && plain_len == text.len) {
        dc_buf_append_str(out, text);
        return;
    }
    dc_buf_append_char(out, '\'');
    while (text.len) {
        const char *quote = memchr(text.data, '\'', text.len);
        size_t len = quote ? (size_t)(quote - text.data) : text.len;
        dc_text_put_safe(out, dc_str(text.data, len));
        if (quote) dc_buf_append_text(out, "'\\''");
        size_t taken = len + (quote != NULL);
        text = dc_str_behind(text, taken);
    }
    dc_buf_append_char(out, '\'');
}
