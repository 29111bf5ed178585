// connections — the sockets behind one of the broker's doors, counted and watched.
//
// libzmq shows whole messages only, and a message may have any number of frames: it collects an
// endless one until memory is gone, and its limits on sizes and numbers do not help. So each
// connection is watched from beside: the kernel says how many bytes it brought, the door how many
// bytes of messages came out. What is between is one unfinished message, and if that is longer than
// any of ours can be and none came out since the last look, the connection is shut. Only tcp: who
// reaches an ipc socket has the rights of its owner.
//
// File descriptors are libzmq's, which may close one and get the same number for another connection
// at any moment; the kernel's cookie tells them apart.
#ifndef DC_BROKER_SHELL_CONNECTIONS_H
#define DC_BROKER_SHELL_CONNECTIONS_H

#include "common/map.h"

typedef struct dc_accepted {
    int fd;                   // libzmq's
    uint64_t cookie;          // the kernel's name for it
    bool is_tcp;              // only then it can be watched
    bool is_suspect;          // at the last look too much was between
    bool is_shut;             // by us
    dc_ms_t since_ms;         // when it was accepted
    uint64_t delivered_bytes; // of messages that came out, as on the wire; the door counts them
    uint64_t looked_bytes;    // ... at the last look
    void *peer;               // the door's entry for it; NULL while it has said nothing
    UT_hash_handle hh;
} dc_accepted_t;

typedef struct dc_connections {
    dc_accepted_t *by_fd; // owns them
    unsigned count, count_max;
    uint64_t shut_count; // how many were shut by us since the start
} dc_connections_t;

// Nobody is connected, and no more than `count_max` may be.
void dc_connections_init(dc_connections_t *self, unsigned count_max);
void dc_connections_fini(dc_connections_t *self);

// libzmq has accepted `fd`, of which there is none here (else it was closed: remove that first).
// One too many, and one that memory is too short to watch, is shut.
void dc_connections_add(dc_connections_t *self, int fd, dc_ms_t now);

// The connection with this `fd`, or NULL.
dc_accepted_t *dc_connections_find(dc_connections_t *self, int fd);

// libzmq has closed it.
void dc_connections_remove(dc_connections_t *self, dc_accepted_t *connection);

// Shut it, both ways: libzmq finds it closed, and forgets what it has of it.
void dc_connections_shut(dc_connections_t *self, dc_accepted_t *connection);

// Look at all of them, and shut those whose unfinished message is too long. Returns how many; true
// in `*is_urgent` if one is suspect, and is to be looked at again soon.
unsigned dc_connections_look(dc_connections_t *self, dc_ms_t now, bool *is_urgent);

#endif
