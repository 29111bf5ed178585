#include "tests/sim/kept.h"

#include <stdlib.h>

#include "broker/core/state.h"
#include "common/bytes.h"

static bool has(const sim_t *sim, const batch_t *batch, uint64_t first, uint64_t end,
                bool is_closed)
{
    uint64_t key = dc_get_u64(batch->key.bytes);
    return dc_store_model_has(hub_store(sim->hub), key, first, end, is_closed);
}

void kept_on_receipt(sim_t *sim, const batch_t *batch, const dc_cmd_t *cmd)
{
    bool is_closed = cmd->receipt.flags & DC_RECEIPT_CLOSED;
    if (has(sim, batch, cmd->receipt.first, cmd->receipt.end, is_closed)) return;
    sim_fail(sim, "a receipt is sent for what is not on disk");
}

// A number is one batch's for ever, kept or not.
static void check_number(sim_t *sim, const batch_t *batch, uint64_t number)
{
    if (number >= sim->named_capacity) {
        size_t capacity = (size_t)number * 2;
        sim->named = realloc(sim->named, capacity * sizeof *sim->named);
        if (!sim->named) abort();
        memset(sim->named + sim->named_capacity, 0,
               (capacity - sim->named_capacity) * sizeof *sim->named);
        sim->named_capacity = capacity;
    }
    if (!sim->named[number]) sim->named[number] = batch;
    if (sim->named[number] == batch) return;
    sim_fail(sim, "b%llu was batch %u, and is batch %u now", (unsigned long long)number,
             sim->named[number]->number, batch->number);
}

void kept_on_opened(sim_t *sim, const batch_t *batch, const dc_cmd_t *cmd)
{
    check_number(sim, batch, cmd->opened.number);
    if (!(cmd->opened.flags & DC_OPEN_DETACHED)) return;
    if (cmd->opened.flags & DC_OPENED_COMPLETE && !has(sim, batch, 0, 0, true)) {
        sim_fail(sim, "a client is told that all of a batch is there, which is not closed on disk");
        return;
    }
    for (size_t i = 0; i < cmd->data.bytes.len / DC_WIRE_RANGE_BYTES; i++) {
        dc_range_t jobs = dc_wire_get_range(cmd->data.bytes, i);
        if (has(sim, batch, jobs.first, jobs.end, false)) continue;
        sim_fail(sim, "a client is told of jobs on disk that are not there");
        return;
    }
}

void kept_on_damaged(sim_t *sim, const batch_t *batch, uint64_t index)
{
    sim->jobs_spoiled++;
    uint64_t key = dc_get_u64(batch->key.bytes);
    if (dc_store_model_was_damaged(hub_store(sim->hub), key, index)) return;
    sim_fail(sim, "job %llu of batch %u is said to be spoiled, and is not",
             (unsigned long long)index, batch->number);
}

void kept_on_gone(sim_t *sim, uint64_t number)
{
    if (!dc_store_model_has_number(hub_store(sim->hub), number)) return;
    sim_fail(sim, "batch b%llu is said to be gone, and is on the disk", (unsigned long long)number);
}

void kept_recovered(sim_t *sim)
{
    const dc_core_t *core = hub_core(sim->hub);
    for (const dc_batch_t *batch = core->batches; batch; batch = batch->hh_number.next) {
        uint8_t level = 0;
        bool is_held = false;
        dc_store_model_terms(hub_store(sim->hub), batch->number, &level, &is_held);
        if (batch->level == level && batch->is_held == is_held) continue;
        sim_fail(sim, "batch b%llu has other terms than it was given",
                 (unsigned long long)batch->number);
        return;
    }
}

// What a client's chunks on their way to the disk cost it comes back when they are there, or are
// not.
static void check_credit(sim_t *sim)
{
    const dc_core_t *core = hub_core(sim->hub);
    for (const dc_client_t *client = core->clients; client; client = client->hh.next) {
        uint64_t bytes = dc_store_model_waiting_inputs(hub_store(sim->hub), client->peer);
        if (client->stored_bytes == bytes) continue;
        sim_fail(sim, "%llu bytes of client c%llu are on their way to the disk, it pays for %llu",
                 (unsigned long long)bytes, (unsigned long long)client->peer,
                 (unsigned long long)client->stored_bytes);
        return;
    }
}

// What is being read is all that the store has been asked for, and one read at most goes beyond the
// limit.
static void check_reading(sim_t *sim)
{
    const dc_core_t *core = hub_core(sim->hub);
    uint64_t largest;
    uint64_t bytes = dc_store_model_waiting_reads(hub_store(sim->hub), &largest);
    if (core->reading_bytes != bytes) {
        sim_fail(sim, "%llu bytes are being read, and %zu are counted", (unsigned long long)bytes,
                 core->reading_bytes);
    }
    if (bytes >= core->settings.reading_bytes_max + largest && bytes) {
        sim_fail(sim, "%llu bytes are being read at once", (unsigned long long)bytes);
    }
}

void kept_watch(sim_t *sim)
{
    check_credit(sim);
    check_reading(sim);
    const dc_core_t *core = hub_core(sim->hub);
    size_t bytes = dc_store_model_waiting_bytes(hub_store(sim->hub));
    for (const dc_store_op_t *op = core->unstored.first; op; op = op->next) {
        bytes += op->cost;
    }
    if (bytes == core->pending_bytes) return;
    sim_fail(sim, "%zu bytes are on their way to the disk, and %zu are counted", bytes,
             core->pending_bytes);
}
