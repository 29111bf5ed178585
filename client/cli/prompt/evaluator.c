#include "client/cli/prompt/evaluator.h"

#include "client/cli/interrupt.h"
#include "client/cli/run/run.h"
#include "common/limits.h"

int dc_evaluator_init(dc_evaluator_t *self, const dc_cli_settings_t *settings,
                      dc_console_t *console)
{
    const char *reason;
    *self = (dc_evaluator_t){ .settings = settings, .console = console, .signal_fd = -1 };
    dc_messages_init(&self->messages, &console->buf);
    dc_numbers_t numbers = dc_cli_settings_numbers(settings);
    dc_recipe_init(&self->recipe, numbers, &self->messages);
    int status = dc_recipe_set_lines(&self->recipe, DC_STR(""));
    if (!status) status = dc_recipe_finish(&self->recipe, settings->ieee, settings->timeout_ms);
    if (!status && dc_engine_is_supported(&reason)) self->calculator = dc_calculator_new(numbers);
    if (!status) status = dc_connection_open(&self->connection, settings, console);
    // The private cluster has begun without these signals being blocked.
    if (!status) self->signal_fd = dc_interrupt_begin();
    return status;
}

void dc_evaluator_fini(dc_evaluator_t *self)
{
    dc_interrupt_end(self->signal_fd);
    dc_connection_close(&self->connection);
    dc_calculator_destroy(&self->calculator);
    dc_recipe_fini(&self->recipe);
}

// --- here --------------------------------------------------------------------------------------

dc_err_t dc_evaluator_check(dc_evaluator_t *self, dc_str_t text, dc_diag_t *diag)
{
    dc_formula_t formula = { 0 };
    if (!self->calculator) return DC_OK;
    dc_err_t err = dc_calculator_compile(self->calculator, text, NULL, 0, &formula, diag);
    dc_formula_fini(&formula);
    return err;
}

// Limits are for the cluster to meet: it has more of everything.
static bool is_beyond(dc_err_t err)
{
    return err == DC_ERR_STEPS || err == DC_ERR_TIME || err == DC_ERR_TOO_LARGE ||
           err == DC_ERR_NOMEM;
}

bool dc_evaluator_compute_here(dc_evaluator_t *self, dc_str_t text, dc_buf_t *value, dc_err_t *err,
                               dc_diag_t *diag)
{
    dc_budget_t budget = { .steps_max = DC_PROMPT_STEPS_MAX };
    dc_eval_options_t options = { .ieee = self->settings->ieee };
    dc_value_t found;
    if (!self->calculator) return false;
    *err =
        dc_calculator_eval(self->calculator, text, NULL, NULL, 0, options, &budget, &found, diag);
    if (is_beyond(*err)) return false;
    if (!*err) dc_value_print(&found, value);
    return true;
}

// --- there -------------------------------------------------------------------------------------

static int reopen(dc_evaluator_t *self)
{
    return self->connection.dcalc
               ? 0
               : dc_connection_open(&self->connection, self->settings, self->console);
}

// A private cluster that has failed is started anew, the next time. And where no broker was there
// what was asked of it must not be waited for any more: the next one is waited for from then on.
static void close_if_lost(dc_evaluator_t *self)
{
    const char *ignored;
    dc_connection_t *connection = &self->connection;
    bool is_lost = connection->local ? dc_local_has_failed(connection->local, &ignored)
                                     : !dcalc_is_connected(connection->dcalc);
    if (is_lost) dc_connection_close(connection);
}

int dc_evaluator_run(dc_evaluator_t *self, const char *text, dc_printer_t *printer, dc_sink_t *sink,
                     dc_taken_t *taken)
{
    const dc_cli_settings_t *settings = self->settings;
    dc_console_t *console = self->console;
    int status = reopen(self);
    if (status) return status;
    dc_source_t source;
    dc_source_init_arguments(&source, &text, 1);
    dcalc_batch_options_t options = dcalc_batch_options_default();
    options.program = self->recipe.program.data;
    options.program_bytes = self->recipe.program.len;
    taken->result.len = taken->message.len = 0;
    taken->fault = (dc_fault_t){ .code = DC_OK };
    dc_emit_t emit = { .printer = printer,
                       .messages = &self->messages,
                       .out = &sink->buf,
                       .to = DC_EMIT_TAKEN,
                       .taken = taken };
    dc_when_t when = (dc_when_t)settings->progress;
    dc_run_t run = { .connection = &self->connection,
                     .options = &options,
                     .source = &source,
                     .emit = &emit,
                     .sink = sink,
                     .console = console,
                     .name = "",
                     .wait_ms = self->connection.wait_ms,
                     .signal_fd = self->signal_fd,
                     .stops_at_once = true,
                     .is_quiet = settings->quiet,
                     .has_progress =
                         when == DC_WHEN_ALWAYS ||
                         (when == DC_WHEN_AUTO && console->can_erase && !settings->quiet),
                     .has_progress_json = when == DC_WHEN_JSON };
    dc_run_result_t result = dc_run(&run);
    dc_console_draw(console, DC_STR(""));
    dc_source_fini(&source);
    close_if_lost(self);
    // What failed has its fault in `taken`.
    return result.row_count ? 0 : result.status;
}

// --- meanwhile ---------------------------------------------------------------------------------

int dc_evaluator_fd(const dc_evaluator_t *self)
{
    return self->connection.dcalc ? dcalc_fd(self->connection.dcalc) : -1;
}

int dc_evaluator_timeout_ms(const dc_evaluator_t *self)
{
    return self->connection.dcalc ? dcalc_timeout_ms(self->connection.dcalc) : -1;
}

void dc_evaluator_turn(dc_evaluator_t *self)
{
    dcalc_event_t event;
    dcalc_t *dcalc = self->connection.dcalc;
    if (!dcalc) return;
    // What cannot be done now is tried again with the next turn.
    (void)dcalc_turn(dcalc);
    while (dcalc_next(dcalc, &event)) {
    }
}

const char *dc_evaluator_url(const dc_evaluator_t *self)
{
    return self->connection.dcalc ? dcalc_url(self->connection.dcalc) : self->settings->broker;
}
