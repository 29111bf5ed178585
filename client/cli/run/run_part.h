// run_part — what the files of run share; see client/cli/run/run.h for what they do.
#ifndef DC_CLIENT_CLI_RUN_RUN_PART_H
#define DC_CLIENT_CLI_RUN_RUN_PART_H

#include "client/cli/cluster/patience.h"
#include "client/cli/run/big_job.h"
#include "client/cli/run/run.h"

// What a turn of the loop needs to know.
typedef struct dc_run_state {
    const dc_run_t *run;
    dc_collect_t collect;
    dc_patience_t patience;
    dc_source_item_t item; // read and not sent, while it is held
    bool wants_input;      // nothing to send until more can be read
    bool has_source_ended; // no more rows come
    bool has_more_input;   // ... though there are some: they were not waited for
    bool wants_close;      // the broker is to be told of that, once all are sent
    bool is_over;          // the batch has ended
    bool is_stopped;       // since more rows have failed than may
    dcalc_err_t cut_error; // of rows that are reduced: why not all were; DCALC_OK: they were
    bool is_resume_told;   // what is kept of an earlier run
    bool is_journal_told;  // that no more is kept for a later one
    uint64_t job_next;     // of the next chunk
    uint64_t number;       // of the batch, as the broker has it; 0: not yet told
    dc_ms_t now, started_ms, result_ms, drawn_ms;
    dc_big_job_t big_job;
    dc_ms_t rest_ms;  // when the batch ended before its time
    dc_ms_t stop_ms;  // interrupted: leave then; 0: not
    int status;       // why it ends before its time; 0: it does not
    int input_status; // why rows are missing that could not be read; 0: none are
} dc_run_state_t;

// What is to be said to the person.
static inline dc_buf_t *dc_run_said(dc_run_state_t *self)
{
    return &self->run->console->buf;
}

// End the run because of `error`, after saying `text`, or what the error is.
void dc_run_give_up(dc_run_state_t *self, dcalc_err_t error, const char *text);

// client/cli/run/run_feed.c: read rows and send them, as far as there is credit; or, once the batch
// has ended before its time, write them with the reason.
void dc_run_feed(dc_run_state_t *self);

#endif
