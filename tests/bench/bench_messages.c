// bench_messages — one job a message, through dcalc's broker and through a bare zmq_proxy, in one
// run.
//
//   bench_messages [JOBS [ROUNDS]]        default 200,000 jobs, 5 rounds
//
// Both have the same client (a DEALER that sends [] [expression] and counts the replies, at most
// WINDOW under way) and two worker processes that evaluate with the same engine. Rounds alternate;
// medians and their ratio are printed, for the rate with a full window and for the round trip of
// one job at a time.
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

#include "common/clock.h"
#include "common/expr/expr.h"
#include "common/fault.h"
#include "common/limits.h"

#define WINDOW       1000
#define TRIPS        5000
#define ROUNDS_MAX   99
#define WORKER_COUNT 2

static const char job[] = "12.5*(3.75+8123)-77/3.1";

static void die(const char *what)
{
    fprintf(stderr, "bench_messages: %s: %s\n", what, zmq_strerror(zmq_errno()));
    exit(EXIT_FAILURE);
}

// --- the two sides -----------------------------------------------------------------------------

typedef struct side {
    const char *name;
    char frontend[64], backend[64];
    pid_t pids[1 + WORKER_COUNT];
    int pid_count;
    double rates[ROUNDS_MAX];
    double trips_us[ROUNDS_MAX];
} side_t;

static pid_t fork_child(void)
{
    pid_t pid = fork();
    if (pid < 0) die("fork");
    if (pid == 0) prctl(PR_SET_PDEATHSIG, SIGKILL);
    return pid;
}

// A ROUTER drops what it cannot queue, and with the default limit of 1000 messages a window of 1000
// is enough for that: the proxy loses replies, and the client waits for ever. Without a limit it
// loses none.
static void *unlimited_socket(void *context, int type)
{
    void *socket = zmq_socket(context, type);
    int no_limit = 0;
    zmq_setsockopt(socket, ZMQ_SNDHWM, &no_limit, sizeof no_limit);
    zmq_setsockopt(socket, ZMQ_RCVHWM, &no_limit, sizeof no_limit);
    return socket;
}

static void run_proxy(const side_t *side)
{
    void *context = zmq_ctx_new();
    void *frontend = unlimited_socket(context, ZMQ_ROUTER);
    void *backend = unlimited_socket(context, ZMQ_DEALER);
    if (zmq_bind(frontend, side->frontend) || zmq_bind(backend, side->backend)) die("bind");
    zmq_proxy(frontend, backend, NULL);
    exit(EXIT_SUCCESS);
}

// Evaluate the expression in `frame` and put its value in its place.
static void evaluate(dc_engine_t *engine, zmq_msg_t *frame)
{
    static dc_buf_t text;
    dc_budget_t budget = { .steps_max = DC_STEPS_MAX };
    dc_value_t value;
    dc_diag_t diag;
    dc_str_t expression = dc_str(zmq_msg_data(frame), zmq_msg_size(frame));
    text.len = 0;
    if (dc_engine_eval(engine, expression, NULL, NULL, 0, (dc_eval_options_t){ 0 }, &budget, &value,
                       &diag) == DC_OK) {
        dc_value_print(&value, &text);
    } else {
        dc_fault_put_line(&text, &diag, true);
    }
    zmq_msg_close(frame);
    if (zmq_msg_init_size(frame, text.len)) die("memory");
    memcpy(zmq_msg_data(frame), text.data, text.len);
}

static void run_worker(const side_t *side)
{
    dc_engine_t *engine = dc_engine_new();
    if (!engine) die("memory");
    void *context = zmq_ctx_new();
    void *socket = unlimited_socket(context, ZMQ_DEALER);
    if (zmq_connect(socket, side->backend)) die("connect");
    for (;;) {
        zmq_msg_t frame;
        zmq_msg_init(&frame);
        if (zmq_msg_recv(&frame, socket, 0) < 0) die("recv");
        int more = zmq_msg_more(&frame);
        if (!more) evaluate(engine, &frame);
        if (zmq_msg_send(&frame, socket, more ? ZMQ_SNDMORE : 0) < 0) die("send");
    }
}

static void start_proxy(side_t *side)
{
    if ((side->pids[side->pid_count++] = fork_child()) == 0) run_proxy(side);
    for (int i = 0; i < WORKER_COUNT; i++) {
        if ((side->pids[side->pid_count++] = fork_child()) == 0) run_worker(side);
    }
}

static void run_program(const char *const *args)
{
    const char *folder = getenv("DCALC_BIN");
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder ? folder : "build/release", args[0]);
    // execv promises to leave them alone.
    execv(path, (char *const *)(uintptr_t)args); // NOLINT(performance-no-int-to-ptr): takes a const
    die(path);
}

static void start_dcalc(side_t *side)
{
    const char *broker[] = { "dcalc-broker", "--frontend", side->frontend, "--backend",
                             side->backend,  "--data",     "none",         "--log-level",
                             "warn",         NULL };
    const char *worker[] = { "dcalc-worker", "--backend", side->backend, "--slots", "2",
                             "--log-level",  "warn",      NULL };
    if ((side->pids[side->pid_count++] = fork_child()) == 0) run_program(broker);
    if ((side->pids[side->pid_count++] = fork_child()) == 0) run_program(worker);
}

static void stop(side_t *side)
{
    for (int i = side->pid_count - 1; i >= 0; i--) {
        kill(side->pids[i], SIGTERM);
        waitpid(side->pids[i], NULL, 0);
    }
}

// --- the client --------------------------------------------------------------------------------

static void send_job(void *socket)
{
    if (zmq_send(socket, "", 0, ZMQ_SNDMORE) < 0) die("send");
    if (zmq_send(socket, job, sizeof job - 1, 0) < 0) die("send");
}

static void receive_reply(void *socket)
{
    char text[64];
    if (zmq_recv(socket, text, sizeof text, 0) < 0) die("receive");
    if (zmq_recv(socket, text, sizeof text, 0) < 0) die("receive");
}

static double measure_rate(void *socket, uint64_t jobs)
{
    dc_us_t start = dc_clock_us();
    uint64_t sent = 0;
    for (uint64_t answered = 0; answered < jobs; answered++) {
        for (; sent < jobs && sent < answered + WINDOW; sent++) {
            send_job(socket);
        }
        receive_reply(socket);
    }
    return (double)jobs * 1e6 / (double)(dc_clock_us() - start);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, by_size);
    return values[count / 2];
}

static double measure_trip(void *socket)
{
    static double trips[TRIPS];
    for (int i = 0; i < TRIPS; i++) {
        dc_us_t start = dc_clock_us();
        send_job(socket);
        receive_reply(socket);
        trips[i] = (double)(dc_clock_us() - start);
    }
    return median(trips, TRIPS);
}

static void measure(side_t *side, uint64_t jobs, int round)
{
    void *context = zmq_ctx_new();
    void *socket = unlimited_socket(context, ZMQ_DEALER);
    int timeout_ms = 30000;
    int linger_ms = 0;
    zmq_setsockopt(socket, ZMQ_RCVTIMEO, &timeout_ms, sizeof timeout_ms);
    zmq_setsockopt(socket, ZMQ_LINGER, &linger_ms, sizeof linger_ms);
    if (zmq_connect(socket, side->frontend)) die("connect");
    measure_rate(socket, WINDOW); // until everybody is awake
    side->rates[round] = measure_rate(socket, jobs);
    side->trips_us[round] = measure_trip(socket);
    zmq_close(socket);
    zmq_ctx_term(context);
}

int main(int argc, char **argv)
{
    uint64_t jobs = argc > 1 ? strtoull(argv[1], NULL, 10) : 200000;
    long rounds = argc > 2 ? strtol(argv[2], NULL, 10) : 5;
    if (rounds < 1 || rounds > ROUNDS_MAX) rounds = 5;
    side_t proxy = { .name = "zmq_proxy" };
    side_t dcalc = { .name = "dcalc" };
    side_t *sides[] = { &proxy, &dcalc };
    for (int i = 0; i < 2; i++) {
        // Ports of this run only, so that the default ones may be in use.
        int port = 20000 + (getpid() * 4 + i * 2) % 20000;
        snprintf(sides[i]->frontend, sizeof sides[i]->frontend, "tcp://127.0.0.1:%d", port);
        snprintf(sides[i]->backend, sizeof sides[i]->backend, "tcp://127.0.0.1:%d", port + 1);
    }
    start_proxy(&proxy);
    start_dcalc(&dcalc);
    for (int round = 0; round < rounds; round++) {
        for (int i = 0; i < 2; i++) {
            measure(sides[(round + i) % 2], jobs, round);
        }
    }
    for (int i = 0; i < 2; i++) {
        stop(sides[i]);
    }
    size_t count = (size_t)rounds;
    double rate[2], trip[2];
    for (int i = 0; i < 2; i++) {
        rate[i] = median(sides[i]->rates, count);
        trip[i] = median(sides[i]->trips_us, count);
        printf("one job a message, %-10s %9.0f jobs/s   round trip p50 %6.1f us\n", sides[i]->name,
               rate[i], trip[i]);
    }
    printf("one job a message, ratio      rate %.2f (at least 1)   round trip %.2f (at most 1.2)\n",
           rate[1] / rate[0], trip[1] / trip[0]);
    return EXIT_SUCCESS;
}
