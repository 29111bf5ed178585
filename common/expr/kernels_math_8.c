#include "common/expr/elementary.h"
#include "common/expr/kernels_part.h"
#include "common/expr/pow.h"

// SLEEF's deterministic functions for eight lanes, which have the bits of those for four and one:
// those that elementary.c takes as they are, and exp.
#define SLEEF(name) Sleef_finz_##name##avx512f
#define DEFINE_1(name, VALUE)                                                        \
    DC_AVX512 static void kernel_##name(double *d, const double *a, const double *b, \
                                        const double *c, size_t count)               \
    {                                                                                \
        (void)b;                                                                     \
        (void)c;                                                                     \
        for (size_t i = 0; i < count; i += DC_LANES_8) {                             \
            _mm512_storeu_pd(d + i, VALUE(_mm512_loadu_pd(a + i)));                  \
        }                                                                            \
    }
#define DEFINE_2(name, VALUE)                                                        \
    DC_AVX512 static void kernel_##name(double *d, const double *a, const double *b, \
                                        const double *c, size_t count)               \
    {                                                                                \
        (void)c;                                                                     \
        for (size_t i = 0; i < count; i += DC_LANES_8) {                             \
            __m512d x = _mm512_loadu_pd(a + i);                                      \
            __m512d y = _mm512_loadu_pd(b + i);                                      \
            _mm512_storeu_pd(d + i, VALUE(x, y));                                    \
        }                                                                            \
    }
#define SLEEF_1(name, function)                   \
    DC_AVX512 __m512d SLEEF(function)(__m512d x); \
    DEFINE_1(name, SLEEF(function))
#define SLEEF_2(name, function)                              \
    DC_AVX512 __m512d SLEEF(function)(__m512d x, __m512d y); \
    DEFINE_2(name, SLEEF(function))

DC_AVX512 __m512d SLEEF(expd8_u10)(__m512d x);

DC_AVX512_INLINE __m512d lanes_exp(__m512d x)
{
    __mmask8 good = _mm512_cmp_pd_mask(x, _mm512_set1_pd(DC_EXP_MAX), _CMP_NGT_UQ);
    return dc_kernel_mended_8((dc_row_fn_t){ .of_one = dc_exp }, good, x, x, SLEEF(expd8_u10)(x));
}

DEFINE_1(exp, lanes_exp)
SLEEF_1(acos, acosd8_u10)
SLEEF_1(asin, asind8_u10)
SLEEF_1(atan, atand8_u10)
SLEEF_2(atan2, atan2d8_u10)
SLEEF_1(atanh, atanhd8_u10)
SLEEF_1(cbrt, cbrtd8_u10)
SLEEF_1(cos, cosd8_u10)
SLEEF_1(exp2, exp2d8_u10)
SLEEF_1(expm1, expm1d8_u10)
SLEEF_2(hypot, hypotd8_u05)
SLEEF_1(ln, logd8_u10)
SLEEF_1(log10, log10d8_u10)
SLEEF_1(log2, log2d8_u10)
SLEEF_1(sin, sind8_u10)
SLEEF_1(tan, tand8_u10)
SLEEF_1(tanh, tanhd8_u10)

const dc_math_kernel_t dc_math_kernels_8[] = {
    { "acos", 1, kernel_acos },   { "asin", 1, kernel_asin },
    { "atan", 1, kernel_atan },   { "atan2", 2, kernel_atan2 },
    { "atanh", 1, kernel_atanh }, { "cbrt", 1, kernel_cbrt },
    { "cos", 1, kernel_cos },     { "exp", 1, kernel_exp },
    { "exp2", 1, kernel_exp2 },   { "expm1", 1, kernel_expm1 },
    { "hypot", 2, kernel_hypot }, { "ln", 1, kernel_ln },
    { "log", 1, kernel_ln },      { "log10", 1, kernel_log10 },
    { "log2", 1, kernel_log2 },   { "pow", 2, dc_kernel_pow_8 },
    { "sin", 1, kernel_sin },     { "tan", 1, kernel_tan },
    { "tanh", 1, kernel_tanh },   { NULL, 0, NULL },
};
