// Any messages at the broker's doors: they are refused, or the core takes them and stays sound.
//
// Input: a sequence of messages. Each begins with one byte: its lowest bit is the door, the next
// two are the peer, the next three how many frames follow; the highest bit lets a tick pass first.
// Each frame is two bytes of length, then its bytes. What the core wants to send is packed as it
// would be.
#include <stdlib.h>

#include "broker/core.h"
#include "broker/incoming.h"
#include "common/bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FRAMES_MAX 7
#define PEERS      4

typedef struct world {
    dc_core_t *core;
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
    }
    if (self->actions.failed || dc_core_check(self->core)) abort();
    dc_actions_clear(&self->actions);
}

static void step(world_t *self, dc_event_type_t type, dc_peer_t peer, const dc_cmd_t *cmd)
{
    dc_event_t event = { .type = type, .peer = peer, .cmd = cmd };
    dc_core_step(self->core, self->now, &event, &self->actions);
    dc_core_dispatch(self->core, self->now, &self->actions);
    carry_out(self);
}

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
    receive(self, head, frames, count);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    dc_settings_t settings = dc_settings_default();
    world_t world = { .now = 1000 };
    world.core = dc_core_new(&settings, 1);
    if (!world.core) abort();
    for (size_t i = 0; i < PEERS; i++) {
        world.peers[DC_SIDE_FRONT][i] = ++world.last;
        world.peers[DC_SIDE_BACK][i] = ++world.last;
    }
    dc_actions_init(&world.actions);
    dc_wire_writer_init(&world.writer);
    dc_str_t rest = { (const char *)data, size };
    while (play(&world, &rest)) {
    }
    if (dc_core_audit(world.core)) abort();
    for (size_t i = 0; i < PEERS; i++) {
        step(&world, DC_EVENT_WORKER_GONE, world.peers[DC_SIDE_BACK][i], NULL);
        step(&world, DC_EVENT_CLIENT_GONE, world.peers[DC_SIDE_FRONT][i], NULL);
    }
    if (dc_core_audit(world.core)) abort();
    dc_wire_writer_fini(&world.writer);
    dc_actions_fini(&world.actions);
    dc_core_destroy(&world.core);
    return 0;
}
