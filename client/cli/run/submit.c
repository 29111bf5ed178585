#include "client/cli/run/submit.h"

#include <poll.h>
#include <sysexits.h>

#include "client/cli/cluster/patience.h"
#include "client/cli/exit_status.h"
#include "client/cli/interrupt.h"
#include "client/cli/run/differ.h"
#include "client/cli/text/numfmt.h"
#include "client/cli/text/progress.h"
#include "client/cli/text/text.h"
#include "common/clock.h"
#include "common/limits.h"

// Sent between two looks at what has come.
#define CHUNKS_AT_ONCE 4

// Who gives up does not want to wait for long.
#define LEAVE_MS_MAX 200

typedef struct state {
    const dc_submit_t *submit;
    dc_patience_t patience;
    dcalc_id_t batch;
    dc_source_item_t item; // read and not sent, while it is held
    bool wants_input;      // nothing to send until more can be read
    bool is_closed;        // there are no more rows, and the broker knows that
    bool is_over;          // the batch has ended, for whatever reason
    bool was_there;        // that was before its rows were read
    dcalc_found_t found;
    uint64_t found_count; // jobs that were on disk before
    uint64_t digest;      // what they add up to, if these are all; 0: that is not known
    uint64_t read_count;  // rows that were read to be compared with these ...
    uint64_t sum;         // ... and add up to this
    uint64_t stored;      // jobs that are
    uint64_t number;
    dc_ms_t now, started_ms, drawn_ms;
    int signal_fd;
    int status; // why it ends before its time; 0: it does not
} state_t;

static dc_buf_t *said(state_t *self)
{
    return &self->submit->console->buf;
}

// --- sending -----------------------------------------------------------------------------------

static void give_up(state_t *self, dcalc_err_t error)
{
    dc_buf_printf(said(self), "dcalc: %s\n", dcalc_err_text(error));
    self->status = dc_exit_status((dc_err_t)error);
}

static void close_batch(state_t *self)
{
    self->is_closed = true;
    dcalc_err_t err = dcalc_close(self->submit->connection->dcalc, self->batch);
    // Where the key is an old one it may have ended before.
    if (err && err != DCALC_ERR_UNKNOWN_BATCH) give_up(self, err);
}

static void stop_reading(state_t *self, dc_source_state_t reason)
{
    const dc_submit_t *submit = self->submit;
    switch (reason) {
    case DC_SOURCE_LOST:
        dc_text_put_safe(said(self), dc_str_from(submit->name));
        dc_buf_printf(said(self), ":%llu: the row is too long for a batch that is kept\n",
                      (unsigned long long)self->item.line);
        self->status = EX_DATAERR;
        break;
    case DC_SOURCE_UNCLOSED:
    case DC_SOURCE_FOREIGN:
    case DC_SOURCE_ERROR:
        self->status = dc_source_complain(submit->source, reason, submit->name, said(self));
        break;
    case DC_SOURCE_END: close_batch(self); break;
    case DC_SOURCE_CHUNK:
    case DC_SOURCE_WAIT: break;
    }
}

// Get the next chunk ready. False if there is none now.
static bool take_item(state_t *self)
{
    if (self->item.is_held || self->is_closed) return self->item.is_held;
    dc_source_state_t state = dc_source_next(self->submit->source, false, self->now, &self->item);
    self->wants_input = state == DC_SOURCE_WAIT;
    if (!self->item.is_held) stop_reading(self, state);
    return self->item.is_held;
}

static bool has_room(const state_t *self)
{
    return dcalc_room(self->submit->connection->dcalc, self->batch) >= self->item.room;
}

static void feed(state_t *self)
{
    for (size_t i = 0; i < CHUNKS_AT_ONCE && !self->status && !self->is_over; i++) {
        if (!take_item(self) || !has_room(self)) return;
        dcalc_err_t err =
            dcalc_send(self->submit->connection->dcalc, self->batch, &self->item.chunk);
        if (err) give_up(self, err);
        if (err) return;
        self->item.is_held = false; // its memory is the library's now
    }
}

// --- receiving ---------------------------------------------------------------------------------

static int status_of(const state_t *self, dcalc_err_t error)
{
    bool comes_after = self->submit->options->after_count && !self->submit->options->key;
    // What it was to come after has gone meanwhile; or the key is another batch's.
    if (error == DCALC_ERR_INVALID) return comes_after ? EX_NOINPUT : EX_USAGE;
    if (error == DCALC_ERR_NOT_STORED) return EX_UNAVAILABLE;
    return dc_exit_status((dc_err_t)error);
}

// The key is another batch's, whose program came with the refusal.
static void say_difference(state_t *self, const dcalc_event_t *event)
{
    const dcalc_batch_options_t *options = self->submit->options;
    dc_str_t theirs = dc_str(event->program, event->program_bytes);
    dc_str_t ours = dc_str(options->program, options->program_bytes);
    // What cannot be read is of another kind of client: then there is no more to be said.
    dc_err_t ignored = dc_differ_put(theirs, ours, said(self));
    (void)ignored;
    dc_buf_append_text(said(self),
                       "       give this one a --key of its own, or delete that one first "
                       "(dcalc delete)\n");
}

// The key is another batch's, which was sent with the same command and with other rows.
static void say_other_rows(state_t *self, uint64_t count)
{
    dc_buf_append_text(said(self), "dcalc: --key ");
    dc_text_put_safe(said(self), dc_str_from(self->submit->options->key));
    dc_buf_printf(said(self), ": batch b%llu, which has it, is of other rows: its first ",
                  (unsigned long long)self->number);
    dc_numfmt_put_count(said(self), count);
    dc_buf_printf(said(self),
                  " are not those of this input\n"
                  "       give this one a --key of its own, or delete that one first "
                  "(dcalc delete b%llu)\n",
                  (unsigned long long)self->number);
}

static void end_early(state_t *self, const dcalc_event_t *event)
{
    if (event->error == DCALC_ERR_INVALID && event->done) {
        say_other_rows(self, event->done);
    } else if (event->error == DCALC_ERR_CANCELLED) {
        dc_buf_printf(said(self), "dcalc: somebody cancelled batch b%llu (dcalc cancel)\n",
                      (unsigned long long)self->number);
    } else {
        dc_buf_append_text(said(self), "dcalc: ");
        dc_text_put_safe(said(self), event->text_bytes ? dc_str(event->text, event->text_bytes)
                                                       : dc_str_from(dcalc_err_text(event->error)));
        dc_buf_append_char(said(self), '\n');
        if (event->program) say_difference(self, event);
    }
    self->status = status_of(self, event->error);
}

static void see(state_t *self, const dcalc_event_t *event)
{
    int status = dc_patience_see(&self->patience, event, self->now);
    if (status && !self->status) self->status = status;
    if (event->id != self->batch) return;
    if (event->type == DCALC_EVENT_OPENED) {
        self->number = event->number;
        self->found = (dcalc_found_t)event->found;
        self->found_count = event->done;
        self->digest = event->digest;
    } else if (event->type == DCALC_EVENT_RECEIPT) {
        self->stored = event->done;
    } else if (event->type == DCALC_EVENT_END) {
        self->is_over = true;
        self->was_there = !self->is_closed;
        if (event->error) end_early(self, event);
    }
}

static void receive(state_t *self)
{
    dcalc_event_t event;
    dcalc_err_t err = dcalc_turn(self->submit->connection->dcalc);
    if (err && err != DCALC_ERR_NOMEM) give_up(self, err);
    while (dcalc_next(self->submit->connection->dcalc, &event)) {
        see(self, &event);
    }
}

// --- what a person sees ------------------------------------------------------------------------

static void draw(state_t *self)
{
    const dc_submit_t *submit = self->submit;
    dc_console_t *console = submit->console;
    double seconds = (double)(self->now - self->started_ms) / 1000;
    dc_console_flush(console);
    bool is_due =
        dc_progress_is_due(self->now, self->started_ms, self->drawn_ms, submit->has_progress_json);
    if (!is_due || self->patience.shown) return;
    self->drawn_ms = self->now;
    uint64_t rows = submit->source->row;
    dc_progress_t now = { .name = submit->name,
                          .done = self->stored,
                          .waiting = rows - dc_min_u64(rows, self->stored),
                          .expected = dc_source_rows_expected(submit->source),
                          .seconds = seconds,
                          .rate = seconds > 0 ? (double)self->stored / seconds : 0 };
    dc_buf_t bar = { 0 };
    if (submit->has_progress_json) {
        dc_progress_put_json(&now, &console->buf);
    } else if (submit->has_progress && !dc_source_is_typed(submit->source)) {
        dc_progress_put_bar(&now, dc_console_bar_columns(), console->is_utf8, &bar);
        dc_console_draw(console, dc_buf_str(&bar));
    }
    dc_buf_fini(&bar);
}

static void put_stopped(state_t *self)
{
    const char *key = self->submit->options->key;
    dc_console_draw(self->submit->console, DC_STR(""));
    dc_buf_append_text(said(self), "dcalc: stopped with ");
    dc_numfmt_put_counted(said(self), self->stored, " row stored", " rows stored");
    // The broker keeps for a while what may be completed.
    dc_buf_append_text(said(self), key ? "; the same command completes the batch if it comes soon\n"
                                       : ", which are dropped\n");
}

// Nothing that was sent is worth waiting for.
static void heed_signals(state_t *self)
{
    if (!dc_interrupt_take(self->signal_fd) || self->status) return;
    put_stopped(self);
    self->status = DC_EXIT_INTERRUPTED;
}

// --- what was there under the key ---------------------------------------------------------------

// It is told from other input by how many rows there are, and by what they add up to.
static bool is_compared(const state_t *self)
{
    return !self->was_there || self->is_closed || self->submit->source->row > self->stored;
}

// The rows of the next chunk are not sent, but compared.
static void drop_item(state_t *self)
{
    if (self->item.is_held) {
        self->sum += dcalc_digest(self->read_count, &self->item.chunk);
        self->read_count += self->item.jobs;
    }
    dc_source_drop_item(&self->item);
}

// Read on, only to compare.
static void read_on(state_t *self)
{
    do {
        drop_item(self);
    } while (!is_compared(self) && take_item(self));
}

static void compare(state_t *self)
{
    uint64_t rows = self->submit->source->row;
    bool is_same = self->is_closed ? rows == self->stored : rows <= self->stored;
    if (!self->submit->options->key) return;
    if (is_same) {
        bool is_read = self->is_closed && self->read_count == self->stored;
        if (!is_read || !self->digest || self->digest == self->sum) return;
        say_other_rows(self, self->stored);
        self->status = EX_USAGE;
        return;
    }
    dc_buf_printf(said(self), "dcalc: --key: batch b%llu, which has it, is another one: of ",
                  (unsigned long long)self->number);
    dc_numfmt_put_counted(said(self), self->stored, " job, and not ", " jobs, and not ");
    if (!self->is_closed) dc_buf_append_text(said(self), "at least ");
    dc_numfmt_put_count(said(self), rows);
    dc_buf_append_text(said(self),
                       "\n       give this one a key of its own, or delete that one first\n");
    self->status = EX_USAGE;
}

// --- all of it ---------------------------------------------------------------------------------

static void wait_for_something(state_t *self)
{
    const dc_submit_t *submit = self->submit;
    bool can_go = self->item.is_held ? has_room(self) : !self->is_closed && !self->wants_input;
    int timeouts[] = { can_go ? 0 : DC_TICK_MS, dcalc_timeout_ms(submit->connection->dcalc),
                       dc_source_timeout_ms(submit->source, self->now) };
    int timeout_ms = timeouts[0];
    for (size_t i = 1; i < DC_ARRAY_LEN(timeouts); i++) {
        if (timeouts[i] >= 0 && timeouts[i] < timeout_ms) timeout_ms = timeouts[i];
    }
    struct pollfd fds[] = {
        { .fd = dcalc_fd(submit->connection->dcalc), .events = POLLIN },
        { .fd = self->wants_input ? dc_source_fd(submit->source) : -1, .events = POLLIN },
        { .fd = self->signal_fd, .events = POLLIN },
    };
    poll(fds, DC_ARRAY_LEN(fds), timeout_ms);
}

static void open_batch(state_t *self)
{
    const dc_submit_t *submit = self->submit;
    dcalc_err_t err = dc_connection_open_batch(submit->connection, submit->options,
                                               submit->deadline_ms, self->now, &self->batch);
    if (err) give_up(self, err);
}

// A broker that was asked a moment ago is about to answer: what it is told before would be lost
// with the connection.
static void await_broker(const state_t *self)
{
    dcalc_t *dcalc = self->submit->connection->dcalc;
    dc_ms_t end = dc_clock_ms() + LEAVE_MS_MAX;
    for (dc_ms_t now; !dcalc_is_connected(dcalc) && (now = dc_clock_ms()) < end;) {
        if (dcalc_wait(dcalc, (int)(end - now))) return;
    }
}

// Leave nothing behind, unless the same command can go on with it.
static void leave(state_t *self)
{
    dc_source_drop_item(&self->item);
    bool is_left = self->submit->options->key && self->status == DC_EXIT_INTERRUPTED;
    if (!self->batch || self->is_over || is_left) return;
    await_broker(self);
    dc_connection_cancel(self->submit->connection, self->batch);
}

dc_submit_result_t dc_submit(const dc_submit_t *self)
{
    dc_ms_t now = dc_clock_ms();
    state_t state = { .submit = self, .now = now, .started_ms = now };
    dc_connection_t *connection = self->connection;
    dc_patience_init(&state.patience, connection->dcalc, self->console, connection->wait_ms, now);
    state.patience.is_quiet = self->is_quiet;
    state.signal_fd = dc_interrupt_begin();
    open_batch(&state);
    while (!state.status) {
        state.now = dc_clock_ms();
        heed_signals(&state);
        if (state.is_over) {
            read_on(&state);
        } else {
            feed(&state);
            receive(&state);
        }
        if (!state.status && !state.is_over)
            state.status = dc_patience_look(&state.patience, state.now, false, false);
        draw(&state);
        if (state.status || (state.is_over && is_compared(&state))) break;
        wait_for_something(&state);
    }
    dc_console_draw(self->console, DC_STR(""));
    if (!state.status) compare(&state);
    leave(&state);
    dc_patience_fini(&state.patience);
    dc_console_flush(self->console); // before a second signal ends this process
    dc_interrupt_end(state.signal_fd);
    // Whose END came first had nothing to send, whatever the answer that was lost on the way said.
    if (state.was_there) state.found = DCALC_FOUND_ALL;
    return (dc_submit_result_t){ .status = state.status,
                                 .number = state.number,
                                 .row_count = dc_max_u64(self->source->row, state.stored),
                                 .found = state.found,
                                 .found_count = state.found_count };
}
