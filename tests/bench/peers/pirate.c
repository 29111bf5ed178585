// The Paranoid Pirate queue as RFC 6/PPP has it: one job a worker, the worker that has rested
// longest is next, heartbeats both ways, and no request is read while no worker is free.
#include <stdlib.h>
#include <utlist.h>
#include <zmq.h>

#include "common/clock.h"
#include "tests/bench/peers/dealer.h"

#define HEARTBEAT_MS 1000
#define LIVENESS     3
#define READY        "\001"
#define HEARTBEAT    "\002"
#define ID_BYTES_MAX 255

// --- the queue ---------------------------------------------------------------------------------

typedef struct resting {
    struct resting *prev, *next;
    char id[ID_BYTES_MAX];
    size_t id_bytes;
    dc_ms_t lost_ms;
} resting_t;

typedef struct queue {
    void *frontend, *backend;
    resting_t *resting; // the first is next
    dc_ms_t beat_ms;
} queue_t;

static resting_t *find(queue_t *self, const char *id, size_t id_bytes)
{
    resting_t *worker;
    DL_FOREACH(self->resting, worker)
    {
        if (worker->id_bytes == id_bytes && memcmp(worker->id, id, id_bytes) == 0) return worker;
    }
    return NULL;
}

static void rest(queue_t *self, const char *id, size_t id_bytes, dc_ms_t now)
{
    resting_t *worker = find(self, id, id_bytes);
    if (!worker) {
        worker = calloc(1, sizeof *worker);
        if (!worker) peer_die("memory");
        memcpy(worker->id, id, id_bytes);
        worker->id_bytes = id_bytes;
        DL_APPEND(self->resting, worker);
    }
    worker->lost_ms = now + (dc_ms_t)HEARTBEAT_MS * LIVENESS;
}

// Pass on what is left of a message.
static void pass(void *from, void *to)
{
    int more = 1;
    while (more) {
        zmq_msg_t frame;
        zmq_msg_init(&frame);
        if (zmq_msg_recv(&frame, from, 0) < 0) peer_die("receive");
        more = zmq_msg_more(&frame);
        if (zmq_msg_send(&frame, to, more ? ZMQ_SNDMORE : 0) < 0) peer_die("send");
    }
}

// Whatever a worker says, it lives and rests: [worker] then [READY] or [HEARTBEAT], or the answer.
static void hear_worker(queue_t *self, dc_ms_t now)
{
    char id[ID_BYTES_MAX];
    int id_bytes = zmq_recv(self->backend, id, sizeof id, 0);
    zmq_msg_t frame;
    zmq_msg_init(&frame);
    if (id_bytes < 0 || zmq_msg_recv(&frame, self->backend, 0) < 0) peer_die("receive");
    bool is_answer = zmq_msg_more(&frame);
    if (is_answer) {
        if (zmq_msg_send(&frame, self->frontend, ZMQ_SNDMORE) < 0) peer_die("send");
        pass(self->backend, self->frontend);
    }
    zmq_msg_close(&frame);
    rest(self, id, (size_t)id_bytes, now);
}

static void give_work(queue_t *self)
{
    resting_t *worker = self->resting;
    DL_DELETE(self->resting, worker);
    if (zmq_send(self->backend, worker->id, worker->id_bytes, ZMQ_SNDMORE) < 0) peer_die("send");
    pass(self->frontend, self->backend);
    free(worker);
}

static void beat(queue_t *self, dc_ms_t now)
{
    resting_t *worker, *next;
    DL_FOREACH_SAFE(self->resting, worker, next)
    {
        if (worker->lost_ms <= now) {
            DL_DELETE(self->resting, worker);
            free(worker);
            continue;
        }
        if (zmq_send(self->backend, worker->id, worker->id_bytes, ZMQ_SNDMORE) < 0 ||
            zmq_send(self->backend, HEARTBEAT, 1, 0) < 0) {
            peer_die("send");
        }
    }
    self->beat_ms = now + HEARTBEAT_MS;
}

static void serve(const peer_address_t *address)
{
    queue_t self = { .frontend = dealer_socket(ZMQ_ROUTER), .backend = dealer_socket(ZMQ_ROUTER) };
    if (zmq_bind(self.frontend, address->frontend) || zmq_bind(self.backend, address->backend)) {
        peer_die("bind");
    }
    for (;;) {
        zmq_pollitem_t items[] = { { self.backend, 0, ZMQ_POLLIN, 0 },
                                   { self.frontend, 0, ZMQ_POLLIN, 0 } };
        if (zmq_poll(items, self.resting ? 2 : 1, HEARTBEAT_MS) < 0) peer_die("poll");
        dc_ms_t now = dc_clock_ms();
        if (items[0].revents) hear_worker(&self, now);
        if (items[1].revents && self.resting) give_work(&self);
        if (now >= self.beat_ms) beat(&self, now);
    }
}

// --- a worker ----------------------------------------------------------------------------------

// [client] [] [message], or [HEARTBEAT]; what stands before the message goes back as it came.
static void answer(void *socket, dc_buf_t *lines)
{
    zmq_msg_t frame;
    zmq_msg_init(&frame);
    if (zmq_msg_recv(&frame, socket, 0) < 0) peer_die("receive");
    bool is_job = zmq_msg_more(&frame);
    while (zmq_msg_more(&frame)) {
        if (zmq_msg_send(&frame, socket, ZMQ_SNDMORE) < 0) peer_die("send");
        if (zmq_msg_recv(&frame, socket, 0) < 0) peer_die("receive");
    }
    if (is_job) {
        peer_evaluate(dc_str(zmq_msg_data(&frame), zmq_msg_size(&frame)), lines);
        if (zmq_send(socket, lines->data, lines->len, 0) < 0) peer_die("send");
    }
    zmq_msg_close(&frame);
}

static void work(const peer_address_t *address)
{
    void *socket = dealer_socket(ZMQ_DEALER);
    dc_buf_t lines = { 0 };
    dc_ms_t beat_ms = dc_clock_ms() + HEARTBEAT_MS;
    if (zmq_connect(socket, address->backend) || zmq_send(socket, READY, 1, 0) < 0) {
        peer_die("connect");
    }
    for (;;) {
        zmq_pollitem_t item = { socket, 0, ZMQ_POLLIN, 0 };
        if (zmq_poll(&item, 1, HEARTBEAT_MS) < 0) peer_die("poll");
        if (item.revents) answer(socket, &lines);
        if (dc_clock_ms() < beat_ms) continue;
        if (zmq_send(socket, HEARTBEAT, 1, 0) < 0) peer_die("send");
        beat_ms = dc_clock_ms() + HEARTBEAT_MS;
    }
}

const peer_t peer_pirate = { .name = "pirate",
                             .connect = dealer_connect,
                             .send = dealer_send,
                             .receive = dealer_receive,
                             .leave = dealer_leave,
                             .work = work,
                             .serve = serve };
