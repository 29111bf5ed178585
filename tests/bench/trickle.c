// trickle — batches of one job each, submitted at a steady rate: what bench_store.py lets a broker
// keep while it asks it for something else. It takes next to nothing of the processor itself.
//
//   trickle URL BATCHES_A_SECOND BATCHES_A_MESSAGE [interactive]
//
// Without `interactive` they are detached. It prints a line when it begins, and goes on until it is
// killed. Answers are read and dropped.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/entropy.h"
#include "common/net.h"
#include "common/wire.h"

// An interactive batch is acknowledged when so many have been opened after it: it is answered then.
#define ANSWERED_AFTER 500

static void die(const char *what)
{
    fprintf(stderr, "trickle: %s\n", what);
    exit(EXIT_FAILURE);
}

static void add(dc_wire_writer_t *writer, const dc_cmd_t *cmd)
{
    if (!dc_wire_add(writer, cmd)) die("that is too much for one message");
}

static void add_batch(dc_wire_writer_t *writer, uint32_t handle, bool is_detached)
{
    dc_cmd_t open = { .type = DC_CMD_OPEN,
                      .open = { .handle = handle,
                                .flags = is_detached ? DC_OPEN_DETACHED : 0,
                                .retries = 3,
                                .session = 1 } };
    dc_cmd_t chunk = { .type = DC_CMD_CHUNK,
                       .chunk = { .handle = handle, .count = 1 },
                       .data = { NULL, DC_STR("1+1\n") } };
    dc_cmd_t closing = { .type = DC_CMD_CLOSE, .close = { .handle = handle, .jobs = 1 } };
    if (!dc_entropy_fill(&open.open.key, sizeof open.open.key)) die("no randomness is to be had");
    add(writer, &open);
    add(writer, &chunk);
    add(writer, &closing);
    if (is_detached || handle <= ANSWERED_AFTER) return;
    dc_cmd_t ack = { .type = DC_CMD_ACK, .ack = { .handle = handle - ANSWERED_AFTER, .end = 1 } };
    add(writer, &ack);
}

static void send_message(dc_socket_t *socket, dc_wire_writer_t *writer)
{
    dc_slice_t frames[3 + DC_WIRE_PROGRAMS_MAX] = { { NULL, DC_STR(DC_WIRE_MAGIC) } };
    size_t count = 1 + dc_wire_frames(writer, frames + 1);
    if (dc_socket_send(socket, frames, count) != DC_NET_SENT) die("the broker does not read");
    dc_wire_writer_clear(writer);
}

static void submit(dc_socket_t *socket, uint64_t rate, uint64_t pack, bool is_detached)
{
    dc_wire_writer_t writer;
    dc_message_t answer;
    dc_wire_writer_init(&writer);
    dc_message_init(&answer);
    uint32_t handle = 0;
    for (dc_us_t due_us = dc_clock_us();; due_us += pack * 1000000 / rate) {
        for (uint64_t i = 0; i < pack; i++) {
            add_batch(&writer, ++handle, is_detached);
        }
        dc_us_t now_us = dc_clock_us();
        if (now_us < due_us) usleep((useconds_t)(due_us - now_us));
        while (dc_socket_recv(socket, &answer) == DC_NET_GOT) {
        }
        send_message(socket, &writer);
    }
}

int main(int argc, char **argv)
{
    if (argc < 4) die("URL BATCHES_A_SECOND BATCHES_A_MESSAGE [interactive]");
    uint64_t rate = strtoull(argv[2], NULL, 10);
    uint64_t pack = strtoull(argv[3], NULL, 10);
    if (!rate || !pack) die("how many?");
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dc_net_t *net = dc_net_new();
    dc_socket_t *socket = net ? dc_net_socket(net, DC_NET_DEALER) : NULL;
    dc_diag_t diag;
    if (!socket || dc_socket_connect(socket, argv[1], &diag) != DC_OK) die("cannot connect");
    puts("begins");
    fflush(stdout);
    submit(socket, rate, pack, argc == 4);
}
