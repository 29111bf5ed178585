// usual — the median of a stream of times, more or less, in the memory of one number.
//
// Each sample moves the estimate a quarter towards itself and no further than to itself, however
// far away it is: so half of the samples are above it in the long run, and few long ones, or a slow
// slot's, do not matter as they do to a mean.
#ifndef DC_BROKER_CORE_SLOTS_USUAL_H
#define DC_BROKER_CORE_SLOTS_USUAL_H

#include "common/base.h"

#define DC_USUAL_STEP 1.25

// See `sample_us` (> 0); `*usual_us` is 0 before the first.
static inline void dc_usual_see(double *usual_us, double sample_us)
{
    double usual = *usual_us;
    double higher = usual * DC_USUAL_STEP;
    double lower = usual / DC_USUAL_STEP;
    bool is_near = usual <= 0 || (lower < sample_us && sample_us < higher);
    *usual_us = is_near ? sample_us : sample_us > usual ? higher : lower;
}

#endif
