#include "client/cli/run/computation.h"

#include <sysexits.h>

#include "client/cli/exit_status.h"
#include "client/cli/interrupt.h"

void dc_computation_begin(dc_computation_t *self, const dc_cli_settings_t *settings,
                          dc_console_t *console)
{
    *self = (dc_computation_t){ .settings = settings,
                                .console = console,
                                .name = "",
                                .reduce = -1,
                                .style = { (int)settings->digits, settings->format },
                                .ieee = settings->ieee };
    self->options = dcalc_batch_options_default();
    dc_messages_init(&self->messages, &console->buf);
    self->messages.is_utf8 = console->is_utf8;
    self->messages.is_coloured = console->is_coloured;
    self->messages.columns = dc_console_columns();
    // Who explains a template reads no rows, and tells nobody to type them.
    bool reads_rows = !settings->explain || !settings->template;
    self->messages.is_quiet = settings->quiet || !reads_rows;
    self->messages.keeps_all = settings->errors != NULL;
    dc_recipe_init(&self->recipe, dc_cli_settings_numbers(settings), &self->messages);
    self->sink.fd = self->failed_sink.fd = self->signal_fd = self->journal.fd = -1;
}

void dc_computation_end(dc_computation_t *self)
{
    // A second signal that has come since ends this process here, but not what it has to say.
    if (self->signal_fd >= 0) dc_console_flush(self->console);
    dc_interrupt_end(self->signal_fd);
    dc_connection_close(&self->connection);
    dc_sink_fini(&self->sink);
    dc_sink_fini(&self->failed_sink);
    dc_resume_destroy(&self->resume);
    dc_recall_destroy(&self->recall);
    // Whatever ended it: nobody can go on with nothing.
    if (!dc_computation_kept_rows(self)) dc_journal_remove(&self->journal);
    dc_journal_fini(&self->journal);
    dc_printer_fini(&self->printer);
    dc_recipe_fini(&self->recipe);
}

// Does this process compute anything itself, or only hand on what others compute?
static bool needs_engine(const dc_cli_settings_t *settings)
{
    return settings->lets.count || settings->template || settings->ranges.count ||
           settings->explain || settings->dry_run;
}

int dc_computation_check_processor(dc_computation_t *self)
{
    const char *reason;
    bool needs_it = self->reduce >= 0 || needs_engine(self->settings);
    if (!needs_it || dc_engine_is_supported(&reason)) return 0;
    dc_messages_put_sentence(&self->messages, reason);
    return EX_UNAVAILABLE;
}

// The form of the output, where none is wished, is that of the input; one value is a number or a
// word.
static dc_printer_format_t output_format(const dc_computation_t *self)
{
    if (self->settings->output >= 0) return (dc_printer_format_t)self->settings->output;
    if (self->reduce >= 0) return DC_PRINT_TEXT;
    switch (self->recipe.layout.format) {
    case DC_FORMAT_CSV: return DC_PRINT_CSV;
    case DC_FORMAT_TSV: return DC_PRINT_TSV;
    case DC_FORMAT_JSONL: return DC_PRINT_JSON;
    case DC_FORMAT_LINES:
    case DC_FORMAT_SHEET:
    case DC_FORMAT_DOUBLES:
    case DC_FORMAT_POINTS: break;
    }
    return DC_PRINT_TEXT;
}

static int open_sink(dc_computation_t *self, dc_sink_t *sink, const char *path)
{
    int error = dc_sink_open(sink, path);
    return error ? dc_exit_status_say_uncreated(self->console, path, error) : 0;
}

int dc_computation_open_output(dc_computation_t *self)
{
    const dc_cli_settings_t *settings = self->settings;
    int status = open_sink(self, &self->sink, settings->output_file);
    if (status) return status;
    if (settings->errors) status = open_sink(self, &self->failed_sink, settings->errors);
    if (status) dc_sink_discard(&self->sink);
    if (status) return status;
    dc_printer_init(&self->printer, &self->recipe.layout, output_format(self));
    dc_printer_set_style(&self->printer, &self->style);
    // Rows that stand alone must say which they are.
    self->printer.is_unordered = settings->unordered || settings->failed;
    self->printer.is_verbose = settings->verbose > 0;
    self->emit = (dc_emit_t){ .printer = &self->printer,
                              .messages = &self->messages,
                              .out = &self->sink.buf,
                              .to = self->sheet ? DC_EMIT_CELLS : DC_EMIT_ROWS,
                              .sheet = self->sheet,
                              .failed_out = settings->errors ? &self->failed_sink.buf : NULL,
                              .has_lines = !dc_format_is_made(self->recipe.layout.format),
                              .is_failed_only = self->settings->failed };
    if (self->reduce < 0) return 0;
    dc_reducer_init(&self->reducer, (dc_reducer_op_t)self->reduce);
    self->emit.to = DC_EMIT_REDUCED;
    self->emit.reducer = &self->reducer;
    return 0;
}

int dc_computation_run(dc_computation_t *self)
{
    const dc_cli_settings_t *settings = self->settings;
    dc_console_t *console = self->console;
    // Who fetches has one.
    int status =
        self->connection.dcalc ? 0 : dc_connection_open(&self->connection, settings, console);
    if (status) return status;
    if (self->signal_fd < 0) self->signal_fd = dc_interrupt_begin();
    self->options.program = self->recipe.program.data;
    self->options.program_bytes = self->recipe.program.len;
    dc_when_t when = (dc_when_t)settings->progress;
    dc_run_t run = {
        .connection = &self->connection,
        .options = &self->options,
        .source = self->source,
        .emit = &self->emit,
        .sink = &self->sink,
        .failed_sink = settings->errors ? &self->failed_sink : NULL,
        .journal = self->journal.fd >= 0 ? &self->journal : NULL,
        .resume = self->resume,
        .console = console,
        .name = self->name,
        .deadline_ms = self->deadline_ms,
        .fetched = self->fetched,
        .number = self->number,
        .job_first = self->job_first,
        .job_end = self->job_end,
        .wait_ms = self->connection.wait_ms,
        .signal_fd = self->signal_fd,
        .failed_max =
            settings->failed_max < 0 || self->fetched ? UINT64_MAX : (uint64_t)settings->failed_max,
        // One value has no order to give up; what makes it has. Cells come in that of their needs.
        .is_unordered = settings->unordered && self->emit.to == DC_EMIT_ROWS,
        .is_awaited = self->has_summary && !self->fetched,
        .is_quiet = settings->quiet,
        .has_progress = when == DC_WHEN_ALWAYS ||
                        (when == DC_WHEN_AUTO && console->can_erase && !settings->quiet),
        .has_progress_json = when == DC_WHEN_JSON,
    };
    if (self->emit.to != DC_EMIT_REDUCED) dc_printer_put_header(&self->printer, &self->sink.buf);
    dc_run_result_t result = dc_run(&run);
    dc_console_draw(console, DC_STR(""));
    return dc_computation_conclude(self, &result);
}
