// net_part — what the files of net have in common. Nobody else includes it.
#ifndef DC_COMMON_NET_PART_H
#define DC_COMMON_NET_PART_H

#include "common/net.h"

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

// Wrap `zmq`, taking it: it is closed if that fails.
dc_socket_t *dc_net_wrap(dc_net_t *net, void *zmq, dc_net_role_t role);

#endif
