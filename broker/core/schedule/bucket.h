// bucket — how much of something may be had at once, and how much more each second: a token bucket.
//
// It is full at first. What is taken may be more than is in it, once: then it owes, and nothing is
// to be had until that is paid off. Time that was slept through fills it like any other.
#ifndef DC_BROKER_CORE_SCHEDULE_BUCKET_H
#define DC_BROKER_CORE_SCHEDULE_BUCKET_H

#include "common/base.h"

typedef struct dc_bucket {
    double tokens;    // at `since_ms`; below 0: owed
    dc_ms_t since_ms; //
} dc_bucket_t;

// A full one that holds `burst`.
static inline dc_bucket_t dc_bucket(double burst, dc_ms_t now)
{
    return (dc_bucket_t){ .tokens = burst, .since_ms = now };
}

// Fill it for the time until `now`, with `rate` a second, up to `burst`. Returns what is in it.
double dc_bucket_fill(dc_bucket_t *self, double rate, double burst, dc_ms_t now);

// Take `count` out.
static inline void dc_bucket_take(dc_bucket_t *self, double count)
{
    self->tokens -= count;
}

// How long until there is one token, with `rate` (> 0) a second: 0 if there is.
dc_ms_t dc_bucket_wait_ms(const dc_bucket_t *self, double rate);

#endif
