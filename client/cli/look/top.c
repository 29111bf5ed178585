#include "client/cli/look/top.h"

#include <poll.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "client/cli/cluster/patience.h"
#include "client/cli/exit_status.h"
#include "client/cli/interrupt.h"
#include "client/cli/look/top_state.h"
#include "client/cli/text/screen.h"
#include "client/cli/text/text.h"
#include "common/clock.h"

typedef struct top {
    dcalc_t *dcalc;          // borrowed
    dc_console_t *console;   // borrowed: what is said when the screen is given back
    dc_patience_t patience;  // with a broker that has not answered yet
    dc_ms_t interval_ms;     //
    dc_top_state_t state;    //
    dc_ms_t now;             // of this turn
    dc_ms_t ask_ms;          // when the broker is asked next
    dcalc_id_t stats_asked;  // a question that is not answered yet; 0: none. Likewise the next two
    dcalc_id_t detail_asked; //
    dcalc_id_t order_given;  //
    dc_top_order_t order;    // what that is
    bool is_drawn;           // as it is
    bool is_ending;          //
    int status;              // once it is ending
} top_t;

static void end(top_t *self, int status)
{
    self->is_ending = true;
    self->status = status;
}

// --- questions and orders ----------------------------------------------------------------------

// One question of a kind is under way. While there is no broker it waits: so the library looks for
// one.
static void ask(top_t *self, const char *what, uint64_t number, dcalc_id_t *question)
{
    if (*question) return;
    dcalc_err_t err = dcalc_query(self->dcalc, what, number, question);
    if (err && (dc_err_t)err != DC_ERR_NOMEM) end(self, dc_exit_status((dc_err_t)err));
}

static void ask_when_due(top_t *self)
{
    if (self->now < self->ask_ms) return;
    self->ask_ms = self->now + self->interval_ms;
    ask(self, "stats", 0, &self->stats_asked);
    if (self->state.wants_detail && self->state.chosen) {
        ask(self, "status", self->state.chosen, &self->detail_asked);
    }
}

static dcalc_err_t give(top_t *self, const dc_top_order_t *order, dcalc_id_t *id)
{
    dcalc_set_t what = order->type == DC_TOP_PRIORITY ? DCALC_SET_PRIORITY : DCALC_SET_HELD;
    if (order->type == DC_TOP_CANCEL) return dcalc_cancel_number(self->dcalc, order->number, id);
    return dcalc_set(self->dcalc, order->number, what, order->value, id);
}

static void carry_out(top_t *self, const dc_top_order_t *order)
{
    switch (order->type) {
    case DC_TOP_NOTHING: return;
    case DC_TOP_QUIT: end(self, 0); return;
    case DC_TOP_LOOK:
        self->detail_asked = 0;
        ask(self, "status", order->number, &self->detail_asked);
        return;
    case DC_TOP_CANCEL:
    case DC_TOP_PRIORITY:
    case DC_TOP_HOLD: break;
    }
    // It must not be done when a broker comes back: that may have other batches of these numbers.
    bool has_broker = dcalc_is_connected(self->dcalc);
    dcalc_err_t err = has_broker ? give(self, order, &self->order_given) : DCALC_ERR_NO_BROKER;
    self->order = *order;
    if (!err) return;
    dc_top_done(&self->state, order, dc_str_from(dcalc_err_text(err)), self->now);
}

// --- answers -----------------------------------------------------------------------------------

// It is there, and has no picture to give.
static void refuse(top_t *self, const dcalc_event_t *event)
{
    dc_buf_append_text(&self->console->buf, "dcalc: ");
    dc_text_put_safe(&self->console->buf, event->text_bytes
                                              ? dc_str(event->text, event->text_bytes)
                                              : dc_str_from(dcalc_err_text(event->error)));
    dc_buf_append_char(&self->console->buf, '\n');
    end(self, dc_exit_status((dc_err_t)event->error));
}

static void take_answer(top_t *self, const dcalc_event_t *event)
{
    dc_str_t text = dc_str(event->text, event->text_bytes);
    if (event->id == self->stats_asked) {
        self->stats_asked = 0;
        if (!event->error) dc_top_take_stats(&self->state, text, self->now);
        if (event->error && !self->state.stats) refuse(self, event);
    } else if (event->id == self->detail_asked) {
        self->detail_asked = 0;
        if (!event->error) dc_top_take_detail(&self->state, text);
    } else if (event->id == self->order_given) {
        self->order_given = 0;
        if (event->error && !text.len) text = dc_str_from(dcalc_err_text(event->error));
        dc_top_done(&self->state, &self->order, event->error ? text : DC_STR(""), self->now);
        self->ask_ms = self->now; // what it is like then
    }
}

static void take_events(top_t *self)
{
    dcalc_event_t event;
    while (dcalc_next(self->dcalc, &event)) {
        self->is_drawn = false;
        if (event.type == DCALC_EVENT_ANSWER) take_answer(self, &event);
        if (event.type != DCALC_EVENT_LOST && event.type != DCALC_EVENT_FOUND) continue;
        self->ask_ms = self->now;
    }
}

static void take_keys(top_t *self)
{
    int key;
    while (!self->is_ending && (key = dc_screen_key()) != DC_KEY_NONE) {
        dc_top_order_t order = dc_top_press(&self->state, key, self->now);
        self->is_drawn = false;
        carry_out(self, &order);
    }
}

// --- drawing -----------------------------------------------------------------------------------

static void draw(top_t *self)
{
    dc_frame_t frame;
    if (self->is_drawn) return;
    self->is_drawn = true;
    dc_top_view_t view = dc_top_view(&self->state, self->now);
    view.url = dcalc_url(self->dcalc);
    view.trouble = dcalc_is_connected(self->dcalc) ? NULL : dcalc_reason(self->dcalc);
    view.rows = dc_screen_rows();
    view.is_utf8 = dc_screen_is_utf8();
    dc_frame_init(&frame, dc_screen_columns());
    dc_top_layout(&view, &frame);
    dc_screen_draw(&frame);
    dc_frame_fini(&frame);
}

// --- the loop ----------------------------------------------------------------------------------

// Wait for the broker, a key or a signal, until something is due.
static void wait_for_more(top_t *self, int signal_fd)
{
    struct pollfd items[] = { { .fd = dcalc_fd(self->dcalc), .events = POLLIN },
                              { .fd = STDIN_FILENO, .events = POLLIN },
                              { .fd = signal_fd, .events = POLLIN } };
    uint64_t timeout_ms = self->ask_ms > self->now ? self->ask_ms - self->now : 0;
    int library_ms = dcalc_timeout_ms(self->dcalc);
    if (library_ms >= 0) timeout_ms = dc_min_u64(timeout_ms, (uint64_t)library_ms);
    poll(items, DC_ARRAY_LEN(items), (int)timeout_ms);
    // A terminal that has gone cannot be read any more, and says so for ever.
    if (items[1].revents & (POLLHUP | POLLERR | POLLNVAL)) end(self, EX_IOERR);
}

// One that was there is waited for without end, and one that never was as long as by any command.
static void look_for_broker(top_t *self)
{
    if (self->state.stats || self->is_ending) return;
    int status = dc_patience_look(&self->patience, self->now, false, false);
    if (status) end(self, status);
}

static void loop(top_t *self, int signal_fd)
{
    while (!self->is_ending) {
        self->now = dc_clock_ms();
        dcalc_err_t err = dcalc_turn(self->dcalc);
        if (err && (dc_err_t)err != DC_ERR_NOMEM) end(self, dc_exit_status((dc_err_t)err));
        take_events(self);
        look_for_broker(self);
        if (self->now >= self->ask_ms) self->is_drawn = false; // messages and silence grow old
        ask_when_due(self);
        take_keys(self);
        if (dc_interrupt_take(signal_fd)) end(self, DC_EXIT_INTERRUPTED);
        draw(self);
        if (!self->is_ending) wait_for_more(self, signal_fd);
    }
}

bool dc_top_has_terminal(void)
{
    return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
}

int dc_top_run(dc_connection_t *connection, const dc_cli_settings_t *settings,
               dc_console_t *console)
{
    top_t self = { .dcalc = connection->dcalc,
                   .console = console,
                   .interval_ms = settings->interval_ms };
    int signal_fd = dc_interrupt_begin();
    dc_patience_init(&self.patience, self.dcalc, console, connection->wait_ms, dc_clock_ms());
    self.patience.is_quiet = true; // the screen shows it
    if (dc_screen_open(console->is_coloured, console->is_utf8)) {
        loop(&self, signal_fd);
        dc_screen_close();
    } else {
        const char *terminal = getenv("TERM");
        dc_buf_append_text(&console->buf, "dcalc: top: nothing can be drawn on the terminal '");
        dc_text_put_safe(&console->buf, dc_str_from(terminal ? terminal : ""));
        dc_buf_append_text(&console->buf, "' (TERM)\n"
                                          "       one frame for any: dcalc top --once\n");
        self.status = EX_USAGE;
    }
    dc_interrupt_end(signal_fd);
    dc_patience_fini(&self.patience);
    dc_top_state_fini(&self.state);
    return self.status;
}
