#include "client/channel.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "client/probe.h"

// Where the broker may be.
typedef struct place {
    char *url;                        // owned
    char reason[DC_DIAG_MESSAGE_MAX]; // why the last connection there failed; "": none has
} place_t;

struct dc_channel {
    dc_net_t *net;
    place_t *places; // owned
    size_t place_count;
    size_t place_at;         // of the present connection, or the last
    const char *reason;      // the last of all places
    bool has_tried;          // some connection was opened
    int epoll;               // the descriptor for all
    dc_socket_t *socket;     // NULL: there is no connection
    dc_socket_t *watch;      // its events
    bool is_full;            // it takes no more for now
    dc_message_t message;    // the last that was received
    dc_wire_writer_t writer; // a message that is not out yet
    void (*tap)(void *context, const dc_cmd_t *cmd);
    void *tap_context;
};

static bool is_url(const char *text)
{
    return strncmp(text, "tcp://", 6) == 0 || strncmp(text, "ipc://", 6) == 0;
}

static bool copy_urls(dc_channel_t *self, const char *const *urls, size_t count)
{
    self->places = calloc(count, sizeof *self->places);
    if (!self->places) return false;
    for (size_t i = 0; i < count; i++) {
        if (!is_url(urls[i]) || strlen(urls[i]) >= DC_NET_URL_MAX) {
            errno = EINVAL;
            return false;
        }
        self->places[i].url = strdup(urls[i]);
        if (!self->places[i].url) return false;
        self->place_count++;
    }
    return true;
}

dc_channel_t *dc_channel_new(const char *const *urls, size_t url_count)
{
    dc_channel_t *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    dc_message_init(&self->message);
    dc_wire_writer_init(&self->writer);
    self->epoll = -1;
    self->reason = "";
    if (!copy_urls(self, urls, url_count)) goto failed;
    self->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (self->epoll < 0) goto failed;
    self->net = dc_net_new();
    if (self->net) return self;
    errno = ENOMEM;
failed:;
    int error = errno;
    dc_channel_destroy(&self, 0);
    errno = error;
    return NULL;
}

void dc_channel_tap(dc_channel_t *self, void (*tap)(void *context, const dc_cmd_t *cmd),
                    void *context)
{
    self->tap = tap;
    self->tap_context = context;
}

static void close_sockets(dc_channel_t *self, uint32_t linger_ms)
{
    self->is_full = false;
    dc_message_fini(&self->message);
    dc_wire_writer_clear(&self->writer);
    // They leave the epoll as their descriptors are closed, but only when libzmq does so.
    if (self->watch) epoll_ctl(self->epoll, EPOLL_CTL_DEL, dc_socket_fd(self->watch), NULL);
    if (self->socket) epoll_ctl(self->epoll, EPOLL_CTL_DEL, dc_socket_fd(self->socket), NULL);
    dc_socket_close(&self->watch, 0);
    dc_socket_close(&self->socket, linger_ms);
}

void dc_channel_destroy(dc_channel_t **self_p, uint32_t linger_ms)
{
    dc_channel_t *self = *self_p;
    *self_p = NULL;
    if (!self) return;
    close_sockets(self, linger_ms);
    dc_wire_writer_fini(&self->writer);
    if (self->net) dc_net_destroy(&self->net);
    if (self->epoll >= 0) close(self->epoll);
    for (size_t i = 0; i < self->place_count; i++) {
        free(self->places[i].url);
    }
    free(self->places);
    free(self);
}

static bool add_to_epoll(dc_channel_t *self, const dc_socket_t *socket)
{
    struct epoll_event event = { .events = EPOLLIN };
    return epoll_ctl(self->epoll, EPOLL_CTL_ADD, dc_socket_fd(socket), &event) == 0;
}

static dc_err_t open_sockets(dc_channel_t *self, dc_diag_t *diag)
{
    dc_diag_set(diag, DC_ERR_IO, 0, 0, "this process may open no more files");
    self->socket = dc_net_socket(self->net, DC_NET_DEALER);
    if (!self->socket) return DC_ERR_IO;
    // Before connecting, so that no event is missed.
    self->watch = dc_socket_watch(self->socket);
    if (!self->watch) return DC_ERR_IO;
    if (!add_to_epoll(self, self->socket) || !add_to_epoll(self, self->watch)) return DC_ERR_IO;
    return dc_socket_connect(self->socket, dc_channel_url(self), diag);
}

static void set_reason(dc_channel_t *self, const char *reason)
{
    place_t *place = &self->places[self->place_at];
    snprintf(place->reason, sizeof place->reason, "%s", reason);
    self->reason = place->reason;
}

dc_err_t dc_channel_connect(dc_channel_t *self)
{
    if (self->socket) set_reason(self, "it does not answer");
    close_sockets(self, 0);
    if (self->has_tried) self->place_at = (self->place_at + 1) % self->place_count;
    self->has_tried = true;
    dc_diag_t diag;
    dc_err_t err = open_sockets(self, &diag);
    if (err == DC_OK) return DC_OK;
    set_reason(self, diag.message);
    close_sockets(self, 0);
    return err;
}

// --- messages ----------------------------------------------------------------------------------

// Send the message that was written. False if there is no room now.
static bool send_written(dc_channel_t *self)
{
    dc_slice_t frames[3 + DC_WIRE_PROGRAMS_MAX];
    frames[0] = (dc_slice_t){ .bytes = DC_STR(DC_WIRE_MAGIC) };
    size_t count = 1 + dc_wire_frames(&self->writer, frames + 1);
    self->is_full = dc_socket_send(self->socket, frames, count) != DC_NET_SENT;
    if (self->is_full) return false;
    dc_wire_writer_clear(&self->writer);
    return true;
}

dc_err_t dc_channel_send(dc_channel_t *self, dc_outcome_t *out)
{
    if (!self->socket) return DC_OK;
    size_t count = 0;
    bool has_room = true;
    while (has_room && (count < out->send_count || self->writer.record_count)) {
        while (count < out->send_count && dc_wire_add(&self->writer, &out->sends[count])) {
            if (self->tap) self->tap(self->tap_context, &out->sends[count]);
            count++;
        }
        if (self->writer.record_count == 0) break; // one always fits, save that memory is short
        has_room = send_written(self);
    }
    dc_outcome_drop_sends(out, count);
    return has_room && out->send_count ? DC_ERR_NOMEM : DC_OK;
}

static bool is_dcalc_message(const dc_message_t *message)
{
    return message->count >= 2 && message->frame_count == message->count &&
           dc_str_eq(message->frames[0].bytes, DC_STR(DC_WIRE_MAGIC));
}

dc_channel_got_t dc_channel_receive(dc_channel_t *self, dc_wire_reader_t *reader)
{
    if (!self->socket) return DC_CHANNEL_NOTHING;
    if (dc_socket_recv(self->socket, &self->message) != DC_NET_GOT) return DC_CHANNEL_NOTHING;
    const char *why;
    if (!is_dcalc_message(&self->message)) return DC_CHANNEL_GARBAGE;
    dc_err_t err = dc_wire_read(reader, DC_FROM_BROKER_TO_CLIENT, self->message.frames + 1,
                                self->message.count - 1, &why);
    if (err == DC_ERR_VERSION) return DC_CHANNEL_FOREIGN;
    return err ? DC_CHANNEL_GARBAGE : DC_CHANNEL_MESSAGE;
}

// --- its state ---------------------------------------------------------------------------------

bool dc_channel_is_broken(dc_channel_t *self)
{
    char reason[DC_DIAG_MESSAGE_MAX];
    dc_net_event_t event;
    while (self->watch && dc_net_next_event(self->watch, &event)) {
        switch (event.type) {
        case DC_NET_ACCEPTED:
        case DC_NET_CONNECTED: continue;
        case DC_NET_DISCONNECTED: set_reason(self, "the connection broke"); break;
        case DC_NET_UNREACHED:
            dc_probe(dc_channel_url(self), reason, sizeof reason);
            set_reason(self, reason);
            break;
        // Another program does so, and a broker that is just leaving.
        case DC_NET_REFUSED:
            set_reason(self, "whoever listens there breaks off the connection: is it a broker?");
            break;
        }
        close_sockets(self, 0);
        return true;
    }
    return false;
}

bool dc_channel_is_ready(dc_channel_t *self)
{
    return self->socket && dc_socket_can_read(self->socket);
}

bool dc_channel_wants_to_send(const dc_channel_t *self, const dc_outcome_t *out)
{
    return self->socket && !self->is_full && (out->send_count || self->writer.record_count);
}

int dc_channel_fd(const dc_channel_t *self)
{
    return self->epoll;
}

const char *dc_channel_url(const dc_channel_t *self)
{
    return self->places[self->place_at].url;
}

const char *dc_channel_reason(const dc_channel_t *self)
{
    return self->reason;
}

const char *dc_channel_place(const dc_channel_t *self, size_t index, const char **reason)
{
    if (index >= self->place_count) return NULL;
    *reason = self->places[index].reason;
    return self->places[index].url;
}
