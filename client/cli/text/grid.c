#include "client/cli/text/grid.h"

#include <ctype.h>

#include "client/cli/text/text.h"
#include "common/csv.h"

#define COLUMNS_MAX 16

// Blanks between columns.
#define GAP 2

// What a name is cut to at most: in less it could not be known again.
#define TEXT_MIN 12

void dc_grid_init(dc_grid_t *self, const dc_grid_column_t *columns, size_t column_count)
{
    assert(column_count <= COLUMNS_MAX);
    *self = (dc_grid_t){ .columns = columns, .column_count = column_count };
}

void dc_grid_fini(dc_grid_t *self)
{
    dc_buf_fini(&self->cells);
}

void dc_grid_put(dc_grid_t *self, dc_str_t cell)
{
    dc_text_put_safe(&self->cells, cell);
    dc_buf_append_char(&self->cells, '\0');
    self->cell_count++;
}

static size_t width_of(dc_str_t text)
{
    return dc_text_column(text, text.len);
}

static dc_str_t shown(const char *cell)
{
    return *cell ? dc_str_from(cell) : DC_STR("-");
}

// How a table is printed: a column that is 0 wide is not.
typedef struct shape {
    size_t widths[COLUMNS_MAX];
    size_t count; // of columns, up to the last that is printed
} shape_t;

static shape_t measure(const dc_grid_t *self)
{
    assert(self->column_count > 0);
    shape_t shape = { .count = self->column_count };
    for (size_t i = 0; i < self->column_count; i++) {
        shape.widths[i] = strlen(self->columns[i].name);
    }
    const char *cell = self->cells.data;
    for (size_t i = 0; i < self->cell_count; i++, cell += strlen(cell) + 1) {
        size_t *width = &shape.widths[i % self->column_count];
        size_t wanted = width_of(shown(cell));
        if (wanted > *width) *width = wanted;
    }
    return shape;
}

static void end_shape(shape_t *shape)
{
    while (shape->count && !shape->widths[shape->count - 1]) {
        shape->count--;
    }
}

// Leave out columns that say nothing.
static void drop_empty(const dc_grid_t *self, shape_t *shape)
{
    bool has_words[COLUMNS_MAX] = { false };
    const char *cell = self->cells.data;
    for (size_t i = 0; i < self->cell_count; i++, cell += strlen(cell) + 1) {
        if (*cell) has_words[i % self->column_count] = true;
    }
    for (size_t i = 0; i < self->column_count; i++) {
        if (!has_words[i]) shape->widths[i] = 0;
    }
    end_shape(shape);
}

static size_t width_in_all(const shape_t *shape)
{
    size_t width = 0;
    for (size_t i = 0; i < shape->count; i++) {
        if (shape->widths[i]) width += shape->widths[i] + (width ? GAP : 0);
    }
    return width;
}

// Cut the widest text, then leave out what is on the right; two columns stay, whatever happens.
static void narrow(const dc_grid_t *self, shape_t *shape, size_t columns)
{
    size_t widest = 0;
    for (size_t i = 0; i < shape->count; i++) {
        bool is_wider = shape->widths[i] > shape->widths[widest];
        if (!self->columns[i].is_right && (is_wider || self->columns[widest].is_right)) widest = i;
    }
    size_t width = width_in_all(shape);
    size_t *text = &shape->widths[widest];
    if (width > columns && *text > TEXT_MIN)
        *text -= dc_min_size(*text - TEXT_MIN, width - columns);
    while (shape->count > 2 && width_in_all(shape) > columns) {
        shape->widths[shape->count - 1] = 0;
        end_shape(shape);
    }
}

static void put_cell(const dc_grid_t *self, size_t column, dc_str_t text, const shape_t *shape,
                     const dc_fit_t *fit, dc_buf_t *out)
{
    size_t width = shape->widths[column];
    bool is_last = column + 1 == shape->count;
    bool is_right = self->columns[column].is_right;
    if (!width) return;
    size_t padding = width - dc_min_size(width, width_of(text));
    if (is_right) dc_buf_printf(out, "%*s", (int)padding, "");
    if (fit) {
        dc_fit_put_short(fit, text, width, out);
    } else {
        dc_buf_append_str(out, text);
    }
    if (!is_right && !is_last) dc_buf_printf(out, "%*s", (int)padding, "");
    dc_buf_append_text(out, is_last ? "\n" : "  ");
}

static void print(const dc_grid_t *self, const shape_t *shape, const dc_fit_t *fit, dc_buf_t *out)
{
    for (size_t i = 0; i < self->column_count; i++) {
        put_cell(self, i, dc_str_from(self->columns[i].name), shape, fit, out);
    }
    const char *cell = self->cells.data;
    for (size_t i = 0; i < self->cell_count; i++, cell += strlen(cell) + 1) {
        put_cell(self, i % self->column_count, shown(cell), shape, fit, out);
    }
}

static bool is_printed(const dc_grid_t *self)
{
    return self->cell_count && !self->cells.failed;
}

void dc_grid_print(const dc_grid_t *self, dc_buf_t *out)
{
    if (!is_printed(self)) return;
    shape_t shape = measure(self);
    print(self, &shape, NULL, out);
}

void dc_grid_print_fitting(const dc_grid_t *self, const dc_fit_t *fit, dc_buf_t *out)
{
    if (!is_printed(self)) return;
    shape_t shape = measure(self);
    drop_empty(self, &shape);
    narrow(self, &shape, fit->columns);
    print(self, &shape, fit, out);
}

void dc_grid_print_delimited(const dc_grid_t *self, char delimiter, dc_buf_t *out)
{
    assert(self->column_count > 0);
    if (self->cells.failed) return;
    for (size_t i = 0; i < self->column_count; i++) {
        const dc_grid_column_t *column = &self->columns[i];
        for (const char *at = column->key ? column->key : column->name; *at; at++) {
            dc_buf_append_char(out, (char)tolower((unsigned char)*at));
        }
        dc_buf_append_char(out, (char)(i + 1 == self->column_count ? '\n' : delimiter));
    }
    const char *cell = self->cells.data;
    for (size_t i = 0; i < self->cell_count; i++, cell += strlen(cell) + 1) {
        // Cells were made safe: none has a tab or a line break.
        if (delimiter == ',') {
            dc_csv_put(out, dc_str_from(cell));
        } else {
            dc_buf_append_text(out, cell);
        }
        bool is_last = (i + 1) % self->column_count == 0;
        dc_buf_append_char(out, (char)(is_last ? '\n' : delimiter));
    }
}
