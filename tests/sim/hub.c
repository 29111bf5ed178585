#include "tests/sim/hub.h"

#include <stdlib.h>

#include "broker/core/trace.h"
#include "tests/sim/fair.h"
#include "tests/sim/faults.h"
#include "tests/sim/inbox.h"
#include "tests/sim/kept.h"
#include "tests/sim/patience.h"
#include "tests/sim/rate.h"
#include "tests/sim/terms.h"
#include "tests/sim/watch.h"

// Peers by number.
typedef struct numbers {
    peer_t **list; // owned; the peers are not
    size_t count, capacity;
} numbers_t;

struct hub {
    dc_core_t *core;         // NULL: the process is dead
    dc_store_model_t *store; // what is on its disk, whoever dies
    bool is_store_due;
    bool is_stopped, is_turn_due;
    bool is_leaving;               // it is to stop
    uint64_t stopped_us, slept_us; // when it was stopped, and for how long, all in all
    uint64_t life;                 // counted up when it is started
    uint64_t step_count;
    uint64_t told_count; // at which step it is looked at next what slots were told
    inbox_t inbox;
    dc_actions_t actions;
    peer_t *peers;        // owned: all of this life
    numbers_t numbers[2]; // of workers and clients
    bool has_operator;
    dc_rng_t operator;      // what he does: the rest of a seed goes as it would without him
    peer_t *out, *out_last; // those that have something to be sent, in order
};

static void make_turn_due(sim_t *sim, hub_t *self);
static void make_store_due(sim_t *sim, hub_t *self);

// --- peers -------------------------------------------------------------------------------------

peer_t *hub_peer(const hub_t *self, bool is_client, dc_peer_t number)
{
    const numbers_t *numbers = &self->numbers[is_client];
    return number < numbers->count ? numbers->list[number] : NULL;
}

static void index_peer(hub_t *self, peer_t *peer)
{
    numbers_t *numbers = &self->numbers[peer->is_client];
    if (numbers->count + 1 >= numbers->capacity) {
        numbers->capacity = numbers->capacity ? 2 * numbers->capacity : 64;
        peer_t **list = realloc(numbers->list, numbers->capacity * sizeof(peer_t *));
        if (!list) abort();
        numbers->list = list;
    }
    if (numbers->count == 0) numbers->list[numbers->count++] = NULL; // they begin with 1
    peer->number = numbers->count;
    numbers->list[numbers->count++] = peer;
}

static peer_t *add_peer(const sim_t *sim, hub_t *self, conn_t *conn, uint32_t epoch)
{
    peer_t *peer = calloc(1, sizeof *peer);
    if (!peer) abort();
    peer->is_client = conn->is_client;
    peer->origin = conn;
    peer->epoch = epoch;
    peer->gone_us = conn->is_closed || epoch != conn->epoch ? 0 : UINT64_MAX;
    peer->granted = DC_CREDIT_INITIAL_BYTES;
    peer->came_us = sim->now_us;
    index_peer(self, peer);
    peer->next = self->peers;
    self->peers = peer;
    if (epoch != conn->epoch) return peer;
    peer->conn = conn;
    conn->peer = peer;
    return peer;
}

// Who sent what came on `conn` before its break number `epoch`. What was read before a break is
// looked at after it, as it comes.
static peer_t *find_peer(const sim_t *sim, hub_t *self, conn_t *conn, uint32_t epoch)
{
    if (conn->peer && epoch == conn->epoch) return conn->peer;
    if (epoch == conn->epoch) return add_peer(sim, self, conn, epoch);
    for (peer_t *peer = self->peers; peer; peer = peer->next) {
        if (peer->origin == conn && peer->epoch == epoch && !peer->is_forgotten) return peer;
    }
    return add_peer(sim, self, conn, epoch);
}

static void forget_peer(hub_t *self, bool is_client, dc_peer_t number)
{
    peer_t *peer = hub_peer(self, is_client, number);
    if (!peer) return;
    peer->is_forgotten = true;
    if (peer->conn && peer->conn->peer == peer) peer->conn->peer = NULL;
}

void hub_lose_peer(sim_t *sim, peer_t *peer)
{
    bool is_noticed = sim_chance(sim, sim->plan.noticed_per_mille);
    peer->gone_us = is_noticed ? sim->now_us + sim_below(sim, 2000) : UINT64_MAX;
    if (peer->conn && !peer->conn->is_closed) peer->conn = NULL;
}

static void free_peers(sim_t *sim, hub_t *self)
{
    while (self->peers) {
        peer_t *peer = self->peers;
        self->peers = peer->next;
        if (peer->out) msg_free(sim, peer->out);
        if (peer->conn && peer->conn->peer == peer) peer->conn->peer = NULL;
        free(peer->handles);
        free(peer->leases);
        free(peer);
    }
    self->out = NULL;
    self->numbers[0].count = self->numbers[1].count = 0;
}

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
        case DC_ACTION_FORGET_CLIENT: forget_peer(self, true, action->peer); break;
        case DC_ACTION_FORGET_WORKER: forget_peer(self, false, action->peer); break;
        case DC_ACTION_STORE:
            dc_store_model_put(self->store, &action->op);
            make_store_due(sim, self);
            break;
        case DC_ACTION_LOG: break;
        }
    }
    dc_actions_clear(&self->actions);
}

static void step(sim_t *sim, hub_t *self, const dc_event_t *event)
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
        peer_t *peer = find_peer(sim, self, msg->conn, msg->epoch);
        dc_event_t event = { .type = peer->is_client ? DC_EVENT_CLIENT : DC_EVENT_WORKER,
                             .peer = peer->number,
                             .cmd = cmd };
        step(sim, self, &event);
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
            step(sim, self, &event);
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
    watch_dispatching(sim, self);
    fair_before(sim, self);
    dc_core_dispatch(self->core, sim_now_ms(sim), &self->actions);
    watch_dispatched(sim, self);
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
        make_turn_due(sim, self);
        return;
    }
    dc_ms_t wait_ms = dc_core_wait_ms(self->core);
    if (wait_ms < DC_TICK_MS) {
        agenda_add(&sim->agenda, sim->now_us + wait_ms * 1000, turn, self, self->life);
    }
}

static void make_turn_due(sim_t *sim, hub_t *self)
{
    if (self->is_turn_due || self->is_stopped || !self->core) return;
    self->is_turn_due = true;
    agenda_add(&sim->agenda, sim->now_us + sim_between(sim, 1, 40), turn, self, self->life);
}

// --- the store ---------------------------------------------------------------------------------

// What does not fit: never what frees space.
static bool is_refused(sim_t *sim, const dc_store_op_t *next)
{
    bool may_be = next->what == DC_STORE_BATCH || next->what == DC_STORE_CHUNK ||
                  next->what == DC_STORE_CLOSE || next->what == DC_STORE_RESULT ||
                  next->what == DC_STORE_NUMBERS;
    return may_be && !sim->is_calm && sim_chance(sim, sim->plan.full_per_mille);
}

// Whether the broker dies now: between any two commits, and above all when one has failed.
static bool is_dying(sim_t *sim, bool is_full)
{
    const plan_t *plan = &sim->plan;
    bool may_be = plan->fault_interval_us && plan->weight_broker && !sim->is_calm;
    return may_be && sim_chance(sim, is_full ? 300 : 2);
}

// The disk forgets something, of results more often than of inputs: those can be had again.
static void spoil(sim_t *sim, hub_t *self)
{
    if (sim->is_calm || !sim_chance(sim, sim->plan.spoil_per_mille)) return;
    bool is_of_result = sim_chance(sim, 800);
    dc_store_model_damage(self->store, sim_below(sim, UINT32_MAX), is_of_result);
    // Terms that are forgotten are an operator's to set again, and there is none here.
    if (sim_chance(sim, 700)) return;
    dc_store_what_t what = sim_chance(sim, 500) ? DC_STORE_END : DC_STORE_MET;
    dc_store_model_damage_small(self->store, sim_below(sim, UINT32_MAX), what);
}

// Some of what waits is committed, and the core is told.
static void commit_some(sim_t *sim, void *object, uint64_t life)
{
    hub_t *self = object;
    if (self->life != life || !self->core || self->is_stopped) return;
    self->is_store_due = false;
    size_t waiting = dc_store_model_waiting(self->store);
    for (uint64_t count = waiting ? 1 + sim_below(sim, waiting) : 0; count; count--) {
        bool is_full = is_refused(sim, dc_store_model_next(self->store));
        dc_store_op_t *op = is_full ? dc_store_model_refuse(self->store, DC_ERR_STORE_FULL)
                                    : dc_store_model_commit(self->store);
        const dc_event_t event = { .type = DC_EVENT_STORED, .op = &op };
        step(sim, self, &event);
        dc_store_op_destroy(&op);
        spoil(sim, self);
        if (!is_dying(sim, is_full)) continue;
        faults_kill_broker(sim);
        return;
    }
    make_store_due(sim, self);
    make_turn_due(sim, self);
}

static void make_store_due(sim_t *sim, hub_t *self)
{
    if (self->is_store_due || self->is_stopped || !self->core) return;
    if (!dc_store_model_waiting(self->store)) return;
    self->is_store_due = true;
    uint64_t delay_us = sim_chance(sim, 50) ? sim_below(sim, 200000) : sim_between(sim, 50, 3000);
    agenda_add(&sim->agenda, sim->now_us + delay_us, commit_some, self, self->life);
}

// What waits dies with the broker, except that some of it is on the disk already, and nobody knows.
static void crash_store(sim_t *sim, hub_t *self)
{
    size_t waiting = dc_store_model_waiting(self->store);
    for (uint64_t count = waiting ? sim_below(sim, waiting + 1) : 0; count; count--) {
        dc_store_op_t *op = dc_store_model_commit(self->store);
        dc_store_op_destroy(&op);
    }
    dc_store_model_crash(self->store);
    self->is_store_due = false;
}

static bool take_found(void *context, const dc_store_op_t *op)
{
    sim_t *sim = context;
    const dc_event_t event = { .type = DC_EVENT_FOUND, .found = op };
    step(sim, sim->hub, &event);
    return !dc_core_is_short(sim->hub->core);
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
    step(sim, self, &event);
    make_turn_due(sim, self);
}

void hub_deliver(sim_t *sim, msg_t *msg)
{
    hub_t *self = sim->hub;
    if (!self->core) {
        msg_free(sim, msg);
        return;
    }
    inbox_push(&self->inbox, msg);
    make_turn_due(sim, self);
}

// --- the process -------------------------------------------------------------------------------

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
    make_turn_due(sim, self);
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
    crash_store(sim, self);
    dc_core_destroy(&self->core);
    dc_actions_clear(&self->actions);
    inbox_clear(sim, &self->inbox);
    for (conn_t *conn = sim->conns; conn; conn = conn->next) {
        if (!conn->is_closed && conn->is_up) conn_break(sim, conn);
        conn->peer = NULL;
    }
    free_peers(sim, self);
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
    step(sim, self, &event);
    make_turn_due(sim, self);
}

bool hub_has_left(const hub_t *self)
{
    return dc_core_has_left(self->core);
}

void hub_say_farewell(sim_t *sim)
{
    const dc_event_t event = { .type = DC_EVENT_FAREWELL };
    step(sim, sim->hub, &event);
    make_turn_due(sim, sim->hub);
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
    // As in the core each such sleep counts for a tick.
    if (slept_us > sim->plan.settings.heartbeat_ms * 1000) self->slept_us += slept_us - TICK_US;
    self->is_store_due = false;
    make_turn_due(sim, self);
    make_store_due(sim, self);
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
