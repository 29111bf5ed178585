#include "client/cli/run/dry_run.h"

#include <sysexits.h>

#include "client/cli/exit_status.h"
#include "client/cli/journal/chunk_rows.h"
#include "client/cli/run/dry_run_part.h"
#include "common/clock.h"

// Rows that are timed: they take a millisecond each.
#define TIMED_ROWS_MAX 50

// --- rows --------------------------------------------------------------------------------------

static void tell(dc_dry_run_t *self, dc_str_t input, uint64_t row, uint64_t line,
                 const dc_diag_t *diag)
{
    dc_messages_t *messages = &self->computation->messages;
    dc_fault_t fault = { .code = diag->code,
                         .column = diag->column,
                         .width = diag->width,
                         .message = dc_str_from(diag->message) };
    dc_row_t failed = { .row = row, .input = input, .fault = &fault };
    dc_locus_t locus = dc_printer_locate(&self->printer, &failed);
    bool has_lines = !dc_format_is_made(self->computation->recipe.layout.format);
    dc_place_t place = {
        .line = has_lines ? line : 0, .row = row, .source = locus.source, .within = locus.within
    };
    if (!dc_messages_count_only(messages, fault.code))
        dc_messages_put_row(messages, &locus.fault, &place);
}

// Returns whether the row is sound.
static bool take_row(dc_dry_run_t *self, dc_str_t input, uint64_t row, uint64_t line)
{
    dc_diag_t diag;
    dc_err_t err = dc_rehearsal_row(&self->rehearsal, input, &diag);
    if (self->shown < DC_DRY_RUN_SHOWN) dc_dry_run_put_row(self, row, err ? &diag : NULL);
    if (!err) return true;
    self->malformed++;
    tell(self, input, row, line, &diag);
    return false;
}

static void take_chunk(dc_dry_run_t *self, const dc_source_item_t *item)
{
    dc_chunk_rows_t rows = dc_chunk_rows(&item->chunk, 0);
    self->chunks++;
    self->bytes += item->chunk.size;
    for (uint32_t i = 0; i < item->jobs; i++) {
        dc_str_t row = dc_chunk_rows_next(&rows);
        if (!take_row(self, row, item->row + i + 1, item->line + i)) continue;
        bool is_picked = i == 0 || i == item->jobs / 2 || i == item->jobs - 1;
        bool is_telling = is_picked || dc_rehearsal_is_dearer(&self->rehearsal);
        if (is_telling && self->rehearsal.timed_rows < TIMED_ROWS_MAX)
            dc_rehearsal_time(&self->rehearsal);
    }
    self->rows += item->jobs;
    if (item->chunk.memory) dcalc_memory_release(item->chunk.memory);
}

static void take_lost(dc_dry_run_t *self, const dc_source_item_t *item)
{
    dc_diag_t diag;
    dc_diag_set(&diag, DC_ERR_TOO_LONG, 0, 0, "%s", dc_err_text(DC_ERR_TOO_LONG));
    if (self->shown < DC_DRY_RUN_SHOWN) dc_dry_run_put_row(self, item->row + 1, &diag);
    tell(self, DC_STR(""), item->row + 1, item->line, &diag);
    self->rows++;
    self->too_long++;
}

static int take_all(dc_dry_run_t *self)
{
    dc_computation_t *computation = self->computation;
    dc_source_item_t item;
    for (;;) {
        dc_source_state_t state = dc_source_next(computation->source, false, dc_clock_ms(), &item);
        switch (state) {
        case DC_SOURCE_CHUNK: take_chunk(self, &item); break;
        case DC_SOURCE_LOST: take_lost(self, &item); break;
        case DC_SOURCE_WAIT: dc_source_await(computation->source); break;
        case DC_SOURCE_END: return self->malformed || self->too_long ? 1 : 0;
        case DC_SOURCE_UNCLOSED:
        case DC_SOURCE_FOREIGN:
        case DC_SOURCE_ERROR:
            return dc_source_complain(computation->source, state, computation->name,
                                      &computation->console->buf);
        }
        dc_console_flush(computation->console);
    }
}

// --- all of it ---------------------------------------------------------------------------------

static int begin(dc_dry_run_t *self)
{
    dc_computation_t *computation = self->computation;
    dc_messages_t *messages = &computation->messages;
    int64_t output = computation->settings->output;
    if (output == DC_PRINT_CSV || output == DC_PRINT_TSV) {
        dc_messages_put_sentence(messages, "--dry-run writes text or json (-o json)");
        return EX_USAGE;
    }
    if (computation->sheet) {
        dc_messages_put_sentence(messages, "a sheet has no rows: --explain shows what it would do");
        return EX_USAGE;
    }
    dc_diag_t diag;
    if (!dc_rehearsal_init(&self->rehearsal, &computation->recipe, &diag)) return 0;
    dc_messages_put_sentence(messages, diag.message);
    return diag.code == DC_ERR_NOMEM ? EX_TEMPFAIL : EX_USAGE;
}

static int write_text(dc_dry_run_t *self)
{
    dc_sink_t *sink = &self->computation->sink;
    const char *path = self->computation->settings->output_file;
    int error = dc_sink_open(sink, path);
    if (error) return dc_exit_status_say_uncreated(self->computation->console, path, error);
    dc_dry_run_put(self, &sink->buf);
    error = dc_sink_finish(sink);
    if (!error) return 0;
    return dc_exit_status_say_unwritten(self->computation->console, path ? path : "the text",
                                        error);
}

int dc_dry_run(dc_computation_t *computation)
{
    dc_dry_run_t self = { .computation = computation };
    dc_printer_init(&self.printer, &computation->recipe.layout, DC_PRINT_TEXT);
    int status = begin(&self);
    if (!status) status = take_all(&self);
    dc_messages_finish(&computation->messages);
    int failed = status > 1 ? status : write_text(&self);
    dc_rehearsal_fini(&self.rehearsal);
    dc_printer_fini(&self.printer);
    dc_buf_fini(&self.first);
    return failed ? failed : status;
}
