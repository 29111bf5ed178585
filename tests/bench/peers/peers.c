// peers — one process of a comparison: a client that measures, a worker, or a server
// (bench_peers.py starts them).
//
//   peers PEER serve FRONTEND BACKEND
//   peers PEER work  FRONTEND BACKEND
//   peers PEER rate  FRONTEND BACKEND JOBS LINES     LINES jobs a message, WINDOW jobs under way
//   peers PEER trip  FRONTEND BACKEND TRIPS          one job at a time
//   peers PEER leave FRONTEND BACKEND JOBS           jobs that nobody takes
//
// What measures prints numbers: the jobs/s; the median and the 99th percentile in microseconds.
// Every result is compared with what it has to be.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "common/clock.h"
#include "tests/bench/peers/peer.h"

#define WINDOW      1000
#define MESSAGES    4 // under way at least, where a message has many jobs
#define WARM_UP     2000
#define LEAVE_BATCH 1000

static const peer_t *const peers[] = {
    &peer_dcalc,   &peer_dcalc_plain, &peer_beanstalkd, &peer_proxy, &peer_pirate, &peer_nats,
#ifdef HAVE_GEARMAN
    &peer_gearman,
#endif
#ifdef HAVE_HIREDIS
    &peer_redis,
#endif
};

// --- jobs --------------------------------------------------------------------------------------

typedef struct jobs {
    dc_buf_t text;
    dc_str_t *messages;
    size_t count;
    size_t lines; // of a message
} jobs_t;

// `(n+1)*3^2/7` for each n from `first` on.
static jobs_t make_jobs(size_t first, size_t count, size_t lines)
{
    jobs_t self = { .count = count / lines, .lines = lines };
    size_t *ends = calloc(self.count, sizeof *ends);
    self.messages = calloc(self.count, sizeof *self.messages);
    if (!ends || !self.messages) peer_die("memory");
    for (size_t i = 0; i < self.count; i++) {
        for (size_t line = 0; line < lines; line++) {
            dc_buf_printf(&self.text, "(%zu+1)*3^2/7", first + i * lines + line);
            if (line + 1 < lines) dc_buf_append_char(&self.text, '\n');
        }
        ends[i] = self.text.len;
    }
    for (size_t i = 0; i < self.count; i++) {
        size_t start = i ? ends[i - 1] : 0;
        self.messages[i] = dc_str(self.text.data + start, ends[i] - start);
    }
    free(ends);
    return self;
}

// Results come in any order; their sum tells whether they are right.
static double sum_of(dc_str_t lines)
{
    double sum = 0;
    dc_str_t line;
    while (dc_str_take_line(&lines, &line)) {
        char text[64] = "", *end;
        memcpy(text, line.data, line.len < sizeof text ? line.len : sizeof text - 1);
        sum += strtod(text, &end);
        if (*end || end == text) peer_die(text);
    }
    return sum;
}

static void check_sum(double sum, size_t first, size_t count)
{
    double n = (double)count;
    double right = ((double)first * n + n * (n + 1) / 2) * 9 / 7;
    if (sum < right * (1 - 1e-9) || sum > right * (1 + 1e-9)) peer_die("a wrong result");
}

// --- what is measured --------------------------------------------------------------------------

// Send all, with so many messages under way, and receive all.
static double run(const peer_t *peer, void *client, size_t count, size_t lines, size_t window)
{
    jobs_t jobs = make_jobs(0, count, lines);
    dc_buf_t answers = { 0 };
    size_t sent = 0;
    size_t total = jobs.count * lines;
    dc_us_t start = dc_clock_us();
    for (size_t answered = 0; answered < total;) {
        size_t until = answered / lines + window;
        if (until > jobs.count) until = jobs.count;
        if (until > sent) {
            peer->send(client, jobs.messages + sent, until - sent);
            sent = until;
        }
        answered += peer->receive(client, &answers);
    }
    double seconds = (double)(dc_clock_us() - start) / 1e6;
    check_sum(sum_of(dc_buf_str(&answers)), 0, total);
    dc_buf_fini(&answers);
    dc_buf_fini(&jobs.text);
    free(jobs.messages);
    return (double)total / seconds;
}

static void rate(const peer_t *peer, void *client, size_t count, size_t lines)
{
    size_t window = WINDOW / lines > MESSAGES ? WINDOW / lines : MESSAGES;
    run(peer, client, WARM_UP, 1, WINDOW);
    printf("%.0f\n", run(peer, client, count, lines, window));
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static void trip(const peer_t *peer, void *client, size_t count)
{
    jobs_t jobs = make_jobs(0, count, 1);
    double *trips = calloc(count, sizeof *trips);
    dc_buf_t answers = { 0 };
    if (!trips) peer_die("memory");
    run(peer, client, WARM_UP, 1, 1);
    for (size_t i = 0; i < count; i++) {
        dc_us_t start = dc_clock_us();
        peer->send(client, &jobs.messages[i], 1);
        peer->receive(client, &answers);
        trips[i] = (double)(dc_clock_us() - start);
    }
    check_sum(sum_of(dc_buf_str(&answers)), 0, count);
    qsort(trips, count, sizeof *trips, by_size);
    printf("%.1f %.1f\n", trips[count / 2], trips[count * 99 / 100]);
}

static void leave(const peer_t *peer, void *client, size_t count)
{
    for (size_t first = 0; first < count; first += LEAVE_BATCH) {
        jobs_t jobs = make_jobs(first, LEAVE_BATCH, 1);
        peer->leave(client, jobs.messages, jobs.count);
        dc_buf_fini(&jobs.text);
        free(jobs.messages);
    }
    puts("left");
    fflush(stdout);
    getchar(); // a client that ends takes along what is its own
}

// --- one process -------------------------------------------------------------------------------

static const peer_t *find(const char *name)
{
    for (size_t i = 0; i < DC_ARRAY_LEN(peers); i++) {
        if (strcmp(peers[i]->name, name) == 0) return peers[i];
    }
    return NULL;
}

static int usage(void)
{
    fputs("usage: peers PEER serve|work|rate|trip|leave FRONTEND BACKEND [COUNT [LINES]]\npeers:",
          stderr);
    for (size_t i = 0; i < DC_ARRAY_LEN(peers); i++) {
        fprintf(stderr, " %s", peers[i]->name);
    }
    fputc('\n', stderr);
    return 64;
}

int main(int argc, char **argv)
{
    const peer_t *peer = argc >= 5 ? find(argv[1]) : NULL;
    if (!peer) return usage();
    const char *what = argv[2];
    const char *colon = strrchr(argv[3], ':');
    peer_address_t address = { argv[3], argv[4], colon ? (int)strtol(colon + 1, NULL, 10) : 0 };
    size_t count = argc > 5 ? strtoul(argv[5], NULL, 10) : 0;
    size_t lines = argc > 6 ? strtoul(argv[6], NULL, 10) : 1;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (strcmp(what, "serve") == 0 && peer->serve) peer->serve(&address);
    if (strcmp(what, "work") == 0 && peer->work) peer->work(&address);
    if (!count || !lines) return usage();
    void *client = peer->connect(&address);
    if (strcmp(what, "rate") == 0) {
        rate(peer, client, count, lines);
    } else if (strcmp(what, "trip") == 0) {
        trip(peer, client, count);
    } else if (strcmp(what, "leave") == 0 && peer->leave) {
        leave(peer, client, count);
    } else {
        return usage();
    }
    return EXIT_SUCCESS;
}
