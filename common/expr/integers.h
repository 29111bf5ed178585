// integers — functions that demand integers: gcd, lcm, factorials, choices.
//
// Each has the shape of dc_math_fn_t. An argument that is finite and not an integer is
// DC_ERR_INTEGER; one that is not finite makes the result NaN. Results are rounded correctly from
// the exact value, but for choose and perm above 2^63, whose error is less than 0.5 + 2^-30 ULP.
#ifndef DC_COMMON_EXPR_INTEGERS_H
#define DC_COMMON_EXPR_INTEGERS_H

#include "common/err.h"

// The greatest common divisor, >= 0; of zeros 0.
double dc_integers_gcd(const double *args, size_t count, dc_err_t *error);

// The least common multiple, >= 0; 0 if any argument is.
double dc_integers_lcm(const double *args, size_t count, dc_err_t *error);

// n!; NaN for n < 0.
double dc_integers_fact(const double *args, size_t count, dc_err_t *error);

// How many ways there are to choose, or to arrange, k of n. 0 if k > n; NaN if either is negative.
double dc_integers_choose(const double *args, size_t count, dc_err_t *error);
double dc_integers_perm(const double *args, size_t count, dc_err_t *error);

#endif
