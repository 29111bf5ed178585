// wide_integers — divisors, factorials and ways to choose, of integers of any size.
//
// What would be too large is refused before it is computed, by a bound below it; what passes is at
// most some five times too large, and is found to be so by dc_arithmetic_put.
#ifndef DC_COMMON_WIDE_WIDE_INTEGERS_H
#define DC_COMMON_WIDE_WIDE_INTEGERS_H

#include "common/wide/arithmetic.h"

// Functions of `count` numbers. DC_ERR_INTEGER: one of them is no integer; DC_ERR_DOMAIN: one that
// must not be is below 0.
#define DC_WIDE_INTEGERS_DECLARE(name)                                                   \
    DC_MUST_USE dc_err_t dc_wide_##name(dc_arithmetic_t *self, dc_wide_number_t *result, \
                                        const dc_wide_number_t *const *args, size_t count)
DC_WIDE_INTEGERS_DECLARE(gcd);
DC_WIDE_INTEGERS_DECLARE(lcm);
DC_WIDE_INTEGERS_DECLARE(fact);
DC_WIDE_INTEGERS_DECLARE(choose);
DC_WIDE_INTEGERS_DECLARE(perm);

#endif
