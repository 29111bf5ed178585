// NATS: a worker is a member of a queue group, a client has a subject for its results. NATS keeps
// nothing: what no worker listens for is dropped.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/peers/peer.h"
#include "tests/bench/peers/stream.h"

typedef struct head {
    char reply[64]; // where the answer goes
    size_t size;
} head_t;

// True if `line` is the head of a message; a PING is answered.
static bool read_head(stream_t *self, dc_str_t line, head_t *head)
{
    char text[256], subject[64], sid[32], size[32];
    snprintf(text, sizeof text, "%.*s", (int)line.len, line.data);
    if (memcmp(text, "PING", 4) == 0) dc_buf_append_text(&self->out, "PONG\r\n");
    if (memcmp(text, "-ERR", 4) == 0) peer_die(text);
    int count = sscanf(text, "MSG %63s %31s %63s %31s", subject, sid, head->reply, size);
    if (count < 3) return false;
    head->size = strtoul(count == 4 ? size : head->reply, NULL, 10);
    if (count == 3) head->reply[0] = '\0'; // nobody waits for an answer
    return true;
}

// The next thing that the server says; false if it is no message.
static bool next(stream_t *self, head_t *head, dc_str_t *message)
{
    if (!stream_has_more(self)) stream_flush(self);
    if (!read_head(self, stream_line(self), head)) return false;
    *message = stream_block(self, head->size);
    return true;
}

// Published in the client's name; a PONG says that the server has read all before it.
static void begin(stream_t *self, const char *subscription)
{
    dc_buf_printf(&self->out, "CONNECT {\"verbose\":false,\"pedantic\":false}\r\n%s\r\nPING\r\n",
                  subscription);
    stream_flush(self);
    while (!dc_str_eq(stream_line(self), dc_str_from("PONG"))) {
    }
}

static void *connect_client(const peer_address_t *address)
{
    stream_t *self = malloc(sizeof *self);
    if (!self) peer_die("memory");
    stream_open(self, address->port);
    begin(self, "SUB results 1");
    return self;
}

static void publish(stream_t *self, const char *subject, const char *reply, dc_str_t message)
{
    dc_buf_printf(&self->out, "PUB %s %s %zu\r\n", subject, reply, message.len);
    dc_buf_append_str(&self->out, message);
    dc_buf_append_text(&self->out, "\r\n");
}

static void send_messages(void *client, const dc_str_t *messages, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        publish(client, "jobs", "results", messages[i]);
    }
    stream_flush(client);
}

static size_t receive(void *client, dc_buf_t *lines)
{
    size_t count = 0;
    do {
        head_t head;
        dc_str_t message;
        if (next(client, &head, &message)) count += peer_take(message, lines);
    } while (!count || stream_has_more(client));
    return count;
}

static void work(const peer_address_t *address)
{
    stream_t stream;
    dc_buf_t lines = { 0 };
    stream_open(&stream, address->port);
    begin(&stream, "SUB jobs workers 1");
    for (;;) {
        head_t head;
        dc_str_t message;
        if (!next(&stream, &head, &message)) continue;
        peer_evaluate(message, &lines);
        publish(&stream, head.reply, "", dc_buf_str(&lines));
    }
}

const peer_t peer_nats = { .name = "nats",
                           .connect = connect_client,
                           .send = send_messages,
                           .receive = receive,
                           .work = work };
