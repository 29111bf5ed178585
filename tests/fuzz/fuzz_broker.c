// Any messages at the broker's doors: they are refused, or the core takes them and stays sound.
//
// Input: a sequence of messages. Each begins with one byte: its lowest bit is the door, the next
// two are the peer, the next three how many frames follow; before it the next bit lets the store do
// all that waits there, and the highest lets a tick pass. Each frame is two bytes of length, then
// its bytes. What the core wants to send is packed as it would be.
//
// Where no frames follow, bits 1 and 2, and above them bit 0, say what happens to the store instead
// (fate_t; nothing if it is none). At the end the broker is stopped.
#include <stdlib.h>

#include "broker/core/core.h"
#include "broker/core/peers/incoming.h"
#include "common/bytes.h"
#include "tests/lib/store_model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FRAMES_MAX 7
#define PEERS      4
#define NUMBERS    3 // that are reserved for a broker before it asks for more

typedef enum fate {
    FATE_DONE,           // the next group is on disk
    FATE_FULL,           // ... does not fit
    FATE_LOST,           // the broker dies, and what waits is lost
    FATE_KEPT,           // ... and the next group is on disk, which nobody was told
    FATE_SPOILED_RESULT, // the disk spoils results of a chunk
    FATE_SPOILED_INPUT,  // ... or its inputs
    FATE_SPOILED_END,    // ... or that a batch has ended
    FATE_SPOILED_TERMS,  // ... or its terms, and for what it waits no longer
} fate_t;

typedef struct world {
    dc_core_t *core;
    dc_store_model_t *store;
    dc_actions_t actions;
    dc_wire_writer_t writer;
    dc_ms_t now;
    dc_peer_t peers[2][PEERS]; // who is at which door now
    dc_peer_t last;
} world_t;

// Whom the core has forgotten is somebody new when it speaks again: a number is never used twice.
static void forget(world_t *self, dc_side_t side, dc_peer_t peer)
{
    for (size_t i = 0; i < PEERS; i++) {
        if (self->peers[side][i] == peer) self->peers[side][i] = ++self->last;
    }
}

// Every command that the core sends has to make a message that its receiver would accept.
static void check_sent(world_t *self, dc_side_t side, dc_cmd_t *cmd)
{
    dc_outbox_t outbox = { 0 };
    dc_slice_t frames[DC_OUTBOX_FRAMES_MAX];
    dc_command_t type = cmd->type;
    if (!dc_outbox_push(&outbox, cmd)) abort();
    size_t count = dc_outbox_peek(&outbox, side, &self->writer, frames);
    if (count == 0) abort();
    dc_wire_reader_t reader;
    const char *why;
    dc_wire_from_t from = side == DC_SIDE_FRONT ? DC_FROM_BROKER_TO_CLIENT : DC_FROM_BROKER_TO_SLOT;
    if (type < DC_CMD_READY && dc_wire_read(&reader, from, frames + 1, count - 1, &why) != DC_OK) {
        abort();
    }
    dc_outbox_fini(&outbox);
}

static void carry_out(world_t *self)
{
    for (size_t i = 0; i < self->actions.len; i++) {
        dc_action_t *action = &self->actions.list[i];
        if (action->type == DC_ACTION_TO_CLIENT) check_sent(self, DC_SIDE_FRONT, &action->cmd);
        if (action->type == DC_ACTION_TO_WORKER) check_sent(self, DC_SIDE_BACK, &action->cmd);
        if (action->type == DC_ACTION_FORGET_CLIENT) forget(self, DC_SIDE_FRONT, action->peer);
        if (action->type == DC_ACTION_FORGET_WORKER) forget(self, DC_SIDE_BACK, action->peer);
        if (action->type == DC_ACTION_STORE) dc_store_model_put(self->store, &action->op);
    }
    if (self->actions.failed || dc_core_check(self->core)) abort();
    dc_actions_clear(&self->actions);
}

static void step_event(world_t *self, const dc_event_t *event)
{
    dc_core_step(self->core, self->now, event, &self->actions);
    dc_core_dispatch(self->core, self->now, &self->actions);
    carry_out(self);
}

static void step(world_t *self, dc_event_type_t type, dc_peer_t peer, const dc_cmd_t *cmd)
{
    const dc_event_t event = { .type = type, .peer = peer, .cmd = cmd };
    step_event(self, &event);
}

// --- the store ---------------------------------------------------------------------------------

// Tell the core what has become of a group. Takes it.
static void tell(world_t *self, dc_store_op_t *op)
{
    const dc_event_t event = { .type = DC_EVENT_STORED, .op = &op };
    step_event(self, &event);
    dc_store_op_destroy(&op);
}

static void commit_all(world_t *self)
{
    while (dc_store_model_waiting(self->store)) {
        tell(self, dc_store_model_commit(self->store));
    }
}

static bool take_found(void *context, const dc_store_op_t *op)
{
    world_t *self = context;
    const dc_event_t event = { .type = DC_EVENT_FOUND, .found = op };
    step_event(self, &event);
    return !dc_core_is_short(self->core);
}

// A broker that knows what is on disk and nobody who speaks to it.
static void start(world_t *self)
{
    dc_settings_t settings = dc_settings_default();
    settings.has_store = true;
    settings.numbers_step = NUMBERS;
    dc_store_model_reserve(self->store, &settings);
    self->core = dc_core_new(&settings, 1);
    if (!self->core) abort();
    for (size_t i = 0; i < PEERS; i++) {
        self->peers[DC_SIDE_FRONT][i] = ++self->last;
        self->peers[DC_SIDE_BACK][i] = ++self->last;
    }
    dc_store_model_recover(self->store, take_found, self);
    if (!take_found(self, NULL) || dc_core_audit(self->core)) abort();
}

static void restart(world_t *self)
{
    dc_core_destroy(&self->core);
    dc_store_model_crash(self->store);
    start(self);
}

static void meet_fate(world_t *self, fate_t fate)
{
    bool is_waiting = dc_store_model_waiting(self->store);
    switch (fate) {
    case FATE_DONE:
        if (is_waiting) tell(self, dc_store_model_commit(self->store));
        break;
    case FATE_FULL:
        if (is_waiting) tell(self, dc_store_model_refuse(self->store, DC_ERR_STORE_FULL));
        break;
    case FATE_LOST: restart(self); break;
    case FATE_KEPT: {
        dc_store_op_t *op = dc_store_model_commit(self->store);
        dc_store_op_destroy(&op);
        restart(self);
        break;
    }
    case FATE_SPOILED_RESULT:
    case FATE_SPOILED_INPUT:
        dc_store_model_damage(self->store, self->now, fate == FATE_SPOILED_RESULT);
        break;
    case FATE_SPOILED_END: dc_store_model_damage_small(self->store, self->now, DC_STORE_END); break;
    case FATE_SPOILED_TERMS:
        dc_store_model_damage_small(self->store, self->now, DC_STORE_TERMS);
        dc_store_model_damage_small(self->store, self->now, DC_STORE_MET);
        break;
    }
}

// --- messages ----------------------------------------------------------------------------------

static void receive(world_t *self, unsigned head, const dc_slice_t *frames, size_t count)
{
    dc_side_t side = head & 1 ? DC_SIDE_BACK : DC_SIDE_FRONT;
    dc_incoming_t incoming;
    dc_cmd_t cmd;
    const char *why = NULL;
    if (dc_incoming_read(&incoming, side, frames, count, count, &why) != DC_OK) {
        if (!why) abort();
        return;
    }
    while (dc_incoming_next(&incoming, &cmd)) {
        dc_peer_t peer = self->peers[side][(head >> 1) % PEERS];
        step(self, head & 1 ? DC_EVENT_WORKER : DC_EVENT_CLIENT, peer, &cmd);
    }
}

// Read one message and give it to the core. False at the end.
static bool play(world_t *self, dc_str_t *rest)
{
    if (rest->len == 0) return false;
    unsigned head = (unsigned char)rest->data[0];
    *rest = dc_str(rest->data + 1, rest->len - 1);
    dc_slice_t frames[FRAMES_MAX] = { 0 };
    size_t count = 0;
    for (size_t wish = (head >> 3) % 8; count < wish && rest->len >= 2; count++) {
        size_t len = dc_min_size(dc_get_u16(rest->data), rest->len - 2);
        frames[count].bytes = dc_str(rest->data + 2, len);
        *rest = dc_str(rest->data + 2 + len, rest->len - 2 - len);
    }
    if (head & 0x80) {
        self->now += DC_TICK_MS;
        step(self, DC_EVENT_TICK, 0, NULL);
    }
    if (head & 0x40) commit_all(self);
    if (count) {
        receive(self, head, frames, count);
    } else {
        meet_fate(self, (fate_t)((head >> 1 & 3) + 4 * (head & 1)));
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    world_t world = { .now = 1000, .store = dc_store_model_new() };
    dc_actions_init(&world.actions);
    dc_wire_writer_init(&world.writer);
    start(&world);
    dc_str_t rest = { (const char *)data, size };
    while (play(&world, &rest)) {
    }
    if (dc_core_audit(world.core)) abort();
    step(&world, DC_EVENT_STOP, 0, NULL);
    step(&world, DC_EVENT_FAREWELL, 0, NULL);
    if (dc_core_audit(world.core)) abort();
    for (size_t i = 0; i < PEERS; i++) {
        step(&world, DC_EVENT_WORKER_GONE, world.peers[DC_SIDE_BACK][i], NULL);
        step(&world, DC_EVENT_CLIENT_GONE, world.peers[DC_SIDE_FRONT][i], NULL);
    }
    commit_all(&world);
    if (dc_core_audit(world.core)) abort();
    dc_wire_writer_fini(&world.writer);
    dc_actions_fini(&world.actions);
    dc_core_destroy(&world.core);
    dc_store_model_destroy(&world.store);
    return 0;
}
