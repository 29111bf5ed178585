#include "worker/slot_loop.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <sysexits.h>
#include <unistd.h>

#include "worker/hello.h"
#include "worker/machine.h"
#include "worker/sandbox.h"

// How often what is finished of a running lease is looked for; the rest of DC_PIECE_AGE_MS is for
// the way out.
#define TAKE_MS (DC_PIECE_AGE_MS - 10)

// Messages that are read before what they ask for is sent: more would delay the first answer.
#define TURN_MESSAGES_MAX 64

// What tiny leases may take in one turn of the loop; those behind go to the runner.
#define TURN_QUICK_US 2000

// A slot's speed is the mean of so much work.
#define SPEED_US 5e6

// When there is no room to send: until the next try.
#define RETRY_MS 10

// What a line begins with that refuses something.
#define REFUSAL "error: "

// What a job may take of the processor beyond its time limit, before the kernel ends it.
#define CPU_GRACE_S 10

// --- what the link wants -----------------------------------------------------------------------

// Whose turn it is of those whose address is known; NULL if others are to be looked up.
static const char *next_url(dc_slot_loop_t *self)
{
    bool is_time = self->now - self->heard_ms >= self->settings->link.reconnect_ms_max;
    for (;;) {
        uint32_t index = self->connect_count++ % (uint32_t)self->settings->endpoint_count;
        const char *url = self->endpoints[index].url;
        if (!*url && is_time) return NULL;
        if (!*url) continue;
        atomic_store(&self->share->endpoint, index);
        return url;
    }
}

static void connect_next(dc_slot_loop_t *self)
{
    dc_diag_t diag = { .message = "no sockets are left" };
    dc_err_t err = DC_ERR_NOMEM;
    const char *url = next_url(self);
    if (!url) {
        dc_log(DC_LOG_INFO, "slot looks names up again slot=%u", (unsigned)self->share->slot_index);
        self->must_look_up = self->has_failed = true;
        return;
    }
    self->socket = dc_net_socket(self->net, DC_NET_DEALER);
    if (self->socket) {
        dc_socket_rely_on_beats(self->socket);
        err = dc_socket_connect(self->socket, url, &diag);
    }
    if (!err) return;
    dc_log(DC_LOG_ERROR, "slot cannot connect slot=%u why=%s", (unsigned)self->share->slot_index,
           diag.message);
    if (err == DC_ERR_INVALID) self->status = EX_USAGE;
    self->has_failed = true;
}

static void close_connection(dc_slot_loop_t *self)
{
    dc_mailer_clear(&self->mailer);
    dc_message_fini(&self->message);
    dc_socket_close(&self->socket, 0);
}

// A small one at once, else it is the runner's.
static void run_lease(dc_slot_loop_t *self, const dc_cmd_t *lease)
{
    dc_cmd_t rest = *lease;
    dc_us_t since_us = self->now_us;
    if (since_us < self->quick_end_us) {
        bool is_done = dc_quick_try(self->quick, lease, &self->now_us, &rest);
        self->quick_us += self->now_us - since_us;
        if (is_done) return;
    }
    if (!dc_runner_run(self->runner, &rest)) self->has_failed = true;
}

static void carry_out(dc_slot_loop_t *self, dc_link_action_t *action)
{
    const dc_cmd_t *cmd = &action->cmd;
    switch (action->type) {
    case DC_LINK_CONNECT: connect_next(self); break;
    case DC_LINK_CLOSE: close_connection(self); break;
    case DC_LINK_SEND:
        if (!dc_mailer_push(&self->mailer, &action->cmd)) self->has_failed = true;
        break;
    case DC_LINK_RUN: run_lease(self, cmd); break;
    case DC_LINK_TRIM: dc_runner_trim(self->runner, cmd->trim.id, cmd->trim.end); break;
    case DC_LINK_CANCEL: dc_runner_cancel(self->runner, cmd->trim.id); break;
    case DC_LINK_STOP: dc_runner_stop(self->runner); break;
    case DC_LINK_EXIT: self->is_over = true; break;
    case DC_LINK_LOG:
        dc_log(action->level, "%.*s slot=%u backend=%s", (int)cmd->data.bytes.len,
               cmd->data.bytes.data, (unsigned)self->share->slot_index,
               self->settings->endpoints[atomic_load(&self->share->endpoint)]);
        break;
    }
}

static void step(dc_slot_loop_t *self, const dc_link_event_t *event)
{
    dc_link_step(self->link, self->now, event, &self->actions);
    for (size_t i = 0; i < self->actions.len; i++)
        carry_out(self, &self->actions.list[i]);
    if (self->actions.failed) self->has_failed = true;
    dc_link_actions_clear(&self->actions);
}

static void step_plain(dc_slot_loop_t *self, dc_link_event_type_t type)
{
    dc_link_event_t event = { .type = type };
    step(self, &event);
}

// --- what the runner says ----------------------------------------------------------------------

// Older work counts less and less.
static void learn_speed(dc_slot_loop_t *self, uint64_t steps, uint32_t spent_us)
{
    self->speed_steps += (double)steps;
    self->speed_us += spent_us;
    if (self->speed_us < SPEED_US) return;
    self->speed_steps /= 2;
    self->speed_us /= 2;
}

// Pass the pieces on to the link, and by it to the broker.
static void deliver(dc_slot_loop_t *self)
{
    for (size_t i = 0; i < self->pieces.len; i++) {
        const dc_cmd_t *piece = &self->pieces.list[i];
        learn_speed(self, piece->result.steps, piece->result.spent_us);
        dc_link_event_t event = { .type = DC_LINK_EVENT_PIECE, .cmd = piece };
        step(self, &event);
    }
    dc_pieces_clear(&self->pieces);
}

static void take_pieces(dc_slot_loop_t *self, bool partly)
{
    dc_quick_take(self->quick, &self->pieces);
    deliver(self);
    dc_runner_take(self->runner, partly, &self->pieces);
    deliver(self);
    if (partly) self->take_ms = self->now + TAKE_MS;
    if (dc_runner_has_failed(self->runner) || dc_quick_has_failed(self->quick)) {
        self->has_failed = true;
    }
}

// What is finished goes before the word that others shall do the rest: so the broker knows the job
// that runs, and leaves it here.
static void drain(dc_slot_loop_t *self, const dc_link_event_t *event)
{
    take_pieces(self, true);
    step(self, event);
}

// --- what the broker says ----------------------------------------------------------------------

static void hear(dc_slot_loop_t *self, const dc_cmd_t *cmd)
{
    dc_link_event_t event = { .type = DC_LINK_EVENT_COMMAND, .cmd = cmd };
    if (cmd->type == DC_CMD_DRAIN) {
        drain(self, &event);
    } else {
        step(self, &event);
    }
}

// A message that is not of the protocol ends the session: it may have held a lease.
static void break_session(dc_slot_loop_t *self, const char *why)
{
    dc_log(DC_LOG_WARN, "broker makes no sense slot=%u why=%s", (unsigned)self->share->slot_index,
           why);
    step_plain(self, DC_LINK_EVENT_BROKEN);
}

// The broker refuses what it was told, in words. It has another address for workers, then to try
// again would be in vain; or it is of another version, and may be replaced by a newer one.
static void take_refusal(dc_slot_loop_t *self, dc_str_t words)
{
    dc_log(DC_LOG_ERROR, "refused slot=%u %.*s", (unsigned)self->share->slot_index, (int)words.len,
           words.data);
    bool is_wrong_address = dc_str_begins(words, DC_STR(REFUSAL "wrong-address "));
    if (is_wrong_address && self->settings->endpoint_count == 1) {
        self->status = EX_USAGE;
        self->has_failed = true;
        return;
    }
    step_plain(self, DC_LINK_EVENT_BROKEN);
}

static void read_table(dc_slot_loop_t *self)
{
    const dc_message_t *message = &self->message;
    dc_wire_reader_t reader;
    const char *why = "too many frames";
    dc_err_t err = DC_ERR_PROTOCOL;
    if (message->frame_count == message->count) {
        err = dc_wire_read(&reader, DC_FROM_BROKER_TO_SLOT, message->frames + 1, message->count - 1,
                           &why);
    }
    if (err) {
        break_session(self, why);
        return;
    }
    // The link may close the connection in the middle, and the frames with it.
    dc_cmd_t cmd;
    while (self->socket && dc_wire_next(&reader, &cmd))
        hear(self, &cmd);
}

// No table begins like that: there is no such command.
static bool is_refusal(const dc_message_t *message)
{
    return message->count == 2 && message->frames[0].bytes.len == 0 &&
           dc_str_begins(message->frames[1].bytes, DC_STR(REFUSAL));
}

static void read_message(dc_slot_loop_t *self)
{
    const dc_message_t *message = &self->message;
    dc_str_t first = message->frames[0].bytes;
    self->heard_ms = self->now;
    if (message->count == 1 && first.len == 1 && first.data[0] == DC_WIRE_HEARTBEAT) {
        hear(self, &(dc_cmd_t){ .type = DC_CMD_BEAT });
    } else if (is_refusal(message)) {
        take_refusal(self, message->frames[1].bytes);
    } else if (message->count > 1 && first.len == 0) {
        read_table(self);
    } else {
        break_session(self, "neither a heartbeat nor a table");
    }
}

static void read_messages(dc_slot_loop_t *self)
{
    for (int i = 0; i < TURN_MESSAGES_MAX && self->socket; i++) {
        dc_net_got_t got = dc_socket_recv(self->socket, &self->message);
        if (got == DC_NET_NOTHING) return;
        if (got == DC_NET_BROKEN) {
            break_session(self, "the socket failed");
            return;
        }
        read_message(self);
    }
}

// --- what the clock and signals say ---------------------------------------------------------

// Let the process go on using the processor, unless the runner is still at the job of the last
// tick: then that has as much as was allowed, without what is computed beside it.
static void extend_cpu(dc_slot_loop_t *self)
{
    dc_spot_t *spot = &self->share->spot;
    uint64_t lease = atomic_load_explicit(&spot->lease_id, memory_order_relaxed);
    uint64_t first = atomic_load_explicit(&spot->first, memory_order_relaxed);
    bool is_stuck = lease && lease == self->seen_lease && first == self->seen_first;
    if (is_stuck && self->quick_us >= 1000000) dc_sandbox_add_cpu(self->quick_us / 1000000);
    self->quick_us = is_stuck ? self->quick_us % 1000000 : 0;
    if (is_stuck) return;
    self->seen_lease = lease;
    self->seen_first = first;
    self->seen_ms = self->now;
    uint64_t timeout_ms = dc_runner_timeout_ms(self->runner);
    bool is_none = timeout_ms == 0 || timeout_ms > UINT32_MAX * UINT64_C(1000);
    dc_sandbox_allow_cpu(is_none ? UINT64_MAX : timeout_ms / 1000 + CPU_GRACE_S);
}

static void tick(dc_slot_loop_t *self, dc_ms_t now)
{
    if (now < self->tick_ms) return;
    // All slots of a host tick at the same times, and so say together that they live: that wakes
    // the broker once for all of them, which is most of what idle slots cost it.
    self->tick_ms = now - now % DC_TICK_MS + DC_TICK_MS;
    extend_cpu(self);
    dc_load_t load = {
        .load = dc_machine_load() / self->core_count,
        .memory_free_bytes = dc_machine_memory_free(self->memory_fd),
        .speed = self->speed_us > 0 ? self->speed_steps / self->speed_us * 1e6 : 0,
        .run_lease = self->seen_lease,
        .run_first = self->seen_first,
        .run_count = self->seen_lease ? atomic_load(&self->share->spot.count) : 0,
        .run_ms = self->now - self->seen_ms,
    };
    dc_buf_t json = { 0 };
    dc_load_put(&load, &json);
    dc_link_event_t event = { .type = DC_LINK_EVENT_TICK, .load = dc_buf_str(&json) };
    if (!json.failed) step(self, &event);
    dc_buf_fini(&json);
}

static void read_signals(dc_slot_loop_t *self)
{
    struct signalfd_siginfo info;
    while (read(self->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
        // Who ends a whole group ends slots as well as their supervisor, which then tells them
        // again.
        bool is_repeated = self->is_draining && info.ssi_signo == SIGTERM;
        const dc_link_event_t event = { .type = DC_LINK_EVENT_DRAIN };
        if (!is_repeated) drain(self, &event);
        self->is_draining = true;
    }
}

// --- the loop ----------------------------------------------------------------------------------

static void flush(dc_slot_loop_t *self)
{
    if (!self->socket || !self->mailer.len) return;
    if (dc_mailer_flush(&self->mailer, self->socket) == DC_NET_FAILED) {
        step_plain(self, DC_LINK_EVENT_BROKEN);
    }
}

static int wait_ms(dc_slot_loop_t *self, dc_ms_t now)
{
    dc_ms_t until = self->tick_ms;
    if (!dc_runner_is_idle(self->runner)) until = dc_min_u64(until, self->take_ms);
    if (self->mailer.len) until = dc_min_u64(until, now + RETRY_MS);
    return until > now ? (int)(until - now) : 0;
}

// One reading serves a turn: with tiny jobs it would be a good part of their time.
static void see_clock(dc_slot_loop_t *self)
{
    self->now_us = dc_clock_awake_us();
    self->now = self->now_us / 1000;
}

static void turn(dc_slot_loop_t *self)
{
    enum {
        SIGNALS,
        RUNNER,
        SOCKET,
        COUNT
    };
    dc_poll_t items[COUNT] = {
        [SIGNALS] = { .fd = self->signal_fd },
        [RUNNER] = { .fd = dc_runner_fd(self->runner) },
        // What cannot be sent must get out before more is taken in.
        [SOCKET] = { .socket = self->mailer.len ? NULL : self->socket, .fd = -1 },
    };
    dc_net_poll(items, COUNT, wait_ms(self, dc_clock_awake_us() / 1000));
    see_clock(self);
    self->quick_end_us = self->now_us + TURN_QUICK_US;
    if (items[SIGNALS].can_read) read_signals(self);
    if (items[SOCKET].can_read) read_messages(self);
    self->now = self->now_us / 1000;
    take_pieces(self, self->now >= self->take_ms);
    tick(self, self->now);
    flush(self);
}

bool dc_slot_loop_start(dc_slot_loop_t *self)
{
    see_clock(self);
    self->heard_ms = self->now;
    step_plain(self, DC_LINK_EVENT_START);
    return !self->has_failed;
}

void dc_slot_loop_run(dc_slot_loop_t *self)
{
    flush(self);
    while (!self->is_over && !self->has_failed)
        turn(self);
}
