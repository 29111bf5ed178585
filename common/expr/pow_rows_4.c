#include <float.h>
#include <math.h>

#include "common/expr/kernels_part.h"
#include "common/expr/math.h"
#include "common/expr/pow.h"

typedef uint64_t wholes_t __attribute__((vector_size(sizeof(dc_lanes_t))));

#define POW_INLINE         DC_AVX2_INLINE
#define POW_REAL           dc_lanes_t
#define POW_WHOLE          wholes_t
#define POW_BITS(reals)    ((wholes_t)(reals))
#define POW_OF_BITS(bits)  ((dc_lanes_t)(bits))
#define POW_ALL(number)    dc_lanes_all(number)
#define POW_FMA(a, b, c)   _mm256_fmadd_pd(a, b, c)
#define POW_LOOK_UP(t, at) _mm256_i64gather_pd(t, (__m256i)(at), sizeof(double))
#include "common/expr/pow_steps.h"

DC_AVX2 void dc_kernel_pow_4(double *d, const double *a, const double *b, const double *c,
                             size_t count)
{
    (void)c;
    const dc_row_fn_t of_one_row = { .of_two = dc_math_pow };
    for (size_t i = 0; i < count; i += DC_LANES) {
        dc_lanes_t x = dc_lanes_load(a + i);
        dc_lanes_t y = dc_lanes_load(b + i);
        dc_lanes_t exponent;
        dc_lanes_t power = pow_of_normal(x, y, &exponent);

        wholes_t good = (wholes_t)(x >= DBL_MIN) & (wholes_t)(x <= DBL_MAX);
        good &= (wholes_t)(dc_lanes_abs(exponent) < DC_POW_EXPONENT_MAX);
#define X(name, rule_exponent) good &= (wholes_t)(y != (rule_exponent));
        DC_POW_LIST(X)
#undef X
        power = dc_kernel_mended(of_one_row, (dc_lanes_t)good, x, y, power);
        dc_lanes_store(d + i, power);
    }
}
