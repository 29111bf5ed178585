// What kernels.c and kernels_math.c share: kernels of one operand, and lanes that are mended.
#ifndef DC_COMMON_EXPR_KERNELS_PART_H
#define DC_COMMON_EXPR_KERNELS_PART_H

#include "common/expr/kernels.h"
#include "common/expr/lanes.h"

// Define a kernel of one operand, whose lanes `OPERATE` turns into those of the result.
#define DC_KERNEL_UNARY(name, OPERATE)                                                     \
    DC_AVX2 static void name(double *d, const double *a, const double *b, const double *c, \
                             size_t count)                                                 \
    {                                                                                      \
        (void)b;                                                                           \
        (void)c;                                                                           \
        for (size_t i = 0; i < count; i += DC_LANES) {                                     \
            dc_lanes_t x = dc_lanes_load(a + i);                                           \
            dc_lanes_store(d + i, OPERATE(x));                                             \
        }                                                                                  \
    }

// A function for one row, of one number or of two; the other pointer is NULL.
typedef struct dc_row_fn {
    double (*of_one)(double x);
    double (*of_two)(double x, double y);
} dc_row_fn_t;

// Call it for those of DC_LANES lanes whose bit in `good` is not set.
void dc_kernel_mend(dc_row_fn_t function, int good, const double *x, const double *y,
                    double *result);

// `result`, but where a lane is not `good` what the function for one row gives for x, or x and y.
DC_AVX2_INLINE dc_lanes_t dc_kernel_mended(dc_row_fn_t function, dc_lanes_t good, dc_lanes_t x,
                                           dc_lanes_t y, dc_lanes_t result)
{
    int bits = _mm256_movemask_pd(good);
    if (__builtin_expect(bits == (1 << DC_LANES) - 1, 1)) return result;
    double left[DC_LANES], right[DC_LANES], mended[DC_LANES];
    dc_lanes_store(left, x);
    dc_lanes_store(right, y);
    dc_lanes_store(mended, result);
    dc_kernel_mend(function, bits, left, right, mended);
    return dc_lanes_load(mended);
}

#endif
