// interval — what is known of a number: that it lies between two others.
//
// A function of an interval gives one that has the function's values for all numbers in it: its
// ends are rounded outwards. No interval here has 0 inside, unless it is 0 alone.
#ifndef DC_COMMON_WIDE_INTERVAL_H
#define DC_COMMON_WIDE_INTERVAL_H

#include <mpfr.h>

#include "common/base.h"

typedef struct dc_interval {
    mpfr_t low, high;
} dc_interval_t;

// Functions as MPFR has them, which are correctly rounded. Of two arguments what is rounded down
// may be less by a unit or two.
typedef int (*dc_interval_function_t)(mpfr_ptr, mpfr_srcptr, mpfr_rnd_t);
typedef int (*dc_interval_function2_t)(mpfr_ptr, mpfr_srcptr, mpfr_srcptr, mpfr_rnd_t);

void dc_interval_init(dc_interval_t *self, mpfr_prec_t precision);
void dc_interval_fini(dc_interval_t *self);

static inline mpfr_prec_t dc_interval_precision(const dc_interval_t *self)
{
    return mpfr_get_prec(self->low);
}

// Of a function that rises from `low` to `high`; of one that falls with the two exchanged.
void dc_interval_rising(dc_interval_function_t function, dc_interval_t *self, mpfr_srcptr low,
                        mpfr_srcptr high);

// Around a value whose relative error is at most 2^error.
void dc_interval_around(dc_interval_t *self, mpfr_srcptr value, mpfr_exp_t error);

// Of one that is the same for x and -x, and rises from 0 on.
void dc_interval_even(dc_interval_function_t function, dc_interval_t *self, const dc_interval_t *x);

// Of one that is nowhere steeper than `slope`.
void dc_interval_flat(dc_interval_function_t function, uint8_t slope, dc_interval_t *self,
                      const dc_interval_t *x);

// Of one that rises or falls with each of its two arguments, whatever the other is.
void dc_interval_corners(dc_interval_function2_t function, dc_interval_t *self,
                         const dc_interval_t *args);

// x without its sign; x times a factor above 0.
void dc_interval_size(dc_interval_t *self, const dc_interval_t *x);
void dc_interval_scale(dc_interval_t *self, const dc_interval_t *x, const dc_interval_t *factor);

#endif
