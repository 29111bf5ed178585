// ops — what the operators do.
//
// Constant folding and the VM call these and nothing else, so their bits are equal. The operation
// is always a constant where they are inlined.
#ifndef DC_COMMON_EXPR_OPS_H
#define DC_COMMON_EXPR_OPS_H

#include <math.h>

#include "common/arena.h"
#include "common/expr/code.h"
#include "common/expr/math.h"
#include "common/limits.h"

// Bitwise operators know the integers whose neighbours are doubles too.
static inline bool dc_is_bitwise(double x)
{
    return fabs(x) < DC_INTEGER_MAX && x == (double)(int64_t)x;
}

// The bitwise operators. DC_ERR_INTEGER: an operand is not an integer below 2^53. DC_ERR_DOMAIN: a
// shift by less than nothing. DC_ERR_OVERFLOW: the result is not below 2^53.
DC_MUST_USE dc_err_t dc_op_bitwise(dc_op_t op, double a, double b, double *result);

// The quotient rounded down: of the exact quotient, not of the rounded one. That may be one more,
// if it was rounded up to an integer; the sign of what is left, which fma gives exactly, tells.
// From 2^53 on the quotient's own rounding is all that can be seen.
static inline double dc_op_floor_divide(double a, double b)
{
    double quotient = floor(a / b);
    if (!(fabs(quotient) <= DC_INTEGER_MAX)) return quotient;
    double rest = fma(-quotient, b, a);
    bool is_past = rest != 0 && !isinf(b) && signbit(rest) != signbit(b);
    return is_past ? quotient - 1 : quotient;
}

// Operators of two numbers that give a number and never fail.
static inline double dc_op_arithmetic(dc_op_t op, double a, double b)
{
    switch ((int)op) {
    case DC_OP_ADD: return a + b;
    case DC_OP_SUB: return a - b;
    case DC_OP_MUL: return a * b;
    case DC_OP_DIV: return a / b;
    case DC_OP_MOD: return fmod(a, b);
    case DC_OP_FLOORDIV: return dc_op_floor_divide(a, b);
    default: return dc_math_pow(a, b);
    }
}

static inline bool dc_op_compare(dc_op_t op, double a, double b)
{
    switch ((int)op) {
    case DC_OP_EQ: return a == b;
    case DC_OP_NE: return a != b;
    case DC_OP_LT: return a < b;
    case DC_OP_LE: return a <= b;
    case DC_OP_GT: return a > b;
    default: return a >= b;
    }
}

static inline bool dc_op_compare_strings(dc_op_t op, dc_str_t a, dc_str_t b)
{
    switch ((int)op) {
    case DC_OP_EQ_STRING: return dc_str_eq(a, b);
    case DC_OP_NE_STRING: return !dc_str_eq(a, b);
    case DC_OP_LT_STRING: return dc_str_cmp(a, b) < 0;
    case DC_OP_LE_STRING: return dc_str_cmp(a, b) <= 0;
    case DC_OP_GT_STRING: return dc_str_cmp(a, b) > 0;
    default: return dc_str_cmp(a, b) >= 0;
    }
}

// Strings of so many bytes cost a step more to be copied or compared.
#define DC_OP_BYTES_PER_STEP 64

static inline uint64_t dc_op_string_steps(dc_str_t a, dc_str_t b)
{
    return (a.len + b.len) / DC_OP_BYTES_PER_STEP;
}

// Is `part` somewhere in `whole`?
bool dc_op_contains(dc_str_t whole, dc_str_t part);

// `true` and `false`, blanks around allowed. False if `text` is neither.
bool dc_op_bool_of_string(dc_str_t text, bool *result);

// New strings in `arena`. NULL if that has no room.
const dc_str_t *dc_op_concat(dc_arena_t *arena, dc_str_t a, dc_str_t b);
const dc_str_t *dc_op_copy(dc_arena_t *arena, dc_str_t text);
const dc_str_t *dc_op_string_of_number(dc_arena_t *arena, double number);
const dc_str_t *dc_op_string_of_bool(bool boolean);

#endif
