// big_job — the job that many workers compute together, if there is one: how far it is, and how
// fast.
#ifndef DC_CLIENT_CLI_RUN_BIG_JOB_H
#define DC_CLIENT_CLI_RUN_BIG_JOB_H

#include "client/dcalc.h"
#include "common/base.h"

// All zero: there is none.
typedef struct dc_big_job {
    uint64_t index;       // within the batch
    uint64_t done, total; // in terms; `total` is 0 if there is none
    dc_ms_t since_ms;     // about when it was begun
    dc_ms_t told_ms;      // when it was told of last
} dc_big_job_t;

// The broker has told how far a job is (a PROGRESS) at `now`.
void dc_big_job_see(dc_big_job_t *self, const dcalc_event_t *event, dc_ms_t now);

// Results have come: if one is the big job's there is none any more.
void dc_big_job_see_piece(dc_big_job_t *self, const dcalc_piece_t *piece);

// How many terms a second are computed; 0 while that is not known.
double dc_big_job_rate(const dc_big_job_t *self);

#endif
