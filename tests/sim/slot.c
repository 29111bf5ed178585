#include "tests/sim/slot.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/wire_words.h"
#include "tests/sim/patience.h"

#define WHO_US_MAX 1000000

static void carry_out(sim_t *sim, slot_t *self);
static void start(sim_t *sim, void *object, uint64_t number);

// --- trace -------------------------------------------------------------------------------------

static void say(sim_t *sim, const slot_t *self, const char *mark, const dc_cmd_t *cmd)
{
    dc_buf_t *line = sim_say(sim);
    if (!line) return;
    dc_buf_printf(line, "        slot%u %s ", self->number, mark);
    dc_wire_put_words(cmd, line);
    sim_say_end(sim);
}

// --- the core ----------------------------------------------------------------------------------

// How its machine is: whatever it likes while there are faults, and then well.
static void put_load(sim_t *sim, char *to, size_t size)
{
    bool has_trouble = !sim->is_calm && sim_chance(sim, sim->plan.trouble_per_mille);
    unsigned load = has_trouble ? (unsigned)sim_below(sim, 9) : 1;
    unsigned megabytes = has_trouble ? (unsigned)sim_below(sim, 200) : 1000;
    snprintf(to, size, "{\"load\":%u,\"memory_free\":%u}", load, megabytes << 20);
}

static void step(sim_t *sim, slot_t *self, dc_link_event_type_t type, const dc_cmd_t *cmd)
{
    if (!self->link || sim->has_failed) return;
    if (cmd) say(sim, self, type == DC_LINK_EVENT_PIECE ? "has" : "gets", cmd);
    char load[64];
    put_load(sim, load, sizeof load);
    dc_link_event_t event = { .type = type, .cmd = cmd, .load = dc_str_from(load) };
    dc_link_step(self->link, sim_now_ms(sim), &event, &self->actions);
    sim->steps++;
    if (++self->step_count % (sim->plan.audit_steps / 4) == 0)
        sim_check(sim, "slot", dc_link_audit(self->link));
    carry_out(sim, self);
}

static void flush(sim_t *sim, slot_t *self)
{
    if (!self->out) return;
    msg_t *msg = self->out;
    self->out = NULL;
    bool is_results = true;
    for (size_t i = 0; i < msg->len; i++) {
        is_results &= msg->cmds[i].type == DC_CMD_RESULT;
    }
    if (is_results && !self->echo && sim_chance(sim, sim->plan.echo_per_mille)) {
        self->echo = msg_new(sim);
        for (size_t i = 0; i < msg->len; i++) {
            msg_copy(self->echo, &msg->cmds[i]);
        }
    }
    if (self->conn) {
        conn_send(sim, self->conn, msg, true);
    } else {
        msg_free(sim, msg);
    }
}

// Who is asked who it is says READY, unless it has just said so: then it may be asked for a while
// still, for what it had said before.
static void check_who(sim_t *sim, const slot_t *self, const dc_cmd_t *cmd)
{
    if (!self->conn || cmd->type != DC_CMD_WHO) return;
    if (sim->now_us - self->conn->ready_us > WHO_US_MAX) {
        sim_fail(sim, "slot%u is asked who it is, and does not say", self->number);
    }
}

static void receive(sim_t *sim, slot_t *self, msg_t *msg)
{
    for (size_t i = 0; i < msg->len; i++) {
        step(sim, self, DC_LINK_EVENT_COMMAND, &msg->cmds[i]);
        check_who(sim, self, &msg->cmds[i]);
    }
    msg_free(sim, msg);
    flush(sim, self);
}

static void deliver(sim_t *sim, void *owner, msg_t *msg)
{
    slot_t *self = owner;
    if (!self->link) {
        msg_free(sim, msg);
    } else if (self->is_stopped) {
        inbox_push(&self->inbox, msg);
    } else {
        receive(sim, self, msg);
    }
}

static void piece(sim_t *sim, void *owner, const dc_cmd_t *cmd)
{
    slot_t *self = owner;
    step(sim, self, DC_LINK_EVENT_PIECE, cmd);
    flush(sim, self);
}

// --- death -------------------------------------------------------------------------------------

// The process is no more.
static void end(sim_t *sim, slot_t *self)
{
    dc_link_destroy(&self->link);
    dc_link_actions_clear(&self->actions);
    runner_clear(sim, &self->runner);
    runner_resume(sim, &self->runner);
    inbox_clear(sim, &self->inbox);
    if (self->out) msg_free(sim, self->out);
    self->out = NULL;
    self->is_stopped = false;
    self->life++;
    conn_close(sim, &self->conn);
    uint64_t later_us = sim->now_us + sim_between(sim, 5000, 500000);
    agenda_add(&sim->agenda, later_us, start, self, self->life);
}

static void tell(sim_t *sim, const struct dc_cmd_obituary *obituary)
{
    if (!sim_chance(sim, sim->plan.obituary_per_mille)) return;
    conn_t *conn = conn_new(sim, NULL, false, NULL, NULL);
    msg_t *msg = msg_new(sim);
    dc_cmd_t cmd = { .type = DC_CMD_OBITUARY, .obituary = *obituary };
    msg_copy(msg, &cmd);
    conn_send(sim, conn, msg, true);
}

static void crash(sim_t *sim, void *owner, uint64_t id, uint64_t first, uint32_t count)
{
    slot_t *self = owner;
    unsigned long long end_index = first + count;
    sim_note(sim, "        slot%u crashes at jobs=[%llu,%llu)", self->number,
             (unsigned long long)first, end_index);
    struct dc_cmd_obituary obituary = { .session = self->session,
                                        .id = id,
                                        .first = first,
                                        .count = count,
                                        .signal = 11,
                                        .flags = DC_OBITUARY_CRASH };
    end(sim, self);
    tell(sim, &obituary);
}

void slot_kill(sim_t *sim, slot_t *self)
{
    if (!self->link) return;
    sim_note(sim, "        slot%u is killed", self->number);
    const run_lease_t *lease = self->runner.leases;
    struct dc_cmd_obituary obituary = { .session = self->session, .signal = 9 };
    if (lease) {
        obituary.id = lease->cmd.lease.id;
        obituary.first = lease->next;
        obituary.count = 1;
    }
    sim->kills++;
    end(sim, self);
    tell(sim, &obituary);
}

// --- tags --------------------------------------------------------------------------------------

// Each tag is somebody's, and some are several slots'. Tag 0 is none.
static bool has_tag(const sim_t *sim, const slot_t *self, uint64_t tag)
{
    if (tag == 0) return true;
    return self->number % sim->plan.tag_count == tag - 1 || job_mix(self->number, tag) % 3 == 0;
}

static void put_tags(const sim_t *sim, const slot_t *self, dc_buf_t *out)
{
    size_t count = 0;
    dc_buf_append_text(out, ",\"tags\":[");
    for (unsigned tag = 1; tag <= sim->plan.tag_count; tag++) {
        if (has_tag(sim, self, tag)) dc_buf_printf(out, "%s\"t%u\"", count++ ? "," : "", tag);
    }
    dc_buf_append_char(out, ']');
}

// The program of a batch says its tag; that of plain requests is empty.
static void check_tag(sim_t *sim, const slot_t *self, const dc_cmd_t *lease)
{
    dc_str_t program = lease->program.bytes;
    if (program.len && !has_tag(sim, self, (uint64_t)(program.data[1] - '0'))) {
        sim_fail(sim, "slot%u gets a lease of a batch whose tag it does not carry", self->number);
    }
}

// --- what the core wants -----------------------------------------------------------------------

static bool is_loss(dc_str_t line)
{
    return dc_str_begins(line, DC_STR("broker lost")) ||
           dc_str_begins(line, DC_STR("no broker answers"));
}

static void carry_out_one(sim_t *sim, slot_t *self, dc_link_action_t *action)
{
    switch (action->type) {
    case DC_LINK_CONNECT: self->conn = conn_new(sim, self, false, deliver, NULL); break;
    case DC_LINK_CLOSE:
        if (self->out) msg_free(sim, self->out);
        self->out = NULL;
        conn_close(sim, &self->conn);
        break;
    case DC_LINK_SEND:
        say(sim, self, "says", &action->cmd);
        if (action->cmd.type == DC_CMD_READY && self->conn) self->conn->ready_us = sim->now_us;
        if (!self->out) self->out = msg_new(sim);
        msg_take(self->out, &action->cmd);
        break;
    case DC_LINK_RUN:
        check_tag(sim, self, &action->cmd);
        runner_add(sim, &self->runner, &action->cmd);
        break;
    case DC_LINK_TRIM:
        runner_trim(sim, &self->runner, action->cmd.trim.id, action->cmd.trim.end);
        break;
    case DC_LINK_CANCEL: runner_cancel(sim, &self->runner, action->cmd.trim.id); break;
    case DC_LINK_STOP: runner_clear(sim, &self->runner); break;
    case DC_LINK_EXIT: flush(sim, self); break;
    case DC_LINK_LOG:
        if (is_loss(action->cmd.data.bytes)) patience_broker_lost(sim, "slot", self->number);
        break;
    }
}

// A tiny lease may be computed at once (runner_add), which is a step of the core within this one:
// what that wants is carried out there, once, and may be the end of the process.
static void carry_out(sim_t *sim, slot_t *self)
{
    dc_link_actions_t actions = self->actions;
    dc_link_actions_init(&self->actions);
    uint64_t life = self->life;
    bool is_exit = false;
    for (size_t i = 0; i < actions.len && self->life == life; i++) {
        is_exit |= actions.list[i].type == DC_LINK_EXIT;
        carry_out_one(sim, self, &actions.list[i]);
    }
    dc_link_actions_fini(&actions);
    if (is_exit && self->life == life) end(sim, self);
}

// --- time --------------------------------------------------------------------------------------

// What is echoed belongs to a lease that has ended, or to a session that has: it is to be dropped.
static void send_echo(sim_t *sim, slot_t *self)
{
    if (!self->echo || !self->conn || sim->is_calm || !sim_chance(sim, 100)) return;
    conn_send(sim, self->conn, self->echo, true);
    self->echo = NULL;
}

static void tick(sim_t *sim, void *object, uint64_t life)
{
    slot_t *self = object;
    if (self->life != life || !self->link) return;
    uint64_t next_us = sim->now_us + TICK_US + sim_below(sim, 2000);
    agenda_add(&sim->agenda, next_us, tick, self, life);
    if (self->is_stopped) return;
    sim->ticks++;
    step(sim, self, DC_LINK_EVENT_TICK, NULL);
    if (self->life != life) return;
    flush(sim, self);
    send_echo(sim, self);
}

static void put_introduction(const sim_t *sim, const slot_t *self, dc_buf_t *out)
{
    dc_buf_append_text(out, "{\"v\":" DC_WIRE_VERSION_TEXT ",\"session\":\"");
    for (size_t i = 0; i < sizeof self->session.bytes; i++) {
        dc_buf_printf(out, "%02x", self->session.bytes[i]);
    }
    dc_buf_printf(out, "\",\"name\":\"slot%u\",\"host\":\"sim\",\"pid\":%u", self->number,
                  self->number + 1);
    put_tags(sim, self, out);
    dc_buf_append_char(out, '}');
}

static void start(sim_t *sim, void *object, uint64_t number)
{
    slot_t *self = object;
    if (self->life != number || sim->is_closing) return;
    for (size_t i = 0; i < sizeof self->session.bytes; i++) {
        self->session.bytes[i] = (uint8_t)sim_below(sim, 256);
    }
    dc_buf_t ready = { 0 };
    put_introduction(sim, self, &ready);
    dc_link_settings_t settings = dc_link_settings_default();
    settings.ready = dc_buf_str(&ready);
    self->link = dc_link_new(&settings, sim_below(sim, UINT64_MAX));
    if (!self->link) abort();
    dc_buf_fini(&ready);
    self->life++;
    bool lies = self->number == 0 && sim->plan.lie_per_mille;
    self->runner.lie = lies ? job_mix(sim->seed, self->life) | 1 : 0;
    sim_note(sim, "        slot%u starts", self->number);
    step(sim, self, DC_LINK_EVENT_START, NULL);
    flush(sim, self);
    agenda_add(&sim->agenda, sim->now_us + sim_below(sim, 100000), tick, self, self->life);
}

slot_t *slot_new(sim_t *sim, unsigned number)
{
    slot_t *self = calloc(1, sizeof *self);
    if (!self) abort();
    self->number = number;
    self->runner.owner = self;
    self->runner.piece = piece;
    self->runner.crash = crash;
    dc_link_actions_init(&self->actions);
    start(sim, self, 0);
    return self;
}

void slot_destroy(sim_t *sim, slot_t **self_p)
{
    slot_t *self = *self_p;
    *self_p = NULL;
    if (!self) return;
    end(sim, self);
    if (self->echo) msg_free(sim, self->echo);
    dc_link_actions_fini(&self->actions);
    free(self);
}

void slot_stop(sim_t *sim, slot_t *self)
{
    if (!self->link || self->is_stopped) return;
    sim_note(sim, "        slot%u is stopped", self->number);
    self->is_stopped = true;
    runner_stop(sim, &self->runner);
}

void slot_resume(sim_t *sim, slot_t *self)
{
    if (!self->is_stopped) return;
    sim_note(sim, "        slot%u goes on", self->number);
    self->is_stopped = false;
    uint64_t life = self->life;
    // Which of its descriptors the loop sees first is the system's affair.
    bool is_tick_first = sim_chance(sim, 300);
    if (is_tick_first) step(sim, self, DC_LINK_EVENT_TICK, NULL);
    msg_t *msg;
    while (self->life == life && (msg = inbox_pop(&self->inbox))) {
        receive(sim, self, msg);
    }
    if (self->life != life) return;
    if (!is_tick_first) step(sim, self, DC_LINK_EVENT_TICK, NULL);
    if (self->life != life) return;
    flush(sim, self);
    runner_resume(sim, &self->runner);
}

void slot_drain(sim_t *sim, slot_t *self)
{
    if (self->is_stopped) return;
    step(sim, self, DC_LINK_EVENT_DRAIN, NULL);
    flush(sim, self);
}
