
#include "common/expr/kernels_part.h"

typedef __m512d lanes_t;
typedef uint64_t bits_t __attribute__((vector_size(sizeof(lanes_t))));
typedef __mmask8 mask_t; // a bit a lane

#define ROWS_FN                    DC_AVX512
#define ROWS_INLINE                DC_AVX512_INLINE
#define ROWS_LANES                 DC_LANES_8
#define ROWS_LOAD(from)            _mm512_loadu_pd(from)
#define ROWS_STORE(to, x)          _mm512_storeu_pd(to, x)
#define ROWS_ALL(number)           _mm512_set1_pd(number)
#define ROWS_COMPARE(x, y, how)    _mm512_cmp_pd_mask(x, y, how)
#define ROWS_SELECT(mask, yes, no) _mm512_mask_blend_pd(mask, no, yes)
#define ROWS_ROUND(x, how)         _mm512_roundscale_pd(x, (how) | _MM_FROUND_NO_EXC)
#define ROWS_SQRT(x)               _mm512_sqrt_pd(x)
#define ROWS_REST(x, n, y)         _mm512_fnmadd_pd(n, y, x)
#define ROWS_MENDED                dc_kernel_mended_8
#include "common/expr/kernels_rows.h"

// A table fits two registers.
DC_AVX512_INLINE lanes_t look_up(const double *table, bits_t at)
{
    return _mm512_permutex2var_pd(_mm512_loadu_pd(table), (__m512i)at, _mm512_loadu_pd(table + 8));
}

#define ROWS_SLEEF(name, bound) Sleef_finz_##name##d8_##bound##avx512f
#define ROWS_FMA(a, b, c)       _mm512_fmadd_pd(a, b, c)
#define ROWS_LOOK_UP(table, at) look_up(table, at)
#include "common/expr/kernels_math.h"

const dc_kernels_t dc_kernels_8 = { ROWS_OPERATORS, .functions = functions };
