#include "tests/sim/cluster.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/sim/app.h"
#include "tests/sim/depositor.h"
#include "tests/sim/fair.h"
#include "tests/sim/faults.h"
#include "tests/sim/greedy.h"
#include "tests/sim/hub.h"
#include "tests/sim/plain.h"
#include "tests/sim/slot.h"
#include "tests/sim/watch.h"

// What is not over this long after the faults never will be: by far more than the longest job, as
// often as it may be begun anew.
#define CALM_US_MAX (UINT64_C(3600) * 1000000)

static void *make_list(size_t count)
{
    void *list = calloc(count ? count : 1, sizeof(void *));
    if (!list) abort();
    return list;
}

static void set_up(sim_t *self)
{
    const plan_t *plan = &self->plan;
    self->slots = make_list(plan->slots);
    self->plain_workers = make_list(plan->plain_workers);
    self->apps = make_list(plan->clients);
    self->plain_clients = make_list(plan->plain_clients);
    fair_begin(self);
    self->depositors = make_list(plan->depositors);
    hub_new(self);
    for (unsigned i = 0; i < plan->slots; i++) {
        self->slots[self->slot_count++] = slot_new(self, i);
    }
    for (unsigned i = 0; i < plan->plain_workers; i++) {
        self->plain_workers[self->plain_worker_count++] = plain_worker_new(self, i);
    }
    for (unsigned i = 0; i < plan->clients; i++) {
        self->apps[self->app_count++] = app_new(self, i);
    }
    for (unsigned i = 0; i < plan->plain_clients; i++) {
        self->plain_clients[self->plain_client_count++] = plain_client_new(self, i);
    }
    for (unsigned i = 0; i < plan->depositors; i++) {
        self->depositors[self->depositor_count++] = depositor_new(self, i);
    }
    if (plan->has_greedy) self->greedy = greedy_new(self);
    faults_begin(self);
}

static void tear_down(sim_t *self)
{
    self->is_closing = true;
    for (size_t i = 0; i < self->slot_count; i++) {
        slot_destroy(self, &self->slots[i]);
    }
    for (size_t i = 0; i < self->plain_worker_count; i++) {
        plain_worker_destroy(self, &self->plain_workers[i]);
    }
    for (size_t i = 0; i < self->app_count; i++) {
        app_destroy(self, &self->apps[i]);
    }
    for (size_t i = 0; i < self->plain_client_count; i++) {
        plain_client_destroy(self, &self->plain_clients[i]);
    }
    for (size_t i = 0; i < self->depositor_count; i++) {
        depositor_destroy(self, &self->depositors[i]);
    }
    greedy_destroy(self, &self->greedy);
    hub_destroy(self, &self->hub);
    fair_end(self);
    for (size_t i = 0; i < self->batch_count; i++) {
        batch_destroy(&self->batches[i]);
    }
    free(self->slots);
    free(self->plain_workers);
    free(self->apps);
    free(self->plain_clients);
    free(self->depositors);
    free(self->batches);
    free(self->named);
    net_fini(self);
    agenda_fini(&self->agenda);
    dc_buf_fini(&self->line);
    dc_buf_fini(&self->failure);
}

static bool are_clients_done(const sim_t *self)
{
    for (size_t i = 0; i < self->app_count; i++) {
        if (!app_is_done(self->apps[i])) return false;
    }
    for (size_t i = 0; i < self->plain_client_count; i++) {
        if (!plain_client_is_done(self->plain_clients[i])) return false;
    }
    for (size_t i = 0; i < self->depositor_count; i++) {
        if (!depositor_is_done(self->depositors[i])) return false;
    }
    return true;
}

// Let things happen until `until_us`, or until all is done if `is_awaited`. False if the steps that
// were allowed are over.
static bool run_until(sim_t *self, uint64_t until_us, bool is_awaited)
{
    agenda_entry_t entry;
    uint64_t look_us = 0;
    while (!self->has_failed && agenda_take(&self->agenda, &entry)) {
        self->now_us = entry.at_us;
        entry.run(self, entry.object, entry.number);
        if (self->steps >= self->steps_max) return false;
        if (self->now_us >= until_us) return true;
        if (!is_awaited || self->now_us < look_us) continue;
        look_us = self->now_us + 10000;
        if (are_clients_done(self)) return true;
    }
    return true;
}

static void name_unfinished(sim_t *self)
{
    for (size_t i = 0; i < self->app_count; i++) {
        const app_t *app = self->apps[i];
        for (size_t t = 0; !app->is_dead && t < app->task_count; t++) {
            const batch_t *batch = app->tasks[t].batch;
            if (batch->is_ended) continue;
            sim_fail(self, "batch %u of app%zu does not end: %llu of %llu jobs answered",
                     batch->number, i, (unsigned long long)batch->answered,
                     (unsigned long long)batch->jobs);
        }
    }
    for (size_t i = 0; i < self->depositor_count; i++) {
        const depositor_t *depositor = self->depositors[i];
        if (depositor_is_done(depositor)) continue;
        sim_fail(self, "batch %u of depositor%zu comes to no end: state %d, %llu of %llu results",
                 depositor->batch->number, i, (int)depositor->state,
                 (unsigned long long)depositor->batch->answered,
                 (unsigned long long)depositor->batch->jobs);
    }
    sim_fail(self, "a plain client is not answered, or answers are not acknowledged");
}

static void leave(sim_t *self)
{
    for (size_t i = 0; i < self->app_count; i++) {
        app_leave(self, self->apps[i]);
    }
    for (size_t i = 0; i < self->plain_client_count; i++) {
        plain_client_leave(self, self->plain_clients[i]);
    }
    greedy_destroy(self, &self->greedy);
}

static void run(sim_t *self)
{
    if (!run_until(self, self->plan.fault_us + 1, false)) return;
    if (!run_until(self, self->now_us + CALM_US_MAX, true)) return;
    if (!self->has_failed && !are_clients_done(self)) name_unfinished(self);
    for (size_t i = 0; i < self->depositor_count && !self->has_failed; i++) {
        depositor_check(self, self->depositors[i]);
    }
    if (self->has_failed) return;
    leave(self);
    // Sessions fall silent first, and their batches are orphans then.
    uint64_t orphan_us = (self->plan.settings.orphan_ms + 5000) * 1000;
    if (!run_until(self, self->now_us + orphan_us, false)) return;
    if (!self->has_failed) watch_end(self);
}

bool cluster_run(uint64_t seed, const cluster_options_t *options, tally_t *tally)
{
    sim_t self = { .seed = seed,
                   .steps_max = options->steps_max,
                   .is_tracing = options->is_tracing };
    dc_rng_init(&self.rng, seed);
    if (options->is_large) {
        plan_draw_large(&self.plan, &self.rng);
    } else {
        plan_draw(&self.plan, &self.rng, options->size);
    }
    set_up(&self);
    run(&self);
    if (self.has_failed) {
        printf("seed %llu, step %llu, %.3f ms: %.*s\n", (unsigned long long)seed,
               (unsigned long long)self.steps, (double)self.now_us / 1000, (int)self.failure.len,
               self.failure.data);
    }
    tally->steps += self.steps;
    tally->ticks += self.ticks;
    tally->chunks += self.chunks_sent;
    tally->packed += self.chunks_packed;
    tally->answered += self.jobs_answered;
    tally->failed += self.jobs_failed;
    tally->skipped += self.jobs_skipped;
    tally->needs += self.needs_met;
    tally->blamed += self.jobs_blamed;
    if (hub_core(self.hub)) watch_death(&self, self.hub);
    tally->doubled += self.jobs_doubled;
    tally->disputed += self.jobs_disputed;
    tally->forks += self.forks;
    tally->tidings += self.tidings;
    tally->kills += self.kills;
    tally->breaks += self.breaks;
    tally->stops += self.stops;
    tally->broker_deaths += self.broker_deaths;
    tally->spoiled += self.jobs_spoiled;
    tally->others += self.others_refused;
    bool is_passed = !self.has_failed;
    tear_down(&self);
    return is_passed;
}
