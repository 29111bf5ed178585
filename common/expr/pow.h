// pow — x to the power y, as IEEE 754-2019, 9.2.1 has it, off by at most 1 ULP.
//
// SLEEF's is off by up to 1.8 ULP and takes three times as long: which is why this one function is
// not taken from there. It needs FMA, as SLEEF's do. (Expressions have dc_math_pow, whose rules for
// some exponents come first.)
#ifndef DC_COMMON_EXPR_POW_H
#define DC_COMMON_EXPR_POW_H

double dc_pow(double x, double y);

#endif
