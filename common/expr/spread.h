// spread — variance and standard deviation of doubles, rounded once.
//
// What is added up are the deviations from the first value and their squares, both exactly
// (exact.h). So nothing depends on the order of the other values. The variance, (squares - sum^2 /
// n) / (n - 1), is computed from these with 100 bits. The first value is one of them, so its
// distance from the mean is at most some sqrt(n) standard deviations, and what cancels costs at
// most a factor n: the error is half a unit in the last place and n * 2^-48 of one.
//
// A deviation above 1.3e154 has a square that is no double: both are then infinite. The object owns
// nothing and may be copied.
#ifndef DC_COMMON_EXPR_SPREAD_H
#define DC_COMMON_EXPR_SPREAD_H

#include "common/err.h"
#include "common/expr/exact.h"

typedef struct dc_spread {
    uint64_t count;
    double origin;      // the first value
    dc_exact_t sum;     // of the deviations from it
    dc_exact_t squares; // of their squares
    dc_exact_t small;   // of the squares of small ones, times 2^1200
    bool has_large;     // some deviation is not small
} dc_spread_t;

// Make it that of no values.
void dc_spread_init(dc_spread_t *self);

void dc_spread_add(dc_spread_t *self, double x);

// The variance, and its root. DC_ERR_NO_TERMS if there are fewer than two values. NaN if a value is
// not finite, or further than the largest double from the first.
DC_MUST_USE dc_err_t dc_spread_variance(const dc_spread_t *self, double *result);
DC_MUST_USE dc_err_t dc_spread_deviation(const dc_spread_t *self, double *result);

#endif
