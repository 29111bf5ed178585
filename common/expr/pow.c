#include "common/expr/pow.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/expr/double_bits.h"
#include "common/expr/lanes.h"
#include "common/expr/twofold.h"
#include "common/limits.h"

#define POW_INLINE         DC_AVX2_INLINE
#define POW_REAL           double
#define POW_WHOLE          uint64_t
#define POW_BITS(number)   dc_double_bits(number)
#define POW_OF_BITS(bits)  dc_double_of_bits(bits)
#define POW_ALL(number)    (number)
#define POW_FMA(a, b, c)   __builtin_fma(a, b, c)
#define POW_LOOK_UP(t, at) (t)[at]
#include "common/expr/pow_steps.h"

// ln 2 times 64, in two doubles.
static const dc_twofold_t ln_2_64 = { 0x1.62e42fefa39efp+5, 0x1.abc9e3b39803fp-50 };

// x^y for x > 0, where x or the power may be below the normal numbers, or the power above all.
DC_AVX2 static double far_power(double x, double y)
{
    // ln x, of a multiple of x that is normal.
    bool is_small = x < DBL_MIN;
    dc_twofold_t logarithm;
    logarithm.high = pow_logarithm(is_small ? x * 0x1p64 : x, &logarithm.low);
    if (is_small) {
        dc_twofold_t sum = dc_twofold_sum(logarithm.high, -ln_2_64.high);
        logarithm = dc_twofold_sum_ordered(sum.high, sum.low + (logarithm.low - ln_2_64.low));
    }

    // e^exponent as 2^(+-64) times a power that is normal.
    double exponent = logarithm.high * y;
    if (exponent > 710) return INFINITY;
    if (exponent < -746) return 0;
    double rest = __builtin_fma(logarithm.high, y, -exponent) + logarithm.low * y;
    double sign = copysign(1, exponent);
    dc_twofold_t less = dc_twofold_sum(exponent, -sign * ln_2_64.high);
    double power = pow_exponential(less.high, less.low + (rest - sign * ln_2_64.low));
    return ldexp(power, (int)sign * 64);
}

// Is y an odd integer? Those above 2^53 are all even.
static bool is_odd(double y)
{
    return fabs(y) < DC_INTEGER_MAX && trunc(y) == y && ((int64_t)y & 1);
}

// x^y for all that pow_of_normal cannot: zeros, infinities, NaN, x < 0, and what far_power is for.
static double rare_power(double x, double y)
{
    if (y == 0 || x == 1) return 1;
    if (isnan(x) || isnan(y)) return NAN;
    if (isinf(y)) {
        if (x == -1) return 1;
        return (fabs(x) > 1) == (y > 0) ? INFINITY : 0;
    }
    if (isfinite(x) && x < 0 && y != trunc(y)) return NAN;
    double size = INFINITY;
    if (x == 0 || isinf(x)) {
        if ((x == 0) == (y > 0)) size = 0;
    } else {
        size = far_power(fabs(x), y);
    }
    return signbit(x) && is_odd(y) ? -size : size;
}

DC_AVX2 double dc_pow(double x, double y)
{
    double exponent;
    double power = pow_of_normal(x, y, &exponent);
    bool is_normal = x >= DBL_MIN && x <= DBL_MAX && fabs(exponent) < DC_POW_EXPONENT_MAX;
    return is_normal ? power : rare_power(x, y);
}
