// frame — a picture of text: lines of pieces that each have a style, as wide as a terminal is.
//
// It is built from top to bottom and from left to right; what does not fit into the width is cut
// off. Whoever shows it decides what styles look like. Characters count as one column each.
#ifndef DC_CLIENT_CLI_TEXT_FRAME_H
#define DC_CLIENT_CLI_TEXT_FRAME_H

#include "common/buf.h"

typedef enum dc_style {
    DC_STYLE_PLAIN,
    DC_STYLE_STRONG,
    DC_STYLE_FAINT,
    DC_STYLE_GOOD,
    DC_STYLE_WARN,
    DC_STYLE_BAD,
} dc_style_t;

// A piece of a line: bytes [first, first + len) of the frame's text.
typedef struct dc_frame_span {
    size_t first, len;
    dc_style_t style;
} dc_frame_span_t;

typedef struct dc_line {
    size_t first_span, span_count;
    bool is_marked; // the line that a person has chosen
} dc_line_t;

typedef struct dc_frame {
    size_t columns;
    dc_buf_t text;  // owned, as are the next two
    dc_buf_t spans; // of dc_frame_span_t
    dc_buf_t lines; // of dc_line_t
    size_t column;  // where the last line ends
} dc_frame_t;

void dc_frame_init(dc_frame_t *self, size_t columns);
void dc_frame_fini(dc_frame_t *self);

// Begin a line below those that there are.
void dc_frame_begin_line(dc_frame_t *self, bool is_marked);

// Append to the last line. Text that came from elsewhere must be safe (dc_text_put_safe).
void dc_frame_put(dc_frame_t *self, dc_style_t style, dc_str_t text);

// Append blanks up to `column`.
void dc_frame_pad(dc_frame_t *self, size_t column);

size_t dc_frame_line_count(const dc_frame_t *self);
const dc_line_t *dc_frame_line(const dc_frame_t *self, size_t line);

// Piece `at`, from 0, of `line`.
const dc_frame_span_t *dc_frame_span(const dc_frame_t *self, const dc_line_t *line, size_t at);

// Append all of it as text, without styles and without blanks at the ends of lines.
void dc_frame_put_text(const dc_frame_t *self, dc_buf_t *out);

#endif
