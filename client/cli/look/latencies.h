// latencies — how long things took, one by one, and then in percentiles.
#ifndef DC_CLIENT_CLI_LOOK_LATENCIES_H
#define DC_CLIENT_CLI_LOOK_LATENCIES_H

#include "common/buf.h"

// What is kept is exact, four bytes each: an hour of the fastest round trips is less than this.
// More are counted and not kept.
#define DC_LATENCIES_MAX (64u << 20)

typedef struct dc_latencies {
    dc_buf_t times;  // owned: microseconds, 32 bits each
    uint64_t count;  // of all
    bool is_ordered; // by size
} dc_latencies_t;

void dc_latencies_fini(dc_latencies_t *self);

void dc_latencies_add(dc_latencies_t *self, dc_us_t time);

// The least time that `percent` (0 .. 100) of them did not exceed, in microseconds; 0 if there are
// none.
dc_us_t dc_latencies_percentile(dc_latencies_t *self, double percent);

#endif
