// beanstalkd. It has no results: by its users' convention a worker puts them into another tube.
//
// A worker takes one job at a time, deletes it together with asking for the next, and puts results
// on a connection of its own without waiting. The client asks for several results at once.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/peers/peer.h"
#include "tests/bench/peers/stream.h"

#define RESERVES_MAX 64
#define LEAVE_MAX    1000

typedef struct client {
    stream_t jobs, results;
    size_t waiting;  // results that are to come
    size_t reserves; // that are asked for
    size_t unread;   // answers to put
} client_t;

static void use_tubes(stream_t *self, const char *put, const char *take)
{
    if (put) {
        dc_buf_printf(&self->out, "use %s\r\n", put);
        stream_flush(self);
        stream_line(self);
    }
    if (take) {
        dc_buf_printf(&self->out, "watch %s\r\nignore default\r\n", take);
        stream_flush(self);
        stream_line(self);
        stream_line(self);
    }
}

static void put_message(stream_t *self, dc_str_t message)
{
    dc_buf_printf(&self->out, "put 0 0 60 %zu\r\n", message.len);
    dc_buf_append_str(&self->out, message);
    dc_buf_append_text(&self->out, "\r\n");
}

// The next message that was reserved, and its id.
static dc_str_t take_reserved(stream_t *self, unsigned long *id)
{
    static const char head[] = "RESERVED ";
    char line[128], *end;
    dc_str_t text = stream_line(self);
    while (dc_str_eq(text, dc_str_from("DELETED"))) {
        text = stream_line(self);
    }
    snprintf(line, sizeof line, "%.*s", (int)text.len, text.data);
    if (strncmp(line, head, strlen(head)) != 0) peer_die(line);
    *id = strtoul(line + strlen(head), &end, 10);
    return stream_block(self, strtoul(end, NULL, 10));
}

static void *connect_client(const peer_address_t *address)
{
    client_t *self = calloc(1, sizeof *self);
    if (!self) peer_die("memory");
    stream_open(&self->jobs, address->port);
    stream_open(&self->results, address->port);
    use_tubes(&self->jobs, "jobs", NULL);
    use_tubes(&self->results, NULL, "results");
    return self;
}

// Answers to what was put are read when there are many, so that they fill no buffer.
static void read_inserted(client_t *self, size_t keep)
{
    while (self->unread > keep) {
        dc_str_t line = stream_line(&self->jobs);
        if (line.len < 8 || memcmp(line.data, "INSERTED", 8) != 0) peer_die("put");
        self->unread--;
    }
}

static void send_messages(void *client, const dc_str_t *messages, size_t count)
{
    client_t *self = client;
    for (size_t i = 0; i < count; i++) {
        put_message(&self->jobs, messages[i]);
    }
    stream_flush(&self->jobs);
    self->unread += count;
    self->waiting += count;
    read_inserted(self, LEAVE_MAX);
}

static size_t receive(void *client, dc_buf_t *lines)
{
    client_t *self = client;
    size_t count = 0;
    for (; self->reserves < RESERVES_MAX && self->reserves < self->waiting; self->reserves++) {
        dc_buf_append_text(&self->results.out, "reserve\r\n");
    }
    stream_flush(&self->results);
    do {
        unsigned long id;
        count += peer_take(take_reserved(&self->results, &id), lines);
        dc_buf_printf(&self->results.out, "delete %lu\r\n", id);
        self->reserves--;
        self->waiting--;
    } while (self->reserves && stream_has_more(&self->results));
    if (!self->waiting) stream_flush(&self->results); // what is not deleted would come again
    return count;
}

static void leave(void *client, const dc_str_t *messages, size_t count)
{
    client_t *self = client;
    send_messages(self, messages, count);
    read_inserted(self, 0);
}

static void work(const peer_address_t *address)
{
    stream_t jobs, results;
    dc_buf_t lines = { 0 };
    size_t unread = 0;
    stream_open(&jobs, address->port);
    stream_open(&results, address->port);
    use_tubes(&jobs, NULL, "jobs");
    use_tubes(&results, "results", NULL);
    dc_buf_append_text(&jobs.out, "reserve\r\n");
    for (;;) {
        unsigned long id;
        stream_flush(&jobs);
        peer_evaluate(take_reserved(&jobs, &id), &lines);
        put_message(&results, dc_buf_str(&lines));
        stream_flush(&results);
        for (unread++; unread > LEAVE_MAX; unread--) {
            stream_line(&results);
        }
        dc_buf_printf(&jobs.out, "delete %lu\r\nreserve\r\n", id);
    }
}

const peer_t peer_beanstalkd = { .name = "beanstalkd",
                                 .connect = connect_client,
                                 .send = send_messages,
                                 .receive = receive,
                                 .leave = leave,
                                 .work = work };
