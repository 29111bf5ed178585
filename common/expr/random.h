// random — the functions uniform(seed, k) and normal(seed, k): random numbers without a state.
//
// Each has the shape of dc_math_fn_t. The same two numbers give the same result on every machine
// and in any order. Both must be integers of at most 2^53 in magnitude, else it is DC_ERR_INTEGER;
// negative ones count as 64-bit two's complement, and if one is not finite the result is NaN.
#ifndef DC_COMMON_EXPR_RANDOM_H
#define DC_COMMON_EXPR_RANDOM_H

#include "common/err.h"

// From 0 to below 1, a multiple of 2^-53: the top bits of Philox's first 64 for key seed, counter
// k.
double dc_random_uniform(const double *args, size_t count, dc_err_t *error);

// Normally distributed, mean 0 and variance 1: the quantile (special.h) of what uniform gives,
// moved up by half a step. So it is between -8.3 and 8.3, never infinite, and symmetric.
double dc_random_normal(const double *args, size_t count, dc_err_t *error);

// The same for many rows, with equal bits. False if an argument is no such integer: nothing is then
// written, and the rows are for the caller to go through. The results may stand where the arguments
// stand. A uniform number takes a quarter of what it takes alone, a normal one two thirds.
DC_MUST_USE bool dc_random_uniform_many(double *results, const double *seeds, const double *ks,
                                        size_t count);
DC_MUST_USE bool dc_random_normal_many(double *results, const double *seeds, const double *ks,
                                       size_t count);

#endif
