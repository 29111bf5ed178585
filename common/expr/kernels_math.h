// kernels_math — the kernels of functions, for as many rows at a time as the file that includes
// this defines, in the words of kernels_rows.h, which it includes before. Beside those words it
// defines
//   ROWS_SLEEF(name, bound)   SLEEF's deterministic function for so many lanes
//   ROWS_FMA(a, b, c)         a * b + c, rounded once
//   ROWS_LOOK_UP(table, at)   what is at these places of a table of 16 doubles
// and gets `functions`, the part of a set that is theirs.
//
// SLEEF's functions for four lanes and for eight have the bits of those for one that elementary.c
// calls. Its header shows them only to files that are compiled for AVX as a whole.

#include <float.h>

#include "common/expr/elementary.h"

#define POW_INLINE             ROWS_INLINE
#define POW_REAL               lanes_t
#define POW_WHOLE              bits_t
#define POW_BITS(reals)        ((bits_t)(reals))
#define POW_OF_BITS(bits)      ((lanes_t)(bits))
#define POW_ALL(number)        ROWS_ALL(number)
#define POW_FMA(a, b, c)       ROWS_FMA(a, b, c)
#define POW_LOOK_UP(table, at) ROWS_LOOK_UP(table, at)
#include "common/expr/pow_steps.h"

// SLEEF's functions of one argument that are kernels as they are, and those that are mended first.
#define SLEEF_KERNELS(X) \
    X(acos, u10)         \
    X(asin, u10)         \
    X(atan, u10)         \
    X(atanh, u10)        \
    X(cbrt, u10)         \
    X(cos, u10)          \
    X(exp2, u10)         \
    X(expm1, u10)        \
    X(log, u10)          \
    X(log10, u10)        \
    X(log2, u10)         \
    X(sin, u10)          \
    X(tan, u10)          \
    X(tanh, u10)
#define SLEEF_MENDED(X) \
    X(acosh, u10)       \
    X(asinh, u10)       \
    X(cosh, u10)        \
    X(cospi, u05)       \
    X(exp, u10)         \
    X(log1p, u10)       \
    X(sinh, u10)        \
    X(sinpi, u05)
#define X(name, bound) ROWS_FN lanes_t ROWS_SLEEF(name, bound)(lanes_t x);
SLEEF_KERNELS(X)
SLEEF_MENDED(X)
#undef X
ROWS_FN lanes_t ROWS_SLEEF(atan2, u10)(lanes_t x, lanes_t y);
ROWS_FN lanes_t ROWS_SLEEF(hypot, u05)(lanes_t x, lanes_t y);

// --- where elementary.c mends SLEEF ------------------------------------------------------------

ROWS_INLINE lanes_t mended(double (*function)(double), mask_t good, lanes_t x, lanes_t result)
{
    return ROWS_MENDED((dc_row_fn_t){ .of_one = function }, good, x, x, result);
}

// NaN is not more than anything: it counts as below.
ROWS_INLINE mask_t is_not_above(lanes_t x, double bound)
{
    return ROWS_COMPARE(x, ROWS_ALL(bound), _CMP_NGT_UQ);
}

ROWS_INLINE lanes_t lanes_exp(lanes_t x)
{
    return mended(dc_exp, is_not_above(x, DC_EXP_MAX), x, ROWS_SLEEF(exp, u10)(x));
}

ROWS_INLINE lanes_t lanes_log1p(lanes_t x)
{
    return mended(dc_log1p, is_not_above(x, DC_LOG1P_MAX), x, ROWS_SLEEF(log1p, u10)(x));
}

ROWS_INLINE lanes_t lanes_sinh(lanes_t x)
{
    return mended(dc_sinh, is_not_above(lanes_abs(x), DC_EXP_MAX), x, ROWS_SLEEF(sinh, u10)(x));
}

ROWS_INLINE lanes_t lanes_cosh(lanes_t x)
{
    return mended(dc_cosh, is_not_above(lanes_abs(x), DC_EXP_MAX), x, ROWS_SLEEF(cosh, u10)(x));
}

ROWS_INLINE lanes_t lanes_acosh(lanes_t x)
{
    return mended(dc_acosh, is_not_above(x, DC_ACOSH_MAX), x, ROWS_SLEEF(acosh, u10)(x));
}

ROWS_INLINE lanes_t lanes_asinh(lanes_t x)
{
    lanes_t size = lanes_abs(x);
    mask_t is_not_small = ROWS_COMPARE(size, ROWS_ALL(DC_ASINH_MIN), _CMP_GE_OQ);
    mask_t good = is_not_small & is_not_above(size, DC_ACOSH_MAX);
    return mended(dc_asinh, good, x, ROWS_SLEEF(asinh, u10)(x));
}

ROWS_INLINE lanes_t lanes_sinpi(lanes_t x)
{
    mask_t has_fraction = ROWS_COMPARE(x, ROWS_ROUND(x, _MM_FROUND_TO_ZERO), _CMP_NEQ_UQ);
    mask_t good = has_fraction & is_not_above(lanes_abs(x), DC_SINPI_MAX);
    return mended(dc_sinpi, good, x, ROWS_SLEEF(sinpi, u05)(x));
}

ROWS_INLINE lanes_t lanes_cospi(lanes_t x)
{
    lanes_t value = ROWS_SLEEF(cospi, u05)(x) + ROWS_ALL(0);
    return mended(dc_cospi, is_not_above(lanes_abs(x), DC_SINPI_MAX), x, value);
}

// --- powers ------------------------------------------------------------------------------------

// As dc_math_pow, which takes what is not normal, what leaves the range, and the exponents that
// have rules.
ROWS_INLINE lanes_t lanes_pow(lanes_t x, lanes_t y)
{
    lanes_t exponent;
    lanes_t power = pow_of_normal(x, y, &exponent);
    mask_t good = ROWS_COMPARE(x, ROWS_ALL(DBL_MIN), _CMP_GE_OQ);
    good &= ROWS_COMPARE(x, ROWS_ALL(DBL_MAX), _CMP_LE_OQ);
    good &= ROWS_COMPARE(lanes_abs(exponent), ROWS_ALL(DC_POW_EXPONENT_MAX), _CMP_LT_OQ);
#define X(name, rule_exponent) good &= ROWS_COMPARE(y, ROWS_ALL(rule_exponent), _CMP_NEQ_UQ);
    DC_POW_LIST(X)
#undef X
    return ROWS_MENDED((dc_row_fn_t){ .of_two = dc_math_pow }, good, x, y, power);
}

// --- what needs no library ---------------------------------------------------------------------

ROWS_INLINE lanes_t lanes_trunc(lanes_t x)
{
    return ROWS_ROUND(x, _MM_FROUND_TO_ZERO);
}

ROWS_INLINE lanes_t lanes_floor(lanes_t x)
{
    return ROWS_ROUND(x, _MM_FROUND_TO_NEG_INF);
}

ROWS_INLINE lanes_t lanes_ceil(lanes_t x)
{
    return ROWS_ROUND(x, _MM_FROUND_TO_POS_INF);
}

ROWS_INLINE lanes_t lanes_frac(lanes_t x)
{
    return x - lanes_trunc(x);
}

// Halves away from 0: one more where at least a half is cut off. From 2^52 on nothing is.
ROWS_INLINE lanes_t lanes_round(lanes_t x)
{
    lanes_t whole = lanes_trunc(x);
    mask_t is_more = ROWS_COMPARE(lanes_abs(x - whole), ROWS_ALL(0.5), _CMP_GE_OQ);
    return lanes_with_sign(lanes_abs(whole) + lanes_bool(is_more), x);
}

ROWS_INLINE lanes_t lanes_sign(lanes_t x)
{
    mask_t is_number = ROWS_COMPARE(x, x, _CMP_ORD_Q);
    mask_t is_not_zero = ROWS_COMPARE(x, ROWS_ALL(0), _CMP_NEQ_UQ);
    lanes_t one = lanes_with_sign(ROWS_ALL(1), x);
    return ROWS_SELECT(is_number, ROWS_SELECT(is_not_zero, one, ROWS_ALL(0)), x);
}

// NaN wins, and -0 is less than 0: of equals their bits are joined, or what both have of them.
ROWS_INLINE lanes_t lanes_min(lanes_t x, lanes_t y)
{
    lanes_t of_equals = (lanes_t)((bits_t)x | (bits_t)y);
    lanes_t least = ROWS_SELECT(ROWS_COMPARE(x, y, _CMP_LT_OQ), x, y);
    least = ROWS_SELECT(ROWS_COMPARE(x, y, _CMP_EQ_OQ), of_equals, least);
    return ROWS_SELECT(ROWS_COMPARE(x, y, _CMP_UNORD_Q), ROWS_ALL(NAN), least);
}

ROWS_INLINE lanes_t lanes_max(lanes_t x, lanes_t y)
{
    lanes_t of_equals = (lanes_t)((bits_t)x & (bits_t)y);
    lanes_t greatest = ROWS_SELECT(ROWS_COMPARE(x, y, _CMP_GT_OQ), x, y);
    greatest = ROWS_SELECT(ROWS_COMPARE(x, y, _CMP_EQ_OQ), of_equals, greatest);
    return ROWS_SELECT(ROWS_COMPARE(x, y, _CMP_UNORD_Q), ROWS_ALL(NAN), greatest);
}

// --- kernels -----------------------------------------------------------------------------------

// The others of one argument.
#define FUNCTIONS_OF_ONE(X)     \
    X(abs, lanes_abs)           \
    X(acosh, lanes_acosh)       \
    X(asinh, lanes_asinh)       \
    X(ceil, lanes_ceil)         \
    X(cosh, lanes_cosh)         \
    X(cospi, lanes_cospi)       \
    X(exp, lanes_exp)           \
    X(floor, lanes_floor)       \
    X(frac, lanes_frac)         \
    X(ln, ROWS_SLEEF(log, u10)) \
    X(log1p, lanes_log1p)       \
    X(round, lanes_round)       \
    X(sign, lanes_sign)         \
    X(sinh, lanes_sinh)         \
    X(sinpi, lanes_sinpi)       \
    X(sqrt, ROWS_SQRT)          \
    X(trunc, lanes_trunc)
#define FUNCTIONS_OF_TWO(X)          \
    X(atan2, ROWS_SLEEF(atan2, u10)) \
    X(hypot, ROWS_SLEEF(hypot, u05)) \
    X(max, lanes_max)                \
    X(min, lanes_min)                \
    X(pow, lanes_pow)

#define X(name, bound) DEFINE_UNARY(of_##name, ROWS_SLEEF(name, bound))
SLEEF_KERNELS(X)
#undef X
#define X(name, value) DEFINE_UNARY(of_##name, value)
FUNCTIONS_OF_ONE(X)
#undef X
#define X(name, value) DEFINE_BINARY(of_##name, V, V, value)
FUNCTIONS_OF_TWO(X)
#undef X

static const dc_math_kernel_t functions[] = {
#define X(name, how) { #name, 1, of_##name },
    SLEEF_KERNELS(X) FUNCTIONS_OF_ONE(X)
#undef X
#define X(name, value) { #name, 2, of_##name },
        FUNCTIONS_OF_TWO(X)
#undef X
            { NULL, 0, NULL },
};
