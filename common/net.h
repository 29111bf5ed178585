// net — ZeroMQ sockets, set up in one way for all programs; messages in and out of them as slices.
//
// No call here blocks, save dc_net_poll. A socket belongs to one thread at a time. A net and its
// sockets are used in this order: dc_net_new, dc_net_socket, bind or connect, recv and send and
// poll, dc_socket_close, dc_net_destroy.
//
// Hot paths: receiving copies nothing (small frames are borrowed from the message until the next
// one, large ones become blobs that may be kept), sending copies frames of up to DC_COPY_BYTES_MAX
// and passes larger ones on as they are.
#ifndef DC_COMMON_NET_H
#define DC_COMMON_NET_H

#include <zmq.h>

#include "common/blob.h"
#include "common/err.h"
#include "common/limits.h"

typedef struct dc_net dc_net_t; // what all sockets of a program, or of a library's user, share
typedef struct dc_socket dc_socket_t; // a socket of it

typedef enum dc_net_role {
    DC_NET_ROUTER, // binds; says at once (EAGAIN, EHOSTUNREACH) what it cannot deliver
    DC_NET_DEALER, // connects, and reconnects by itself
} dc_net_role_t;

// A net with one I/O thread. NULL if the system has no memory, threads or randomness to give.
dc_net_t *dc_net_new(void);

// Destroy it, after all its sockets are closed: waits until what they linger for is over.
void dc_net_destroy(dc_net_t **self_p);

// A socket with the options that all of ours have (in net.c). NULL if the system has no more.
dc_socket_t *dc_net_socket(dc_net_t *self, dc_net_role_t role);

// Both ends of its connections send heartbeats of their own, by which they judge each other: so let
// libzmq send none, which would wake four threads to say the same. A host that has vanished is
// found by the kernel then, by tcp's own probes, and its connections are closed no later. To be
// called before bind or connect.
void dc_socket_rely_on_beats(dc_socket_t *self);

// Close it and set `*self_p` to NULL; NULL is fine. What was sent and is not delivered yet is tried
// for `linger_ms` more, in the background.
void dc_socket_close(dc_socket_t **self_p, uint32_t linger_ms);

// Listen at `url`, e.g. tcp://127.0.0.1:5555, tcp://*:0 or ipc:///run/dcalc/front. The address that
// it became, with its port, is put into `bound` (of DC_NET_URL_MAX bytes). DC_ERR_INVALID,
// DC_ERR_IO; `diag` has a sentence that names the address and what is wrong with it.
#define DC_NET_URL_MAX 256
DC_MUST_USE dc_err_t dc_socket_bind(dc_socket_t *self, const char *url, char *bound,
                                    dc_diag_t *diag);

// Connect to `url`, now or when somebody listens there. DC_ERR_INVALID with a sentence in `diag`.
DC_MUST_USE dc_err_t dc_socket_connect(dc_socket_t *self, const char *url, dc_diag_t *diag);

// --- receiving ---------------------------------------------------------------------------------

// Routing id, empty frame or magic, table, data, programs: and some to see that it is too many.
#define DC_NET_FRAMES_MAX 16

// A message that was received. Its slices are valid until the next one is received into it; those
// with a blob may be kept (dc_slice_keep), as may copies of the others.
typedef struct dc_message {
    dc_slice_t frames[DC_NET_FRAMES_MAX];
    size_t count;
    size_t frame_count; // how many it really had; more than `count` where there were too many
    size_t wire_bytes;  // what it took on the wire, framing included
    size_t held;        // how many of `parts` are in use
    zmq_msg_t parts[DC_NET_FRAMES_MAX];
} dc_message_t;

// Prepare, and give back what the last message held.
void dc_message_init(dc_message_t *self);
void dc_message_fini(dc_message_t *self);

// Receive the next whole message, if one is there. Of one with more than DC_NET_FRAMES_MAX frames
// the first ones are kept, and the rest is read and dropped.
typedef enum dc_net_got {
    DC_NET_GOT,     // a message
    DC_NET_NOTHING, // none is there now
    DC_NET_BROKEN,  // the socket is of no use any more, or memory is short
} dc_net_got_t;
dc_net_got_t dc_socket_recv(dc_socket_t *self, dc_message_t *message);

// The file descriptor of the connection by which it came; -1 if that is not known. Costs 0.1 us.
int dc_message_source(const dc_message_t *self);

// --- sending -----------------------------------------------------------------------------------

typedef enum dc_net_sent {
    DC_NET_SENT,        // on its way
    DC_NET_AGAIN,       // no room now: nothing was sent, try later
    DC_NET_UNREACHABLE, // a ROUTER has no such peer (any more)
    DC_NET_FAILED,      // memory is short, or the socket is of no use any more: nothing was sent
} dc_net_sent_t;

// Send `frames` (1 .. DC_NET_FRAMES_MAX) as one message, whole or not at all. The slices stay the
// caller's; blobs that are passed on uncopied are referenced until they are out.
DC_MUST_USE dc_net_sent_t dc_socket_send(dc_socket_t *self, const dc_slice_t *frames, size_t count);

// --- waiting -----------------------------------------------------------------------------------

#define DC_NET_POLL_MAX 8

// Something to wait for: a socket, or where that is NULL a file descriptor (-1: nothing).
typedef struct dc_poll {
    dc_socket_t *socket;
    int fd;
    bool can_read; // filled in
    // The last thing done with the socket was to receive, and there was nothing. It is then not
    // asked again, which saves most system calls of a wait; `can_read` means only that it is worth
    // trying.
    bool is_drained;
} dc_poll_t;

// Wait until one of `items` (at most DC_NET_POLL_MAX) can be read or something else happened to it,
// for at most `timeout_ms` (-1: for ever). Returns early on a signal.
void dc_net_poll(dc_poll_t *items, size_t count, int timeout_ms);

// Can it be read now?
bool dc_socket_can_read(dc_socket_t *self);

// A descriptor for a poll or epoll of one's own: readable when something has happened to the socket
// since dc_socket_can_read was last asked or a message looked for. The socket's; don't close it.
int dc_socket_fd(const dc_socket_t *self);

// --- watching connections ----------------------------------------------------------------------

typedef enum dc_net_event_type {
    DC_NET_ACCEPTED,     // by a listening socket; fd
    DC_NET_CONNECTED,    // the handshake is done: there is somebody who speaks ZeroMQ
    DC_NET_DISCONNECTED, // fd is closed, or about to be
    DC_NET_UNREACHED,    // nobody could be connected to; it is tried again
    DC_NET_REFUSED,      // whoever was connected to has not finished the handshake; likewise
} dc_net_event_type_t;

typedef struct dc_net_event {
    dc_net_event_type_t type;
    int fd; // -1 if there is none
} dc_net_event_t;

// A socket that reads `self`'s events by dc_net_next_event and can be polled; the caller closes it,
// before `self`. NULL if the system has no more.
dc_socket_t *dc_socket_watch(dc_socket_t *self);

// The next event, if there is one.
bool dc_net_next_event(dc_socket_t *watch, dc_net_event_t *event);

#endif
