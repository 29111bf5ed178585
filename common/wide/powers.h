// powers — roots, powers and logarithms that are rational numbers, and the others' way to series.h.
#ifndef DC_COMMON_WIDE_POWERS_H
#define DC_COMMON_WIDE_POWERS_H

#include "common/wide/arithmetic.h"

// result = x ^ y. Of 0 the power 0 is 1, those below are DC_ERR_DIVIDE_BY_ZERO; of what is below 0
// only integer powers are defined.
DC_MUST_USE dc_err_t dc_powers_raise(dc_arithmetic_t *self, dc_wide_number_t *result,
                                     const dc_wide_number_t *x, const dc_wide_number_t *y);

// result = the root of x, of degree `degree`: an integer, not 0; of what is below 0 an odd one.
DC_MUST_USE dc_err_t dc_powers_root(dc_arithmetic_t *self, dc_wide_number_t *result,
                                    const dc_wide_number_t *x, const dc_wide_number_t *degree);

// result = sqrt(x * x + y * y).
DC_MUST_USE dc_err_t dc_powers_hypot(dc_arithmetic_t *self, dc_wide_number_t *result,
                                     const dc_wide_number_t *x, const dc_wide_number_t *y);

// result = the logarithm of x, above 0, to `base`, above 0 and not 1.
DC_MUST_USE dc_err_t dc_powers_log(dc_arithmetic_t *self, dc_wide_number_t *result,
                                   const dc_wide_number_t *x, const dc_wide_number_t *base);

#endif
