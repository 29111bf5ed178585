#include "common/program.h"

#include <math.h>

#include "common/digits.h"
#include "common/expr/number.h"
#include "common/limits.h"
#include "common/pull.h"

// The versions of the form, without and with wide numbers: a slot refuses what it does not know.
#define VERSION      1
#define VERSION_WIDE 2

// More fields than a record of the longest kind could hold.
#define FIELDS_MAX (DC_RECORD_BYTES_MAX + 1)

// Beyond 2^63 a reader with signed numbers would stumble, and no job lasts that long.
#define NUMBER_MAX UINT64_C(1000000000000000000)

static const char *const format_names[] = {
    [DC_FORMAT_LINES] = "lines",   [DC_FORMAT_CSV] = "csv",     [DC_FORMAT_TSV] = "tsv",
    [DC_FORMAT_JSONL] = "jsonl",   [DC_FORMAT_SHEET] = "sheet", [DC_FORMAT_DOUBLES] = "doubles",
    [DC_FORMAT_POINTS] = "points",
};

static const char *const type_names[] = {
    [DC_VAR_ANY] = "any",   [DC_VAR_NUMBER] = "number", [DC_VAR_INT] = "int",
    [DC_VAR_BOOL] = "bool", [DC_VAR_STRING] = "string",
};

void dc_program_init(dc_program_t *self)
{
    *self = (dc_program_t){
        .format = DC_FORMAT_LINES,
        .timeout_ms = DC_JOB_TIMEOUT_MS,
        .steps_max = DC_STEPS_MAX,
    };
}

// --- writing -----------------------------------------------------------------------------------

static bool is_default(const dc_program_t *self)
{
    return self->format == DC_FORMAT_LINES && self->template.len == 0 && !self->ieee &&
           self->timeout_ms == DC_JOB_TIMEOUT_MS && self->steps_max == DC_STEPS_MAX &&
           self->var_count == 0 && self->let_count == 0 && dc_numbers_are_double(self->numbers);
}

static void put_string(dc_buf_t *out, dc_str_t string)
{
    dc_value_t value = { .type = DC_TYPE_STRING, .string = string };
    dc_value_print(&value, out);
}

// A number that reads back to the same bits. JSON has no infinities, and the canonical text of -0
// is 0.
static void put_number(dc_buf_t *out, double number)
{
    dc_value_t value = { .type = DC_TYPE_NUMBER, .number = number };
    if (number == 0 && signbit(number)) {
        dc_buf_append_text(out, "-0");
    } else if (isfinite(number)) {
        dc_value_print(&value, out);
    } else {
        dc_buf_append_char(out, '"');
        dc_value_print(&value, out);
        dc_buf_append_char(out, '"');
    }
}

static void put_vars(const dc_program_t *self, dc_buf_t *out)
{
    dc_buf_append_text(out, ",\"vars\":[");
    for (size_t i = 0; i < self->var_count; i++) {
        const dc_program_var_t *var = &self->vars[i];
        dc_buf_append_text(out, i ? ",{\"name\":" : "{\"name\":");
        put_string(out, var->var.name);
        dc_buf_printf(out, ",\"type\":\"%s\",\"null\":%s,\"field\":%u}", type_names[var->var.type],
                      var->var.nullable ? "true" : "false", (unsigned)var->field);
    }
    dc_buf_append_char(out, ']');
}

static void put_let(const dc_var_t *let, const dc_value_t *value, dc_buf_t *out)
{
    dc_buf_append_text(out, "{\"name\":");
    put_string(out, let->name);
    bool has_digits = value->type == DC_TYPE_DIGITS;
    dc_buf_printf(out, ",\"%s\":", has_digits ? "digits" : dc_type_name(value->type));
    if (has_digits) {
        put_string(out, value->string);
    } else if (value->type == DC_TYPE_NUMBER) {
        put_number(out, value->number);
    } else {
        dc_value_print(value, out);
    }
    dc_buf_append_char(out, '}');
}

static void put_lets(const dc_program_t *self, dc_buf_t *out)
{
    dc_buf_append_text(out, ",\"lets\":[");
    for (size_t i = 0; i < self->let_count; i++) {
        if (i) dc_buf_append_char(out, ',');
        put_let(&self->lets[i], &self->let_values[i], out);
    }
    dc_buf_append_char(out, ']');
}

void dc_program_encode(const dc_program_t *self, dc_buf_t *out)
{
    if (is_default(self)) return;
    bool is_wide = !dc_numbers_are_double(self->numbers);
    dc_buf_printf(out, "{\"v\":%d,\"format\":\"%s\"", is_wide ? VERSION_WIDE : VERSION,
                  format_names[self->format]);
    if (is_wide) {
        char numbers[DC_NUMBERS_TEXT_MAX];
        dc_numbers_print(self->numbers, numbers);
        dc_buf_printf(out, ",\"numbers\":\"%s\"", numbers);
    }
    if (self->template.len) {
        dc_buf_append_text(out, ",\"template\":");
        put_string(out, self->template);
    }
    dc_buf_printf(out, ",\"ieee\":%s,\"timeout_ms\":%llu,\"steps_max\":%llu",
                  self->ieee ? "true" : "false",
                  (unsigned long long)dc_min_u64(self->timeout_ms, NUMBER_MAX),
                  (unsigned long long)dc_min_u64(self->steps_max, NUMBER_MAX));
    if (self->field_count) {
        dc_buf_printf(out, ",\"fields\":%u,\"expr_field\":%u", (unsigned)self->field_count,
                      (unsigned)self->expr_field);
    }
    if (self->var_count) put_vars(self, out);
    if (self->let_count) put_lets(self, out);
    dc_buf_append_char(out, '}');
}

// --- reading -----------------------------------------------------------------------------------

typedef struct reader {
    dc_pull_t pull;
    dc_arena_t *arena;
    bool is_short; // of memory
} reader_t;

// Say why it is no program; the first fault counts.
static bool refuse(reader_t *self, const char *fault)
{
    if (!self->pull.fault) self->pull.fault = fault;
    return false;
}

static bool run_short(reader_t *self)
{
    self->is_short = true;
    return refuse(self, "out of memory");
}

// Take a string; what has escapes is copied into the arena.
static bool read_string(reader_t *self, dc_str_t *string)
{
    dc_str_t raw;
    if (!dc_pull_string(&self->pull, &raw)) return false;
    dc_buf_t room = { 0 };
    dc_str_t plain = dc_pull_unescape(raw, &room);
    bool failed = room.failed;
    if (!failed && room.len) {
        char *copy = dc_arena_alloc(self->arena, room.len, 1);
        if (copy) memcpy(copy, room.data, room.len);
        plain = dc_str(copy, room.len);
        failed = !copy;
    }
    dc_buf_fini(&room);
    if (failed) return run_short(self);
    *string = plain;
    return true;
}

static bool read_u32(reader_t *self, uint64_t max, uint32_t *number)
{
    uint64_t value;
    if (!dc_pull_u64(&self->pull, &value)) return false;
    if (value > max) return refuse(self, "a number is too large");
    *number = (uint32_t)value;
    return true;
}

// Take a string that is one of `names`; `*index` is which.
static bool read_choice(reader_t *self, const char *const *names, size_t count, size_t *index)
{
    dc_str_t name;
    if (!read_string(self, &name)) return false;
    for (size_t i = 0; i < count; i++) {
        if (dc_str_eq(name, dc_str_from(names[i]))) {
            *index = i;
            return true;
        }
    }
    return refuse(self, "a name is not known");
}

// Room for item `count` of a list that grows by doubling; the old list stays in the arena. NULL if
// memory is short.
static void *grow(reader_t *self, void *list, size_t count, size_t size)
{
    if (count & (count - 1)) return list; // grows where the count is 0 or a power of two
    void *more = dc_arena_alloc(self->arena, count ? 2 * count : 1, size);
    if (!more) run_short(self);
    if (more && count) memcpy(more, list, count * size);
    return more;
}

static bool read_var(reader_t *self, dc_program_var_t *var)
{
    *var = (dc_program_var_t){ .var.type = DC_VAR_ANY };
    dc_str_t key;
    size_t type = DC_VAR_ANY;
    dc_pull_object(&self->pull);
    while (dc_pull_member(&self->pull, &key)) {
        if (dc_str_eq(key, DC_STR("name"))) {
            read_string(self, &var->var.name);
        } else if (dc_str_eq(key, DC_STR("type"))) {
            read_choice(self, type_names, DC_ARRAY_LEN(type_names), &type);
        } else if (dc_str_eq(key, DC_STR("null"))) {
            dc_pull_bool(&self->pull, &var->var.nullable);
        } else if (dc_str_eq(key, DC_STR("field"))) {
            read_u32(self, FIELDS_MAX - 1, &var->field);
        } else {
            dc_pull_skip(&self->pull);
        }
    }
    var->var.type = (dc_var_type_t)type;
    return !self->pull.fault && (var->var.name.len || refuse(self, "a variable has no name"));
}

static void read_vars(reader_t *self, dc_program_t *program)
{
    program->var_count = 0;
    dc_pull_array(&self->pull);
    while (dc_pull_item(&self->pull)) {
        size_t count = program->var_count;
        dc_program_var_t *vars = grow(self, program->vars, count, sizeof *vars);
        if (!vars || !read_var(self, &vars[count])) return;
        program->vars = vars;
        program->var_count++;
    }
}

static bool read_let_number(reader_t *self, double *number)
{
    if (dc_pull_next(&self->pull) == DC_PULL_NUMBER) return dc_pull_number(&self->pull, number);
    dc_str_t text;
    if (!read_string(self, &text)) return false;
    return dc_number_from_text(text, number) || refuse(self, "a constant is not a number");
}

static bool read_let_digits(reader_t *self, dc_str_t *digits)
{
    if (!read_string(self, digits)) return false;
    return dc_digits_are_number(*digits) || refuse(self, "a constant is not a number");
}

static bool read_let(reader_t *self, dc_var_t *let, dc_value_t *value)
{
    *let = (dc_var_t){ .type = DC_VAR_ANY, .nullable = true };
    *value = (dc_value_t){ .type = DC_TYPE_NULL };
    dc_str_t key;
    dc_pull_object(&self->pull);
    while (dc_pull_member(&self->pull, &key)) {
        if (dc_str_eq(key, DC_STR("name"))) {
            read_string(self, &let->name);
        } else if (dc_str_eq(key, DC_STR("number"))) {
            let->type = DC_VAR_NUMBER;
            value->type = DC_TYPE_NUMBER;
            read_let_number(self, &value->number);
        } else if (dc_str_eq(key, DC_STR("digits"))) {
            let->type = DC_VAR_NUMBER;
            value->type = DC_TYPE_DIGITS;
            read_let_digits(self, &value->string);
        } else if (dc_str_eq(key, DC_STR("bool"))) {
            let->type = DC_VAR_BOOL;
            value->type = DC_TYPE_BOOL;
            dc_pull_bool(&self->pull, &value->boolean);
        } else if (dc_str_eq(key, DC_STR("string"))) {
            let->type = DC_VAR_STRING;
            value->type = DC_TYPE_STRING;
            read_string(self, &value->string);
        } else {
            dc_pull_skip(&self->pull); // "null" needs no more
        }
    }
    let->nullable = value->type == DC_TYPE_NULL;
    return !self->pull.fault && (let->name.len || refuse(self, "a constant has no name"));
}

static void read_lets(reader_t *self, dc_program_t *program)
{
    program->let_count = 0;
    dc_pull_array(&self->pull);
    while (dc_pull_item(&self->pull)) {
        size_t count = program->let_count;
        dc_var_t *lets = grow(self, program->lets, count, sizeof *lets);
        dc_value_t *values = lets ? grow(self, program->let_values, count, sizeof *values) : NULL;
        if (!values || !read_let(self, &lets[count], &values[count])) return;
        program->lets = lets;
        program->let_values = values;
        program->let_count++;
    }
}

static void read_numbers(reader_t *self, dc_numbers_t *numbers)
{
    dc_str_t text;
    if (read_string(self, &text) && !dc_numbers_read(text, numbers))
        refuse(self, "its numbers are of an unknown kind");
}

static void read_member(reader_t *self, dc_str_t key, dc_program_t *program, uint64_t *version)
{
    dc_pull_t *pull = &self->pull;
    if (dc_str_eq(key, DC_STR("v"))) {
        dc_pull_u64(pull, version);
    } else if (dc_str_eq(key, DC_STR("format"))) {
        size_t format;
        if (read_choice(self, format_names, DC_ARRAY_LEN(format_names), &format)) {
            program->format = (dc_format_t)format;
        }
    } else if (dc_str_eq(key, DC_STR("template"))) {
        read_string(self, &program->template);
    } else if (dc_str_eq(key, DC_STR("numbers"))) {
        read_numbers(self, &program->numbers);
    } else if (dc_str_eq(key, DC_STR("ieee"))) {
        dc_pull_bool(pull, &program->ieee);
    } else if (dc_str_eq(key, DC_STR("timeout_ms"))) {
        dc_pull_u64(pull, &program->timeout_ms);
    } else if (dc_str_eq(key, DC_STR("steps_max"))) {
        dc_pull_u64(pull, &program->steps_max);
    } else if (dc_str_eq(key, DC_STR("fields"))) {
        read_u32(self, FIELDS_MAX, &program->field_count);
    } else if (dc_str_eq(key, DC_STR("expr_field"))) {
        read_u32(self, FIELDS_MAX - 1, &program->expr_field);
    } else if (dc_str_eq(key, DC_STR("vars"))) {
        read_vars(self, program);
    } else if (dc_str_eq(key, DC_STR("lets"))) {
        read_lets(self, program);
    } else {
        dc_pull_skip(pull); // what a later client adds without a new version may be left alone
    }
}

// A template over lines has one variable.
static void imply_line_var(reader_t *self, dc_program_t *program)
{
    if (program->format != DC_FORMAT_LINES || !program->template.len || program->var_count) return;
    program->vars = dc_arena_alloc(self->arena, 1, sizeof *program->vars);
    if (!program->vars) {
        run_short(self);
        return;
    }
    program->vars[0] = (dc_program_var_t){ .var = { .name = DC_STR("x"), .type = DC_VAR_ANY } };
    program->var_count = 1;
}

// Check what the fields of records must satisfy together.
static void check_fields(reader_t *self, const dc_program_t *program)
{
    if (program->format == DC_FORMAT_LINES && program->var_count > 1) {
        refuse(self, "lines have one variable");
    }
    if (program->format == DC_FORMAT_SHEET && (program->template.len || program->var_count)) {
        refuse(self, "a sheet has no template and no columns");
    }
    if (program->format == DC_FORMAT_DOUBLES && !program->template.len) {
        refuse(self, "doubles need a template");
    }
    if (program->format == DC_FORMAT_POINTS && !program->template.len) {
        refuse(self, "points need a template");
    }
    if (!dc_format_has_fields(program->format)) return;
    if (!program->template.len && program->expr_field >= program->field_count) {
        refuse(self, "the expression's field is not in the record");
    }
    for (size_t i = 0; i < program->var_count; i++) {
        if (program->vars[i].field >= program->field_count) {
            refuse(self, "a variable's field is not in the record");
        }
    }
}

// Check that numbers are of one kind, and that the version says so.
static void check_numbers(reader_t *self, const dc_program_t *program, uint64_t version)
{
    bool is_wide = !dc_numbers_are_double(program->numbers);
    if (version != (is_wide ? VERSION_WIDE : VERSION)) refuse(self, "its version is not known");
    if (is_wide && program->ieee) refuse(self, "only doubles can be infinite");
    if (program->format == (is_wide ? DC_FORMAT_DOUBLES : DC_FORMAT_POINTS))
        refuse(self, "its rows have numbers of another kind");
    for (size_t i = 0; i < program->let_count; i++) {
        if (program->let_values[i].type == (is_wide ? DC_TYPE_NUMBER : DC_TYPE_DIGITS))
            refuse(self, "a constant is a number of another kind");
    }
}

dc_err_t dc_program_decode(dc_program_t *self, dc_str_t frame, dc_arena_t *arena, dc_diag_t *diag)
{
    dc_program_t program;
    dc_program_init(&program);
    if (frame.len == 0) {
        *self = program;
        return DC_OK;
    }
    reader_t reader = { .arena = arena };
    uint64_t version = 0;
    dc_str_t key;
    dc_pull_begin(&reader.pull, frame);
    dc_pull_object(&reader.pull);
    while (dc_pull_member(&reader.pull, &key))
        read_member(&reader, key, &program, &version);
    if (dc_pull_end(&reader.pull)) check_numbers(&reader, &program, version);
    if (!reader.pull.fault) imply_line_var(&reader, &program);
    if (!reader.pull.fault) check_fields(&reader, &program);
    if (reader.pull.fault) {
        size_t at = (size_t)(reader.pull.at - reader.pull.start);
        return dc_diag_set(diag, reader.is_short ? DC_ERR_NOMEM : DC_ERR_PROTOCOL, at, 0,
                           "the batch's program: %s", reader.pull.fault);
    }
    *self = program;
    return DC_OK;
}

// --- what expressions see ----------------------------------------------------------------------

bool dc_program_join_vars(const dc_program_t *self, dc_arena_t *arena, dc_var_t **vars,
                          dc_value_t **values)
{
    size_t count = self->var_count + self->let_count;
    *vars = dc_arena_alloc(arena, count + 1, sizeof **vars);
    *values = dc_arena_alloc(arena, count + 1, sizeof **values);
    if (!*vars || !*values) return false;
    for (size_t i = 0; i < self->var_count; i++) {
        (*vars)[i] = self->vars[i].var;
        (*values)[i] = (dc_value_t){ .type = DC_TYPE_NULL };
    }
    for (size_t i = 0; i < self->let_count; i++) {
        (*vars)[self->var_count + i] = self->lets[i];
        (*values)[self->var_count + i] = self->let_values[i];
    }
    return true;
}
