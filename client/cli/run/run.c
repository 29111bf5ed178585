#include "client/cli/run/run.h"

#include <errno.h>
#include <poll.h>
#include <sysexits.h>

#include "client/cli/exit_status.h"
#include "client/cli/interrupt.h"
#include "client/cli/run/run_part.h"
#include "client/cli/text/numfmt.h"
#include "common/clock.h"
#include "common/limits.h"

// After the first signal, what is under way has this long to come in.
#define LAST_RESULTS_MS 2000

// Without results for this long, it is asked whether there is a worker.
#define STUCK_MS 500

void dc_run_give_up(dc_run_state_t *self, dcalc_err_t error, const char *text)
{
    dc_buf_printf(dc_run_said(self), "dcalc: %s\n", text && *text ? text : dcalc_err_text(error));
    self->is_over = true;
    self->status = dc_exit_status((dc_err_t)error);
}

static uint64_t rows_expected(const dc_run_t *run)
{
    if (!run->fetched) return dc_source_rows_expected(run->source);
    return run->job_end == UINT64_MAX ? 0 : run->job_end - run->job_first;
}

// Rows that were read, or whose results are waited for.
static uint64_t rows_known(const dc_run_state_t *self)
{
    return self->run->fetched ? rows_expected(self->run) : self->run->source->row;
}

// --- receiving ---------------------------------------------------------------------------------

// The batch has ended before its time, which each row without a result has to say. Part of the rows
// make no value that anybody wants, unless it was to be had by the deadline.
static void end_early(dc_run_state_t *self, dcalc_err_t error, const char *text)
{
    bool is_skipped = (dc_err_t)error == DC_ERR_SKIPPED;
    bool is_cancelled = (dc_err_t)error == DC_ERR_CANCELLED;
    if (is_skipped) dc_buf_printf(dc_run_said(self), "dcalc: %s\n", text);
    if (is_cancelled) {
        dc_buf_printf(dc_run_said(self), "dcalc: somebody cancelled batch b%llu (dcalc cancel)\n",
                      (unsigned long long)self->number);
    }
    if ((dc_err_t)error == DC_ERR_DEADLINE ||
        ((is_cancelled || is_skipped) && self->run->emit->to != DC_EMIT_REDUCED)) {
        dc_collect_give_up(&self->collect, error);
        self->rest_ms = self->now;
    } else if (is_cancelled || is_skipped) {
        self->cut_error = error;
        self->status = dc_exit_status((dc_err_t)error);
    } else {
        dc_run_give_up(self, error, text);
        // What it was to come after went while that was being said.
        bool has_gone = (dc_err_t)error == DC_ERR_INVALID && self->run->options->after_count;
        if (has_gone) self->status = EX_NOINPUT;
    }
}

// The broker ends a batch at its deadline. Who has no broker looks at the clock.
static void look_at_deadline(dc_run_state_t *self)
{
    dc_ms_t deadline_ms = self->run->deadline_ms;
    bool has_passed = deadline_ms && self->now >= deadline_ms && !self->collect.rest_error;
    bool is_alone = !self->collect.batch || !dcalc_is_connected(self->run->connection->dcalc);
    if (has_passed && is_alone) end_early(self, (dcalc_err_t)DC_ERR_DEADLINE, NULL);
}

// Whether every row that there is, as far as it is known, is written.
static bool has_written_all(const dc_run_state_t *self)
{
    return self->has_source_ended && !self->item.is_held &&
           self->run->emit->row_count == rows_known(self);
}

// Where so many rows fail the template is wrong, or the input: the others would take time in vain.
static void look_at_failed(dc_run_state_t *self)
{
    const dc_run_t *run = self->run;
    bool is_ending = self->status || self->is_over || self->stop_ms || self->collect.rest_error;
    if (run->emit->failed_count <= run->failed_max || is_ending || has_written_all(self)) return;
    dc_buf_t *out = dc_run_said(self);
    dc_buf_append_text(out, "dcalc: stopped, since ");
    if (run->failed_max) {
        dc_buf_append_text(out, "more than ");
        dc_numfmt_put_counted(out, run->failed_max, " job has failed", " jobs have failed");
    } else {
        dc_buf_append_text(out, "a job has failed");
    }
    dc_buf_append_text(out, " (--max-errors)\n");
    self->is_stopped = true;
    if (run->emit->to == DC_EMIT_REDUCED) {
        self->cut_error = (dcalc_err_t)DC_ERR_CANCELLED;
        self->status = 1;
    } else {
        dc_collect_give_up(&self->collect, (dcalc_err_t)DC_ERR_CANCELLED);
        self->rest_ms = self->now;
    }
}

static void see(dc_run_state_t *self, const dcalc_event_t *event)
{
    int status = dc_patience_see(&self->patience, event, self->now);
    if (status && !self->status) self->status = status;
    if (event->type == DCALC_EVENT_PIECE) {
        self->result_ms = self->now;
        dc_collect_piece(&self->collect, event->piece);
        dc_big_job_see_piece(&self->big_job, event->piece);
    } else if (event->type == DCALC_EVENT_PROGRESS) {
        self->result_ms = self->now;
        dc_big_job_see(&self->big_job, event, self->now);
    } else if (event->type == DCALC_EVENT_OPENED) {
        self->number = event->number;
        self->run->emit->printer->batch = event->number;
    } else if (event->type == DCALC_EVENT_END && event->id == self->collect.batch) {
        self->is_over = true;
        if (event->error && !self->collect.rest_error) end_early(self, event->error, event->text);
    }
}

// What a job of another program has for a line may be anything.
static void give_up_sheet(dc_run_state_t *self, dc_err_t error)
{
    bool is_damaged = error == DC_ERR_PROTOCOL;
    dc_run_give_up(self, (dcalc_err_t)error, is_damaged ? DC_SHEET_IS_NONE : "");
    if (is_damaged) self->status = EX_DATAERR;
}

// Whether all has come that ever will of a batch that is fetched.
static bool has_fetched_all(const dc_run_state_t *self)
{
    const dc_collect_t *collect = &self->collect;
    if (!self->run->fetched || !dc_collect_is_empty(collect)) return false;
    if (collect->rest_error) return dc_collect_has_written_all(collect);
    return self->is_over || dc_collect_has_window(collect);
}

// Of a sheet that ended while somebody sent it cells are missing, for which no others need wait; so
// are those that the broker's store has spoiled.
static void look_at_sheet(dc_run_state_t *self)
{
    dc_emit_t *emit = self->run->emit;
    if (emit->to != DC_EMIT_CELLS) return;
    if (emit->sheet->error && !self->status) give_up_sheet(self, emit->sheet->error);
    if (!self->status && has_fetched_all(self)) dc_emit_end_cells(emit);
}

static void receive(dc_run_state_t *self)
{
    dcalc_event_t event;
    dcalc_err_t err = dcalc_turn(self->run->connection->dcalc);
    if (err && (dc_err_t)err != DC_ERR_NOMEM) dc_run_give_up(self, err, NULL);
    while (dc_sink_has_room(self->run->sink) && dcalc_next(self->run->connection->dcalc, &event)) {
        see(self, &event);
    }
    dc_collect_drain(&self->collect);
    if (self->collect.has_failed) dc_run_give_up(self, (dcalc_err_t)DC_ERR_NOMEM, NULL);
    look_at_failed(self);
    look_at_sheet(self);
}

// --- writing -----------------------------------------------------------------------------------

static void see_sink(dc_run_state_t *self, dc_sink_t *sink)
{
    dc_sink_flush(sink);
    if (!sink->error || self->status) return;
    self->status = dc_exit_status_say_unwritten(self->run->console,
                                                sink->path ? sink->path : "results", sink->error);
}

// A journal that cannot be written is no reason to stop.
static void see_journal(dc_run_state_t *self, bool is_all)
{
    dc_journal_t *journal = self->run->journal;
    dc_journal_flush(journal, self->now, is_all);
    if (!journal->error || self->is_journal_told || self->status) return;
    self->is_journal_told = true;
    dc_exit_status_say_unwritten(self->run->console, journal->path, journal->error);
    dc_buf_append_text(dc_run_said(self),
                       "       what comes from now on is not kept for --resume\n");
}

// Whether rows go to a terminal that has the bar too: they stand where it stood.
static bool shares_terminal(const dc_run_state_t *self)
{
    return self->run->sink->is_terminal && self->run->console->is_terminal;
}

static void write_out(dc_run_state_t *self)
{
    bool is_written = !dc_sink_is_empty(self->run->sink);
    if (is_written && shares_terminal(self)) dc_console_draw(self->run->console, DC_STR(""));
    see_sink(self, self->run->sink);
    if (self->run->failed_sink) see_sink(self, self->run->failed_sink);
    if (self->run->journal) see_journal(self, false);
}

static dc_progress_t progress(const dc_run_state_t *self)
{
    double seconds = (double)(self->now - self->started_ms) / 1000;
    const dc_emit_t *emit = self->run->emit;
    uint64_t rows = rows_known(self);
    return (dc_progress_t){ .name = self->run->name,
                            .done = emit->row_count,
                            .waiting = rows - dc_min_u64(rows, emit->row_count),
                            .expected = rows_expected(self->run),
                            .failed = emit->failed_count,
                            .workers = self->patience.worker_count,
                            .seconds = seconds,
                            .rate = seconds > 0 ? (double)emit->row_count / seconds : 0,
                            .terms_done = self->big_job.done,
                            .terms = self->big_job.total,
                            .why = dc_buf_str(&self->patience.why),
                            .terms_rate = dc_big_job_rate(&self->big_job) };
}

static void draw_bar(dc_run_state_t *self)
{
    dc_console_t *console = self->run->console;
    dc_progress_t now = progress(self);
    dc_buf_t bar = { 0 };
    dc_progress_put_bar(&now, dc_console_bar_columns(), console->is_utf8, &bar);
    dc_console_draw(console, dc_buf_str(&bar));
    dc_buf_fini(&bar);
}

static void draw(dc_run_state_t *self)
{
    const dc_run_t *run = self->run;
    dc_console_t *console = run->console;
    bool is_due =
        dc_progress_is_due(self->now, self->started_ms, self->drawn_ms, run->has_progress_json);
    if (is_due && run->has_progress_json) {
        dc_progress_t now = progress(self);
        dc_progress_put_json(&now, &console->buf);
    }
    dc_console_flush(console);
    bool is_going = self->patience.had_worker && !self->patience.shown;
    // In the midst of a row the bar would take a part of it away.
    bool has_line = (!shares_terminal(self) || dc_sink_is_empty(run->sink)) &&
                    (run->fetched || !dc_source_is_typed(run->source));
    if (is_due && run->has_progress && is_going && has_line && !self->stop_ms) draw_bar(self);
    if (is_due) self->drawn_ms = self->now;
}

// --- waiting -----------------------------------------------------------------------------------

// The last results may take a while, in which nothing else would be seen of the signal.
static void say_stopping(dc_run_state_t *self)
{
    dc_console_t *console = self->run->console;
    if (!console->is_terminal || self->run->is_quiet || self->run->fetched) return;
    if (self->run->stops_at_once) return;
    dc_console_draw(console, DC_STR(""));
    dc_buf_append_text(&console->buf, "dcalc: stopping; again stops at once\n");
    dc_console_flush(console);
}

// A first signal ends the input, and what is under way may come in; a second ends everything.
static void heed_signals(dc_run_state_t *self)
{
    unsigned count = dc_interrupt_take(self->run->signal_fd);
    if (count && !self->stop_ms) {
        self->stop_ms = self->now + LAST_RESULTS_MS;
        self->has_source_ended = true;
        self->wants_close = false; // it is not complete, and must not look so
        dc_source_drop_item(&self->item);
        count--;
        say_stopping(self);
    }
    if (!self->stop_ms) return;
    if (self->run->fetched) {
        self->status = DC_EXIT_INTERRUPTED; // nothing is lost by it
        return;
    }
    bool has_all =
        self->collect.answered_count == self->job_next && dc_collect_is_empty(&self->collect);
    bool can_come = dcalc_is_connected(self->run->connection->dcalc) &&
                    !self->patience.no_worker_ms && !self->collect.rest_error;
    bool is_enough =
        count || self->run->stops_at_once || has_all || !can_come || self->now >= self->stop_ms;
    if (is_enough) self->status = DC_EXIT_INTERRUPTED;
}

static int earlier(int a, int b)
{
    if (a < 0 || b < 0) return a < 0 ? b : a;
    return a < b ? a : b;
}

// Where poll finds out that output can be written, or that its reader has gone: that shows also
// while there is nothing to write. Who has had the last row may go.
static struct pollfd watch_output(const dc_run_state_t *self)
{
    const dc_sink_t *sink = self->run->sink;
    bool is_empty = dc_sink_is_empty(sink);
    return (struct pollfd){ .fd = is_empty && has_written_all(self) ? -1 : sink->fd,
                            .events = is_empty ? 0 : POLLOUT };
}

static bool has_rest(const dc_run_state_t *self)
{
    if (!self->collect.rest_error || !dc_sink_has_room(self->run->sink)) return false;
    return self->item.is_held || !dc_collect_has_written_all(&self->collect);
}

static void wait_for_something(dc_run_state_t *self)
{
    const dc_run_t *run = self->run;
    const dc_local_t *local = run->connection->local;
    bool is_full = !dc_sink_has_room(run->sink);
    bool can_send = self->item.is_held && self->collect.batch && !is_full &&
                    dcalc_room(run->connection->dcalc, self->collect.batch) >= self->item.room;
    bool can_read = !self->item.is_held && !self->wants_input && !self->has_source_ended &&
                    dc_collect_has_room(&self->collect);
    int timeout_ms = can_send || can_read || has_rest(self) ? 0 : DC_TICK_MS;
    // While the output is full events stay where they are, and must not wake us.
    if (!is_full) timeout_ms = earlier(timeout_ms, dcalc_timeout_ms(run->connection->dcalc));
    if (!run->fetched)
        timeout_ms = earlier(timeout_ms, dc_source_timeout_ms(run->source, self->now));
    struct pollfd fds[] = {
        { .fd = is_full ? -1 : dcalc_fd(run->connection->dcalc), .events = POLLIN },
        { .fd = self->wants_input ? dc_source_fd(run->source) : -1, .events = POLLIN },
        watch_output(self),
        { .fd = run->signal_fd, .events = POLLIN },
        { .fd = local ? dc_local_fd(local) : -1, .events = POLLIN },
    };
    bool has_gone = poll(fds, DC_ARRAY_LEN(fds), timeout_ms) > 0 && fds[2].revents & POLLERR;
    if (has_gone && !run->sink->error) run->sink->error = EPIPE;
}

static void look_around(dc_run_state_t *self)
{
    bool is_waiting = self->run->fetched || self->collect.answered_count < self->job_next;
    bool is_stuck = is_waiting && (self->now - self->result_ms >= STUCK_MS || !self->run->wait_ms);
    bool wants_count = self->run->has_progress || self->run->has_progress_json;
    if (!is_waiting) self->result_ms = self->now;
    if (self->status || self->is_over) return;
    look_at_deadline(self);
    if (self->collect.rest_error) return;
    self->status = dc_connection_check(self->run->connection, self->run->console);
    if (self->status) return;
    self->status = dc_patience_look(&self->patience, self->now, wants_count, is_stuck);
}

static bool is_done(const dc_run_state_t *self)
{
    if (self->status) return true;
    if (!dc_collect_is_empty(&self->collect) || !dc_sink_is_empty(self->run->sink)) return false;
    if (!self->collect.rest_error)
        return self->is_over || (self->run->fetched && dc_collect_has_window(&self->collect));
    return self->has_source_ended && !self->item.is_held &&
           dc_collect_has_written_all(&self->collect);
}

static dc_run_result_t finish(dc_run_state_t *self)
{
    const dc_run_t *run = self->run;
    dc_run_result_t result = { .status = self->status,
                               .row_count = run->emit->row_count,
                               .failed_count = run->emit->failed_count,
                               .rest_count = run->emit->rest_count,
                               .rest_error = self->collect.rest_error,
                               .cut_error = self->cut_error,
                               .has_more_input = self->has_more_input,
                               .expected = rows_expected(run),
                               .number = self->number };
    if (!result.status) result.status = self->input_status;
    if (!result.status && result.rest_error)
        result.status = self->is_stopped ? 1 : dc_exit_status((dc_err_t)result.rest_error);
    if (!result.status && result.failed_count) result.status = 1;
    if (run->journal) see_journal(self, true);
    dcalc_id_t batch = self->collect.batch;
    dc_source_drop_item(&self->item);
    dc_collect_fini(&self->collect);
    dc_patience_fini(&self->patience);
    if (batch && !self->is_over) {
        dc_connection_cancel(run->connection, batch);
    } else if (run->is_awaited) {
        dc_connection_settle(run->connection);
    }
    result.seconds = (double)(dc_clock_ms() - self->started_ms) / 1000;
    return result;
}

// All of it was sent before, by somebody.
static void begin_fetch(dc_run_state_t *self)
{
    const dc_run_t *run = self->run;
    self->collect.batch = run->fetched;
    dc_collect_set_window(&self->collect, run->job_first, run->job_end);
    self->has_source_ended = true;
    self->number = self->patience.number = self->run->emit->printer->batch = run->number;
}

dc_run_result_t dc_run(const dc_run_t *self)
{
    dc_ms_t now = dc_clock_ms();
    dc_run_state_t state = {
        .run = self, .wants_close = !self->fetched, .now = now, .started_ms = now, .result_ms = now
    };
    dc_collect_init(&state.collect, self->connection->dcalc, self->emit, self->sink);
    state.collect.is_unordered = self->is_unordered;
    state.collect.journal = self->journal;
    dc_patience_init(&state.patience, self->connection->dcalc, self->console, self->wait_ms, now);
    state.patience.is_quiet = self->is_quiet;
    // A batch that no slot but one could check waits for what nobody else is going to do.
    state.patience.tells_why = self->fetched || (self->options && self->options->verify);
    if (self->fetched) begin_fetch(&state);
    for (;;) {
        state.now = dc_clock_ms();
        heed_signals(&state);
        dc_run_feed(&state);
        receive(&state);
        write_out(&state);
        look_around(&state);
        draw(&state);
        if (is_done(&state)) break;
        wait_for_something(&state);
    }
    return finish(&state);
}
