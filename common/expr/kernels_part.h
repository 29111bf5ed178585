// kernels_part — what the files of kernels share: what a set is, and lanes that are mended.
#ifndef DC_COMMON_EXPR_KERNELS_PART_H
#define DC_COMMON_EXPR_KERNELS_PART_H

#include <stdint.h>

#include "common/expr/kernels.h"
#include "common/expr/lanes.h"

// A function for one row, of one number or of two; the other pointer is NULL.
typedef struct dc_row_fn {
    double (*of_one)(double x);
    double (*of_two)(double x, double y);
} dc_row_fn_t;

// Call it for those of `lane_count` lanes whose bit in `good` is not set.
void dc_kernel_mend(dc_row_fn_t function, int good, int lane_count, const double *x,
                    const double *y, double *result);

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
    dc_kernel_mend(function, bits, DC_LANES, left, right, mended);
    return dc_lanes_load(mended);
}

DC_AVX512_INLINE __m512d dc_kernel_mended_8(dc_row_fn_t function, __mmask8 good, __m512d x,
                                            __m512d y, __m512d result)
{
    if (__builtin_expect(good == UINT8_MAX, 1)) return result;
    double left[DC_LANES_8], right[DC_LANES_8], mended[DC_LANES_8];
    _mm512_storeu_pd(left, x);
    _mm512_storeu_pd(right, y);
    _mm512_storeu_pd(mended, result);
    dc_kernel_mend(function, good, DC_LANES_8, left, right, mended);
    return _mm512_loadu_pd(mended);
}

// The kernel of a function of math.h, which goes by its name.
typedef struct dc_math_kernel {
    const char *name;
    uint8_t arg_count;
    dc_kernel_t kernel;
} dc_math_kernel_t;

// The second operation of a pair: of what the first gives and c, or turned.
typedef enum dc_kernel_tail {
    DC_TAIL_ADD,
    DC_TAIL_SUB,
    DC_TAIL_MUL,
    DC_TAIL_DIV,
    DC_TAIL_SUB_FROM,
    DC_TAIL_DIV_INTO,
    DC_TAIL_COUNT,
} dc_kernel_tail_t;

// What is not there is NULL.
struct dc_kernels {
    dc_kernel_t binary[DC_OP_COUNT][DC_FORM_COUNT];
    dc_kernel_t unary[DC_OP_COUNT];
    dc_kernel_t pair[DC_OP_COUNT][DC_FORM_COUNT][DC_TAIL_COUNT][2]; // [1]: c stands for all rows
    dc_kernel_t special[DC_KERNEL_SPECIAL_COUNT];
    const dc_math_kernel_t *functions; // ended by a NULL name
};

#endif
