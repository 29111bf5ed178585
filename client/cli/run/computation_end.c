// The end of a computation: the last rows, the files' names, what a person is told.
#include "client/cli/run/computation.h"

#include <stdio.h>
#include <sysexits.h>

#include "client/cli/exit_status.h"
#include "client/cli/print/reduced.h"
#include "client/cli/text/numfmt.h"
#include "client/cli/text/text.h"

static void put_rate(const dc_computation_t *self, const dc_run_result_t *result, dc_buf_t *out)
{
    dc_numfmt_put_counted(out, result->row_count, " job", " jobs");
    if (self->fetched) return; // how long it took shows elsewhere
    dc_buf_append_text(out, " in ");
    dc_numfmt_put_seconds(out, result->seconds);
    if (result->seconds > 0) {
        dc_buf_append_text(out, " (");
        dc_numfmt_put_short(out, (double)result->row_count / result->seconds);
        dc_buf_append_text(out, "/s)");
    }
}

// The batch ended before all was computed.
static void put_unfinished(dc_computation_t *self, const dc_run_result_t *result)
{
    dc_buf_t *out = &self->console->buf;
    uint64_t failed = result->failed_count - result->rest_count;
    bool is_late = result->status == DC_EXIT_DEADLINE;
    dc_buf_append_text(out, "dcalc: ");
    dc_numfmt_put_count(out, result->row_count - result->failed_count);
    dc_buf_append_text(out, " of ");
    dc_numfmt_put_counted(out, result->row_count, " job computed", " jobs computed");
    if (is_late) dc_buf_append_text(out, " by the deadline");
    if (failed) {
        dc_buf_append_text(out, ", ");
        dc_numfmt_put_count(out, failed);
        dc_buf_append_text(out, " failed");
    }
    if (result->rest_count) {
        dc_buf_append_text(out, ", ");
        dc_numfmt_put_count(out, result->rest_count);
        bool is_skipped = (dc_err_t)result->rest_error == DC_ERR_SKIPPED;
        dc_buf_append_text(out, is_late ? " not computed" : is_skipped ? " skipped" : " cancelled");
    }
    if (self->lacks_value) dc_buf_append_text(out, ", no value");
    if (result->number) dc_buf_printf(out, ", batch b%llu", (unsigned long long)result->number);
    dc_buf_append_text(out, result->has_more_input ? "; there was more input\n" : "\n");
    if (!result->rest_count) return;
    if (self->fetched) {
        dc_buf_printf(out, "       dcalc retry b%llu computes what is missing\n",
                      (unsigned long long)self->number);
    } else if (dc_computation_put_continue(self, "       ")) {
        return;
    } else if (!self->settings->errors) {
        dc_buf_append_text(out, "       --errors FILE keeps what is missing, to send it alone\n");
    }
}

static void put_summary(dc_computation_t *self, const dc_run_result_t *result)
{
    dc_buf_t *out = &self->console->buf;
    uint64_t computed = result->row_count - result->failed_count;
    bool is_table = self->printer.format == DC_PRINT_CSV || self->printer.format == DC_PRINT_TSV;
    bool is_marked = is_table && self->emit.to != DC_EMIT_REDUCED;
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
    put_rate(self, result, out);
    if (result->failed_count) {
        dc_buf_append_text(out, ", ");
        dc_numfmt_put_count(out, computed);
        dc_buf_append_text(out, " ok, ");
        dc_numfmt_put_count(out, result->failed_count);
        dc_buf_append_text(out,
                           self->emit.to == DC_EMIT_REDUCED ? " failed and left out" : " failed");
    } else if (!self->lacks_value) {
        dc_buf_append_text(out, ", all ok");
    }
    if (self->lacks_value) dc_buf_append_text(out, ", no value");
    if (result->number) dc_buf_printf(out, ", batch b%llu", (unsigned long long)result->number);
    dc_buf_append_char(out, '\n');
}

// Whoever only looked on has stopped nothing.
static void put_detached(dc_computation_t *self)
{
    unsigned long long number = self->number;
    dc_buf_printf(&self->console->buf,
                  "dcalc: detached from b%llu, which goes on      follow: dcalc attach b%llu      "
                  "stop: dcalc cancel b%llu\n",
                  number, number, number);
}

void dc_computation_put_kept(dc_computation_t *self, const char *id)
{
    dc_buf_t *out = &self->console->buf;
    dc_buf_append_text(out, "       ");
    dc_text_put_safe(out, dc_str_from(id));
    dc_buf_append_text(out,
                       " is kept, and goes on without this client      come back: dcalc attach ");
    dc_text_put_safe(out, dc_str_from(id));
    dc_buf_append_char(out, '\n');
}

// The broker or the workers did not come in time.
static void put_given_up(dc_computation_t *self)
{
    char id[32];
    snprintf(id, sizeof id, "b%llu", (unsigned long long)self->number);
    dc_computation_put_kept(self, id);
}

static void put_stopped(dc_computation_t *self, const dc_run_result_t *result)
{
    dc_buf_t *out = &self->console->buf;
    // An earlier run may have come further than this one, and what it saved is there still.
    uint64_t count = dc_max_u64(result->row_count, dc_computation_kept_rows(self));
    uint64_t of = dc_max_u64(result->expected, count);
    dc_buf_append_text(out, "dcalc: stopped with ");
    dc_numfmt_put_count(out, count);
    if (of > count) {
        dc_buf_append_text(out, " of ");
        dc_numfmt_put_count(out, of);
    }
    dc_buf_append_text(out, of == 1 ? " row " : " rows ");
    const char *done = self->sink.part_path ? "saved" : "printed";
    dc_buf_append_text(out, self->emit.to == DC_EMIT_REDUCED ? "computed, and no value" : done);
    if (!dc_computation_put_continue(self, "      ")) dc_buf_append_char(out, '\n');
}

static int finish_sink(dc_computation_t *self, dc_sink_t *sink)
{
    int error = dc_sink_finish(sink);
    if (!error) return 0;
    return dc_exit_status_say_unwritten(self->console, sink->path ? sink->path : "results", error);
}

// Complete the files; only then they get their names.
static int complete(dc_computation_t *self, int status)
{
    int failed = finish_sink(self, &self->sink);
    if (!failed && self->settings->errors) failed = finish_sink(self, &self->failed_sink);
    return failed ? failed : status;
}

// Whether the rows are in the journal as well: from there the file is made anew. Who has not been
// told how is told now.
static bool is_kept(dc_computation_t *self)
{
    if (self->sink.error) return dc_computation_put_continue(self, "       make room and ");
    if (self->settings->quiet) return dc_computation_put_continue(self, "       ");
    return dc_computation_kept_rows(self) > 0;
}

// The journal stays as long as there is something to go on with.
static void leave_journal(dc_computation_t *self, const dc_run_result_t *result, bool is_done)
{
    if (is_done && !result->rest_count) dc_journal_remove(&self->journal);
}

// A file that is not complete: remove it if nothing is in it, else say where it is.
static void leave(dc_computation_t *self, dc_sink_t *sink, bool is_empty)
{
    dc_buf_t *out = &self->console->buf;
    if (is_empty) dc_sink_discard(sink);
    if (is_empty || !sink->part_path) return;
    if (sink == &self->sink && is_kept(self)) return;
    dc_buf_append_text(out, "       what was written is in ");
    dc_text_put_safe(out, dc_str_from(sink->part_path));
    dc_buf_append_text(out, sink->error ? "; make room and run this again, which begins it anew\n"
                                        : "\n");
}

// Whoever gave up, a person wants to know how far it came. Where writing failed nobody knows.
static bool is_stop_told(const dc_computation_t *self, const dc_run_result_t *result)
{
    if (self->sink.error) return false;
    return result->status == DC_EXIT_INTERRUPTED || result->row_count;
}

// All rows were taken: write what they are together. Returns the status then.
static int put_reduced(dc_computation_t *self, const dc_run_result_t *result)
{
    dc_diag_t diag;
    dc_reduced_t reduced = { .op = dc_reducer_name(self->reducer.op),
                             .row_count = result->row_count,
                             .failed_count = result->failed_count,
                             .batch = result->number };
    dc_err_t cut_error = (dc_err_t)result->cut_error;
    dc_err_t err = cut_error ? dc_diag_set(&diag, cut_error, 0, 0, "not all rows were computed")
                             : dc_reducer_finish(&self->reducer, self->ieee, &reduced.value, &diag);
    if (err) {
        self->lacks_value = true;
        reduced.error = &diag;
        if (!cut_error) dc_messages_put_sentence(&self->messages, diag.message);
    }
    dc_reduced_put(&reduced, &self->printer, &self->sink.buf);
    return err && !result->status ? 1 : result->status;
}

// Whether the output is what was asked for: there, though rows may have failed, or by the deadline.
static bool is_whole(int status)
{
    return status == 0 || status == 1 || status == DC_EXIT_DEADLINE;
}

// The last words, unless nobody wants to hear them.
static void put_end(dc_computation_t *self, const dc_run_result_t *result, int status)
{
    bool is_told = self->has_summary || self->settings->verbose > 0;
    if (self->settings->quiet) return;
    if (result->rest_error) {
        put_unfinished(self, result);
    } else if (self->fetched && status == DC_EXIT_INTERRUPTED) {
        put_detached(self);
    } else if (!is_whole(status)) {
        bool is_vain = status == EX_UNAVAILABLE || status == EX_TEMPFAIL;
        if (is_stop_told(self, result)) put_stopped(self, result);
        if (self->fetched && is_vain && !result->cut_error) put_given_up(self);
    } else if (is_told) {
        put_summary(self, result);
    }
}

int dc_computation_conclude(dc_computation_t *self, const dc_run_result_t *result)
{
    int status = result->status;
    bool has_nothing = result->row_count == 0 || self->emit.to == DC_EMIT_REDUCED;
    if (is_whole(status) && self->emit.to == DC_EMIT_REDUCED) status = put_reduced(self, result);
    if (is_whole(status)) status = complete(self, status);
    dc_messages_finish(&self->messages);
    put_end(self, result, status);
    leave_journal(self, result, is_whole(status));
    if (is_whole(status)) return status;
    leave(self, &self->sink, has_nothing);
    leave(self, &self->failed_sink, result->failed_count == 0);
    return status;
}
