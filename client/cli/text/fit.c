#include "client/cli/text/fit.h"

#include "client/cli/text/text.h"
#include "common/utf8.h"

// Less than this tells nobody anything.
#define ROOM_MIN 8

const char *dc_fit_dots(const dc_fit_t *self)
{
    return self->is_utf8 ? "…" : "...";
}

size_t dc_fit_room(const dc_fit_t *self, size_t column, size_t most)
{
    bool is_narrow = self->columns < column + ROOM_MIN;
    return dc_min_size(is_narrow ? ROOM_MIN : self->columns - column, most);
}

// The bytes of the first `characters` of `text`.
static size_t bytes_of(dc_str_t text, size_t characters)
{
    uint32_t character;
    size_t len = 0;
    for (; len < text.len && characters; characters--) {
        size_t bytes = dc_utf8_decode(dc_str_behind(text, len), &character);
        len += bytes ? bytes : 1;
    }
    return len;
}

// A line break becomes a blank rather than the `?` of what is not safe.
static void put_in_line(dc_str_t text, dc_buf_t *out)
{
    for (size_t i = 0; i < text.len;) {
        bool is_break = text.data[i] == '\n' || text.data[i] == '\r';
        size_t end = i + 1;
        while (!is_break && end < text.len && text.data[end] != '\n' && text.data[end] != '\r') {
            end++;
        }
        dc_text_put_safe(out, is_break ? DC_STR(" ") : dc_str(text.data + i, end - i));
        i = end;
    }
}

void dc_fit_put_short(const dc_fit_t *self, dc_str_t text, size_t characters, dc_buf_t *out)
{
    size_t dots_width = self->is_utf8 ? 1 : 3;
    if (bytes_of(text, characters) == text.len) {
        put_in_line(text, out);
        return;
    }
    put_in_line(dc_str(text.data, bytes_of(text, characters - dots_width)), out);
    dc_buf_append_text(out, dc_fit_dots(self));
}

// Append `word` and the blank in front of it, or a line break. Returns the column behind it.
static size_t put_word(const dc_fit_t *self, dc_str_t word, size_t column, const char *indent,
                       dc_buf_t *out)
{
    size_t width = dc_text_column(word, word.len);
    if (column + 1 + width > self->columns) {
        dc_buf_append_char(out, '\n');
        dc_buf_append_text(out, indent);
        column = strlen(indent);
    } else {
        dc_buf_append_char(out, ' ');
        column++;
    }
    dc_buf_append_str(out, word);
    return column + width;
}

void dc_fit_wrap(const dc_fit_t *self, size_t start, const char *indent, dc_buf_t *out)
{
    dc_buf_t line = { 0 };
    dc_buf_append_str(&line, dc_str_behind(dc_buf_str(out), start));
    if (line.failed) out->failed = true;
    dc_str_t rest = dc_buf_str(&line);
    size_t column = strlen(indent);
    out->len = start;
    for (bool is_first = true; rest.len; is_first = false) {
        const char *blank = memchr(rest.data, ' ', rest.len);
        dc_str_t word = dc_str(rest.data, blank ? (size_t)(blank - rest.data) : rest.len);
        rest = dc_str_behind(rest, dc_min_size(word.len + 1, rest.len));
        if (is_first) {
            dc_buf_append_str(out, word);
            column += dc_text_column(word, word.len);
        } else {
            column = put_word(self, word, column, indent, out);
        }
    }
    dc_buf_fini(&line);
}
