#include "common/rows.h"

#include <math.h>
#include <stdlib.h>

#include "common/bytes.h"
#include "common/cell.h"
#include "common/csv.h"
#include "common/digits.h"
#include "common/expr/double_bits.h"
#include "common/pull.h"
#include "common/quote.h"
#include "common/suggest.h"

// What a field of a record is for, where it is not the index of a variable.
#define FIELD_UNUSED UINT32_MAX
#define FIELD_TEXT   (UINT32_MAX - 1)

struct dc_rows {
    const dc_program_t *program; // borrowed, like the next
    const dc_var_t *vars;
    uint32_t *field_uses; // owned; of records: the variable of each field, or FIELD_...
    bool is_wide;         // numbers are digits
    size_t next_var;      // JSONL: the variable that probably comes next
    bool *is_seen;        // owned; JSONL: which variables the object has had
    dc_buf_t room;        // cells without their escapes
};

static bool is_used(const dc_rows_t *self, size_t i)
{
    return self->vars[i].is_used || !self->program->template.len;
}

static bool plan_fields(dc_rows_t *self)
{
    const dc_program_t *program = self->program;
    size_t count = program->field_count;
    self->field_uses = malloc((count ? count : 1) * sizeof *self->field_uses);
    if (!self->field_uses) return false;
    for (size_t i = 0; i < count; i++)
        self->field_uses[i] = FIELD_UNUSED;
    for (size_t i = 0; i < program->var_count; i++) {
        if (is_used(self, i)) self->field_uses[program->vars[i].field] = (uint32_t)i;
    }
    if (!program->template.len) self->field_uses[program->expr_field] = FIELD_TEXT;
    return true;
}

dc_rows_t *dc_rows_new(const dc_program_t *program, const dc_var_t *vars)
{
    dc_rows_t *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    self->program = program;
    self->vars = vars;
    self->is_wide = !dc_numbers_are_double(program->numbers);
    self->is_seen = calloc(program->var_count + 1, sizeof *self->is_seen);
    bool has_fields = dc_format_has_fields(program->format);
    if (!self->is_seen || (has_fields && !plan_fields(self))) dc_rows_destroy(&self);
    return self;
}

void dc_rows_destroy(dc_rows_t **self_p)
{
    dc_rows_t *self = *self_p;
    *self_p = NULL;
    if (!self) return;
    free(self->field_uses);
    free(self->is_seen);
    dc_buf_fini(&self->room);
    free(self);
}

// --- records -----------------------------------------------------------------------------------

static dc_str_t cut_line_end(dc_str_t bytes)
{
    if (bytes.len && bytes.data[bytes.len - 1] == '\n') bytes.len--;
    if (bytes.len && bytes.data[bytes.len - 1] == '\r') bytes.len--;
    return bytes;
}

static dc_err_t blame_form(dc_err_t code, const char *why, dc_diag_t *diag)
{
    return dc_diag_set(diag, code, 0, 0, "%s", why);
}

static dc_err_t blame_count(size_t count, size_t expected, dc_diag_t *diag)
{
    return dc_diag_set(diag, DC_ERR_FIELDS, 0, 0, "the record has %zu field%s, not %zu", count,
                       count == 1 ? "" : "s", expected);
}

// Read all fields to their end, also behind a bad cell: that a record is not what it seems says
// more than the cell that came out of it.
static dc_err_t read_record(dc_rows_t *self, dc_str_t bytes, dc_value_t *inputs, dc_str_t *text,
                            size_t *column, dc_diag_t *diag)
{
    const dc_program_t *program = self->program;
    dc_csv_cursor_t cursor;
    dc_csv_field_t field;
    size_t count = 0;
    dc_err_t err = DC_OK;
    dc_csv_begin(&cursor, bytes, program->format == DC_FORMAT_CSV ? DC_CSV_COMMA : DC_CSV_TAB);
    for (; dc_csv_next(&cursor, &field); count++) {
        uint32_t use = count < program->field_count ? self->field_uses[count] : FIELD_UNUSED;
        if (use == FIELD_UNUSED || err) continue;
        dc_str_t plain = dc_csv_unquote(&field, &self->room);
        if (use == FIELD_TEXT) {
            *text = plain;
            *column = field.doubled ? 0 : (size_t)(field.text.data - bytes.data);
        } else {
            dc_cell_text_t cell = { plain, field.quoted, self->is_wide };
            err = dc_cell_read(&self->vars[use], cell, &inputs[use], diag);
        }
    }
    if (cursor.fault) return blame_form(DC_ERR_FIELDS, cursor.fault, diag);
    if (count != program->field_count) return blame_count(count, program->field_count, diag);
    return err;
}

// --- JSON lines --------------------------------------------------------------------------------

// The variable of this name, looked for from where the last one was: members mostly come in the
// same order.
static size_t find_var(dc_rows_t *self, dc_str_t name)
{
    size_t count = self->program->var_count;
    for (size_t step = 0; step < count; step++) {
        size_t i = self->next_var + step;
        if (i >= count) i -= count;
        if (!dc_str_eq(self->vars[i].name, name)) continue;
        self->next_var = i + 1 < count ? i + 1 : 0;
        return i;
    }
    return count;
}

static dc_err_t blame_member(const dc_var_t *var, dc_err_t code, const char *what, dc_diag_t *diag)
{
    dc_quote_t name = dc_quote(var->name);
    return dc_diag_set(diag, code, 0, 0, "column '%s': %s", name.text, what);
}

static dc_err_t read_json_string(dc_rows_t *self, const dc_var_t *var, dc_pull_t *pull,
                                 dc_value_t *value, dc_diag_t *diag)
{
    dc_str_t raw;
    if (!dc_pull_string(pull, &raw)) return DC_OK; // told by dc_pull_end
    dc_str_t text = dc_pull_unescape(raw, &self->room);
    bool is_number = var->type == DC_VAR_NUMBER || var->type == DC_VAR_INT;
    if (self->is_wide && is_number && dc_digits_are_number(text))
        return dc_cell_set_digits(var, text, value, diag);
    if (is_number) return dc_cell_blame_number(var, text, diag);
    if (var->type == DC_VAR_BOOL)
        return dc_cell_blame(var, DC_ERR_TYPE, text, "is not a bool", diag);
    return dc_cell_set_string(var, text, value, diag);
}

static dc_err_t read_json_number(const dc_rows_t *self, const dc_var_t *var, dc_pull_t *pull,
                                 dc_value_t *value, dc_diag_t *diag)
{
    double number;
    const char *start = pull->at;
    if (!dc_pull_number(pull, &number)) return DC_OK;
    dc_str_t text = dc_str(start, (size_t)(pull->at - start));
    if (var->type == DC_VAR_BOOL)
        return dc_cell_blame(var, DC_ERR_TYPE, text, "is not a bool", diag);
    if (var->type == DC_VAR_STRING)
        return dc_cell_blame(var, DC_ERR_TYPE, text, "is not a string", diag);
    if (self->is_wide) return dc_cell_set_digits(var, text, value, diag);
    return dc_cell_set_number(var, number, text, value, diag);
}

static dc_err_t read_json_bool(const dc_var_t *var, dc_pull_t *pull, dc_value_t *value,
                               dc_diag_t *diag)
{
    bool boolean;
    if (!dc_pull_bool(pull, &boolean)) return DC_OK;
    if (var->type != DC_VAR_BOOL && var->type != DC_VAR_ANY) {
        bool is_string = var->type == DC_VAR_STRING;
        return blame_member(var, DC_ERR_TYPE,
                            is_string ? "a bool is not a string" : "a bool is not a number", diag);
    }
    value->type = DC_TYPE_BOOL;
    value->boolean = boolean;
    return DC_OK;
}

static dc_err_t read_json_value(dc_rows_t *self, const dc_var_t *var, dc_pull_t *pull,
                                dc_value_t *value, dc_diag_t *diag)
{
    switch (dc_pull_next(pull)) {
    case DC_PULL_STRING: return read_json_string(self, var, pull, value, diag);
    case DC_PULL_NUMBER: return read_json_number(self, var, pull, value, diag);
    case DC_PULL_BOOL: return read_json_bool(var, pull, value, diag);
    case DC_PULL_NULL: return dc_pull_null(pull) ? dc_cell_set_null(var, value, diag) : DC_OK;
    case DC_PULL_OBJECT:
        dc_pull_skip(pull);
        return blame_member(var, DC_ERR_TYPE, "an object is not a value", diag);
    case DC_PULL_ARRAY:
        dc_pull_skip(pull);
        return blame_member(var, DC_ERR_TYPE, "an array is not a value", diag);
    case DC_PULL_NONE: break;
    }
    dc_pull_skip(pull); // says what is wrong
    return DC_OK;
}

static dc_err_t read_member(dc_rows_t *self, dc_str_t key, dc_pull_t *pull, dc_value_t *inputs,
                            dc_diag_t *diag)
{
    size_t i = find_var(self, dc_pull_unescape(key, &self->room));
    if (i == self->program->var_count || !is_used(self, i)) {
        dc_pull_skip(pull);
        return DC_OK;
    }
    const dc_var_t *var = &self->vars[i];
    dc_err_t err = read_json_value(self, var, pull, &inputs[i], diag);
    if (!err && self->is_seen[i]) err = blame_member(var, DC_ERR_FIELDS, "it comes twice", diag);
    self->is_seen[i] = true;
    return err;
}

// The member that has the expression.
static dc_err_t read_text(dc_rows_t *self, dc_str_t bytes, dc_pull_t *pull, dc_str_t *text,
                          size_t *column)
{
    dc_str_t raw;
    if (!dc_pull_string(pull, &raw)) return DC_OK;
    *text = dc_pull_unescape(raw, &self->room);
    *column = text->data == raw.data ? (size_t)(raw.data - bytes.data) : 0;
    return DC_OK;
}

// Say that the object, which is well-formed, has no member for `var`, and which one is meant.
static dc_err_t blame_absent(dc_rows_t *self, dc_str_t bytes, const dc_var_t *var, dc_diag_t *diag)
{
    dc_suggest_t suggest;
    dc_pull_t pull;
    dc_str_t key;
    dc_suggest_init(&suggest, var->name);
    self->room.len = 0; // the values are of no use any more
    dc_pull_begin(&pull, bytes);
    dc_pull_object(&pull);
    while (dc_pull_member(&pull, &key)) {
        dc_suggest_offer(&suggest, dc_pull_unescape(key, &self->room));
        dc_pull_skip(&pull);
    }
    dc_quote_t name = dc_quote(var->name);
    dc_str_t best = dc_suggest_best(&suggest);
    if (best.len == 0) {
        return dc_diag_set(diag, DC_ERR_NULL, 0, 0, "the object has no member '%s'", name.text);
    }
    return dc_diag_set(diag, DC_ERR_NULL, 0, 0, "the object has no member '%s'; did you mean '%s'?",
                       name.text, dc_quote(best).text);
}

// What an object does not have is null, where the variable may be.
static dc_err_t fill_absent(dc_rows_t *self, dc_str_t bytes, dc_value_t *inputs, dc_diag_t *diag)
{
    for (size_t i = 0; i < self->program->var_count; i++) {
        if (self->is_seen[i] || !is_used(self, i)) continue;
        dc_err_t err = dc_cell_set_null(&self->vars[i], &inputs[i], diag);
        if (err) return blame_absent(self, bytes, &self->vars[i], diag);
    }
    return DC_OK;
}

static dc_err_t read_object(dc_rows_t *self, dc_str_t bytes, dc_value_t *inputs, dc_str_t *text,
                            size_t *column, dc_diag_t *diag)
{
    bool has_text = self->program->template.len > 0;
    bool wants_text = !has_text;
    dc_pull_t pull;
    dc_str_t key;
    dc_err_t err = DC_OK;
    self->next_var = 0;
    memset(self->is_seen, 0, self->program->var_count * sizeof *self->is_seen);
    dc_pull_begin(&pull, bytes);
    dc_pull_object(&pull);
    while (dc_pull_member(&pull, &key)) {
        if (err) {
            dc_pull_skip(&pull);
        } else if (wants_text && dc_str_eq(key, DC_STR("expr"))) {
            has_text = true;
            err = read_text(self, bytes, &pull, text, column);
        } else {
            err = read_member(self, key, &pull, inputs, diag);
        }
    }
    if (!dc_pull_end(&pull)) {
        size_t at = (size_t)(pull.at - pull.start);
        return dc_diag_set(diag, DC_ERR_SYNTAX, at, 0, "the line is not a JSON object: %s",
                           pull.fault);
    }
    if (!has_text) return blame_form(DC_ERR_FIELDS, "the object has no member 'expr'", diag);
    return err ? err : fill_absent(self, bytes, inputs, diag);
}

// --- doubles -----------------------------------------------------------------------------------

static dc_err_t read_doubles(dc_rows_t *self, dc_str_t bytes, dc_value_t *inputs, dc_diag_t *diag)
{
    const dc_program_t *program = self->program;
    for (size_t i = 0; i < program->var_count; i++) {
        const dc_var_t *var = &self->vars[i];
        if (!is_used(self, i)) continue;
        size_t at = (size_t)program->vars[i].field * 8;
        if (at + 8 > bytes.len) return blame_count(bytes.len / 8, at / 8 + 1, diag);
        if (var->type == DC_VAR_BOOL || var->type == DC_VAR_STRING) {
            return blame_member(var, DC_ERR_TYPE, "it is a number", diag);
        }
        double number = dc_double_of_bits(dc_get_u64(bytes.data + at));
        if (var->type == DC_VAR_INT && !(isfinite(number) && floor(number) == number)) {
            return blame_member(var, DC_ERR_INTEGER, "it is not an integer", diag);
        }
        inputs[i] = (dc_value_t){ .type = DC_TYPE_NUMBER, .number = number };
    }
    return DC_OK;
}

static dc_err_t read_line(dc_rows_t *self, dc_str_t bytes, dc_value_t *inputs, dc_str_t *text,
                          size_t *column, dc_diag_t *diag)
{
    dc_str_t line = cut_line_end(bytes);
    if (!self->program->template.len) {
        *text = line;
        *column = 0;
        return DC_OK;
    }
    if (!is_used(self, 0)) return DC_OK;
    dc_cell_text_t cell = { line, false, self->is_wide };
    return dc_cell_read(&self->vars[0], cell, &inputs[0], diag);
}

// A line with nothing in it. Where there is one column it is that one's empty cell, and with tabs
// it has several of them.
static bool is_blank(const dc_program_t *program, dc_str_t bytes)
{
    if (program->format != DC_FORMAT_JSONL && program->field_count < 2) return false;
    if (bytes.len == 0) return true;
    return dc_str_trim(bytes).len == 0 && !memchr(bytes.data, '\t', bytes.len);
}

dc_err_t dc_rows_read(dc_rows_t *self, dc_str_t bytes, dc_value_t *inputs, dc_str_t *text,
                      size_t *column, dc_diag_t *diag)
{
    dc_err_t err = DC_OK;
    self->room.len = 0;
    self->room.failed = false;
    switch (self->program->format) {
    case DC_FORMAT_LINES: return read_line(self, bytes, inputs, text, column, diag);
    case DC_FORMAT_SHEET: return blame_form(DC_ERR_PROTOCOL, "a sheet has no rows", diag);
    case DC_FORMAT_DOUBLES: return read_doubles(self, bytes, inputs, diag);
    case DC_FORMAT_CSV:
    case DC_FORMAT_TSV:
    case DC_FORMAT_POINTS:
    case DC_FORMAT_JSONL: break;
    }
    if (is_blank(self->program, bytes)) return blame_form(DC_ERR_EMPTY, "the row is blank", diag);
    // All copies together are no longer than the record: with this much room none of them moves.
    if (!dc_buf_reserve(&self->room, bytes.len)) return dc_diag_set_no_memory(diag);
    if (self->program->format == DC_FORMAT_JSONL) {
        err = read_object(self, bytes, inputs, text, column, diag);
    } else {
        err = read_record(self, bytes, inputs, text, column, diag);
    }
    return err;
}
