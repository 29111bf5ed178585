#include <stdio.h>

#include "common/net_part.h"

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
    dc_socket_t *watch = pair ? dc_net_wrap(self->net, pair, DC_NET_DEALER) : NULL;
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
    if (number == ZMQ_EVENT_CONNECT_RETRIED) event->type = DC_NET_UNREACHED;
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
