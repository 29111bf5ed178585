// kernels — what the block executor is made of: one operation, or two in one pass, over many rows.
//
// A kernel reads its operands and writes its result for `count` rows, a multiple of DC_LANES_STEP.
// An operand is a row of doubles (V), or one double that serves for all rows (S). The result may
// stand where an operand stands. Bools are 1 and 0.
//
// All that a kernel does is what the functions of ops.h and math.h do for one row, to the bit;
// which NaN it is may differ. Kernels never fail: what may fail is done row by row (vector.c).
#ifndef DC_COMMON_EXPR_KERNELS_H
#define DC_COMMON_EXPR_KERNELS_H

#include <stddef.h>

#include "common/expr/code.h"

typedef void (*dc_kernel_t)(double *d, const double *a, const double *b, const double *c,
                            size_t count);

// Which operands of a binary kernel stand for all rows.
typedef enum dc_kernel_form {
    DC_FORM_VV,
    DC_FORM_VS,
    DC_FORM_SV,
    DC_FORM_COUNT,
} dc_kernel_form_t;

// The kernel of `op` (ADD .. FLOORDIV, EQ .. GE) of a and b in any form; NULL if there is none.
dc_kernel_t dc_kernel_binary(dc_op_t op, dc_kernel_form_t form);

// The kernel of `op` (NEG, NOT, IS_NAN, IS_INF, BOOL_OF_NUMBER) of the row a; NULL if there is
// none.
dc_kernel_t dc_kernel_unary(dc_op_t op);

// d = (a first b) second c, or c second (a first b) if `is_turned`; each of ADD, SUB, MUL, DIV.
// `form` is that of a and b, and c stands for all rows if `c_is_single`. NULL if there is none.
dc_kernel_t dc_kernel_pair(dc_op_t first, dc_kernel_form_t form, dc_op_t second, bool is_turned,
                           bool c_is_single);

// d = a and b, a and not b; of bools in rows.
void dc_kernel_and(double *d, const double *a, const double *b, const double *c, size_t count);
void dc_kernel_and_not(double *d, const double *a, const double *b, const double *c, size_t count);

// d = a ? b : c, of rows.
void dc_kernel_select(double *d, const double *a, const double *b, const double *c, size_t count);

// d = the double at a in every row.
void dc_kernel_spread(double *d, const double *a, const double *b, const double *c, size_t count);

// d = a^3, a^4, as dc_math_pow has them, and the square root where a > 0, else dc_pow(a, 0.5).
void dc_kernel_cube(double *d, const double *a, const double *b, const double *c, size_t count);
void dc_kernel_fourth(double *d, const double *a, const double *b, const double *c, size_t count);
void dc_kernel_half_power(double *d, const double *a, const double *b, const double *c,
                          size_t count);

// The kernel of the built-in function number `index` of math.h with arguments in rows a, b, c; NULL
// if it has none and must be called row by row.
dc_kernel_t dc_kernel_math(size_t index, size_t arg_count);

#endif
