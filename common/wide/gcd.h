// gcd — the greatest common divisor of integers of any length, which ends when nobody wants it.
//
// GMP's takes 0.1 s for two of 2^20 bits, and nothing can end it. So the longer ones are made
// shorter here first, by halves: what shortens the upper half of two numbers shortens the numbers
// as well (N. Möller, "On Schönhage's algorithm and subquadratic integer gcd computation", 2008).
// Here that is any replacing of two numbers by two sums of multiples of them with determinant 1 or
// -1. It never changes the divisors, so wrong quotients at the lower end of the half only cost a
// little time, and need not be found. At the bottom it is Lehmer's algorithm (Knuth, The Art of
// Computer Programming, 4.5.2 L).
#ifndef DC_COMMON_WIDE_GCD_H
#define DC_COMMON_WIDE_GCD_H

#include <gmp.h>

#include "common/wide/meter.h"

// Numbers of up to so many bits are for GMP, which has them within some milliseconds.
#define DC_GCD_SHORT_BITS (UINT64_C(1) << 17)

// result = the greatest common divisor of a and b, 0 of 0 and 0; it may be one of them. Errors are
// those of dc_meter_charge.
DC_MUST_USE dc_err_t dc_gcd(dc_meter_t *meter, mpz_ptr result, mpz_srcptr a, mpz_srcptr b);

#endif
