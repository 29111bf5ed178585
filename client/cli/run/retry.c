#include "client/cli/run/retry.h"

#include <sysexits.h>

#include "client/cli/interrupt.h"
#include "client/cli/look/ids.h"
#include "client/cli/run/batch_options.h"
#include "client/cli/run/detach.h"
#include "client/cli/run/fetch.h"
#include "client/cli/sheet/sheet.h"
#include "client/cli/text/numfmt.h"
#include "common/clock.h"

typedef struct retry {
    dc_computation_t computation;
    dc_found_t found;
    dc_again_t again;       // owned: its failed rows
    dc_sheet_again_t cells; // owned: of a sheet, all
    dc_keepsake_t keepsake;
} retry_t;

static int find(retry_t *self, const char *id)
{
    dc_computation_t *computation = &self->computation;
    dc_console_t *console = computation->console;
    int status = dc_connection_open(&computation->connection, computation->settings, console);
    if (!status) {
        status = dc_find_stored(&computation->connection, computation->settings, console, id,
                                &self->found);
    }
    bool is_said = !status && dc_ids_is_last(id) && !computation->settings->quiet;
    if (is_said) dc_find_say_last(self->found.number, self->found.name, console);
    if (status || self->found.has_ended) return status;
    unsigned long long number = self->found.number;
    dc_buf_printf(&console->buf,
                  "dcalc: b%llu has not ended: wait for it (dcalc attach b%llu), or stop it first "
                  "(dcalc cancel b%llu)\n",
                  number, number, number);
    return EX_TEMPFAIL;
}

// Take those that have no value, and the values that they use.
static int choose_cells(retry_t *self)
{
    dc_messages_t *messages = &self->computation.messages;
    dc_diag_t diag;
    dc_err_t err = dc_sheet_again_finish(&self->cells, &self->again, &diag);
    self->keepsake.cells = (int64_t)self->again.count;
    if (!err) return 0;
    if (err == DC_ERR_NOMEM) return dc_messages_put_no_memory(messages);
    dc_messages_put_sentence(messages, err == DC_ERR_TOO_LARGE ? diag.message : DC_SHEET_IS_NONE);
    return EX_DATAERR;
}

// Jobs whose inputs are spoiled fail for good. Of a sheet any cell may use them.
static int look_at_lost(retry_t *self, bool is_sheet)
{
    dc_computation_t *computation = &self->computation;
    dc_buf_t *out = &computation->console->buf;
    uint64_t count = computation->emit.lost_count;
    if (count == 0) return 0;
    dc_buf_append_text(out, "dcalc: the disk of the broker's store has spoiled ");
    dc_numfmt_put_count(out, count);
    dc_buf_printf(out, " %s%s of b%llu: ", is_sheet ? "cell" : "job", count == 1 ? "" : "s",
                  (unsigned long long)self->found.number);
    dc_buf_append_text(out, is_sheet ? "send the file again (dcalc batch)\n"
                                     : "only whoever sent it knows what is to be computed\n");
    return is_sheet || !self->again.count ? EX_DATAERR : 0;
}

// Fetch all of it, for the rows that failed. That it ended before its time is why there are some.
static int gather(retry_t *self)
{
    dc_computation_t *computation = &self->computation;
    int status = dc_fetch_begin(computation, &self->found, 0, &self->keepsake, &computation->ieee);
    if (status) return status;
    bool is_sheet = self->keepsake.cells >= 0;
    dc_printer_init(&computation->printer, &computation->recipe.layout, DC_PRINT_TEXT);
    computation->emit = (dc_emit_t){ .printer = &computation->printer,
                                     .messages = &computation->messages,
                                     .out = &computation->sink.buf,
                                     .to = is_sheet ? DC_EMIT_CELLS_AGAIN : DC_EMIT_AGAIN };
    if (is_sheet) {
        computation->emit.cells_again = &self->cells;
    } else {
        computation->emit.again = &self->again;
    }
    dc_run_t run = { .connection = &computation->connection,
                     .emit = &computation->emit,
                     .sink = &computation->sink,
                     .console = computation->console,
                     .name = computation->name,
                     .fetched = computation->fetched,
                     .number = computation->number,
                     .job_end = computation->job_end,
                     .wait_ms = computation->connection.wait_ms,
                     .signal_fd = dc_interrupt_begin(),
                     .is_quiet = true };
    dc_run_result_t result = dc_run(&run);
    dc_interrupt_end(run.signal_fd);
    status = result.rest_error ? 0 : result.status;
    if (!status) status = look_at_lost(self, is_sheet);
    if (!status && is_sheet) status = choose_cells(self);
    if (dc_again_has_failed(&self->again)) {
        return dc_messages_put_no_memory(&computation->messages);
    }
    return status;
}

// The program of before, with other words to whoever fetches the rows: they stand in no file.
static int rewrite_program(retry_t *self, dc_buf_t *frame)
{
    dc_computation_t *computation = &self->computation;
    dc_recipe_t *recipe = &computation->recipe;
    dc_program_t program;
    dc_diag_t diag;
    dc_err_t err = dc_program_decode(&program, dc_buf_str(&recipe->program), &recipe->arena, &diag);
    self->keepsake.line = 0;
    if (!err) {
        dc_program_encode(&program, frame);
        dc_keepsake_put(&self->keepsake, &recipe->layout, frame);
    }
    return err || frame->failed ? dc_messages_put_no_memory(&computation->messages) : 0;
}

static int print_sent(retry_t *self, const dc_submit_result_t *result)
{
    dc_computation_t *computation = &self->computation;
    dc_buf_t text = { 0 };
    if (computation->settings->output > DC_PRINT_TEXT) {
        dc_detach_put_row(computation, result, self->found.number, &text);
    } else {
        dc_buf_printf(&text, "b%llu: ", (unsigned long long)result->number);
        dc_numfmt_put_counted(&text, result->row_count, " job", " jobs");
        dc_buf_printf(&text, " of b%llu again\n", (unsigned long long)self->found.number);
    }
    int status = text.failed ? dc_messages_put_no_memory(&computation->messages)
                             : dc_detach_print(computation, dc_buf_str(&text));
    dc_buf_fini(&text);
    return status;
}

static int send(retry_t *self)
{
    dc_computation_t *computation = &self->computation;
    dc_source_t source;
    dc_buf_t program = { 0 };
    dc_source_init_again(&source, &self->again);
    computation->source = &source;
    // Not its name: that would be two batches' then.
    computation->options.keep_ms = self->found.keep_ms;
    int status = rewrite_program(self, &program);
    if (!status) {
        dc_submit_result_t result = dc_detach_submit(computation, dc_buf_str(&program));
        status = result.status ? result.status : print_sent(self, &result);
    }
    dc_buf_fini(&program);
    dc_source_fini(&source);
    return status;
}

static int retry(retry_t *self, const char *id)
{
    dc_computation_t *computation = &self->computation;
    const dc_cli_settings_t *settings = computation->settings;
    int status = dc_batch_options_read(settings, &computation->options, &computation->console->buf);
    if (computation->options.deadline_ms)
        computation->deadline_ms = dc_clock_ms() + computation->options.deadline_ms;
    if (!status) status = find(self, id);
    if (!status) status = gather(self);
    if (status) return status;
    if (self->again.count) {
        status = send(self);
        return !status && computation->emit.lost_count ? 1 : status;
    }
    if (!settings->quiet) {
        dc_buf_printf(&computation->console->buf, "dcalc: no job of b%llu failed\n",
                      (unsigned long long)self->found.number);
    }
    return 0;
}

int dc_retry(const dc_cli_settings_t *settings, const char *id, dc_console_t *console)
{
    retry_t self = { 0 };
    dc_computation_begin(&self.computation, settings, console);
    dc_sheet_again_init(&self.cells);
    int status = retry(&self, id);
    dc_computation_end(&self.computation);
    dc_sheet_again_fini(&self.cells);
    dc_again_fini(&self.again);
    return status;
}
