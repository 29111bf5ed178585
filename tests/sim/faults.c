#include "tests/sim/faults.h"

#include "tests/sim/app.h"
#include "tests/sim/depositor.h"
#include "tests/sim/hub.h"
#include "tests/sim/plain.h"
#include "tests/sim/slot.h"

static slot_t *any_slot(sim_t *sim)
{
    return sim->slots[sim_below(sim, sim->slot_count)];
}

static app_t *any_app(sim_t *sim)
{
    return sim->apps[sim_below(sim, sim->app_count)];
}

static depositor_t *any_depositor(sim_t *sim)
{
    return sim->depositors[sim_below(sim, sim->depositor_count)];
}

// --- connections -------------------------------------------------------------------------------

static bool break_depositor(sim_t *sim)
{
    if (!sim->depositor_count || !sim_chance(sim, 250)) return false;
    depositor_t *depositor = any_depositor(sim);
    if (depositor->caller.conn) conn_break(sim, depositor->caller.conn);
    return true;
}

static void break_one(sim_t *sim)
{
    sim->breaks++;
    if (break_depositor(sim)) return;
    slot_t *slot = any_slot(sim);
    app_t *app = any_app(sim);
    uint64_t dice = sim_below(sim, 10);
    if (dice == 0 && sim->plain_client_count) {
        plain_client_break(sim, sim->plain_clients[sim_below(sim, sim->plain_client_count)]);
    } else if (dice == 1 && sim->plain_worker_count) {
        plain_worker_t *worker = sim->plain_workers[sim_below(sim, sim->plain_worker_count)];
        if (worker->conn) conn_break(sim, worker->conn);
    } else if (dice < 6 && slot->conn) {
        sim_note(sim, "        slot%u's connection breaks", slot->number);
        conn_break(sim, slot->conn);
    } else if (app->caller.conn) {
        sim_note(sim, "        app%u's connection breaks", app->number);
        conn_break(sim, app->caller.conn);
    }
}

// --- stopped processes -------------------------------------------------------------------------

static void resume_slot(sim_t *sim, void *object, uint64_t number)
{
    (void)number;
    slot_resume(sim, object);
}

static void resume_app(sim_t *sim, void *object, uint64_t number)
{
    (void)number;
    app_resume(sim, object);
}

static void resume_hub(sim_t *sim, void *object, uint64_t number)
{
    (void)number;
    (void)object;
    if (hub_is_stopped(sim->hub)) sim_note(sim, "        the broker goes on");
    hub_resume(sim);
}

static void stop_one(sim_t *sim)
{
    sim->stops++;
    uint64_t until_us = sim->now_us + sim_between(sim, 1000, 6000000);
    slot_t *slot = any_slot(sim);
    app_t *app = any_app(sim);
    switch (sim_below(sim, 5)) {
    case 0:
        if (!hub_is_alive(sim->hub) || hub_is_stopped(sim->hub)) return;
        sim_note(sim, "        the broker is stopped");
        hub_stop(sim);
        agenda_add(&sim->agenda, until_us, resume_hub, NULL, 0);
        break;
    case 1:
    case 2:
        app_stop(sim, app);
        agenda_add(&sim->agenda, until_us, resume_app, app, 0);
        break;
    default:
        slot_stop(sim, slot);
        agenda_add(&sim->agenda, until_us, resume_slot, slot, 0);
        break;
    }
}

// --- deaths ------------------------------------------------------------------------------------

static void start_hub(sim_t *sim, void *object, uint64_t number)
{
    (void)object;
    (void)number;
    if (hub_is_alive(sim->hub)) return;
    sim_note(sim, "        the broker starts");
    hub_start(sim);
}

void faults_kill_broker(sim_t *sim)
{
    if (!hub_is_alive(sim->hub)) return;
    sim_note(sim, "        the broker is killed");
    sim->broker_deaths++;
    hub_kill(sim);
    agenda_add(&sim->agenda, sim->now_us + sim_between(sim, 10000, 4000000), start_hub, NULL, 0);
}

// How often it is seen whether a broker that is to stop is done, and for how long it waits if not.
#define LEAVE_US      10000
#define LEAVE_US_MEAN 2000000

static void end_hub(sim_t *sim, void *object, uint64_t life)
{
    (void)object;
    if (hub_is_alive(sim->hub) && hub_life(sim->hub) == life) faults_kill_broker(sim);
}

static void see_hub_leave(sim_t *sim, void *object, uint64_t life)
{
    (void)object;
    hub_t *hub = sim->hub;
    if (!hub_is_alive(hub) || hub_life(hub) != life) return;
    bool is_over = hub_has_left(hub) || sim_chance(sim, 1000 * LEAVE_US / LEAVE_US_MEAN);
    if (hub_is_stopped(hub) || !is_over) {
        agenda_add(&sim->agenda, sim->now_us + LEAVE_US, see_hub_leave, NULL, life);
        return;
    }
    hub_say_farewell(sim);
    agenda_add(&sim->agenda, sim->now_us + sim_below(sim, 50000), end_hub, NULL, life);
}

// SIGTERM: it goes when it is done, or has waited long enough.
static void stop_broker(sim_t *sim)
{
    if (!hub_is_alive(sim->hub) || hub_is_stopped(sim->hub)) return;
    sim_note(sim, "        the broker is to stop");
    hub_leave(sim);
    see_hub_leave(sim, NULL, hub_life(sim->hub));
}

static void kill_broker(sim_t *sim)
{
    if (sim_chance(sim, 500)) {
        stop_broker(sim);
    } else {
        faults_kill_broker(sim);
    }
}

static void kill_one(sim_t *sim)
{
    if (sim->plain_worker_count && sim_chance(sim, 200)) {
        plain_worker_kill(sim, sim->plain_workers[sim_below(sim, sim->plain_worker_count)]);
    } else {
        slot_kill(sim, any_slot(sim));
    }
}

// Somebody must remain to be answered.
static void kill_client(sim_t *sim)
{
    if (sim->depositor_count && sim_chance(sim, 500)) {
        depositor_kill(sim, any_depositor(sim));
        return;
    }
    app_t *app = any_app(sim);
    if (app->number != 0 && !app->is_dead) app_kill(sim, app);
}

// --- one after another -------------------------------------------------------------------------

static void do_one(sim_t *sim)
{
    const plan_t *plan = &sim->plan;
    const uint32_t weights[] = { plan->weight_break, plan->weight_stop,   plan->weight_kill,
                                 plan->weight_drain, plan->weight_broker, plan->weight_client };
    uint64_t sum = 0;
    for (size_t i = 0; i < DC_ARRAY_LEN(weights); i++) {
        sum += weights[i];
    }
    if (sum == 0) return;
    uint64_t dice = sim_below(sim, sum);
    size_t which = 0;
    while (dice >= weights[which]) {
        dice -= weights[which++];
    }
    switch (which) {
    case 0: break_one(sim); break;
    case 1: stop_one(sim); break;
    case 2: kill_one(sim); break;
    case 3: slot_drain(sim, any_slot(sim)); break;
    case 4: kill_broker(sim); break;
    default: kill_client(sim); break;
    }
}

static void next(sim_t *sim, void *object, uint64_t number)
{
    (void)object;
    (void)number;
    if (sim->is_calm) return;
    do_one(sim);
    hub_let_operator(sim);
    uint64_t later_us = 1 + sim_below(sim, 2 * sim->plan.fault_interval_us);
    agenda_add(&sim->agenda, sim->now_us + later_us, next, NULL, 0);
}

// Whatever is stopped goes on, whoever is dead is started; from now on all is well.
static void calm(sim_t *sim, void *object, uint64_t number)
{
    (void)object;
    (void)number;
    sim_note(sim, "        calm");
    sim->is_calm = true;
    start_hub(sim, NULL, 0);
    hub_resume(sim);
    for (size_t i = 0; i < sim->slot_count; i++) {
        slot_resume(sim, sim->slots[i]);
    }
    for (size_t i = 0; i < sim->app_count; i++) {
        app_resume(sim, sim->apps[i]);
    }
}

void faults_begin(sim_t *sim)
{
    if (sim->plan.fault_interval_us) {
        uint64_t first_us = sim_below(sim, 2 * sim->plan.fault_interval_us);
        agenda_add(&sim->agenda, first_us, next, NULL, 0);
    }
    agenda_add(&sim->agenda, sim->plan.fault_us, calm, NULL, 0);
}
