#include "common/net.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/entropy.h"
#include "common/net_url.h"

struct dc_net {
    void *context;
    unsigned watch_count; // how many were made: their inner addresses are numbered
};

struct dc_socket {
    dc_net_t *net; // borrowed
    void *zmq;     // owned
    void *watched; // of a watch: the zmq socket whose events it reads; borrowed
    int fd;        // readable when something has happened to the socket
    dc_net_role_t role;
};

static pthread_once_t seed_once = PTHREAD_ONCE_INIT;
static bool is_seeded;

// libzmq takes the routing ids of a ROUTER's connections from random(), which it seeds with the time:
// whoever knows when a broker was started could name another's connection.
static void seed_random(void)
{
    unsigned seed;
    is_seeded = dc_entropy_fill(&seed, sizeof seed);
    if (is_seeded) srandom(seed);
}

dc_net_t *dc_net_new(void)
{
    dc_net_t *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    self->context = zmq_ctx_new();
    if (!self->context) {
        free(self);
        return NULL;
    }
    return self;
}

void dc_net_destroy(dc_net_t **self_p)
{
    dc_net_t *self = *self_p;
    *self_p = NULL;
    if (!self) return;
    while (zmq_ctx_term(self->context) != 0 && errno == EINTR) {
    }
    free(self);
}

// --- options -----------------------------------------------------------------------------------

typedef struct option {
    int name;
    int value;
} option_t;

static const option_t options_of_all[] = {
    { ZMQ_LINGER, 0 },
    { ZMQ_SNDTIMEO, 0 },
    { ZMQ_RCVTIMEO, 0 },
    { ZMQ_SNDHWM, DC_NET_MESSAGES_MAX },
    { ZMQ_RCVHWM, DC_NET_MESSAGES_MAX },
    { ZMQ_HANDSHAKE_IVL, DC_NET_HANDSHAKE_MS },
    { ZMQ_HEARTBEAT_IVL, DC_NET_PING_MS },
    { ZMQ_HEARTBEAT_TIMEOUT, 3 * DC_NET_PING_MS },
    { ZMQ_HEARTBEAT_TTL, 3 * DC_NET_PING_MS },
    { ZMQ_TCP_KEEPALIVE, 1 },
    { ZMQ_TCP_KEEPALIVE_IDLE, 30 },
    { ZMQ_TCP_KEEPALIVE_INTVL, 10 },
    { ZMQ_TCP_KEEPALIVE_CNT, 3 },
};

static const option_t options_of_router[] = {
    { ZMQ_ROUTER_MANDATORY, 1 },
    { ZMQ_ROUTER_HANDOVER, 0 },
    { ZMQ_BACKLOG, 511 },
};

static const option_t options_of_dealer[] = {
    { ZMQ_RECONNECT_IVL, 100 },
    { ZMQ_RECONNECT_IVL_MAX, 1000 },
};

static bool set_options(void *zmq, const option_t *options, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (zmq_setsockopt(zmq, options[i].name, &options[i].value, sizeof(int)) != 0) return false;
    }
    return true;
}

static bool set_up(void *zmq, dc_net_role_t role)
{
    int64_t frame_bytes_max = DC_FRAME_BYTES_MAX;
    if (!set_options(zmq, options_of_all, DC_ARRAY_LEN(options_of_all))) return false;
    if (zmq_setsockopt(zmq, ZMQ_MAXMSGSIZE, &frame_bytes_max, sizeof frame_bytes_max)) return false;
    switch (role) {
    case DC_NET_ROUTER: return set_options(zmq, options_of_router, DC_ARRAY_LEN(options_of_router));
    case DC_NET_DEALER: return set_options(zmq, options_of_dealer, DC_ARRAY_LEN(options_of_dealer));
    }
    return false;
}

// --- life cycle --------------------------------------------------------------------------------

// Wrap `zmq`, taking it: it is closed if that fails.
static dc_socket_t *wrap(dc_net_t *net, void *zmq, dc_net_role_t role)
{
    dc_socket_t *self = calloc(1, sizeof *self);
    int fd = -1;
    size_t size = sizeof fd;
    if (!self || zmq_getsockopt(zmq, ZMQ_FD, &fd, &size) != 0) {
        free(self);
        zmq_close(zmq);
        return NULL;
    }
    *self = (dc_socket_t){ .net = net, .zmq = zmq, .fd = fd, .role = role };
    return self;
}

dc_socket_t *dc_net_socket(dc_net_t *self, dc_net_role_t role)
{
    pthread_once(&seed_once, seed_random);
    if (!is_seeded) return NULL;
    void *zmq = zmq_socket(self->context, role == DC_NET_ROUTER ? ZMQ_ROUTER : ZMQ_DEALER);
    if (!zmq) return NULL;
    if (!set_up(zmq, role)) {
        zmq_close(zmq);
        return NULL;
    }
    return wrap(self, zmq, role);
}

void dc_socket_close(dc_socket_t **self_p, uint32_t linger_ms)
{
    dc_socket_t *self = *self_p;
    *self_p = NULL;
    if (!self) return;
    // The I/O thread would wait for ever for somebody to read the events.
    if (self->watched) zmq_socket_monitor(self->watched, NULL, 0);
    int linger = (int)dc_min_u64(linger_ms, INT32_MAX);
    zmq_setsockopt(self->zmq, ZMQ_LINGER, &linger, sizeof linger);
    zmq_close(self->zmq);
    free(self);
}

// --- addresses ---------------------------------------------------------------------------------

static dc_err_t explain(const char *url, int error, dc_diag_t *diag)
{
    switch (error) {
    case EADDRINUSE:
        return dc_diag_set(diag, DC_ERR_IO, 0, 0, "%.100s is taken by another program", url);
    case EADDRNOTAVAIL:
    case ENODEV:
        return dc_diag_set(diag, DC_ERR_INVALID, 0, 0, "%.100s: this machine has no such address",
                           url);
    case EINVAL:
    case EPROTONOSUPPORT:
    case ENOCOMPATPROTO:
        return dc_diag_set(diag, DC_ERR_INVALID, 0, 0,
                           "%.100s is not an address such as tcp://127.0.0.1:5555 or ipc:///path",
                           url);
    default: return dc_diag_set(diag, DC_ERR_IO, 0, 0, "%.100s: %s", url, zmq_strerror(error));
    }
}

// Only where an address of IPv6 is written: else `localhost` may become one, while the other side
// listens at 127.0.0.1.
static void choose_family(dc_socket_t *self, const char *url)
{
    int is_v6 = strchr(url, '[') != NULL;
    zmq_setsockopt(self->zmq, ZMQ_IPV6, &is_v6, sizeof is_v6);
}

dc_err_t dc_socket_bind(dc_socket_t *self, const char *url, char *bound, dc_diag_t *diag)
{
    // libzmq would take the path away from whoever listens there, without a word.
    if (dc_net_is_ipc_taken(url)) return explain(url, EADDRINUSE, diag);
    if (!dc_net_has_port(url)) return explain(url, EINVAL, diag);
    choose_family(self, url);
    if (zmq_bind(self->zmq, url) != 0) return explain(url, errno, diag);
    size_t size = DC_NET_URL_MAX;
    if (zmq_getsockopt(self->zmq, ZMQ_LAST_ENDPOINT, bound, &size) != 0) {
        snprintf(bound, DC_NET_URL_MAX, "%s", url);
    }
    return DC_OK;
}

void dc_socket_unbind(dc_socket_t *self, const char *bound)
{
    zmq_unbind(self->zmq, bound);
}

dc_err_t dc_socket_connect(dc_socket_t *self, const char *url, dc_diag_t *diag)
{
    if (!dc_net_has_port(url)) return explain(url, EINVAL, diag);
    choose_family(self, url);
    return zmq_connect(self->zmq, url) == 0 ? DC_OK : explain(url, errno, diag);
}

// --- receiving ---------------------------------------------------------------------------------

// A frame that is large enough to be kept as it is.
typedef struct frame_blob {
    dc_blob_t blob;
    zmq_msg_t msg; // owned
} frame_blob_t;

static void free_frame(dc_blob_t *blob)
{
    frame_blob_t *self = (frame_blob_t *)blob;
    zmq_msg_close(&self->msg);
    free(self);
}

// Make a blob of `part`; NULL if memory is short, and `part` stays as it was.
static dc_blob_t *wrap_frame(zmq_msg_t *part)
{
    frame_blob_t *self = malloc(sizeof *self);
    if (!self) return NULL;
    zmq_msg_init(&self->msg);
    zmq_msg_move(&self->msg, part);
    dc_blob_init(&self->blob, zmq_msg_data(&self->msg), zmq_msg_size(&self->msg), free_frame);
    return &self->blob;
}

void dc_message_init(dc_message_t *self)
{
    self->count = self->frame_count = self->wire_bytes = self->held = 0;
}

void dc_message_fini(dc_message_t *self)
{
    for (size_t i = 0; i < self->count; i++) {
        dc_blob_release(&self->frames[i].blob);
    }
    for (size_t i = 0; i < self->held; i++) {
        zmq_msg_close(&self->parts[i]);
    }
    dc_message_init(self);
}

// Small frames stay where they are: libzmq may have put several into one buffer, which a reference
// to one of them would hold.
static void add_frame(dc_message_t *message, zmq_msg_t *part)
{
    dc_slice_t *frame = &message->frames[message->count++];
    *frame = (dc_slice_t){ NULL, { zmq_msg_data(part), zmq_msg_size(part) } };
    if (frame->bytes.len <= DC_COPY_BYTES_MAX) return;
    frame->blob = wrap_frame(part);
    if (frame->blob) frame->bytes.data = frame->blob->data;
}

// Receive one frame into `part`. 0, or an errno.
static int recv_part(void *zmq, zmq_msg_t *part)
{
    zmq_msg_init(part);
    for (;;) {
        if (zmq_msg_recv(part, zmq, ZMQ_DONTWAIT) >= 0) return 0;
        if (errno == EINTR) continue;
        int error = errno;
        zmq_msg_close(part);
        return error;
    }
}

static size_t wire_bytes_of(size_t frame_bytes)
{
    return frame_bytes + (frame_bytes > 255 ? 9 : 2);
}

dc_net_got_t dc_socket_recv(dc_socket_t *self, dc_message_t *message)
{
    dc_message_fini(message);
    bool has_more = true;
    while (has_more) {
        zmq_msg_t spare;
        bool has_room = message->held < DC_NET_FRAMES_MAX;
        zmq_msg_t *part = has_room ? &message->parts[message->held] : &spare;
        int error = recv_part(self->zmq, part);
        if (error == EAGAIN && message->frame_count == 0) return DC_NET_NOTHING;
        if (error) return DC_NET_BROKEN;
        has_more = zmq_msg_more(part);
        // The routing id, which a ROUTER puts in front, has not come over the wire.
        if (self->role == DC_NET_DEALER || message->frame_count) {
            message->wire_bytes += wire_bytes_of(zmq_msg_size(part));
        }
        message->frame_count++;
        if (has_room) {
            message->held++;
            add_frame(message, part);
        } else {
            zmq_msg_close(part);
        }
    }
    return DC_NET_GOT;
}

int dc_message_source(const dc_message_t *self)
{
    // The routing id does not always know whence it came; the frames behind it do.
    for (size_t i = 0; i < self->count; i++) {
        const dc_blob_t *blob = self->frames[i].blob;
        int fd =
            zmq_msg_get(blob ? &((const frame_blob_t *)blob)->msg : &self->parts[i], ZMQ_SRCFD);
        if (fd >= 0) return fd;
    }
    return -1;
}

// --- sending -----------------------------------------------------------------------------------

static void release_sent(void *data, void *hint)
{
    (void)data;
    dc_blob_t *blob = hint;
    dc_blob_release(&blob);
}

static bool init_part(zmq_msg_t *part, const dc_slice_t *frame)
{
    dc_str_t bytes = frame->bytes;
    if (frame->blob && bytes.len > DC_COPY_BYTES_MAX) {
        union {
            const char *given;
            char *taken; // libzmq doesn't write to it
        } data = { .given = bytes.data };
        dc_blob_retain(frame->blob);
        if (zmq_msg_init_data(part, data.taken, bytes.len, release_sent, frame->blob) == 0) {
            return true;
        }
        release_sent(NULL, frame->blob);
        return false;
    }
    if (zmq_msg_init_size(part, bytes.len) != 0) return false;
    if (bytes.len) memcpy(zmq_msg_data(part), bytes.data, bytes.len);
    return true;
}

static void close_parts(zmq_msg_t *parts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        zmq_msg_close(&parts[i]);
    }
}

static int send_part(void *zmq, zmq_msg_t *part, bool is_last)
{
    for (;;) {
        if (zmq_msg_send(part, zmq, ZMQ_DONTWAIT | (is_last ? 0 : ZMQ_SNDMORE)) >= 0) return 0;
        if (errno != EINTR) return errno;
    }
}

dc_net_sent_t dc_socket_send(dc_socket_t *self, const dc_slice_t *frames, size_t count)
{
    assert(count > 0 && count <= DC_NET_FRAMES_MAX);
    zmq_msg_t parts[DC_NET_FRAMES_MAX];
    // All frames are made before the first one is sent, since memory may be short for the last.
    for (size_t i = 0; i < count; i++) {
        if (!init_part(&parts[i], &frames[i])) {
            close_parts(parts, i);
            return DC_NET_FAILED;
        }
    }
    for (size_t i = 0; i < count; i++) {
        int error = send_part(self->zmq, &parts[i], i + 1 == count);
        if (error == 0) continue;
        close_parts(parts + i, count - i);
        if (error == EAGAIN) return DC_NET_AGAIN;
        return error == EHOSTUNREACH ? DC_NET_UNREACHABLE : DC_NET_FAILED;
    }
    return DC_NET_SENT;
}

// --- waiting -----------------------------------------------------------------------------------

bool dc_socket_can_read(dc_socket_t *self)
{
    int events = 0;
    size_t size = sizeof events;
    return zmq_getsockopt(self->zmq, ZMQ_EVENTS, &events, &size) == 0 && (events & ZMQ_POLLIN);
}

int dc_socket_fd(const dc_socket_t *self)
{
    return self->fd;
}

// A socket's descriptor says only that something has happened since its events were last asked for;
// so these are asked for before the wait, and after it.
void dc_net_poll(dc_poll_t *items, size_t count, int timeout_ms)
{
    assert(count <= DC_NET_POLL_MAX);
    struct pollfd fds[DC_NET_POLL_MAX];
    for (size_t i = 0; i < count; i++) {
        dc_socket_t *socket = items[i].socket;
        items[i].can_read = socket && !items[i].is_drained && dc_socket_can_read(socket);
        items[i].is_awake = false;
        if (items[i].can_read) timeout_ms = 0;
        fds[i] = (struct pollfd){ .fd = socket ? socket->fd : items[i].fd, .events = POLLIN };
    }
    if (poll(fds, (nfds_t)count, timeout_ms) <= 0) return;
    for (size_t i = 0; i < count; i++) {
        if (!fds[i].revents) continue;
        items[i].is_awake = true;
        bool is_sure = !items[i].socket || items[i].is_drained;
        items[i].can_read = is_sure || dc_socket_can_read(items[i].socket);
    }
}

// --- watching connections ----------------------------------------------------------------------

#define HANDSHAKE_FAILED                                                          \
    (ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | \
     ZMQ_EVENT_HANDSHAKE_FAILED_AUTH)
#define WATCHED                                                                    \
    (ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED | \
     ZMQ_EVENT_CONNECT_RETRIED | HANDSHAKE_FAILED)

dc_socket_t *dc_socket_watch(dc_socket_t *self)
{
    char url[64];
    snprintf(url, sizeof url, "inproc://dcalc-watch-%u", self->net->watch_count++);
    if (zmq_socket_monitor(self->zmq, url, WATCHED) != 0) return NULL;
    void *pair = zmq_socket(self->net->context, ZMQ_PAIR);
    dc_socket_t *watch = pair ? wrap(self->net, pair, DC_NET_DEALER) : NULL;
    if (!watch || zmq_connect(pair, url) != 0) {
        zmq_socket_monitor(self->zmq, NULL, 0);
        dc_socket_close(&watch, 0);
        return NULL;
    }
    watch->watched = self->zmq;
    return watch;
}

static bool read_event(const dc_message_t *message, dc_net_event_t *event)
{
    uint16_t number;
    int32_t value;
    dc_str_t head = message->frames[0].bytes;
    if (head.len != sizeof number + sizeof value) return false;
    memcpy(&number, head.data, sizeof number);
    memcpy(&value, head.data + sizeof number, sizeof value);
    *event = (dc_net_event_t){ DC_NET_REFUSED, -1 };
    if (number == ZMQ_EVENT_ACCEPTED) *event = (dc_net_event_t){ DC_NET_ACCEPTED, value };
    if (number == ZMQ_EVENT_DISCONNECTED) *event = (dc_net_event_t){ DC_NET_DISCONNECTED, value };
    if (number == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) event->type = DC_NET_CONNECTED;
    return number & WATCHED;
}

bool dc_net_next_event(dc_socket_t *watch, dc_net_event_t *event)
{
    dc_message_t message;
    dc_message_init(&message);
    bool has_one = dc_socket_recv(watch, &message) == DC_NET_GOT && read_event(&message, event);
    dc_message_fini(&message);
    return has_one;
}
