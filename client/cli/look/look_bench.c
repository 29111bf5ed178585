#include "client/cli/look/bench.h"

#include <poll.h>
#include <stdio.h>

#include "client/cli/cluster/patience.h"
#include "client/cli/exit_status.h"
#include "client/cli/interrupt.h"
#include "common/clock.h"
#include "common/limits.h"
#include "common/program.h"

// Without results for this long, it is asked whether there is a worker.
#define STUCK_US UINT64_C(500000)

// Sent between two looks at what has come.
#define CHUNKS_AT_ONCE     4
#define SINGLES_AT_ONCE    4096
#define LINE_BYTES_MAX     16
#define CHUNK_MEMORY_BYTES ((size_t)DC_CHUNK_JOBS_MAX * LINE_BYTES_MAX)
static_assert(CHUNK_MEMORY_BYTES <= DC_CHUNK_BYTES_MAX, "such lines fit a chunk");

typedef struct bench {
    dc_look_t *look; // borrowed
    dcalc_t *dcalc;  // borrowed
    dc_patience_t patience;
    int signal_fd;
    dcalc_id_t batch; // that is open; 0: none is
    bool is_over;     // it has ended
    uint64_t jobs;    // answered, of this phase
    dc_buf_t program; // owned
    char *lines;      // dcalc_memory: the jobs of a chunk
    size_t lines_bytes;
    dc_us_t now, end, result_us;
    int status; // why it ends before its time; 0: it does not
} bench_t;

static void give_up(bench_t *self, dcalc_err_t error, const char *text)
{
    dc_buf_printf(&self->look->console->buf, "dcalc: %s\n",
                  text && *text ? text : dcalc_err_text(error));
    self->status = dc_exit_status((dc_err_t)error);
}

// --- what comes --------------------------------------------------------------------------------

static void take_piece(bench_t *self, const dcalc_piece_t *piece)
{
    size_t cursor = 0;
    dcalc_fault_t fault;
    self->result_us = self->now;
    if (dcalc_fault_next(piece, &cursor, &fault)) {
        // What it sends cannot fail: something is wrong with the cluster.
        give_up(self, fault.error, NULL);
        return;
    }
    for (uint32_t i = 0; i < piece->fresh_count; i++) {
        self->jobs += piece->fresh[i].end - piece->fresh[i].first;
        dcalc_err_t err =
            dcalc_ack(self->dcalc, self->batch, piece->fresh[i].first, piece->fresh[i].end);
        if (err) give_up(self, err, NULL);
    }
}

static void see(bench_t *self, const dcalc_event_t *event)
{
    int status = dc_patience_see(&self->patience, event, self->now / 1000);
    if (status && !self->status) self->status = status;
    if (event->id != self->batch || self->status) return;
    if (event->type == DCALC_EVENT_PIECE) {
        take_piece(self, event->piece);
    } else if (event->type == DCALC_EVENT_END) {
        self->is_over = true;
        if (event->error) give_up(self, event->error, event->text);
    }
}

static void look_around(bench_t *self)
{
    bool is_stuck = self->now - self->result_us >= STUCK_US;
    if (dc_interrupt_take(self->signal_fd)) self->status = DC_EXIT_INTERRUPTED;
    if (!self->status)
        self->status = dc_connection_check(&self->look->connection, self->look->console);
    if (!self->status)
        self->status = dc_patience_look(&self->patience, self->now / 1000, false, is_stuck);
    dc_console_flush(self->look->console);
}

static void receive(bench_t *self)
{
    dcalc_event_t event;
    dcalc_err_t err = dcalc_turn(self->dcalc);
    if (err && (dc_err_t)err != DC_ERR_NOMEM) give_up(self, err, NULL);
    while (!self->status && dcalc_next(self->dcalc, &event)) {
        see(self, &event);
    }
}

// Whether the phase goes on. The first answer of all is waited for as long as a person wants.
static bool is_on(const bench_t *self)
{
    return !self->status && (!self->end || self->now < self->end);
}

// Send and receive, then wait until something happens, unless there is more to do at once.
static void turn(bench_t *self, bool has_more)
{
    receive(self);
    look_around(self);
    if (!self->status && !self->is_over) {
        uint64_t left_ms = self->end > self->now ? (self->end - self->now) / 1000 + 1 : 0;
        int timeout_ms = self->end ? (int)dc_min_u64(left_ms, DC_TICK_MS) : DC_TICK_MS;
        int own_ms = dcalc_timeout_ms(self->dcalc);
        if (own_ms >= 0 && own_ms < timeout_ms) timeout_ms = own_ms;
        struct pollfd fds[] = {
            { .fd = dcalc_fd(self->dcalc), .events = POLLIN },
            { .fd = self->signal_fd, .events = POLLIN },
        };
        poll(fds, DC_ARRAY_LEN(fds), has_more ? 0 : timeout_ms);
    }
    self->now = dc_clock_us();
}

// --- what is sent ------------------------------------------------------------------------------

static bool open_batch(bench_t *self)
{
    dcalc_batch_options_t options = dcalc_batch_options_default();
    options.priority = DC_PRIORITY_MIN;
    options.program = self->program.data;
    options.program_bytes = self->program.len;
    self->is_over = false;
    dcalc_err_t err = dcalc_open(self->dcalc, &options, &self->batch);
    if (err) give_up(self, err, NULL);
    return !err;
}

static bool send_chunk(bench_t *self, dcalc_chunk_t chunk)
{
    if (dcalc_room(self->dcalc, self->batch) < chunk.size) return false;
    if (chunk.memory) chunk.memory = dcalc_memory_share(self->lines);
    dcalc_err_t err = dcalc_send(self->dcalc, self->batch, &chunk);
    if (err && chunk.memory) dcalc_memory_release(chunk.memory);
    if (err && (dc_err_t)err != DC_ERR_FULL) give_up(self, err, NULL);
    return !err;
}

static bool make_program(bench_t *self)
{
    dc_program_t program;
    dc_program_init(&program);
    program.numbers = dc_cli_settings_numbers(self->look->settings);
    dc_program_encode(&program, &self->program);
    return !self->program.failed;
}

// Distinct lines, so that nobody can have their results already.
static bool make_lines(bench_t *self)
{
    self->lines = dcalc_memory_new(CHUNK_MEMORY_BYTES);
    if (!self->lines) return false;
    for (int i = 0; i < DC_CHUNK_JOBS_MAX; i++) {
        size_t room = CHUNK_MEMORY_BYTES - self->lines_bytes;
        int len = snprintf(self->lines + self->lines_bytes, room, "%d.5*3+%d\n", i, 1000 + i);
        self->lines_bytes += (size_t)len;
    }
    return true;
}

// One job, and all that it takes to have it computed.
static void run_alone(bench_t *self, dc_bench_result_t *result)
{
    static const char line[] = "12.5*3+7\n";
    dcalc_chunk_t chunk = { .bytes = line, .size = sizeof line - 1 };
    bool is_sent = false;
    dc_us_t start = dc_clock_us();
    if (!open_batch(self)) return;
    while (!self->is_over && is_on(self)) {
        if (!is_sent && send_chunk(self, chunk)) {
            is_sent = true;
            dcalc_err_t err = dcalc_close(self->dcalc, self->batch);
            if (err) give_up(self, err, NULL);
        }
        turn(self, false);
    }
    if (!self->is_over) dcalc_cancel(self->dcalc, self->batch);
    if (self->is_over && self->end) dc_latencies_add(&result->latencies, self->now - start);
}

static void run_many(bench_t *self, dcalc_chunk_t chunk, unsigned at_once)
{
    if (!open_batch(self)) return;
    while (is_on(self)) {
        unsigned sent = 0;
        while (sent < at_once && !self->status && send_chunk(self, chunk)) {
            sent++;
        }
        turn(self, sent == at_once);
    }
    dcalc_cancel(self->dcalc, self->batch);
}

static void run_phase(bench_t *self, dc_bench_phase_t phase, dc_bench_result_t *result)
{
    dcalc_chunk_t chunk = { .bytes = self->lines,
                            .size = self->lines_bytes,
                            .memory = self->lines };
    dcalc_chunk_t single = {
        .bytes = self->lines,
        .size = (size_t)((char *)memchr(self->lines, '\n', self->lines_bytes) - self->lines) + 1
    };
    switch (phase) {
    case DC_BENCH_ALONE:
        while (is_on(self)) {
            run_alone(self, result);
        }
        break;
    case DC_BENCH_PACKED: run_many(self, single, SINGLES_AT_ONCE); break;
    case DC_BENCH_CHUNKS: run_many(self, chunk, CHUNKS_AT_ONCE); break;
    case DC_BENCH_PHASES: break;
    }
}

static void measure(bench_t *self, dc_bench_phase_t phase, double seconds,
                    dc_bench_result_t *result)
{
    dc_us_t cpu = dc_clock_cpu_us();
    dc_us_t start = self->now = dc_clock_us();
    self->end = start + (dc_us_t)(seconds * 1e6);
    self->jobs = 0;
    run_phase(self, phase, result);
    result->jobs = self->jobs;
    result->seconds = (double)(dc_clock_us() - start) / 1e6;
    result->cpu_seconds = (double)(dc_clock_cpu_us() - cpu) / 1e6;
}

// --- all of it ---------------------------------------------------------------------------------

static void say_measuring(const bench_t *self)
{
    dc_console_t *console = self->look->console;
    if (!console->can_erase || self->look->settings->quiet) return;
    dc_buf_t line = { 0 };
    dc_buf_printf(&line, "measuring for %lld s, with the lowest priority; Ctrl-C ends it",
                  (long long)self->look->settings->seconds);
    dc_console_draw(console, dc_buf_str(&line));
    dc_buf_fini(&line);
}

static int run(bench_t *self, dc_bench_result_t *results)
{
    double seconds = (double)self->look->settings->seconds / DC_BENCH_PHASES;
    if (!make_program(self) || !make_lines(self)) {
        give_up(self, DCALC_ERR_NOMEM, NULL);
        return self->status;
    }
    // The first one finds the broker, and a worker: that is not measured.
    run_alone(self, results);
    if (!self->status) say_measuring(self);
    for (int phase = 0; phase < DC_BENCH_PHASES && !self->status; phase++) {
        measure(self, (dc_bench_phase_t)phase, seconds, &results[phase]);
    }
    dc_console_draw(self->look->console, DC_STR(""));
    return self->status;
}

int dc_look_bench(dc_look_t *look)
{
    dc_bench_result_t results[DC_BENCH_PHASES] = { 0 };
    dc_us_t now = dc_clock_us();
    bench_t self = { .look = look,
                     .dcalc = look->connection.dcalc,
                     .now = now,
                     .result_us = now,
                     .signal_fd = dc_interrupt_begin() };
    dc_patience_init(&self.patience, self.dcalc, look->console, look->connection.wait_ms,
                     now / 1000);
    self.patience.is_quiet = look->settings->quiet;
    int status = run(&self, results);
    if (self.batch && !self.is_over) dc_connection_cancel(&look->connection, self.batch);
    // Who is there is asked when nothing else is under way.
    if (!status) status = dc_look_ask(look, "ping");
    if (!status) dc_bench_put(look, results);
    dc_latencies_fini(&results[DC_BENCH_ALONE].latencies);
    if (self.lines) dcalc_memory_release(self.lines);
    dc_buf_fini(&self.program);
    dc_patience_fini(&self.patience);
    dc_interrupt_end(self.signal_fd);
    return status;
}
