#include "worker/obituary.h"

#include <signal.h>
#include <stdlib.h>

#include "common/log.h"
#include "common/net.h"

#define LINGER_MS 500

struct dc_obituary {
    const char *const *endpoints; // borrowed
    size_t endpoint_count;
    dc_net_t *net;         // NULL until the first one is sent
    dc_socket_t **sockets; // owned; one for each endpoint, NULL until it is needed
};

dc_obituary_t *dc_obituary_new(const char *const *endpoints, size_t endpoint_count)
{
    dc_obituary_t *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    self->endpoints = endpoints;
    self->endpoint_count = endpoint_count;
    self->sockets = calloc(endpoint_count, sizeof(dc_socket_t *));
    if (!self->sockets) dc_obituary_destroy(&self);
    return self;
}

void dc_obituary_destroy(dc_obituary_t **self_p)
{
    dc_obituary_t *self = *self_p;
    *self_p = NULL;
    if (!self) return;
    for (size_t i = 0; self->sockets && i < self->endpoint_count; i++) {
        dc_socket_close(&self->sockets[i], LINGER_MS);
    }
    if (self->net) dc_net_destroy(&self->net);
    free(self->sockets);
    free(self);
}

// Is it a signal that a program brings upon itself?
static bool is_crash_signal(int signal)
{
    static const int list[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGSYS, SIGABRT, SIGXCPU };
    for (size_t i = 0; i < DC_ARRAY_LEN(list); i++) {
        if (list[i] == signal) return true;
    }
    return false;
}

// The connection to the broker that the slot was with; NULL if there can be none.
static dc_socket_t *connection_of(dc_obituary_t *self, const dc_share_t *share)
{
    size_t index = atomic_load(&share->endpoint);
    if (index >= self->endpoint_count) return NULL; // the slot may have written anything
    if (self->sockets[index]) return self->sockets[index];
    if (!self->net) self->net = dc_net_new();
    dc_socket_t *socket = self->net ? dc_net_socket(self->net, DC_NET_DEALER) : NULL;
    dc_diag_t diag;
    if (socket && dc_socket_connect(socket, self->endpoints[index], &diag) != DC_OK) {
        dc_socket_close(&socket, 0);
    }
    self->sockets[index] = socket;
    return socket;
}

// Where the slot was. Two threads may have been at a job each: a tiny one takes so little time that
// whoever dies meanwhile has most likely died of it; if not, that one is looked for once, alone,
// and the other is named the next time.
static const dc_spot_t *spot_of(const dc_share_t *share)
{
    return atomic_load(&share->quick_spot.lease_id) ? &share->quick_spot : &share->spot;
}

static dc_cmd_t write_obituary(const dc_share_t *share, int signal)
{
    const dc_spot_t *spot = spot_of(share);
    uint64_t lease_id = atomic_load(&spot->lease_id);
    bool is_crash = is_crash_signal(signal);
    return (dc_cmd_t){
        .type = DC_CMD_OBITUARY,
        .obituary = {
            .session = share->session,
            .id = lease_id,
            .first = lease_id ? atomic_load(&spot->first) : 0,
            .count = lease_id ? atomic_load(&spot->count) : 0,
            .signal = (uint32_t)signal,
            .flags = is_crash ? DC_OBITUARY_CRASH : 0,
        },
    };
}

void dc_obituary_send(dc_obituary_t *self, const dc_share_t *share, int signal)
{
    dc_cmd_t cmd = write_obituary(share, signal);
    dc_socket_t *socket = connection_of(self, share);
    dc_wire_writer_t writer;
    dc_wire_writer_init(&writer);
    bool is_sent = false;
    if (socket && dc_wire_add(&writer, &cmd)) {
        dc_slice_t frames[1 + 2 + DC_WIRE_PROGRAMS_MAX] = { { 0 } };
        size_t count = dc_wire_frames(&writer, frames + 1);
        is_sent = dc_socket_send(socket, frames, 1 + count) == DC_NET_SENT;
    }
    dc_wire_writer_fini(&writer);
    if (!is_sent) dc_log(DC_LOG_WARN, "obituary not sent slot=%u", (unsigned)share->slot_index);
}

void dc_obituary_tidy(dc_obituary_t *self)
{
    dc_message_t message;
    dc_message_init(&message);
    for (size_t i = 0; i < self->endpoint_count; i++) {
        dc_socket_t *socket = self->sockets[i];
        while (socket && dc_socket_recv(socket, &message) == DC_NET_GOT) {
        }
    }
    dc_message_fini(&message);
}
