// bench_core — what the broker's decisions cost, without any socket: ns and instructions a job.
//
//   bench_core [JOBS]     default 2,000,000
//
// One client and two slots; window 1000 for single jobs, else chunks of 2700 lines or of one, of
// which 40 or 20,000 are open. Long jobs have a lease each, verified ones two; 8 chunks of 4096 are
// open. A slow client acknowledges results of 600 bytes 16,000 jobs late, so that it is leased only
// what it waits for. Last, one client has so many batches, and feeds them in any order; then it is
// over its rate, and nothing that it sends is leased.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/core/core.h"
#include "common/buf.h"
#include "common/clock.h"

typedef struct bench {
    dc_core_t *core;
    dc_actions_t actions; // what the core wants now
    dc_actions_t before;  // what it wanted in the turn before, and now happens
    dc_ms_t now;
    uint32_t job_us;   // what a job takes; 0: a quarter
    size_t line_bytes; // of a result
    uint64_t lag_jobs; // how many jobs later than its result a job is acknowledged
    uint64_t answered;
} bench_t;

static void client_sends(bench_t *self, const dc_cmd_t *cmd)
{
    dc_event_t event = { .type = DC_EVENT_CLIENT, .peer = 1, .cmd = cmd };
    dc_core_step(self->core, self->now, &event, &self->actions);
}

static void worker_sends(bench_t *self, dc_peer_t peer, const dc_cmd_t *cmd)
{
    dc_event_t event = { .type = DC_EVENT_WORKER, .peer = peer, .cmd = cmd };
    dc_core_step(self->core, self->now, &event, &self->actions);
}

static dc_slice_t borrowed(dc_str_t bytes)
{
    return (dc_slice_t){ NULL, bytes };
}

static void setup_limited(bench_t *self, uint64_t rate_max)
{
    dc_settings_t settings = dc_settings_default();
    settings.rate_max = rate_max;
    *self = (bench_t){ .core = dc_core_new(&settings, 1), .now = 1, .line_bytes = 4 };
    dc_actions_init(&self->actions);
    dc_actions_init(&self->before);
    for (unsigned slot = 1; slot <= 2; slot++) {
        char json[128];
        snprintf(json, sizeof json,
                 "{\"v\":" DC_WIRE_VERSION_TEXT
                 ",\"session\":\"%032x\",\"name\":\"w\",\"host\":\"h\",\"engine\":\"1\"}",
                 slot);
        dc_cmd_t ready = { .type = DC_CMD_READY, .data = borrowed(dc_str_from(json)) };
        worker_sends(self, slot, &ready);
    }
}

static void setup(bench_t *self)
{
    setup_limited(self, 0);
}

static void teardown(bench_t *self)
{
    dc_actions_fini(&self->actions);
    dc_actions_fini(&self->before);
    dc_core_destroy(&self->core);
}

// The slot computes a lease at once; `lines` holds at least as many results as it has jobs.
static void compute(bench_t *self, dc_peer_t slot, const dc_cmd_t *lease, dc_blob_t *lines)
{
    size_t bytes = self->line_bytes * lease->lease.count;
    uint32_t spent_us = lease->lease.count * self->job_us;
    dc_cmd_t result = {
        .type = DC_CMD_RESULT,
        .result = { .id = lease->lease.id,
                    .first = lease->lease.first,
                    .count = lease->lease.count,
                    .spent_us = spent_us ? spent_us : lease->lease.count / 4 + 1,
                    .flags = DC_RESULT_LAST },
        .data = { lines, dc_str(lines->data, bytes) },
    };
    worker_sends(self, slot, &result);
}

static void acknowledge(bench_t *self, const dc_cmd_t *piece)
{
    uint64_t end = piece->piece.first + piece->piece.count;
    uint64_t first = self->lag_jobs ? 0 : piece->piece.first;
    if (end <= self->lag_jobs) return;
    dc_cmd_t ack = {
        .type = DC_CMD_ACK,
        .ack = { .handle = piece->piece.handle, .first = first, .end = end - self->lag_jobs }
    };
    client_sends(self, &ack);
}

// One turn of the loop: what was wanted happens, then work is given out.
static void turn(bench_t *self, dc_blob_t *lines)
{
    dc_core_dispatch(self->core, self->now, &self->actions);
    dc_actions_t now_wanted = self->actions;
    self->actions = self->before;
    self->before = now_wanted;
    dc_actions_clear(&self->actions);
    for (size_t i = 0; i < self->before.len; i++) {
        const dc_action_t *action = &self->before.list[i];
        const dc_cmd_t *cmd = &action->cmd;
        if (action->type == DC_ACTION_TO_WORKER && cmd->type == DC_CMD_LEASE) {
            compute(self, action->peer, cmd, lines);
        } else if (cmd->type == DC_CMD_ANSWER) {
            self->answered++;
        } else if (cmd->type == DC_CMD_PIECE) {
            self->answered += cmd->piece.count;
            acknowledge(self, cmd);
        }
    }
}

static void report(const char *what, uint64_t jobs, dc_us_t spent_us)
{
    printf("%-24s %8.1f ns a job  %6.2f M jobs/s\n", what, 1000.0 * (double)spent_us / (double)jobs,
           (double)jobs / (double)spent_us);
}

static void bench_singles(uint64_t jobs, dc_blob_t *lines)
{
    bench_t self;
    setup(&self);
    dc_blob_t *text = dc_blob_new(DC_STR("12.5*(3.75+8123)"));
    dc_us_t start = dc_clock_us();
    for (uint64_t sent = 0; self.answered < jobs;) {
        for (; sent < jobs && sent < self.answered + 1000; sent++) {
            dc_cmd_t ask = { .type = DC_CMD_ASK, .data = { text, dc_str(text->data, text->len) } };
            client_sends(&self, &ask);
        }
        turn(&self, lines);
    }
    report("single plain jobs", jobs, dc_clock_us() - start);
    dc_blob_release(&text);
    teardown(&self);
}

// A batch of chunks, and what its jobs are.
typedef struct load {
    const char *what;
    uint32_t chunk_jobs;
    uint64_t window_jobs; // that are open
    uint32_t job_us;      // 0: a quarter
    uint8_t flags;        // of OPEN
    uint64_t lag_jobs;    // see bench_t; then a lease is of one job, and its result is wide
} load_t;

#define WIDE_BYTES 600

// `inputs` and `results` hold at least a chunk's.
static void bench_chunks(const load_t *load, uint64_t jobs, const dc_blob_t *inputs,
                         dc_blob_t *results)
{
    bench_t self;
    setup(&self);
    self.job_us = load->job_us;
    self.lag_jobs = load->lag_jobs;
    if (load->lag_jobs) self.line_bytes = WIDE_BYTES;
    dc_blob_t *text = dc_blob_new(dc_str(inputs->data, 4 * (size_t)load->chunk_jobs));
    dc_cmd_t open = { .type = DC_CMD_OPEN,
                      .open = { .handle = 1, .retries = 3, .flags = load->flags } };
    client_sends(&self, &open);
    dc_us_t start = dc_clock_us();
    for (uint64_t sent = 0; self.answered < jobs;) {
        for (; sent < jobs && sent < self.answered + load->window_jobs; sent += load->chunk_jobs) {
            dc_cmd_t chunk = { .type = DC_CMD_CHUNK,
                               .chunk = { .handle = 1, .count = load->chunk_jobs, .first = sent },
                               .data = { text, dc_str(text->data, text->len) } };
            client_sends(&self, &chunk);
        }
        turn(&self, results);
    }
    report(load->what, jobs, dc_clock_us() - start);
    dc_blob_release(&text);
    teardown(&self);
}

static void open_batches(bench_t *self, uint32_t count)
{
    for (uint32_t i = 1; i <= count; i++) {
        dc_cmd_t open = { .type = DC_CMD_OPEN, .open = { .handle = i, .key = { .bytes = { 1 } } } };
        memcpy(open.open.key.bytes + 1, &i, sizeof i);
        client_sends(self, &open);
    }
}

static void send_job(bench_t *self, uint32_t handle, uint64_t index, dc_blob_t *lines)
{
    dc_cmd_t chunk = { .type = DC_CMD_CHUNK,
                       .chunk = { .handle = handle, .count = 1, .first = index },
                       .data = { lines, dc_str(lines->data, 4) } };
    client_sends(self, &chunk);
}

// `count` batches of one client, with some three jobs each that wait, fed in an order that jumps
// about.
static void bench_batches(uint32_t count, uint64_t jobs, dc_blob_t *lines)
{
    bench_t self;
    setup(&self);
    open_batches(&self, count);
    uint32_t *sent_of = calloc(count, sizeof *sent_of);
    if (!sent_of) abort();
    dc_us_t start = dc_clock_us();
    for (uint64_t sent = 0; self.answered < jobs;) {
        for (; sent < jobs && sent < self.answered + 3 * (uint64_t)count; sent++) {
            uint32_t at = (uint32_t)(sent * 2654435761 % count);
            send_job(&self, at + 1, sent_of[at]++, lines);
        }
        turn(&self, lines);
    }
    char what[32];
    snprintf(what, sizeof what, "%u batches", count);
    report(what, jobs, dc_clock_us() - start);
    free(sent_of);
    teardown(&self);
}

// A job for each of them, and a turn of the loop for each job.
static void bench_over_rate(uint32_t count, dc_blob_t *lines)
{
    bench_t self;
    setup_limited(&self, 1);
    open_batches(&self, count);
    dc_us_t start = dc_clock_us();
    for (uint32_t i = 1; i <= count; i++) {
        send_job(&self, i, 0, lines);
        turn(&self, lines);
    }
    report("... over their rate", count, dc_clock_us() - start);
    teardown(&self);
}

// `count` lines of so many bytes each, with the newline.
static dc_blob_t *make_lines(size_t line_bytes, size_t count)
{
    dc_buf_t text = { 0 };
    for (size_t i = 0; i < line_bytes * count; i++) {
        dc_buf_append_char(&text, (i + 1) % line_bytes ? '1' : '\n');
    }
    dc_blob_t *blob = text.failed ? NULL : dc_blob_new(dc_buf_str(&text));
    dc_buf_fini(&text);
    return blob;
}

int main(int argc, char **argv)
{
    uint64_t jobs = argc > 1 ? strtoull(argv[1], NULL, 10) : 2000000;
    dc_blob_t *lines = make_lines(4, DC_CHUNK_JOBS_MAX);
    dc_blob_t *wide = make_lines(WIDE_BYTES, 1);
    if (!lines || !wide) return EXIT_FAILURE;
    bench_singles(jobs, lines);
    load_t many = { "chunks of 2700 jobs", 2700, (uint64_t)40 * 2700, 0, 0, 0 };
    load_t single = { "chunks of one job", 1, 20000, 0, 0, 0 };
    load_t slow = { "... of a slow client", 1, 8000, 0, 0, 16000 };
    load_t dear = { "long jobs", DC_CHUNK_JOBS_MAX, (uint64_t)8 * DC_CHUNK_JOBS_MAX, 2000, 0, 0 };
    load_t verified = dear;
    verified.what = "long jobs, verified";
    verified.flags = DC_OPEN_VERIFY;
    bench_chunks(&many, jobs, lines, lines);
    bench_chunks(&single, jobs, lines, lines);
    bench_chunks(&slow, jobs / 20, lines, wide);
    dc_blob_release(&wide);
    bench_chunks(&dear, jobs / 10, lines, lines);
    bench_chunks(&verified, jobs / 20, lines, lines);
    bench_batches(100, jobs / 10, lines);
    bench_batches(10000, jobs / 10, lines);
    bench_over_rate(10000, lines);
    dc_blob_release(&lines);
    return EXIT_SUCCESS;
}
