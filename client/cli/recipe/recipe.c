#include "client/cli/recipe/recipe.h"

#include <sysexits.h>

#include "client/cli/text/text.h"
#include "common/csv.h"
#include "common/suggest.h"

// Names, constants and columns: a header has at most a record's bytes.
#define ARENA_BYTES_MAX (16u << 20)

void dc_recipe_init(dc_recipe_t *self, dc_numbers_t numbers, dc_messages_t *messages)
{
    *self = (dc_recipe_t){ .layout = { .numbers = numbers }, .messages = messages };
    dc_arena_init(&self->arena, ARENA_BYTES_MAX);
    dc_constants_init(&self->lets, numbers, &self->arena, messages);
}

void dc_recipe_fini(dc_recipe_t *self)
{
    dc_points_fini(&self->points);
    dc_constants_fini(&self->lets);
    dc_buf_fini(&self->program);
    dc_arena_fini(&self->arena);
}

static int complain(dc_recipe_t *self, const char *option, dc_str_t word, const char *reason)
{
    dc_messages_put_usage(self->messages, option, word, reason);
    return EX_USAGE;
}

static bool copy_text(dc_recipe_t *self, dc_str_t text, dc_str_t *copy)
{
    char *bytes = dc_arena_alloc(&self->arena, text.len + 1, 1);
    if (!bytes) return false;
    if (text.len) memcpy(bytes, text.data, text.len);
    *copy = dc_str(bytes, text.len);
    return true;
}

// --- columns -----------------------------------------------------------------------------------

static bool make_columns(dc_recipe_t *self, size_t count)
{
    dc_column_t *columns = dc_arena_alloc(&self->arena, count + 1, sizeof *columns);
    if (!columns) return false;
    memset(columns, 0, (count + 1) * sizeof *columns);
    self->layout.columns = columns;
    self->layout.column_count = count;
    return true;
}

int dc_recipe_set_lines(dc_recipe_t *self, dc_str_t template)
{
    self->layout.format = DC_FORMAT_LINES;
    self->layout.template = template;
    if (!make_columns(self, 1)) return dc_messages_put_no_memory(self->messages);
    self->layout.columns[0].name = template.len ? DC_STR("x") : DC_STR("expr");
    return 0;
}

int dc_recipe_set_sheet(dc_recipe_t *self)
{
    self->layout.format = DC_FORMAT_SHEET;
    if (!make_columns(self, 2)) return dc_messages_put_no_memory(self->messages);
    self->layout.columns[0].name = DC_STR("name");
    self->layout.columns[1].name = DC_STR("expr");
    return 0;
}

int dc_recipe_set_members(dc_recipe_t *self, dc_str_t template)
{
    self->layout.format = DC_FORMAT_JSONL;
    self->layout.template = template;
    if (!make_columns(self, template.len ? 0 : 1)) return dc_messages_put_no_memory(self->messages);
    if (!template.len) self->layout.columns[0].name = DC_STR("expr");
    return 0;
}

static int read_header(dc_recipe_t *self)
{
    dc_layout_t *layout = &self->layout;
    dc_csv_cursor_t cursor;
    dc_csv_field_t field;
    dc_buf_t room = { 0 };
    size_t count = 0;
    dc_csv_begin(&cursor, layout->header, dc_layout_delimiter(layout));
    while (dc_csv_next(&cursor, &field)) {
        count++;
    }
    if (cursor.fault) {
        dc_buf_printf(self->messages->out, "dcalc: the header is not well-formed: %s\n",
                      cursor.fault);
        return EX_DATAERR;
    }
    if (!make_columns(self, count)) return dc_messages_put_no_memory(self->messages);
    dc_csv_begin(&cursor, layout->header, dc_layout_delimiter(layout));
    for (size_t i = 0; i < count && dc_csv_next(&cursor, &field); i++) {
        room.len = 0;
        dc_str_t name = dc_str_trim(dc_csv_unquote(&field, &room));
        if (!copy_text(self, name, &layout->columns[i].name)) room.failed = true;
    }
    bool has_failed = room.failed;
    dc_buf_fini(&room);
    return has_failed ? dc_messages_put_no_memory(self->messages) : 0;
}

int dc_recipe_set_header(dc_recipe_t *self, dc_format_t format, dc_str_t header, dc_str_t template)
{
    self->layout.format = format;
    self->layout.template = template;
    if (!copy_text(self, header, &self->layout.header))
        return dc_messages_put_no_memory(self->messages);
    return read_header(self);
}

// --- ranges ------------------------------------------------------------------------------------

// Cut what stands before the next colon off `rest`; colons within parentheses don't count.
static dc_str_t take_bound(dc_str_t *rest)
{
    size_t depth = 0;
    size_t len = 0;
    for (; len < rest->len; len++) {
        char c = rest->data[len];
        if (c == '(') depth++;
        if (c == ')' && depth) depth--;
        if (c == ':' && depth == 0) break;
    }
    dc_str_t bound = dc_str(rest->data, len);
    size_t used = dc_min_size(len + 1, rest->len);
    *rest = dc_str(rest->data + used, rest->len - used);
    return bound;
}

// NULL; or what is wrong, as a phrase.
static const char *set_axis(dc_recipe_t *self, dc_axis_t *axis, const dc_value_t bounds[3])
{
    if (bounds[0].type != DC_TYPE_DIGITS)
        return dc_axis_set(axis, bounds[0].number, bounds[1].number, bounds[2].number);
    return dc_points_add(&self->points, bounds[0].string, bounds[1].string, bounds[2].string,
                         &axis->count);
}

static int read_axis(dc_recipe_t *self, const char *text, dc_axis_t *axis)
{
    dc_str_t rest;
    bool is_wide = !dc_numbers_are_double(self->layout.numbers);
    dc_value_t bounds[3] = { [2] = { .type = DC_TYPE_NUMBER, .number = 1 } };
    size_t count = 0;
    if (is_wide) bounds[2] = (dc_value_t){ .type = DC_TYPE_DIGITS, .string = DC_STR("1") };
    if (!dc_constants_split(text, &axis->name, &rest)) rest = DC_STR("");
    for (; rest.len && count < DC_ARRAY_LEN(bounds); count++) {
        dc_str_t bound = take_bound(&rest);
        int status = dc_constants_number(&self->lets, "--range", axis->name, bound, &bounds[count]);
        if (status) return status;
    }
    if (count < 2 || rest.len) {
        return complain(self, "--range", dc_str_from(text),
                        "is not of the form NAME=A:B or NAME=A:B:STEP");
    }
    const char *wrong = set_axis(self, axis, bounds);
    return wrong ? complain(self, "--range", dc_str_from(text), wrong) : 0;
}

int dc_recipe_set_ranges(dc_recipe_t *self, const char *const *texts, size_t count,
                         dc_str_t template)
{
    bool is_wide = !dc_numbers_are_double(self->layout.numbers);
    self->layout.format = is_wide ? DC_FORMAT_POINTS : DC_FORMAT_DOUBLES;
    self->layout.template = template;
    if (!template.len) {
        dc_messages_put_sentence(self->messages, "--range needs a template: -t EXPR");
        return EX_USAGE;
    }
    dc_axis_t *axes = dc_arena_alloc(&self->arena, count, sizeof *axes);
    if (!axes || !make_columns(self, count)) return dc_messages_put_no_memory(self->messages);
    memset(axes, 0, count * sizeof *axes);
    for (size_t i = 0; i < count; i++) {
        int status = read_axis(self, texts[i], &axes[i]);
        if (status) return status;
        self->layout.columns[i] = (dc_column_t){ .name = axes[i].name, .type = DC_VAR_NUMBER };
    }
    if (dc_sweep_init(&self->sweep, axes, count)) return 0;
    dc_messages_put_sentence(self->messages, "the ranges have too many points together");
    return EX_USAGE;
}

// --- types -------------------------------------------------------------------------------------

static dc_column_t *find_column(dc_layout_t *layout, dc_str_t name)
{
    for (size_t i = 0; i < layout->column_count; i++) {
        if (dc_str_eq(layout->columns[i].name, name)) return &layout->columns[i];
    }
    return NULL;
}

static int complain_column(dc_recipe_t *self, dc_str_t name)
{
    dc_suggest_t suggest;
    dc_suggest_init(&suggest, name);
    for (size_t i = 0; i < self->layout.column_count; i++) {
        dc_suggest_offer(&suggest, self->layout.columns[i].name);
    }
    dc_buf_t *out = self->messages->out;
    dc_buf_append_text(out, "dcalc: --types: there is no column '");
    dc_text_put_safe(out, name);
    dc_str_t best = dc_suggest_best(&suggest);
    dc_buf_append_text(out, best.len ? "'; did you mean '" : "'");
    dc_text_put_safe(out, best);
    dc_buf_append_text(out, best.len ? "'?\n" : "\n");
    return EX_USAGE;
}

// Members of JSON rows are not known beforehand: naming one declares it.
static dc_column_t *append_column(dc_recipe_t *self, dc_str_t name)
{
    dc_column_t *columns = self->layout.columns;
    size_t count = self->layout.column_count;
    dc_str_t kept;
    if (!copy_text(self, name, &kept) || !make_columns(self, count + 1)) return NULL;
    if (count) memcpy(self->layout.columns, columns, count * sizeof *columns);
    self->layout.columns[count].name = kept;
    return &self->layout.columns[count];
}

static bool read_type(dc_str_t word, dc_var_type_t *type)
{
    static const struct {
        dc_str_t name;
        dc_var_type_t type;
    } types[] = {
        { { "number", 6 }, DC_VAR_NUMBER },
        { { "int", 3 }, DC_VAR_INT },
        { { "bool", 4 }, DC_VAR_BOOL },
        { { "string", 6 }, DC_VAR_STRING },
    };
    for (size_t i = 0; i < DC_ARRAY_LEN(types); i++) {
        if (!dc_str_eq(types[i].name, word)) continue;
        *type = types[i].type;
        return true;
    }
    return false;
}

static int set_type(dc_recipe_t *self, dc_str_t item)
{
    const char *colon = item.len ? memrchr(item.data, ':', item.len) : NULL;
    if (!colon) {
        return complain(self, "--types", item, "is not of the form NAME:TYPE");
    }
    dc_str_t name = dc_constants_strip_braces(dc_str(item.data, (size_t)(colon - item.data)));
    dc_str_t word = dc_str_trim(dc_str(colon + 1, (size_t)(item.data + item.len - colon - 1)));
    bool nullable = word.len && word.data[word.len - 1] == '?';
    if (nullable) word.len--;
    dc_var_type_t type;
    if (!read_type(word, &type)) {
        return complain(self, "--types", word, "is none of: number int bool string");
    }
    dc_column_t *column = find_column(&self->layout, name);
    bool is_open = self->layout.format == DC_FORMAT_JSONL;
    if (!column && !is_open) return complain_column(self, name);
    if (!column) column = append_column(self, name);
    if (!column) return dc_messages_put_no_memory(self->messages);
    column->type = type;
    column->nullable = nullable;
    return 0;
}

int dc_recipe_set_types(dc_recipe_t *self, const char *text)
{
    int status = 0;
    while (*text && status == 0) {
        size_t len = strcspn(text, ",");
        status = set_type(self, dc_str(text, len));
        text += len + (text[len] == ',');
    }
    return status;
}
