// rate — how many things happen a second: a ring of counts, one for each of the last seconds.
#ifndef DC_BROKER_CORE_REPORT_RATE_H
#define DC_BROKER_CORE_REPORT_RATE_H

#include "common/base.h"

#define DC_RATE_SECONDS 32

typedef struct dc_rate {
    bool has_begun;
    dc_ms_t begun_ms; // when the first thing happened
    uint64_t second;  // the last in which something happened
    uint32_t counts[DC_RATE_SECONDS];
} dc_rate_t; // all zero is one in which nothing has happened

// `count` things happened at `now`, never before an earlier one.
void dc_rate_add(dc_rate_t *self, dc_ms_t now, uint64_t count);

// How many happened in a second: `ago` 0 is the one that `now` is in, 1 the last that is over.
uint32_t dc_rate_count(const dc_rate_t *self, dc_ms_t now, unsigned ago);

// How many happened a second, of late: over the last five seconds, or since the first of them.
double dc_rate_per_second(const dc_rate_t *self, dc_ms_t now);

#endif
