#include "client/cli/run/fetch.h"

#include <sysexits.h>

#include "client/cli/cluster/patience.h"
#include "client/cli/exit_status.h"
#include "client/cli/input/row_range.h"
#include "client/cli/interrupt.h"
#include "client/cli/sheet/sheet.h"
#include "client/cli/text/text.h"
#include "common/clock.h"
#include "common/limits.h"

// --- the program -------------------------------------------------------------------------------

static int complain_end(dc_computation_t *self, const dcalc_event_t *event)
{
    dc_buf_t *out = &self->console->buf;
    dc_buf_append_text(out, "dcalc: ");
    dc_text_put_safe(out, event->text_bytes ? dc_str(event->text, event->text_bytes)
                                            : dc_str_from(dcalc_err_text(event->error)));
    dc_buf_append_char(out, '\n');
    bool is_gone = event->error == DCALC_ERR_UNKNOWN_BATCH || event->error == DCALC_ERR_NOT_STORED;
    return is_gone ? EX_NOINPUT : dc_exit_status((dc_err_t)event->error);
}

// Look for the program among what has come. Returns an exit status, or -1: it has not come yet.
static int take_program(dc_computation_t *self, dc_patience_t *patience)
{
    dcalc_event_t event;
    while (dcalc_next(self->connection.dcalc, &event)) {
        int status = dc_patience_see(patience, &event, dc_clock_ms());
        if (status) return status;
        if (event.id != self->fetched) continue;
        if (event.type == DCALC_EVENT_END) return complain_end(self, &event);
        if (event.type != DCALC_EVENT_OPENED) continue;
        dc_buf_append(&self->recipe.program, event.program, event.program_bytes);
        return self->recipe.program.failed ? dc_messages_put_no_memory(&self->messages) : 0;
    }
    return -1;
}

// Wait for the program of the batch that is attached. What comes behind it stays where it is.
static int await_program(dc_computation_t *self)
{
    dc_patience_t patience;
    dcalc_t *dcalc = self->connection.dcalc;
    dc_patience_init(&patience, dcalc, self->console, self->connection.wait_ms, dc_clock_ms());
    patience.is_quiet = self->settings->quiet;
    int status = -1;
    while (status < 0) {
        status = take_program(self, &patience);
        if (status >= 0) break;
        status = DC_EXIT_INTERRUPTED;
        if (dc_connection_is_interrupted(&self->connection)) break;
        status = dc_patience_look(&patience, dc_clock_ms(), false, false);
        if (status) break;
        status = -1;
        dcalc_err_t err = dcalc_wait(dcalc, DC_TICK_MS);
        if (err && err != DCALC_ERR_NOMEM) status = EX_TEMPFAIL;
        dc_console_flush(self->console);
    }
    dc_console_draw(self->console, DC_STR(""));
    dc_patience_fini(&patience);
    return status;
}

static int complain_program(dc_computation_t *self, const dc_diag_t *diag)
{
    dc_buf_printf(&self->console->buf, "dcalc: %s\n", diag->message);
    return diag->code == DC_ERR_NOMEM ? EX_TEMPFAIL : EX_DATAERR;
}

int dc_fetch_begin(dc_computation_t *self, const dc_found_t *found, uint64_t first,
                   dc_keepsake_t *keepsake, bool *ieee)
{
    dc_recipe_t *recipe = &self->recipe;
    dc_diag_t diag = { 0 };
    dcalc_err_t err = dcalc_attach(self->connection.dcalc, found->number, first, &self->fetched);
    if (err) return dc_messages_put_no_memory(&self->messages);
    int status = await_program(self);
    if (status) return status;
    dc_err_t read = dc_keepsake_take(keepsake, dc_buf_str(&recipe->program), &recipe->arena,
                                     &recipe->layout, ieee, &diag);
    if (read) return complain_program(self, &diag);
    self->number = found->number;
    self->job_first = first;
    self->job_end = found->jobs;
    self->name = found->name;
    self->messages.file = keepsake->file.data;
    return 0;
}

// --- its rows ----------------------------------------------------------------------------------

// What the command line says is stronger than what was kept.
static void adopt(dc_computation_t *self, const dc_keepsake_t *keepsake)
{
    if (dc_number_style_is_none(&self->style)) self->style = keepsake->style;
    self->reduce = self->settings->reduce >= 0 ? self->settings->reduce : keepsake->reduce;
    // Some rows are rows, whatever all of them make together.
    if ((self->settings->jobs || self->settings->failed) && self->settings->reduce < 0)
        self->reduce = -1;
}

// Numbers that are no doubles are printed as they are, each by itself.
static int check_numbers(dc_computation_t *self)
{
    char numbers[DC_NUMBERS_TEXT_MAX];
    bool is_styled = !dc_number_style_is_none(&self->style);
    if (dc_numbers_are_double(self->recipe.layout.numbers)) return 0;
    if (!is_styled && self->reduce < 0) return 0;
    dc_numbers_print(self->recipe.layout.numbers, numbers);
    dc_buf_printf(&self->console->buf,
                  "dcalc: --%s is for doubles, and b%llu was sent with --numbers %s\n",
                  !is_styled           ? "reduce"
                  : self->style.format ? "format"
                                       : "digits",
                  (unsigned long long)self->number, numbers);
    return EX_USAGE;
}

// Lines can be told where all of them pass by in order, or where each says its own.
static void set_lines(dc_computation_t *self, const dc_keepsake_t *keepsake)
{
    self->emit.has_lines = self->sheet;
    if (self->sheet) return;
    bool is_counted = keepsake->line && !self->job_first && !self->settings->unordered;
    self->emit.has_lines = is_counted;
    self->emit.line_first = is_counted ? keepsake->line : 0;
    if (!is_counted) self->messages.file = "";
}

// A cell may need any before it, and jobs have another order than rows: all of them pass by, and
// those of `rows` are written.
static int begin_sheet(dc_computation_t *self, const dc_found_t *found, dcalc_range_t rows,
                       dc_keepsake_t *keepsake, dc_sheet_rows_t *sheet)
{
    uint64_t count = (uint64_t)keepsake->cells;
    if (self->settings->reduce >= 0) {
        dc_messages_put_sentence(&self->messages, DC_SHEET_IS_NOT_REDUCED);
        return EX_USAGE;
    }
    if (!dc_sheet_rows_init(sheet, count, self->settings->unordered))
        return dc_messages_put_no_memory(&self->messages);
    self->sheet = sheet;
    sheet->first = rows.first;
    sheet->end = dc_min_u64(rows.end, count);
    if (rows.first == 0) return 0;
    dcalc_cancel(self->connection.dcalc, self->fetched);
    self->recipe.program.len = 0;
    return dc_fetch_begin(self, found, 0, keepsake, &self->ieee);
}

// Connect. Who waits in vain is told what becomes of the batch, so signals are blocked before there
// is another thread that might get them.
static int open_connection(dc_computation_t *self)
{
    self->signal_fd = dc_interrupt_begin();
    int status = dc_connection_open(&self->connection, self->settings, self->console);
    self->connection.signal_fd = self->signal_fd;
    self->connection.heeds_signals = self->signal_fd >= 0;
    return status;
}

// It was given up before any row came. The batch does not know.
static int give_up(dc_computation_t *self, const char *id, int status)
{
    dc_buf_t *out = &self->console->buf;
    // A broker that answers says itself what is the matter.
    bool is_alone = status == EX_UNAVAILABLE && !dcalc_is_connected(self->connection.dcalc);
    bool is_vain = is_alone || status == DC_EXIT_INTERRUPTED;
    if (!is_vain || self->settings->quiet) return status;
    if (status == DC_EXIT_INTERRUPTED)
        dc_buf_append_text(out, "dcalc: stopped waiting for the broker\n");
    dc_computation_put_kept(self, id);
    return status;
}

static int fetch(dc_computation_t *self, const char *id, dc_found_t *found, dc_sheet_rows_t *sheet)
{
    dc_keepsake_t keepsake = { .cells = -1 };
    dcalc_range_t rows = { 0, UINT64_MAX };
    int status = dc_row_range_read(self->settings->jobs, &rows, &self->console->buf);
    if (!status) status = open_connection(self);
    if (status) return status;
    status = dc_find_stored(&self->connection, self->settings, self->console, id, found);
    if (!status)
        status = dc_row_range_check(&rows, found->number, found->jobs, &self->console->buf);
    if (!status) status = dc_fetch_begin(self, found, rows.first, &keepsake, &self->ieee);
    bool is_sheet = !status && keepsake.cells >= 0;
    if (is_sheet) status = begin_sheet(self, found, rows, &keepsake, sheet);
    if (status) return give_up(self, id, status);
    if (!is_sheet) self->job_end = dc_min_u64(rows.end, found->jobs);
    adopt(self, &keepsake);
    status = check_numbers(self);
    if (!status) status = dc_computation_check_processor(self);
    if (!status) status = dc_computation_open_output(self);
    if (status) return status;
    set_lines(self, &keepsake);
    return dc_computation_run(self);
}

int dc_fetch(const dc_cli_settings_t *settings, dc_cli_command_t command, const char *id,
             dc_console_t *console)
{
    dc_computation_t self;
    dc_found_t found;
    dc_sheet_rows_t sheet = { 0 };
    dc_computation_begin(&self, settings, console);
    self.has_summary = command == DC_CLI_ATTACH;
    int status = fetch(&self, id, &found, &sheet);
    dc_computation_end(&self);
    if (self.sheet) dc_sheet_rows_fini(&sheet);
    return status;
}
