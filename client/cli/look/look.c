#include "client/cli/look/look.h"

#include <sysexits.h>
#include <unistd.h>

#include "client/cli/cluster/pages.h"
#include "client/cli/exit_status.h"
#include "client/cli/look/look_part.h"
#include "client/cli/print/sink.h"
#include "client/cli/text/numfmt.h"
#include "common/pull.h"

// --- reading the answer ------------------------------------------------------------------------

int dc_look_complain(dc_console_t *console, const dc_diag_t *diag)
{
    if (diag->code == DC_ERR_NOMEM) return EX_TEMPFAIL;
    dc_buf_append_text(&console->buf,
                       "dcalc: the broker's answer is not understood: another version?\n");
    return EX_PROTOCOL;
}

int dc_look_ask(dc_look_t *self, const char *what)
{
    dc_diag_t diag;
    self->answer.len = 0;
    dc_json_destroy(&self->json);
    int status =
        dc_connection_ask(&self->connection, self->settings, self->console, what, 0, &self->answer);
    if (status) return status;
    self->json =
        dc_json_parse(dc_buf_str(&self->answer), DC_PAGES_BYTES_MAX, DC_JSON_INTEGERS_EXACT, &diag);
    if (self->json) return 0;
    return dc_look_complain(self->console, &diag);
}

// --- printing ----------------------------------------------------------------------------------

void dc_look_print_objects(dc_look_t *self, const char *name)
{
    dc_pull_t pull;
    dc_str_t key;
    dc_pull_begin(&pull, dc_buf_str(&self->answer));
    if (!dc_pull_object(&pull)) return;
    while (dc_pull_member(&pull, &key)) {
        if (!dc_str_eq(key, dc_str_from(name))) {
            if (!dc_pull_skip(&pull)) return;
            continue;
        }
        bool is_array = dc_pull_array(&pull);
        while (is_array && dc_pull_item(&pull)) {
            dc_pull_next(&pull);
            const char *start = pull.at;
            if (!dc_pull_skip(&pull)) return;
            dc_str_t object = dc_str_trim(dc_str(start, (size_t)(pull.at - start)));
            if (object.len < 2) return;
            dc_buf_append_text(self->out, "{\"v\":1,");
            dc_buf_append(self->out, object.data + 1, object.len - 1);
            dc_buf_append_char(self->out, '\n');
        }
    }
}

void dc_look_say_none(dc_look_t *self, const char *name, const char *what)
{
    if (self->format != DC_PRINT_TEXT || self->settings->quiet) return;
    if (dc_json_len(dc_json_member(self->json, name))) return;
    dc_buf_printf(&self->console->buf, "dcalc: there are no %s\n", what);
}

void dc_look_print_grid(dc_look_t *self, dc_grid_t *grid)
{
    if (self->format == DC_PRINT_TEXT) {
        // What goes elsewhere is as wide as it is.
        bool is_shown = !self->settings->output_file && isatty(STDOUT_FILENO);
        dc_fit_t fit = { .columns = is_shown ? dc_console_columns() : SIZE_MAX,
                         .is_utf8 = self->console->is_utf8 };
        dc_grid_print_fitting(grid, &fit, self->out);
    } else {
        dc_grid_print_delimited(grid, self->format == DC_PRINT_TSV ? '\t' : ',', self->out);
    }
    dc_grid_fini(grid);
}

void dc_look_put_number(dc_look_t *self, dc_grid_t *grid, uint64_t number,
                        void (*put)(dc_buf_t *out, uint64_t count))
{
    dc_buf_t text = { 0 };
    if (self->format == DC_PRINT_TEXT) {
        put(&text, number);
    } else {
        dc_buf_printf(&text, "%llu", (unsigned long long)number);
    }
    dc_grid_put(grid, dc_buf_str(&text));
    dc_buf_fini(&text);
}

void dc_look_put_age(dc_buf_t *out, uint64_t ms)
{
    dc_numfmt_put_age(out, (double)ms / 1000);
}

void dc_look_put_left(dc_buf_t *out, uint64_t ms)
{
    dc_numfmt_put_left(out, (double)ms / 1000);
}

// --- all of them -------------------------------------------------------------------------------

static int act(dc_look_t *self, dc_cli_command_t command, const char *const *arguments,
               size_t count)
{
    switch (command) {
    case DC_CLI_PING: return dc_look_ping(self);
    case DC_CLI_BENCH: return dc_look_bench(self);
    case DC_CLI_TOP: return dc_look_top(self);
    case DC_CLI_WORKERS: return self->settings->drain ? dc_look_drain(self) : dc_look_workers(self);
    case DC_CLI_LIST: return dc_look_list(self);
    case DC_CLI_STATUS: return dc_look_status(self, arguments, count);
    case DC_CLI_CANCEL: return dc_look_cancel(self, arguments, count);
    case DC_CLI_SET: return dc_look_set(self, arguments, count);
    case DC_CLI_DELETE: return dc_look_delete(self, arguments, count);
    case DC_CLI_ATTACH:
    case DC_CLI_RESULTS:
    case DC_CLI_RETRY:
    case DC_CLI_EVAL:
    case DC_CLI_BATCH:
    case DC_CLI_CONFIG:
    case DC_CLI_COMPLETION:
    case DC_CLI_COMPLETE:
    case DC_CLI_HELP: break;
    }
    return EX_SOFTWARE;
}

static int write_out(dc_sink_t *sink, dc_console_t *console)
{
    int error = dc_sink_finish(sink);
    if (!error) return 0;
    return dc_exit_status_say_unwritten(console, sink->path ? sink->path : "the answer", error);
}

int dc_look(const dc_cli_settings_t *settings, dc_cli_command_t command,
            const char *const *arguments, size_t count, dc_console_t *console)
{
    dc_sink_t sink;
    dc_look_t self = { .settings = settings, .console = console, .out = &sink.buf };
    int usage = command == DC_CLI_SET ? dc_look_read_changes(&self) : 0;
    if (!usage && (command == DC_CLI_CANCEL || command == DC_CLI_DELETE))
        usage = dc_look_check_end(&self, command, arguments, count);
    if (usage) return usage;
    if (settings->output >= 0) self.format = (dc_printer_format_t)settings->output;
    int error = dc_sink_open(&sink, settings->output_file);
    if (error) {
        dc_sink_fini(&sink);
        return dc_exit_status_say_uncreated(console, settings->output_file, error);
    }
    int status = dc_connection_open(&self.connection, settings, console);
    if (!status) status = act(&self, command, arguments, count);
    dc_connection_close(&self.connection);
    // What was found out before something went wrong is printed.
    int written = write_out(&sink, console);
    dc_json_destroy(&self.json);
    dc_buf_fini(&self.answer);
    dc_sink_fini(&sink);
    return status ? status : written;
}
