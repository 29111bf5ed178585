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

// All kernels that compute with vectors of one width.
typedef struct dc_kernels dc_kernels_t;

// Of four lanes, for any processor that dcalc runs on, and of eight, for those with AVX-512.
extern const dc_kernels_t dc_kernels_4;
extern const dc_kernels_t dc_kernels_8;

// The widest that this processor has.
const dc_kernels_t *dc_kernels_best(void);

// The kernel of `op` (ADD .. FLOORDIV, EQ .. GE) of a and b in any form; NULL if there is none.
dc_kernel_t dc_kernels_binary(const dc_kernels_t *self, dc_op_t op, dc_kernel_form_t form);

// The kernel of `op` (NEG, NOT, IS_NAN, IS_INF, BOOL_OF_NUMBER) of the row a; NULL if there is
// none.
dc_kernel_t dc_kernels_unary(const dc_kernels_t *self, dc_op_t op);

// d = (a first b) second c, or c second (a first b) if `is_turned`; each of ADD, SUB, MUL, DIV.
// `form` is that of a and b, and c stands for all rows if `c_is_single`. NULL if there is none.
dc_kernel_t dc_kernels_pair(const dc_kernels_t *self, dc_op_t first, dc_kernel_form_t form,
                            dc_op_t second, bool is_turned, bool c_is_single);

// What is no operator of the language.
typedef enum dc_kernel_special {
    DC_KERNEL_AND,        // d = a and b, of bools in rows
    DC_KERNEL_AND_NOT,    // d = a and not b, likewise
    DC_KERNEL_SELECT,     // d = a ? b : c, of rows
    DC_KERNEL_SPREAD,     // d = the double at a in every row
    DC_KERNEL_CUBE,       // d = a^3, as dc_math_pow has it; likewise
    DC_KERNEL_FOURTH,     // a^4, and
    DC_KERNEL_HALF_POWER, // the square root where a > 0, else dc_pow(a, 0.5)
    DC_KERNEL_SPECIAL_COUNT,
} dc_kernel_special_t;

dc_kernel_t dc_kernels_special(const dc_kernels_t *self, dc_kernel_special_t which);

// The kernel of the built-in function number `index` of math.h with arguments in rows a, b, c; NULL
// if it has none and must be called row by row. A function has a kernel in every set, or in none.
dc_kernel_t dc_kernels_function(const dc_kernels_t *self, size_t index, size_t arg_count);

#endif
