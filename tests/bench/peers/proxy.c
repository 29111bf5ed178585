// A bare zmq_proxy, the least that a queue on ZeroMQ can be: no heartbeats, no retries, nothing
// that notices a lost worker.
#include <zmq.h>

#include "tests/bench/peers/dealer.h"

static void serve(const peer_address_t *address)
{
    void *frontend = dealer_socket(ZMQ_ROUTER);
    void *backend = dealer_socket(ZMQ_DEALER);
    if (zmq_bind(frontend, address->frontend) || zmq_bind(backend, address->backend)) {
        peer_die("bind");
    }
    zmq_proxy(frontend, backend, NULL);
}

static void work(const peer_address_t *address)
{
    void *socket = dealer_socket(ZMQ_DEALER);
    dc_buf_t lines = { 0 };
    if (zmq_connect(socket, address->backend)) peer_die("connect");
    for (;;) {
        zmq_msg_t frame;
        zmq_msg_init(&frame);
        if (zmq_msg_recv(&frame, socket, 0) < 0) peer_die("receive");
        if (zmq_msg_more(&frame)) {
            if (zmq_msg_send(&frame, socket, ZMQ_SNDMORE) < 0) peer_die("send");
            continue;
        }
        peer_evaluate(dc_str(zmq_msg_data(&frame), zmq_msg_size(&frame)), &lines);
        if (zmq_send(socket, lines.data, lines.len, 0) < 0) peer_die("send");
        zmq_msg_close(&frame);
    }
}

const peer_t peer_proxy = { .name = "zmq_proxy",
                            .connect = dealer_connect,
                            .send = dealer_send,
                            .receive = dealer_receive,
                            .leave = dealer_leave,
                            .work = work,
                            .serve = serve };
