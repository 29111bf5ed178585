#include "broker/core/report/measure.h"

#include <stdlib.h>

#include "common/fault.h"

// --- whose -------------------------------------------------------------------------------------

static dc_stats_t *stats_of_client(dc_client_t *client)
{
    if (client && !client->stats) client->stats = calloc(1, sizeof *client->stats);
    return client ? client->stats : NULL;
}

// A plain request is a batch, but nobody looks at it.
static dc_stats_t *stats_of_batch(dc_core_t *self, dc_batch_t *batch)
{
    if (batch->is_plain || batch->stats) return batch->stats;
    batch->stats = calloc(1, sizeof *batch->stats);
    if (batch->stats) self->memory_bytes += sizeof *batch->stats;
    return batch->stats;
}

static dc_stats_t *stats_of_worker(dc_slot_t *slot)
{
    dc_worker_t *worker = slot ? slot->worker : NULL;
    if (worker && !worker->stats) worker->stats = calloc(1, sizeof *worker->stats);
    return worker ? worker->stats : NULL;
}

// --- leases ------------------------------------------------------------------------------------

void dc_measure_begun(dc_core_t *self, dc_chunk_t *chunk, uint64_t count)
{
    if (!count) return;
    dc_us_t us = self->now_us - chunk->arrived_us;
    dc_stats_t *batch = stats_of_batch(self, chunk->batch);
    dc_stats_t *client = stats_of_client(chunk->batch->client);
    dc_histogram_add(&self->stats.wait, us, count);
    if (batch) dc_histogram_add(&batch->wait, us, count);
    if (client) dc_histogram_add(&client->wait, us, count);
}

// --- time --------------------------------------------------------------------------------------

// What a live view shows as it is: long enough to have rare ones, short enough to be of now.
#define RECENT_MS 15000

void dc_measure_tick(dc_core_t *self)
{
    dc_ms_t now = dc_measure_ms(self);
    if (now - self->recent_ms < RECENT_MS) return;
    self->recent_ms = now;
    self->recent[1] = self->recent[0];
    self->recent[0] = (dc_histogram_t){ 0 };
}

// --- answers -----------------------------------------------------------------------------------

// How many of the jobs in `fresh` have a fault. Those of plain clients have none to be counted.
static uint64_t count_failed(const dc_results_t *results, const dc_ranges_t *fresh)
{
    dc_fault_t fault;
    uint64_t count = 0;
    dc_str_t rest = dc_str(results->data.bytes.data, results->faults_bytes);
    while (rest.len && dc_fault_take(&rest, &fault)) {
        count += dc_ranges_has(fresh, fault.index);
    }
    // Who tells of a job twice has not failed it twice.
    return dc_min_u64(count, fresh->count);
}

static void add_answers(dc_stats_t *stats, dc_ms_t now, dc_us_t answer_us, dc_us_t lease_us,
                        uint64_t count)
{
    if (!stats) return;
    dc_rate_add(&stats->rate, now, count);
    dc_histogram_add(&stats->answer, answer_us, count);
    if (lease_us != UINT64_MAX) dc_histogram_add(&stats->lease, lease_us, count);
}

void dc_measure_answers(dc_core_t *self, dc_chunk_t *chunk, const dc_results_t *results,
                        const dc_ranges_t *fresh)
{
    dc_batch_t *batch = chunk->batch;
    dc_ms_t now = dc_measure_ms(self);
    dc_us_t answer_us = self->now_us - chunk->arrived_us;
    dc_us_t lease_us = results->leased_us ? self->now_us - results->leased_us : UINT64_MAX;
    add_answers(&self->stats, now, answer_us, lease_us, fresh->count);
    add_answers(stats_of_batch(self, batch), now, answer_us, lease_us, fresh->count);
    add_answers(stats_of_client(batch->client), now, answer_us, lease_us, fresh->count);
    add_answers(stats_of_worker(results->slot), now, answer_us, lease_us, fresh->count);
    dc_histogram_add(&self->recent[0], answer_us, fresh->count);
    if (results->faults_bytes) dc_measure_failed(self, chunk, count_failed(results, fresh));
}

void dc_measure_failed(dc_core_t *self, dc_chunk_t *chunk, uint64_t count)
{
    chunk->failed_count += (uint32_t)count;
    chunk->batch->failed_count += count;
    self->failed_count += count;
}

void dc_measure_reopened(dc_chunk_t *chunk)
{
    if (chunk->failed_count <= chunk->answered.count) return;
    chunk->batch->failed_count -= chunk->failed_count - chunk->answered.count;
    chunk->failed_count = (uint32_t)chunk->answered.count;
}
