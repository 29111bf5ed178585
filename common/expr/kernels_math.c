#include <math.h>

#include "common/expr/elementary.h"
#include "common/expr/kernels_part.h"
#include "common/expr/math.h"
#include "common/expr/pow.h"

// SLEEF's deterministic functions for four lanes have the bits of those for one that elementary.c
// calls. Its header shows them only to files that are compiled for AVX as a whole.
#define DECLARE_1(name) DC_AVX2 __m256d Sleef_finz_##name##avx2(__m256d x)
#define DECLARE_2(name) DC_AVX2 __m256d Sleef_finz_##name##avx2(__m256d x, __m256d y)
DECLARE_1(acosd4_u10);
DECLARE_1(acoshd4_u10);
DECLARE_1(asind4_u10);
DECLARE_1(asinhd4_u10);
DECLARE_1(atand4_u10);
DECLARE_1(atanhd4_u10);
DECLARE_1(cbrtd4_u10);
DECLARE_1(cosd4_u10);
DECLARE_1(coshd4_u10);
DECLARE_1(cospid4_u05);
DECLARE_1(expd4_u10);
DECLARE_1(exp2d4_u10);
DECLARE_1(expm1d4_u10);
DECLARE_1(logd4_u10);
DECLARE_1(log10d4_u10);
DECLARE_1(log1pd4_u10);
DECLARE_1(log2d4_u10);
DECLARE_1(sind4_u10);
DECLARE_1(sinhd4_u10);
DECLARE_1(sinpid4_u05);
DECLARE_1(tand4_u10);
DECLARE_1(tanhd4_u10);
DECLARE_2(atan2d4_u10);
DECLARE_2(hypotd4_u05);

// --- where elementary.c mends SLEEF ------------------------------------------------------------

DC_AVX2_INLINE dc_lanes_t mended(double (*function)(double), dc_lanes_t good, dc_lanes_t x,
                                 dc_lanes_t result)
{
    return dc_kernel_mended((dc_row_fn_t){ .of_one = function }, good, x, x, result);
}

// NaN is not more than anything: it counts as below.
DC_AVX2_INLINE dc_lanes_t is_not_above(dc_lanes_t x, double bound)
{
    return _mm256_cmp_pd(x, dc_lanes_all(bound), _CMP_NGT_UQ);
}

DC_AVX2_INLINE dc_lanes_t lanes_exp(dc_lanes_t x)
{
    return mended(dc_exp, is_not_above(x, DC_EXP_MAX), x, Sleef_finz_expd4_u10avx2(x));
}

DC_AVX2_INLINE dc_lanes_t lanes_log1p(dc_lanes_t x)
{
    return mended(dc_log1p, is_not_above(x, DC_LOG1P_MAX), x, Sleef_finz_log1pd4_u10avx2(x));
}

DC_AVX2_INLINE dc_lanes_t lanes_sinh(dc_lanes_t x)
{
    dc_lanes_t good = is_not_above(dc_lanes_abs(x), DC_EXP_MAX);
    return mended(dc_sinh, good, x, Sleef_finz_sinhd4_u10avx2(x));
}

DC_AVX2_INLINE dc_lanes_t lanes_cosh(dc_lanes_t x)
{
    dc_lanes_t good = is_not_above(dc_lanes_abs(x), DC_EXP_MAX);
    return mended(dc_cosh, good, x, Sleef_finz_coshd4_u10avx2(x));
}

DC_AVX2_INLINE dc_lanes_t lanes_acosh(dc_lanes_t x)
{
    return mended(dc_acosh, is_not_above(x, DC_ACOSH_MAX), x, Sleef_finz_acoshd4_u10avx2(x));
}

DC_AVX2_INLINE dc_lanes_t lanes_asinh(dc_lanes_t x)
{
    dc_lanes_t size = dc_lanes_abs(x);
    dc_lanes_t is_not_small = _mm256_cmp_pd(size, dc_lanes_all(DC_ASINH_MIN), _CMP_GE_OQ);
    dc_lanes_t good = _mm256_and_pd(is_not_small, is_not_above(size, DC_ACOSH_MAX));
    return mended(dc_asinh, good, x, Sleef_finz_asinhd4_u10avx2(x));
}

DC_AVX2_INLINE dc_lanes_t lanes_sinpi(dc_lanes_t x)
{
    dc_lanes_t whole = _mm256_round_pd(x, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC);
    dc_lanes_t is_whole = _mm256_cmp_pd(x, whole, _CMP_EQ_OQ);
    dc_lanes_t good = _mm256_andnot_pd(is_whole, is_not_above(dc_lanes_abs(x), DC_SINPI_MAX));
    return mended(dc_sinpi, good, x, Sleef_finz_sinpid4_u05avx2(x));
}

DC_AVX2_INLINE dc_lanes_t lanes_cospi(dc_lanes_t x)
{
    dc_lanes_t value = _mm256_add_pd(Sleef_finz_cospid4_u05avx2(x), _mm256_setzero_pd());
    return mended(dc_cospi, is_not_above(dc_lanes_abs(x), DC_SINPI_MAX), x, value);
}

// --- what needs no library ---------------------------------------------------------------------

#define ROUND(x, mode) _mm256_round_pd(x, (mode) | _MM_FROUND_NO_EXC)

DC_AVX2_INLINE dc_lanes_t lanes_trunc(dc_lanes_t x)
{
    return ROUND(x, _MM_FROUND_TO_ZERO);
}

DC_AVX2_INLINE dc_lanes_t lanes_floor(dc_lanes_t x)
{
    return ROUND(x, _MM_FROUND_TO_NEG_INF);
}

DC_AVX2_INLINE dc_lanes_t lanes_ceil(dc_lanes_t x)
{
    return ROUND(x, _MM_FROUND_TO_POS_INF);
}

DC_AVX2_INLINE dc_lanes_t lanes_frac(dc_lanes_t x)
{
    return _mm256_sub_pd(x, lanes_trunc(x));
}

// Halves away from 0: one more where at least a half is cut off. From 2^52 on nothing is.
DC_AVX2_INLINE dc_lanes_t lanes_round(dc_lanes_t x)
{
    const dc_lanes_t sign_bit = dc_lanes_all(-0.0);
    dc_lanes_t whole = lanes_trunc(x);
    dc_lanes_t cut = dc_lanes_abs(_mm256_sub_pd(x, whole));
    dc_lanes_t is_more = _mm256_cmp_pd(cut, dc_lanes_all(0.5), _CMP_GE_OQ);
    dc_lanes_t more = _mm256_and_pd(is_more, dc_lanes_all(1));
    dc_lanes_t size = _mm256_add_pd(dc_lanes_abs(whole), more);
    return _mm256_or_pd(size, _mm256_and_pd(x, sign_bit));
}

DC_AVX2_INLINE dc_lanes_t lanes_sign(dc_lanes_t x)
{
    dc_lanes_t is_zero = _mm256_cmp_pd(x, _mm256_setzero_pd(), _CMP_EQ_OQ);
    dc_lanes_t is_nan = _mm256_cmp_pd(x, x, _CMP_UNORD_Q);
    dc_lanes_t one = _mm256_or_pd(dc_lanes_all(1), _mm256_and_pd(x, dc_lanes_all(-0.0)));
    return dc_lanes_select(is_nan, x, _mm256_andnot_pd(is_zero, one));
}

// NaN wins, and -0 is less than 0: of equals their bits are joined, or what both have of them.
DC_AVX2_INLINE dc_lanes_t lanes_min(dc_lanes_t x, dc_lanes_t y)
{
    dc_lanes_t is_equal = _mm256_cmp_pd(x, y, _CMP_EQ_OQ);
    dc_lanes_t is_nan = _mm256_cmp_pd(x, y, _CMP_UNORD_Q);
    dc_lanes_t least = _mm256_min_pd(x, y);
    least = dc_lanes_select(is_equal, _mm256_or_pd(x, y), least);
    return dc_lanes_select(is_nan, dc_lanes_all(NAN), least);
}

DC_AVX2_INLINE dc_lanes_t lanes_max(dc_lanes_t x, dc_lanes_t y)
{
    dc_lanes_t is_equal = _mm256_cmp_pd(x, y, _CMP_EQ_OQ);
    dc_lanes_t is_nan = _mm256_cmp_pd(x, y, _CMP_UNORD_Q);
    dc_lanes_t greatest = _mm256_max_pd(x, y);
    greatest = dc_lanes_select(is_equal, _mm256_and_pd(x, y), greatest);
    return dc_lanes_select(is_nan, dc_lanes_all(NAN), greatest);
}

// --- kernels -----------------------------------------------------------------------------------

#define DEFINE_1(name, VALUE) DC_KERNEL_UNARY(kernel_##name, VALUE)
#define DEFINE_2(name, VALUE)                                                      \
    DC_AVX2 static void kernel_##name(double *d, const double *a, const double *b, \
                                      const double *c, size_t count)               \
    {                                                                              \
        (void)c;                                                                   \
        for (size_t i = 0; i < count; i += DC_LANES) {                             \
            dc_lanes_t x = dc_lanes_load(a + i);                                   \
            dc_lanes_t y = dc_lanes_load(b + i);                                   \
            dc_lanes_store(d + i, VALUE(x, y));                                    \
        }                                                                          \
    }

DEFINE_1(abs, dc_lanes_abs)
DEFINE_1(acos, Sleef_finz_acosd4_u10avx2)
DEFINE_1(acosh, lanes_acosh)
DEFINE_1(asin, Sleef_finz_asind4_u10avx2)
DEFINE_1(asinh, lanes_asinh)
DEFINE_1(atan, Sleef_finz_atand4_u10avx2)
DEFINE_2(atan2, Sleef_finz_atan2d4_u10avx2)
DEFINE_1(atanh, Sleef_finz_atanhd4_u10avx2)
DEFINE_1(cbrt, Sleef_finz_cbrtd4_u10avx2)
DEFINE_1(ceil, lanes_ceil)
DEFINE_1(cos, Sleef_finz_cosd4_u10avx2)
DEFINE_1(cosh, lanes_cosh)
DEFINE_1(cospi, lanes_cospi)
DEFINE_1(exp, lanes_exp)
DEFINE_1(exp2, Sleef_finz_exp2d4_u10avx2)
DEFINE_1(expm1, Sleef_finz_expm1d4_u10avx2)
DEFINE_1(floor, lanes_floor)
DEFINE_1(frac, lanes_frac)
DEFINE_2(hypot, Sleef_finz_hypotd4_u05avx2)
DEFINE_1(ln, Sleef_finz_logd4_u10avx2)
DEFINE_1(log10, Sleef_finz_log10d4_u10avx2)
DEFINE_1(log1p, lanes_log1p)
DEFINE_1(log2, Sleef_finz_log2d4_u10avx2)
DEFINE_2(max, lanes_max)
DEFINE_2(min, lanes_min)
DEFINE_1(round, lanes_round)
DEFINE_1(sign, lanes_sign)
DEFINE_1(sin, Sleef_finz_sind4_u10avx2)
DEFINE_1(sinh, lanes_sinh)
DEFINE_1(sinpi, lanes_sinpi)
DEFINE_1(sqrt, _mm256_sqrt_pd)
DEFINE_1(tan, Sleef_finz_tand4_u10avx2)
DEFINE_1(tanh, Sleef_finz_tanhd4_u10avx2)
DEFINE_1(trunc, lanes_trunc)

const dc_math_kernel_t dc_math_kernels_4[] = {
    { "abs", 1, kernel_abs },
    { "acos", 1, kernel_acos },
    { "acosh", 1, kernel_acosh },
    { "asin", 1, kernel_asin },
    { "asinh", 1, kernel_asinh },
    { "atan", 1, kernel_atan },
    { "atan2", 2, kernel_atan2 },
    { "atanh", 1, kernel_atanh },
    { "cbrt", 1, kernel_cbrt },
    { "ceil", 1, kernel_ceil },
    { "cos", 1, kernel_cos },
    { "cosh", 1, kernel_cosh },
    { "cospi", 1, kernel_cospi },
    { "exp", 1, kernel_exp },
    { "exp2", 1, kernel_exp2 },
    { "expm1", 1, kernel_expm1 },
    { "floor", 1, kernel_floor },
    { "frac", 1, kernel_frac },
    { "hypot", 2, kernel_hypot },
    { "ln", 1, kernel_ln },
    { "log", 1, kernel_ln },
    { "log10", 1, kernel_log10 },
    { "log1p", 1, kernel_log1p },
    { "log2", 1, kernel_log2 },
    { "max", 2, kernel_max },
    { "min", 2, kernel_min },
    { "pow", 2, dc_kernel_pow_4 },
    { "round", 1, kernel_round },
    { "sign", 1, kernel_sign },
    { "sin", 1, kernel_sin },
    { "sinh", 1, kernel_sinh },
    { "sinpi", 1, kernel_sinpi },
    { "sqrt", 1, kernel_sqrt },
    { "tan", 1, kernel_tan },
    { "tanh", 1, kernel_tanh },
    { "trunc", 1, kernel_trunc },
    { NULL, 0, NULL },
};
