#include "broker/shell/connections.h"

#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "common/limits.h"

void dc_connections_init(dc_connections_t *self, unsigned count_max)
{
    *self = (dc_connections_t){ .count_max = count_max };
}

void dc_connections_fini(dc_connections_t *self)
{
    dc_accepted_t *connection;
    dc_accepted_t *next;
    HASH_ITER(hh, self->by_fd, connection, next)
    {
        dc_connections_remove(self, connection);
    }
}

static bool get_cookie(int fd, uint64_t *cookie)
{
    socklen_t size = sizeof *cookie;
    return getsockopt(fd, SOL_SOCKET, SO_COOKIE, cookie, &size) == 0;
}

static bool is_tcp_socket(int fd)
{
    int protocol = 0;
    socklen_t size = sizeof protocol;
    return getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) == 0 &&
           protocol == IPPROTO_TCP;
}

static dc_accepted_t *new_connection(dc_connections_t *self, int fd, dc_ms_t now)
{
    dc_accepted_t *connection = calloc(1, sizeof *connection);
    if (!connection) return NULL;
    connection->fd = fd;
    connection->since_ms = now;
    connection->is_tcp = is_tcp_socket(fd) && get_cookie(fd, &connection->cookie);
    HASH_ADD_INT(self->by_fd, fd, connection);
    if (DC_MAP_ADDED(connection)) return connection;
    free(connection);
    return NULL;
}

void dc_connections_add(dc_connections_t *self, int fd, dc_ms_t now)
{
    dc_accepted_t *connection = new_connection(self, fd, now);
    if (!connection) {
        shutdown(fd, SHUT_RDWR);
        self->shut_count++;
        return;
    }
    if (++self->count > self->count_max) dc_connections_shut(self, connection);
}

dc_accepted_t *dc_connections_find(dc_connections_t *self, int fd)
{
    dc_accepted_t *connection;
    HASH_FIND_INT(self->by_fd, &fd, connection);
    return connection;
}

void dc_connections_remove(dc_connections_t *self, dc_accepted_t *connection)
{
    // NOLINTNEXTLINE(clang-analyzer-unix.Malloc): it does not see that this one is in the table.
    HASH_DEL(self->by_fd, connection);
    self->count--;
    free(connection);
}

// Is the descriptor still that of this connection?
static bool is_same(const dc_accepted_t *connection)
{
    uint64_t cookie;
    return !connection->is_tcp ||
           (get_cookie(connection->fd, &cookie) && cookie == connection->cookie);
}

void dc_connections_shut(dc_connections_t *self, dc_accepted_t *connection)
{
    if (connection->is_shut || !is_same(connection)) return;
    // A reset when libzmq closes it: else the other side may wait long to be told.
    struct linger linger = { .l_onoff = 1, .l_linger = 0 };
    setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    shutdown(connection->fd, SHUT_RDWR);
    connection->is_shut = true;
    self->shut_count++;
}

// How many bytes the kernel has received by the descriptor, whosever it is by now.
static bool get_received(const dc_accepted_t *connection, uint64_t *received)
{
    struct tcp_info info = { 0 };
    socklen_t size = sizeof info;
    if (getsockopt(connection->fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return false;
    *received = info.tcpi_bytes_received;
    return true;
}

// How many of them libzmq has not taken yet.
static uint64_t get_unread(const dc_accepted_t *connection)
{
    int waiting = 0;
    if (ioctl(connection->fd, SIOCINQ, &waiting) != 0) return 0;
    return waiting > 0 ? (uint64_t)waiting : 0;
}

// Is more unfinished than a message of ours can be? The handshake and libzmq's own heartbeats are
// bytes that never come out; they are few, and grow with age. Nearly always the first question
// settles it, as what has come is not too much even if libzmq has taken all of it.
static bool has_too_much(const dc_accepted_t *connection, dc_ms_t now)
{
    if (!connection->is_tcp || connection->is_shut) return false;
    uint64_t age_s = (now - connection->since_ms) / 1000;
    uint64_t allowed =
        connection->delivered_bytes + DC_UNFINISHED_BYTES_MAX + age_s * DC_UNFINISHED_BYTES_PER_S;
    uint64_t received;
    if (!get_received(connection, &received) || received <= allowed) return false;
    return received > allowed + get_unread(connection) && is_same(connection);
}

unsigned dc_connections_look(dc_connections_t *self, dc_ms_t now, bool *is_urgent)
{
    unsigned shut = 0;
    *is_urgent = false;
    for (dc_accepted_t *at = self->by_fd; at; at = at->hh.next) {
        // Of one that waits in line, messages come out between two looks, since the door takes one
        // of each in turn; of an unfinished one nothing does.
        bool has_moved = at->delivered_bytes != at->looked_bytes;
        bool was_suspect = at->is_suspect;
        at->looked_bytes = at->delivered_bytes;
        at->is_suspect = has_too_much(at, now);
        if (!at->is_suspect) continue;
        if (was_suspect && !has_moved) {
            dc_connections_shut(self, at);
            shut++;
        } else {
            *is_urgent = true;
        }
    }
    return shut;
}
