#include "client/cli/print/printer_part.h"

#include <math.h>

#include "client/cli/print/former.h"
#include "client/cli/text/numfmt.h"
#include "client/cli/text/text.h"
#include "common/csv.h"
#include "common/digits.h"
#include "common/expr/number.h"
#include "common/json_writer.h"
#include "common/pull.h"

// A value that is JSON already.
static void put_raw(dc_json_writer_t *json, dc_str_t text)
{
    if (json->has_before) dc_buf_append_char(json->out, ',');
    dc_buf_append_str(json->out, text);
    json->has_before = true;
}

// A number as results are printed, too: our own shortest digits.
static void put_number(dc_json_writer_t *json, double number)
{
    char text[DC_NUMBER_TEXT_MAX];
    if (isfinite(number)) {
        put_raw(json, dc_str(text, dc_number_print(number, text)));
    } else {
        dc_json_put_null(json);
    }
}

static void put_key(dc_json_writer_t *json, dc_str_t name)
{
    dc_json_put_string(json, name);
    dc_buf_append_char(json->out, ':');
    json->has_before = false;
}

// --- inputs ------------------------------------------------------------------------------------

// A wide number is as it was written, and so is what is none.
static void put_number_cell(const dc_printer_t *self, dc_json_writer_t *json, dc_str_t cell)
{
    double number;
    if (!dc_numbers_are_double(self->layout->numbers)) {
        dc_digits_put_json(cell, json);
    } else if (dc_number_from_text(cell, &number)) {
        put_number(json, number);
    } else {
        dc_json_put_string(json, cell);
    }
}

// A cell as what the template takes it for; what it does not use, or cannot take, is a string.
static void put_cell(const dc_printer_t *self, dc_json_writer_t *json, const dc_column_t *column,
                     dc_str_t cell)
{
    bool is_number = column->type == DC_VAR_NUMBER || column->type == DC_VAR_INT;
    bool is_bool = column->type == DC_VAR_BOOL &&
                   (dc_str_eq(cell, DC_STR("true")) || dc_str_eq(cell, DC_STR("false")));
    if (cell.len == 0 && column->is_used) {
        dc_json_put_null(json);
    } else if (is_bool) {
        put_raw(json, cell);
    } else if (is_number) {
        put_number_cell(self, json, cell);
    } else {
        dc_json_put_string(json, cell);
    }
}

static void put_record_members(dc_printer_t *self, dc_str_t record, dc_json_writer_t *json)
{
    const dc_layout_t *layout = self->layout;
    dc_csv_cursor_t cursor;
    dc_csv_field_t field;
    dc_csv_begin(&cursor, record, dc_layout_delimiter(layout));
    for (size_t i = 0; i < layout->column_count && dc_csv_next(&cursor, &field); i++) {
        self->scratch.len = 0;
        put_key(json, layout->columns[i].name);
        put_cell(self, json, &layout->columns[i], dc_csv_unquote(&field, &self->scratch));
    }
}

static void put_doubles_members(const dc_printer_t *self, dc_str_t input, dc_json_writer_t *json)
{
    for (size_t i = 0; i < self->layout->column_count; i++) {
        put_key(json, self->layout->columns[i].name);
        put_number(json, dc_row_double(input, i));
    }
}

// The members of a JSON line without what an earlier failure has left, which is called `former`.
// Returns false where it is no object; then nothing or a part is written.
static bool put_object_members(dc_str_t object, const dc_former_t *former, dc_json_writer_t *json)
{
    dc_pull_t pull;
    dc_str_t key;
    dc_pull_begin(&pull, object);
    if (!dc_pull_object(&pull)) return false;
    while (dc_pull_member(&pull, &key)) {
        dc_pull_next(&pull);
        const char *start = pull.at;
        if (!dc_pull_skip(&pull)) return false;
        if (dc_str_eq(key, dc_str_from(former->row))) continue;
        if (dc_str_eq(key, dc_str_from(former->error))) continue;
        if (json->has_before) dc_buf_append_char(json->out, ',');
        dc_buf_append_char(json->out, '"');
        dc_buf_append_str(json->out, key);
        dc_buf_append_text(json->out, "\":");
        dc_buf_append_str(json->out, dc_str_trim(dc_str(start, (size_t)(pull.at - start))));
        json->has_before = true;
    }
    return dc_pull_end(&pull);
}

// The row's inputs as members of the object that is being written; of a JSON line, without those
// called `former`.
static void put_members(dc_printer_t *self, dc_str_t input, const dc_former_t *former,
                        dc_json_writer_t *json)
{
    switch (self->layout->format) {
    case DC_FORMAT_LINES:
        put_key(json, self->layout->columns[0].name);
        put_cell(self, json, &self->layout->columns[0], input);
        break;
    case DC_FORMAT_CSV:
    case DC_FORMAT_TSV:
    case DC_FORMAT_POINTS: put_record_members(self, input, json); break;
    case DC_FORMAT_JSONL:
        if (dc_row_is_object(input)) {
            put_object_members(input, former, json);
        } else {
            put_key(json, DC_STR("line"));
            dc_json_put_string(json, input);
        }
        break;
    case DC_FORMAT_SHEET: break; // its callers know it
    case DC_FORMAT_DOUBLES: put_doubles_members(self, input, json); break;
    }
}

static void put_inputs(dc_printer_t *self, const dc_row_t *row, dc_json_writer_t *json)
{
    if (row->is_dropped) return;
    if (self->layout->format == DC_FORMAT_SHEET) {
        dc_json_put_member_string(json, "name", row->name);
        dc_json_put_member_string(json, "expr", row->input);
        return;
    }
    if (self->layout->format == DC_FORMAT_LINES && !self->layout->template.len) {
        dc_json_put_member_string(json, "expr", row->input);
        return;
    }
    dc_former_t former = { .row = "" };
    bool is_object = self->layout->format == DC_FORMAT_JSONL && dc_row_is_object(row->input);
    dc_json_put_key(json, "inputs");
    if (is_object && !dc_former_find(row->input, self->failed_number, &former)) {
        put_raw(json, dc_str_trim(row->input));
        return;
    }
    dc_json_begin_object(json);
    put_members(self, row->input, &former, json);
    dc_json_end_object(json);
}

// --- results -----------------------------------------------------------------------------------

// JSON has no infinities and no NaN.
static bool is_special(dc_str_t result)
{
    return dc_str_eq(result, DC_STR("inf")) || dc_str_eq(result, DC_STR("-inf")) ||
           dc_str_eq(result, DC_STR("nan"));
}

// Nor fractions. A string begins with its quote.
static bool is_fraction(dc_str_t result)
{
    return result.len && result.data[0] != '"' && memchr(result.data, '/', result.len);
}

static void put_value(const dc_printer_t *self, dc_str_t result, dc_json_writer_t *json)
{
    dc_json_put_key(json, "value");
    if (is_special(result)) {
        dc_json_put_null(json);
        dc_json_put_member_string(json, "special", result);
    } else if (is_fraction(result)) {
        dc_json_put_string(json, result);
    } else {
        dc_row_put_result(self, result, json->out);
        json->has_before = true;
    }
}

static void put_place(dc_printer_t *self, const dc_row_t *row, dc_json_writer_t *json)
{
    dc_locus_t locus = dc_printer_locate(self, row);
    size_t first = locus.fault.column;
    if (!first && !locus.fault.width && locus.fault.code != DC_ERR_SYNTAX) return;
    size_t column = dc_text_column(locus.source, first);
    size_t end = dc_text_column(locus.source, first + locus.fault.width);
    dc_json_put_member_u64(json, "column", column + 1);
    dc_json_put_member_u64(json, "width", end - column);
}

static void put_error(dc_printer_t *self, const dc_row_t *row, const char *key,
                      dc_json_writer_t *json)
{
    const dc_fault_t *fault = row->fault;
    dc_json_put_key(json, key);
    dc_json_begin_object(json);
    dc_json_put_member_string(json, "code", dc_str_from(dc_err_name(fault->code)));
    dc_json_put_member_string(json, "message",
                              fault->message.len ? fault->message
                                                 : dc_str_from(dc_err_text(fault->code)));
    if (!row->is_dropped) put_place(self, row, json);
    dc_json_end_object(json);
}

static void put_verbose(const dc_row_t *row, dc_json_writer_t *json)
{
    if (row->worker.len) dc_json_put_member_string(json, "worker", row->worker);
    dc_json_put_member_u64(json, "attempt", row->attempt);
    dc_json_put_member_number(json, "ms", row->spent_us / 1000.0);
}

void dc_printer_json_put(dc_printer_t *self, const dc_row_t *row, dc_buf_t *out)
{
    dc_json_writer_t json = { .out = out, .has_before = true };
    dc_buf_append_str(out, DC_STR("{\"v\":1,\"batch\":\"b"));
    dc_numfmt_put_u64(out, self->batch);
    dc_buf_append_str(out, DC_STR("\",\"row\":"));
    dc_numfmt_put_u64(out, row->row);
    if (!row->fault) put_value(self, row->result, &json);
    put_inputs(self, row, &json);
    if (row->fault) put_error(self, row, "error", &json);
    if (self->is_verbose) put_verbose(row, &json);
    dc_buf_append_text(out, "}\n");
}

// Which column each field of the record is meant for nobody knows: the columns are there to be
// filled in. Until then they are null, for which a row fails unless its template takes that.
static void put_unfilled(const dc_printer_t *self, dc_str_t record, dc_json_writer_t *json)
{
    dc_json_put_member_string(json, self->line_name, record);
    for (size_t i = 0; i < self->layout->column_count; i++) {
        put_key(json, self->layout->columns[i].name);
        dc_json_put_null(json);
    }
}

void dc_printer_json_put_failed(dc_printer_t *self, const dc_row_t *row, dc_buf_t *out)
{
    dc_json_writer_t json = { .out = out };
    dc_former_t names = dc_former_named(self->failed_number);
    if (self->layout->format == DC_FORMAT_JSONL && !row->is_dropped)
        names = dc_former_choose(row->input, self->failed_number);
    dc_json_begin_object(&json);
    if (row->is_dropped) {
        // Its number is all that is left of it.
    } else if (self->layout->format == DC_FORMAT_SHEET) {
        dc_json_put_member_string(&json, "name", row->name);
        dc_json_put_member_string(&json, "expr", row->input);
    } else if (row->fault->code == DC_ERR_FIELDS && dc_format_has_fields(self->layout->format)) {
        put_unfilled(self, row->input, &json);
    } else {
        put_members(self, row->input, &names, &json);
    }
    dc_json_put_member_u64(&json, names.row, row->row);
    put_error(self, row, names.error, &json);
    dc_json_end_object(&json);
    dc_buf_append_char(out, '\n');
}
