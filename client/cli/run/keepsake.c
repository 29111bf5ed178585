#include "client/cli/run/keepsake.h"

#include <stdio.h>

#include "client/cli/recipe/reducer.h"
#include "client/cli/sheet/sheet.h"
#include "common/json.h"
#include "common/json_writer.h"
#include "common/limits.h"
#include "common/pull.h"

// No number has more digits that mean something.
#define DIGITS_MAX 17

// --- writing -----------------------------------------------------------------------------------

static void put_columns(const dc_layout_t *layout, dc_json_writer_t *json)
{
    dc_json_put_key(json, "columns");
    dc_json_begin_array(json);
    for (size_t i = 0; i < layout->column_count; i++) {
        dc_json_put_string(json, layout->columns[i].name);
    }
    dc_json_end_array(json);
}

void dc_keepsake_put(const dc_keepsake_t *self, const dc_layout_t *layout, dc_buf_t *program)
{
    // The default program is empty, and takes no member.
    if (program->len == 0) dc_buf_append_text(program, "{\"v\":1}");
    if (program->failed) return;
    program->len--; // the brace that ends it
    dc_buf_append_text(program, ",\"client\":");
    dc_json_writer_t json = dc_json_writer(program);
    dc_json_begin_object(&json);
    put_columns(layout, &json);
    if (self->file.len) dc_json_put_member_string(&json, "file", self->file);
    if (self->line) dc_json_put_member_u64(&json, "line", self->line);
    if (self->style.digits) dc_json_put_member_u64(&json, "digits", (uint64_t)self->style.digits);
    if (self->style.format)
        dc_json_put_member_string(&json, "format", dc_str_from(self->style.format));
    if (self->reduce >= 0) {
        const char *name = dc_reducer_name((dc_reducer_op_t)self->reduce);
        dc_json_put_member_string(&json, "reduce", dc_str_from(name));
    }
    if (self->cells >= 0) dc_json_put_member_u64(&json, "cells", (uint64_t)self->cells);
    dc_json_end_object(&json);
    dc_buf_append_char(program, '}');
}

// --- reading -----------------------------------------------------------------------------------

static bool has_fields(dc_format_t format)
{
    return dc_format_has_fields(format) || format == DC_FORMAT_DOUBLES;
}

// How many columns a row has, as far as the program says.
static size_t count_columns(const dc_program_t *program, const dc_json_t *names)
{
    uint64_t count = dc_max_u64(dc_json_len(names), program->field_count);
    if (program->format == DC_FORMAT_SHEET) return 2; // name and expression
    if (!has_fields(program->format)) {
        return (size_t)dc_max_u64(count, dc_max_u64(program->var_count, 1));
    }
    for (size_t i = 0; i < program->var_count; i++) {
        count = dc_max_u64(count, (uint64_t)program->vars[i].field + 1);
    }
    return (size_t)count;
}

static bool copy_text(dc_arena_t *arena, dc_str_t text, dc_str_t *copy)
{
    char *bytes = dc_arena_alloc(arena, text.len + 1, 1);
    if (!bytes) return false;
    if (text.len) memcpy(bytes, text.data, text.len);
    bytes[text.len] = '\0';
    *copy = dc_str(bytes, text.len);
    return true;
}

// What a column is called that nobody has named.
static bool make_name(dc_arena_t *arena, const dc_program_t *program, size_t index, dc_str_t *name)
{
    char text[32];
    if (has_fields(program->format)) {
        int len = snprintf(text, sizeof text, "column%zu", index + 1);
        return copy_text(arena, dc_str(text, (size_t)len), name);
    }
    *name = program->template.len ? DC_STR("x") : DC_STR("expr");
    if (program->format == DC_FORMAT_SHEET && index == 0) *name = DC_STR("name");
    if (index < program->var_count) *name = program->vars[index].var.name;
    return true;
}

// The column that a variable is bound to: by its field, or in lines and objects by its name.
static dc_column_t *column_of(dc_layout_t *layout, const dc_program_var_t *var)
{
    if (has_fields(layout->format)) {
        return var->field < layout->column_count ? &layout->columns[var->field] : NULL;
    }
    for (size_t i = 0; i < layout->column_count; i++) {
        if (dc_str_eq(layout->columns[i].name, var->var.name)) return &layout->columns[i];
    }
    return NULL;
}

static bool name_columns(dc_layout_t *layout, const dc_program_t *program, const dc_json_t *names,
                         dc_arena_t *arena)
{
    for (size_t i = 0; i < layout->column_count; i++) {
        const dc_json_t *name = dc_json_at(names, i);
        dc_str_t *to = &layout->columns[i].name;
        bool is_named = name && dc_json_type(name) == DC_JSON_STRING;
        bool is_done = is_named ? copy_text(arena, dc_json_string(name), to)
                                : make_name(arena, program, i, to);
        if (!is_done) return false;
    }
    for (size_t i = 0; i < program->var_count; i++) {
        dc_column_t *column = column_of(layout, &program->vars[i]);
        if (!column) continue;
        if (!names) column->name = program->vars[i].var.name;
        column->type = program->vars[i].var.type;
        column->nullable = program->vars[i].var.nullable;
        column->is_used = true;
    }
    return true;
}

static int64_t find_operation(dc_str_t name)
{
    dc_reducer_op_t op;
    return dc_reducer_find(name, &op) ? (int64_t)op : -1;
}

// Whoever has sent the batch may have kept anything: what is no format is left out.
static bool take_format(dc_keepsake_t *self, dc_str_t format, dc_arena_t *arena)
{
    dc_str_t copy;
    if (!format.len) return true;
    if (!copy_text(arena, format, &copy)) return false;
    if (dc_numfmt_is_format(copy.data)) self->style.format = copy.data;
    return true;
}

// What is not as this client would have written it is left out: rows can be had without it.
static bool read_client(dc_keepsake_t *self, const dc_json_t *client, dc_arena_t *arena)
{
    dc_diag_t diag;
    dc_str_t file = DC_STR(""), reduce = DC_STR(""), format = DC_STR("");
    uint64_t line = 0, digits = 0, cells = UINT64_MAX;
    bool is_read = dc_json_read_string(client, "file", &file, &diag) &&
                   dc_json_read_u64(client, "line", INT64_MAX, &line, &diag) &&
                   dc_json_read_u64(client, "digits", DIGITS_MAX, &digits, &diag) &&
                   dc_json_read_string(client, "format", &format, &diag) &&
                   dc_json_read_string(client, "reduce", &reduce, &diag) &&
                   dc_json_read_u64(client, "cells", DC_SHEET_CELLS_MAX, &cells, &diag);
    if (!is_read) return true;
    self->line = line;
    self->style.digits = (int)digits;
    self->reduce = find_operation(reduce);
    if (cells <= DC_SHEET_CELLS_MAX) self->cells = (int64_t)cells;
    return take_format(self, format, arena) && copy_text(arena, file, &self->file);
}

static dc_err_t fill(dc_keepsake_t *self, const dc_program_t *program, const dc_json_t *client,
                     dc_arena_t *arena, dc_layout_t *layout)
{
    const dc_json_t *names = client ? dc_json_member(client, "columns") : NULL;
    *layout = (dc_layout_t){ .format = program->format,
                             .numbers = program->numbers,
                             .template = program->template,
                             .expr_field = program->expr_field,
                             .column_count = count_columns(program, names) };
    layout->columns = dc_arena_alloc(arena, layout->column_count + 1, sizeof *layout->columns);
    if (!layout->columns) return DC_ERR_NOMEM;
    memset(layout->columns, 0, (layout->column_count + 1) * sizeof *layout->columns);
    if (!name_columns(layout, program, names, arena)) return DC_ERR_NOMEM;
    return !client || read_client(self, client, arena) ? DC_OK : DC_ERR_NOMEM;
}

dc_err_t dc_keepsake_take(dc_keepsake_t *self, dc_str_t frame, dc_arena_t *arena,
                          dc_layout_t *layout, bool *ieee, dc_diag_t *diag)
{
    dc_program_t program;
    dc_diag_t ignored;
    *self = (dc_keepsake_t){ .reduce = -1, .file = DC_STR(""), .cells = -1 };
    dc_err_t err = dc_program_decode(&program, frame, arena, diag);
    if (err) return err;
    *ieee = program.ieee;
    // Only this member is read as a tree: numbers elsewhere may be larger than it holds.
    dc_str_t kept = DC_STR("");
    dc_pull_find(frame, DC_STR("client"), &kept);
    dc_json_t *client = dc_json_parse(kept, DC_PROGRAM_BYTES_MAX, DC_JSON_INTEGERS_EXACT, &ignored);
    err = fill(self, &program, client, arena, layout);
    dc_json_destroy(&client);
    return err ? dc_diag_set_no_memory(diag) : DC_OK;
}
