// stream — a TCP connection on loopback for protocols of lines and blocks, buffered both ways.
#ifndef DC_TESTS_BENCH_PEERS_STREAM_H
#define DC_TESTS_BENCH_PEERS_STREAM_H

#include "common/buf.h"

typedef struct stream {
    int fd;
    dc_buf_t out; // appended by the user, written by stream_flush
    dc_buf_t in;
    size_t at; // what of `in` is read
} stream_t;

void stream_open(stream_t *self, int port);
void stream_flush(stream_t *self);

// The next line, without its CR LF. Valid until the next read.
dc_str_t stream_line(stream_t *self);

// The next `size` bytes, and CR LF behind them. Valid until the next read.
dc_str_t stream_block(stream_t *self, size_t size);

// Is there more, without waiting?
bool stream_has_more(const stream_t *self);

#endif
