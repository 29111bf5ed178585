// special — the error function, the gamma function and the normal distribution, over elementary.h.
//
// Errors are at most what the function table says (math.c), which tests/unit/test_accuracy.c shows.
// Special values are the limits there; outside its domain a function is NaN.
#ifndef DC_COMMON_EXPR_SPECIAL_H
#define DC_COMMON_EXPR_SPECIAL_H

double dc_erf(double x);
double dc_erfc(double x); // 1 - erf(x)

double dc_gamma(double x); // NaN for negative integers and -inf; inf with its sign for +-0

double dc_normpdf(double x); // the standard normal distribution: density,
double dc_normcdf(double x); // probability of being below x,
double dc_norminv(double p); // and the x for that probability; +-inf for 1 and 0

#endif
