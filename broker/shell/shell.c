#include "broker/shell/shell_part.h"

#include <malloc.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sysexits.h>
#include <unistd.h>

#include "broker/core/report/report.h"
#include "broker/core/trace.h"
#include "common/clock.h"

// Lines of the core's that are logged at once, so that each slot of a large cluster has its own
// when it comes; then it is a line a second, since any peer can come and go as often as it likes.
#define LINES_BURST    1000
#define LINES_EVERY_MS 1000

// Small requests and results under way for which memory is kept.
#define SPARE_BLOBS 4096

// While it is idle, a broker that uses more than this gives back what is free of it, so often.
#define TRIM_BYTES (UINT64_C(64) << 20)
#define TRIM_MS    10000

// --- events and actions ------------------------------------------------------------------------

static void log_event(const dc_event_t *event)
{
    dc_buf_t line = { 0 };
    dc_trace_event(event, &line);
    if (!line.failed) dc_log(DC_LOG_DEBUG, "%.*s", (int)line.len, line.data);
    dc_buf_fini(&line);
}

static void log_action(const dc_action_t *action)
{
    dc_buf_t line = { 0 };
    dc_trace_action(action, &line);
    if (!line.failed) dc_log(DC_LOG_DEBUG, "%.*s", (int)line.len, line.data);
    dc_buf_fini(&line);
}

static void log_line(dc_shell_t *self, dc_log_level_t level, dc_str_t text)
{
    uint64_t left_out;
    if (!dc_log_is_on(level) || !dc_quota_take(&self->lines, self->now, &left_out)) return;
    if (left_out) {
        dc_log(DC_LOG_WARN, "lines left out count=%llu", (unsigned long long)left_out);
    }
    dc_log(level, "%.*s", (int)text.len, text.data);
}

void dc_shell_carry_out(dc_shell_t *self)
{
    dc_store_queue_t puts;
    dc_store_queue_init(&puts);
    for (size_t i = 0; i < self->actions.len; i++) {
        dc_action_t *action = &self->actions.list[i];
        if (dc_log_is_on(DC_LOG_DEBUG) && action->type != DC_ACTION_LOG) log_action(action);
        switch (action->type) {
        case DC_ACTION_TO_CLIENT:
            dc_door_send(self->doors[DC_SIDE_FRONT], action->peer, &action->cmd);
            break;
        case DC_ACTION_TO_WORKER:
            dc_door_send(self->doors[DC_SIDE_BACK], action->peer, &action->cmd);
            break;
        case DC_ACTION_FORGET_CLIENT:
            dc_door_forget(self->doors[DC_SIDE_FRONT], action->peer);
            break;
        case DC_ACTION_FORGET_WORKER:
            dc_door_forget(self->doors[DC_SIDE_BACK], action->peer);
            break;
        case DC_ACTION_STORE:
            dc_store_queue_push(&puts, action->op);
            action->op = NULL;
            self->puts++;
            break;
        case DC_ACTION_LOG: log_line(self, action->level, action->cmd.data.bytes); break;
        }
    }
    // All at once, so that the store commits them so.
    if (puts.first) dc_store_put(self->store, &puts);
    if (self->actions.failed) dc_log(DC_LOG_ERROR, "out of memory: something was not sent");
    dc_actions_clear(&self->actions);
}

void dc_shell_take(dc_shell_t *self, const dc_event_t *event)
{
    if (dc_log_is_on(DC_LOG_DEBUG) && event->type != DC_EVENT_TICK) log_event(event);
    dc_core_step(self->core, self->now, event, &self->actions);
    const char *flaw = dc_core_check(self->core);
    if (flaw) dc_log(DC_LOG_ERROR, "bug in dcalc, please report: %s", flaw);
    assert(!flaw);
}

static void step(dc_shell_t *self, dc_event_type_t type, dc_peer_t peer, const dc_cmd_t *cmd)
{
    dc_event_t event = { .type = type, .peer = peer, .cmd = cmd };
    dc_shell_take(self, &event);
}

// --- signals -----------------------------------------------------------------------------------

static void log_state(dc_shell_t *self)
{
    dc_buf_t json = { 0 };
    dc_diag_t diag;
    if (dc_report(self->core, DC_STR("{\"what\":\"ping\"}"), &json, &diag) == DC_OK && json.data) {
        dc_log(DC_LOG_INFO, "state core=%.*s", (int)json.len, json.data);
    }
    dc_buf_fini(&json);
    dc_buf_t counts = { 0 };
    dc_report_counts(self->core, &counts);
    if (!counts.failed) dc_log(DC_LOG_INFO, "state %.*s", (int)counts.len, counts.data);
    counts.len = 0;
    dc_report_speed(self->core, &counts);
    if (!counts.failed) dc_log(DC_LOG_INFO, "state %.*s", (int)counts.len, counts.data);
    dc_buf_fini(&counts);
    for (int side = DC_SIDE_FRONT; side <= DC_SIDE_BACK; side++) {
        dc_door_state_t state = dc_door_state(self->doors[side]);
        dc_log(DC_LOG_INFO, "state door=%s connections=%u peers=%u shut=%llu not_understood=%llu",
               side == DC_SIDE_FRONT ? "frontend" : "backend", state.connections, state.peers,
               (unsigned long long)state.shut, (unsigned long long)state.broken);
    }
}

static void reload(dc_shell_t *self)
{
    dc_settings_t settings;
    if (!dc_reload_read(self->reload, &settings)) return;
    dc_core_set_limits(self->core, dc_clock_ms(), &settings);
}

// Begin to stop: what workers are at is awaited. Who says so again does not want to wait. Whoever
// comes meanwhile is let in, to be told: an address that libzmq listens at no more takes all
// connections with it that came there.
static void stop(dc_shell_t *self)
{
    if (self->leaving_ms) {
        self->is_ending = true;
        return;
    }
    self->leaving_ms = self->now;
    dc_notify_stopping(&self->notify);
    step(self, DC_EVENT_STOP, 0, NULL);
    dc_shell_carry_out(self);
}

static void read_signals(dc_shell_t *self)
{
    struct signalfd_siginfo info;
    while (read(self->signal_fd, &info, sizeof info) == sizeof info) {
        if (info.ssi_signo == SIGUSR1) {
            log_state(self);
        } else if (info.ssi_signo == SIGHUP) {
            reload(self);
        } else {
            dc_log(DC_LOG_INFO, "stopping signal=%u", info.ssi_signo);
            stop(self);
        }
    }
}

// --- a turn ------------------------------------------------------------------------------------

// Read from one door, for some time. Returns how many messages there were, and whether more may be.
static size_t read_door(dc_shell_t *self, dc_side_t side, bool *has_more)
{
    dc_event_type_t type = side == DC_SIDE_FRONT ? DC_EVENT_CLIENT : DC_EVENT_WORKER;
    dc_door_t *door = self->doors[side];
    dc_incoming_t incoming;
    dc_peer_t peer;
    size_t count = 0;
    dc_us_t end_us = dc_clock_us() + DC_DOOR_US;
    *has_more = false;
    while (!*has_more && dc_door_receive(door, self->now, &peer, &incoming)) {
        dc_cmd_t cmd;
        while (dc_incoming_next(&incoming, &cmd)) {
            step(self, type, peer, &cmd);
        }
        dc_shell_carry_out(self);
        count++;
        *has_more = count == DC_TURN_MESSAGES_MAX || dc_clock_us() >= end_us;
    }
    return count;
}

// Tell the core who has gone; of those nothing is left to be read.
static void read_gone(dc_shell_t *self, dc_side_t side)
{
    dc_event_type_t type = side == DC_SIDE_FRONT ? DC_EVENT_CLIENT_GONE : DC_EVENT_WORKER_GONE;
    dc_peer_t peer;
    dc_door_read_events(self->doors[side], self->now);
    while (dc_door_take_gone(self->doors[side], &peer)) {
        step(self, type, peer, NULL);
    }
    dc_shell_carry_out(self);
}

// Read what comes through one door. Returns how many messages there were. Who has gone is told of
// when nothing more is there of what it had said.
static size_t read_side(dc_shell_t *self, dc_side_t side)
{
    bool has_more;
    size_t count = read_door(self, side, &has_more);
    if (self->has_gone[side] && !has_more) {
        self->has_gone[side] = false;
        read_gone(self, side);
    }
    return count;
}

static void tick(dc_shell_t *self)
{
    read_gone(self, DC_SIDE_FRONT);
    read_gone(self, DC_SIDE_BACK);
    step(self, DC_EVENT_TICK, 0, NULL);
    dc_shell_carry_out(self);
}

// The service manager hears from this loop, so that one which hangs is noticed.
static void notify(dc_shell_t *self)
{
    dc_notify_turn(&self->notify, self->now);
    if (!dc_notify_wants_status(&self->notify, self->now)) return;
    dc_buf_t text = { 0 };
    dc_report_summary(self->core, &text);
    if (!text.failed) dc_notify_status(&self->notify, self->now, dc_str(text.data, text.len));
    dc_buf_fini(&text);
}

// What was freed the allocator keeps, between what is in use: after hundreds of clients have
// fetched what is stored that is most of the memory. It may take some milliseconds, so it waits for
// a pause.
static void give_memory_back(dc_shell_t *self)
{
    if (self->now < self->trim_ms || !dc_core_is_idle(self->core)) return;
    self->trim_ms = self->now + TRIM_MS;
    if (dc_growth_now(&self->guard.growth) > TRIM_BYTES) malloc_trim(0);
}

static void keep_time(dc_shell_t *self)
{
    bool is_tick = self->now >= self->tick_ms;
    if (is_tick) {
        self->tick_ms = self->now + DC_TICK_MS;
        tick(self);
        notify(self);
        give_memory_back(self);
        read_signals(self);
    }
    dc_guard_run(&self->guard, self->doors, is_tick, self->now);
}

static void flush(dc_shell_t *self)
{
    self->was_quiet =
        dc_door_is_quiet(self->doors[DC_SIDE_FRONT]) && dc_door_is_quiet(self->doors[DC_SIDE_BACK]);
    bool is_front_out = dc_door_flush(self->doors[DC_SIDE_FRONT], self->now);
    bool is_back_out = dc_door_flush(self->doors[DC_SIDE_BACK], self->now);
    self->is_all_out = is_front_out && is_back_out;
}

// --- waiting -----------------------------------------------------------------------------------

// Wait until there is something to do; where there is always more, signals are read with the tick.
// While nobody waits for a worker, what workers say is read
// with the next tick: it is that they live, and a thousand that say so one after another wake
// nobody.
static void wait_for_more(dc_shell_t *self)
{
    dc_poll_t items[7];
    dc_door_poll_items(self->doors[DC_SIDE_FRONT], self->was_quiet, items);
    dc_door_poll_items(self->doors[DC_SIDE_BACK], self->was_quiet, items + 2);
    items[4] = (dc_poll_t){ .fd = self->signal_fd };
    items[5] = (dc_poll_t){ .fd = self->lifeline_fd };
    items[6] = (dc_poll_t){ .fd = self->store ? dc_store_fd(self->store) : -1 };
    if (dc_core_is_idle(self->core)) items[2] = (dc_poll_t){ .fd = -1 };
    dc_ms_t until = dc_min_u64(self->tick_ms, self->guard.due_ms);
    dc_ms_t timeout = until > self->now ? until - self->now : 0;
    timeout = dc_min_u64(timeout, dc_core_wait_ms(self->core));
    if (!self->is_all_out) timeout = dc_min_u64(timeout, DC_SEND_RETRY_MS);
    dc_net_poll(items, DC_ARRAY_LEN(items), (int)timeout);
    self->has_gone[DC_SIDE_FRONT] = items[1].can_read;
    self->has_gone[DC_SIDE_BACK] = items[3].can_read;
    if (items[4].can_read) read_signals(self);
    if (items[5].can_read) {
        dc_log(DC_LOG_INFO, "stopping: the program that started it has ended");
        self->is_ending = true;
    }
}

// See whether there is nothing to wait for any more, or no time, if the broker is to stop.
static void see_end(dc_shell_t *self)
{
    if (!self->leaving_ms || self->is_ending) return;
    bool has_left = dc_core_has_left(self->core);
    if (!has_left && self->now - self->leaving_ms < self->drain_ms) return;
    if (!has_left) {
        dc_log(DC_LOG_INFO, "workers are at something still, which is not awaited drain_ms=%llu",
               (unsigned long long)self->drain_ms);
    }
    self->is_ending = true;
}

static void loop(dc_shell_t *self)
{
    while (!self->is_ending) {
        dc_us_t now_us = dc_clock_us();
        self->now = now_us / 1000;
        dc_core_set_us(self->core, now_us);
        size_t front = read_side(self, DC_SIDE_FRONT);
        size_t back = read_side(self, DC_SIDE_BACK);
        size_t stored = dc_shell_read_store(self);
        keep_time(self);
        dc_core_dispatch(self->core, self->now, &self->actions);
        dc_shell_carry_out(self);
        flush(self);
        see_end(self);
        if (self->is_ending) return;
        if (front == 0 && back == 0 && stored == 0) wait_for_more(self);
    }
}

// Say what is still to be said, for a while. Nothing is read.
static void say_farewell(dc_shell_t *self)
{
    step(self, DC_EVENT_FAREWELL, 0, NULL);
    dc_shell_carry_out(self);
    flush(self);
    dc_ms_t end = dc_clock_ms() + DC_FAREWELL_MS;
    while (!self->is_all_out && self->now < end) {
        dc_net_poll(NULL, 0, DC_SEND_RETRY_MS);
        self->now = dc_clock_ms();
        flush(self);
    }
}

int dc_shell_run(const dc_shell_options_t *options)
{
    dc_shell_t self = { .lifeline_fd = options->lifeline_fd,
                        .reload = options->reload,
                        .drain_ms = options->drain_ms,
                        .is_all_out = true };
    self.lines = dc_quota(LINES_BURST, LINES_EVERY_MS);
    self.store_lines = dc_quota(1, LINES_EVERY_MS);
    dc_actions_init(&self.actions);
    dc_guard_init(&self.guard);
    dc_notify_init(&self.notify);
    dc_blob_keep_spares(SPARE_BLOBS);
    int status = dc_shell_open(&self, options);
    if (status == EX_OK) {
        dc_notify_ready(&self.notify);
        loop(&self);
        if (!self.leaving_ms) stop(&self);
        dc_shell_finish_store(&self);
        say_farewell(&self);
        dc_log(DC_LOG_INFO, "stopped");
    }
    if (self.has_store_failed) status = EX_IOERR;
    dc_shell_close(&self);
    dc_notify_fini(&self.notify);
    dc_blob_keep_spares(0);
    return status;
}
