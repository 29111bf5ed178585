// wide_round — integers, and decimal places, next to a number.
#ifndef DC_COMMON_WIDE_WIDE_ROUND_H
#define DC_COMMON_WIDE_WIDE_ROUND_H

#include "common/wide/arithmetic.h"

DC_WIDE_CALL(floor);
DC_WIDE_CALL(ceil);
DC_WIDE_CALL(trunc);
DC_WIDE_CALL(frac);

// Halves away from 0; the second number, if there is one, is how many places behind the point there
// are to be, or before it, below 0. DC_ERR_INTEGER: it is no integer.
DC_WIDE_CALL(round);

#endif
