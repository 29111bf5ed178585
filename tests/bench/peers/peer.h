// peer — one way to have expressions computed by other processes: a job queue that people would
// pick, with a client and a worker written as its documentation recommends for speed.
//
// All peers get the same messages, of one line or of many, and all but dcalc, which has its own
// workers, evaluate them with the same engine (peer_evaluate). Whatever fails ends the process:
// a measurement with an error in it is none.
#ifndef DC_TESTS_BENCH_PEERS_PEER_H
#define DC_TESTS_BENCH_PEERS_PEER_H

#include "common/buf.h"

// Where a peer's server listens. Those that have one door use the first port.
typedef struct peer_address {
    const char *frontend; // a URL; "tcp://127.0.0.1:5555"
    const char *backend;
    int port; // of the frontend, if it is TCP
} peer_address_t;

typedef struct peer peer_t;

struct peer {
    const char *name;
    // Connect a client. What is returned is given to the others.
    void *(*connect)(const peer_address_t *address);
    // Send messages, whose texts live on.
    void (*send)(void *client, const dc_str_t *messages, size_t count);
    // Wait until something is answered. Appends the results to `lines`, each with its newline;
    // returns how many there are.
    size_t (*receive)(void *client, dc_buf_t *lines);
    // Send messages that nobody takes as yet, and return when the server has them. NULL: the
    // server keeps none.
    void (*leave)(void *client, const dc_str_t *messages, size_t count);
    // Compute for ever. NULL: it has programs of its own.
    void (*work)(const peer_address_t *address);
    // Be the server, for ever. NULL: it is a program of its own.
    void (*serve)(const peer_address_t *address);
};

extern const peer_t peer_gearman, peer_beanstalkd, peer_redis, peer_nats, peer_proxy, peer_pirate,
    peer_dcalc, peer_dcalc_plain;

// Evaluate the lines of `message`, and write a line for each to `lines`, which is emptied before.
void peer_evaluate(dc_str_t message, dc_buf_t *lines);

// Append a whole answer to `lines`: the last line gets its newline, should it have none. Returns
// how many lines it is.
size_t peer_take(dc_str_t answer, dc_buf_t *lines);

// End the process: `what` went wrong. With errno's text, if there is one.
void peer_die(const char *what) __attribute__((noreturn));

#endif
