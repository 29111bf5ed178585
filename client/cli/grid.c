#include "client/cli/grid.h"

#include <ctype.h>

#include "client/cli/text.h"
#include "common/csv.h"

#define COLUMNS_MAX 16

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

static void measure(const dc_grid_t *self, size_t *widths)
{
    assert(self->column_count > 0);
    for (size_t i = 0; i < self->column_count; i++) {
        widths[i] = strlen(self->columns[i].name);
    }
    const char *cell = self->cells.data;
    for (size_t i = 0; i < self->cell_count; i++, cell += strlen(cell) + 1) {
        size_t width = width_of(shown(cell));
        size_t column = i % self->column_count;
        if (width > widths[column]) widths[column] = width;
    }
}

static void put_aligned(const dc_grid_t *self, size_t column, dc_str_t text, const size_t *widths,
                        dc_buf_t *out)
{
    bool is_last = column + 1 == self->column_count;
    size_t padding = widths[column] - width_of(text);
    if (self->columns[column].is_right) dc_buf_printf(out, "%*s", (int)padding, "");
    dc_buf_append_str(out, text);
    if (!self->columns[column].is_right && !is_last) dc_buf_printf(out, "%*s", (int)padding, "");
    dc_buf_append_text(out, is_last ? "\n" : "  ");
}

void dc_grid_print(const dc_grid_t *self, dc_buf_t *out)
{
    size_t widths[COLUMNS_MAX] = { 0 };
    if (self->cell_count == 0 || self->cells.failed) return;
    assert(self->column_count > 0);
    measure(self, widths);
    for (size_t i = 0; i < self->column_count; i++) {
        put_aligned(self, i, dc_str_from(self->columns[i].name), widths, out);
    }
    const char *cell = self->cells.data;
    for (size_t i = 0; i < self->cell_count; i++, cell += strlen(cell) + 1) {
        put_aligned(self, i % self->column_count, shown(cell), widths, out);
    }
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
