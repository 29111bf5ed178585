
#include "common/expr/kernels_part.h"

typedef dc_lanes_t lanes_t;
typedef uint64_t bits_t __attribute__((vector_size(sizeof(lanes_t))));
typedef bits_t mask_t; // all ones or zeros a lane

#define ROWS_FN                    DC_AVX2
#define ROWS_INLINE                DC_AVX2_INLINE
#define ROWS_LANES                 DC_LANES
#define ROWS_LOAD(from)            dc_lanes_load(from)
#define ROWS_STORE(to, x)          dc_lanes_store(to, x)
#define ROWS_ALL(number)           dc_lanes_all(number)
#define ROWS_COMPARE(x, y, how)    ((mask_t)_mm256_cmp_pd(x, y, how))
#define ROWS_SELECT(mask, yes, no) dc_lanes_select((lanes_t)(mask), yes, no)
#define ROWS_ROUND(x, how)         _mm256_round_pd(x, (how) | _MM_FROUND_NO_EXC)
#define ROWS_SQRT(x)               _mm256_sqrt_pd(x)
#define ROWS_REST(x, n, y)         _mm256_fnmadd_pd(n, y, x)
#define ROWS_MENDED(function, good, x, y, result) \
    dc_kernel_mended(function, (lanes_t)(good), x, y, result)
#include "common/expr/kernels_rows.h"

#define ROWS_SLEEF(name, bound) Sleef_finz_##name##d4_##bound##avx2
#define ROWS_FMA(a, b, c)       _mm256_fmadd_pd(a, b, c)
#define ROWS_LOOK_UP(table, at) _mm256_i64gather_pd(table, (__m256i)(at), sizeof(double))
#include "common/expr/kernels_math.h"

const dc_kernels_t dc_kernels_4 = { ROWS_OPERATORS, .functions = functions };
