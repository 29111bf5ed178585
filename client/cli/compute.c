#include "client/cli/compute.h"

#include <errno.h>
#include <sysexits.h>
#include <unistd.h>

#include "client/cli/batch_options.h"
#include "client/cli/exit_status.h"
#include "client/cli/explain_lines.h"
#include "client/cli/input.h"
#include "client/cli/interrupt.h"
#include "client/cli/numfmt.h"
#include "client/cli/reduced.h"
#include "client/cli/run.h"
#include "client/cli/text.h"
#include "common/clock.h"

// All that a computation consists of.
typedef struct computation {
    const dc_cli_settings_t *settings;
    dc_console_t *console;
    dc_messages_t messages;
    dc_recipe_t recipe;
    dcalc_batch_options_t options;
    dc_ms_t deadline_ms; // 0: there is none
    dc_printer_t printer;
    dc_emit_t emit;
    int64_t reduce;       // dc_reducer_op_t; -1: rows are written
    dc_reducer_t reducer; //
    bool lacks_value;     // all rows were taken, and have none together
    dc_sink_t sink, failed_sink;
    dc_connection_t connection;
    dc_source_t *source; // the input's, or the arguments'
    const char *name;    // of the input
    bool has_summary;
} computation_t;

static void begin(computation_t *self, const dc_cli_settings_t *settings, dc_console_t *console)
{
    *self = (computation_t){ .settings = settings, .console = console, .name = "", .reduce = -1 };
    self->options = dcalc_batch_options_default();
    dc_messages_init(&self->messages, &console->buf);
    self->messages.is_utf8 = console->is_utf8;
    self->messages.is_coloured = console->is_coloured;
    self->messages.columns = dc_console_columns();
    // Who explains a template reads no rows, and tells nobody to type them.
    bool reads_rows = !settings->explain || !settings->template;
    self->messages.is_quiet = settings->quiet || !reads_rows;
    self->messages.keeps_all = settings->errors != NULL;
    dc_recipe_init(&self->recipe, &self->messages);
    self->sink.fd = self->failed_sink.fd = -1;
}

static void end(computation_t *self)
{
    dc_connection_close(&self->connection);
    dc_sink_fini(&self->sink);
    dc_sink_fini(&self->failed_sink);
    dc_printer_fini(&self->printer);
    dc_recipe_fini(&self->recipe);
}

// --- getting ready -----------------------------------------------------------------------------

// Does this process compute anything itself, or only hand on what others compute?
static bool needs_engine(const dc_cli_settings_t *settings)
{
    return settings->lets.count || settings->template || settings->ranges.count ||
           settings->reduce >= 0 || settings->explain;
}

static int check_processor(computation_t *self)
{
    const char *reason;
    if (!needs_engine(self->settings) || dc_engine_is_supported(&reason)) return 0;
    dc_messages_put_sentence(&self->messages, reason);
    return EX_UNAVAILABLE;
}

static int bind_lets(computation_t *self)
{
    int status = 0;
    for (size_t i = 0; i < self->settings->lets.count && !status; i++) {
        status = dc_constants_add(&self->recipe.lets, self->settings->lets.items[i]);
    }
    return status;
}

static int finish_recipe(computation_t *self)
{
    int status = 0;
    for (size_t i = 0; i < self->settings->types.count && !status; i++) {
        status = dc_recipe_set_types(&self->recipe, self->settings->types.items[i]);
    }
    if (status) return status;
    return dc_recipe_finish(&self->recipe, self->settings->ieee, self->settings->timeout_ms);
}

// Values of a template have a type before there is any; that of expressions in rows shows later.
static int check_reduction(computation_t *self)
{
    dc_reducer_op_t op = (dc_reducer_op_t)self->reduce;
    bool is_known = self->reduce >= 0 && self->recipe.layout.template.len;
    const char *refusal = is_known ? dc_reducer_refusal(op, self->recipe.type) : NULL;
    if (!refusal) return 0;
    dc_messages_put_usage(&self->messages, "--reduce", dc_str_from(dc_reducer_name(op)), refusal);
    return EX_USAGE;
}

// The form of the output, where none is wished, is that of the input; one value is a number or a
// word.
static dc_printer_format_t output_format(const computation_t *self)
{
    if (self->settings->output >= 0) return (dc_printer_format_t)self->settings->output;
    if (self->reduce >= 0) return DC_PRINT_TEXT;
    switch (self->recipe.layout.format) {
    case DC_FORMAT_CSV: return DC_PRINT_CSV;
    case DC_FORMAT_TSV: return DC_PRINT_TSV;
    case DC_FORMAT_JSONL: return DC_PRINT_JSON;
    case DC_FORMAT_LINES:
    case DC_FORMAT_DOUBLES: break;
    }
    return DC_PRINT_TEXT;
}

static int open_sink(computation_t *self, dc_sink_t *sink, const char *path)
{
    int error = dc_sink_open(sink, path);
    return error ? dc_exit_status_say_uncreated(self->console, path, error) : 0;
}

static int open_output(computation_t *self)
{
    const dc_cli_settings_t *settings = self->settings;
    int status = open_sink(self, &self->sink, settings->output_file);
    if (!status && settings->errors) status = open_sink(self, &self->failed_sink, settings->errors);
    if (status) return status;
    dc_printer_init(&self->printer, &self->recipe.layout, output_format(self));
    self->printer.digits = (int)settings->digits;
    self->printer.is_unordered = settings->unordered;
    self->printer.is_verbose = settings->verbose > 0;
    self->emit = (dc_emit_t){ .printer = &self->printer,
                              .messages = &self->messages,
                              .out = &self->sink.buf,
                              .failed_out = settings->errors ? &self->failed_sink.buf : NULL,
                              .has_lines = self->recipe.layout.format != DC_FORMAT_DOUBLES };
    if (self->reduce < 0) return 0;
    dc_reducer_init(&self->reducer, (dc_reducer_op_t)self->reduce);
    self->emit.reducer = &self->reducer;
    return 0;
}

// --- the end -----------------------------------------------------------------------------------

static void put_rate(dc_buf_t *out, const dc_run_result_t *result)
{
    dc_numfmt_put_count(out, result->row_count);
    dc_buf_append_text(out, result->row_count == 1 ? " job in " : " jobs in ");
    dc_numfmt_put_seconds(out, result->seconds);
    if (result->seconds > 0) {
        dc_buf_append_text(out, " (");
        dc_numfmt_put_short(out, (double)result->row_count / result->seconds);
        dc_buf_append_text(out, "/s)");
    }
}

// The batch ended before all was computed.
static void put_unfinished(computation_t *self, const dc_run_result_t *result)
{
    dc_buf_t *out = &self->console->buf;
    uint64_t failed = result->failed_count - result->rest_count;
    bool is_late = result->status == DC_EXIT_DEADLINE;
    dc_buf_append_text(out, "dcalc: ");
    dc_numfmt_put_count(out, result->row_count - result->failed_count);
    dc_buf_append_text(out, " of ");
    dc_numfmt_put_count(out, result->row_count);
    dc_buf_append_text(out, result->row_count == 1 ? " job computed" : " jobs computed");
    if (is_late) dc_buf_append_text(out, " by the deadline");
    if (failed) {
        dc_buf_append_text(out, ", ");
        dc_numfmt_put_count(out, failed);
        dc_buf_append_text(out, " failed");
    }
    if (result->rest_count) {
        dc_buf_append_text(out, ", ");
        dc_numfmt_put_count(out, result->rest_count);
        dc_buf_append_text(out, is_late ? " not computed" : " cancelled");
    }
    if (self->lacks_value) dc_buf_append_text(out, ", no value");
    if (result->number) dc_buf_printf(out, ", batch b%llu", (unsigned long long)result->number);
    dc_buf_append_text(out, result->has_more_input ? "; there was more input\n" : "\n");
    if (result->rest_count && !self->settings->errors) {
        dc_buf_append_text(out, "       --errors FILE keeps what is missing, to send it alone\n");
    }
}

static void put_summary(computation_t *self, const dc_run_result_t *result)
{
    dc_buf_t *out = &self->console->buf;
    uint64_t computed = result->row_count - result->failed_count;
    bool is_table = self->printer.format == DC_PRINT_CSV || self->printer.format == DC_PRINT_TSV;
    bool is_marked = is_table && !self->emit.reducer;
    dc_buf_append_text(out, "dcalc: ");
    if (result->failed_count && is_marked) {
        dc_numfmt_put_count(out, computed);
        dc_buf_append_text(out, " of ");
        dc_numfmt_put_count(out, result->row_count);
        dc_buf_append_text(out, " jobs computed, ");
        dc_numfmt_put_count(out, result->failed_count);
        dc_buf_printf(out, " failed (rows marked in the '%s' column%s)\n", self->printer.error_name,
                      self->settings->errors ? "" : "; --errors FILE keeps them apart");
        return;
    }
    put_rate(out, result);
    if (result->failed_count) {
        dc_buf_append_text(out, ", ");
        dc_numfmt_put_count(out, computed);
        dc_buf_append_text(out, " ok, ");
        dc_numfmt_put_count(out, result->failed_count);
        dc_buf_append_text(out, self->emit.reducer ? " failed and left out" : " failed");
    } else if (!self->lacks_value) {
        dc_buf_append_text(out, ", all ok");
    }
    if (self->lacks_value) dc_buf_append_text(out, ", no value");
    if (result->number) dc_buf_printf(out, ", batch b%llu", (unsigned long long)result->number);
    dc_buf_append_char(out, '\n');
}

static void put_stopped(computation_t *self, const dc_run_result_t *result)
{
    dc_buf_t *out = &self->console->buf;
    uint64_t of = dc_max_u64(result->expected, result->row_count);
    dc_buf_append_text(out, "dcalc: stopped with ");
    dc_numfmt_put_count(out, result->row_count);
    if (of > result->row_count) {
        dc_buf_append_text(out, " of ");
        dc_numfmt_put_count(out, of);
    }
    dc_buf_append_text(out, of == 1 ? " row " : " rows ");
    const char *done = self->sink.part_path ? "saved\n" : "printed\n";
    dc_buf_append_text(out, self->emit.reducer ? "computed, and no value\n" : done);
}

static int finish_sink(computation_t *self, dc_sink_t *sink)
{
    int error = dc_sink_finish(sink);
    if (!error) return 0;
    return dc_exit_status_say_unwritten(self->console, sink->path ? sink->path : "results", error);
}

// Complete the files; only then they get their names.
static int complete(computation_t *self, int status)
{
    int failed = finish_sink(self, &self->sink);
    if (!failed && self->settings->errors) failed = finish_sink(self, &self->failed_sink);
    return failed ? failed : status;
}

// A file that is not complete: remove it if nothing is in it, else say where it is.
static void leave(computation_t *self, dc_sink_t *sink, bool is_empty)
{
    dc_buf_t *out = &self->console->buf;
    if (is_empty) dc_sink_discard(sink);
    if (is_empty || !sink->part_path) return;
    dc_buf_append_text(out, "       what was written is in ");
    dc_text_put_safe(out, dc_str_from(sink->part_path));
    dc_buf_append_text(out, sink->error ? "; make room and run this again, which begins it anew\n"
                                        : "\n");
}

// Whoever gave up, a person wants to know how far it came. Where writing failed nobody knows.
static bool is_stop_told(const computation_t *self, const dc_run_result_t *result)
{
    if (self->sink.error) return false;
    return result->status == DC_EXIT_INTERRUPTED || result->row_count;
}

// All rows were taken: write what they are together. Returns the status then.
static int put_reduced(computation_t *self, const dc_run_result_t *result)
{
    dc_diag_t diag;
    dc_reduced_t reduced = { .op = dc_reducer_name(self->reducer.op),
                             .row_count = result->row_count,
                             .failed_count = result->failed_count,
                             .batch = result->number };
    dc_err_t err = dc_reducer_finish(&self->reducer, self->settings->ieee, &reduced.value, &diag);
    if (err) {
        self->lacks_value = true;
        reduced.error = &diag;
        dc_messages_put_sentence(&self->messages, diag.message);
    }
    dc_reduced_put(&reduced, self->printer.format, self->printer.digits, &self->sink.buf);
    return err && !result->status ? 1 : result->status;
}

// Whether the output is what was asked for: there, though rows may have failed, or by the deadline.
static bool is_whole(int status)
{
    return status == 0 || status == 1 || status == DC_EXIT_DEADLINE;
}

// The last words, unless nobody wants to hear them.
static void put_end(computation_t *self, const dc_run_result_t *result, int status)
{
    bool is_told = self->has_summary || self->settings->verbose > 0;
    if (self->settings->quiet) return;
    if (result->rest_error) {
        put_unfinished(self, result);
    } else if (!is_whole(status)) {
        if (is_stop_told(self, result)) put_stopped(self, result);
    } else if (is_told) {
        put_summary(self, result);
    }
}

static int conclude(computation_t *self, const dc_run_result_t *result)
{
    int status = result->status;
    bool has_nothing = result->row_count == 0 || self->emit.reducer;
    if (is_whole(status) && self->emit.reducer) status = put_reduced(self, result);
    if (is_whole(status)) status = complete(self, status);
    dc_messages_finish(&self->messages);
    put_end(self, result, status);
    if (is_whole(status)) return status;
    leave(self, &self->sink, has_nothing);
    leave(self, &self->failed_sink, result->failed_count == 0);
    return status;
}

// --- running -----------------------------------------------------------------------------------

static int run(computation_t *self)
{
    const dc_cli_settings_t *settings = self->settings;
    dc_console_t *console = self->console;
    int status = dc_connection_open(&self->connection, settings, console);
    if (status) return status;
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
        .console = console,
        .name = self->name,
        .deadline_ms = self->deadline_ms,
        .wait_ms = self->connection.wait_ms,
        .signal_fd = dc_interrupt_begin(),
        // One value has no order to give up; what makes it has.
        .is_unordered = settings->unordered && !self->emit.reducer,
        .is_quiet = settings->quiet,
        .has_progress = when == DC_WHEN_ALWAYS ||
                        (when == DC_WHEN_AUTO && console->is_terminal && !settings->quiet),
        .has_progress_json = when == DC_WHEN_JSON,
    };
    if (!self->emit.reducer) dc_printer_put_header(&self->printer, &self->sink.buf);
    dc_run_result_t result = dc_run(&run);
    dc_console_draw(console, DC_STR(""));
    status = conclude(self, &result);
    dc_interrupt_end(run.signal_fd);
    return status;
}

int dc_compute_arguments(const dc_cli_settings_t *settings, const char *const *arguments,
                         size_t count, dc_console_t *console)
{
    computation_t self;
    dc_source_t source;
    begin(&self, settings, console);
    dc_source_init_arguments(&source, arguments, count);
    self.source = &source;
    int status = check_processor(&self);
    if (!status) status = bind_lets(&self);
    if (!status) status = dc_recipe_set_lines(&self.recipe, DC_STR(""));
    if (!status) status = finish_recipe(&self);
    if (!status && settings->explain) {
        status = dc_explain_arguments(settings, &self.recipe, arguments, count, console);
    } else if (!status) {
        status = open_output(&self);
        self.printer.is_argument = true;
        // Several are lines that must stay aligned; of one the caller wants a value or nothing.
        self.printer.is_alone = count == 1;
        if (!status) status = run(&self);
    }
    end(&self);
    dc_source_fini(&source);
    return status;
}

// What is explained is the template, or where there is none each row.
static int explain_batch(computation_t *self)
{
    if (self->recipe.layout.template.len) {
        return dc_explain_template(self->settings, &self->recipe, self->console);
    }
    return dc_explain_lines(self->settings, &self->recipe, self->source, self->console);
}

int dc_compute_batch(const dc_cli_settings_t *settings, const char *file, bool has_summary,
                     dc_console_t *console)
{
    computation_t self;
    dc_input_t input = { .fd = -1, .source = { .reader = { .fd = -1 } } };
    begin(&self, settings, console);
    self.has_summary = has_summary;
    self.reduce = settings->reduce;
    int status = dc_batch_options_read(settings, &self.options, &console->buf);
    if (self.options.deadline_ms) self.deadline_ms = dc_clock_ms() + self.options.deadline_ms;
    if (!status) status = check_processor(&self);
    if (!status) status = bind_lets(&self);
    if (!status) status = dc_input_open(&input, settings, file, &self.recipe);
    self.source = &input.source;
    self.name = self.messages.file = input.name ? input.name : "";
    if (!status) status = finish_recipe(&self);
    if (!status) status = check_reduction(&self);
    if (!status && settings->explain) {
        status = explain_batch(&self);
    } else if (!status) {
        status = open_output(&self);
        if (!status) status = run(&self);
    }
    end(&self);
    dc_input_close(&input);
    return status;
}
