#include "client/cli/print/printer_part.h"

#include "common/csv.h"
#include "common/expr/number.h"
#include "common/pull.h"

static char delimiter_of(dc_printer_format_t format)
{
    return format == DC_PRINT_TSV ? '\t' : ',';
}

// TSV has neither quotes nor escapes.
static void put_tsv_cell(dc_buf_t *out, dc_str_t value)
{
    for (size_t i = 0; i < value.len; i++) {
        bool is_break = value.data[i] == '\t' || value.data[i] == '\n' || value.data[i] == '\r';
        dc_buf_append_char(out, (char)(is_break ? ' ' : value.data[i]));
    }
}

static void put_cell(const dc_printer_t *self, dc_str_t value, dc_buf_t *out)
{
    if (self->format == DC_PRINT_TSV) {
        put_tsv_cell(out, value);
    } else {
        dc_csv_put(out, value);
    }
}

void dc_printer_csv_put_header(dc_printer_t *self, dc_buf_t *out)
{
    char delimiter = delimiter_of(self->format);
    const dc_layout_t *layout = self->layout;
    for (size_t i = 0; i < layout->column_count; i++) {
        put_cell(self, layout->columns[i].name, out);
        dc_buf_append_char(out, delimiter);
    }
    dc_buf_printf(out, "%s%c%s\n", self->result_name, delimiter, self->error_name);
}

// --- the input's columns -----------------------------------------------------------------------

static void put_empty_cells(const dc_printer_t *self, size_t count, dc_buf_t *out)
{
    for (size_t i = 0; i < count; i++) {
        dc_buf_append_char(out, delimiter_of(self->format));
    }
}

// A record cell by cell, as many as the header has.
static void put_cells(dc_printer_t *self, dc_str_t record, dc_buf_t *out)
{
    const dc_layout_t *layout = self->layout;
    dc_csv_cursor_t cursor;
    dc_csv_field_t field;
    dc_csv_begin(&cursor, record, dc_layout_delimiter(layout));
    for (size_t i = 0; i < layout->column_count; i++) {
        self->scratch.len = 0;
        if (dc_csv_next(&cursor, &field))
            put_cell(self, dc_csv_unquote(&field, &self->scratch), out);
        dc_buf_append_char(out, delimiter_of(self->format));
    }
}

bool dc_printer_csv_is_same_format(const dc_printer_t *self)
{
    return (self->format == DC_PRINT_CSV && self->layout->format == DC_FORMAT_CSV) ||
           (self->format == DC_PRINT_TSV &&
            (self->layout->format == DC_FORMAT_TSV || self->layout->format == DC_FORMAT_POINTS));
}

static void put_record(dc_printer_t *self, const dc_row_t *row, dc_buf_t *out)
{
    // A worker has taken it for a record with the right number of fields: it can stay as it is.
    if (!dc_printer_csv_is_same_format(self) || row->fault) {
        put_cells(self, row->input, out);
        return;
    }
    size_t len = row->input.len;
    if (len && row->input.data[len - 1] == '\r') len--;
    dc_buf_append(out, row->input.data, len);
    dc_buf_append_char(out, delimiter_of(self->format));
}

static void put_members(dc_printer_t *self, dc_str_t object, dc_buf_t *out)
{
    for (size_t i = 0; i < self->layout->column_count; i++) {
        dc_str_t value;
        if (dc_pull_find(object, self->layout->columns[i].name, &value)) {
            bool is_string = value.len >= 2 && value.data[0] == '"';
            self->scratch.len = 0;
            if (is_string) {
                dc_buf_reserve(&self->scratch, value.len);
                value = dc_pull_unescape(dc_str(value.data + 1, value.len - 2), &self->scratch);
            }
            if (is_string || !dc_str_eq(value, DC_STR("null"))) put_cell(self, value, out);
        }
        dc_buf_append_char(out, delimiter_of(self->format));
    }
}

static void put_doubles(const dc_printer_t *self, dc_str_t input, dc_buf_t *out)
{
    for (size_t i = 0; i < self->layout->column_count; i++) {
        if (!dc_buf_reserve(out, DC_NUMBER_TEXT_MAX)) return;
        out->len += dc_number_print(dc_row_double(input, i), out->data + out->len);
        dc_buf_append_char(out, delimiter_of(self->format));
    }
}

static void put_inputs(dc_printer_t *self, const dc_row_t *row, dc_buf_t *out)
{
    if (row->is_dropped) {
        put_empty_cells(self, self->layout->column_count, out);
        return;
    }
    switch (self->layout->format) {
    case DC_FORMAT_LINES:
        put_cell(self, row->input, out);
        dc_buf_append_char(out, delimiter_of(self->format));
        break;
    case DC_FORMAT_SHEET:
        put_cell(self, row->name, out);
        dc_buf_append_char(out, delimiter_of(self->format));
        put_cell(self, row->input, out);
        dc_buf_append_char(out, delimiter_of(self->format));
        break;
    case DC_FORMAT_CSV:
    case DC_FORMAT_TSV:
    case DC_FORMAT_POINTS: put_record(self, row, out); break;
    case DC_FORMAT_JSONL: put_members(self, row->input, out); break;
    case DC_FORMAT_DOUBLES: put_doubles(self, row->input, out); break;
    }
}

// --- the result --------------------------------------------------------------------------------

static void put_result_cell(dc_printer_t *self, dc_str_t result, dc_buf_t *out)
{
    if (result.len >= 2 && result.data[0] == '"') {
        self->scratch.len = 0;
        dc_buf_reserve(&self->scratch, result.len);
        put_cell(self, dc_pull_unescape(dc_str(result.data + 1, result.len - 2), &self->scratch),
                 out);
    } else if (!dc_str_eq(result, DC_STR("null"))) {
        dc_row_put_result(self, result, out);
    }
}

void dc_printer_csv_put(dc_printer_t *self, const dc_row_t *row, dc_buf_t *out)
{
    put_inputs(self, row, out);
    if (!row->fault) put_result_cell(self, row->result, out);
    dc_buf_append_char(out, delimiter_of(self->format));
    if (row->fault) dc_buf_append_text(out, dc_err_name(row->fault->code));
    dc_buf_append_char(out, '\n');
}
