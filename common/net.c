#include "common/net_part.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/entropy.h"
#include "common/net_url.h"

static pthread_once_t seed_once = PTHREAD_ONCE_INIT;
static bool is_seeded;

// libzmq takes the routing ids of a ROUTER's connections from random(), which it seeds with the
// time: whoever knows when a broker was started could name another's connection.
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

// The kernel's own probes, which wake no process: as soon as libzmq's pings would have found out.
static const option_t options_of_beating[] = {
    { ZMQ_HEARTBEAT_IVL, 0 },
    { ZMQ_TCP_KEEPALIVE_IDLE, DC_NET_PING_MS / 1000 },
    { ZMQ_TCP_KEEPALIVE_INTVL, DC_NET_PING_MS / 1000 },
    { ZMQ_TCP_MAXRT, 3 * DC_NET_PING_MS },
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

dc_socket_t *dc_net_wrap(dc_net_t *net, void *zmq, dc_net_role_t role)
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
    return dc_net_wrap(self, zmq, role);
}

void dc_socket_rely_on_beats(dc_socket_t *self)
{
    // Without them nothing is lost but wake-ups.
    (void)set_options(self->zmq, options_of_beating, DC_ARRAY_LEN(options_of_beating));
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
                           "%.100s is not an address such as " DC_NET_ADDRESS_FORMS, url);
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

dc_err_t dc_socket_connect(dc_socket_t *self, const char *url, dc_diag_t *diag)
{
    if (!dc_net_has_port(url)) return explain(url, EINVAL, diag);
    choose_family(self, url);
    return zmq_connect(self->zmq, url) == 0 ? DC_OK : explain(url, errno, diag);
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
        if (items[i].can_read) timeout_ms = 0;
        fds[i] = (struct pollfd){ .fd = socket ? socket->fd : items[i].fd, .events = POLLIN };
    }
    if (poll(fds, (nfds_t)count, timeout_ms) <= 0) return;
    for (size_t i = 0; i < count; i++) {
        if (!fds[i].revents) continue;
        bool is_sure = !items[i].socket || items[i].is_drained;
        items[i].can_read = is_sure || dc_socket_can_read(items[i].socket);
    }
}
