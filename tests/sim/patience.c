#include "tests/sim/patience.h"

#include "broker/core/state.h"

// What the core and the watch may see differently: time between two steps of the broker.
#define TOLERANCE_US 200000

// How long the calm must have lasted until the last of what was delayed has come.
#define SETTLED_US 15000000

static uint64_t patience_us(const sim_t *sim)
{
    const dc_settings_t *settings = &sim->plan.settings;
    return settings->heartbeat_ms * settings->liveness_beats * 1000;
}

static bool is_forgotten_by(const dc_action_t *action)
{
    return action->type == DC_ACTION_FORGET_CLIENT || action->type == DC_ACTION_FORGET_WORKER;
}

static peer_t *peer_of(const hub_t *hub, const dc_action_t *action)
{
    return hub_peer(hub, action->type == DC_ACTION_FORGET_CLIENT, action->peer);
}

// With a tick it is for their silence that peers are forgotten.
static void watch_silence(sim_t *sim, const hub_t *hub, const dc_actions_t *actions)
{
    for (size_t i = 0; i < actions->len; i++) {
        const dc_action_t *action = &actions->list[i];
        const peer_t *peer = is_forgotten_by(action) ? peer_of(hub, action) : NULL;
        if (!peer) continue;
        uint64_t silent_us = hub_awake_us(sim) - peer->heard_us;
        if (silent_us + TOLERANCE_US < patience_us(sim)) {
            sim_fail(sim, "%c%llu is given up after a silence of %llu ms",
                     peer->is_client ? 'c' : 'w', (unsigned long long)peer->number,
                     (unsigned long long)silent_us / 1000);
        }
    }
}

static bool knows(const dc_core_t *core, const dc_event_t *event)
{
    const dc_client_t *client = NULL;
    const dc_slot_t *slot = NULL;
    if (event->type == DC_EVENT_CLIENT_GONE) {
        HASH_FIND(hh, core->clients, &event->peer, sizeof event->peer, client);
    } else {
        HASH_FIND(hh, core->slots, &event->peer, sizeof event->peer, slot);
    }
    return client || slot;
}

void patience_watch(sim_t *sim, hub_t *hub, const dc_event_t *event, const dc_actions_t *actions)
{
    switch (event->type) {
    case DC_EVENT_CLIENT:
    case DC_EVENT_WORKER:
        hub_peer(hub, event->type == DC_EVENT_CLIENT, event->peer)->heard_us = hub_awake_us(sim);
        break;
    case DC_EVENT_CLIENT_GONE:
    case DC_EVENT_WORKER_GONE:
        if (knows(hub_core(hub), event)) sim_fail(sim, "who cannot be reached is not given up");
        break;
    case DC_EVENT_STOP:
    case DC_EVENT_FAREWELL: break;
    case DC_EVENT_TICK: watch_silence(sim, hub, actions); break;
    case DC_EVENT_STORED:
    case DC_EVENT_FOUND: break;
    }
}

void patience_broker_lost(sim_t *sim, const char *who, unsigned number)
{
    if (!sim->is_calm || sim->is_closing || sim->now_us < sim->plan.fault_us + SETTLED_US) return;
    sim_fail(sim, "%s%u gives up the broker, and all is well", who, number);
}
