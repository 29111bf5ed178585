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
    self->slots = (uint32_t)between(rng, 1, 6);
    self->plain_workers = one_of(rng, 3) ? (uint32_t)between(rng, 1, 2) : 0;
    self->clients = (uint32_t)between(rng, 1, 4);
    self->plain_clients = one_of(rng, 2) ? (uint32_t)between(rng, 1, 3) : 0;
    self->has_greedy = one_of(rng, 8);
    self->batches_max = (uint32_t)between(rng, 1, 6);
    self->batch_jobs_max = any_scale(rng, 64, 6000) * size;
    self->chunk_jobs_max = (uint32_t)any_scale(rng, 1, 128);
    self->plain_lines_max = (uint32_t)any_scale(rng, 1, 20);
    self->pace_us_max = one_of(rng, 3) ? 0 : any_scale(rng, 1000, 500000);
    self->poison_count = one_of(rng, 3) ? (uint32_t)between(rng, 1, 6) : 0;
    self->long_count = one_of(rng, 8) ? (uint32_t)between(rng, 1, 2) : 0;
    self->slow_per_mille = one_of(rng, 3) ? (uint32_t)between(rng, 1, 30) : 0;
    self->fault_per_mille = one_of(rng, 2) ? (uint32_t)between(rng, 1, 300) : 0;
    self->cancel_per_mille = one_of(rng, 3) ? 200 : 0;
    self->question_per_mille = one_of(rng, 3) ? 50 : 0;
    self->has_priorities = one_of(rng, 2);
    self->tag_count = one_of(rng, 2) ? (uint32_t)between(rng, 1, dc_min_u64(self->slots, 3)) : 0;
    self->held_per_mille = one_of(rng, 3) ? 200 : 0;
    self->deadline_per_mille = one_of(rng, 4) ? 200 : 0;
    self->job_ns_max = any_scale(rng, 100, 5000000);
    if (one_of(rng, 2)) return;
    self->tree_per_mille = (uint32_t)any_scale(rng, 1, 1000);
    self->fork_per_mille = (uint32_t)between(rng, 100, 1000);
    self->batch_jobs_max = dc_min_u64(self->batch_jobs_max, UINT64_C(20000) / self->tree_per_mille);
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

void plan_draw(plan_t *self, dc_rng_t *rng, uint32_t size)
{
    *self = (plan_t){ .settings = dc_settings_default() };
    draw_work(self, rng, size);
    draw_net(self, rng);
    draw_faults(self, rng);
    self->settings.orphan_ms = one_of(rng, 4) ? DC_ORPHAN_MS : any_scale(rng, 1000, 10000);
    if (one_of(rng, 6)) self->settings.memory_bytes_max = any_scale(rng, 4096, 1 << 20);
}
