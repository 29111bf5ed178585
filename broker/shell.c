#include "broker/shell.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sysexits.h>
#include <unistd.h>

#include "broker/core.h"
#include "broker/door.h"
#include "broker/quota.h"
#include "broker/report.h"
#include "broker/store.h"
#include "broker/trace.h"
#include "common/clock.h"
#include "common/entropy.h"

// How soon a connection that is suspect is looked at again.
#define LOOK_AGAIN_MS 20

// Lines of the core's that are logged at once, so that each slot of a large cluster has its own
// when it comes; then it is a line a second, since any peer can come and go as often as it likes.
#define LINES_BURST    1000
#define LINES_EVERY_MS 1000

// Descriptors for what is not a connection: libzmq's own, signals, the lifeline, standard ones.
#define DESCRIPTORS_RESERVED ((rlim_t)100)

// Small requests and results under way for which memory is kept.
#define SPARE_BLOBS 4096

typedef struct shell {
    dc_net_t *net;
    dc_door_t *doors[2]; // by side
    dc_core_t *core;
    dc_actions_t actions;
    dc_store_t *store;      // NULL: there is none
    uint64_t puts;          // what was put and has not come back
    bool has_store_failed;  // nothing more is said to be stored
    dc_quota_t store_lines; // of its troubles
    dc_quota_t lines;       // of the core's
    dc_ms_t now;            // of this turn
    dc_ms_t tick_ms;        // when the next tick is due
    dc_ms_t look_ms;        // when connections are looked at next
    bool is_all_out;        // nothing waits to be sent
    bool was_quiet;         // ... and nothing was sent in this turn
    bool is_ending;
    int signal_fd;
    int lifeline_fd;
} shell_t;

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

static void log_line(shell_t *self, dc_log_level_t level, dc_str_t text)
{
    uint64_t left_out;
    if (!dc_log_is_on(level) || !dc_quota_take(&self->lines, self->now, &left_out)) return;
    if (left_out) {
        dc_log(DC_LOG_WARN, "lines left out count=%llu", (unsigned long long)left_out);
    }
    dc_log(level, "%.*s", (int)text.len, text.data);
}

static void carry_out(shell_t *self)
{
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
            dc_store_put(self->store, &action->op);
            self->puts++;
            break;
        case DC_ACTION_LOG: log_line(self, action->level, action->cmd.data.bytes); break;
        }
    }
    if (self->actions.failed) dc_log(DC_LOG_ERROR, "out of memory: something was not sent");
    dc_actions_clear(&self->actions);
}

static void take(shell_t *self, const dc_event_t *event)
{
    if (dc_log_is_on(DC_LOG_DEBUG) && event->type != DC_EVENT_TICK) log_event(event);
    dc_core_step(self->core, self->now, event, &self->actions);
    const char *flaw = dc_core_check(self->core);
    if (flaw) dc_log(DC_LOG_ERROR, "bug in dcalc, please report: %s", flaw);
    assert(!flaw);
}

static void step(shell_t *self, dc_event_type_t type, dc_peer_t peer, const dc_cmd_t *cmd)
{
    dc_event_t event = { .type = type, .peer = peer, .cmd = cmd };
    take(self, &event);
}

// --- the store ---------------------------------------------------------------------------------

static void log_trouble(shell_t *self)
{
    uint64_t left_out;
    const char *trouble = dc_store_trouble(self->store);
    if (!*trouble || !dc_quota_take(&self->store_lines, self->now, &left_out)) return;
    dc_log(DC_LOG_ERROR, "not stored: %s", trouble);
}

// What the disk did not do nobody is told of as done. Whoever starts the broker again finds what was
// committed.
static void fail_store(shell_t *self)
{
    if (self->has_store_failed) return;
    dc_log(DC_LOG_ERROR,
           "stopping: the store failed, nothing is certain of what was not confirmed");
    self->has_store_failed = self->is_ending = true;
}

static void take_stored(shell_t *self, dc_store_op_t **op_p)
{
    self->puts--;
    if ((*op_p)->error != DC_OK) log_trouble(self);
    if ((*op_p)->error == DC_ERR_STORE_FAILED) {
        fail_store(self);
    } else {
        dc_event_t event = { .type = DC_EVENT_STORED, .op = op_p };
        take(self, &event);
    }
    dc_store_op_destroy(op_p);
}

static size_t read_store(shell_t *self)
{
    dc_store_op_t *op;
    size_t count = 0;
    while (self->store && count < DC_TURN_MESSAGES_MAX && (op = dc_store_poll(self->store))) {
        take_stored(self, &op);
        count++;
    }
    carry_out(self);
    return count;
}

// --- a turn ------------------------------------------------------------------------------------

// Read from one door. Returns how many messages there were.
static size_t read_door(shell_t *self, dc_side_t side)
{
    dc_event_type_t type = side == DC_SIDE_FRONT ? DC_EVENT_CLIENT : DC_EVENT_WORKER;
    dc_door_t *door = self->doors[side];
    dc_incoming_t incoming;
    dc_peer_t peer;
    size_t count = 0;
    while (count < DC_TURN_MESSAGES_MAX && dc_door_receive(door, self->now, &peer, &incoming)) {
        dc_cmd_t cmd;
        while (dc_incoming_next(&incoming, &cmd)) {
            step(self, type, peer, &cmd);
        }
        carry_out(self);
        count++;
    }
    return count;
}

// Tell the core who has gone; of those nothing is left to be read.
static void read_gone(shell_t *self, dc_side_t side)
{
    dc_event_type_t type = side == DC_SIDE_FRONT ? DC_EVENT_CLIENT_GONE : DC_EVENT_WORKER_GONE;
    dc_peer_t peer;
    dc_door_read_events(self->doors[side], self->now);
    while (dc_door_take_gone(self->doors[side], &peer)) {
        step(self, type, peer, NULL);
    }
    carry_out(self);
}

static void tick(shell_t *self)
{
    if (self->now < self->tick_ms) return;
    self->tick_ms = self->now + DC_TICK_MS;
    read_gone(self, DC_SIDE_FRONT);
    read_gone(self, DC_SIDE_BACK);
    step(self, DC_EVENT_TICK, 0, NULL);
    carry_out(self);
}

static void look(shell_t *self)
{
    if (self->now < self->look_ms) return;
    bool is_urgent = dc_door_look(self->doors[DC_SIDE_FRONT], self->now);
    is_urgent = dc_door_look(self->doors[DC_SIDE_BACK], self->now) || is_urgent;
    self->look_ms = self->now + (is_urgent ? LOOK_AGAIN_MS : DC_TICK_MS);
}

static void flush(shell_t *self)
{
    self->was_quiet =
        dc_door_is_quiet(self->doors[DC_SIDE_FRONT]) && dc_door_is_quiet(self->doors[DC_SIDE_BACK]);
    bool is_front_out = dc_door_flush(self->doors[DC_SIDE_FRONT], self->now);
    bool is_back_out = dc_door_flush(self->doors[DC_SIDE_BACK], self->now);
    self->is_all_out = is_front_out && is_back_out;
}

// --- waiting -----------------------------------------------------------------------------------

static void log_state(shell_t *self)
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

static void read_signals(shell_t *self)
{
    struct signalfd_siginfo info;
    while (read(self->signal_fd, &info, sizeof info) == sizeof info) {
        if (info.ssi_signo == SIGUSR1) {
            log_state(self);
        } else {
            dc_log(DC_LOG_INFO, "stopping signal=%u", info.ssi_signo);
            self->is_ending = true;
        }
    }
}

// Wait until there is something to do.
static void wait_for_more(shell_t *self)
{
    dc_poll_t items[7];
    dc_door_poll_items(self->doors[DC_SIDE_FRONT], self->was_quiet, items);
    dc_door_poll_items(self->doors[DC_SIDE_BACK], self->was_quiet, items + 2);
    items[4] = (dc_poll_t){ .fd = self->signal_fd };
    items[5] = (dc_poll_t){ .fd = self->lifeline_fd };
    items[6] = (dc_poll_t){ .fd = self->store ? dc_store_fd(self->store) : -1 };
    dc_ms_t until = dc_min_u64(self->tick_ms, self->look_ms);
    dc_ms_t timeout = until > self->now ? until - self->now : 0;
    timeout = dc_min_u64(timeout, dc_core_wait_ms(self->core));
    if (!self->is_all_out) timeout = dc_min_u64(timeout, DC_SEND_RETRY_MS);
    dc_net_poll(items, DC_ARRAY_LEN(items), (int)timeout);
    if (items[1].can_read) read_gone(self, DC_SIDE_FRONT);
    if (items[3].can_read) read_gone(self, DC_SIDE_BACK);
    if (items[4].can_read) read_signals(self);
    if (items[5].can_read) {
        dc_log(DC_LOG_INFO, "stopping: the program that started it has ended");
        self->is_ending = true;
    }
}

static void loop(shell_t *self)
{
    while (!self->is_ending) {
        dc_us_t now_us = dc_clock_us();
        self->now = now_us / 1000;
        dc_core_set_us(self->core, now_us);
        size_t front = read_door(self, DC_SIDE_FRONT);
        size_t back = read_door(self, DC_SIDE_BACK);
        size_t stored = read_store(self);
        tick(self);
        look(self);
        dc_core_dispatch(self->core, self->now, &self->actions);
        carry_out(self);
        flush(self);
        if (front == 0 && back == 0 && stored == 0) wait_for_more(self);
    }
}

// Wait for what is on its way to the disk, so that clients have their receipts.
static void finish_store(shell_t *self)
{
    dc_ms_t end = dc_clock_ms() + DC_FAREWELL_MS;
    while (self->puts && !self->has_store_failed && self->now < end) {
        dc_poll_t item = { .fd = dc_store_fd(self->store) };
        dc_net_poll(&item, 1, DC_TICK_MS);
        self->now = dc_clock_ms();
        read_store(self);
    }
}

// Say what is still to be said, for a while. Nobody new is let in, and nothing is read.
static void say_farewell(shell_t *self)
{
    dc_door_shut(self->doors[DC_SIDE_FRONT]);
    dc_door_shut(self->doors[DC_SIDE_BACK]);
    dc_ms_t end = dc_clock_ms() + DC_FAREWELL_MS;
    while (!self->is_all_out && self->now < end) {
        dc_net_poll(NULL, 0, DC_SEND_RETRY_MS);
        self->now = dc_clock_ms();
        flush(self);
    }
}

// --- life cycle --------------------------------------------------------------------------------

// Signals are read like everything else. SIGHUP ends the broker as SIGTERM does: it has no
// configuration to read again, and whoever started it in a terminal has gone. libzmq's threads
// inherit the mask, so this comes first.
static int open_signals(void)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGUSR1);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    return signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
}

// How many connections each door may have: what the system gives us, which we ask to be its most.
static unsigned get_connections_max(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return DC_CONNECTIONS_MAX;
    rlim_t most = (rlim_t)2 * DC_CONNECTIONS_MAX + DESCRIPTORS_RESERVED;
    if (limit.rlim_cur < most && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max < most ? limit.rlim_max : most;
        setrlimit(RLIMIT_NOFILE, &limit);
        getrlimit(RLIMIT_NOFILE, &limit);
    }
    if (limit.rlim_cur >= most) return DC_CONNECTIONS_MAX;
    if (limit.rlim_cur <= 2 * DESCRIPTORS_RESERVED) return DESCRIPTORS_RESERVED / 2;
    return (unsigned)(limit.rlim_cur - DESCRIPTORS_RESERVED) / 2;
}

static int status_of(dc_err_t error)
{
    return error == DC_ERR_INVALID ? EX_USAGE : error == DC_ERR_NOMEM ? EX_OSERR : EX_UNAVAILABLE;
}

static int open_door(shell_t *self, dc_side_t side, const char *url, unsigned connections_max)
{
    dc_diag_t diag;
    const char *option = side == DC_SIDE_FRONT ? "frontend" : "backend";
    self->doors[side] = dc_door_new(self->net, side, url, connections_max, &diag);
    if (self->doors[side]) return EX_OK;
    dc_log(DC_LOG_ERROR, "cannot listen: %s; give another address with --%s", diag.message, option);
    return status_of(diag.code);
}

static int open_store(shell_t *self, const dc_shell_options_t *options, dc_settings_t *settings)
{
    *settings = options->settings;
    settings->date_ms = dc_clock_date_ms() - dc_clock_ms();
    settings->has_store = options->data;
    if (!options->data) return EX_OK;
    dc_diag_t diag;
    self->store = dc_store_open(options->data, options->store_bytes_max, &diag);
    if (!self->store) {
        dc_log(DC_LOG_ERROR, "%s (--data none: keep no batches)", diag.message);
        return EX_CANTCREAT;
    }
    settings->batch_number = dc_store_highest(self->store);
    return EX_OK;
}

static bool take_found(void *context, const dc_store_op_t *op)
{
    shell_t *self = context;
    dc_event_t event = { .type = DC_EVENT_FOUND, .found = op };
    take(self, &event);
    return !dc_core_is_short(self->core) && !self->actions.failed;
}

// Have the core know what a former broker promised.
static int recover(shell_t *self)
{
    if (!self->store) return EX_OK;
    dc_us_t since_us = dc_clock_us();
    self->now = dc_clock_ms();
    dc_err_t err = dc_store_start(self->store, take_found, self);
    if (err == DC_OK && !take_found(self, NULL)) err = DC_ERR_NOMEM;
    if (err != DC_OK) {
        log_trouble(self);
        dc_log(DC_LOG_ERROR, "cannot start: the store cannot be read: %s", dc_err_text(err));
        return err == DC_ERR_NOMEM ? EX_OSERR : EX_IOERR;
    }
    carry_out(self);
    dc_log(DC_LOG_INFO, "store open epoch=%llu read_ms=%llu",
           (unsigned long long)dc_store_epoch(self->store),
           (unsigned long long)(dc_clock_us() - since_us) / 1000);
    return EX_OK;
}

static int open_all(shell_t *self, const dc_shell_options_t *options)
{
    uint64_t seed;
    dc_settings_t settings;
    int store_status = open_store(self, options, &settings);
    if (store_status != EX_OK) return store_status;
    self->signal_fd = open_signals();
    self->net = dc_net_new();
    bool has_seed = dc_entropy_fill(&seed, sizeof seed);
    if (has_seed) self->core = dc_core_new(&settings, seed);
    if (self->signal_fd < 0 || !self->net || !self->core) {
        dc_log(DC_LOG_ERROR, "cannot start: no memory, descriptors or randomness to be had");
        return EX_OSERR;
    }
    int status = recover(self);
    if (status != EX_OK) return status;
    unsigned connections_max = get_connections_max();
    status = open_door(self, DC_SIDE_FRONT, options->frontend_url, connections_max);
    if (status == EX_OK) {
        status = open_door(self, DC_SIDE_BACK, options->backend_url, connections_max);
    }
    if (status != EX_OK) return status;
    dc_log(DC_LOG_INFO, "listening frontend=%s backend=%s", dc_door_url(self->doors[DC_SIDE_FRONT]),
           dc_door_url(self->doors[DC_SIDE_BACK]));
    return EX_OK;
}

static void close_all(shell_t *self)
{
    dc_store_close(&self->store);
    dc_core_destroy(&self->core);
    dc_actions_fini(&self->actions);
    dc_door_destroy(&self->doors[DC_SIDE_FRONT], DC_FAREWELL_MS);
    dc_door_destroy(&self->doors[DC_SIDE_BACK], DC_FAREWELL_MS);
    dc_net_destroy(&self->net);
    if (self->signal_fd >= 0) close(self->signal_fd);
}

int dc_shell_run(const dc_shell_options_t *options)
{
    shell_t self = { .lifeline_fd = options->lifeline_fd, .is_all_out = true };
    self.lines = dc_quota(LINES_BURST, LINES_EVERY_MS);
    self.store_lines = dc_quota(1, LINES_EVERY_MS);
    dc_actions_init(&self.actions);
    dc_blob_keep_spares(SPARE_BLOBS);
    int status = open_all(&self, options);
    if (status == EX_OK) {
        loop(&self);
        finish_store(&self);
        say_farewell(&self);
        dc_log(DC_LOG_INFO, "stopped");
    }
    if (self.has_store_failed) status = EX_IOERR;
    close_all(&self);
    dc_blob_keep_spares(0);
    return status;
}
