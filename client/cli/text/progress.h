// progress — how far a batch is, in one line: a bar for people, or an object for programs.
#ifndef DC_CLIENT_CLI_TEXT_PROGRESS_H
#define DC_CLIENT_CLI_TEXT_PROGRESS_H

#include "common/buf.h"

typedef struct dc_progress {
    const char *name;  // of the input; "" if it has none
    uint64_t done;     // rows that have a result
    uint64_t waiting;  // rows that were read and have none yet
    uint64_t expected; // rows in all; 0: unknown
    uint64_t failed;   //
    uint64_t workers;  // 0: not known
    double seconds;    // since the start
    double rate;       // rows a second
    dc_str_t why;      // why nothing is computed; empty: it is

    // Of a row that is so big that many workers compute it together; `terms` is 0 if there is none.
    uint64_t terms_done, terms;
    double terms_rate; // a second
} dc_progress_t;

// Whether to show it now: when it is worth looking at, and then not faster than anybody reads. It
// began at `started_ms`, and was shown last at `drawn_ms`.
bool dc_progress_is_due(dc_ms_t now, dc_ms_t started_ms, dc_ms_t drawn_ms, bool is_json);

// Append a line of less than `columns` characters, without a newline: `sweep.csv ━━━━━━╸────  61 %
// 612k/1.00M   184k/s   2 s left   3 failed   4 workers`, or where the total is unknown `612k done,
// 40k waiting, 184k/s`. What has no room is left out whole: the bar first, then the workers, the
// rate, what has failed, the time left; of a long name the end stays. A big row's terms stand for
// the rows where it is the only one (`612M/1.00G terms`), else behind them (`big row 61 %`).
void dc_progress_put_bar(const dc_progress_t *self, size_t columns, bool is_utf8, dc_buf_t *out);

// Append an object, with its newline.
void dc_progress_put_json(const dc_progress_t *self, dc_buf_t *out);

#endif
