// series — the decimal digits of what is not rational.
//
// MPFR encloses the result between two numbers, for arguments that are enclosed likewise, with more
// and more bits until both are rounded to the same decimal digits (Ziv's strategy). The result is
// the correctly rounded one, so it is the same whatever MPFR does within its promises. That ends
// only where the result is not halfway between two decimal numbers, nor one itself: so whatever can
// be rational is for others to find first. Almost nothing takes more than two rounds.
#ifndef DC_COMMON_WIDE_SERIES_H
#define DC_COMMON_WIDE_SERIES_H

#include "common/wide/arithmetic.h"

#define DC_SERIES_LIST(X)  \
    X(PI)                  \
    X(TAU)                 \
    X(E)                   \
    X(PHI)                 \
    X(ACOS)                \
    X(ACOSH)               \
    X(ASIN)                \
    X(ASINH)               \
    X(ATAN)                \
    X(ATAN2)               \
    X(ATANH)               \
    X(COS)                 \
    X(COSH)                \
    X(COSPI)               \
    X(DEG)                 \
    X(ERF)                 \
    X(ERFC)                \
    X(EXP)                 \
    X(EXPM1)               \
    X(GAMMA)               \
    X(LN)                  \
    X(LOG) /* x, base */   \
    X(LOG1P)               \
    X(NORMCDF)             \
    X(NORMPDF)             \
    X(POW) /* x above 0 */ \
    X(RAD)                 \
    X(SIN)                 \
    X(SINH)                \
    X(SINPI)               \
    X(TAN)                 \
    X(TANH)

typedef enum dc_series {
#define X(name) DC_SERIES_##name,
    DC_SERIES_LIST(X)
#undef X
    DC_SERIES_COUNT
} dc_series_t;

#define DC_SERIES_ARGS_MAX 2

// result = the function of `args`, as many as it takes, where it is defined and has no rational
// value. Exact numbers have no such values: DC_ERR_INEXACT.
DC_MUST_USE dc_err_t dc_series_compute(dc_arithmetic_t *self, dc_series_t series,
                                       dc_wide_number_t *result, const mpq_srcptr *args);

#endif
