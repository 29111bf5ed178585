#include "tests/sim/plan.h"

static uint64_t between(dc_rng_t *rng, uint64_t low, uint64_t high)
{
    return low + dc_rng_below(rng, high - low + 1);
}

static bool one_of(dc_rng_t *rng, uint64_t count)
{
    return dc_rng_below(rng, count) == 0;
}

// Between `low` and `high`, each power of two as likely as any other.
static uint64_t any_scale(dc_rng_t *rng, uint64_t low, uint64_t high)
{
    uint64_t bits = 0;
    while (low << bits < high) {
        bits++;
    }
    uint64_t top = dc_min_u64(high, low << dc_rng_below(rng, bits + 1));
    return between(rng, low, top);
}

static void draw_work(plan_t *self, dc_rng_t *rng, uint32_t size)
{
    self->slots = (uint32_t)(one_of(rng, 4) ? any_scale(rng, 1, 50) : between(rng, 1, 6));
    self->plain_workers = one_of(rng, 3) ? (uint32_t)between(rng, 1, 2) : 0;
    self->clients = (uint32_t)between(rng, 1, 4);
    bool has_plain = self->plain_workers || one_of(rng, 2);
    self->plain_clients = has_plain ? (uint32_t)between(rng, 1, 3) : 0;
    self->has_greedy = one_of(rng, 8);
    self->batches_min = 1;
    self->batches_max = (uint32_t)between(rng, 1, 6);
    self->batch_jobs_min = 1;
    self->batch_jobs_max = any_scale(rng, 64, 6000) * size;
    self->chunk_jobs_max = (uint32_t)any_scale(rng, 1, 128);
    self->plain_lines_max = (uint32_t)any_scale(rng, 1, 20);
    // The guide's number is lower. To find a job that kills its slots may take a dozen of them,
    // each silent for some seconds; whoever asks again before begins the search anew.
    self->plain_retry_us = UINT64_C(120) * 1000000;
    self->pace_us_max = one_of(rng, 3) ? 0 : any_scale(rng, 1000, 500000);
    self->poison_count = one_of(rng, 3) ? (uint32_t)between(rng, 1, 6) : 0;
    self->long_count = one_of(rng, 8) ? (uint32_t)between(rng, 1, 2) : 0;
    self->slow_per_mille = one_of(rng, 3) ? (uint32_t)between(rng, 1, 30) : 0;
    self->wide_per_mille = one_of(rng, 20) ? 500 : 0;
    if (self->wide_per_mille) self->batch_jobs_max = 6000;
    self->stuck_per_mille = one_of(rng, 2) ? 300 : 0;
    self->fault_per_mille = one_of(rng, 2) ? (uint32_t)between(rng, 1, 300) : 0;
    self->cancel_per_mille = one_of(rng, 3) ? 200 : 0;
    self->question_per_mille = one_of(rng, 3) ? 50 : 0;
    self->has_priorities = one_of(rng, 2);
    self->tag_count = one_of(rng, 2) ? (uint32_t)between(rng, 1, dc_min_u64(self->slots, 3)) : 0;
    self->trouble_per_mille = one_of(rng, 2) ? (uint32_t)between(rng, 1, 500) : 0;
    self->held_per_mille = one_of(rng, 3) ? 200 : 0;
    self->needs_per_mille = one_of(rng, 3) ? 500 : 0;
    self->after_per_mille = one_of(rng, 3) ? 300 : 0;
    self->deadline_per_mille = one_of(rng, 4) ? 200 : 0;
    self->job_ns_max = any_scale(rng, 100, 5000000);
    if (one_of(rng, 2)) return;
    self->tree_per_mille = (uint32_t)any_scale(rng, 1, 1000);
    self->fork_per_mille = (uint32_t)between(rng, 100, 1000);
    self->batch_jobs_max = dc_min_u64(self->batch_jobs_max, UINT64_C(20000) / self->tree_per_mille);
}

// A few clients with much to compute, and little to compute it with: all that happens is that they
// wait for each other, long enough to see who has how much.
static void draw_crowd(plan_t *self, dc_rng_t *rng)
{
    *self = (plan_t){ .audit_steps = self->audit_steps, .settings = self->settings };
    self->slots = (uint32_t)between(rng, 1, 2);
    self->clients = (uint32_t)between(rng, 3, 4);
    self->batches_min = 1;
    self->batches_max = 2;
    self->batch_jobs_min = self->batch_jobs_max = 4000;
    self->chunk_jobs_max = (uint32_t)any_scale(rng, 8, 64);
    self->has_priorities = one_of(rng, 2);
    self->job_ns_max = between(rng, 500000, 2000000);
    self->latency_us_max = any_scale(rng, 20, 2000);
    self->fault_us = 1000000;
}

static void draw_net(plan_t *self, dc_rng_t *rng)
{
    self->latency_us_max = any_scale(rng, 20, 30000);
    self->double_per_mille = one_of(rng, 2) ? (uint32_t)between(rng, 1, 50) : 0;
    self->echo_per_mille = one_of(rng, 2) ? (uint32_t)between(rng, 1, 50) : 0;
    self->spike_per_mille = one_of(rng, 3) ? (uint32_t)between(rng, 1, 10) : 0;
    self->spike_us_max = any_scale(rng, 100000, 5000000);
}

// Most simulations have faults of all kinds, some of one kind only, and some none.
static void draw_faults(plan_t *self, dc_rng_t *rng)
{
    self->fault_us = between(rng, 1000, 20000) * 1000;
    self->fault_interval_us = one_of(rng, 6) ? 0 : any_scale(rng, 20000, 2000000);
    uint32_t *weights[] = { &self->weight_break, &self->weight_stop,   &self->weight_kill,
                            &self->weight_drain, &self->weight_broker, &self->weight_client };
    for (size_t i = 0; i < DC_ARRAY_LEN(weights); i++) {
        *weights[i] = one_of(rng, 2) ? (uint32_t)between(rng, 1, 10) : 0;
    }
    if (self->weight_broker && one_of(rng, 2)) self->weight_broker = 1;
    self->obituary_per_mille = one_of(rng, 3) ? 0 : (uint32_t)between(rng, 500, 1000);
    self->noticed_per_mille = one_of(rng, 3) ? 1000 : (uint32_t)between(rng, 0, 1000);
}

// Some batches are verified, which takes two slots; one slot may lie.
static void draw_verified(plan_t *self, dc_rng_t *rng)
{
    bool may_verify = self->slots > 1 && one_of(rng, 3);
    self->verified_per_mille = may_verify ? 500 : 0;
    self->lie_per_mille = may_verify && one_of(rng, 2) ? (uint32_t)any_scale(rng, 1, 1000) : 0;
}

void plan_draw(plan_t *self, dc_rng_t *rng, uint32_t size)
{
    *self = (plan_t){ .audit_steps = 256, .settings = dc_settings_default() };
    draw_work(self, rng, size);
    draw_net(self, rng);
    draw_faults(self, rng);
    if (one_of(rng, 25)) draw_crowd(self, rng);
    self->settings.orphan_ms = one_of(rng, 4) ? DC_ORPHAN_MS : any_scale(rng, 1000, 10000);
    if (one_of(rng, 6)) self->settings.memory_bytes_max = any_scale(rng, 4096, 1 << 20);
    if (one_of(rng, 6)) self->settings.rate_max = any_scale(rng, 200, 20000);
    if (one_of(rng, 2)) self->settings.burst = any_scale(rng, 1, 2000);
    if (one_of(rng, 6)) self->settings.outstanding_max = any_scale(rng, 10, 5000);
    if (one_of(rng, 2)) self->depositors = (uint32_t)between(rng, 1, 4);
    if (one_of(rng, 3)) self->full_per_mille = (uint32_t)any_scale(rng, 5, 300);
    draw_verified(self, rng);
    if (one_of(rng, 6)) self->settings.rate_bytes_max = any_scale(rng, 2000, 1000000);
    if (one_of(rng, 2)) self->settings.burst_bytes = any_scale(rng, 1, 100000);
    if (one_of(rng, 2)) self->settings.reading_bytes_max = any_scale(rng, 1, 5000);
    if (one_of(rng, 3)) self->spoil_per_mille = (uint32_t)any_scale(rng, 2, 100);
}

static void draw_large_work(plan_t *self, dc_rng_t *rng)
{
    self->slots = 10000;
    self->plain_workers = 20;
    self->clients = 40;
    self->plain_clients = 40;
    self->batches_min = 4;
    self->batches_max = 5;
    // Some 2000 chunks for each batch, which are half of this many jobs on average.
    self->chunk_jobs_max = 7;
    self->batch_jobs_min = 8000;
    self->batch_jobs_max = 11000;
    self->plain_lines_max = 10;
    self->plain_retry_us = 20000000;
    self->poison_count = 10;
    self->slow_per_mille = 10;
    self->fault_per_mille = 20;
    self->tree_per_mille = 1;
    self->fork_per_mille = 500;
    self->cancel_per_mille = self->deadline_per_mille = self->held_per_mille = 50;
    self->question_per_mille = 20;
    self->needs_per_mille = self->after_per_mille = 100;
    self->has_priorities = true;
    // All slots are busy for some seconds.
    self->job_ns_max = between(rng, 40, 80) * 1000000;
}

void plan_draw_large(plan_t *self, dc_rng_t *rng)
{
    // An audit looks at everything, so that a small simulation's would be all that this one does.
    *self = (plan_t){ .audit_steps = 100000, .settings = dc_settings_default() };
    draw_large_work(self, rng);
    draw_net(self, rng);
    self->latency_us_max = dc_min_u64(self->latency_us_max, 5000);
    self->fault_us = 8000000;
    self->fault_interval_us = 2000;
    self->weight_break = self->weight_stop = self->weight_kill = 100;
    self->weight_drain = 30;
    self->weight_broker = self->weight_client = 1;
    self->obituary_per_mille = 800;
    self->noticed_per_mille = 800;
    self->settings.orphan_ms = 2000;
    self->depositors = 10;
}
