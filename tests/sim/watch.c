#include <stdlib.h>

#include "broker/core/state.h"
#include "tests/sim/terms.h"
#include "tests/sim/watch_part.h"

batch_t *watch_find_batch(const sim_t *sim, uint64_t number)
{
    return number < sim->batch_count ? sim->batches[number] : NULL;
}

void *watch_grow(void *list, size_t len, size_t *capacity, size_t item_bytes)
{
    if (len < *capacity) return list;
    *capacity = *capacity ? 2 * *capacity : 4;
    list = realloc(list, *capacity * item_bytes);
    if (!list) abort();
    return list;
}

// --- events and actions ------------------------------------------------------------------------

static bool may_begin(dc_command_t type)
{
    return type == DC_CMD_OPEN || type == DC_CMD_QUERY || type == DC_CMD_CANCEL ||
           type == DC_CMD_ATTACH || type == DC_CMD_SET || type == DC_CMD_ASK ||
           type == DC_CMD_DELETE || type == DC_CMD_READY;
}

static peer_t *peer_of(hub_t *hub, const dc_event_t *event)
{
    bool is_client = event->type == DC_EVENT_CLIENT || event->type == DC_EVENT_CLIENT_GONE;
    return hub_peer(hub, is_client, event->peer);
}

void watch_before(sim_t *sim, hub_t *hub, const dc_event_t *event)
{
    if (!event->cmd) return;
    peer_t *peer = peer_of(hub, event);
    switch ((int)event->cmd->type) {
    case DC_CMD_CHUNK: watch_chunk(sim, peer, event->cmd); break;
    case DC_CMD_CANCEL:
        if (event->cmd->cancel.number == 0) watch_drop_handle(peer, event->cmd->cancel.handle);
        break;
    default: watch_from_worker(sim, peer, event->cmd); break;
    }
}

static bool has_action(const dc_actions_t *actions, const peer_t *peer, dc_command_t type)
{
    dc_action_type_t to = peer->is_client ? DC_ACTION_TO_CLIENT : DC_ACTION_TO_WORKER;
    for (size_t i = 0; i < actions->len; i++) {
        const dc_action_t *action = &actions->list[i];
        if (action->type == to && action->peer == peer->number && action->cmd.type == type) {
            return true;
        }
    }
    return false;
}

// A plain worker knows no WHO, and a supervisor needs no introduction.
static bool must_be_asked(const peer_t *peer, const dc_cmd_t *cmd)
{
    bool is_plain =
        cmd->type == DC_CMD_WORKED || (cmd->type == DC_CMD_BEAT && cmd->data.bytes.len == 0);
    return !peer->has_begun && !is_plain && cmd->type != DC_CMD_OBITUARY;
}

// Whether the CHUNK `cmd`, which `peer` has just sent, is in its batch's backlog.
static bool is_packed(const hub_t *hub, const peer_t *peer, const dc_cmd_t *cmd)
{
    const dc_client_t *client;
    const dc_batch_t *batch = NULL;
    HASH_FIND(hh, hub_core(hub)->clients, &peer->number, sizeof peer->number, client);
    if (client) {
        uint32_t handle = cmd->chunk.handle;
        HASH_FIND(hh_handle, client->by_handle, &handle, sizeof handle, batch);
    }
    return batch && batch->backlog && batch->backlog->end == cmd->chunk.first + cmd->chunk.count;
}

void watch_after(sim_t *sim, hub_t *hub, const dc_event_t *event, const dc_actions_t *actions)
{
    if (!event->cmd) return;
    peer_t *peer = peer_of(hub, event);
    if (may_begin(event->cmd->type)) peer->has_begun = true;
    if (event->cmd->type == DC_CMD_OPEN && has_action(actions, peer, DC_CMD_OPENED)) {
        watch_open(sim, peer, event->cmd);
    }
    if (event->cmd->type == DC_CMD_GOODBYE) watch_goodbye(sim, hub, event);
    if (event->cmd->type == DC_CMD_ATTACH && has_action(actions, peer, DC_CMD_OPENED)) {
        watch_attach(sim, hub, peer, event->cmd);
    }
    if (must_be_asked(peer, event->cmd) && !has_action(actions, peer, DC_CMD_WHO)) {
        sim_fail(sim, "a stranger speaks and is not asked who it is");
    }
    if (event->cmd->type != DC_CMD_CHUNK) return;
    sim->chunks_packed += is_packed(hub, peer, event->cmd);
    if (peer->sent <= peer->granted) return;
    bool is_known = watch_find_handle(peer, event->cmd->chunk.handle) != NULL;
    if (is_known && !has_action(actions, peer, DC_CMD_REFUSED)) {
        sim_fail(sim, "a client that sends more than it has credit for is not refused");
    }
}

// What the disk has spoiled the broker complains of.
static bool is_of_spoiled(const sim_t *sim, dc_str_t line)
{
    static const char word[] = "store damaged ";
    return sim->plan.spoil_per_mille && line.len > sizeof word &&
           memcmp(line.data, word, sizeof word - 1) == 0;
}

void watch_action(sim_t *sim, hub_t *hub, const dc_action_t *action)
{
    bool is_client = action->type == DC_ACTION_TO_CLIENT || action->type == DC_ACTION_FORGET_CLIENT;
    peer_t *peer = hub_peer(hub, is_client, action->peer);
    switch (action->type) {
    case DC_ACTION_TO_CLIENT:
        if (peer) watch_to_client(sim, hub, peer, &action->cmd);
        break;
    case DC_ACTION_TO_WORKER:
        if (peer) watch_to_worker(sim, hub, peer, &action->cmd);
        break;
    case DC_ACTION_FORGET_CLIENT: break;
    case DC_ACTION_FORGET_WORKER:
        sim->upsets++;
        if (peer) watch_blame(peer);
        break;
    case DC_ACTION_STORE: break;
    case DC_ACTION_LOG:
        if (action->level == DC_LOG_ERROR && !is_of_spoiled(sim, action->cmd.data.bytes)) {
            sim_fail(sim, "the broker complains: %.*s", (int)action->cmd.data.bytes.len,
                     action->cmd.data.bytes.data);
        }
        break;
    }
}

// --- sums --------------------------------------------------------------------------------------

void watch_death(sim_t *sim, const hub_t *hub)
{
    sim->jobs_doubled += hub_core(hub)->doubled_count;
    sim->upsets++;
}

void watch_dispatched(sim_t *sim, hub_t *hub)
{
    const dc_core_t *core = hub_core(hub);
    // Whoever was let in may fill his credit, once memory is short as well, and leave it behind.
    // What the operator says later is no more than what the plan says, and takes nothing back.
    uint64_t bound = sim->plan.settings.memory_bytes_max;
    bound += (HASH_COUNT(core->clients) + HASH_CNT(hh_number, core->batches)) * UINT64_C(2) *
             DC_CREDIT_BYTES;
    if (core->memory_bytes > bound) {
        sim_fail(sim, "the broker holds %zu bytes, more than the %llu that it may",
                 core->memory_bytes, (unsigned long long)bound);
    }
}

// Whether a request of somebody who has left may be at a worker that is stuck: that the client has
// gone is only seen when it is answered.
static bool is_stuck(const sim_t *sim, const dc_core_t *core)
{
    bool has_plain = false;
    for (const dc_client_t *client = core->clients; client; client = client->hh.next) {
        has_plain |= client->is_plain && client->batches;
    }
    return has_plain && sim->plan.stuck_per_mille;
}

void watch_end(sim_t *sim)
{
    const dc_core_t *core = hub_core(sim->hub);
    sim_check(sim, "broker", dc_core_audit(core));
    if (core->batches) sim_fail(sim, "a batch is left when all clients have gone");
    if (core->memory_bytes && !is_stuck(sim, core)) {
        sim_fail(sim, "memory is accounted for when nothing is left");
    }
}
