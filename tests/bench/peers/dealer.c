#include "tests/bench/peers/dealer.h"

#include <poll.h>
#include <zmq.h>

void *dealer_socket(int type)
{
    static void *context;
    int none = 0;
    if (!context) context = zmq_ctx_new();
    void *socket = zmq_socket(context, type);
    if (!socket) peer_die("socket");
    zmq_setsockopt(socket, ZMQ_SNDHWM, &none, sizeof none);
    zmq_setsockopt(socket, ZMQ_RCVHWM, &none, sizeof none);
    return socket;
}

void *dealer_connect(const peer_address_t *address)
{
    void *socket = dealer_socket(ZMQ_DEALER);
    if (zmq_connect(socket, address->frontend)) peer_die("connect");
    return socket;
}

void dealer_send(void *client, const dc_str_t *messages, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (zmq_send(client, "", 0, ZMQ_SNDMORE) < 0) peer_die("send");
        if (zmq_send(client, messages[i].data, messages[i].len, 0) < 0) peer_die("send");
    }
}

size_t dealer_receive(void *client, dc_buf_t *lines)
{
    size_t count = 0;
    zmq_msg_t frame;
    zmq_msg_init(&frame);
    for (int flags = 0; zmq_msg_recv(&frame, client, flags) >= 0; flags = ZMQ_DONTWAIT) {
        if (zmq_msg_more(&frame)) continue;
        count += peer_take(dc_str(zmq_msg_data(&frame), zmq_msg_size(&frame)), lines);
    }
    zmq_msg_close(&frame);
    return count;
}

// No server says that it has a message: what has left this process is seen in its own memory only,
// so it is given some time.
void dealer_leave(void *client, const dc_str_t *messages, size_t count)
{
    dealer_send(client, messages, count);
    poll(NULL, 0, 1);
}
