#include "client/cli/text/frame.h"

#include "client/cli/text/text.h"

void dc_frame_init(dc_frame_t *self, size_t columns)
{
    *self = (dc_frame_t){ .columns = columns };
}

void dc_frame_fini(dc_frame_t *self)
{
    dc_buf_fini(&self->text);
    dc_buf_fini(&self->spans);
    dc_buf_fini(&self->lines);
}

void dc_frame_begin_line(dc_frame_t *self, bool is_marked)
{
    dc_line_t line = { .first_span = self->spans.len / sizeof(dc_frame_span_t),
                       .is_marked = is_marked };
    dc_buf_append(&self->lines, &line, sizeof line);
    self->column = 0;
}

size_t dc_frame_line_count(const dc_frame_t *self)
{
    return self->lines.len / sizeof(dc_line_t);
}

// Buffers are aligned as malloc aligns, so that what lies in them may be pointed to.
static dc_line_t *line_at(const dc_frame_t *self, size_t line)
{
    return (dc_line_t *)(void *)self->lines.data + line;
}

const dc_line_t *dc_frame_line(const dc_frame_t *self, size_t line)
{
    return line_at(self, line);
}

const dc_frame_span_t *dc_frame_span(const dc_frame_t *self, const dc_line_t *line, size_t at)
{
    return (const dc_frame_span_t *)(const void *)self->spans.data + line->first_span + at;
}

void dc_frame_put(dc_frame_t *self, dc_style_t style, dc_str_t text)
{
    size_t room = self->columns > self->column ? self->columns - self->column : 0;
    size_t len = dc_text_offset(text, room);
    if (len == 0 || self->lines.len == 0) return;
    dc_frame_span_t span = { .first = self->text.len, .len = len, .style = style };
    self->column += dc_text_column(text, len);
    dc_buf_append(&self->text, text.data, len);
    dc_buf_append(&self->spans, &span, sizeof span);
    if (self->text.failed || self->spans.failed) return;
    line_at(self, dc_frame_line_count(self) - 1)->span_count++;
}

void dc_frame_pad(dc_frame_t *self, size_t column)
{
    static const char blanks[] = "                ";
    while (self->column < column && self->column < self->columns) {
        size_t count = dc_min_size(column - self->column, sizeof blanks - 1);
        dc_frame_put(self, DC_STYLE_PLAIN, dc_str(blanks, count));
        if (self->text.failed || self->spans.failed) return;
    }
}

void dc_frame_put_text(const dc_frame_t *self, dc_buf_t *out)
{
    for (size_t i = 0; i < dc_frame_line_count(self); i++) {
        const dc_line_t *line = dc_frame_line(self, i);
        size_t start = out->len;
        for (size_t at = 0; at < line->span_count; at++) {
            const dc_frame_span_t *span = dc_frame_span(self, line, at);
            dc_buf_append(out, self->text.data + span->first, span->len);
        }
        while (out->len > start && out->data[out->len - 1] == ' ') {
            out->len--;
        }
        dc_buf_append_char(out, '\n');
    }
}
