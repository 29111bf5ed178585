// stats — what is counted and measured, for people, of one batch, client or worker, or of all.
//
// Nothing is decided by it. It has a fixed size; who has no memory for one goes without.
#ifndef DC_BROKER_CORE_REPORT_STATS_H
#define DC_BROKER_CORE_REPORT_STATS_H

#include "broker/core/report/histogram.h"
#include "broker/core/report/rate.h"

typedef struct dc_stats {
    dc_rate_t rate;        // of jobs that were answered
    dc_histogram_t wait;   // of each job, from when it came until it was first leased
    dc_histogram_t lease;  // from its lease to its answer
    dc_histogram_t answer; // from when it came to its answer
} dc_stats_t;

#endif
