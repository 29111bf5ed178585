#include <float.h>
#include <math.h>

#include "common/expr/kernels_part.h"
#include "common/expr/math.h"
#include "common/expr/pow.h"

typedef uint64_t wholes_t __attribute__((vector_size(sizeof(__m512d))));

// In the two registers that hold a table.
DC_AVX512_INLINE __m512d look_up(const double *table, wholes_t at)
{
    return _mm512_permutex2var_pd(_mm512_loadu_pd(table), (__m512i)at, _mm512_loadu_pd(table + 8));
}

#define POW_INLINE         DC_AVX512_INLINE
#define POW_REAL           __m512d
#define POW_WHOLE          wholes_t
#define POW_BITS(reals)    ((wholes_t)(reals))
#define POW_OF_BITS(bits)  ((__m512d)(bits))
#define POW_ALL(number)    _mm512_set1_pd(number)
#define POW_FMA(a, b, c)   _mm512_fmadd_pd(a, b, c)
#define POW_LOOK_UP(t, at) look_up(t, at)
#include "common/expr/pow_steps.h"

DC_AVX512 void dc_kernel_pow_8(double *d, const double *a, const double *b, const double *c,
                               size_t count)
{
    (void)c;
    const dc_row_fn_t of_one_row = { .of_two = dc_math_pow };
    for (size_t i = 0; i < count; i += DC_LANES_8) {
        __m512d x = _mm512_loadu_pd(a + i);
        __m512d y = _mm512_loadu_pd(b + i);
        __m512d exponent;
        __m512d power = pow_of_normal(x, y, &exponent);

        const __m512d exponent_max = _mm512_set1_pd(DC_POW_EXPONENT_MAX);
        __mmask8 good = _mm512_cmp_pd_mask(x, _mm512_set1_pd(DBL_MIN), _CMP_GE_OQ);
        good &= _mm512_cmp_pd_mask(x, _mm512_set1_pd(DBL_MAX), _CMP_LE_OQ);
        good &= _mm512_cmp_pd_mask(_mm512_abs_pd(exponent), exponent_max, _CMP_LT_OQ);
#define X(name, rule_exponent) \
    good &= _mm512_cmp_pd_mask(y, _mm512_set1_pd(rule_exponent), _CMP_NEQ_UQ);
        DC_POW_LIST(X)
#undef X
        _mm512_storeu_pd(d + i, dc_kernel_mended_8(of_one_row, good, x, y, power));
    }
}
