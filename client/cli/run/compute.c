#include "client/cli/run/compute.h"

#include <sysexits.h>

#include "client/cli/explain/explain_lines.h"
#include "client/cli/explain/explain_sheet.h"
#include "client/cli/input/input.h"
#include "client/cli/run/batch_options.h"
#include "client/cli/run/computation.h"
#include "client/cli/run/detach.h"
#include "client/cli/run/dry_run.h"
#include "client/cli/run/let_batch.h"
#include "common/clock.h"

// --- getting ready -----------------------------------------------------------------------------

static int finish_recipe(dc_computation_t *self)
{
    int status = 0;
    for (size_t i = 0; i < self->settings->types.count && !status; i++) {
        status = dc_recipe_set_types(&self->recipe, self->settings->types.items[i]);
    }
    if (status) return status;
    return dc_recipe_finish(&self->recipe, self->settings->ieee, self->settings->timeout_ms);
}

// Values of a template have a type before there is any; that of expressions in rows shows later.
static int check_reduction(dc_computation_t *self)
{
    dc_reducer_op_t op = (dc_reducer_op_t)self->reduce;
    bool is_known = self->reduce >= 0 && self->recipe.layout.template.len;
    const char *refusal = is_known ? dc_reducer_refusal(op, self->recipe.type) : NULL;
    if (!refusal) return 0;
    dc_messages_put_usage(&self->messages, "--reduce", dc_str_from(dc_reducer_name(op)), refusal);
    return EX_USAGE;
}

// `max(x)` is x, in each row: who writes that means all rows.
static void tell_extreme(const dc_computation_t *self)
{
    static const struct {
        const char *call;
        dc_reducer_op_t op;
    } extremes[] = { { "min(", DC_REDUCER_LEAST }, { "max(", DC_REDUCER_GREATEST } };
    dc_str_t text = dc_str_trim(self->recipe.layout.template);
    if (self->reduce >= 0 || self->settings->quiet) return;
    for (size_t i = 0; i < DC_ARRAY_LEN(extremes); i++) {
        dc_str_t call = dc_str_from(extremes[i].call);
        if (!dc_str_begins(text, call)) continue;
        dc_str_t rest = dc_str_behind(text, call.len);
        bool is_all = rest.len && strcspn(rest.data, "(),[") == rest.len - 1;
        if (!is_all || rest.data[rest.len - 1] != ')') continue;
        dc_buf_printf(&self->console->buf,
                      "dcalc: --template: %.3s of one value is that value; of all rows: --reduce "
                      "%s\n",
                      call.data, dc_reducer_name(extremes[i].op));
    }
}

// Find out whom the batch comes after: that takes a broker.
static int find_after(dc_computation_t *self)
{
    const dc_cli_settings_t *settings = self->settings;
    if (!settings->after.count && !settings->after_any.count) return 0;
    int status = dc_connection_open(&self->connection, settings, self->console);
    if (status) return status;
    return dc_after_find(&self->after, &self->connection, settings, self->console, &self->options);
}

// --- running -----------------------------------------------------------------------------------

int dc_compute_arguments(const dc_cli_settings_t *settings, const char *const *arguments,
                         size_t count, dc_console_t *console)
{
    dc_computation_t self;
    dc_source_t source;
    dc_computation_begin(&self, settings, console);
    dc_source_init_arguments(&source, arguments, count);
    self.source = &source;
    int status = dc_computation_check_processor(&self);
    if (!status) status = dc_let_batch_bind(settings, console, &self.recipe);
    if (!status) status = dc_recipe_set_lines(&self.recipe, DC_STR(""));
    if (!status) status = finish_recipe(&self);
    if (!status && settings->explain) {
        status = dc_explain_arguments(settings, &self.recipe, arguments, count, console);
    } else if (!status) {
        status = dc_computation_open_output(&self);
        self.printer.is_argument = true;
        // Several are lines that must stay aligned; of one the caller wants a value or nothing.
        self.printer.is_alone = count == 1;
        if (!status) status = dc_computation_run(&self);
        if (status == 1 && count == 1) dc_hint_put_file(arguments[0], &console->buf);
    }
    dc_computation_end(&self);
    dc_source_fini(&source);
    return status;
}

// A table has a header: of JSON rows it is what the first of them has. What is kept may become one.
static int add_members(dc_computation_t *self)
{
    int64_t output = self->settings->output;
    bool is_table = output == DC_PRINT_CSV || output == DC_PRINT_TSV || self->settings->detach;
    if (!is_table || self->recipe.layout.format != DC_FORMAT_JSONL || self->reduce >= 0) return 0;
    return dc_recipe_add_members(&self->recipe, dc_source_peek_line(self->source));
}

// What is explained are the cells of a sheet, the template, or where there is none each row.
static int explain_batch(dc_computation_t *self, const dc_input_t *input)
{
    if (input->has_sheet) {
        return dc_explain_sheet(self->settings, &self->recipe, &input->sheet, self->console);
    }
    if (self->recipe.layout.template.len) {
        return dc_explain_template(self->settings, &self->recipe, self->console);
    }
    return dc_explain_lines(self->settings, &self->recipe, self->source, self->console);
}

int dc_compute_batch(const dc_cli_settings_t *settings, const char *file, bool has_summary,
                     dc_console_t *console)
{
    dc_computation_t self;
    dc_input_t input = { .fd = -1, .source = { .reader = { .fd = -1 } } };
    dc_computation_begin(&self, settings, console);
    self.has_summary = has_summary;
    self.reduce = settings->reduce;
    int status = dc_batch_options_read(settings, &self.options, &console->buf);
    if (self.options.deadline_ms) self.deadline_ms = dc_clock_ms() + self.options.deadline_ms;
    if (!status) status = dc_computation_check_processor(&self);
    if (!status) status = dc_let_batch_bind(settings, console, &self.recipe);
    if (!status) status = dc_input_open(&input, settings, file, &self.recipe);
    self.source = &input.source;
    if (input.has_sheet) self.sheet = &input.rows;
    self.name = self.messages.file = input.name ? input.name : "";
    if (!status) status = finish_recipe(&self);
    if (!status) status = check_reduction(&self);
    if (!status) tell_extreme(&self);
    bool is_sent = !settings->explain && !settings->dry_run;
    if (!status && is_sent) status = find_after(&self);
    if (!status && settings->explain) {
        status = explain_batch(&self, &input);
    } else if (!status && settings->dry_run) {
        status = dc_dry_run(&self);
    } else if (!status && settings->detach) {
        status = add_members(&self);
        if (!status) status = dc_detach(&self);
    } else if (!status) {
        status = add_members(&self);
        if (!status) status = dc_computation_open_journal(&self);
        if (!status) status = dc_computation_open_output(&self);
        if (!status) status = dc_computation_run(&self);
    }
    dc_computation_end(&self);
    dc_input_close(&input);
    return status;
}
