// dcalc by its library, a chunk for each message of one batch that stays open; and by its plain
// door, where each message is a request of its own.
#include <stdlib.h>

#include "client/dcalc.h"
#include "tests/bench/peers/dealer.h"

typedef struct client {
    dcalc_t *dcalc;
    dcalc_id_t batch;
    bool is_open;
} client_t;

static void check(dcalc_err_t err)
{
    if (err) peer_die(dcalc_err_text(err));
}

static void *connect_client(const peer_address_t *address)
{
    client_t *self = calloc(1, sizeof *self);
    if (!self) peer_die("memory");
    self->dcalc = dcalc_new(
        &(dcalc_options_t){ .urls = (const char *[]){ address->frontend }, .url_count = 1 });
    if (!self->dcalc) peer_die("dcalc");
    return self;
}

static void open_batch(client_t *self, bool detached)
{
    dcalc_batch_options_t options;
    dcalc_batch_options_init(&options, sizeof options);
    options.detached = detached;
    check(dcalc_open(self->dcalc, &options, &self->batch));
    self->is_open = true;
}

// Of jobs that two slots have computed, the line that came first counts.
static size_t take_fresh(client_t *self, const dcalc_piece_t *piece, dc_buf_t *lines)
{
    size_t count = 0;
    dc_str_t rest = dc_str(piece->results, piece->results_bytes);
    dc_str_t line;
    uint64_t index = piece->first;
    for (uint32_t i = 0; i < piece->fresh_count; i++) {
        const dcalc_range_t *fresh = &piece->fresh[i];
        for (; index < fresh->end && dc_str_take_line(&rest, &line); index++) {
            if (index >= fresh->first) count += peer_take(line, lines);
        }
        check(dcalc_ack(self->dcalc, self->batch, fresh->first, fresh->end));
    }
    return count;
}

static size_t take(client_t *self, const dcalc_event_t *event, dc_buf_t *lines)
{
    if (event->type == DCALC_EVENT_END && event->error) peer_die(event->text);
    return event->type == DCALC_EVENT_PIECE ? take_fresh(self, event->piece, lines) : 0;
}

static size_t take_all(client_t *self, dc_buf_t *lines)
{
    dcalc_event_t event;
    size_t count = 0;
    check(dcalc_turn(self->dcalc));
    while (dcalc_next(self->dcalc, &event)) {
        count += take(self, &event, lines);
    }
    return count;
}

// Is there room for `message`? Waits for it where nothing has to be received meanwhile.
static void send_one(client_t *self, dc_str_t message)
{
    dcalc_chunk_t chunk = { .bytes = message.data, .size = message.len };
    while (dcalc_room(self->dcalc, self->batch) < message.len) {
        dc_buf_t none = { 0 };
        if (take_all(self, &none)) peer_die("the window is larger than the credit");
        if (dcalc_room(self->dcalc, self->batch) < message.len) dcalc_wait(self->dcalc, -1);
    }
    check(dcalc_send(self->dcalc, self->batch, &chunk));
}

static void send_messages(void *client, const dc_str_t *messages, size_t count)
{
    client_t *self = client;
    if (!self->is_open) open_batch(self, false);
    for (size_t i = 0; i < count; i++) {
        send_one(self, messages[i]);
    }
}

static size_t receive(void *client, dc_buf_t *lines)
{
    client_t *self = client;
    for (;;) {
        size_t count = take_all(self, lines);
        if (count) return count;
        dcalc_wait(self->dcalc, -1);
    }
}

// A batch that the broker keeps, since of others no more is sent than its client is given credit
// for. Each call leaves one.
static void leave(void *client, const dc_str_t *messages, size_t count)
{
    client_t *self = client;
    dcalc_event_t event;
    open_batch(self, true);
    for (size_t i = 0; i < count; i++) {
        send_one(self, messages[i]);
    }
    check(dcalc_close(self->dcalc, self->batch));
    for (;;) {
        check(dcalc_turn(self->dcalc));
        while (dcalc_next(self->dcalc, &event)) {
            if (event.type != DCALC_EVENT_END) continue;
            if (event.error) peer_die(event.text);
            return;
        }
        dcalc_wait(self->dcalc, -1);
    }
}

const peer_t peer_dcalc = { .name = "dcalc",
                            .connect = connect_client,
                            .send = send_messages,
                            .receive = receive,
                            .leave = leave };

const peer_t peer_dcalc_plain = {
    .name = "dcalc-plain", .connect = dealer_connect, .send = dealer_send, .receive = dealer_receive
};
