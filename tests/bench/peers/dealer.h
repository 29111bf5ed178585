// dealer — the client that all queues on ZeroMQ with a plain door have in common: a DEALER that
// sends [] [message] and gets [] [lines]. And what their processes share.
#ifndef DC_TESTS_BENCH_PEERS_DEALER_H
#define DC_TESTS_BENCH_PEERS_DEALER_H

#include "tests/bench/peers/peer.h"

// A socket without a limit on messages. A ROUTER drops what it cannot queue, and with the usual
// 1000 a window of 1000 is enough for that.
void *dealer_socket(int type);

void *dealer_connect(const peer_address_t *address);
void dealer_send(void *client, const dc_str_t *messages, size_t count);
size_t dealer_receive(void *client, dc_buf_t *lines);
void dealer_leave(void *client, const dc_str_t *messages, size_t count);

#endif
