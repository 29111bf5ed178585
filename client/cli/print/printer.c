#include "client/cli/print/printer.h"

#include <stdio.h>

#include "client/cli/print/former.h"
#include "client/cli/print/printer_part.h"
#include "client/cli/text/numfmt.h"
#include "common/csv.h"
#include "common/pull.h"

static bool has_column(const dc_layout_t *layout, const char *name)
{
    for (size_t i = 0; i < layout->column_count; i++) {
        if (dc_str_eq(layout->columns[i].name, dc_str_from(name))) return true;
    }
    return false;
}

// Two names that no column has, with the same number: among as many columns as there are one number
// more is free.
static void name_columns(dc_printer_t *self)
{
    const dc_layout_t *layout = self->layout;
    snprintf(self->result_name, DC_PRINTER_NAME_BYTES, "result");
    snprintf(self->error_name, DC_PRINTER_NAME_BYTES, "error");
    for (size_t number = 2;
         has_column(layout, self->result_name) || has_column(layout, self->error_name); number++) {
        snprintf(self->result_name, DC_PRINTER_NAME_BYTES, "result%zu", number);
        snprintf(self->error_name, DC_PRINTER_NAME_BYTES, "error%zu", number);
    }
}

static void name_line(dc_printer_t *self)
{
    snprintf(self->line_name, DC_PRINTER_NAME_BYTES, "line");
    for (size_t number = 2; has_column(self->layout, self->line_name); number++) {
        snprintf(self->line_name, DC_PRINTER_NAME_BYTES, "line%zu", number);
    }
}

static size_t number_failed(const dc_layout_t *layout)
{
    size_t number = 1;
    dc_former_t names = dc_former_named(number);
    while (has_column(layout, names.row) || has_column(layout, names.error)) {
        names = dc_former_named(++number);
    }
    return number;
}

void dc_printer_init(dc_printer_t *self, const dc_layout_t *layout, dc_printer_format_t format)
{
    *self = (dc_printer_t){ .layout = layout, .format = format };
    name_columns(self);
    name_line(self);
    self->failed_number = number_failed(layout);
}

void dc_printer_set_style(dc_printer_t *self, const dc_number_style_t *style)
{
    self->style = *style;
    if (self->format == DC_PRINT_JSON) self->style.format = NULL;
}

void dc_printer_fini(dc_printer_t *self)
{
    dc_buf_fini(&self->scratch);
}

void dc_printer_put_header(dc_printer_t *self, dc_buf_t *out)
{
    bool has_header = self->format == DC_PRINT_CSV || self->format == DC_PRINT_TSV;
    if (has_header) dc_printer_csv_put_header(self, out);
}

void dc_row_put_result(const dc_printer_t *self, dc_str_t result, dc_buf_t *out)
{
    dc_numfmt_put_styled(out, result, &self->style);
}

static void put_row_number(uint64_t row, dc_buf_t *out)
{
    dc_numfmt_put_u64(out, row);
    dc_buf_append_char(out, '\t');
}

static void put_text(const dc_printer_t *self, const dc_row_t *row, dc_buf_t *out)
{
    if (row->fault && self->is_alone) return;
    if (self->is_unordered) put_row_number(row->row, out);
    if (row->fault) {
        dc_buf_printf(out, "error: %s", dc_err_name(row->fault->code));
    } else {
        dc_row_put_result(self, row->result, out);
    }
    dc_buf_append_char(out, '\n');
}

void dc_printer_put(dc_printer_t *self, const dc_row_t *row, dc_buf_t *out)
{
    switch (self->format) {
    case DC_PRINT_TEXT: put_text(self, row, out); break;
    case DC_PRINT_JSON: dc_printer_json_put(self, row, out); break;
    case DC_PRINT_CSV:
    case DC_PRINT_TSV: dc_printer_csv_put(self, row, out); break;
    }
}

bool dc_printer_is_plain(const dc_printer_t *self)
{
    return self->format == DC_PRINT_TEXT && dc_number_style_is_none(&self->style) &&
           !self->is_unordered && !self->is_argument;
}

void dc_printer_put_failed(dc_printer_t *self, const dc_row_t *row, dc_buf_t *out)
{
    dc_printer_json_put_failed(self, row, out);
}

// --- looking into a row ------------------------------------------------------------------------

// The field `index` of a record, unquoted; empty if it has none. Borrowed from the record or from
// `room`.
static dc_str_t find_field(const dc_layout_t *layout, dc_str_t record, size_t index, dc_buf_t *room)
{
    dc_csv_cursor_t cursor;
    dc_csv_field_t field;
    dc_csv_begin(&cursor, record, dc_layout_delimiter(layout));
    while (dc_csv_next(&cursor, &field)) {
        if (index-- == 0) return dc_csv_unquote(&field, room);
    }
    return DC_STR("");
}

double dc_row_double(dc_str_t input, size_t index)
{
    double number;
    memcpy(&number, input.data + index * sizeof number, sizeof number);
    return number;
}

bool dc_row_is_object(dc_str_t text)
{
    dc_pull_t pull;
    dc_pull_begin(&pull, text);
    return dc_pull_next(&pull) == DC_PULL_OBJECT && dc_pull_skip(&pull) && dc_pull_end(&pull);
}

// --- where a fault is --------------------------------------------------------------------------

// The expression that a JSON line brings, as a person would write it. False where it brings none.
static bool find_expression(dc_printer_t *self, dc_str_t object, dc_str_t *text)
{
    dc_str_t value;
    if (!dc_row_is_object(object)) return false;
    if (!dc_pull_find(object, DC_STR("expr"), &value)) return false;
    if (value.len < 2 || value.data[0] != '"') return false;
    *text = dc_pull_unescape(dc_str(value.data + 1, value.len - 2), &self->scratch);
    return true;
}

// The fault is in an expression that is a part of the row, or a copy of that without escapes.
static void move_into(dc_locus_t *locus, const dc_printer_t *self, dc_str_t input, dc_str_t text)
{
    bool is_copy = text.data == self->scratch.data;
    size_t before = is_copy || text.len == 0 ? 0 : (size_t)(text.data - input.data);
    uint32_t column = locus->fault.column;
    locus->fault.column = column > before && text.len ? column - (uint32_t)before : 0;
    locus->source = text;
    locus->within = "the expression";
}

dc_locus_t dc_printer_locate(dc_printer_t *self, const dc_row_t *row)
{
    const dc_layout_t *layout = self->layout;
    dc_locus_t locus = { .fault = *row->fault, .source = row->input };
    dc_str_t text;
    // A template has been read before any row: what does not parse then is the line.
    bool is_line = layout->format == DC_FORMAT_JSONL && row->fault->code == DC_ERR_SYNTAX;
    if (layout->template.len && is_line) return locus;
    if (layout->template.len) {
        locus.source = layout->template;
        locus.within = "the template";
        return locus;
    }
    self->scratch.len = 0;
    dc_buf_reserve(&self->scratch, row->input.len + 1);
    switch (layout->format) {
    case DC_FORMAT_CSV:
    case DC_FORMAT_TSV:
        text = find_field(layout, row->input, layout->expr_field, &self->scratch);
        move_into(&locus, self, row->input, text);
        break;
    case DC_FORMAT_JSONL:
        if (find_expression(self, row->input, &text)) move_into(&locus, self, row->input, text);
        break;
    case DC_FORMAT_SHEET: locus.within = "the expression"; break;
    case DC_FORMAT_LINES:
    case DC_FORMAT_DOUBLES:
    case DC_FORMAT_POINTS: break;
    }
    return locus;
}
