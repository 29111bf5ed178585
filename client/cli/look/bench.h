// bench — how fast this cluster is for this client (dcalc bench): round trips of single jobs, jobs
// that are sent one by one and packed, and full chunks.
//
// It disturbs others as little as a batch can: it ends when its time is over, whatever is still
// under way is cancelled, and it has the lowest priority, so that it gets what others leave, and a
// twentieth of the time where they leave nothing. What it shows is then that.
#ifndef DC_CLIENT_CLI_LOOK_BENCH_H
#define DC_CLIENT_CLI_LOOK_BENCH_H

#include "client/cli/look/latencies.h"
#include "client/cli/look/look_part.h"

typedef enum dc_bench_phase {
    DC_BENCH_ALONE,  // one job, and the next when it is answered
    DC_BENCH_PACKED, // as many as there is room for, each of them sent by itself
    DC_BENCH_CHUNKS, // likewise, in full chunks
    DC_BENCH_PHASES,
} dc_bench_phase_t;

// What was measured of a phase.
typedef struct dc_bench_result {
    uint64_t jobs; // that were answered
    double seconds;
    double cpu_seconds;       // of this process
    dc_latencies_t latencies; // of jobs that were alone
} dc_bench_result_t;

// client/cli/look/bench_put.c: append all results, in the form that is wished for.
void dc_bench_put(dc_look_t *look, dc_bench_result_t *results);

#endif
