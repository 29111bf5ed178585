#include "tests/sim/terms.h"

#include "broker/core/state.h"
#include "common/bytes.h"

static batch_t *find_batch(const sim_t *sim, const dc_key_t *key)
{
    uint64_t number = dc_get_u64(key->bytes);
    return number < sim->batch_count ? sim->batches[number] : NULL;
}

static const dc_batch_t *held_batch(const hub_t *hub, const dc_key_t *key)
{
    const dc_batch_t *batch;
    HASH_FIND(hh_key, hub_core(hub)->by_key, key, sizeof *key, batch);
    return batch;
}

static bool says(const dc_actions_t *actions, uint64_t client, dc_command_t type)
{
    for (size_t i = 0; i < actions->len; i++) {
        const dc_action_t *action = &actions->list[i];
        bool is_to = action->type == DC_ACTION_TO_CLIENT && action->peer == client;
        if (is_to && action->cmd.type == type) return true;
    }
    return false;
}

static uint64_t due_ms(const hub_t *hub, uint64_t ms)
{
    return ms ? hub_core(hub)->step_ms + ms : 0;
}

// --- events ------------------------------------------------------------------------------------

void terms_before(sim_t *sim, const hub_t *hub, const dc_event_t *event)
{
    if (event->type != DC_EVENT_CLIENT || event->cmd->type != DC_CMD_OPEN) return;
    batch_t *batch = find_batch(sim, &event->cmd->open.key);
    const dc_batch_t *held = held_batch(hub, &event->cmd->open.key);
    if (batch) batch->is_new = !held;
    sim->former_client = held && held->client ? held->client->peer : 0;
    sim->was_full = hub_core(hub)->memory_bytes > hub_core(hub)->settings.memory_bytes_max;
}

static void after_open(sim_t *sim, const hub_t *hub, const dc_event_t *event,
                       const dc_actions_t *actions)
{
    const struct dc_cmd_open *open = &event->cmd->open;
    batch_t *batch = find_batch(sim, &open->key);
    if (!batch || !says(actions, event->peer, DC_CMD_OPENED)) return;
    bool has_former = sim->former_client && sim->former_client != event->peer;
    if (has_former && !says(actions, sim->former_client, DC_CMD_REFUSED)) {
        sim_fail(sim, "who had batch %u is not told that another has it", batch->number);
    }
    if (!batch->is_new) return;
    if (sim->was_full) sim_fail(sim, "a broker whose memory is full takes a new batch");
    batch->is_held = open->flags & DC_OPEN_HELD;
    batch->due_ms = due_ms(hub, open->deadline_ms);
}

static void after_set(sim_t *sim, const hub_t *hub, const dc_event_t *event,
                      const dc_actions_t *actions)
{
    const struct dc_cmd_set *set = &event->cmd->set;
    const dc_batch_t *changed;
    HASH_FIND(hh_number, hub_core(hub)->batches, &set->number, sizeof set->number, changed);
    batch_t *batch = changed ? find_batch(sim, &changed->key) : NULL;
    if (!batch || !says(actions, event->peer, DC_CMD_REPLY)) return;
    if (set->what == DC_SET_HOLD) batch->is_held = set->value;
    if (set->what == DC_SET_DEADLINE) batch->due_ms = due_ms(hub, set->value);
}

// Every tick ends those whose time has come.
static void after_tick(sim_t *sim, const hub_t *hub)
{
    const dc_core_t *core = hub_core(hub);
    for (const dc_batch_t *held = core->batches; held; held = held->hh_number.next) {
        const batch_t *batch = find_batch(sim, &held->key);
        if (batch && batch->due_ms && core->step_ms > batch->due_ms) {
            sim_fail(sim, "batch %u goes on %llu ms after its deadline", batch->number,
                     (unsigned long long)(core->step_ms - batch->due_ms));
        }
    }
}

void terms_after(sim_t *sim, const hub_t *hub, const dc_event_t *event, const dc_actions_t *actions)
{
    if (event->type == DC_EVENT_TICK) after_tick(sim, hub);
    if (event->type != DC_EVENT_CLIENT) return;
    if (event->cmd->type == DC_CMD_OPEN) after_open(sim, hub, event, actions);
    if (event->cmd->type == DC_CMD_SET) after_set(sim, hub, event, actions);
}

// --- what comes of it --------------------------------------------------------------------------

void terms_leased(sim_t *sim, const batch_t *batch)
{
    if (batch->is_held)
        sim_fail(sim, "something of batch %u is leased, which is held", batch->number);
}

void terms_met(sim_t *sim, const hub_t *hub, const batch_t *batch)
{
    if (batch->due_ms && hub_core(hub)->step_ms >= batch->due_ms) return;
    sim_fail(sim, "batch %u ends before its deadline", batch->number);
}
