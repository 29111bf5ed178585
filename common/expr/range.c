#include "common/expr/range.h"

#include "common/expr/lanes.h"
#include "common/limits.h"

static bool is_integer(double x)
{
    return x == trunc(x);
}

dc_err_t dc_range_init(dc_number_range_t *self, double a, double b, double step, double *terms)
{
    if (!isfinite(a) || !isfinite(b) || !isfinite(step) || step == 0) return DC_ERR_DOMAIN;
    // Halves, where the difference is too large to be a number.
    double quotient = isinf(b - a) ? (b / 2 - a / 2) / (step / 2) : (b - a) / step;
    bool is_exact = is_integer(a) && is_integer(b) && is_integer(step);
    if (!is_exact) quotient *= 1 + 0x1p-50;
    quotient = floor(quotient);
    *terms = quotient < 0 ? 0 : quotient + 1;
    // One more than that is no double.
    if (quotient >= DC_INTEGER_MAX) return DC_ERR_STEPS;
    *self = (dc_number_range_t){ .first = a, .step = step, .count = (uint64_t)*terms };
    return DC_OK;
}

// Done for every term, so with the processor's own fma, four at a time.
DC_AVX2 void dc_range_fill(const dc_number_range_t *self, uint64_t first, uint32_t count, double *x)
{
    // Indices are below 2^53, so that they are doubles, and adding to them is exact.
    dc_lanes_t index = _mm256_add_pd(dc_lanes_all((double)first), _mm256_setr_pd(0, 1, 2, 3));
    const dc_lanes_t a = dc_lanes_all(self->first);
    const dc_lanes_t step = dc_lanes_all(self->step);
    uint32_t i = 0;
    for (; i + DC_LANES <= count; i += DC_LANES) {
        dc_lanes_store(x + i, _mm256_fmadd_pd(index, step, a));
        index = _mm256_add_pd(index, dc_lanes_all(DC_LANES));
    }
    for (; i < count; i++)
        x[i] = dc_range_at(self, first + i);
}
