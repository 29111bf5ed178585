// The library against real programs: that every job is answered once and rightly, while brokers and
// workers die, stop and come back.
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/cli/cluster/local.h"
#include "client/dcalc.h"
#include "common/clock.h"
#include "common/ranges.h"
#include "common/str.h"
#include "tests/lib/cluster.h"
#include "tests/lib/main.h"

#define PATIENCE_MS 60000

static dc_cluster_t cluster;
static dcalc_t *dcalc;

static dcalc_t *connect_to(const char *url)
{
    dcalc_options_t options = { .urls = &url, .url_count = 1 };
    dcalc_t *made = dcalc_new(&options);
    ck_assert_ptr_nonnull(made);
    return made;
}

// A cluster with two slots.
static void begin(void)
{
    dc_cluster_init(&cluster);
    dc_cluster_start_broker(&cluster);
    dc_cluster_start_worker(&cluster, "2");
    dcalc = connect_to(cluster.front);
}

static void end(void)
{
    dcalc_destroy(&dcalc);
    dc_cluster_fini(&cluster);
}

// --- a long run --------------------------------------------------------------------------------

// Job i is `i*2+1`: what is sent, and what must come.
typedef struct run {
    dcalc_id_t batch;
    uint64_t jobs, sent;
    dc_ranges_t got;
    bool is_closed, is_over;
    size_t lost_count, found_count, accident_count;
    uint64_t stored; // of a detached batch: jobs that are on disk
    uint64_t number;
    dcalc_err_t error;                 // that ended it
    void (*disturb)(struct run *self); // now and then
} run_t;

static bool send_chunk(run_t *self)
{
    char *memory = dcalc_memory_new(DCALC_CHUNK_BYTES_MAX);
    ck_assert_ptr_nonnull(memory);
    size_t size = 0;
    uint64_t next = self->sent;
    while (next < self->jobs && next - self->sent < 3000 && size + 40 < DCALC_CHUNK_BYTES_MAX) {
        size += (size_t)snprintf(memory + size, 40, "%llu*2+1\n", (unsigned long long)next++);
    }
    dcalc_chunk_t chunk = { .bytes = memory, .size = size, .memory = memory };
    if (dcalc_room(dcalc, self->batch) < size) {
        dcalc_memory_release(memory);
        return false;
    }
    ck_assert_int_eq(dcalc_send(dcalc, self->batch, &chunk), DCALC_OK);
    ck_assert_uint_eq(chunk.first, self->sent);
    self->sent = next;
    return true;
}

static void send_some(run_t *self)
{
    while (self->sent < self->jobs && send_chunk(self)) {
    }
    if (self->sent < self->jobs || self->is_closed) return;
    ck_assert_int_eq(dcalc_close(dcalc, self->batch), DCALC_OK);
    self->is_closed = true;
}

static void check_piece(run_t *self, const dcalc_piece_t *piece)
{
    dc_str_t rest = dc_str(piece->results, piece->results_bytes);
    const dcalc_range_t *range = piece->fresh;
    const dcalc_range_t *ranges_end = piece->fresh + piece->fresh_count;
    dc_str_t line;
    for (uint64_t i = piece->first; dc_str_take_line(&rest, &line); i++) {
        if (range < ranges_end && i == range->end) range++;
        if (range == ranges_end || i < range->first) continue;
        char expected[40];
        snprintf(expected, sizeof expected, "%llu", (unsigned long long)i * 2 + 1);
        // An assertion writes to a pipe even where it holds, which a million times is slow.
        if (!dc_str_eq(line, dc_str_from(expected)))
            ck_abort_msg("job %llu", (unsigned long long)i);
    }
    for (range = piece->fresh; range < ranges_end; range++) {
        ck_assert_uint_eq(dc_ranges_count_in(&self->got, range->first, range->end), 0);
        ck_assert(dc_ranges_add(&self->got, range->first, range->end));
        ck_assert_int_eq(dcalc_ack(dcalc, self->batch, range->first, range->end), DCALC_OK);
    }
}

static void take_events(run_t *self)
{
    dcalc_event_t event;
    while (dcalc_next(dcalc, &event)) {
        switch (event.type) {
        case DCALC_EVENT_PIECE:
            ck_assert_uint_eq(event.piece->batch, self->batch);
            check_piece(self, event.piece);
            break;
        case DCALC_EVENT_END:
            self->error = event.error;
            self->is_over = true;
            break;
        case DCALC_EVENT_LOST: self->lost_count++; break;
        case DCALC_EVENT_FOUND: self->found_count++; break;
        case DCALC_EVENT_OPENED: self->number = event.number; break;
        case DCALC_EVENT_RECEIPT: self->stored = event.done; break;
        case DCALC_EVENT_BUSY:
        case DCALC_EVENT_ANSWER:
        case DCALC_EVENT_PROGRESS: break;
        }
    }
}

// Send, receive, and check, until it is over.
static void run_to_end(run_t *self)
{
    dc_ms_t last = dc_clock_ms() + PATIENCE_MS;
    while (!self->is_over) {
        ck_assert_msg(dc_clock_ms() < last, "%llu of %llu jobs answered",
                      (unsigned long long)self->got.count, (unsigned long long)self->jobs);
        send_some(self);
        ck_assert_int_eq(dcalc_wait(dcalc, 100), DCALC_OK);
        take_events(self);
        if (self->disturb) self->disturb(self);
    }
}

static void run(run_t *self, uint64_t jobs)
{
    self->jobs = jobs;
    dc_ranges_init(&self->got);
    ck_assert_int_eq(dcalc_open(dcalc, NULL, &self->batch), DCALC_OK);
    run_to_end(self);
    ck_assert_int_eq(self->error, DCALC_OK);
    ck_assert_uint_eq(self->got.count, jobs);
    ck_assert_uint_eq(self->got.len, 1);
    dc_ranges_fini(&self->got);
}

START_TEST(every_job_is_answered_once)
{
    run_t it = { 0 };
    run(&it, 1000000);
    ck_assert_uint_eq(it.lost_count, 0);
}
END_TEST

static void restart_broker(run_t *self)
{
    if (self->got.count < 100000 || self->lost_count > 0 || cluster.broker == 0) return;
    dc_cluster_kill(&cluster.broker);
    dc_cluster_start_broker(&cluster);
    self->disturb = NULL;
}

START_TEST(a_broker_that_is_killed_and_restarted_loses_nothing)
{
    run_t it = { .disturb = restart_broker };
    run(&it, 1000000);
    ck_assert_uint_eq(it.lost_count, 1);
    ck_assert_uint_eq(it.found_count, 2);
}
END_TEST

static void kill_slot(run_t *self)
{
    pid_t slots[8];
    if (self->got.count < 100000 + 200000 * self->accident_count) return;
    if (dc_cluster_children(cluster.worker, slots, 8) < 2) return; // the last one is being replaced
    ck_assert_int_eq(kill(slots[0], SIGKILL), 0);
    self->accident_count++;
}

START_TEST(slots_that_are_killed_lose_nothing)
{
    run_t it = { .disturb = kill_slot };
    run(&it, 1000000);
    ck_assert_uint_ge(it.accident_count, 3);
}
END_TEST

// Stopped for longer than anybody waits: it comes back to a world that has given it up.
static void stop_broker(run_t *self)
{
    if (self->got.count < 100000) return;
    kill(cluster.broker, SIGSTOP);
    self->disturb = NULL;
    dc_ms_t end_ms = dc_clock_ms() + 4500;
    while (dc_clock_ms() < end_ms) {
        ck_assert_int_eq(dcalc_wait(dcalc, 100), DCALC_OK);
        take_events(self);
    }
    ck_assert_uint_eq(self->lost_count, 1);
    kill(cluster.broker, SIGCONT);
}

START_TEST(a_broker_that_was_stopped_goes_on)
{
    run_t it = { .disturb = stop_broker };
    run(&it, 1000000);
    ck_assert_uint_ge(it.found_count, 2);
}
END_TEST

// Whether the broker has given up the client of its only batch.
static bool is_orphan(void)
{
    dcalc_t *other = connect_to(cluster.front);
    char *json = NULL;
    ck_assert_int_eq(dcalc_ask(other, "list", 0, 5000, &json), DCALC_OK);
    bool is_orphan = strstr(json, "\"state\":\"orphaned\"");
    free(json);
    dcalc_destroy(&other);
    return is_orphan;
}

// The client itself sleeps, and is forgotten meanwhile.
static void sleep_long(run_t *self)
{
    if (self->got.count < 100000) return;
    ck_assert_uint_lt(self->got.count, self->jobs);
    self->disturb = NULL;
    sleep(5);
    ck_assert(is_orphan());
    self->accident_count++;
}

START_TEST(a_client_that_was_stopped_goes_on)
{
    run_t it = { .disturb = sleep_long };
    run(&it, 1000000);
    ck_assert_uint_eq(it.accident_count, 1);
}
END_TEST

// --- small things ------------------------------------------------------------------------------

START_TEST(one_expression_is_evaluated)
{
    char text[100];
    ck_assert_int_eq(dcalc_eval(dcalc, "2+3*4", 5000, text, sizeof text), DCALC_OK);
    ck_assert_str_eq(text, "14");
    ck_assert_int_eq(dcalc_eval(dcalc, "1/0", 5000, text, sizeof text), DCALC_ERR_DIVIDE_BY_ZERO);
    ck_assert_str_ne(text, "");
    ck_assert_int_eq(dcalc_eval(dcalc, "", 5000, text, sizeof text), DCALC_ERR_EMPTY);
    ck_assert_int_eq(dcalc_eval(dcalc, "1000000+234567", 5000, text, 4), DCALC_OK);
    ck_assert_str_eq(text, "123"); // cut off
    char *json;
    ck_assert_int_eq(dcalc_ask(dcalc, "ping", 0, 5000, &json), DCALC_OK);
    ck_assert_ptr_nonnull(strstr(json, "\"slots\":"));
    free(json);
    ck_assert_int_eq(dcalc_ask(dcalc, "tea", 0, 5000, &json), DCALC_ERR_INVALID);
    ck_assert_int_eq(dcalc_ask(dcalc, "status", 99, 5000, &json), DCALC_ERR_UNKNOWN_BATCH);
}
END_TEST

START_TEST(faults_and_held_pieces_tell_which_job)
{
    dcalc_id_t batch;
    dcalc_chunk_t chunk = { .bytes = "1\n1/0\nsqroot(2)\n4\n", .size = 18, .tag = 77 };
    ck_assert_int_eq(dcalc_open(dcalc, NULL, &batch), DCALC_OK);
    ck_assert_int_eq(dcalc_send(dcalc, batch, &chunk), DCALC_OK);
    ck_assert_int_eq(dcalc_close(dcalc, batch), DCALC_OK);
    dcalc_piece_t *held[4];
    size_t count = 0;
    uint64_t answered = 0;
    while (answered < 4) {
        dcalc_event_t event;
        ck_assert_int_eq(dcalc_wait(dcalc, 1000), DCALC_OK);
        while (dcalc_next(dcalc, &event)) {
            if (event.type != DCALC_EVENT_PIECE) continue;
            ck_assert_uint_eq(event.piece->chunk->tag, 77);
            answered += event.piece->count;
            held[count++] = dcalc_piece_hold(event.piece);
        }
    }
    bool has_fault[4] = { false };
    for (size_t i = 0; i < count; i++) {
        size_t cursor = 0;
        dcalc_fault_t fault;
        while (dcalc_fault_next(held[i], &cursor, &fault)) {
            has_fault[fault.index] = true;
            ck_assert_int_eq(fault.error,
                             fault.index == 1 ? DCALC_ERR_DIVIDE_BY_ZERO : DCALC_ERR_FUNCTION);
        }
        dcalc_piece_release(&held[i]);
    }
    ck_assert(!has_fault[0] && has_fault[1] && has_fault[2] && !has_fault[3]);
}
END_TEST

// Who asks for it; in the default nobody is named.
START_TEST(held_pieces_tell_who_computed_them)
{
    const char *url = cluster.front;
    for (int wanted = 0; wanted < 2; wanted++) {
        dcalc_destroy(&dcalc);
        dcalc_options_t options = {
            .size = sizeof options, .urls = &url, .url_count = 1, .workers = wanted
        };
        dcalc = dcalc_new(&options);
        ck_assert_ptr_nonnull(dcalc);
        dcalc_id_t batch;
        dcalc_chunk_t chunk = { .bytes = "1\n2\n", .size = 4 };
        ck_assert_int_eq(dcalc_open(dcalc, NULL, &batch), DCALC_OK);
        ck_assert_int_eq(dcalc_send(dcalc, batch, &chunk), DCALC_OK);
        dcalc_piece_t *held = NULL;
        dcalc_event_t event;
        while (!held) {
            ck_assert_int_eq(dcalc_wait(dcalc, 1000), DCALC_OK);
            while (!held && dcalc_next(dcalc, &event)) {
                if (event.type == DCALC_EVENT_PIECE) held = dcalc_piece_hold(event.piece);
            }
        }
        dcalc_cancel(dcalc, batch);
        char name[80];
        snprintf(name, sizeof name, "\"worker\":\"%.*s\"", (int)held->worker_bytes, held->worker);
        char *json;
        ck_assert_int_eq(dcalc_ask(dcalc, "workers", 0, 5000, &json), DCALC_OK);
        ck_assert_int_eq(strstr(json, name) != NULL, wanted);
        free(json);
        dcalc_piece_release(&held);
    }
}
END_TEST

// Each calls the one before four times: f12(x) takes some tenths of a second.
#define LONG_JOB                                                                               \
    "f0(x)=sqrt(x+1);f1(x)=f0(f0(f0(f0(x))));f2(x)=f1(f1(f1(f1(x))));f3(x)=f2(f2(f2(f2(x))));" \
    "f4(x)=f3(f3(f3(f3(x))));f5(x)=f4(f4(f4(f4(x))));f6(x)=f5(f5(f5(f5(x))));"                 \
    "f7(x)=f6(f6(f6(f6(x))));f8(x)=f7(f7(f7(f7(x))));f9(x)=f8(f8(f8(f8(x))));"                 \
    "f10(x)=f9(f9(f9(f9(x))));f11(x)=f10(f10(f10(f10(x))));f12(x)=f11(f11(f11(f11(x))));"      \
    "f13(x)=f12(f12(f12(f12(x))));"

// Rows of two doubles in, a double a row out; the fourth fails.
START_TEST(columns_of_doubles_go_in_and_come_out)
{
    static const char program[] = "{\"v\":1,\"format\":\"doubles\",\"template\":\"x/y\",\"vars\":["
                                  "{\"name\":\"x\",\"field\":0},{\"name\":\"y\",\"field\":1}]}";
    static const double rows[][2] = { { 1, 3 }, { -0.0, 2 }, { 1e300, 1e-8 }, { 5, 0 }, { 7, 2 } };
    static const double expected[] = { 1.0 / 3, -0.0, 1e300 / 1e-8, NAN, 3.5 };
    dcalc_batch_options_t options = dcalc_batch_options_default();
    options.program = program;
    options.program_bytes = sizeof program - 1;
    options.columns = true;
    dcalc_id_t batch;
    ck_assert_int_eq(dcalc_open(dcalc, &options, &batch), DCALC_OK);
    dcalc_chunk_t chunk = { .bytes = (const char *)rows, .size = sizeof rows, .width = 16 };
    ck_assert_int_eq(dcalc_send(dcalc, batch, &chunk), DCALC_OK);
    ck_assert_uint_eq(chunk.jobs, DC_ARRAY_LEN(rows));
    ck_assert_int_eq(dcalc_close(dcalc, batch), DCALC_OK);
    double results[DC_ARRAY_LEN(rows)] = { 0 };
    dcalc_event_t event;
    for (bool is_over = false; !is_over;) {
        ck_assert_int_eq(dcalc_wait(dcalc, PATIENCE_MS), DCALC_OK);
        while (dcalc_next(dcalc, &event)) {
            const dcalc_piece_t *piece = event.piece;
            is_over = is_over || event.type == DCALC_EVENT_END;
            if (event.type != DCALC_EVENT_PIECE) continue;
            ck_assert_uint_eq(piece->results_bytes, piece->count * sizeof(double));
            memcpy(results + piece->first, piece->results, piece->results_bytes);
        }
    }
    ck_assert(isnan(results[3]));
    results[3] = expected[3];
    ck_assert_mem_eq(results, expected, sizeof results);
}
END_TEST

START_TEST(a_batch_can_be_cancelled)
{
    dcalc_id_t batch;
    static const char jobs[] =
        LONG_JOB "f13(f13(f13(f13(f13(f13(f13(f13(1))))))))\n" // for both slots
        LONG_JOB "f13(f13(f13(f13(f13(f13(f13(f13(1))))))))\n";
    dcalc_chunk_t chunk = { .bytes = jobs, .size = sizeof jobs - 1 };
    ck_assert_int_eq(dcalc_open(dcalc, NULL, &batch), DCALC_OK);
    ck_assert_int_eq(dcalc_send(dcalc, batch, &chunk), DCALC_OK);
    ck_assert_int_eq(dcalc_wait(dcalc, 0), DCALC_OK);
    dcalc_cancel(dcalc, batch);
    dcalc_event_t event;
    bool is_over = false;
    while (dcalc_next(dcalc, &event)) {
        is_over |= event.type == DCALC_EVENT_END && event.error == DCALC_ERR_CANCELLED;
    }
    ck_assert(is_over);
    char text[100]; // and the slots are free again
    dc_ms_t start = dc_clock_ms();
    ck_assert_int_eq(dcalc_eval(dcalc, "1", 5000, text, sizeof text), DCALC_OK);
    ck_assert_uint_lt(dc_clock_ms() - start, 5000);
}
END_TEST

START_TEST(where_nobody_listens_there_is_no_broker)
{
    dcalc_t *lonely = connect_to("ipc:///tmp/dcalc-test-nowhere/front");
    char text[200];
    ck_assert_int_eq(dcalc_eval(lonely, "1", 300, text, sizeof text), DCALC_ERR_NO_BROKER);
    ck_assert_str_eq(text, "no such file or directory");
    dcalc_destroy(&lonely);
    const char *urls[] = { "pigeon://roof" };
    dcalc_options_t options = { .urls = urls, .url_count = 1 };
    ck_assert_ptr_null(dcalc_new(&options));
    ck_assert_int_eq(errno, EINVAL);
}
END_TEST

START_TEST(where_nobody_works_an_evaluation_ends)
{
    char text[200];
    dc_cluster_kill(&cluster.worker);
    dc_ms_t start = dc_clock_ms();
    ck_assert_int_eq(dcalc_eval(dcalc, "1+1", 500, text, sizeof text), DCALC_ERR_NO_WORKER);
    ck_assert_str_eq(text, "no worker is there");
    ck_assert_uint_ge(dc_clock_ms() - start, 400);
    ck_assert_uint_lt(dc_clock_ms() - start, 5000); // the broker may have to notice it first
    // It is as good as new then.
    dc_cluster_start_worker(&cluster, "1");
    ck_assert_int_eq(dcalc_eval(dcalc, "1+1", 5000, text, sizeof text), DCALC_OK);
    ck_assert_str_eq(text, "2");
}
END_TEST

START_TEST(a_worker_that_takes_its_time_is_waited_for)
{
    char text[200];
    ck_assert_int_eq(dcalc_eval(dcalc, "1", 5000, text, sizeof text), DCALC_OK); // it is there
    dc_ms_t start = dc_clock_ms();
    ck_assert_int_eq(dcalc_eval(dcalc, LONG_JOB "f12(1)>1", 20, text, sizeof text), DCALC_OK);
    ck_assert_str_eq(text, "true");
    ck_assert_uint_gt(dc_clock_ms() - start, 100);
}
END_TEST

START_TEST(a_broker_that_vanishes_ends_an_evaluation)
{
    char text[200];
    dc_cluster_kill(&cluster.worker);
    // Known to be there, then gone while it is waited for.
    ck_assert_int_eq(dcalc_eval(dcalc, "1", 100, text, sizeof text), DCALC_ERR_NO_WORKER);
    pid_t killer = fork();
    if (killer == 0) {
        poll(NULL, 0, 300);
        _exit(kill(cluster.broker, SIGKILL) == 0 ? 0 : 1);
    }
    dc_ms_t start = dc_clock_ms();
    ck_assert_int_eq(dcalc_eval(dcalc, "1", 2000, text, sizeof text), DCALC_ERR_NO_BROKER);
    ck_assert_uint_lt(dc_clock_ms() - start, 10000);
    int status;
    ck_assert_int_eq(waitpid(killer, &status, 0), killer);
    ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(the_next_of_several_brokers_is_tried)
{
    const char *urls[] = { "ipc:///tmp/dcalc-test-nowhere/front", cluster.front };
    dcalc_options_t options = { .urls = urls, .url_count = 2 };
    dcalc_t *other = dcalc_new(&options);
    char text[200];
    ck_assert_int_eq(dcalc_eval(other, "1+1", 5000, text, sizeof text), DCALC_OK);
    ck_assert_str_eq(dcalc_url(other), cluster.front);
    dcalc_destroy(&other);
}
END_TEST

// --- private clusters --------------------------------------------------------------------------

static void prefer_own_programs(void)
{
    char path[8192];
    const char *bin = getenv("DCALC_BIN");
    const char *others = getenv("PATH");
    snprintf(path, sizeof path, "%s:%s", bin ? bin : "build/release", others ? others : "");
    setenv("PATH", path, 1);
}

// The directory of a private cluster, from its URL.
static void get_folder(const dc_local_t *local, char folder[128])
{
    snprintf(folder, 128, "%s", dc_local_url(local) + strlen("ipc://"));
    *strrchr(folder, '/') = '\0';
}

START_TEST(a_private_cluster_answers_and_leaves_nothing)
{
    dc_diag_t diag;
    char text[100], folder[128];
    dc_ms_t start = dc_clock_ms();
    dc_local_t *local = dc_local_start(2, &diag);
    ck_assert_ptr_nonnull(local);
    get_folder(local, folder);
    dcalc_t *own = connect_to(dc_local_url(local));
    ck_assert_int_eq(dcalc_eval(own, "10+2*3", 5000, text, sizeof text), DCALC_OK);
    ck_assert_str_eq(text, "16");
    ck_assert_uint_lt(dc_clock_ms() - start, 2000); // usually 20
    struct stat status;
    ck_assert_int_eq(stat(folder, &status), 0);
    ck_assert_uint_eq(status.st_mode & 0777, 0700);
    const char *why;
    ck_assert(!dc_local_has_failed(local, &why));
    dcalc_destroy(&own);
    dc_local_stop(&local);
    ck_assert_int_ne(stat(folder, &status), 0);
}
END_TEST

START_TEST(a_private_cluster_dies_with_its_program)
{
    int report[2];
    ck_assert_int_eq(pipe(report), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dc_diag_t diag;
        char folder[128];
        dc_local_t *local = dc_local_start(1, &diag);
        dcalc_t *own = local ? connect_to(dc_local_url(local)) : NULL;
        char text[100];
        if (!own || dcalc_eval(own, "1", 5000, text, sizeof text) != DCALC_OK) _exit(1);
        get_folder(local, folder);
        if (write(report[1], folder, sizeof folder) < 0) _exit(1);
        raise(SIGKILL);
    }
    close(report[1]);
    char folder[128];
    ck_assert_int_eq(read(report[0], folder, sizeof folder), (ssize_t)sizeof folder);
    waitpid(pid, NULL, 0);
    struct stat status;
    dc_ms_t last = dc_clock_ms() + 5000;
    while (stat(folder, &status) == 0 && dc_clock_ms() < last) {
        poll(NULL, 0, 10);
    }
    ck_assert_int_ne(stat(folder, &status), 0);
    close(report[0]);
}
END_TEST

START_TEST(a_private_cluster_that_fails_says_why)
{
    dc_diag_t diag;
    setenv("DCALC_WORKER_SLOTS", "none", 1); // not a number: the worker ends at once
    dc_local_t *local = dc_local_start(0, &diag);
    ck_assert_ptr_nonnull(local);
    struct pollfd item = { .fd = dc_local_fd(local), .events = POLLIN };
    ck_assert_int_eq(poll(&item, 1, 10000), 1);
    const char *why;
    ck_assert(dc_local_has_failed(local, &why));
    ck_assert_ptr_nonnull(strstr(why, "dcalc-worker ended with status 78"));
    ck_assert_ptr_nonnull(strstr(why, "none")); // what it said itself
    dc_local_stop(&local);
    setenv("PATH", "/nowhere", 1);
    ck_assert_ptr_null(dc_local_start(0, &diag));
    ck_assert_str_eq(diag.message, "cannot find dcalc-broker beside this program or in PATH");
}
END_TEST

// --- batches that the broker keeps -------------------------------------------------------------

static void begin_with_store(void)
{
    dc_cluster_init(&cluster);
    cluster.data = "store";
    dc_cluster_start_broker(&cluster);
    dc_cluster_start_worker(&cluster, "2");
    dcalc = connect_to(cluster.front);
}

// Send `jobs` jobs to be stored; returns the batch's number.
static uint64_t submit(uint64_t jobs, const char *key, void (*disturb)(run_t *self))
{
    dcalc_batch_options_t options = dcalc_batch_options_default();
    options.detached = true;
    options.key = key;
    run_t it = { .jobs = jobs, .disturb = disturb };
    ck_assert_int_eq(dcalc_open(dcalc, &options, &it.batch), DCALC_OK);
    run_to_end(&it);
    ck_assert_int_eq(it.error, DCALC_OK);
    ck_assert_uint_eq(it.stored, jobs);
    ck_assert_uint_ne(it.number, 0);
    return it.number;
}

// Fetch `jobs` jobs of batch `number`; they are checked as they come.
static dcalc_err_t fetch(uint64_t number, uint64_t jobs, void (*disturb)(run_t *self))
{
    run_t it = { .jobs = jobs, .sent = jobs, .is_closed = true, .disturb = disturb };
    dc_ranges_init(&it.got);
    ck_assert_int_eq(dcalc_attach(dcalc, number, 0, &it.batch), DCALC_OK);
    run_to_end(&it);
    if (it.error == DCALC_OK) ck_assert_uint_eq(it.got.count, jobs);
    dc_ranges_fini(&it.got);
    return it.error;
}

START_TEST(a_detached_batch_is_fetched_as_often_as_is_wished)
{
    uint64_t number = submit(300000, NULL, NULL);
    ck_assert_int_eq(fetch(number, 300000, NULL), DCALC_OK);
    dcalc_destroy(&dcalc); // and by anybody
    dcalc = connect_to(cluster.front);
    ck_assert_int_eq(fetch(number, 300000, NULL), DCALC_OK);
    ck_assert_int_eq(fetch(number + 1, 0, NULL), DCALC_ERR_UNKNOWN_BATCH);
}
END_TEST

// As soon as some of it is on disk, or has come.
static void restart_once(run_t *self)
{
    if (self->stored < 50000 && self->got.count < 50000) return;
    dc_cluster_kill(&cluster.broker);
    dc_cluster_start_broker(&cluster);
    self->disturb = NULL;
}

START_TEST(a_broker_that_is_killed_loses_nothing_that_it_keeps)
{
    uint64_t number = submit(1000000, NULL, restart_once);
    ck_assert_int_eq(fetch(number, 1000000, restart_once), DCALC_OK);
}
END_TEST

START_TEST(a_key_makes_one_batch_of_several)
{
    uint64_t number = submit(1000, "nightly", NULL);
    dcalc_destroy(&dcalc);
    dcalc = connect_to(cluster.front);
    ck_assert_uint_eq(submit(1000, "nightly", NULL), number);
    ck_assert_uint_ne(submit(1000, "weekly", NULL), number);
}
END_TEST

// --- later versions ----------------------------------------------------------------------------

// What is behind the members that this library knows.
typedef struct later_options {
    dcalc_batch_options_t known;
    uint64_t more;
} later_options_t;

START_TEST(an_option_of_a_later_version_is_refused)
{
    dcalc_id_t batch;
    later_options_t later = { .known.size = sizeof later };
    ck_assert_int_eq(dcalc_open(dcalc, &later.known, &batch), DCALC_OK);
    later.more = 1;
    ck_assert_int_eq(dcalc_open(dcalc, &later.known, &batch), DCALC_ERR_INVALID);
    errno = 0;
    dcalc_options_t options = { .size = 1 };
    ck_assert_ptr_null(dcalc_new(&options));
    ck_assert_int_eq(errno, EINVAL);
}
END_TEST

// Sizes without bytes, and memory that was never initialized.
START_TEST(what_is_not_there_is_not_sent)
{
    dcalc_id_t batch;
    dcalc_batch_options_t options = { .program_bytes = 7 };
    ck_assert_int_eq(dcalc_open(dcalc, &options, &batch), DCALC_ERR_INVALID);
    options = (dcalc_batch_options_t){ .after_count = 1 };
    ck_assert_int_eq(dcalc_open(dcalc, &options, &batch), DCALC_ERR_INVALID);
    ck_assert_int_eq(dcalc_open(dcalc, NULL, &batch), DCALC_OK);
    dcalc_chunk_t chunk = { .size = 3 };
    ck_assert_int_eq(dcalc_send(dcalc, batch, &chunk), DCALC_ERR_INVALID);
    chunk = (dcalc_chunk_t){ .bytes = "1+2", .size = 3, .need_count = 1 };
    ck_assert_int_eq(dcalc_send(dcalc, batch, &chunk), DCALC_ERR_INVALID);
    chunk = (dcalc_chunk_t){ .bytes = "1+2", .size = 3, .zeros[1] = 1 };
    ck_assert_int_eq(dcalc_send(dcalc, batch, &chunk), DCALC_ERR_INVALID);
}
END_TEST

START_TEST(the_header_has_the_librarys_version)
{
    char text[16];
    snprintf(text, sizeof text, "%d.%d", DCALC_VERSION_MAJOR, DCALC_VERSION_MINOR);
    ck_assert_str_eq(text, dcalc_version());
}
END_TEST

START_TEST(defaults_say_how_long_they_are)
{
    dcalc_batch_options_t options = dcalc_batch_options_default();
    ck_assert_uint_eq(options.size, sizeof options);
    ck_assert_uint_eq(options.retries, 3);
    ck_assert_ptr_null(options.name);
}
END_TEST

// A program that knows fewer members has memory for no more.
START_TEST(defaults_of_an_earlier_version_stay_within_it)
{
    dcalc_batch_options_t options;
    memset(&options, 0x55, sizeof options);
    size_t size = offsetof(dcalc_batch_options_t, keep_ms);
    dcalc_batch_options_init(&options, size);
    ck_assert_uint_eq(options.size, size);
    ck_assert_uint_eq(options.retries, 3);
    ck_assert_uint_eq(options.keep_ms, 0x5555555555555555);
}
END_TEST

Suite *suite(void)
{
    Suite *suite = suite_create("library");
    TCase *runs = tcase_create("runs");
    tcase_set_timeout(runs, 70); // PATIENCE_MS, and some more
    tcase_add_checked_fixture(runs, begin, end);
    tcase_add_test(runs, every_job_is_answered_once);
    tcase_add_test(runs, a_broker_that_is_killed_and_restarted_loses_nothing);
    tcase_add_test(runs, slots_that_are_killed_lose_nothing);
    tcase_add_test(runs, a_broker_that_was_stopped_goes_on);
    tcase_add_test(runs, a_client_that_was_stopped_goes_on);
    suite_add_tcase(suite, runs);
    TCase *kept = tcase_create("kept");
    tcase_set_timeout(kept, 70);
    tcase_add_checked_fixture(kept, begin_with_store, end);
    tcase_add_test(kept, a_detached_batch_is_fetched_as_often_as_is_wished);
    tcase_add_test(kept, a_broker_that_is_killed_loses_nothing_that_it_keeps);
    tcase_add_test(kept, a_key_makes_one_batch_of_several);
    suite_add_tcase(suite, kept);
    TCase *calls = tcase_create("calls");
    tcase_set_timeout(calls, 30);
    tcase_add_checked_fixture(calls, begin, end);
    tcase_add_test(calls, one_expression_is_evaluated);
    tcase_add_test(calls, faults_and_held_pieces_tell_which_job);
    tcase_add_test(calls, held_pieces_tell_who_computed_them);
    tcase_add_test(calls, columns_of_doubles_go_in_and_come_out);
    tcase_add_test(calls, a_batch_can_be_cancelled);
    tcase_add_test(calls, where_nobody_listens_there_is_no_broker);
    tcase_add_test(calls, where_nobody_works_an_evaluation_ends);
    tcase_add_test(calls, a_worker_that_takes_its_time_is_waited_for);
    tcase_add_test(calls, a_broker_that_vanishes_ends_an_evaluation);
    tcase_add_test(calls, the_next_of_several_brokers_is_tried);
    tcase_add_test(calls, an_option_of_a_later_version_is_refused);
    tcase_add_test(calls, what_is_not_there_is_not_sent);
    tcase_add_test(calls, the_header_has_the_librarys_version);
    tcase_add_test(calls, defaults_say_how_long_they_are);
    tcase_add_test(calls, defaults_of_an_earlier_version_stay_within_it);
    suite_add_tcase(suite, calls);
    TCase *locals = tcase_create("private clusters");
    tcase_set_timeout(locals, 30);
    tcase_add_checked_fixture(locals, prefer_own_programs, NULL);
    tcase_add_test(locals, a_private_cluster_answers_and_leaves_nothing);
    tcase_add_test(locals, a_private_cluster_dies_with_its_program);
    tcase_add_test(locals, a_private_cluster_that_fails_says_why);
    suite_add_tcase(suite, locals);
    return suite;
}
