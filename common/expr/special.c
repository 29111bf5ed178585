#include "common/expr/special.h"

#include <math.h>

// SLEEF declares these variants only where the compiler has FMA, see elementary.c.
#ifndef FP_FAST_FMA
#define FP_FAST_FMA 1
#endif
#include <sleef.h>

#include "common/expr/elementary.h"
#include "common/expr/twofold.h"

double dc_erf(double x)
{
    return Sleef_finz_erfd1_u10purecfma(x);
}

double dc_erfc(double x)
{
    return Sleef_finz_erfcd1_u15purecfma(x);
}

// SLEEF's divides by gamma(1 - x), which is infinite below -170 and imprecise before. Where
// gamma(x) may be a double nevertheless, it is gamma(x + n) / (x (x + 1) ... (x + n - 1)); the sums
// are exact.
static double gamma_far_below_0(double x)
{
    const int factor_count = 48;
    dc_twofold_t factors = { 1, 0 };
    for (int i = 0; i < factor_count; i++) {
        factors = dc_twofold_mul(factors, (dc_twofold_t){ x + i, 0 });
    }
    double gamma = Sleef_finz_tgammad1_u10purecfma(x + factor_count);
    double value = gamma / factors.high;
    double rest = fma(-value, factors.high, gamma) - value * factors.low;
    return value + rest / factors.high;
}

double dc_gamma(double x)
{
    if (x < -150 && x > -186 && x != trunc(x)) return gamma_far_below_0(x);
    return Sleef_finz_tgammad1_u10purecfma(x);
}

// e^-(high + low) / sqrt(2 pi), where the first factor is not small: there a product is more
// precise than a sum of exponents, and right at 0.
static double density_inside(dc_twofold_t exponent)
{
    const dc_twofold_t inverse_root = { 0x1.9884533d43651p-2, -0x1.cbc0d30ebfd15p-56 };
    double power = dc_exp(-exponent.high);
    return fma(power, inverse_root.high,
               power * fma(-inverse_root.high, exponent.low, inverse_root.low));
}

// e^-(high + low + log(sqrt(2 pi))).
static double density_outside(dc_twofold_t exponent)
{
    const dc_twofold_t log_root = { 0x1.d67f1c864beb5p-1, -0x1.65b5a1b7ff5dfp-55 };
    dc_twofold_t sum = dc_twofold_sum(exponent.high, log_root.high);
    double value = dc_exp(-sum.high);
    return fma(value, -(sum.low + (exponent.low + log_root.low)), value);
}

// The exponent x^2/2 has 106 bits: what it loses to rounding would be a large part of the result.
double dc_normpdf(double x)
{
    if (fabs(x) > 40) return 0;
    dc_twofold_t square = dc_twofold_product(x, x);
    dc_twofold_t exponent = { square.high / 2, square.low / 2 };
    return fabs(x) < 1 ? density_inside(exponent) : density_outside(exponent);
}

// erfc(-x / sqrt 2) / 2. The argument has 106 bits: its lower part goes along the tangent.
double dc_normcdf(double x)
{
    const dc_twofold_t root_half = { 0x1.6a09e667f3bcdp-1, -0x1.bdd3413b26456p-55 };
    const double two_by_root_pi = 0x1.20dd750429b6dp+0;
    if (fabs(x) > 40) return x > 0 ? 1 : 0;
    dc_twofold_t y = dc_twofold_product(-x, root_half.high);
    y.low -= x * root_half.low;
    double slope = -two_by_root_pi * dc_exp(-y.high * y.high);
    return fma(slope, y.low, dc_erfc(y.high)) / 2;
}
