#include "broker/shell/door.h"

#include <stdio.h>
#include <stdlib.h>

#include "broker/core/peers/peers.h"
#include "broker/core/peers/quota.h"
#include "broker/shell/connections.h"
#include "common/log.h"

// Who sends a message of more frames than this does not mean well: it is disconnected, since libzmq
// collects all of them before it shows the first.
#define FRAMES_ABSURD 1024

// Two addresses, and a sentence around them.
#define ANSWER_BYTES_MAX (2 * DC_NET_URL_MAX + 200)

// Complaints are logged no more often than one can read.
#define COMPLAINT_MS 1000

struct dc_door {
    dc_side_t side;
    dc_socket_t *socket; // owned, like all that follows
    dc_socket_t *watch;  // its events
    dc_connections_t connections;
    dc_peers_t peers;
    dc_peer_entry_t *dirty; // list of those that have something to be sent
    dc_peer_entry_t *gone;  // list of those whose connection is no more
    dc_message_t message;   // the one that was received last
    dc_wire_writer_t writer;
    dc_quota_t complaints;
    uint64_t broken_count;
    char url[DC_NET_URL_MAX];
    char other_url[DC_NET_URL_MAX]; // "" until it is known
};

static const char *name_of(const dc_door_t *self)
{
    return self->side == DC_SIDE_FRONT ? "frontend" : "backend";
}

// --- life cycle --------------------------------------------------------------------------------

static dc_err_t open_socket(dc_door_t *self, dc_net_t *net, const char *url, dc_diag_t *diag)
{
    self->socket = dc_net_socket(net, DC_NET_ROUTER);
    if (self->socket) self->watch = dc_socket_watch(self->socket);
    if (!self->watch) {
        return dc_diag_set(diag, DC_ERR_NOMEM, 0, 0, "no memory or descriptors for a socket");
    }
    // A plain client sends no heartbeats.
    if (self->side == DC_SIDE_BACK) dc_socket_rely_on_beats(self->socket);
    return dc_socket_bind(self->socket, url, self->url, diag);
}

dc_door_t *dc_door_new(dc_net_t *net, dc_side_t side, const char *url, unsigned connections_max,
                       dc_diag_t *diag)
{
    dc_door_t *self = calloc(1, sizeof *self);
    if (!self) {
        dc_diag_set_no_memory(diag);
        return NULL;
    }
    self->side = side;
    self->complaints = dc_quota(1, COMPLAINT_MS);
    dc_connections_init(&self->connections, connections_max);
    dc_peers_init(&self->peers);
    dc_message_init(&self->message);
    dc_wire_writer_init(&self->writer);
    if (open_socket(self, net, url, diag) != DC_OK) dc_door_destroy(&self, 0);
    return self;
}

void dc_door_destroy(dc_door_t **self_p, uint32_t linger_ms)
{
    dc_door_t *self = *self_p;
    *self_p = NULL;
    if (!self) return;
    dc_message_fini(&self->message);
    dc_socket_close(&self->watch, 0);
    dc_socket_close(&self->socket, linger_ms);
    dc_wire_writer_fini(&self->writer);
    dc_peers_fini(&self->peers);
    dc_connections_fini(&self->connections);
    free(self);
}

const char *dc_door_url(const dc_door_t *self)
{
    return self->url;
}

void dc_door_set_other(dc_door_t *self, const char *url)
{
    snprintf(self->other_url, sizeof self->other_url, "%s", url);
}

void dc_door_poll_items(dc_door_t *self, bool is_drained, dc_poll_t *items)
{
    items[0] = (dc_poll_t){ .socket = self->socket, .fd = -1, .is_drained = is_drained };
    items[1] = (dc_poll_t){ .socket = self->watch, .fd = -1, .is_drained = true };
}

dc_door_state_t dc_door_state(const dc_door_t *self)
{
    return (dc_door_state_t){
        .connections = self->connections.count,
        .peers = HASH_COUNT(self->peers.by_id),
        .shut = self->connections.shut_count,
        .broken = self->broken_count,
    };
}

// --- who comes and goes ------------------------------------------------------------------------

// Who has gone wants nothing more; that it has is told to the core later.
static void mark_gone(dc_door_t *self, dc_peer_entry_t *entry)
{
    if (entry->is_gone) return;
    entry->is_gone = true;
    DL_APPEND2(self->gone, entry, gone_prev, gone_next);
    dc_outbox_fini(&entry->outbox);
    if (entry->connection) entry->connection->peer = NULL;
    entry->connection = NULL;
}

static void note_gone(dc_door_t *self, int fd)
{
    dc_accepted_t *connection = dc_connections_find(&self->connections, fd);
    if (!connection) return;
    if (connection->peer) mark_gone(self, connection->peer);
    dc_connections_remove(&self->connections, connection);
}

void dc_door_read_events(dc_door_t *self, dc_ms_t now)
{
    dc_net_event_t event;
    while (dc_net_next_event(self->watch, &event)) {
        switch (event.type) {
        case DC_NET_ACCEPTED:
            note_gone(self, event.fd);
            dc_connections_add(&self->connections, event.fd, now);
            break;
        case DC_NET_DISCONNECTED: note_gone(self, event.fd); break;
        case DC_NET_CONNECTED:
        case DC_NET_UNREACHED:
        case DC_NET_REFUSED: break;
        }
    }
}

// A message of somebody new. That its connection was accepted is an event already, since the same
// thread of libzmq wrote both; that a former one with this descriptor was closed is, too.
static void find_connection(dc_door_t *self, dc_peer_entry_t *entry, dc_ms_t now)
{
    dc_door_read_events(self, now);
    int fd = dc_message_source(&self->message);
    dc_accepted_t *connection = dc_connections_find(&self->connections, fd);
    if (!connection) return;
    if (connection->peer) mark_gone(self, connection->peer);
    connection->peer = entry;
    entry->connection = connection;
}

static void remove_entry(dc_door_t *self, dc_peer_entry_t *entry)
{
    if (entry->is_dirty) DL_DELETE2(self->dirty, entry, dirty_prev, dirty_next);
    if (entry->is_gone) DL_DELETE2(self->gone, entry, gone_prev, gone_next);
    dc_peers_remove(&self->peers, entry);
}

bool dc_door_take_gone(dc_door_t *self, dc_peer_t *peer)
{
    while (self->gone) {
        dc_peer_entry_t *entry = self->gone;
        dc_peer_t number = entry->number;
        remove_entry(self, entry);
        if (number == 0) continue;
        *peer = number;
        return true;
    }
    return false;
}

bool dc_door_look(dc_door_t *self, dc_ms_t now)
{
    bool is_urgent;
    unsigned shut = dc_connections_look(&self->connections, now, &is_urgent);
    if (shut) {
        dc_log(DC_LOG_WARN, "endless messages door=%s connections_shut=%u", name_of(self), shut);
    }
    return is_urgent;
}

static void disconnect(dc_door_t *self, dc_peer_entry_t *entry)
{
    if (entry->connection) dc_connections_shut(&self->connections, entry->connection);
    mark_gone(self, entry);
}

// --- in ----------------------------------------------------------------------------------------

// Log what is wrong with somebody's message.
static void complain(dc_door_t *self, dc_ms_t now, dc_peer_t peer, const char *why)
{
    self->broken_count++;
    uint64_t left_out;
    if (!dc_quota_take(&self->complaints, now, &left_out)) return;
    dc_log(DC_LOG_WARN, "message not understood door=%s peer=%llu more=%llu why=\"%s\"",
           name_of(self), (unsigned long long)peer, (unsigned long long)left_out, why);
}

// What somebody is told who is at the wrong one of the two doors.
static void put_directions(const dc_door_t *self, char *text, size_t size)
{
    bool is_front = self->side == DC_SIDE_FRONT;
    snprintf(text, size, "%s is where the broker listens for %s; %s connect to %s", self->url,
             is_front ? "clients" : "workers", is_front ? "workers" : "clients",
             *self->other_url ? self->other_url : "its other address");
}

// Tell the sender that `error` is what its message is, so far as it can be told.
static void answer_broken(dc_door_t *self, dc_peer_entry_t *entry, dc_told_t told, dc_err_t error,
                          const char *why)
{
    if (told == DC_TOLD_NOT) return;
    char text[ANSWER_BYTES_MAX];
    dc_cmd_t cmd = { .type = DC_CMD_ANSWER };
    size_t len = 0;
    if (told == DC_TOLD_DC1) {
        cmd = (dc_cmd_t){ .type = DC_CMD_REFUSED, .refused = { .error = error } };
    } else {
        len = (size_t)snprintf(text, sizeof text, "error: %s ", dc_err_name(error));
    }
    if (error == DC_ERR_ADDRESS) {
        put_directions(self, text + len, sizeof text - len);
    } else {
        snprintf(text + len, sizeof text - len, "%s", why);
    }
    dc_slice_t borrowed = { NULL, dc_str_from(text) };
    if (!dc_slice_keep(&borrowed, &cmd.data)) return;
    dc_door_send(self, entry->number, &cmd);
    dc_slice_drop(&cmd.data);
}

static dc_peer_entry_t *meet(dc_door_t *self, dc_ms_t now)
{
    bool is_new;
    dc_peer_entry_t *entry = dc_peers_meet(&self->peers, self->message.frames[0].bytes, &is_new);
    if (!entry) return NULL;
    if (is_new) find_connection(self, entry, now);
    if (entry->connection) entry->connection->delivered_bytes += self->message.wire_bytes;
    return entry;
}

// Read what was received. `incoming` has no commands if it means nothing.
static void read_message(dc_door_t *self, dc_ms_t now, dc_peer_t *peer, dc_incoming_t *incoming)
{
    dc_message_t *message = &self->message;
    dc_peer_entry_t *entry = meet(self, now);
    if (!entry) {
        *peer = 0;
        *incoming = (dc_incoming_t){ .has_single = false };
        complain(self, now, 0, "no memory for one more peer");
        return;
    }
    *peer = entry->number;
    const char *why;
    dc_err_t err = dc_incoming_read(incoming, self->side, message->frames + 1, message->count - 1,
                                    message->frame_count - 1, &why);
    if (err == DC_OK) return;
    complain(self, now, entry->number, why);
    if (message->frame_count > FRAMES_ABSURD) {
        disconnect(self, entry);
    } else {
        answer_broken(self, entry, incoming->told, err, why);
    }
}

bool dc_door_receive(dc_door_t *self, dc_ms_t now, dc_peer_t *peer, dc_incoming_t *incoming)
{
    if (dc_socket_recv(self->socket, &self->message) != DC_NET_GOT) return false;
    read_message(self, now, peer, incoming);
    return true;
}

// --- out ---------------------------------------------------------------------------------------

void dc_door_send(dc_door_t *self, dc_peer_t peer, dc_cmd_t *cmd)
{
    dc_peer_entry_t *entry = dc_peers_find(&self->peers, peer);
    if (!entry || entry->is_gone) return;
    if (entry->outbox.bytes > DC_OUTBOX_BYTES_MAX || !dc_outbox_push(&entry->outbox, cmd)) {
        // It does not read, or memory is short: it begins anew, which is better than a gap.
        dc_log(DC_LOG_WARN, "peer disconnected door=%s peer=%llu waiting_bytes=%zu", name_of(self),
               (unsigned long long)peer, entry->outbox.bytes);
        disconnect(self, entry);
        return;
    }
    if (entry->is_dirty) return;
    entry->is_dirty = true;
    DL_APPEND2(self->dirty, entry, dirty_prev, dirty_next);
}

void dc_door_forget(dc_door_t *self, dc_peer_t peer)
{
    dc_peer_entry_t *entry = dc_peers_find(&self->peers, peer);
    if (entry) dc_peers_forget(&self->peers, entry);
}

// The next command cannot become a message: it is too long, which is a mistake of ours, or memory
// is short, which may pass. True if it was the former and the next one can be tried.
static bool skip_oversized(dc_door_t *self, dc_peer_entry_t *entry)
{
    const dc_cmd_t *cmd = &entry->outbox.list[entry->outbox.first];
    if (cmd->data.bytes.len <= DC_FRAME_BYTES_MAX) return false;
    dc_log(DC_LOG_ERROR, "command too long, dropped door=%s command=%s bytes=%zu", name_of(self),
           dc_command_name(cmd->type), cmd->data.bytes.len);
    dc_outbox_pop(&entry->outbox);
    return true;
}

// Send what waits for one peer, as far as there is room.
static void flush_entry(dc_door_t *self, dc_peer_entry_t *entry, dc_ms_t now)
{
    dc_slice_t frames[1 + DC_OUTBOX_FRAMES_MAX];
    frames[0] = (dc_slice_t){ NULL, { entry->id, entry->id_len } };
    while (!dc_outbox_is_empty(&entry->outbox)) {
        size_t count = dc_outbox_peek(&entry->outbox, self->side, &self->writer, frames + 1);
        if (count == 0 && skip_oversized(self, entry)) continue;
        switch (count ? dc_socket_send(self->socket, frames, 1 + count) : DC_NET_FAILED) {
        case DC_NET_SENT: dc_outbox_pop(&entry->outbox); break;
        case DC_NET_AGAIN:
        case DC_NET_FAILED: entry->retry_ms = now + DC_SEND_RETRY_MS; return;
        case DC_NET_UNREACHABLE: mark_gone(self, entry); return;
        }
    }
}

bool dc_door_is_quiet(const dc_door_t *self)
{
    return !self->dirty;
}

bool dc_door_flush(dc_door_t *self, dc_ms_t now)
{
    dc_peer_entry_t *entry;
    dc_peer_entry_t *next;
    DL_FOREACH_SAFE2(self->dirty, entry, next, dirty_next)
    {
        if (now < entry->retry_ms) continue;
        flush_entry(self, entry, now);
        if (!dc_outbox_is_empty(&entry->outbox)) continue;
        DL_DELETE2(self->dirty, entry, dirty_prev, dirty_next);
        entry->is_dirty = false;
    }
    dc_wire_writer_clear(&self->writer);
    return !self->dirty;
}
