#include "broker/core/peers/outbox.h"

#include <stdlib.h>

#include "common/bytes.h"

// An outbox keeps this much room, and what a busy peer needs again and again; one that was long
// gives its memory back when it has become short.
#define CAPACITY_KEPT 64

static const char heartbeat[] = { DC_WIRE_HEARTBEAT };

static void drop(dc_outbox_t *self)
{
    dc_cmd_t *cmd = &self->list[self->first++];
    self->bytes -= sizeof *cmd + cmd->data.bytes.len;
    dc_slice_drop(&cmd->data);
    dc_slice_drop(&cmd->program);
}

void dc_outbox_fini(dc_outbox_t *self)
{
    while (!dc_outbox_is_empty(self)) {
        drop(self);
    }
    free(self->list);
    *self = (dc_outbox_t){ 0 };
}

static bool make_room(dc_outbox_t *self)
{
    if (self->end < self->capacity) return true;
    uint32_t len = self->end - self->first;
    if (self->first > len) {
        // More than half has been sent: the rest moves to the front.
        memmove(self->list, self->list + self->first, len * sizeof *self->list);
    } else {
        uint32_t capacity = self->capacity ? self->capacity * 2 : 8;
        dc_cmd_t *list =
            capacity > self->capacity ? realloc(self->list, capacity * sizeof *list) : NULL;
        if (!list) return false;
        memmove(list, list + self->first, len * sizeof *list);
        self->list = list;
        self->capacity = capacity;
    }
    self->first = 0;
    self->end = len;
    return true;
}

bool dc_outbox_push(dc_outbox_t *self, dc_cmd_t *cmd)
{
    if (!make_room(self)) return false;
    self->list[self->end++] = *cmd;
    self->bytes += sizeof *cmd + cmd->data.bytes.len;
    cmd->data = cmd->program = (dc_slice_t){ 0 };
    return true;
}

static bool has_own_form(dc_command_t type)
{
    return type >= DC_CMD_READY;
}

// A plain client's answer, a plain worker's work, a worker's heartbeat.
static size_t peek_own_form(dc_outbox_t *self, const dc_cmd_t *cmd, dc_slice_t *frames)
{
    self->peeked = 1;
    switch ((unsigned)cmd->type) {
    case DC_CMD_ANSWER:
        frames[0] = (dc_slice_t){ 0 };
        frames[1] = cmd->data;
        return 2;
    case DC_CMD_WORK:
        dc_put_u64(self->token, cmd->work.id);
        frames[0] = (dc_slice_t){ NULL, { (const char *)self->token, sizeof self->token } };
        frames[1] = (dc_slice_t){ 0 };
        frames[2] = cmd->data;
        return 3;
    default:
        assert(cmd->type == DC_CMD_BEAT);
        frames[0] = (dc_slice_t){ NULL, { heartbeat, sizeof heartbeat } };
        return 1;
    }
}

size_t dc_outbox_peek(dc_outbox_t *self, dc_side_t side, dc_wire_writer_t *writer,
                      dc_slice_t *frames)
{
    self->peeked = 0;
    if (dc_outbox_is_empty(self)) return 0;
    const dc_cmd_t *next = &self->list[self->first];
    if (has_own_form(next->type)) return peek_own_form(self, next, frames);
    dc_wire_writer_clear(writer);
    const dc_cmd_t *end = &self->list[self->end];
    while (next < end && !has_own_form(next->type) && dc_wire_add(writer, next)) {
        next++;
        self->peeked++;
    }
    if (self->peeked == 0) return 0;
    // A client may be at the door for workers, and is told so.
    bool is_for_client = side == DC_SIDE_FRONT || self->list[self->first].type == DC_CMD_REFUSED;
    frames[0] = is_for_client ? (dc_slice_t){ NULL, DC_STR(DC_WIRE_MAGIC) } : (dc_slice_t){ 0 };
    return 1 + dc_wire_frames(writer, frames + 1);
}

void dc_outbox_pop(dc_outbox_t *self)
{
    uint32_t count = self->peeked ? self->peeked : 1;
    while (count-- && !dc_outbox_is_empty(self)) {
        drop(self);
    }
    self->peeked = 0;
    if (!dc_outbox_is_empty(self)) return;
    bool is_short = self->end < self->capacity / 8;
    self->first = self->end = 0;
    if (is_short && self->capacity > CAPACITY_KEPT) dc_outbox_fini(self);
}
