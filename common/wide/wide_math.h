// wide_math — the functions of math.h, for wide numbers.
//
// Those whose value is rational give it exactly, and rounded once; the others have the digits that
// series.h finds, or with exact numbers none (DC_ERR_INEXACT) but where the value happens to be
// rational: sqrt(1/9), log2(8), sin(0), sinpi(1/6).
#ifndef DC_COMMON_WIDE_WIDE_MATH_H
#define DC_COMMON_WIDE_WIDE_MATH_H

#include "common/wide/series.h"

// Where a function is defined.
typedef enum dc_wide_domain {
    DC_WIDE_ANYWHERE,
    DC_WIDE_ABOVE_MINUS_1,
    DC_WIDE_ABOVE_0,
    DC_WIDE_FROM_1,
    DC_WIDE_WITHIN_1,  // -1 to 1
    DC_WIDE_BETWEEN_1, // likewise, but neither
} dc_wide_domain_t;

// Where neither is set, wide numbers have no such function.
typedef struct dc_wide_function {
    const char *name;
    dc_wide_call_t call;
    bool is_series;     // of one number; the following are set then
    dc_series_t series; //
    dc_wide_domain_t domain;
    int8_t at, value; // of `at` it is `value`; of no other rational number it is rational
} dc_wide_function_t;

// The one that has number `index` among dc_math_functions.
const dc_wide_function_t *dc_wide_math_at(size_t index);

static inline bool dc_wide_math_is_there(const dc_wide_function_t *function)
{
    return function->call || function->is_series;
}

// result = the function of `count` numbers, as many as it takes. Errors are those of arithmetic.h.
DC_MUST_USE dc_err_t dc_wide_math_call(dc_arithmetic_t *self, const dc_wide_function_t *function,
                                       dc_wide_number_t *result,
                                       const dc_wide_number_t *const *args, size_t count);

#endif
