#include <stdlib.h>

#include "broker/core/trace.h"
#include "tests/sim/fair.h"
#include "tests/sim/hub_part.h"
#include "tests/sim/idle.h"
#include "tests/sim/kept.h"
#include "tests/sim/patience.h"
#include "tests/sim/rate.h"
#include "tests/sim/terms.h"
#include "tests/sim/watch.h"

// --- the core ----------------------------------------------------------------------------------

static void say_action(sim_t *sim, const dc_action_t *action)
{
    dc_buf_t *line = sim_say(sim);
    if (!line) return;
    dc_trace_action(action, line);
    sim_say_end(sim);
}

static void put_out(sim_t *sim, hub_t *self, bool is_client, dc_action_t *action)
{
    peer_t *peer = hub_peer(self, is_client, action->peer);
    if (!peer || peer->is_forgotten) {
        sim_fail(sim, "broker: something is sent to a peer that it does not know");
        return;
    }
    if (!peer->out) {
        peer->out = msg_new(sim);
        // What is said to a connection comes in order, whoever it was taken for meanwhile.
        peer->next_out = NULL;
        if (self->out) {
            self->out_last->next_out = peer;
        } else {
            self->out = peer;
        }
        self->out_last = peer;
    }
    msg_take(peer->out, &action->cmd);
}

// Carry out the actions from `first`.
static void carry_out(sim_t *sim, hub_t *self)
{
    for (size_t i = 0; i < self->actions.len; i++) {
        dc_action_t *action = &self->actions.list[i];
        say_action(sim, action);
        watch_action(sim, self, action);
        switch (action->type) {
        case DC_ACTION_TO_CLIENT: put_out(sim, self, true, action); break;
        case DC_ACTION_TO_WORKER: put_out(sim, self, false, action); break;
        case DC_ACTION_FORGET_CLIENT: hub_forget_peer(self, true, action->peer); break;
        case DC_ACTION_FORGET_WORKER: hub_forget_peer(self, false, action->peer); break;
        case DC_ACTION_STORE:
            dc_store_model_put(self->store, &action->op);
            hub_make_store_due(sim, self);
            break;
        case DC_ACTION_LOG: break;
        }
    }
    dc_actions_clear(&self->actions);
}

void hub_step(sim_t *sim, hub_t *self, const dc_event_t *event)
{
    dc_buf_t *line = sim_say(sim);
    if (line) {
        dc_trace_event(event, line);
        sim_say_end(sim);
    }
    watch_before(sim, self, event);
    terms_before(sim, self, event);
    dc_core_set_us(self->core, sim_now_us(sim));
    dc_core_step(self->core, sim_now_ms(sim), event, &self->actions);
    sim->steps++;
    watch_after(sim, self, event, &self->actions);
    terms_after(sim, self, event, &self->actions);
    patience_watch(sim, self, event, &self->actions);
    sim_check(sim, "broker", dc_core_check(self->core));
    // While the store is read not all is there.
    bool is_reading = event->type == DC_EVENT_FOUND && event->found;
    if (++self->step_count % sim->plan.audit_steps == 0 && !is_reading) {
        sim_check(sim, "broker", dc_core_audit(self->core));
    }
    carry_out(sim, self);
}

static void step_message(sim_t *sim, hub_t *self, msg_t *msg)
{
    for (size_t i = 0; i < msg->len && !sim->has_failed; i++) {
        const dc_cmd_t *cmd = &msg->cmds[i];
        peer_t *peer = hub_find_peer(sim, self, msg->conn, msg->epoch);
        dc_event_t event = { .type = peer->is_client ? DC_EVENT_CLIENT : DC_EVENT_WORKER,
                             .peer = peer->number,
                             .cmd = cmd };
        hub_step(sim, self, &event);
    }
    msg_free(sim, msg);
}

static bool is_gone(const sim_t *sim, const peer_t *peer)
{
    return sim->now_us >= peer->gone_us;
}

// Send what is at hand. Those who turn out to be gone are told of to the core, which may have more
// to send then. True if there were any.
static bool flush(sim_t *sim, hub_t *self)
{
    bool has_gone = false;
    while (self->out) {
        peer_t *peer = self->out;
        msg_t *msg = peer->out;
        self->out = peer->next_out;
        peer->out = NULL;
        if (is_gone(sim, peer)) {
            msg_free(sim, msg);
            if (peer->is_forgotten || peer->is_gone_told) continue;
            peer->is_gone_told = has_gone = true;
            dc_event_t event = { .type =
                                     peer->is_client ? DC_EVENT_CLIENT_GONE : DC_EVENT_WORKER_GONE,
                                 .peer = peer->number };
            hub_step(sim, self, &event);
        } else if (peer->conn) {
            conn_send(sim, peer->conn, msg, false);
        } else {
            msg_free(sim, msg); // into the void
        }
    }
    return has_gone;
}

// Who is to stop leases nothing, so there is nothing to be watched but that.
static void dispatch_nothing(sim_t *sim, hub_t *self)
{
    dc_core_dispatch(self->core, sim_now_ms(sim), &self->actions);
    if (self->actions.len) sim_fail(sim, "a broker that is to stop leases something");
}

static void dispatch(sim_t *sim, hub_t *self)
{
    if (self->is_leaving) {
        dispatch_nothing(sim, self);
        return;
    }
    dc_core_set_us(self->core, sim_now_us(sim));
    idle_before(sim, self);
    fair_before(sim, self);
    dc_core_dispatch(self->core, sim_now_ms(sim), &self->actions);
    watch_dispatched(sim, self);
    idle_watch(sim, self);
    sim_check(sim, "broker", dc_core_check(self->core));
    carry_out(sim, self);
    fair_watch(sim, self);
    if (self->step_count < self->told_count) return;
    self->told_count = self->step_count + sim->plan.audit_steps / 4;
    watch_told(sim, self);
    kept_watch(sim);
}

static void turn(sim_t *sim, void *object, uint64_t life)
{
    hub_t *self = object;
    if (self->life != life || !self->core || self->is_stopped) return;
    self->is_turn_due = false;
    msg_t *msg;
    while (!sim->has_failed && (msg = inbox_pop(&self->inbox))) {
        step_message(sim, self, msg);
    }
    dispatch(sim, self);
    // The work of those who turn out to be gone is given to others in the next turn.
    if (flush(sim, self)) {
        hub_make_turn_due(sim, self);
        return;
    }
    dc_ms_t wait_ms = dc_core_wait_ms(self->core);
    if (wait_ms < DC_TICK_MS) {
        agenda_add(&sim->agenda, sim->now_us + wait_ms * 1000, turn, self, self->life);
    }
}

void hub_make_turn_due(sim_t *sim, hub_t *self)
{
    if (self->is_turn_due || self->is_stopped || !self->core) return;
    self->is_turn_due = true;
    agenda_add(&sim->agenda, sim->now_us + sim_between(sim, 1, 40), turn, self, self->life);
}

// --- time --------------------------------------------------------------------------------------

static void tick(sim_t *sim, void *object, uint64_t life)
{
    hub_t *self = object;
    if (self->life != life || !self->core) return;
    uint64_t next_us = sim->now_us + TICK_US + sim_below(sim, 1000);
    agenda_add(&sim->agenda, next_us, tick, self, life);
    if (self->is_stopped) return;
    const dc_event_t event = { .type = DC_EVENT_TICK };
    sim->ticks++;
    hub_step(sim, self, &event);
    hub_make_turn_due(sim, self);
}

void hub_deliver(sim_t *sim, msg_t *msg)
{
    hub_t *self = sim->hub;
    if (!self->core) {
        msg_free(sim, msg);
        return;
    }
    inbox_push(&self->inbox, msg);
    hub_make_turn_due(sim, self);
}

// --- the process -------------------------------------------------------------------------------

static bool take_found(void *context, const dc_store_op_t *op)
{
    sim_t *sim = context;
    const dc_event_t event = { .type = DC_EVENT_FOUND, .found = op };
    hub_step(sim, sim->hub, &event);
    return !dc_core_is_short(sim->hub->core);
}

void hub_start(sim_t *sim)
{
    hub_t *self = sim->hub;
    dc_settings_t settings = sim->plan.settings;
    settings.has_store = true;
    // Some brokers run out of them before more are reserved.
    settings.numbers_step = sim_between(sim, 1, 4);
    dc_store_model_reserve(self->store, &settings);
    self->core = dc_core_new(&settings, sim_below(sim, UINT64_MAX));
    if (!self->core) abort();
    self->life++;
    self->is_turn_due = self->is_stopped = self->is_leaving = false;
    dc_store_model_recover(self->store, take_found, sim);
    take_found(sim, NULL);
    kept_recovered(sim);
    hub_make_turn_due(sim, self);
    agenda_add(&sim->agenda, sim->now_us + sim_below(sim, 100000), tick, self, self->life);
}

void hub_let_operator(sim_t *sim)
{
    hub_t *self = sim->hub;
    if (!self->core || self->is_stopped || !self->has_operator) return;
    if (dc_rng_below(&self->operator, 20)) return;
    dc_settings_t settings = sim->plan.settings;
    // Where a plan has memory enough nobody expects to be refused.
    if (settings.memory_bytes_max < dc_settings_default().memory_bytes_max) {
        settings.memory_bytes_max -=
            dc_rng_below(&self->operator, settings.memory_bytes_max - 4095);
    }
    settings.orphan_ms -= dc_rng_below(&self->operator, settings.orphan_ms / 2);
    if (settings.rate_max && dc_rng_below(&self->operator, 2)) {
        settings.rate_max = dc_rng_below(&self->operator, 2 * settings.rate_max);
        settings.burst = dc_rng_below(&self->operator, 2 * settings.burst + 1);
    }
    rate_changes(sim, self, self->peers, &settings);
    dc_core_set_limits(self->core, sim_now_ms(sim), &settings);
    sim_note(sim, "        the operator says memory=%llu orphan=%llu rate=%llu",
             (unsigned long long)settings.memory_bytes_max, (unsigned long long)settings.orphan_ms,
             (unsigned long long)settings.rate_max);
}

hub_t *hub_new(sim_t *sim)
{
    hub_t *self = calloc(1, sizeof *self);
    if (!self) abort();
    dc_actions_init(&self->actions);
    self->store = dc_store_model_new();
    dc_rng_init(&self->operator, sim->seed);
    self->has_operator = dc_rng_below(&self->operator, 4) == 0;
    sim->hub = self;
    hub_start(sim);
    return self;
}

void hub_kill(sim_t *sim)
{
    hub_t *self = sim->hub;
    if (!self->core) return;
    watch_death(sim, self);
    hub_crash_store(sim, self);
    dc_core_destroy(&self->core);
    dc_actions_clear(&self->actions);
    inbox_clear(sim, &self->inbox);
    for (conn_t *conn = sim->conns; conn; conn = conn->next) {
        if (!conn->is_closed && conn->is_up) conn_break(sim, conn);
        conn->peer = NULL;
    }
    hub_free_peers(sim, self);
}

void hub_destroy(sim_t *sim, hub_t **self_p)
{
    hub_t *self = *self_p;
    if (!self) return;
    hub_kill(sim);
    dc_actions_fini(&self->actions);
    dc_store_model_destroy(&self->store);
    free(self->numbers[0].list);
    free(self->numbers[1].list);
    free(self);
    *self_p = NULL;
}

void hub_leave(sim_t *sim)
{
    hub_t *self = sim->hub;
    const dc_event_t event = { .type = DC_EVENT_STOP };
    self->is_leaving = true;
    hub_step(sim, self, &event);
    hub_make_turn_due(sim, self);
}

bool hub_has_left(const hub_t *self)
{
    return dc_core_has_left(self->core);
}

void hub_say_farewell(sim_t *sim)
{
    const dc_event_t event = { .type = DC_EVENT_FAREWELL };
    hub_step(sim, sim->hub, &event);
    hub_make_turn_due(sim, sim->hub);
}

bool hub_is_alive(const hub_t *self)
{
    return self->core != NULL;
}

void hub_stop(sim_t *sim)
{
    sim->hub->is_stopped = true;
    sim->hub->stopped_us = sim->now_us;
}

void hub_resume(sim_t *sim)
{
    hub_t *self = sim->hub;
    if (!self->is_stopped) return;
    self->is_stopped = self->is_turn_due = false;
    uint64_t slept_us = sim->now_us - self->stopped_us;
    // As in the core each such sleep counts for a tick. Its clock has whole milliseconds.
    if (slept_us / 1000 > sim->plan.settings.heartbeat_ms) self->slept_us += slept_us - TICK_US;
    self->is_store_due = false;
    hub_make_turn_due(sim, self);
    hub_make_store_due(sim, self);
}

bool hub_is_stopped(const hub_t *self)
{
    return self->is_stopped;
}

uint64_t hub_awake_us(const sim_t *sim)
{
    return sim->now_us - sim->hub->slept_us;
}

const dc_core_t *hub_core(const hub_t *self)
{
    return self->core;
}

const dc_store_model_t *hub_store(const hub_t *self)
{
    return self->store;
}

uint64_t hub_life(const hub_t *self)
{
    return self->life;
}
