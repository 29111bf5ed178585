#include "client/cli/explain/explain.h"

#include <stdlib.h>
#include <sysexits.h>

#include "client/cli/exit_status.h"
#include "client/cli/explain/explain_part.h"
#include "client/cli/print/printer.h"
#include "client/cli/print/sink.h"
#include "common/wide/wide.h"

void dc_explain_put_listed(const dc_listed_t *listed, dc_buf_t *out)
{
    switch (listed->kind) {
    case DC_LISTED_REGISTER: dc_buf_printf(out, "%%%u", listed->reg); break;
    case DC_LISTED_NAME: dc_buf_append_str(out, listed->name); break;
    case DC_LISTED_CONSTANT: dc_value_print(&listed->value, out); break;
    }
}

// --- output ------------------------------------------------------------------------------------

int dc_explain_begin(dc_explainer_t *self, const dc_cli_settings_t *settings, dc_recipe_t *recipe,
                     dc_console_t *console)
{
    *self = (dc_explainer_t){ .settings = settings, .recipe = recipe, .console = console };
    self->sink.fd = -1;
    self->is_json = settings->output == DC_PRINT_JSON;
    if (settings->output == DC_PRINT_CSV || settings->output == DC_PRINT_TSV) {
        dc_messages_put_sentence(recipe->messages, "--explain writes text or json (-o json)");
        return EX_USAGE;
    }
    int error = dc_sink_open(&self->sink, settings->output_file);
    if (!error) return 0;
    return dc_exit_status_say_uncreated(console, settings->output_file, error);
}

int dc_explain_end(dc_explainer_t *self, int status)
{
    bool is_complete = status == 0 || status == 1;
    int error = is_complete ? dc_sink_finish(&self->sink) : 0;
    if (error) {
        const char *path = self->sink.path ? self->sink.path : "the text";
        status = dc_exit_status_say_unwritten(self->console, path, error);
    }
    dc_sink_fini(&self->sink);
    return status;
}

// --- one expression ----------------------------------------------------------------------------

static bool is_coloured(const dc_explainer_t *self)
{
    bool is_wished = self->settings->color == DC_WHEN_ALWAYS;
    return self->console->is_coloured && (self->sink.is_terminal || is_wished);
}

void dc_explain_put(const dc_explainer_t *explainer, dc_explained_t *self, dc_buf_t *out)
{
    // A file has lines of any length, and is the same whatever the terminal's width.
    self->columns = explainer->sink.is_terminal ? dc_console_columns() : SIZE_MAX;
    self->is_utf8 = explainer->console->is_utf8;
    self->is_coloured = is_coloured(explainer);
    if (explainer->is_json) {
        dc_explain_put_json(self, out);
    } else {
        dc_explain_put_text(self, out);
    }
}

static void put(dc_explainer_t *self, dc_explained_t *explained)
{
    if (self->has_before && !self->is_json) dc_buf_append_char(&self->sink.buf, '\n');
    self->has_before = true;
    dc_explain_put(self, explained, &self->sink.buf);
}

// Compile `source` with wide numbers, for its faults.
static dc_err_t check_wide(const dc_expr_source_t *source, dc_numbers_t numbers, dc_diag_t *diag)
{
    dc_wide_code_t *code = NULL;
    dc_wide_t *wide = dc_wide_new(numbers);
    dc_var_t *vars = calloc(source->var_count + 1, sizeof *vars);
    dc_err_t err = DC_OK;
    if (!wide || !vars) {
        err = dc_diag_set_no_memory(diag);
    } else {
        for (size_t i = 0; i < source->var_count; i++) {
            vars[i] = source->vars[i];
        }
        err = dc_wide_compile(wide, source->text, vars, source->var_count, &code, diag);
    }
    dc_wide_code_destroy(&code);
    dc_wide_destroy(&wide);
    free(vars);
    return err;
}

dc_err_t dc_explain_read(const dc_explainer_t *explainer, const dc_expr_source_t *source,
                         const bool *varies, dc_explanation_t *explanation, dc_diag_t *diag)
{
    dc_err_t err = dc_explanation_init(explanation, source, varies, diag);
    if (err || !source->literals) return err;
    return check_wide(source, explainer->recipe->layout.numbers, diag);
}

// Explain `source`. A fault is told by whoever knows the user's words.
static dc_err_t explain(dc_explainer_t *self, const dc_expr_source_t *source, const bool *varies,
                        size_t column_count, dc_diag_t *diag)
{
    dc_explained_t explained = { .text = source->text,
                                 .vars = source->vars,
                                 .column_count = column_count,
                                 .numbers = self->recipe->layout.numbers,
                                 .has_rows = varies != NULL };
    dc_err_t err = dc_explain_read(self, source, varies, &explained.explanation, diag);
    if (!err) put(self, &explained);
    dc_explanation_fini(&explained.explanation);
    return err;
}

// --- of rows -----------------------------------------------------------------------------------

// The columns that are used, then the constants. Only the former vary.
static bool list_variables(dc_recipe_t *recipe, dc_expr_source_t *source, bool **varies)
{
    const dc_layout_t *layout = &recipe->layout;
    size_t room = layout->column_count + recipe->lets.count + 1;
    dc_var_t *vars = dc_arena_alloc(&recipe->arena, room, sizeof *vars);
    *varies = dc_arena_alloc(&recipe->arena, room, sizeof **varies);
    if (!vars || !*varies) return false;
    memset(*varies, 0, room * sizeof **varies);
    for (size_t i = 0; i < layout->column_count; i++) {
        const dc_column_t *column = &layout->columns[i];
        if (!column->is_used) continue;
        (*varies)[source->var_count] = true;
        vars[source->var_count++] =
            (dc_var_t){ .name = column->name, .type = column->type, .nullable = column->nullable };
    }
    size_t column_count = source->var_count;
    for (size_t i = 0; i < recipe->lets.count; i++) {
        vars[column_count + i] = recipe->lets.vars[i];
    }
    source->vars = vars;
    source->var_count = column_count + recipe->lets.count;
    return true;
}

static int explain_template(dc_explainer_t *self)
{
    dc_recipe_t *recipe = self->recipe;
    dc_literals_t literals = { 0 };
    dc_expr_source_t source = { .text = recipe->layout.template };
    if (!dc_numbers_are_double(recipe->layout.numbers)) source.literals = &literals;
    bool *varies;
    dc_diag_t diag;
    if (!list_variables(recipe, &source, &varies)) {
        return dc_messages_put_no_memory(recipe->messages);
    }
    size_t column_count = source.var_count - recipe->lets.count;
    dc_err_t err = explain(self, &source, varies, column_count, &diag);
    if (!err) return 0;
    return dc_constants_complain(&recipe->lets, "--template", DC_STR(""), &diag, source.text);
}

int dc_explain_template(const dc_cli_settings_t *settings, dc_recipe_t *recipe,
                        dc_console_t *console)
{
    dc_explainer_t self;
    int status = dc_explain_begin(&self, settings, recipe, console);
    if (!status) status = explain_template(&self);
    return dc_explain_end(&self, status);
}

// --- of arguments ------------------------------------------------------------------------------

// Explain an expression that knows the constants and nothing else.
static dc_err_t explain_alone(dc_explainer_t *self, dc_str_t text, dc_fault_t *fault,
                              dc_diag_t *diag)
{
    const dc_constants_t *lets = &self->recipe->lets;
    dc_literals_t literals = { 0 };
    bool is_wide = !dc_numbers_are_double(lets->numbers);
    dc_expr_source_t source = { .text = text,
                                .vars = lets->vars,
                                .values = is_wide ? NULL : lets->values,
                                .var_count = lets->count,
                                .literals = is_wide ? &literals : NULL };
    dc_err_t err = explain(self, &source, NULL, 0, diag);
    if (!err) return DC_OK;
    *fault = (dc_fault_t){ .code = diag->code,
                           .column = diag->column,
                           .width = diag->width,
                           .message = dc_str_from(diag->message) };
    return err;
}

static int explain_argument(dc_explainer_t *self, dc_str_t text)
{
    dc_fault_t fault;
    dc_diag_t diag;
    if (!explain_alone(self, text, &fault, &diag)) return 0;
    dc_messages_put_argument(self->recipe->messages, &fault, text);
    return 1;
}

int dc_explain_arguments(const dc_cli_settings_t *settings, dc_recipe_t *recipe,
                         const char *const *arguments, size_t count, dc_console_t *console)
{
    dc_explainer_t self;
    int status = dc_explain_begin(&self, settings, recipe, console);
    bool is_open = status == 0;
    for (size_t i = 0; i < count && is_open; i++) {
        if (explain_argument(&self, dc_str_from(arguments[i]))) status = 1;
    }
    return dc_explain_end(&self, status);
}

// --- of lines ----------------------------------------------------------------------------------

int dc_explain_line(dc_explainer_t *self, dc_str_t line, uint64_t number)
{
    dc_str_t text = dc_str_trim(line);
    dc_fault_t fault;
    dc_diag_t diag;
    if (!explain_alone(self, text, &fault, &diag)) return 0;
    // A person counts columns in the line, with the blanks that it begins with.
    if (text.len) fault.column += (uint32_t)(text.data - line.data);
    dc_place_t place = { .line = number, .row = number, .source = line };
    dc_messages_put_row(self->recipe->messages, &fault, &place);
    return 1;
}
