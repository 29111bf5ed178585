// kernels_rows — the kernels of operators, for as many rows at a time as the file that includes
// this defines: so that four lanes and eight go through the same operations, and have the same
// bits.
//
// It is included once in such a file, which defines before
//   ROWS_FN, ROWS_INLINE      attributes of a function, and of an inline one
//   ROWS_LANES                how many doubles there are in
//   lanes_t                   a vector of them
//   bits_t                    the same of uint64_t: a cast between the two keeps the bits
//   mask_t                    what a comparison gives, for & and ^
//   ROWS_LOAD(from)           unaligned, likewise ROWS_STORE(to, x)
//   ROWS_ALL(number)          the double in all lanes
//   ROWS_COMPARE(x, y, how)   one of immintrin's _CMP_*
//   ROWS_SELECT(mask, yes, no)
//   ROWS_ROUND(x, how)        to a whole number, one of immintrin's _MM_FROUND_*
//   ROWS_SQRT(x)
//   ROWS_REST(x, n, y)        x - n y, rounded once
//   ROWS_MENDED               dc_kernel_mended of this width
// and gets ROWS_OPERATORS, the part of a set that is theirs.
//
// Sums, differences, products and quotients are C's operators: nothing is contracted
// (-ffp-contract=off).

#include "common/expr/kernels_part.h"
#include "common/expr/math.h"
#include "common/expr/ops.h"
#include "common/limits.h"

static_assert(DC_LANES_STEP % ROWS_LANES == 0, "a row of any length is a whole number of turns");

// How an operand is read: V moves on from row to row, S stands for all of them.
#define OPEN_V(name)
#define OPEN_S(name)    const lanes_t name##_all = ROWS_ALL(*(name));
#define READ_V(name, i) ROWS_LOAD((name) + (i))
#define READ_S(name, i) name##_all

// A kernel: what is opened before its rows, and the value of those from i on. Two turns at once
// make the loop's end easier to foresee.
#define DEFINE(name, OPEN, VALUE)                                                          \
    ROWS_FN static void name(double *d, const double *a, const double *b, const double *c, \
                             size_t count)                                                 \
    {                                                                                      \
        (void)b;                                                                           \
        (void)c;                                                                           \
        OPEN _Pragma("GCC unroll 2") for (size_t i = 0; i < count; i += ROWS_LANES)        \
            ROWS_STORE(d + i, VALUE);                                                      \
    }
#define DEFINE_UNARY(name, OPERATE) DEFINE(name, , OPERATE(READ_V(a, i)))
#define DEFINE_BINARY(name, A, B, OPERATE) \
    DEFINE(name, OPEN_##A(a) OPEN_##B(b), OPERATE(READ_##A(a, i), READ_##B(b, i)))

// 1 where `mask` is set, else 0: a bool as the engine has it.
ROWS_INLINE lanes_t lanes_bool(mask_t mask)
{
    return ROWS_SELECT(mask, ROWS_ALL(1), ROWS_ALL(0));
}

ROWS_INLINE lanes_t lanes_abs(lanes_t x)
{
    return (lanes_t)((bits_t)x & ~(bits_t)ROWS_ALL(-0.0));
}

// The size of `size` with the sign of `sign`.
ROWS_INLINE lanes_t lanes_with_sign(lanes_t size, lanes_t sign)
{
    return (lanes_t)((bits_t)lanes_abs(size) | ((bits_t)sign & (bits_t)ROWS_ALL(-0.0)));
}

// --- fmod and floor of a quotient --------------------------------------------------------------

// From a quotient of 2^53 on its own rounding hides what the remainder is; neither is there one of
// what is not finite.
ROWS_INLINE mask_t has_remainder(lanes_t quotient, lanes_t divisor)
{
    mask_t is_small = ROWS_COMPARE(lanes_abs(quotient), ROWS_ALL(DC_INTEGER_MAX), _CMP_LT_OQ);
    return is_small & ROWS_COMPARE(lanes_abs(divisor), ROWS_ALL(INFINITY), _CMP_LT_OQ);
}

// Has `rest`, which is not 0, another sign than `of`?
ROWS_INLINE mask_t is_past(lanes_t rest, lanes_t of)
{
    const lanes_t zero = ROWS_ALL(0);
    mask_t is_other = ROWS_COMPARE(rest, zero, _CMP_LT_OQ) ^ ROWS_COMPARE(of, zero, _CMP_LT_OQ);
    return is_other & ROWS_COMPARE(rest, zero, _CMP_NEQ_OQ);
}

// Where the short way does not serve, the long one.
static double modulo(double x, double y)
{
    return dc_op_arithmetic(DC_OP_MOD, x, y);
}

static double floor_divide(double x, double y)
{
    return dc_op_arithmetic(DC_OP_FLOORDIV, x, y);
}

// As fmod. The rounded quotient may be one too large; what is left then has the other sign, and is
// exact in either case, as fma rounds nothing away.
ROWS_INLINE lanes_t lanes_mod(lanes_t x, lanes_t y)
{
    lanes_t quotient = x / y;
    lanes_t rest = ROWS_REST(x, ROWS_ROUND(quotient, _MM_FROUND_TO_ZERO), y);
    // Back by |y| in the direction of x.
    rest = ROWS_SELECT(is_past(rest, x), rest + lanes_with_sign(y, x), rest);
    return ROWS_MENDED((dc_row_fn_t){ .of_two = modulo }, has_remainder(quotient, y), x, y,
                       lanes_with_sign(rest, x));
}

// As dc_op_floor_divide.
ROWS_INLINE lanes_t lanes_floor_divide(lanes_t x, lanes_t y)
{
    lanes_t quotient = ROWS_ROUND(x / y, _MM_FROUND_TO_NEG_INF);
    mask_t is_too_large = is_past(ROWS_REST(x, quotient, y), y);
    return ROWS_MENDED((dc_row_fn_t){ .of_two = floor_divide }, has_remainder(quotient, y), x, y,
                       ROWS_SELECT(is_too_large, quotient - ROWS_ALL(1), quotient));
}

// --- one operation -----------------------------------------------------------------------------

#define LANES_ADD(x, y)      ((x) + (y))
#define LANES_SUB(x, y)      ((x) - (y))
#define LANES_MUL(x, y)      ((x) * (y))
#define LANES_DIV(x, y)      ((x) / (y))
#define LANES_MOD(x, y)      lanes_mod(x, y)
#define LANES_FLOORDIV(x, y) lanes_floor_divide(x, y)
#define LANES_EQ(x, y)       lanes_bool(ROWS_COMPARE(x, y, _CMP_EQ_OQ))
#define LANES_NE(x, y)       lanes_bool(ROWS_COMPARE(x, y, _CMP_NEQ_UQ))
#define LANES_LT(x, y)       lanes_bool(ROWS_COMPARE(x, y, _CMP_LT_OQ))
#define LANES_LE(x, y)       lanes_bool(ROWS_COMPARE(x, y, _CMP_LE_OQ))
#define LANES_GT(x, y)       lanes_bool(ROWS_COMPARE(x, y, _CMP_GT_OQ))
#define LANES_GE(x, y)       lanes_bool(ROWS_COMPARE(x, y, _CMP_GE_OQ))

#define BINARY_LIST(X) \
    X(ADD)             \
    X(SUB)             \
    X(MUL)             \
    X(DIV)             \
    X(MOD)             \
    X(FLOORDIV)        \
    X(EQ)              \
    X(NE)              \
    X(LT)              \
    X(LE)              \
    X(GT)              \
    X(GE)
#define X(op)                                \
    DEFINE_BINARY(op##_VV, V, V, LANES_##op) \
    DEFINE_BINARY(op##_VS, V, S, LANES_##op) \
    DEFINE_BINARY(op##_SV, S, V, LANES_##op)
BINARY_LIST(X)
#undef X

#define LANES_NEG(x)            ((lanes_t)((bits_t)(x) ^ (bits_t)ROWS_ALL(-0.0)))
#define LANES_NOT(x)            LANES_EQ(x, ROWS_ALL(0))
#define LANES_IS_NAN(x)         lanes_bool(ROWS_COMPARE(x, x, _CMP_UNORD_Q))
#define LANES_IS_INF(x)         LANES_EQ(lanes_abs(x), ROWS_ALL(INFINITY))
#define LANES_BOOL_OF_NUMBER(x) LANES_NE(x, ROWS_ALL(0))
DEFINE_UNARY(negate, LANES_NEG)
DEFINE_UNARY(negation, LANES_NOT)
DEFINE_UNARY(is_nan, LANES_IS_NAN)
DEFINE_UNARY(is_inf, LANES_IS_INF)
DEFINE_UNARY(bool_of_number, LANES_BOOL_OF_NUMBER)

// --- two operations ----------------------------------------------------------------------------

// t = a first b; d = t second c, or turned c second t. What commutes is not made twice: no turned
// sums and products, and none whose first operand alone stands for all rows.
#define TAIL_ADD(t, u)      ((t) + (u))
#define TAIL_SUB(t, u)      ((t) - (u))
#define TAIL_MUL(t, u)      ((t) * (u))
#define TAIL_DIV(t, u)      ((t) / (u))
#define TAIL_SUB_FROM(t, u) ((u) - (t))
#define TAIL_DIV_INTO(t, u) ((u) / (t))

#define DEFINE_PAIR(name, FIRST, A, B, TAIL, C)       \
    DEFINE(name, OPEN_##A(a) OPEN_##B(b) OPEN_##C(c), \
           TAIL_##TAIL(LANES_##FIRST(READ_##A(a, i), READ_##B(b, i)), READ_##C(c, i)))

#define TAIL_LIST(X, first, A, B) \
    X(first, A, B, ADD)           \
    X(first, A, B, SUB)           \
    X(first, A, B, MUL)           \
    X(first, A, B, DIV)           \
    X(first, A, B, SUB_FROM)      \
    X(first, A, B, DIV_INTO)
#define PAIR_LIST(X)        \
    TAIL_LIST(X, ADD, V, V) \
    TAIL_LIST(X, ADD, V, S) \
    TAIL_LIST(X, SUB, V, V) \
    TAIL_LIST(X, SUB, V, S) \
    TAIL_LIST(X, SUB, S, V) \
    TAIL_LIST(X, MUL, V, V) \
    TAIL_LIST(X, MUL, V, S) \
    TAIL_LIST(X, DIV, V, V) \
    TAIL_LIST(X, DIV, V, S) \
    TAIL_LIST(X, DIV, S, V)
#define X(first, A, B, tail)                                       \
    DEFINE_PAIR(first##_##A##B##_##tail##_V, first, A, B, tail, V) \
    DEFINE_PAIR(first##_##A##B##_##tail##_S, first, A, B, tail, S)
PAIR_LIST(X)
#undef X

// --- bools, choices and powers -----------------------------------------------------------------

ROWS_INLINE lanes_t lanes_choose(lanes_t condition, lanes_t yes, lanes_t no)
{
    return ROWS_SELECT(ROWS_COMPARE(condition, ROWS_ALL(0), _CMP_NEQ_UQ), yes, no);
}

#define LANES_AND(x, y)     ((lanes_t)((bits_t)(x) & (bits_t)(y)))
#define LANES_AND_NOT(x, y) ((lanes_t)((bits_t)(x) & ~(bits_t)(y)))
#define LANES_CUBE(x)       ((x) * (x) * (x))
#define LANES_FOURTH(x)     (((x) * (x)) * ((x) * (x)))
DEFINE_BINARY(and, V, V, LANES_AND)
DEFINE_BINARY(and_not, V, V, LANES_AND_NOT)
DEFINE_UNARY(cube, LANES_CUBE)
DEFINE_UNARY(fourth, LANES_FOURTH)

DEFINE(choose, , lanes_choose(READ_V(a, i), READ_V(b, i), READ_V(c, i)))
DEFINE(spread, OPEN_S(a), READ_S(a, i))

ROWS_INLINE lanes_t lanes_half_power(lanes_t x)
{
    mask_t good = ROWS_COMPARE(x, ROWS_ALL(0), _CMP_GT_OQ);
    return ROWS_MENDED((dc_row_fn_t){ .of_two = dc_math_pow }, good, x, ROWS_ALL(0.5),
                       ROWS_SQRT(x));
}

DEFINE_UNARY(half_power, lanes_half_power)

// --- the set -----------------------------------------------------------------------------------

#define BINARY(op) [DC_OP_##op] = { op##_VV, op##_VS, op##_SV },
#define PAIR(first, A, B, tail)                                                      \
    [DC_OP_##first][DC_FORM_##A##B][DC_TAIL_##tail] = { first##_##A##B##_##tail##_V, \
                                                        first##_##A##B##_##tail##_S },
#define ROWS_OPERATORS                                              \
    .binary = { BINARY_LIST(BINARY) }, .pair = { PAIR_LIST(PAIR) }, \
    .unary = { [DC_OP_NEG] = negate,                                \
               [DC_OP_NOT] = negation,                              \
               [DC_OP_IS_NAN] = is_nan,                             \
               [DC_OP_IS_INF] = is_inf,                             \
               [DC_OP_BOOL_OF_NUMBER] = bool_of_number },           \
    .special = {                                                    \
        [DC_KERNEL_AND] = and,                                      \
        [DC_KERNEL_AND_NOT] = and_not,                              \
        [DC_KERNEL_SELECT] = choose,                                \
        [DC_KERNEL_SPREAD] = spread,                                \
        [DC_KERNEL_CUBE] = cube,                                    \
        [DC_KERNEL_FOURTH] = fourth,                                \
        [DC_KERNEL_HALF_POWER] = half_power,                        \
    }
