// The client's core between an application and a broker that do anything at all, in any order: no
// job is delivered twice, no batch ends well before all its jobs are answered, and every invariant
// holds after each step.
//
// Input: steps, each a byte that says which, and what it needs from the bytes behind. What the
// broker says comes as fields of a command, drawn so that many of them nearly fit.
#include <stdio.h>
#include <stdlib.h>

#include "client/requests.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BATCHES_MAX 8

// Every step costs an audit of everything, so more of them teach little.
#define STEPS_MAX 600

// What the application was told of a batch, which has the id of its place here.
typedef struct batch {
    dc_ranges_t delivered;
    uint64_t jobs;
    bool is_closed, is_over;
    bool is_detached, is_attached;
} batch_t;

typedef struct stage {
    const uint8_t *at, *end; // what is left of the input
    dc_requests_t *core;
    dc_outcome_t out;
    dc_ms_t now;
    batch_t batches[BATCHES_MAX];
} stage_t;

static void fail(const char *why)
{
    fprintf(stderr, "fuzz_requests: %s\n", why);
    abort();
}

static uint8_t take_byte(stage_t *self)
{
    return self->at < self->end ? *self->at++ : 0;
}

// Mostly small, sometimes enormous.
static uint64_t take_number(stage_t *self)
{
    uint8_t byte = take_byte(self);
    if (byte < 250) return byte % 32;
    return byte == 255 ? UINT64_MAX - take_byte(self) : (uint64_t)byte << take_byte(self) % 56;
}

// --- what the application sees -----------------------------------------------------------------

static void check_piece(batch_t *batch, const dcalc_piece_t *piece)
{
    if (batch->is_over) fail("results behind the end");
    if (batch->is_detached) fail("results of what is only stored");
    if (piece->fresh_count == 0) fail("a piece with nothing new");
    uint64_t from = piece->first;
    for (uint32_t i = 0; i < piece->fresh_count; i++) {
        dcalc_range_t range = piece->fresh[i];
        if (range.first < from || range.first >= range.end) fail("ranges out of order");
        from = range.end;
        if (dc_ranges_count_in(&batch->delivered, range.first, range.end)) fail("a job twice");
        if (!dc_ranges_add(&batch->delivered, range.first, range.end)) abort();
    }
    bool is_sent = from <= batch->jobs || batch->is_attached;
    if (from > piece->first + piece->count || !is_sent) fail("a job that was not sent");
    // Every byte that is handed out can be read.
    uint64_t sum = 0;
    for (size_t i = 0; i < piece->results_bytes; i++)
        sum += (uint8_t)piece->results[i];
    for (size_t i = 0; i < piece->faults_bytes; i++)
        sum += (uint8_t)piece->faults[i];
    if (sum == UINT64_MAX) abort();
}

static void check_news(stage_t *self, const dcalc_event_t *event)
{
    batch_t *batch = &self->batches[event->id % BATCHES_MAX];
    switch (event->type) {
    case DCALC_EVENT_PIECE: check_piece(batch, event->piece); break;
    case DCALC_EVENT_END:
        if (batch->is_over) fail("a second end");
        // Of what is stored it is the broker that knows.
        if (event->error == DCALC_OK && !batch->is_detached && !batch->is_attached &&
            (!batch->is_closed || batch->delivered.count != batch->jobs)) {
            fail("an end before all is answered");
        }
        batch->is_over = true;
        break;
    case DCALC_EVENT_OPENED:
    case DCALC_EVENT_BUSY:
    case DCALC_EVENT_ANSWER:
    case DCALC_EVENT_LOST:
    case DCALC_EVENT_FOUND: break;
    case DCALC_EVENT_RECEIPT:
        if (!batch->is_detached) fail("a receipt for what is not stored");
        if (event->done > event->total) fail("more receipts than jobs");
        break;
    case DCALC_EVENT_PROGRESS:
        if (event->done > event->total || !event->total) abort();
        break;
    }
}

static void check(stage_t *self)
{
    dc_news_t news;
    while (dc_outcome_take(&self->out, &news)) {
        check_news(self, &news.event);
        dc_news_fini(&news);
    }
    const char *why = dc_requests_audit(self->core);
    if (why) fail(why);
}

// --- what the application does -----------------------------------------------------------------

static void open_batch(stage_t *self)
{
    dcalc_batch_options_t options = { .columns = take_byte(self) % 8 == 0 };
    dc_key_t key = { .bytes = { take_byte(self) } };
    uint8_t kind = key.bytes[0] % 8; // mostly interactive
    options.detached = kind == 1 || kind == 2;
    if (kind == 2) options.key = "nightly";
    dcalc_id_t id;
    dc_err_t err = kind == 3
                       ? dc_requests_attach(self->core, self->now, 1 + key.bytes[0] / 64,
                                            key.bytes[0] / 8 % 8, &id, &self->out)
                       : dc_requests_open(self->core, self->now, &key, &options, &id, &self->out);
    if (err != DC_OK) abort();
    // Ids count on; what is known of a former one with the same place is forgotten.
    batch_t *batch = &self->batches[id % BATCHES_MAX];
    if (id > BATCHES_MAX) dc_requests_cancel(self->core, self->now, id - BATCHES_MAX, &self->out);
    check(self);
    dc_ranges_clear(&batch->delivered);
    batch->jobs = 0;
    batch->is_closed = batch->is_over = false;
    batch->is_detached = options.detached;
    batch->is_attached = kind == 3;
}

static void send_chunk(stage_t *self)
{
    static const char lines[] = "1\n22\n\n333\n4444\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n";
    dcalc_id_t id = (dcalc_id_t)take_number(self);
    size_t len = take_byte(self) % sizeof lines;
    uint8_t kind = take_byte(self);
    dc_slice_t data = { .bytes = dc_str(lines, len) };
    dcalc_chunk_t chunk = { .size = len };
    chunk.record = kind % 8 == 1;
    chunk.width = kind % 8 == 2 ? 1 + kind / 32 : 0;
    if (dc_requests_send(self->core, self->now, id, &chunk, &data, &self->out) == DC_OK) {
        self->batches[id % BATCHES_MAX].jobs += chunk.jobs;
    }
}

static void close_batch(stage_t *self)
{
    dcalc_id_t id = (dcalc_id_t)take_number(self);
    batch_t *batch = &self->batches[id % BATCHES_MAX];
    bool was_closed = batch->is_closed;
    batch->is_closed = true;
    if (dc_requests_close(self->core, self->now, id, &self->out)) batch->is_closed = was_closed;
}

static void ack(stage_t *self)
{
    dcalc_id_t id = (dcalc_id_t)take_number(self);
    uint64_t first = take_number(self);
    dc_err_t err = dc_requests_ack(self->core, id, first, first + take_number(self), &self->out);
    (void)err; // most of them are wrong
}

static void ask(stage_t *self)
{
    dcalc_id_t id;
    dc_err_t err;
    switch (take_byte(self) % 4) {
    case 3: err = dc_requests_delete(self->core, self->now, 1, &id, &self->out); break;
    case 0: err = dc_requests_ask(self->core, self->now, DC_STR("{}"), &id, &self->out); break;
    case 1: err = dc_requests_cancel_number(self->core, self->now, 1, &id, &self->out); break;
    default: err = dc_requests_set(self->core, self->now, 1, 1, 2, &id, &self->out); break;
    }
    if (err != DC_OK) abort();
    batch_t *batch = &self->batches[id % BATCHES_MAX]; // the place is the question's now
    if (id > BATCHES_MAX) dc_requests_cancel(self->core, self->now, id - BATCHES_MAX, &self->out);
    check(self);
    dc_ranges_clear(&batch->delivered);
    *batch = (batch_t){ .delivered = batch->delivered };
    if (take_byte(self) % 4 == 0) dc_requests_forget(self->core, id);
}

// --- what the broker says ----------------------------------------------------------------------

static void put_pairs(stage_t *self, dc_buf_t *data, size_t count)
{
    uint64_t at = 0;
    for (size_t i = 0; i < count; i++) {
        dc_range_t range = { .first = at + take_byte(self) % 8 };
        range.end = at = range.first + 1 + take_byte(self) % 8;
        dc_wire_put_range(data, &range);
    }
}

static void hear_piece(stage_t *self)
{
    dc_cmd_t cmd = { .type = DC_CMD_PIECE };
    cmd.piece.handle = (uint32_t)take_number(self);
    cmd.piece.first = take_number(self);
    cmd.piece.count = (uint32_t)take_number(self);
    cmd.piece.range_count = take_byte(self) % 4;
    cmd.piece.faults_bytes = (uint32_t)take_number(self);
    dc_buf_t data = { 0 };
    put_pairs(self, &data, cmd.piece.range_count);
    for (uint32_t i = 0; i < cmd.piece.faults_bytes && i < 64; i++) {
        dc_buf_append_char(&data, (char)take_byte(self));
    }
    uint8_t kind = take_byte(self);
    uint64_t count = kind < 224 ? cmd.piece.count : kind % 32;
    for (uint64_t i = 0; i < count && i < 64; i++) {
        dc_buf_append_text(&data, kind % 16 == 15 ? "8bytes..." : "1\n");
    }
    cmd.data.bytes = dc_buf_str(&data);
    dc_requests_receive(self->core, self->now, &cmd, &self->out);
    dc_buf_fini(&data);
}

static void hear_opened(stage_t *self)
{
    dc_buf_t data = { 0 };
    dc_cmd_t cmd = { .type = DC_CMD_OPENED };
    cmd.opened.handle = (uint32_t)take_number(self);
    cmd.opened.number = take_number(self);
    cmd.opened.flags = (uint8_t)(cmd.opened.number & (DC_OPENED_FLAGS | DC_OPENED_THERE |
                                                      DC_OPENED_COMPLETE | DC_OPENED_DIGEST));
    put_pairs(self, &data, take_byte(self) % 4);
    if (cmd.opened.flags & DC_OPENED_DIGEST) dc_buf_append(&data, "12345678", 8);
    cmd.data.bytes = dc_buf_str(&data);
    dc_requests_receive(self->core, self->now, &cmd, &self->out);
    dc_buf_fini(&data);
}

static void hear_other(stage_t *self)
{
    static const dc_command_t types[] = {
        DC_CMD_CREDIT,    DC_CMD_REFUSED, DC_CMD_DONE,     DC_CMD_REPLY,
        DC_CMD_RECEIPT,   DC_CMD_INPUT,   DC_CMD_WHO,      DC_CMD_WHO,
        DC_CMD_HEARTBEAT, DC_CMD_LEASE,   DC_CMD_PROGRESS,
    };
    dc_cmd_t cmd = { .type = types[take_byte(self) % DC_ARRAY_LEN(types)] };
    uint32_t handle = (uint32_t)take_number(self);
    switch ((int)cmd.type) {
    case DC_CMD_CREDIT: cmd.credit.sent_max = take_number(self) * 100; break;
    case DC_CMD_REFUSED:
        cmd.refused.handle = handle;
        cmd.refused.error = take_byte(self);
        cmd.refused.retry_ms = (uint32_t)take_number(self);
        if (cmd.refused.error % 2) cmd.program.bytes = DC_STR("{}");
        break;
    case DC_CMD_DONE:
        cmd.done.handle = handle;
        cmd.done.error = take_byte(self);
        break;
    case DC_CMD_PROGRESS:
        cmd.progress.handle = handle;
        cmd.progress.first = take_byte(self);
        cmd.progress.total = 1;
        break;
    case DC_CMD_RECEIPT:
        cmd.receipt.handle = handle;
        cmd.receipt.first = take_number(self);
        cmd.receipt.end = cmd.receipt.first + take_byte(self) % 16;
        if (cmd.receipt.end < cmd.receipt.first) return; // the codec lets none through
        cmd.receipt.flags = take_byte(self) % 4 == 0;
        break;
    case DC_CMD_INPUT:
        cmd.input.handle = handle;
        cmd.input.first = take_number(self);
        cmd.input.count = 1 + take_byte(self) % 4;
        cmd.input.flags = take_byte(self) % 8 == 1;
        cmd.data.bytes = dc_str("1\n2\n3\n4\n", (size_t)2 * cmd.input.count);
        break;
    case DC_CMD_REPLY:
        cmd.reply.handle = handle;
        cmd.data.bytes = DC_STR("{\"a\":1}");
        break;
    default: break;
    }
    dc_requests_receive(self->core, self->now, &cmd, &self->out);
}

// Whole records, as bytes: what the codec lets through must be fit for the core.
static void hear_bytes(stage_t *self)
{
    size_t table_len = take_byte(self);
    table_len = dc_min_size(table_len, (size_t)(self->end - self->at));
    dc_slice_t frames[2] = { { .bytes = dc_str((const char *)self->at, table_len) } };
    self->at += table_len;
    frames[1].bytes = dc_str((const char *)self->at, (size_t)(self->end - self->at));
    dc_wire_reader_t reader;
    const char *why;
    if (dc_wire_read(&reader, DC_FROM_BROKER_TO_CLIENT, frames, 2, &why) != DC_OK) {
        dc_requests_receive_garbage(self->core, self->now, &self->out);
        return;
    }
    dc_cmd_t cmd;
    while (dc_wire_next(&reader, &cmd)) {
        dc_requests_receive(self->core, self->now, &cmd, &self->out);
    }
}

static void step(stage_t *self)
{
    switch (take_byte(self) % 16) {
    case 0: open_batch(self); break;
    case 1:
    case 2:
    case 3: send_chunk(self); break;
    case 4: close_batch(self); break;
    case 5: ack(self); break;
    case 6: dc_requests_cancel(self->core, self->now, take_byte(self) % 16, &self->out); break;
    case 7: ask(self); break;
    case 8: dc_requests_disconnected(self->core, self->now, &self->out); break;
    case 9: self->now += take_byte(self) * UINT64_C(16); break;
    case 10:
    case 11:
    case 12: hear_piece(self); break;
    case 13: hear_opened(self); break;
    case 14: hear_other(self); break;
    case 15: hear_bytes(self); break;
    }
    check(self);
    dc_requests_tick(self->core, self->now, &self->out);
    check(self);
    if (take_byte(self) % 4) {
        dc_outcome_clear_sends(&self->out);
        self->out.connect = false;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    stage_t self = { .at = data, .end = data + size, .now = 1 };
    dc_session_settings_t settings = dc_requests_settings_default();
    self.core = dc_requests_new(&settings, size);
    if (!self.core) return 0;
    dc_outcome_init(&self.out);
    for (size_t i = 0; i < BATCHES_MAX; i++) {
        dc_ranges_init(&self.batches[i].delivered);
    }
    dc_requests_tick(self.core, self.now, &self.out);
    for (size_t i = 0; i < STEPS_MAX && self.at < self.end; i++) {
        step(&self);
    }
    dc_requests_leave(self.core, self.now, &self.out);
    dc_requests_destroy(&self.core);
    dc_outcome_fini(&self.out);
    for (size_t i = 0; i < BATCHES_MAX; i++) {
        dc_ranges_fini(&self.batches[i].delivered);
    }
    return 0;
}
