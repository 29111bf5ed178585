#include "worker/link.h"

#include <stdlib.h>

#include "common/bytes.h"
#include "common/rng.h"
#include "worker/link_leases.h"

typedef enum state {
    STATE_NEW,
    STATE_CONNECTED, // or connecting: there is a socket
    STATE_PAUSED,    // the broker was lost, and is looked for again at `retry_ms`; where it was for
                     // its silence there still is a socket, since it may speak again
    STATE_ENDED,
} state_t;

struct dc_link {
    dc_link_settings_t settings;
    char *ready; // owned; the settings' is a view of it
    dc_rng_t rng;
    state_t state;
    bool is_open;  // there is a socket
    bool is_heard; // the broker has shown a sign of life on this connection
    bool is_draining;
    dc_ms_t pause_ms; // the next one's length, before the dice
    dc_ms_t beat_ms;  // when to say that we are alive
    dc_ms_t heard_ms; // when the broker last did
    dc_ms_t who_ms;   // until then a WHO may be older than the READY that answers it
    dc_ms_t retry_ms; // when to connect again
    dc_ms_t drain_ms; // when draining must be over
    dc_ms_t idle_ms;  // since when there is no lease
    dc_ms_t tick_ms;  // when the last tick was
    dc_ms_t warn_ms;  // from then on it is worth a warning that nobody answers
    dc_link_leases_t leases;
};

dc_link_t *dc_link_new(const dc_link_settings_t *settings, uint64_t seed)
{
    dc_link_t *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    self->settings = *settings;
    self->ready = malloc(settings->ready.len + 1);
    if (!self->ready) {
        dc_link_destroy(&self);
        return NULL;
    }
    if (settings->ready.len) memcpy(self->ready, settings->ready.data, settings->ready.len);
    self->settings.ready = dc_str(self->ready, settings->ready.len);
    self->pause_ms = settings->reconnect_ms_min;
    dc_rng_init(&self->rng, seed);
    return self;
}

void dc_link_destroy(dc_link_t **self_p)
{
    dc_link_t *self = *self_p;
    *self_p = NULL;
    if (!self) return;
    dc_link_leases_clear(&self->leases);
    free(self->ready);
    free(self);
}

// --- what is said ------------------------------------------------------------------------------

static bool is_busy(const dc_link_t *self)
{
    return self->leases.list != NULL;
}

static void end_lease(dc_link_t *self, dc_link_lease_t *lease, dc_ms_t now)
{
    dc_link_leases_end(&self->leases, lease);
    if (!is_busy(self)) self->idle_ms = now;
}

static void send_text(dc_command_t type, dc_str_t json, dc_link_actions_t *actions)
{
    dc_cmd_t cmd = { .type = type, .data.bytes = json };
    dc_link_actions_add(actions, DC_LINK_SEND, &cmd);
}

static void tell_runner(dc_link_action_type_t type, uint64_t id, uint64_t end,
                        dc_link_actions_t *actions)
{
    dc_cmd_t cmd = { .type = DC_CMD_TRIM, .trim = { .id = id, .end = end } };
    dc_link_actions_add(actions, type, &cmd);
}

// End a lease without the runner: an empty piece that is the last.
static void send_last(uint64_t id, uint64_t next, dc_link_actions_t *actions)
{
    dc_cmd_t cmd = { .type = DC_CMD_RESULT,
                     .result = { .id = id, .first = next, .flags = DC_RESULT_LAST } };
    dc_link_actions_add(actions, DC_LINK_SEND, &cmd);
}

// Hand back all leases but the oldest `kept_count`, and say that no more are wanted.
static void send_goodbye(dc_link_t *self, size_t kept_count, uint8_t flags, dc_ms_t now,
                         dc_link_actions_t *actions)
{
    dc_buf_t ids = { 0 };
    size_t count = 0;
    for (dc_link_lease_t *lease = self->leases.list, *next; lease; lease = next) {
        next = lease->hh.next;
        if (count++ < kept_count) continue;
        char id[8];
        dc_put_u64(id, lease->id);
        dc_buf_append(&ids, id, sizeof id);
        tell_runner(DC_LINK_CANCEL, lease->id, lease->next, actions);
        end_lease(self, lease, now);
    }
    // If memory is short the broker learns of these leases by the connection's end.
    dc_cmd_t cmd = { .type = DC_CMD_GOODBYE, .goodbye.flags = flags };
    if (!ids.failed) cmd.data.bytes = dc_buf_str(&ids);
    dc_link_actions_add(actions, DC_LINK_SEND, &cmd);
    dc_buf_fini(&ids);
}

// --- sessions ----------------------------------------------------------------------------------

static void begin_session(dc_link_t *self, dc_ms_t now, dc_link_actions_t *actions)
{
    dc_link_leases_clear(&self->leases);
    self->idle_ms = now;
    self->beat_ms = self->who_ms = now + self->settings.heartbeat_ms;
    send_text(DC_CMD_READY, self->settings.ready, actions);
}

static void close_connection(dc_link_t *self, dc_link_actions_t *actions)
{
    if (self->is_open) dc_link_actions_add(actions, DC_LINK_CLOSE, NULL);
    self->is_open = false;
}

static void connect_now(dc_link_t *self, dc_ms_t now, dc_link_actions_t *actions)
{
    close_connection(self, actions);
    self->state = STATE_CONNECTED;
    self->is_open = true;
    self->is_heard = false;
    self->heard_ms = now;
    dc_link_actions_add(actions, DC_LINK_CONNECT, NULL);
    begin_session(self, now, actions);
}

static void end(dc_link_t *self, dc_link_actions_t *actions)
{
    self->state = STATE_ENDED;
    dc_link_leases_clear(&self->leases);
    dc_link_actions_add(actions, DC_LINK_STOP, NULL);
    dc_link_actions_add(actions, DC_LINK_EXIT, NULL);
}

// Take leave of the broker, handing back what is not finished, and end.
static void leave(dc_link_t *self, dc_ms_t now, dc_link_actions_t *actions)
{
    if (self->state == STATE_CONNECTED) {
        send_goodbye(self, 0, DC_GOODBYE_LEAVING, now, actions);
    } else {
        close_connection(self, actions); // nothing is left to be said
    }
    end(self, actions);
}

// The length of the next pause: at random between a half of it and all, so that the slots of a
// broker that is away do not look for it, or for the next one, all at once.
static dc_ms_t draw_pause(dc_link_t *self)
{
    dc_ms_t longest = self->pause_ms;
    self->pause_ms = dc_min_u64(2 * longest, self->settings.reconnect_ms_max);
    return longest - dc_rng_below(&self->rng, longest / 2 + 1);
}

// READY is answered within a tick; later the broker's beats are as rare as limits.h says.
static bool is_silent(const dc_link_t *self, dc_ms_t now)
{
    dc_ms_t beat_ms = self->settings.heartbeat_ms * (self->is_heard ? DC_BROKER_BEAT_EVERY : 1);
    return now - self->heard_ms >= beat_ms * self->settings.liveness_beats;
}

// Nobody answers on this connection: the address may be wrong. A broker may be away for long, so
// this is said seldom.
static void say_nobody(dc_link_t *self, dc_ms_t now, dc_ms_t pause_ms, dc_link_actions_t *actions)
{
    bool is_due = now >= self->warn_ms;
    if (is_due) self->warn_ms = now + DC_NOBODY_WARN_MS;
    dc_link_actions_log(
        actions, is_due ? DC_LOG_WARN : DC_LOG_DEBUG,
        "no broker answers hint=\"is dcalc-broker running, and is this its --backend?\" "
        "silent_ms=%llu retry_ms=%llu",
        (unsigned long long)(now - self->heard_ms), (unsigned long long)pause_ms);
}

static void lose_broker(dc_link_t *self, dc_ms_t now, dc_link_actions_t *actions)
{
    dc_link_actions_add(actions, DC_LINK_STOP, NULL);
    dc_link_leases_clear(&self->leases);
    self->idle_ms = now;
    if (self->is_draining) {
        close_connection(self, actions);
        end(self, actions);
        return;
    }
    dc_ms_t pause_ms = draw_pause(self);
    self->state = STATE_PAUSED;
    self->retry_ms = now + pause_ms;
    if (!self->is_heard && is_silent(self, now)) {
        say_nobody(self, now, pause_ms, actions);
        return;
    }
    dc_link_actions_log(actions, DC_LOG_WARN, "broker lost silent_ms=%llu retry_ms=%llu",
                        (unsigned long long)(now - self->heard_ms), (unsigned long long)pause_ms);
}

// The connection is of no use.
static void lose_connection(dc_link_t *self, dc_ms_t now, dc_link_actions_t *actions)
{
    if (self->state == STATE_CONNECTED) lose_broker(self, now, actions);
    close_connection(self, actions);
}

static void begin_drain(dc_link_t *self, dc_ms_t now, dc_link_actions_t *actions)
{
    if (self->is_draining) return;
    self->is_draining = true;
    self->drain_ms = now + self->settings.drain_ms;
    if (self->state != STATE_CONNECTED || !is_busy(self)) {
        leave(self, now, actions);
        return;
    }
    // The oldest may have begun. What the runner has begun behind it meanwhile is computed again by
    // somebody else, which does no harm.
    send_goodbye(self, 1, 0, now, actions);
}

// --- what the broker says ----------------------------------------------------------------------

static void hear(dc_link_t *self, dc_ms_t now, dc_link_actions_t *actions)
{
    self->heard_ms = now;
    self->warn_ms = 0;
    self->pause_ms = self->settings.reconnect_ms_min;
    if (self->is_heard) return;
    self->is_heard = true;
    dc_link_actions_log(actions, DC_LOG_INFO, "broker found");
}

static void hand_back(uint64_t id, dc_link_actions_t *actions)
{
    char bytes[8];
    dc_put_u64(bytes, id);
    dc_cmd_t cmd = { .type = DC_CMD_GOODBYE, .data.bytes = { bytes, sizeof bytes } };
    dc_link_actions_add(actions, DC_LINK_SEND, &cmd);
}

static void do_lease(dc_link_t *self, dc_ms_t now, const dc_cmd_t *cmd, dc_link_actions_t *actions)
{
    uint64_t id = cmd->lease.id;
    uint64_t first = cmd->lease.first;
    uint64_t end_index;
    if (dc_link_leases_knows(&self->leases, id)) return;
    if (self->is_draining) {
        hand_back(id, actions);
        return;
    }
    if (cmd->lease.count == 0 || __builtin_add_overflow(first, cmd->lease.count, &end_index)) {
        send_last(id, first, actions);
        return;
    }
    if (!dc_link_leases_add(&self->leases, id, first, end_index)) {
        // What cannot be remembered must not stay promised.
        lose_connection(self, now, actions);
        return;
    }
    dc_link_actions_add(actions, DC_LINK_RUN, cmd);
}

static void do_trim(dc_link_t *self, dc_ms_t now, const dc_cmd_t *cmd, dc_link_actions_t *actions)
{
    dc_link_lease_t *lease = dc_link_leases_find(&self->leases, cmd->trim.id);
    if (!lease || cmd->trim.end >= lease->end) return;
    if (cmd->trim.end > lease->next) {
        lease->end = cmd->trim.end;
        tell_runner(DC_LINK_TRIM, lease->id, lease->end, actions);
        return;
    }
    send_last(lease->id, lease->next, actions);
    tell_runner(DC_LINK_CANCEL, lease->id, lease->next, actions);
    end_lease(self, lease, now);
    if (self->is_draining && !is_busy(self)) leave(self, now, actions);
}

// An operator has told the broker; that a signal came is logged by the supervisor.
static void do_drain(dc_link_t *self, dc_ms_t now, dc_link_actions_t *actions)
{
    if (!self->is_draining) {
        dc_link_actions_log(actions, DC_LOG_INFO, "slot drains why=operator leases=%zu",
                            dc_link_leases_count(&self->leases));
    }
    begin_drain(self, now, actions);
}

// A broker that was restarted asks once for each message that was under way to it. READY answers
// all of them, and one more would cost the leases that came for the first. Should READY be lost,
// the broker asks again at the heartbeat behind it: nothing else is said without a lease.
static void do_who(dc_link_t *self, dc_ms_t now, dc_link_actions_t *actions)
{
    if (now < self->who_ms) return;
    dc_link_actions_add(actions, DC_LINK_STOP, NULL);
    if (self->is_draining) {
        end(self, actions); // it holds nothing of ours
        return;
    }
    begin_session(self, now, actions);
}

// The broker that was lost for its silence speaks. Where it was heard on this connection before it
// may count on leases that are forgotten, and what it says may be of these: a session begins anew.
// Else it answers our READY. Returns whether what it says is to be done.
static bool come_back(dc_link_t *self, dc_ms_t now, dc_link_actions_t *actions)
{
    bool is_answer = !self->is_heard;
    self->state = STATE_CONNECTED;
    self->is_heard = false;
    hear(self, now, actions);
    if (!is_answer) begin_session(self, now, actions);
    return is_answer;
}

static void do_command(dc_link_t *self, dc_ms_t now, const dc_cmd_t *cmd,
                       dc_link_actions_t *actions)
{
    if (!self->is_open) return;
    if (self->state == STATE_PAUSED && !come_back(self, now, actions)) return;
    hear(self, now, actions);
    // Who says anything else knows us, and has forgotten us if it asks behind that.
    if (cmd->type != DC_CMD_WHO) self->who_ms = now;
    if (cmd->type == DC_CMD_LEASE) {
        do_lease(self, now, cmd, actions);
    } else if (cmd->type == DC_CMD_TRIM) {
        do_trim(self, now, cmd, actions);
    } else if (cmd->type == DC_CMD_DRAIN) {
        do_drain(self, now, actions);
    } else if (cmd->type == DC_CMD_WHO) {
        do_who(self, now, actions);
    }
}

// --- what the runner and the clock say ---------------------------------------------------------

static void do_piece(dc_link_t *self, dc_ms_t now, const dc_cmd_t *cmd, dc_link_actions_t *actions)
{
    dc_link_lease_t *lease = dc_link_leases_find(&self->leases, cmd->result.id);
    if (!lease) return;
    dc_link_actions_add(actions, DC_LINK_SEND, cmd);
    lease->next = cmd->result.first + cmd->result.count;
    if (!(cmd->result.flags & DC_RESULT_LAST)) return;
    end_lease(self, lease, now);
    if (self->is_draining && !is_busy(self)) leave(self, now, actions);
}

// What the slot slept through, stopped or starved, is no silence of the broker's: what it said
// meanwhile may still be in the socket.
static void forgive_sleep(dc_link_t *self, dc_ms_t now)
{
    dc_ms_t slept_ms = now - self->tick_ms;
    self->tick_ms = now;
    if (slept_ms > self->settings.heartbeat_ms) {
        self->heard_ms = dc_min_u64(self->heard_ms + slept_ms, now);
    }
}

static bool is_idle_too_long(const dc_link_t *self, dc_ms_t now)
{
    dc_ms_t limit_ms = self->settings.idle_exit_ms;
    return limit_ms > 0 && !is_busy(self) && now - self->idle_ms >= limit_ms;
}

static void do_tick(dc_link_t *self, dc_ms_t now, dc_str_t load, dc_link_actions_t *actions)
{
    forgive_sleep(self, now);
    if (self->is_draining ? now >= self->drain_ms : is_idle_too_long(self, now)) {
        leave(self, now, actions);
    } else if (self->state == STATE_PAUSED) {
        if (now >= self->retry_ms) connect_now(self, now, actions);
    } else if (is_silent(self, now)) {
        lose_broker(self, now, actions);
    } else if (now >= self->beat_ms) {
        self->beat_ms = now + self->settings.heartbeat_ms;
        send_text(DC_CMD_BEAT, load, actions);
    }
}

void dc_link_step(dc_link_t *self, dc_ms_t now, const dc_link_event_t *event,
                  dc_link_actions_t *actions)
{
    if (self->state == STATE_ENDED) return;
    switch (event->type) {
    case DC_LINK_EVENT_START:
        self->tick_ms = self->idle_ms = now;
        connect_now(self, now, actions);
        break;
    case DC_LINK_EVENT_COMMAND: do_command(self, now, event->cmd, actions); break;
    case DC_LINK_EVENT_PIECE: do_piece(self, now, event->cmd, actions); break;
    case DC_LINK_EVENT_TICK: do_tick(self, now, event->load, actions); break;
    case DC_LINK_EVENT_DRAIN:
        // Whoever asks twice does not want to wait.
        if (self->is_draining) {
            leave(self, now, actions);
        } else {
            begin_drain(self, now, actions);
        }
        break;
    case DC_LINK_EVENT_BROKEN: lose_connection(self, now, actions); break;
    }
}

const char *dc_link_audit(const dc_link_t *self)
{
    size_t count = dc_link_leases_count(&self->leases);
    if (count && self->state != STATE_CONNECTED) return "a lease without a session";
    if (self->state == STATE_CONNECTED && !self->is_open) return "a session without a connection";
    if (self->is_draining && count > 1) return "more than one lease to finish";
    return dc_link_leases_audit(&self->leases);
}
