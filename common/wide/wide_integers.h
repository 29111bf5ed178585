// wide_integers — divisors, factorials and ways to choose, of integers of any size.
//
// What would be too large is refused before it is computed, by a bound below it; what passes is at
// most some five times too large, and is found to be so by dc_arithmetic_put.
#ifndef DC_COMMON_WIDE_WIDE_INTEGERS_H
#define DC_COMMON_WIDE_WIDE_INTEGERS_H

#include "common/wide/arithmetic.h"

// DC_ERR_INTEGER: one of the numbers is no integer; DC_ERR_DOMAIN: one that must not be is below 0.
DC_WIDE_CALL(gcd);
DC_WIDE_CALL(lcm);
DC_WIDE_CALL(fact);
DC_WIDE_CALL(choose);
DC_WIDE_CALL(perm);

#endif
