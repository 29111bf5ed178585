// pow_steps — the steps of a power, for as many numbers at a time as the file that includes this
// defines: so that one number, four and eight go through the same operations, and have the same
// bits.
//
// It is included once in such a file, which defines before
//   POW_INLINE           attributes of an inline function
//   POW_REAL             the type: double, or a vector of doubles
//   POW_WHOLE            the same for uint64_t
//   POW_ALL(number)      the double in all lanes
//   POW_FMA(a, b, c)     a * b + c, rounded once
//   POW_LOOK_UP(t, i)    of a table of DC_POW_PLACES doubles what is at the places i
// (Casts between the types keep the bits, except for double itself: POW_BITS, POW_OF_BITS.)
//
// x = 2^e f, with f next to the reciprocal of a table's entry p, so that r = f p - 1 is small, and
// exact: ln x = e ln 2 - ln p + ln(1 + r). The series of ln(1 + r) is summed in a double and its
// rest up to r^2/2, and beyond that in a double; it errs by 2^-63 of ln x at most. That times y is
// n/16 ln 2 + s with an integer n, and x^y = 2^(n/16) e^s.

#include "common/expr/pow_tables.h"

// ln x, with its rest: for a normal x > 0. What comes of others is of no use.
POW_INLINE POW_REAL pow_logarithm(POW_REAL x, POW_REAL *rest)
{
    const uint64_t bias = 1023;
    POW_WHOLE shifted = POW_BITS(x) - DC_POW_FIRST + (bias << 52);
    POW_WHOLE place = shifted >> 48 & (DC_POW_PLACES - 1);
    POW_REAL exponent = POW_OF_BITS((shifted >> 52) + DC_POW_BITS_OF_2_52) - 0x1p52;
    exponent = exponent - (double)bias;
    POW_REAL fraction = POW_OF_BITS((shifted & DC_POW_FRACTION) + DC_POW_FIRST);
    POW_REAL r = POW_FMA(fraction, POW_LOOK_UP(dc_pow_reciprocals, place), POW_ALL(-1.0));

    POW_REAL known =
        POW_FMA(exponent, POW_ALL(DC_POW_LN_2_HIGH), POW_LOOK_UP(dc_pow_logarithms, place));
    POW_REAL low =
        POW_FMA(exponent, POW_ALL(DC_POW_LN_2_LOW), POW_LOOK_UP(dc_pow_logarithm_rests, place));
    POW_REAL linear = known + r;
    low = low + (known - linear + r);
    POW_REAL half = r * -0.5;
    POW_REAL square = half * r;
    POW_REAL high = linear + square;
    low = low + POW_FMA(half, r, -square) + (linear - high + square);

    // r^3/3 - r^4/4 + ... + r^13/13, odd and even powers on their own.
    POW_REAL r_squared = r * r;
    POW_REAL odd = POW_FMA(r_squared, POW_ALL(1.0 / 13), POW_ALL(1.0 / 11));
    POW_REAL even = POW_FMA(r_squared, POW_ALL(-1.0 / 12), POW_ALL(-1.0 / 10));
    odd = POW_FMA(r_squared, odd, POW_ALL(1.0 / 9));
    even = POW_FMA(r_squared, even, POW_ALL(-1.0 / 8));
    odd = POW_FMA(r_squared, odd, POW_ALL(1.0 / 7));
    even = POW_FMA(r_squared, even, POW_ALL(-1.0 / 6));
    odd = POW_FMA(r_squared, odd, POW_ALL(1.0 / 5));
    even = POW_FMA(r_squared, even, POW_ALL(-1.0 / 4));
    odd = POW_FMA(r_squared, odd, POW_ALL(1.0 / 3));
    POW_REAL series = POW_FMA(r, even, odd);
    low = POW_FMA(r_squared * r, series, low);

    POW_REAL logarithm = high + low;
    *rest = high - logarithm + low;
    return logarithm;
}

// e^(exponent + rest), for |exponent| < DC_POW_EXPONENT_MAX.
POW_INLINE POW_REAL pow_exponential(POW_REAL exponent, POW_REAL rest)
{
    // Adding 1.5 * 2^52 rounds to an integer, which is then in the lowest bits.
    const double rounder = 0x1.8p52;
    POW_REAL rounded = POW_FMA(exponent, POW_ALL(DC_POW_16_OVER_LN_2), POW_ALL(rounder));
    POW_WHOLE sixteenths = POW_BITS(rounded);
    POW_WHOLE place = sixteenths & (DC_POW_PLACES - 1);
    POW_REAL count = rounded - rounder;
    POW_REAL s = POW_FMA(count, POW_ALL(-DC_POW_LN_2_16_HIGH), exponent);
    s = POW_FMA(count, POW_ALL(-DC_POW_LN_2_16_LOW), s) + rest;

    // s + s^2/2! + ... + s^7/7!
    POW_REAL s_squared = s * s;
    POW_REAL odd = POW_FMA(s_squared, POW_ALL(1.0 / 5040), POW_ALL(1.0 / 120));
    POW_REAL even = POW_FMA(s_squared, POW_ALL(1.0 / 720), POW_ALL(1.0 / 24));
    odd = POW_FMA(s_squared, odd, POW_ALL(1.0 / 6));
    even = POW_FMA(s_squared, even, POW_ALL(0.5));
    POW_REAL series = POW_FMA(s, odd, even);
    POW_REAL more = POW_LOOK_UP(dc_pow_root_rests, place) + s;
    more = POW_FMA(s_squared, series, more);

    // The root times 2^floor(n / 16): in its exponent's bits.
    POW_REAL root = POW_LOOK_UP(dc_pow_roots, place);
    POW_REAL scale = POW_OF_BITS(POW_BITS(root) + ((sixteenths - place) << 48));
    return POW_FMA(scale, more, scale);
}

// x^y if x > 0 is normal and the absolute value of the exponent, of e, is below
// DC_POW_EXPONENT_MAX; else nothing of use.
POW_INLINE POW_REAL pow_of_normal(POW_REAL x, POW_REAL y, POW_REAL *exponent)
{
    POW_REAL rest;
    POW_REAL logarithm = pow_logarithm(x, &rest);
    *exponent = logarithm * y;
    rest = POW_FMA(logarithm, y, -*exponent) + rest * y;
    return pow_exponential(*exponent, rest);
}
