// The last step of a recipe: check the template against the columns, and write the program.
#include "client/cli/recipe/recipe.h"

#include <sysexits.h>

#include "client/cli/recipe/reducer.h"
#include "client/cli/text/text.h"
#include "common/limits.h"
#include "common/pull.h"
#include "common/utf8.h"

// No job lasts longer, and it is what a program may say.
#define TIMEOUT_MS_MAX UINT64_C(1000000000000000000)

// Members of JSON rows that a template may use.
#define MEMBERS_MAX 4096

static int complain(dc_recipe_t *self, dc_str_t word, const char *reason)
{
    dc_messages_put_usage(self->messages, "--template", word, reason);
    return EX_USAGE;
}

// What the compiler gets: the columns in their order, then the constants. Of columns with the same
// name only the first is declared.
typedef struct declared {
    dc_var_t *vars;
    size_t *columns; // of each variable, which column it is
    size_t count, capacity;
} declared_t;

static bool is_declared(const declared_t *self, dc_str_t name)
{
    for (size_t i = 0; i < self->count; i++) {
        if (dc_str_eq(self->vars[i].name, name)) return true;
    }
    return false;
}

static bool declare(dc_recipe_t *self, declared_t *declared)
{
    const dc_layout_t *layout = &self->layout;
    declared->capacity = layout->column_count + self->lets.count;
    declared->vars = dc_arena_alloc(&self->arena, declared->capacity + 1, sizeof(dc_var_t));
    declared->columns = dc_arena_alloc(&self->arena, declared->capacity + 1, sizeof(size_t));
    if (!declared->vars || !declared->columns) return false;
    for (size_t i = 0; i < layout->column_count; i++) {
        const dc_column_t *column = &layout->columns[i];
        if (column->name.len == 0 || is_declared(declared, column->name)) continue;
        declared->columns[declared->count] = i;
        declared->vars[declared->count++] =
            (dc_var_t){ .name = column->name, .type = column->type, .nullable = column->nullable };
    }
    return true;
}

// Take over what the compiler found out about the columns.
static int adopt(dc_recipe_t *self, const declared_t *declared)
{
    dc_layout_t *layout = &self->layout;
    for (size_t i = 0; i < declared->count; i++) {
        const dc_var_t *var = &declared->vars[i];
        if (!var->is_used) continue;
        dc_column_t *column = &layout->columns[declared->columns[i]];
        column->is_used = true;
        column->type = var->type;
        column->nullable = var->nullable;
        for (size_t j = declared->columns[i] + 1; j < layout->column_count; j++) {
            if (!dc_str_eq(layout->columns[j].name, column->name)) continue;
            complain(self, column->name, "is the name of two columns");
            return EX_DATAERR;
        }
    }
    return 0;
}

static int compile(dc_recipe_t *self, dc_diag_t *diag)
{
    declared_t declared = { 0 };
    dc_formula_t formula = { 0 };
    *diag = (dc_diag_t){ 0 };
    if (!declare(self, &declared)) return dc_messages_put_no_memory(self->messages);
    size_t column_vars = declared.count;
    for (size_t i = 0; i < self->lets.count; i++) {
        if (is_declared(&declared, self->lets.vars[i].name)) {
            return complain(self, self->lets.vars[i].name, "is a column, and bound by --let too");
        }
        declared.vars[declared.count++] = self->lets.vars[i];
    }
    dc_calculator_t *calculator = dc_constants_calculator(&self->lets);
    if (!calculator) return dc_messages_put_no_memory(self->messages);
    dc_err_t err = dc_calculator_compile(calculator, self->layout.template, declared.vars,
                                         declared.count, &formula, diag);
    if (err) return EX_USAGE;
    self->type = dc_formula_type(&formula);
    dc_formula_fini(&formula);
    declared.count = column_vars;
    return adopt(self, &declared);
}

// JSON rows have no header: any name that the template does not know is a member.
static bool declare_member(dc_recipe_t *self, const dc_diag_t *diag)
{
    dc_layout_t *layout = &self->layout;
    dc_str_t text = layout->template;
    bool is_name = layout->format == DC_FORMAT_JSONL && diag->code == DC_ERR_NAME &&
                   diag->width > 0 && diag->column + diag->width <= text.len;
    if (!is_name || layout->column_count >= MEMBERS_MAX) return false;
    dc_column_t *columns =
        dc_arena_alloc(&self->arena, layout->column_count + 1, sizeof *layout->columns);
    if (!columns) return false;
    if (layout->column_count) {
        memcpy(columns, layout->columns, layout->column_count * sizeof *columns);
    }
    dc_str_t name = dc_constants_strip_braces(dc_str(text.data + diag->column, diag->width));
    columns[layout->column_count] = (dc_column_t){ .name = name };
    layout->columns = columns;
    layout->column_count++;
    return true;
}

// More names are no help any more.
#define NAMES_SHOWN_MAX 20

// Why a table may have other columns than it seems to; NULL: nothing hints at it.
static const char *table_hint(const dc_layout_t *layout)
{
    dc_str_t header = layout->header;
    if (layout->format == DC_FORMAT_CSV && header.len && layout->column_count == 1) {
        if (memchr(header.data, '\t', header.len)) return "tabs part its columns: --from tsv";
        if (memchr(header.data, ';', header.len)) {
            return "its columns are parted by ';': tr ';' '\\t' < FILE | dcalc batch --from tsv -";
        }
    }
    if (!dc_utf8_is_valid(header)) {
        return "it is not UTF-8: iconv -f latin1 -t utf-8 FILE | dcalc batch --from csv -";
    }
    return NULL;
}

static void tell_table_hint(dc_recipe_t *self)
{
    const char *hint = table_hint(&self->layout);
    if (hint) dc_buf_printf(self->messages->out, "       %s\n", hint);
}

// Whether the input is called as JSON is that has no rows.
static bool is_called_json(const char *file)
{
    const char *ending = strrchr(file, '.');
    return ending && strcasecmp(ending, ".json") == 0;
}

// Say which names there are, and why.
static void tell_names(dc_recipe_t *self)
{
    const dc_layout_t *layout = &self->layout;
    dc_buf_t *out = self->messages->out;
    dc_buf_append_text(out, "       ");
    if (layout->format == DC_FORMAT_LINES) {
        dc_text_put_safe(out, dc_str_from(self->messages->file));
        bool is_json = is_called_json(self->messages->file);
        dc_buf_append_text(out, " is read as lines, and a line is x (");
        dc_buf_append_text(out, is_json ? "objects, one a line: --from jsonl; of an array "
                                          "jq -c '.[]' makes them)\n"
                                        : "if it is a table: --from csv)\n");
        return;
    }
    size_t shown = dc_min_size(layout->column_count, NAMES_SHOWN_MAX);
    for (size_t i = 0; i < shown; i++) {
        dc_buf_append_text(out, i ? ", " : "columns: ");
        dc_text_put_name(out, layout->columns[i].name);
    }
    if (shown < layout->column_count) {
        dc_buf_printf(out, ", and %zu more", layout->column_count - shown);
    }
    dc_buf_append_char(out, '\n');
    tell_table_hint(self);
}

// Who gives `sum` one argument, or knows a function `var`, means all rows.
static void tell_reduction(dc_recipe_t *self, const dc_diag_t *diag)
{
    dc_str_t text = self->layout.template;
    if (diag->code != DC_ERR_ARGUMENTS && diag->code != DC_ERR_FUNCTION) return;
    if (diag->column + diag->width > text.len) return;
    dc_str_t name = dc_str(text.data + diag->column, diag->width);
    dc_reducer_op_t op;
    if (!dc_reducer_find(name, &op)) return;
    dc_buf_printf(self->messages->out, "       of all rows: --reduce %s\n", dc_reducer_name(op));
}

static int check_template(dc_recipe_t *self)
{
    dc_diag_t diag;
    int status;
    do {
        status = compile(self, &diag);
    } while (status && diag.code && declare_member(self, &diag));
    if (!status || !diag.code) return status;
    status =
        dc_constants_complain(&self->lets, "--template", DC_STR(""), &diag, self->layout.template);
    if (diag.code == DC_ERR_NAME) tell_names(self);
    tell_reduction(self, &diag);
    return status;
}

// Append a column of that name, if there is room: the known one, or one that nothing uses.
static bool take_column(dc_recipe_t *self, dc_layout_t *to, dc_str_t name)
{
    const dc_layout_t *from = &self->layout;
    dc_column_t column = { .name = name };
    for (size_t i = 0; i < to->column_count; i++) {
        if (dc_str_eq(to->columns[i].name, name)) return true;
    }
    for (size_t i = 0; i < from->column_count; i++) {
        if (dc_str_eq(from->columns[i].name, name)) column = from->columns[i];
    }
    if (column.name.data == name.data) {
        char *bytes = dc_arena_alloc(&self->arena, name.len + 1, 1);
        if (!bytes) return false;
        if (name.len) memcpy(bytes, name.data, name.len);
        column.name = dc_str(bytes, name.len);
    }
    to->columns[to->column_count++] = column;
    return true;
}

int dc_recipe_add_members(dc_recipe_t *self, dc_str_t object)
{
    dc_buf_t room = { 0 };
    dc_pull_t pull;
    dc_str_t key;
    dc_layout_t layout = self->layout;
    size_t capacity = layout.column_count + MEMBERS_MAX;
    layout.columns = dc_arena_alloc(&self->arena, capacity, sizeof *layout.columns);
    layout.column_count = 0;
    bool is_good = layout.columns && dc_buf_reserve(&room, object.len);
    dc_pull_begin(&pull, object);
    dc_pull_object(&pull);
    while (is_good && layout.column_count < MEMBERS_MAX && dc_pull_member(&pull, &key)) {
        is_good = take_column(self, &layout, dc_pull_unescape(key, &room));
        dc_pull_skip(&pull);
    }
    for (size_t i = 0; is_good && i < self->layout.column_count; i++) {
        is_good = take_column(self, &layout, self->layout.columns[i].name);
    }
    dc_buf_fini(&room);
    if (!is_good) return dc_messages_put_no_memory(self->messages);
    self->layout = layout;
    return 0;
}

// Without a template the rows bring their expressions: in a column of that name.
static int find_expressions(dc_recipe_t *self)
{
    dc_layout_t *layout = &self->layout;
    if (layout->format != DC_FORMAT_CSV && layout->format != DC_FORMAT_TSV) return 0;
    for (size_t i = 0; i < layout->column_count; i++) {
        if (!dc_str_eq(layout->columns[i].name, DC_STR("expr"))) continue;
        layout->expr_field = i;
        return 0;
    }
    dc_messages_put_sentence(self->messages,
                             "which expression? give a template (-t EXPR), or a column 'expr'");
    tell_table_hint(self);
    return EX_USAGE;
}

static int write_program(dc_recipe_t *self, bool ieee, uint64_t timeout_ms)
{
    const dc_layout_t *layout = &self->layout;
    dc_program_t program;
    dc_program_init(&program);
    program.format = layout->format;
    program.template = layout->template;
    program.expr_field = (uint32_t)layout->expr_field;
    if (dc_format_has_fields(layout->format)) program.field_count = (uint32_t)layout->column_count;
    program.numbers = layout->numbers;
    program.ieee = ieee;
    program.timeout_ms = dc_min_u64(timeout_ms, TIMEOUT_MS_MAX);
    program.vars = dc_arena_alloc(&self->arena, layout->column_count + 1, sizeof *program.vars);
    if (!program.vars) return dc_messages_put_no_memory(self->messages);
    for (size_t i = 0; i < layout->column_count; i++) {
        const dc_column_t *column = &layout->columns[i];
        if (!column->is_used) continue;
        program.vars[program.var_count++] = (dc_program_var_t){
            .var = { .name = column->name, .type = column->type, .nullable = column->nullable },
            .field = (uint32_t)i,
        };
    }
    program.lets = self->lets.vars;
    program.let_values = self->lets.values;
    program.let_count = self->lets.count;
    dc_program_encode(&program, &self->program);
    if (self->program.failed) return dc_messages_put_no_memory(self->messages);
    if (self->program.len <= DC_PROGRAM_BYTES_MAX) return 0;
    dc_messages_put_sentence(self->messages, "the template and its variables are too long");
    return EX_USAGE;
}

int dc_recipe_finish(dc_recipe_t *self, bool ieee, uint64_t timeout_ms)
{
    int status = self->layout.template.len ? check_template(self) : find_expressions(self);
    return status ? status : write_program(self, ieee, timeout_ms);
}
