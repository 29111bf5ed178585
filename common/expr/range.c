#include "common/expr/range.h"

static bool is_integer(double x)
{
    return x == trunc(x);
}

dc_err_t dc_range_init(dc_range_t *self, double a, double b, double step, double *terms)
{
    if (!isfinite(a) || !isfinite(b) || !isfinite(step) || step == 0) return DC_ERR_DOMAIN;
    double quotient = (b - a) / step;
    bool is_exact = is_integer(a) && is_integer(b) && is_integer(step);
    if (!is_exact) quotient *= 1 + 0x1p-50;
    quotient = floor(quotient);
    *terms = quotient < 0 ? 0 : quotient + 1;
    // One more than that is no double.
    if (quotient >= (double)DC_RANGE_COUNT_MAX) return DC_ERR_STEPS;
    *self = (dc_range_t){ .first = a, .step = step, .count = (uint64_t)*terms };
    return DC_OK;
}

// The processor's own fma: the library's is a call, and this is done for every term.
__attribute__((target("avx2,fma"))) void dc_range_fill(const dc_range_t *self, uint64_t first,
                                                       uint32_t count, double *x)
{
    for (uint32_t i = 0; i < count; i++) {
        x[i] = fma((double)(first + i), self->step, self->first);
    }
}
