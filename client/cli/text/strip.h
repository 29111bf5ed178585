// strip — rows of short texts and bars that stand in columns, made to fit a width.
//
// Where it is narrow, bars shrink first; then columns are left out, those of the highest rank
// before the others. A column may take what is left; its texts are cut.
#ifndef DC_CLIENT_CLI_TEXT_STRIP_H
#define DC_CLIENT_CLI_TEXT_STRIP_H

#include "client/cli/text/frame.h"

#define DC_STRIP_COLUMNS_MAX 10

typedef struct dc_strip_column {
    uint8_t rank;  // 0: never left out
    bool is_right; // texts stand on the right
    bool is_bar;   // cells are bars
    bool is_thin;  // ... of lines instead of blocks
    bool is_rest;  // gets what the others leave, before bars grow, and is cut there
} dc_strip_column_t;

typedef struct dc_strip_cell {
    size_t first, len; // its text
    dc_style_t style;
    double share; // of a bar: what is full of it, 0 .. 1; below 0: there is none
} dc_strip_cell_t;

typedef struct dc_strip {
    const dc_strip_column_t *columns; // borrowed
    size_t column_count;
    bool is_utf8;
    dc_buf_t text;                       // owned, as is the next
    dc_buf_t cells;                      // of dc_strip_cell_t
    size_t widths[DC_STRIP_COLUMNS_MAX]; // once they are fitted; 0: left out
} dc_strip_t;

// Begin a strip of at most DC_STRIP_COLUMNS_MAX columns.
void dc_strip_init(dc_strip_t *self, const dc_strip_column_t *columns, size_t column_count,
                   bool is_utf8);
void dc_strip_fini(dc_strip_t *self);

// Append the next cell: of a bar its share, of others a text.
void dc_strip_put_bar(dc_strip_t *self, dc_style_t style, double share);
void dc_strip_put(dc_strip_t *self, dc_style_t style, dc_str_t text);

// The same, with the text that was appended to `text` since it was `start` long.
void dc_strip_end(dc_strip_t *self, dc_style_t style, size_t start);

size_t dc_strip_row_count(const dc_strip_t *self);

// Decide how wide each column is. All cells are there.
void dc_strip_fit(dc_strip_t *self, size_t columns);

// Append row `row` to the last line of `frame`, all of it in `style` unless that is PLAIN.
void dc_strip_put_row(const dc_strip_t *self, size_t row, dc_style_t style, dc_frame_t *frame);

#endif
