#include "client/cli/text/strip.h"

#include "client/cli/text/text.h"

#define GAP      2
#define BAR_MAX  20
#define BAR_MIN  6
#define REST_MIN 8 // of a column that gets what is left, where it has as much

void dc_strip_init(dc_strip_t *self, const dc_strip_column_t *columns, size_t column_count,
                   bool is_utf8)
{
    assert(column_count <= DC_STRIP_COLUMNS_MAX);
    *self = (dc_strip_t){ .columns = columns, .column_count = column_count, .is_utf8 = is_utf8 };
}

void dc_strip_fini(dc_strip_t *self)
{
    dc_buf_fini(&self->text);
    dc_buf_fini(&self->cells);
}

// --- cells -------------------------------------------------------------------------------------

static void append(dc_strip_t *self, dc_strip_cell_t cell)
{
    dc_buf_append(&self->cells, &cell, sizeof cell);
}

void dc_strip_put_bar(dc_strip_t *self, dc_style_t style, double share)
{
    append(self, (dc_strip_cell_t){ .style = style, .share = share > 1 ? 1 : share });
}

void dc_strip_put(dc_strip_t *self, dc_style_t style, dc_str_t text)
{
    size_t start = self->text.len;
    dc_buf_append_str(&self->text, text);
    dc_strip_end(self, style, start);
}

void dc_strip_end(dc_strip_t *self, dc_style_t style, size_t start)
{
    append(self,
           (dc_strip_cell_t){ .first = start, .len = self->text.len - start, .style = style });
}

size_t dc_strip_row_count(const dc_strip_t *self)
{
    if (self->text.failed || self->cells.failed) return 0;
    return self->cells.len / sizeof(dc_strip_cell_t) / self->column_count;
}

static const dc_strip_cell_t *cell_at(const dc_strip_t *self, size_t row, size_t column)
{
    const dc_strip_cell_t *cells = (const dc_strip_cell_t *)(const void *)self->cells.data;
    return &cells[row * self->column_count + column];
}

static dc_str_t text_of(const dc_strip_t *self, const dc_strip_cell_t *cell)
{
    return cell->len ? dc_str(self->text.data + cell->first, cell->len) : DC_STR("");
}

// --- widths ------------------------------------------------------------------------------------

static size_t widest(const dc_strip_t *self, size_t column)
{
    size_t width = 0;
    for (size_t row = 0; row < dc_strip_row_count(self); row++) {
        const dc_strip_cell_t *cell = cell_at(self, row, column);
        size_t needed = dc_text_column(text_of(self, cell), cell->len);
        if (self->columns[column].is_bar) needed = BAR_MIN;
        if (needed > width) width = needed;
    }
    return width;
}

static size_t sum(const dc_strip_t *self)
{
    size_t total = 0;
    for (size_t i = 0; i < self->column_count; i++) {
        if (self->widths[i]) total += self->widths[i] + (total ? GAP : 0);
    }
    return total;
}

// Leave out the column of the highest rank. False if all that is left must stay.
static bool leave_out(dc_strip_t *self)
{
    size_t worst = self->column_count;
    for (size_t i = 0; i < self->column_count; i++) {
        if (!self->widths[i] || !self->columns[i].rank) continue;
        if (worst < self->column_count && self->columns[i].rank <= self->columns[worst].rank)
            continue;
        worst = i;
    }
    if (worst == self->column_count) return false;
    self->widths[worst] = 0;
    return true;
}

static void grow(dc_strip_t *self, size_t column, size_t width, size_t columns)
{
    size_t spare = columns - dc_min_size(columns, sum(self));
    size_t more = width - dc_min_size(width, self->widths[column]);
    if (self->widths[column]) self->widths[column] += dc_min_size(spare, more);
}

void dc_strip_fit(dc_strip_t *self, size_t columns)
{
    for (size_t i = 0; i < self->column_count; i++) {
        size_t width = widest(self, i);
        self->widths[i] = self->columns[i].is_rest ? dc_min_size(width, REST_MIN) : width;
    }
    while (sum(self) > columns && leave_out(self)) {
    }
    // What is said in words comes before how long bars are.
    for (size_t i = 0; i < self->column_count; i++) {
        if (self->columns[i].is_rest) grow(self, i, widest(self, i), columns);
    }
    for (size_t i = 0; i < self->column_count; i++) {
        if (self->columns[i].is_bar) grow(self, i, BAR_MAX, columns);
    }
}

// --- rows --------------------------------------------------------------------------------------

// What bars are made of: full cells and empty ones.
static const char *const blocks[] = { "█", "░" };
static const char *const lines[] = { "━", "─" };
static const char *const ascii_blocks[] = { "#", "-" };
static const char *const ascii_lines[] = { "=", "-" };

static void put_bar(const char *const *cells, double share, dc_style_t style, size_t width,
                    dc_frame_t *frame)
{
    size_t full = share < 0 ? 0 : (size_t)(share * (double)width + 0.5);
    for (size_t i = 0; i < width && share >= 0; i++) {
        bool is_full = i < full;
        dc_frame_put(frame, is_full ? style : DC_STYLE_FAINT, dc_str_from(cells[!is_full]));
    }
}

static const char *const *cells_of(const dc_strip_t *self, size_t column)
{
    if (self->columns[column].is_thin) return self->is_utf8 ? lines : ascii_lines;
    return self->is_utf8 ? blocks : ascii_blocks;
}

void dc_strip_put_row(const dc_strip_t *self, size_t row, dc_style_t style, dc_frame_t *frame)
{
    bool is_first = true;
    for (size_t i = 0; i < self->column_count; i++) {
        size_t width = self->widths[i];
        if (!width) continue;
        const dc_strip_cell_t *cell = cell_at(self, row, i);
        dc_style_t worn = style == DC_STYLE_PLAIN ? cell->style : style;
        size_t start = frame->column + (is_first ? 0 : GAP);
        is_first = false;
        dc_frame_pad(frame, start);
        if (self->columns[i].is_bar) {
            put_bar(cells_of(self, i), cell->share, worn, width, frame);
        } else {
            dc_str_t text = text_of(self, cell);
            size_t needed = dc_text_column(text, text.len);
            if (self->columns[i].is_right && needed < width)
                dc_frame_pad(frame, start + width - needed);
            dc_frame_put(frame, worn, dc_str(text.data, dc_text_offset(text, width)));
        }
        bool is_last = i + 1 == self->column_count;
        if (!is_last) dc_frame_pad(frame, start + width);
    }
}
