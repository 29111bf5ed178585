// net — connections between processes and the broker, and the messages on them.
//
// A connection carries messages in order, each way with a delay of its own. When it breaks, what is
// under way both ways is lost. A worker's comes back by itself after a while, as libzmq's do, and
// nobody on its side is told; what was sent meanwhile goes out then. A client's does not, since its
// library sees to that; it may be told of the break or not. The broker sees each of them as a new
// peer, and may find out about the break when it sends, or never.
#ifndef DC_TESTS_SIM_NET_H
#define DC_TESTS_SIM_NET_H

#include "common/wire.h"
#include "tests/sim/sim.h"

// What travels as one: the commands that were at hand for one peer.
typedef struct msg {
    struct conn *conn;
    uint32_t epoch; // of the connection when it was sent
    bool is_to_broker;
    dc_cmd_t *cmds; // owned, with references of their own
    size_t len, capacity;
    struct msg *next;
} msg_t;

// What a message is handed to, which takes it.
typedef void net_deliver_t(sim_t *sim, void *owner, msg_t *msg);
// The connection broke, and the owner's system noticed.
typedef void net_broken_t(sim_t *sim, void *owner);

typedef struct conn {
    void *owner;
    net_deliver_t *deliver; // NULL: whoever opened it does not listen
    net_broken_t *broken;   // NULL: it comes back by itself
    bool is_client;         // of the frontend
    bool is_doubling;       // messages may come twice
    bool is_up, is_closed;
    uint32_t epoch; // counted up at each break
    uint64_t latency_us;
    uint64_t last_us[2];           // when the newest message each way arrives
    msg_t *waiting, *waiting_last; // sent while it was down
    uint64_t ready_us;             // when its slot said READY on it last
    struct peer *peer;             // the broker's end; NULL: it knows of none
    struct conn *next;
} conn_t;

msg_t *msg_new(sim_t *sim);
void msg_free(sim_t *sim, msg_t *self);

// Append `cmd`, and take its references: they are emptied.
void msg_take(msg_t *self, dc_cmd_t *cmd);
// Append `cmd` with references of its own.
void msg_copy(msg_t *self, const dc_cmd_t *cmd);

conn_t *conn_new(sim_t *sim, void *owner, bool is_client, net_deliver_t *deliver,
                 net_broken_t *broken);

// Send `msg`, which is taken. Nothing comes of it if the connection is closed or lost.
void conn_send(sim_t *sim, conn_t *conn, msg_t *msg, bool is_to_broker);

// The owner closes it for good, or dies. What is under way to the broker may still arrive.
void conn_close(sim_t *sim, conn_t **conn_p);

// It breaks.
void conn_break(sim_t *sim, conn_t *conn);

void net_fini(sim_t *sim);

#endif
