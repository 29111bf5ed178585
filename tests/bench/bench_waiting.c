// bench_waiting — what a broker remembers of jobs that wait, each sent as a chunk of its own, in
// bytes a job beyond its text, and how long it takes to do so.
//
//   bench_waiting [JOBS]     default 1,000,000
//
// Counted is what malloc has given to the core. Of detached jobs twice: while the disk lags by as
// much as credit lets it, and when all of them are on it.
#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"
#include "tests/lib/waiting.h"

static void report(const char *what, uint64_t jobs, size_t bytes_before)
{
    double bytes = (double)waiting_heap_bytes() - (double)bytes_before;
    printf("%-32s %8.1f bytes a job beyond its text\n", what,
           bytes / (double)jobs - WAITING_TEXT_BYTES);
}

static void report_time(const char *what, uint64_t jobs, dc_us_t spent_us)
{
    printf("%-32s %8.1f ns a job\n", what, 1000.0 * (double)spent_us / (double)jobs);
}

static void bench_interactive(waiting_kind_t kind, uint64_t jobs)
{
    waiting_t waiting;
    waiting_begin(&waiting, kind);
    size_t before = waiting_heap_bytes();
    dc_us_t start = dc_clock_us();
    waiting_send(&waiting, jobs);
    report_time("interactive jobs come", jobs, dc_clock_us() - start);
    bool is_after = kind == WAITING_AFTER;
    report(is_after ? "... and wait for another batch" : "... and wait", jobs, before);
    start = dc_clock_us();
    waiting_end(&waiting);
    report_time("... and are dropped", jobs, dc_clock_us() - start);
}

static void bench_detached(uint64_t jobs)
{
    waiting_t waiting;
    waiting_begin(&waiting, WAITING_DETACHED);
    size_t before = waiting_heap_bytes();
    dc_us_t start = dc_clock_us();
    waiting_send(&waiting, jobs);
    report_time("detached jobs come", jobs, dc_clock_us() - start);
    report("... and wait, the disk lags", jobs, before);
    waiting_commit(&waiting);
    report("... and wait", jobs, before);
    start = dc_clock_us();
    waiting_end(&waiting);
    report_time("... and are dropped", jobs, dc_clock_us() - start);
}

int main(int argc, char **argv)
{
    uint64_t jobs = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
    if (jobs == 0) return EXIT_FAILURE;
    bench_interactive(WAITING_READY, jobs);
    bench_interactive(WAITING_AFTER, jobs);
    bench_detached(jobs);
    return EXIT_SUCCESS;
}
