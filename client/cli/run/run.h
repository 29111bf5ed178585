// run — one batch from its first row to its last result: the client's loop.
//
// It reads rows as long as the broker gives credit, sends, receives, writes, and waits for whatever
// comes first. Where the batch ends before its time, by its deadline or since somebody cancels it,
// the rest of its rows is written with that for a result; of a pipe only what comes within seconds,
// since it need not end. A batch that is stored is fetched in the same way: its rows come with the
// results, and to interrupt that is to leave it alone. It gives up when no broker answers, or no
// worker is there, for as long as the person wants to wait, when the output cannot be written, and
// on a signal.
#ifndef DC_CLIENT_CLI_RUN_RUN_H
#define DC_CLIENT_CLI_RUN_RUN_H

#include "client/cli/cluster/connection.h"
#include "client/cli/console.h"
#include "client/cli/input/source.h"
#include "client/cli/run/collect.h"
#include "client/cli/run/resume.h"
#include "client/cli/text/progress.h"

typedef struct dc_run {
    dc_connection_t *connection;          // borrowed, as all that follow
    const dcalc_batch_options_t *options; // of a batch that is sent, as its rows:
    dc_source_t *source;                  // there are none of one that is fetched
    dc_emit_t *emit;                      //
    dc_sink_t *sink;                      //
    dc_sink_t *failed_sink;               // of --errors; NULL: none
    dc_journal_t *journal;                // where results are recorded; NULL: nowhere
    dc_resume_t *resume;                  // which rows have results already; NULL: none
    dc_console_t *console;                //
    const char *name;                     // of the input, for the progress bar
    dc_ms_t deadline_ms;                  // when the batch ends; 0: it has none
    dcalc_id_t fetched;                   // a stored batch, which is attached; 0: one is sent
    uint64_t number;                      // its number
    uint64_t job_first, job_end;          // which of its jobs are wanted
    uint64_t wait_ms;                     // for a broker, for a worker, for room
    int signal_fd;                        // see client/cli/interrupt.h; or -1
    uint64_t failed_max;                  // it stops when more rows have failed
    bool stops_at_once;                   // a first signal: what is under way is not waited for
    bool is_unordered;                    //
    bool is_awaited;                      // others may wait for its end: the broker is to know it
    bool is_quiet;                        //
    bool has_progress;                    // draw a bar
    bool has_progress_json;               // say how far it is once a second
} dc_run_t;

// How it ended.
typedef struct dc_run_result {
    int status;         // exit status: 0, 1, or EX_...; 130 interrupted, 141 the reader has gone
    uint64_t row_count; // written
    uint64_t expected;  // rows in all; 0: not known
    uint64_t failed_count;
    uint64_t rest_count;    // of these, rows that nobody computed
    dcalc_err_t rest_error; // why: the batch ended before its time; DCALC_OK: it did not
    dcalc_err_t cut_error;  // why not all rows that are reduced were: they have no value then
    bool has_more_input;    // then there was more to read
    uint64_t number;        // of the batch; 0: it was never opened
    double seconds;
} dc_run_result_t;

// Run the batch; everything that goes wrong has been said on the console then.
dc_run_result_t dc_run(const dc_run_t *self);

#endif
