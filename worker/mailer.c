#include "worker/mailer.h"

#include <stdlib.h>

void dc_mailer_init(dc_mailer_t *self)
{
    *self = (dc_mailer_t){ 0 };
    dc_wire_writer_init(&self->writer);
}

static void drop_first(dc_mailer_t *self, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        dc_slice_drop(&self->list[i].data);
        dc_slice_drop(&self->list[i].program);
    }
    self->len -= count;
    if (self->len) memmove(self->list, self->list + count, self->len * sizeof *self->list);
}

void dc_mailer_clear(dc_mailer_t *self)
{
    drop_first(self, self->len);
}

void dc_mailer_fini(dc_mailer_t *self)
{
    dc_mailer_clear(self);
    free(self->list);
    dc_wire_writer_fini(&self->writer);
    self->list = NULL;
    self->capacity = 0;
}

bool dc_mailer_push(dc_mailer_t *self, dc_cmd_t *cmd)
{
    if (self->len == self->capacity) {
        size_t capacity = self->capacity ? 2 * self->capacity : 64;
        dc_cmd_t *list = realloc(self->list, capacity * sizeof *list);
        if (!list) return false;
        self->list = list;
        self->capacity = capacity;
    }
    self->list[self->len++] = *cmd;
    cmd->data = cmd->program = (dc_slice_t){ 0 };
    return true;
}

// READY and heartbeats have a form of their own: one byte, and JSON.
static dc_net_sent_t send_alone(const dc_cmd_t *cmd, dc_socket_t *socket)
{
    static const char ready[] = { DC_WIRE_READY };
    static const char heartbeat[] = { DC_WIRE_HEARTBEAT };
    dc_slice_t frames[] = {
        { NULL, { cmd->type == DC_CMD_READY ? ready : heartbeat, 1 } },
        cmd->data,
    };
    return dc_socket_send(socket, frames, DC_ARRAY_LEN(frames));
}

static bool is_alone(const dc_cmd_t *cmd)
{
    return cmd->type == DC_CMD_READY || cmd->type == DC_CMD_BEAT;
}

// Pack commands from `first` on, and send them as one message. `*count` is how many went into it.
static dc_net_sent_t send_packed(dc_mailer_t *self, size_t first, dc_socket_t *socket,
                                 size_t *count)
{
    size_t next = first;
    dc_wire_writer_clear(&self->writer);
    while (next < self->len && !is_alone(&self->list[next]) &&
           dc_wire_add(&self->writer, &self->list[next])) {
        next++;
    }
    *count = next - first;
    if (next == first) return DC_NET_FAILED; // a single command fits, unless memory is short
    dc_slice_t frames[1 + 2 + DC_WIRE_PROGRAMS_MAX] = { { 0 } };
    size_t frame_count = dc_wire_frames(&self->writer, frames + 1);
    dc_net_sent_t sent = dc_socket_send(socket, frames, 1 + frame_count);
    dc_wire_writer_clear(&self->writer);
    return sent;
}

dc_net_sent_t dc_mailer_flush(dc_mailer_t *self, dc_socket_t *socket)
{
    dc_net_sent_t sent = DC_NET_SENT;
    size_t done = 0;
    while (done < self->len && sent == DC_NET_SENT) {
        size_t count = 1;
        const dc_cmd_t *cmd = &self->list[done];
        sent = is_alone(cmd) ? send_alone(cmd, socket) : send_packed(self, done, socket, &count);
        if (sent == DC_NET_SENT) done += count;
    }
    drop_first(self, done);
    return sent;
}
