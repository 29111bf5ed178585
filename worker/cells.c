#include "worker/cells.h"

#include <stdlib.h>

#include "common/digits.h"
#include "common/expr/number.h"
#include "common/pull.h"

// `["",""]` and a comma.
#define PAIR_BYTES_MIN 8

void dc_cells_fini(dc_cells_t *self)
{
    free(self->vars);
    free(self->values);
    dc_buf_fini(&self->room);
}

static dc_err_t no_cell(dc_diag_t *diag)
{
    return dc_diag_set(diag, DC_ERR_PROTOCOL, 0, 0, "the job is no line of a sheet");
}

// Room for `count` variables, and for `bytes` of text, so that no view of it moves.
static bool reserve(dc_cells_t *self, size_t count, size_t bytes)
{
    self->room.len = 0;
    self->room.failed = false;
    if (!dc_buf_reserve(&self->room, bytes + 1)) return false;
    if (count <= self->capacity) return true;
    dc_var_t *vars = realloc(self->vars, count * sizeof *vars);
    if (vars) self->vars = vars;
    dc_value_t *values = realloc(self->values, count * sizeof *values);
    if (values) self->values = values;
    if (!vars || !values) return false;
    self->capacity = count;
    return true;
}

static void add_constants(dc_cells_t *self, const dc_program_t *program)
{
    self->count = program->let_count;
    if (self->count == 0) return;
    memcpy(self->vars, program->lets, self->count * sizeof *self->vars);
    memcpy(self->values, program->let_values, self->count * sizeof *self->values);
}

static bool read_string(dc_cells_t *self, dc_str_t result, dc_value_t *value)
{
    dc_pull_t pull;
    dc_str_t raw;
    dc_pull_begin(&pull, result);
    if (!dc_pull_string(&pull, &raw) || !dc_pull_end(&pull)) return false;
    *value = (dc_value_t){ .type = DC_TYPE_STRING };
    value->string = dc_pull_unescape(raw, &self->room);
    return true;
}

static bool read_number(const dc_cells_t *self, dc_str_t result, dc_value_t *value)
{
    if (self->are_wide) {
        *value = (dc_value_t){ .type = DC_TYPE_DIGITS, .string = result };
        return dc_digits_are_number(result);
    }
    *value = (dc_value_t){ .type = DC_TYPE_NUMBER };
    return dc_number_from_text(result, &value->number);
}

// What a slot has printed, as the value that it was.
static bool read_value(dc_cells_t *self, dc_str_t result, dc_var_t *var, dc_value_t *value)
{
    bool is_true = dc_str_eq(result, DC_STR("true"));
    if (dc_str_eq(result, DC_STR("null"))) {
        var->nullable = true;
        *value = (dc_value_t){ .type = DC_TYPE_NULL };
    } else if (is_true || dc_str_eq(result, DC_STR("false"))) {
        var->type = DC_VAR_BOOL;
        *value = (dc_value_t){ .type = DC_TYPE_BOOL, .boolean = is_true };
    } else if (result.len && result.data[0] == '"') {
        var->type = DC_VAR_STRING;
        return read_string(self, result, value);
    } else {
        var->type = DC_VAR_NUMBER;
        return read_number(self, result, value);
    }
    return true;
}

// Bind `raw`, a name as it is written, to what a slot has printed.
static bool bind(dc_cells_t *self, dc_str_t raw, dc_str_t result)
{
    dc_var_t *var = &self->vars[self->count];
    *var = (dc_var_t){ .name = dc_pull_unescape(raw, &self->room), .type = DC_VAR_ANY };
    if (!read_value(self, result, var, &self->values[self->count])) return false;
    self->count++;
    return true;
}

// A pair of name and result.
static bool bind_pair(dc_cells_t *self, dc_pull_t *pull)
{
    dc_str_t raw, result;
    bool is_pair = dc_pull_array(pull) && dc_pull_item(pull) && dc_pull_string(pull, &raw) &&
                   dc_pull_item(pull) && dc_pull_string(pull, &result) && !dc_pull_item(pull);
    if (!is_pair || pull->fault) return false;
    return bind(self, raw, dc_pull_unescape(result, &self->room));
}

static bool bind_names(dc_cells_t *self, dc_pull_t *pull, dc_wire_needs_t needs)
{
    uint32_t count = 0;
    if (!dc_pull_array(pull)) return false;
    while (dc_pull_item(pull)) {
        dc_str_t raw;
        if (dc_pull_next(pull) == DC_PULL_ARRAY) {
            if (!bind_pair(self, pull)) return false;
            continue;
        }
        if (!dc_pull_string(pull, &raw) || count++ == needs.count) return false;
        dc_str_t result = dc_wire_take_need(&needs);
        if (raw.len && !bind(self, raw, result)) return false;
    }
    return !pull->fault;
}

dc_err_t dc_cells_read(dc_cells_t *self, const dc_program_t *program, dc_str_t line,
                       dc_wire_needs_t needs, dc_str_t *text, size_t *column, dc_diag_t *diag)
{
    const char *tab = line.len ? memchr(line.data, '\t', line.len) : NULL;
    if (!tab) return no_cell(diag);
    dc_str_t names = dc_str(line.data, (size_t)(tab - line.data));
    size_t count = program->let_count + needs.count + names.len / PAIR_BYTES_MIN + 1;
    // A result that is text has escapes of its own, within those of a pair.
    if (!reserve(self, count, 2 * names.len + needs.all.len)) return dc_diag_set_no_memory(diag);
    self->are_wide = !dc_numbers_are_double(program->numbers);
    add_constants(self, program);
    dc_pull_t pull;
    dc_pull_begin(&pull, names);
    if (!bind_names(self, &pull, needs)) return no_cell(diag);
    *column = names.len + 1;
    *text = dc_str_behind(line, *column);
    return self->room.failed ? dc_diag_set_no_memory(diag) : DC_OK;
}
