// quota — how many lines a peer may make us log.
//
// Whoever connects can do what is worth a line as often as it likes. So lines come out of a quota:
// so many at once, then so many a second; those left out are counted, for the next line to say.
#ifndef DC_BROKER_CORE_PEERS_QUOTA_H
#define DC_BROKER_CORE_PEERS_QUOTA_H

#include "common/base.h"

typedef struct dc_quota {
    uint32_t burst;   // lines at once, after a while of silence
    dc_ms_t every_ms; // a line more is had each time this has passed
    uint32_t used;    // of the burst, at `since_ms`
    dc_ms_t since_ms;
    uint64_t left_out; // lines that were not logged since the last one that was
} dc_quota_t;

// A quota of which nothing is used.
static inline dc_quota_t dc_quota(uint32_t burst, dc_ms_t every_ms)
{
    return (dc_quota_t){ .burst = burst, .every_ms = every_ms };
}

// May a line be logged at `now`? If so it is taken from the quota, and `*left_out` is how many were
// not, since the last one that was.
bool dc_quota_take(dc_quota_t *self, dc_ms_t now, uint64_t *left_out);

#endif
