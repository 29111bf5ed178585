// histogram — how long things took: counts by duration, in fixed memory.
//
// A duration falls into one of DC_HISTOGRAM_BUCKETS buckets: four to each doubling, so that a
// bucket's borders are at most a quarter apart, from a microsecond to 19 hours (what takes longer
// counts as that). To add costs the same, some nanoseconds, for one thing or for a thousand.
#ifndef DC_BROKER_CORE_REPORT_HISTOGRAM_H
#define DC_BROKER_CORE_REPORT_HISTOGRAM_H

#include "common/base.h"

#define DC_HISTOGRAM_BITS    36 // of the longest duration that has a bucket of its own
#define DC_HISTOGRAM_BUCKETS (4 * (DC_HISTOGRAM_BITS - 1))

typedef struct dc_histogram {
    uint64_t count;
    double sum_us;
    dc_us_t max_us;
    uint64_t buckets[DC_HISTOGRAM_BUCKETS];
} dc_histogram_t; // all zero is an empty one

// Which bucket `us` falls into.
static inline unsigned dc_histogram_bucket(dc_us_t us)
{
    const dc_us_t longest = (UINT64_C(1) << DC_HISTOGRAM_BITS) - 1;
    if (us < 4) return (unsigned)us;
    if (us > longest) us = longest;
    unsigned high_bit = 63 - (unsigned)__builtin_clzll(us);
    return 4 * (high_bit - 1) + (unsigned)(us >> (high_bit - 2) & 3);
}

// The shortest duration that falls into `bucket`.
dc_us_t dc_histogram_low(unsigned bucket);

// `count` things took `us` each.
static inline void dc_histogram_add(dc_histogram_t *self, dc_us_t us, uint64_t count)
{
    self->buckets[dc_histogram_bucket(us)] += count;
    self->count += count;
    self->sum_us += (double)us * (double)count;
    if (us > self->max_us) self->max_us = us;
}

// What `other` counts is counted by `self` as well.
void dc_histogram_merge(dc_histogram_t *self, const dc_histogram_t *other);

// The duration that `share` (0 .. 1) of all things did not exceed, as exactly as buckets tell: half
// of a quarter, at worst. 0 where there is nothing.
double dc_histogram_quantile(const dc_histogram_t *self, double share);

// 0 where there is nothing.
double dc_histogram_mean(const dc_histogram_t *self);

#endif
