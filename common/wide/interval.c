#include "common/wide/interval.h"

// So many units above what a function of two arguments gives, rounded down, is more than the value.
#define CORNER_UNITS 3

// Of a width, which is an upper bound.
#define WIDTH_BITS 64

void dc_interval_init(dc_interval_t *self, mpfr_prec_t precision)
{
    mpfr_inits2(precision, self->low, self->high, (mpfr_ptr)NULL);
}

void dc_interval_fini(dc_interval_t *self)
{
    mpfr_clears(self->low, self->high, (mpfr_ptr)NULL);
}

void dc_interval_rising(dc_interval_function_t function, dc_interval_t *self, mpfr_srcptr low,
                        mpfr_srcptr high)
{
    function(self->low, low, MPFR_RNDD);
    function(self->high, high, MPFR_RNDU);
}

void dc_interval_around(dc_interval_t *self, mpfr_srcptr value, mpfr_exp_t error)
{
    mpfr_t width;
    mpfr_init2(width, WIDTH_BITS);
    mpfr_abs(width, value, MPFR_RNDU);
    // And once more, as the error is a part of the true value.
    mpfr_mul_2si(width, width, error + 1, MPFR_RNDU);
    mpfr_sub(self->low, value, width, MPFR_RNDD);
    mpfr_add(self->high, value, width, MPFR_RNDU);
    mpfr_clear(width);
}

void dc_interval_size(dc_interval_t *self, const dc_interval_t *x)
{
    bool is_negative = mpfr_sgn(x->low) < 0;
    mpfr_abs(self->low, is_negative ? x->high : x->low, MPFR_RNDD);
    mpfr_abs(self->high, is_negative ? x->low : x->high, MPFR_RNDU);
}

void dc_interval_scale(dc_interval_t *self, const dc_interval_t *x, const dc_interval_t *factor)
{
    bool is_negative = mpfr_sgn(x->low) < 0;
    mpfr_mul(self->low, x->low, is_negative ? factor->high : factor->low, MPFR_RNDD);
    mpfr_mul(self->high, x->high, is_negative ? factor->low : factor->high, MPFR_RNDU);
}

void dc_interval_even(dc_interval_function_t function, dc_interval_t *self, const dc_interval_t *x)
{
    dc_interval_t size;
    dc_interval_init(&size, dc_interval_precision(self));
    dc_interval_size(&size, x);
    dc_interval_rising(function, self, size.low, size.high);
    dc_interval_fini(&size);
}

void dc_interval_flat(dc_interval_function_t function, uint8_t slope, dc_interval_t *self,
                      const dc_interval_t *x)
{
    mpfr_t width;
    mpfr_init2(width, WIDTH_BITS);
    mpfr_sub(width, x->high, x->low, MPFR_RNDU);
    mpfr_mul_ui(width, width, slope, MPFR_RNDU);
    bool is_rounded = function(self->low, x->low, MPFR_RNDD) != 0;
    mpfr_set(self->high, self->low, MPFR_RNDU);
    if (is_rounded) mpfr_nextabove(self->high);
    mpfr_sub(self->low, self->low, width, MPFR_RNDD);
    mpfr_add(self->high, self->high, width, MPFR_RNDU);
    mpfr_clear(width);
}

void dc_interval_corners(dc_interval_function2_t function, dc_interval_t *self,
                         const dc_interval_t *args)
{
    mpfr_srcptr a[] = { args[0].low, args[0].high };
    mpfr_srcptr b[] = { args[1].low, args[1].high };
    mpfr_t corner;
    mpfr_init2(corner, dc_interval_precision(self));
    for (int i = 0; i < 4; i++) {
        // An argument that has few bits is known exactly.
        if (i % 2 && mpfr_equal_p(a[0], a[1])) continue;
        if (i / 2 && mpfr_equal_p(b[0], b[1])) continue;
        bool is_rounded = function(corner, a[i % 2], b[i / 2], MPFR_RNDD) != 0;
        if (i == 0 || mpfr_less_p(corner, self->low)) mpfr_set(self->low, corner, MPFR_RNDD);
        for (int unit = 0; is_rounded && unit < CORNER_UNITS; unit++) {
            mpfr_nextabove(corner);
        }
        if (i == 0 || mpfr_greater_p(corner, self->high)) mpfr_set(self->high, corner, MPFR_RNDU);
    }
    mpfr_clear(corner);
}
