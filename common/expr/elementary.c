#include "common/expr/elementary.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>

// SLEEF declares these variants only where the compiler has FMA. We call them after asking the
// processor, so declare them in any case.
#ifndef FP_FAST_FMA
#define FP_FAST_FMA 1
#endif
#include <sleef.h>

#include "common/expr/pow.h"
#include "common/expr/twofold.h"

#define LN_2 0x1.62e42fefa39efp-1

double dc_expm1(double x)
{
    return Sleef_finz_expm1d1_u10purecfma(x);
}

// SLEEF's exp is infinite from 709.782711 on, the true one from 709.782712893 on. So far up one
// more or less does not show.
double dc_exp(double x)
{
    return x > DC_EXP_MAX ? dc_expm1(x) : Sleef_finz_expd1_u10purecfma(x);
}

double dc_exp2(double x)
{
    return Sleef_finz_exp2d1_u10purecfma(x);
}

double dc_ln(double x)
{
    return Sleef_finz_logd1_u10purecfma(x);
}

double dc_log2(double x)
{
    return Sleef_finz_log2d1_u10purecfma(x);
}

double dc_log10(double x)
{
    return Sleef_finz_log10d1_u10purecfma(x);
}

// SLEEF's is infinite above 10^307.
double dc_log1p(double x)
{
    return x > DC_LOG1P_MAX ? dc_ln(x) : Sleef_finz_log1pd1_u10purecfma(x);
}

double dc_sin(double x)
{
    return Sleef_finz_sind1_u10purecfma(x);
}

double dc_cos(double x)
{
    return Sleef_finz_cosd1_u10purecfma(x);
}

double dc_tan(double x)
{
    return Sleef_finz_tand1_u10purecfma(x);
}

double dc_asin(double x)
{
    return Sleef_finz_asind1_u10purecfma(x);
}

double dc_acos(double x)
{
    return Sleef_finz_acosd1_u10purecfma(x);
}

double dc_atan(double x)
{
    return Sleef_finz_atand1_u10purecfma(x);
}

double dc_atan2(double y, double x)
{
    return Sleef_finz_atan2d1_u10purecfma(y, x);
}

// SLEEF's gives up above 2.5 * 10^8. The remainder of a division by the period is exact.
static double reduce_half_turns(double x)
{
    return fabs(x) > DC_SINPI_MAX ? fmod(x, 2) : x;
}

double dc_sinpi(double x)
{
    double reduced = reduce_half_turns(x);
    if (reduced == trunc(reduced)) return copysign(0, x);
    return Sleef_finz_sinpid1_u05purecfma(reduced);
}

// Adding 0 turns -0 into 0.
double dc_cospi(double x)
{
    return Sleef_finz_cospid1_u05purecfma(reduce_half_turns(x)) + 0.0;
}

// e^x / 2 for 709 < x < 1024, where e^x may overflow and its half not: twice e^(x - 2 ln 2). The
// constant is 2 ln 2 rounded up to x's own last place, so that the difference is exact; a factor
// just above 1 makes up for it (just below, it would double the error before it under a power of
// two). expm1 is the more precise exponential here.
static double half_exp(double x)
{
    const double ln_4_above = 0x1.62e42fefa3a00p+0;
    const double factor_less_1 = 0x1.0ca86c3898d08p-48;
    double value = dc_expm1(x - ln_4_above);
    return isinf(value) ? value : 2 * fma(value, factor_less_1, value);
}

double dc_sinh(double x)
{
    if (!(fabs(x) > DC_EXP_MAX)) return Sleef_finz_sinhd1_u10purecfma(x);
    return copysign(half_exp(fabs(x)), x);
}

double dc_cosh(double x)
{
    return fabs(x) > DC_EXP_MAX ? half_exp(fabs(x)) : Sleef_finz_coshd1_u10purecfma(x);
}

double dc_tanh(double x)
{
    return Sleef_finz_tanhd1_u10purecfma(x);
}

// log(2 x) for large x, of which the double may be infinite.
static double log_of_double(double x)
{
    return x < 0x1p1023 ? dc_ln(2 * x) : dc_ln(x) + LN_2;
}

// SLEEF's is infinite above 10^154, and loses digits below 10^-300.
double dc_asinh(double x)
{
    if (fabs(x) < DC_ASINH_MIN) return x;
    if (fabs(x) > DC_ACOSH_MAX) return copysign(log_of_double(fabs(x)), x);
    return Sleef_finz_asinhd1_u10purecfma(x);
}

double dc_acosh(double x)
{
    return x > DC_ACOSH_MAX ? log_of_double(x) : Sleef_finz_acoshd1_u10purecfma(x);
}

double dc_atanh(double x)
{
    return Sleef_finz_atanhd1_u10purecfma(x);
}

double dc_cbrt(double x)
{
    return Sleef_finz_cbrtd1_u10purecfma(x);
}

double dc_hypot(double x, double y)
{
    return Sleef_finz_hypotd1_u05purecfma(x, y);
}

// y^n for an integer n > 0, from n's leading bit down, so that no power on the way is larger than
// the last.
static dc_twofold_t power_of(double y, uint64_t n)
{
    dc_twofold_t value = { y, 0 };
    for (int bit = 62 - __builtin_clzll(n); bit >= 0; bit--) {
        value = dc_twofold_mul(value, value);
        if (n >> bit & 1) value = dc_twofold_mul(value, (dc_twofold_t){ y, 0 });
    }
    return value;
}

// The n-th root of a positive finite x, 4 <= n.
//
// 1/n is not a double, and x^(1/n) shows it: so its rest goes into the result, and one step of
// Newton's in twofold arithmetic removes what the power erred by.
static double root_of_positive(double x, double n)
{
    double inverse = 1 / n;
    double inverse_rest = fma(-n, inverse, 1) * inverse;
    double root = dc_pow(x, inverse);
    root += root * (inverse_rest * dc_ln(x));
    if (n > 0x1p20) return root;

    // Scaled to x in [1/2, 2^n), away from where the low parts of products underflow.
    int exponent;
    double fraction = frexp(x, &exponent);
    int root_exponent = (int)floor(exponent / n);
    double scaled = ldexp(fraction, exponent - root_exponent * (int)n);
    if (scaled < 0x1p-900 || scaled > 0x1p900) return root;
    double y = ldexp(root, -root_exponent);
    dc_twofold_t power = power_of(y, (uint64_t)n);
    double error = (power.high - scaled + power.low) / scaled;
    return ldexp(y - y * (error / n), root_exponent);
}

double dc_root(double x, double n)
{
    if (isnan(x) || !isfinite(n) || n == 0 || n != trunc(n)) return NAN;
    if (n < 0) return 1 / dc_root(x, -n);
    if (n == 1) return x;
    bool is_odd = fmod(n, 2) != 0;
    if (x < 0 && !is_odd) return NAN;
    if (x == 0 || isinf(x)) return is_odd ? x : fabs(x);
    if (n == 2) return sqrt(x);
    if (n == 3) return dc_cbrt(x);
    return copysign(root_of_positive(fabs(x), n), x);
}

// Whether x is base^n, or so close to it that n is the best answer. Where x is within a factor e of
// 1 it must be that exactly, which powers above 64 cannot be: bases that close to 1 have too many
// bits. Below the normal numbers rounding hides too much.
static bool is_whole_power(double x, double base, double n)
{
    if (x < DBL_MIN) return false;
    if (fabs(dc_ln(x)) > 1) return dc_pow(base, n) == x;
    if (n < 1 || n > 64) return false;
    dc_twofold_t power = power_of(base, (uint64_t)n);
    return power.high == x && power.low == 0;
}

// Whether x is 2^exponent.
static bool is_power_of_2(double x, int *exponent)
{
    bool is_it = frexp(x, exponent) == 0.5;
    *exponent -= 1;
    return is_it;
}

double dc_log_base(double x, double base)
{
    int x_exponent;
    int base_exponent;
    if (base == 2) return dc_log2(x);
    if (base == 10) return dc_log10(x);
    if (is_power_of_2(x, &x_exponent) && is_power_of_2(base, &base_exponent)) {
        return (double)x_exponent / base_exponent;
    }
    double quotient = dc_ln(x) / dc_ln(base);
    double whole = rint(quotient);
    bool is_near = fabs(quotient - whole) < 0x1p-40 * fabs(quotient);
    return is_near && is_whole_power(x, base, whole) ? whole : quotient;
}

// x times a constant of 106 bits. The low product may be lost to underflow where it does not count.
static double multiply_by(double x, dc_twofold_t constant)
{
    if (!isfinite(x * constant.high)) return x * constant.high;
    return fma(x, constant.high, x * constant.low);
}

double dc_degrees(double x)
{
    return multiply_by(x, (dc_twofold_t){ 0x1.ca5dc1a63c1f8p+5, -0x1.1e7ab456405f9p-49 });
}

double dc_radians(double x)
{
    return multiply_by(x, (dc_twofold_t){ 0x1.1df46a2529d39p-6, 0x1.5c1d8becdd291p-62 });
}
