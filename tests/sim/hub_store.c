// The thread of the broker that has the disk: what waits is committed a while later, or it is not.
#include "tests/sim/faults.h"
#include "tests/sim/hub_part.h"

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
        hub_step(sim, self, &event);
        dc_store_op_destroy(&op);
        spoil(sim, self);
        if (!is_dying(sim, is_full)) continue;
        faults_kill_broker(sim);
        return;
    }
    hub_make_store_due(sim, self);
    hub_make_turn_due(sim, self);
}

void hub_make_store_due(sim_t *sim, hub_t *self)
{
    if (self->is_store_due || self->is_stopped || !self->core) return;
    if (!dc_store_model_waiting(self->store)) return;
    self->is_store_due = true;
    uint64_t delay_us = sim_chance(sim, 50) ? sim_below(sim, 200000) : sim_between(sim, 50, 3000);
    agenda_add(&sim->agenda, sim->now_us + delay_us, commit_some, self, self->life);
}

void hub_crash_store(sim_t *sim, hub_t *self)
{
    size_t waiting = dc_store_model_waiting(self->store);
    for (uint64_t count = waiting ? sim_below(sim, waiting + 1) : 0; count; count--) {
        dc_store_op_t *op = dc_store_model_commit(self->store);
        dc_store_op_destroy(&op);
    }
    dc_store_model_crash(self->store);
    self->is_store_due = false;
}
