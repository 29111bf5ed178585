#include "tests/bench/peers/stream.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/peers/peer.h"

#define READ_BYTES 65536

void stream_open(stream_t *self, int port)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int on = 1;
    *self = (stream_t){ .fd = socket(AF_INET, SOCK_STREAM, 0) };
    if (self->fd < 0) peer_die("socket");
    if (connect(self->fd, (struct sockaddr *)&address, sizeof address)) peer_die("connect");
    setsockopt(self->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void stream_flush(stream_t *self)
{
    size_t at = 0;
    while (at < self->out.len) {
        ssize_t count = write(self->fd, self->out.data + at, self->out.len - at);
        if (count <= 0) peer_die("write");
        at += (size_t)count;
    }
    self->out.len = 0;
}

// What was read is dropped before more is, so that the buffer does not grow for ever.
static void fill(stream_t *self)
{
    char bytes[READ_BYTES];
    if (self->at) {
        memmove(self->in.data, self->in.data + self->at, self->in.len - self->at);
        self->in.len -= self->at;
        self->at = 0;
    }
    ssize_t count = read(self->fd, bytes, sizeof bytes);
    if (count <= 0) peer_die("read");
    dc_buf_append(&self->in, bytes, (size_t)count);
}

dc_str_t stream_line(stream_t *self)
{
    const char *end;
    while (self->at == self->in.len ||
           !(end = memchr(self->in.data + self->at, '\n', self->in.len - self->at))) {
        fill(self);
    }
    const char *start = self->in.data + self->at;
    self->at = (size_t)(end + 1 - self->in.data);
    return dc_str(start, (size_t)(end - start) - (end > start && end[-1] == '\r'));
}

dc_str_t stream_block(stream_t *self, size_t size)
{
    while (self->in.len - self->at < size + 2) {
        fill(self);
    }
    dc_str_t block = dc_str(self->in.data + self->at, size);
    self->at += size + 2;
    return block;
}

bool stream_has_more(const stream_t *self)
{
    return self->at < self->in.len;
}
