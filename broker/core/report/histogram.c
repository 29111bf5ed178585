#include "broker/core/report/histogram.h"

#include <math.h>

dc_us_t dc_histogram_low(unsigned bucket)
{
    if (bucket < 4) return bucket;
    return (dc_us_t)(4 + bucket % 4) << (bucket / 4 - 1);
}

void dc_histogram_merge(dc_histogram_t *self, const dc_histogram_t *other)
{
    for (unsigned bucket = 0; bucket < DC_HISTOGRAM_BUCKETS; bucket++) {
        self->buckets[bucket] += other->buckets[bucket];
    }
    self->count += other->count;
    self->sum_us += other->sum_us;
    if (other->max_us > self->max_us) self->max_us = other->max_us;
}

// Where in `bucket` the thing stands that has `before` of its things before it, if all of them are
// spread evenly.
static double place_in(const dc_histogram_t *self, unsigned bucket, double before)
{
    double low = (double)dc_histogram_low(bucket);
    double high = fmin((double)dc_histogram_low(bucket + 1), (double)self->max_us);
    double place = low + (high - low) * before / (double)self->buckets[bucket];
    return fmax(place, low);
}

double dc_histogram_quantile(const dc_histogram_t *self, double share)
{
    double before = share * (double)self->count;
    for (unsigned bucket = 0; bucket < DC_HISTOGRAM_BUCKETS; bucket++) {
        double count = (double)self->buckets[bucket];
        if (count > 0 && before <= count) return place_in(self, bucket, before);
        before -= count;
    }
    return (double)self->max_us;
}

double dc_histogram_mean(const dc_histogram_t *self)
{
    return self->count ? self->sum_us / (double)self->count : 0;
}
