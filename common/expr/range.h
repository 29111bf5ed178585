// range — the numbers from a to b in steps, as reductions count them.
//
// Both ends count. There are floor((b - a) / step * (1 + 2^-50)) + 1 of them, none if that is below
// 1: so 0 to 1 in steps of 0.1 are 11, although 0.1 is not quite a tenth. Where a, b and step are
// integers the quotient needs no such help. Number i is fma(i, step, a): no error piles up on the
// way there.
#ifndef DC_COMMON_EXPR_RANGE_H
#define DC_COMMON_EXPR_RANGE_H

#include <math.h>

#include "common/err.h"

typedef struct dc_number_range {
    double first, step;
    uint64_t count;
} dc_number_range_t;

// Arguments of a reduction over a range: `count` numbers, of which the step may be missing.
typedef struct dc_range_args {
    double a, b, step;
} dc_range_args_t;

static inline dc_range_args_t dc_range_args(const double *args, size_t count)
{
    return (dc_range_args_t){ args[0], args[1], count > 2 ? args[2] : 1 };
}

// The range from `a` to `b`. DC_ERR_DOMAIN: one of the three is not finite, or `step` is 0.
// DC_ERR_STEPS: it has more than DC_INTEGER_MAX numbers, whose indices are doubles and would not be
// told apart; `*terms` is how many, about.
DC_MUST_USE dc_err_t dc_range_init(dc_number_range_t *self, double a, double b, double step,
                                   double *terms);

static inline double dc_range_at(const dc_number_range_t *self, uint64_t index)
{
    return fma((double)index, self->step, self->first);
}

// Write numbers [first, first + count) to `x`.
void dc_range_fill(const dc_number_range_t *self, uint64_t first, uint32_t count, double *x);

#endif
