#include "tests/sim/caller.h"

#include <stdlib.h>

#include "common/wire_words.h"

static void turn(sim_t *sim, void *object, uint64_t number);

// --- steps -------------------------------------------------------------------------------------

void caller_count_step(sim_t *sim, caller_t *self)
{
    sim->steps++;
    // The library would begin a new session, and all would be well again.
    if (dc_requests_counts(self->requests).violations) {
        sim_fail(sim, "the broker contradicts what %s%u was told before", self->name, self->number);
    }
    if (++self->step_count % (sim->plan.audit_steps / 4) == 0)
        sim_check(sim, self->name, dc_requests_audit(self->requests));
}

static void say(sim_t *sim, const caller_t *self, const char *mark, const dc_cmd_t *cmd)
{
    dc_buf_t *line = sim_say(sim);
    if (!line) return;
    dc_buf_printf(line, "        %s%u %s ", self->name, self->number, mark);
    dc_wire_put_words(cmd, line);
    sim_say_end(sim);
}

static void make_turn_due(sim_t *sim, caller_t *self, uint64_t at_us)
{
    at_us = dc_max_u64(at_us, sim->now_us + 1);
    if (self->turn_us > sim->now_us && self->turn_us <= at_us) return;
    self->turn_us = at_us;
    agenda_add(&sim->agenda, at_us, turn, self, ++self->turn);
}

// --- what comes --------------------------------------------------------------------------------

static void deliver(sim_t *sim, void *owner, msg_t *msg)
{
    caller_t *self = owner;
    if (!self->requests) {
        msg_free(sim, msg);
        return;
    }
    inbox_push(&self->inbox, msg);
    if (!self->is_stopped) make_turn_due(sim, self, sim->now_us + sim_between(sim, 1, 50));
}

static void broken(sim_t *sim, void *owner)
{
    caller_t *self = owner;
    if (!self->requests || self->is_stopped) return;
    sim_note(sim, "        %s%u sees that its connection is broken", self->name, self->number);
    dc_requests_disconnected(self->requests, sim_now_ms(sim), &self->outcome);
    caller_count_step(sim, self);
    make_turn_due(sim, self, sim->now_us + 1);
}

static void hear_all(sim_t *sim, caller_t *self)
{
    msg_t *msg;
    while (!sim->has_failed && (msg = inbox_pop(&self->inbox))) {
        for (size_t i = 0; i < msg->len; i++) {
            say(sim, self, "gets", &msg->cmds[i]);
            dc_requests_receive(self->requests, sim_now_ms(sim), &msg->cmds[i], &self->outcome);
            caller_count_step(sim, self);
        }
        msg_free(sim, msg);
    }
    dc_requests_tick(self->requests, sim_now_ms(sim), &self->outcome);
    caller_count_step(sim, self);
}

// --- what goes ---------------------------------------------------------------------------------

static void connect_anew(sim_t *sim, caller_t *self)
{
    self->outcome.connect = false;
    inbox_clear(sim, &self->inbox);
    conn_close(sim, &self->conn);
    self->conn = conn_new(sim, self, true, deliver, broken);
    sim_note(sim, "        %s%u connects", self->name, self->number);
}

void caller_flush(sim_t *sim, caller_t *self)
{
    if (self->outcome.connect) connect_anew(sim, self);
    if (self->outcome.send_count == 0) return;
    msg_t *msg = msg_new(sim);
    for (size_t i = 0; i < self->outcome.send_count; i++) {
        say(sim, self, "says", &self->outcome.sends[i]);
        msg_take(msg, &self->outcome.sends[i]);
    }
    dc_outcome_clear_sends(&self->outcome);
    if (self->conn) {
        conn_send(sim, self->conn, msg, true);
    } else {
        msg_free(sim, msg);
    }
}

// --- turns -------------------------------------------------------------------------------------

// When the core wants its next turn, or the application, at `wish_us`, does.
static uint64_t next_turn_us(sim_t *sim, const caller_t *self, uint64_t wish_us)
{
    dc_ms_t deadline_ms = dc_requests_deadline(self->requests);
    bool is_soon =
        self->outcome.send_count || dc_outcome_has_news(&self->outcome) || deadline_ms <= ORIGIN_MS;
    if (is_soon) return sim->now_us + sim_between(sim, 1, 20);
    if (deadline_ms == UINT64_MAX) return wish_us;
    return dc_min_u64(wish_us, (deadline_ms - ORIGIN_MS) * 1000);
}

static void turn(sim_t *sim, void *object, uint64_t number)
{
    caller_t *self = object;
    if (self->turn != number || !self->requests || self->is_stopped) return;
    hear_all(sim, self);
    caller_flush(sim, self);
    uint64_t wish_us = self->act(sim, self->owner);
    if (sim->has_failed) return;
    uint64_t next_us = next_turn_us(sim, self, wish_us);
    if (next_us != UINT64_MAX) make_turn_due(sim, self, next_us);
}

// --- the process -------------------------------------------------------------------------------

void caller_begin(sim_t *sim, caller_t *self, const dc_session_settings_t *settings, uint64_t at_us)
{
    self->requests = dc_requests_new(settings, sim_below(sim, UINT64_MAX));
    if (!self->requests) abort();
    dc_outcome_init(&self->outcome);
    self->turn_us = 0;
    make_turn_due(sim, self, at_us);
}

void caller_end(sim_t *sim, caller_t *self)
{
    if (!self->requests) return;
    dc_requests_destroy(&self->requests);
    dc_outcome_fini(&self->outcome);
    inbox_clear(sim, &self->inbox);
    conn_close(sim, &self->conn);
}

void caller_stop(sim_t *sim, caller_t *self)
{
    if (!self->requests || self->is_stopped) return;
    sim_note(sim, "        %s%u is stopped", self->name, self->number);
    self->is_stopped = true;
}

void caller_resume(sim_t *sim, caller_t *self)
{
    if (!self->is_stopped) return;
    sim_note(sim, "        %s%u goes on", self->name, self->number);
    self->is_stopped = false;
    self->turn_us = 0;
    make_turn_due(sim, self, sim->now_us + 1);
}
