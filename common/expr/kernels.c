#include "common/expr/kernels_part.h"
#include "common/expr/math.h"
#include "common/expr/ops.h"

// How an operand is read: V moves on from row to row, S stands for all of them.
#define OPEN_V(name)
#define OPEN_S(name)    const dc_lanes_t name##_all = dc_lanes_all(*(name));
#define READ_V(name, i) dc_lanes_load((name) + (i))
#define READ_S(name, i) name##_all

// Two operands, eight rows a turn. Both are read before either result is written, since the result
// may stand in an operand's place.
#define DEFINE_BINARY(name, A, B, OPERATE)                                                   \
    DC_AVX2 static void name(double *d, const double *a, const double *b, const double *c,   \
                             size_t count)                                                   \
    {                                                                                        \
        (void)c;                                                                             \
        OPEN_##A(a);                                                                         \
        OPEN_##B(b);                                                                         \
        for (size_t i = 0; i < count; i += DC_LANES_STEP) {                                  \
            dc_lanes_t low = OPERATE(READ_##A(a, i), READ_##B(b, i));                        \
            dc_lanes_t high = OPERATE(READ_##A(a, i + DC_LANES), READ_##B(b, i + DC_LANES)); \
            dc_lanes_store(d + i, low);                                                      \
            dc_lanes_store(d + i + DC_LANES, high);                                          \
        }                                                                                    \
    }

#define LANES_ADD(x, y) _mm256_add_pd(x, y)
#define LANES_SUB(x, y) _mm256_sub_pd(x, y)
#define LANES_MUL(x, y) _mm256_mul_pd(x, y)
#define LANES_DIV(x, y) _mm256_div_pd(x, y)
#define LANES_EQ(x, y)  dc_lanes_bool(_mm256_cmp_pd(x, y, _CMP_EQ_OQ))
#define LANES_NE(x, y)  dc_lanes_bool(_mm256_cmp_pd(x, y, _CMP_NEQ_UQ))
#define LANES_LT(x, y)  dc_lanes_bool(_mm256_cmp_pd(x, y, _CMP_LT_OQ))
#define LANES_LE(x, y)  dc_lanes_bool(_mm256_cmp_pd(x, y, _CMP_LE_OQ))
#define LANES_GT(x, y)  dc_lanes_bool(_mm256_cmp_pd(x, y, _CMP_GT_OQ))
#define LANES_GE(x, y)  dc_lanes_bool(_mm256_cmp_pd(x, y, _CMP_GE_OQ))

// --- fmod and floor of a quotient --------------------------------------------------------------

// From a quotient of 2^53 on its own rounding hides what the remainder is; neither is there one of
// what is not finite.
DC_AVX2_INLINE dc_lanes_t has_remainder(dc_lanes_t quotient)
{
    return _mm256_cmp_pd(dc_lanes_abs(quotient), dc_lanes_all(DC_INTEGER_BOUND), _CMP_LT_OQ);
}

// fmod(x, y) of numbers with a quotient below 2^53. The rounded quotient may be one too large; what
// is left then has the other sign, and is exact in either case, as fma rounds nothing away.
DC_AVX2_INLINE dc_lanes_t small_remainder(dc_lanes_t x, dc_lanes_t y, dc_lanes_t quotient)
{
    const dc_lanes_t sign_bit = dc_lanes_all(-0.0);
    dc_lanes_t whole = _mm256_round_pd(quotient, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC);
    dc_lanes_t rest = _mm256_fnmadd_pd(whole, y, x);
    dc_lanes_t is_not_zero = _mm256_cmp_pd(rest, _mm256_setzero_pd(), _CMP_NEQ_OQ);
    dc_lanes_t is_past = _mm256_and_pd(_mm256_xor_pd(rest, x), is_not_zero); // in its sign bit
    // Back by |y| in the direction of x.
    dc_lanes_t back = _mm256_or_pd(dc_lanes_abs(y), _mm256_and_pd(x, sign_bit));
    rest = _mm256_blendv_pd(rest, _mm256_add_pd(rest, back), is_past);
    return _mm256_or_pd(dc_lanes_abs(rest), _mm256_and_pd(x, sign_bit));
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

DC_AVX2_INLINE dc_lanes_t lanes_mod(dc_lanes_t x, dc_lanes_t y)
{
    dc_lanes_t quotient = _mm256_div_pd(x, y);
    dc_lanes_t is_finite = _mm256_cmp_pd(dc_lanes_abs(y), dc_lanes_all(INFINITY), _CMP_LT_OQ);
    dc_lanes_t good = _mm256_and_pd(has_remainder(quotient), is_finite);
    dc_lanes_t rest = small_remainder(x, y, quotient);
    return dc_kernel_mended((dc_row_fn_t){ .of_two = modulo }, good, x, y, rest);
}

// As dc_op_floor_divide.
DC_AVX2_INLINE dc_lanes_t lanes_floor_divide(dc_lanes_t x, dc_lanes_t y)
{
    dc_lanes_t quotient = _mm256_floor_pd(_mm256_div_pd(x, y));
    dc_lanes_t rest = _mm256_fnmadd_pd(quotient, y, x);
    dc_lanes_t is_not_zero = _mm256_cmp_pd(rest, _mm256_setzero_pd(), _CMP_NEQ_OQ);
    dc_lanes_t is_past = _mm256_and_pd(_mm256_xor_pd(rest, y), is_not_zero); // in its sign bit
    dc_lanes_t less = _mm256_sub_pd(quotient, dc_lanes_all(1));
    dc_lanes_t is_finite = _mm256_cmp_pd(dc_lanes_abs(y), dc_lanes_all(INFINITY), _CMP_LT_OQ);
    dc_lanes_t good = _mm256_and_pd(has_remainder(quotient), is_finite);
    dc_lanes_t result = _mm256_blendv_pd(quotient, less, is_past);
    return dc_kernel_mended((dc_row_fn_t){ .of_two = floor_divide }, good, x, y, result);
}

#define LANES_MOD(x, y)      lanes_mod(x, y)
#define LANES_FLOORDIV(x, y) lanes_floor_divide(x, y)

// --- lanes that are mended ---------------------------------------------------------------------

void dc_kernel_mend(dc_row_fn_t function, int good, int lane_count, const double *x,
                    const double *y, double *result)
{
    for (int lane = 0; lane < lane_count; lane++) {
        if (good >> lane & 1) continue;
        result[lane] =
            function.of_one ? function.of_one(x[lane]) : function.of_two(x[lane], y[lane]);
    }
}

// --- one operation -----------------------------------------------------------------------------

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

dc_kernel_t dc_kernel_binary(dc_op_t op, dc_kernel_form_t form)
{
    static const dc_kernel_t kernels[DC_OP_COUNT][DC_FORM_COUNT] = {
#define X(op) [DC_OP_##op] = { op##_VV, op##_VS, op##_SV },
        BINARY_LIST(X)
#undef X
    };
    return kernels[op][form];
}

#define LANES_NEG(x)            _mm256_xor_pd(x, dc_lanes_all(-0.0))
#define LANES_NOT(x)            LANES_EQ(x, _mm256_setzero_pd())
#define LANES_IS_NAN(x)         dc_lanes_bool(_mm256_cmp_pd(x, x, _CMP_UNORD_Q))
#define LANES_IS_INF(x)         LANES_EQ(dc_lanes_abs(x), dc_lanes_all(INFINITY))
#define LANES_BOOL_OF_NUMBER(x) LANES_NE(x, _mm256_setzero_pd())
DC_KERNEL_UNARY(negate, LANES_NEG)
DC_KERNEL_UNARY(negation, LANES_NOT)
DC_KERNEL_UNARY(is_nan, LANES_IS_NAN)
DC_KERNEL_UNARY(is_inf, LANES_IS_INF)
DC_KERNEL_UNARY(bool_of_number, LANES_BOOL_OF_NUMBER)

dc_kernel_t dc_kernel_unary(dc_op_t op)
{
    switch ((int)op) {
    case DC_OP_NEG: return negate;
    case DC_OP_NOT: return negation;
    case DC_OP_IS_NAN: return is_nan;
    case DC_OP_IS_INF: return is_inf;
    case DC_OP_BOOL_OF_NUMBER: return bool_of_number;
    default: return NULL;
    }
}

// --- two operations ----------------------------------------------------------------------------

// t = a first b; d = t second c, or turned c second t. What commutes is not made twice: no turned
// sums and products, and none whose first operand alone stands for all rows.
#define TAIL_ADD(t, u)      _mm256_add_pd(t, u)
#define TAIL_MUL(t, u)      _mm256_mul_pd(t, u)
#define TAIL_SUB(t, u)      _mm256_sub_pd(t, u)
#define TAIL_DIV(t, u)      _mm256_div_pd(t, u)
#define TAIL_SUB_FROM(t, u) _mm256_sub_pd(u, t)
#define TAIL_DIV_INTO(t, u) _mm256_div_pd(u, t)

#define DEFINE_PAIR(name, FIRST, A, B, TAIL, C)                                                    \
    DC_AVX2 static void name(double *d, const double *a, const double *b, const double *c,         \
                             size_t count)                                                         \
    {                                                                                              \
        OPEN_##A(a);                                                                               \
        OPEN_##B(b);                                                                               \
        OPEN_##C(c);                                                                               \
        for (size_t i = 0; i < count; i += DC_LANES_STEP) {                                        \
            dc_lanes_t low = LANES_##FIRST(READ_##A(a, i), READ_##B(b, i));                        \
            dc_lanes_t high = LANES_##FIRST(READ_##A(a, i + DC_LANES), READ_##B(b, i + DC_LANES)); \
            low = TAIL_##TAIL(low, READ_##C(c, i));                                                \
            high = TAIL_##TAIL(high, READ_##C(c, i + DC_LANES));                                   \
            dc_lanes_store(d + i, low);                                                            \
            dc_lanes_store(d + i + DC_LANES, high);                                                \
        }                                                                                          \
    }

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

typedef enum tail {
    TAIL_IS_ADD,
    TAIL_IS_SUB,
    TAIL_IS_MUL,
    TAIL_IS_DIV,
    TAIL_IS_SUB_FROM,
    TAIL_IS_DIV_INTO,
    TAIL_COUNT,
} tail_t;

static tail_t find_tail(dc_op_t op, bool is_turned)
{
    switch ((int)op) {
    case DC_OP_ADD: return TAIL_IS_ADD;
    case DC_OP_SUB: return is_turned ? TAIL_IS_SUB_FROM : TAIL_IS_SUB;
    case DC_OP_MUL: return TAIL_IS_MUL;
    case DC_OP_DIV: return is_turned ? TAIL_IS_DIV_INTO : TAIL_IS_DIV;
    default: return TAIL_COUNT;
    }
}

dc_kernel_t dc_kernel_pair(dc_op_t first, dc_kernel_form_t form, dc_op_t second, bool is_turned,
                           bool c_is_single)
{
    static const dc_kernel_t kernels[DC_OP_COUNT][DC_FORM_COUNT][TAIL_COUNT][2] = {
#define X(first, A, B, tail)                                                         \
    [DC_OP_##first][DC_FORM_##A##B][TAIL_IS_##tail] = { first##_##A##B##_##tail##_V, \
                                                        first##_##A##B##_##tail##_S },
        PAIR_LIST(X)
#undef X
    };
    tail_t tail = find_tail(second, is_turned);
    return tail == TAIL_COUNT ? NULL : kernels[first][form][tail][c_is_single];
}

// --- bools and choices -------------------------------------------------------------------------

#define LANES_AND(x, y)     _mm256_and_pd(x, y)
#define LANES_AND_NOT(x, y) _mm256_andnot_pd(y, x)
DEFINE_BINARY(and_rows, V, V, LANES_AND)
DEFINE_BINARY(and_not_rows, V, V, LANES_AND_NOT)

void dc_kernel_and(double *d, const double *a, const double *b, const double *c, size_t count)
{
    and_rows(d, a, b, c, count);
}

void dc_kernel_and_not(double *d, const double *a, const double *b, const double *c, size_t count)
{
    and_not_rows(d, a, b, c, count);
}

DC_AVX2 void dc_kernel_select(double *d, const double *a, const double *b, const double *c,
                              size_t count)
{
    for (size_t i = 0; i < count; i += DC_LANES) {
        dc_lanes_t mask = _mm256_cmp_pd(dc_lanes_load(a + i), _mm256_setzero_pd(), _CMP_NEQ_UQ);
        dc_lanes_store(d + i, dc_lanes_select(mask, dc_lanes_load(b + i), dc_lanes_load(c + i)));
    }
}

DC_AVX2 void dc_kernel_spread(double *d, const double *a, const double *b, const double *c,
                              size_t count)
{
    (void)b;
    (void)c;
    const dc_lanes_t all = dc_lanes_all(*a);
    for (size_t i = 0; i < count; i += DC_LANES)
        dc_lanes_store(d + i, all);
}

// --- powers ------------------------------------------------------------------------------------

DC_AVX2_INLINE dc_lanes_t lanes_cube(dc_lanes_t x)
{
    return _mm256_mul_pd(_mm256_mul_pd(x, x), x);
}

DC_AVX2_INLINE dc_lanes_t lanes_fourth(dc_lanes_t x)
{
    dc_lanes_t square = _mm256_mul_pd(x, x);
    return _mm256_mul_pd(square, square);
}

DC_KERNEL_UNARY(cube_rows, lanes_cube)
DC_KERNEL_UNARY(fourth_rows, lanes_fourth)

void dc_kernel_cube(double *d, const double *a, const double *b, const double *c, size_t count)
{
    cube_rows(d, a, b, c, count);
}

void dc_kernel_fourth(double *d, const double *a, const double *b, const double *c, size_t count)
{
    fourth_rows(d, a, b, c, count);
}

DC_AVX2_INLINE dc_lanes_t lanes_half_power(dc_lanes_t x)
{
    dc_lanes_t good = _mm256_cmp_pd(x, _mm256_setzero_pd(), _CMP_GT_OQ);
    dc_lanes_t root = _mm256_sqrt_pd(x);
    return dc_kernel_mended((dc_row_fn_t){ .of_two = dc_math_pow }, good, x, dc_lanes_all(0.5),
                            root);
}

DC_KERNEL_UNARY(half_power_rows, lanes_half_power)

void dc_kernel_half_power(double *d, const double *a, const double *b, const double *c,
                          size_t count)
{
    half_power_rows(d, a, b, c, count);
}
