// Kernels give the bits of the functions for one number, whatever stands in the lanes beside it.
#include <math.h>
#include <stdlib.h>

#include "common/expr/double_bits.h"
#include "common/expr/kernels_part.h"
#include "common/expr/lanes.h"
#include "common/expr/math.h"
#include "common/expr/ops.h"
#include "common/limits.h"
#include "tests/lib/main.h"
#include "tests/lib/xorshift.h"

#define BLOCKS 200

static uint64_t state;

// The sets that this processor can run: also the one that it would not choose.
static const dc_kernels_t *set_at(int i)
{
    if (i == 0) return &dc_kernels_4;
    return i == 1 && __builtin_cpu_supports("avx512f") ? &dc_kernels_8 : NULL;
}

// NOLINTBEGIN(bugprone-macro-parentheses): names that are declared cannot stand in parentheses.
#define for_each_set(i, set)        \
    for (int i = 0; set_at(i); i++) \
        for (const dc_kernels_t *set = set_at(i), *end = NULL; set != end; set = end)
// NOLINTEND(bugprone-macro-parentheses)

static double unit(void)
{
    return (double)(dc_xorshift(&state) >> 11) * 0x1p-53;
}

// Any bits at all, numbers of everyday size, those at which something changes, and those whose
// exponential is as large or as small as a number can be.
static double next_number(void)
{
    static const double special[] = { 0,
                                      -0.0,
                                      1,
                                      -1,
                                      0.5,
                                      2,
                                      3,
                                      4,
                                      709,
                                      709.783,
                                      -745.2,
                                      INFINITY,
                                      NAN,
                                      1e22,
                                      0x1p60,
                                      0x1p53,
                                      4503599627370497.5,
                                      1e308,
                                      0x1p-28,
                                      5e-324,
                                      0x1p501,
                                      -2.5,
                                      1e-310,
                                      1.7976931348623157e308,
                                      0.999999999,
                                      -INFINITY };
    uint64_t random = dc_xorshift(&state);
    switch (random % 5) {
    case 0: return dc_double_of_bits(dc_xorshift(&state));
    case 1: return special[dc_xorshift(&state) % DC_ARRAY_LEN(special)];
    case 2: return (double)(int64_t)(dc_xorshift(&state) % 2001) / 8 - 125;
    case 3: return (random & 8 ? 1 : -1) * (708 + 2 * unit());
    default: return (unit() - 0.5) * 20;
    }
}

static void fill(double *numbers)
{
    for (size_t i = 0; i < DC_BLOCK_ROWS; i++)
        numbers[i] = next_number();
}

// An assertion writes to a pipe even where it holds, which a million times is slow: so only where
// not.
static void assert_same(const char *name, double x, double y, double actual, double expected)
{
    bool is_same = isnan(expected) ? isnan(actual) != 0
                                   : actual == expected && signbit(actual) == signbit(expected);
    if (is_same) return;
    ck_abort_msg("%s(%.17g, %.17g) is %.17g, in a block %.17g", name, x, y, expected, actual);
}

static void check_function(const dc_math_function_t *function, dc_kernel_t kernel, size_t count)
{
    double x[DC_BLOCK_ROWS], y[DC_BLOCK_ROWS], actual[DC_BLOCK_ROWS];
    fill(x);
    fill(y);
    kernel(actual, x, y, NULL, DC_BLOCK_ROWS);
    for (size_t i = 0; i < DC_BLOCK_ROWS; i++) {
        dc_err_t err = DC_OK;
        const double args[] = { x[i], y[i] };
        assert_same(function->name, x[i], y[i], actual[i], function->call(args, count, &err));
        if (err) ck_abort_msg("%s(%.17g, %.17g) fails", function->name, x[i], y[i]);
    }
}

// The functions that have a kernel.
static const struct {
    const char *name;
    size_t arg_count;
} functions[] = {
    { "abs", 1 },   { "acos", 1 },  { "acosh", 1 }, { "asin", 1 },  { "asinh", 1 }, { "atan", 1 },
    { "atan2", 2 }, { "atanh", 1 }, { "cbrt", 1 },  { "ceil", 1 },  { "cos", 1 },   { "cosh", 1 },
    { "cospi", 1 }, { "exp", 1 },   { "exp2", 1 },  { "expm1", 1 }, { "floor", 1 }, { "frac", 1 },
    { "hypot", 2 }, { "ln", 1 },    { "log", 1 },   { "log10", 1 }, { "log1p", 1 }, { "log2", 1 },
    { "max", 2 },   { "min", 2 },   { "pow", 2 },   { "round", 1 }, { "sign", 1 },  { "sin", 1 },
    { "sinh", 1 },  { "sinpi", 1 }, { "sqrt", 1 },  { "tan", 1 },   { "tanh", 1 },  { "trunc", 1 },
};

START_TEST(kernel_of_a_function)
{
    size_t known;
    const char *name = functions[_i].name;
    const dc_math_function_t *function = dc_math_find(dc_str_from(name));
    ck_assert_msg(function, "%s is missing", name);
    size_t index = (size_t)(function - dc_math_functions(&known));
    size_t arg_count = functions[_i].arg_count;
    for_each_set(i, set)
    {
        dc_kernel_t kernel = dc_kernels_function(set, index, arg_count);
        ck_assert_msg(kernel, "%s has no kernel", name);
        state = (uint64_t)_i + 1;
        for (int block = 0; block < BLOCKS; block++)
            check_function(function, kernel, arg_count);
    }
}
END_TEST

// A kernel that is not in the table would not be tested.
START_TEST(no_other_function_has_a_kernel)
{
    for_each_set(i, set)
    {
        size_t known, kernel_count = 0;
        dc_math_functions(&known);
        for (size_t f = 0; f < known; f++) {
            for (size_t arg_count = 0; arg_count <= 4; arg_count++)
                kernel_count += dc_kernels_function(set, f, arg_count) != NULL;
        }
        ck_assert_uint_eq(kernel_count, DC_ARRAY_LEN(functions));
    }
}
END_TEST

static const dc_op_t binary_ops[] = { DC_OP_ADD, DC_OP_SUB,      DC_OP_MUL, DC_OP_DIV,
                                      DC_OP_MOD, DC_OP_FLOORDIV, DC_OP_EQ,  DC_OP_NE,
                                      DC_OP_LT,  DC_OP_LE,       DC_OP_GT,  DC_OP_GE };

static double operate(dc_op_t op, double a, double b)
{
    return op >= DC_OP_EQ ? (double)dc_op_compare(op, a, b) : dc_op_arithmetic(op, a, b);
}

static void check_operator(const dc_kernels_t *set, dc_op_t op)
{
    double a[DC_BLOCK_ROWS], b[DC_BLOCK_ROWS], actual[DC_BLOCK_ROWS];
    fill(a);
    fill(b);
    for (int form = 0; form < DC_FORM_COUNT; form++) {
        dc_kernels_binary(set, op, (dc_kernel_form_t)form)(actual, a, b, NULL, DC_BLOCK_ROWS);
        for (size_t i = 0; i < DC_BLOCK_ROWS; i++) {
            double x = form == DC_FORM_SV ? a[0] : a[i];
            double y = form == DC_FORM_VS ? b[0] : b[i];
            assert_same(dc_op_infos[op].text, x, y, actual[i], operate(op, x, y));
        }
    }
}

START_TEST(kernel_of_an_operator)
{
    for_each_set(i, set)
    {
        state = (uint64_t)_i + 1;
        for (int block = 0; block < BLOCKS; block++)
            check_operator(set, binary_ops[_i]);
    }
}
END_TEST

static bool commutes(dc_op_t op)
{
    return op == DC_OP_ADD || op == DC_OP_MUL;
}

// (a first b) second c, in place of its first operand. What commutes has no form for a first
// operand that stands for all rows.
static void check_pair(const dc_kernels_t *set, dc_op_t first, int form, dc_op_t second,
                       bool is_turned, bool c_is_single)
{
    double a[DC_BLOCK_ROWS], b[DC_BLOCK_ROWS], c[DC_BLOCK_ROWS], d[DC_BLOCK_ROWS];
    dc_kernel_t kernel =
        dc_kernels_pair(set, first, (dc_kernel_form_t)form, second, is_turned, c_is_single);
    bool is_made = form != DC_FORM_SV || !commutes(first);
    ck_assert_msg((kernel != NULL) == is_made, "(a %s b) %s c, form %d, turned %d, single %d",
                  dc_op_infos[first].text, dc_op_infos[second].text, form, is_turned, c_is_single);
    if (!kernel) return;
    fill(a);
    fill(b);
    fill(c);
    memcpy(d, a, sizeof d);
    kernel(d, d, b, c, DC_BLOCK_ROWS);
    for (size_t i = 0; i < DC_BLOCK_ROWS; i++) {
        double x = form == DC_FORM_SV ? a[0] : a[i];
        double y = form == DC_FORM_VS ? b[0] : b[i];
        double inner = operate(first, x, y);
        double other = c_is_single ? c[0] : c[i];
        double expected = is_turned ? operate(second, other, inner) : operate(second, inner, other);
        assert_same("pair", inner, other, d[i], expected);
    }
}

START_TEST(kernel_of_a_pair)
{
    for_each_set(i, set)
    {
        state = (uint64_t)_i + 1;
        for (int combination = 0; combination < 4 * 4 * 3 * 2 * 2; combination++) {
            dc_op_t first = (dc_op_t)(DC_OP_ADD + combination % 4);
            dc_op_t second = (dc_op_t)(DC_OP_ADD + combination / 4 % 4);
            bool is_turned = combination / 48 % 2 && !commutes(second);
            check_pair(set, first, combination / 16 % 3, second, is_turned, combination / 96);
        }
    }
}
END_TEST

// --- one operand -------------------------------------------------------------------------------

static double negated(double x)
{
    return -x;
}

static double is_false(double x)
{
    return x == 0;
}

static double is_nan(double x)
{
    return isnan(x) != 0;
}

static double is_inf(double x)
{
    return isinf(x) != 0;
}

static double is_not_zero(double x)
{
    return x != 0;
}

static double cube(double x)
{
    return dc_math_pow(x, 3);
}

static double fourth(double x)
{
    return dc_math_pow(x, 4);
}

static double half_power(double x)
{
    return dc_math_pow(x, 0.5);
}

static const struct {
    const char *name;
    dc_op_t op; // whose kernel it is, or COUNT
    dc_kernel_special_t special;
    double (*value)(double x);
} unary[] = {
    { "-", DC_OP_NEG, 0, negated },
    { "not", DC_OP_NOT, 0, is_false },
    { "isnan", DC_OP_IS_NAN, 0, is_nan },
    { "isinf", DC_OP_IS_INF, 0, is_inf },
    { "bool", DC_OP_BOOL_OF_NUMBER, 0, is_not_zero },
    { "cube", DC_OP_COUNT, DC_KERNEL_CUBE, cube },
    { "fourth", DC_OP_COUNT, DC_KERNEL_FOURTH, fourth },
    { "half_power", DC_OP_COUNT, DC_KERNEL_HALF_POWER, half_power },
};

START_TEST(kernel_of_one_operand)
{
    double a[DC_BLOCK_ROWS], actual[DC_BLOCK_ROWS];
    for_each_set(k, set)
    {
        dc_kernel_t kernel = unary[_i].op == DC_OP_COUNT
                                 ? dc_kernels_special(set, unary[_i].special)
                                 : dc_kernels_unary(set, unary[_i].op);
        ck_assert_msg(kernel, "%s has no kernel", unary[_i].name);
        state = (uint64_t)_i + 1;
        for (int block = 0; block < BLOCKS; block++) {
            fill(a);
            kernel(actual, a, NULL, NULL, DC_BLOCK_ROWS);
            for (size_t i = 0; i < DC_BLOCK_ROWS; i++)
                assert_same(unary[_i].name, a[i], 0, actual[i], unary[_i].value(a[i]));
        }
    }
}
END_TEST

// --- bools and choices -------------------------------------------------------------------------

static void fill_bools(double *bools)
{
    for (size_t i = 0; i < DC_BLOCK_ROWS; i++)
        bools[i] = dc_xorshift_below(&state, 2);
}

START_TEST(kernels_of_bools)
{
    double a[DC_BLOCK_ROWS], b[DC_BLOCK_ROWS], both[DC_BLOCK_ROWS], first[DC_BLOCK_ROWS];
    for_each_set(k, set)
    {
        dc_kernel_t and = dc_kernels_special(set, DC_KERNEL_AND);
        dc_kernel_t and_not = dc_kernels_special(set, DC_KERNEL_AND_NOT);
        state = 1;
        for (int block = 0; block < BLOCKS; block++) {
            fill_bools(a);
            fill_bools(b);
            and(both, a, b, NULL, DC_BLOCK_ROWS);
            and_not(first, a, b, NULL, DC_BLOCK_ROWS);
            for (size_t i = 0; i < DC_BLOCK_ROWS; i++) {
                assert_same("and", a[i], b[i], both[i], a[i] != 0 && b[i] != 0);
                assert_same("and not", a[i], b[i], first[i], a[i] != 0 && b[i] == 0);
            }
        }
    }
}
END_TEST

START_TEST(kernel_of_a_choice)
{
    double a[DC_BLOCK_ROWS], b[DC_BLOCK_ROWS], c[DC_BLOCK_ROWS], actual[DC_BLOCK_ROWS];
    for_each_set(k, set)
    {
        state = 1;
        for (int block = 0; block < BLOCKS; block++) {
            fill_bools(a);
            fill(b);
            fill(c);
            dc_kernels_special(set, DC_KERNEL_SELECT)(actual, a, b, c, DC_BLOCK_ROWS);
            for (size_t i = 0; i < DC_BLOCK_ROWS; i++)
                assert_same("select", b[i], c[i], actual[i], a[i] != 0 ? b[i] : c[i]);
        }
    }
}
END_TEST

// Not a row more than it is told to.
START_TEST(kernel_that_spreads)
{
    for_each_set(k, set)
    {
        double rows[4 * DC_LANES_STEP] = { 0 };
        const double all = -2.5;
        for (size_t count = DC_LANES_STEP; count < DC_ARRAY_LEN(rows); count += DC_LANES_STEP) {
            memset(rows, 0, sizeof rows);
            dc_kernels_special(set, DC_KERNEL_SPREAD)(rows, &all, NULL, NULL, count);
            for (size_t i = 0; i < DC_ARRAY_LEN(rows); i++)
                ck_assert_double_eq(rows[i], i < count ? all : 0);
        }
    }
}
END_TEST

// --- sets --------------------------------------------------------------------------------------

START_TEST(best_set_is_the_widest)
{
    bool has_8 = __builtin_cpu_supports("avx512f");
    ck_assert_ptr_eq(dc_kernels_best(), has_8 ? &dc_kernels_8 : &dc_kernels_4);
}
END_TEST

// Wide kernels are never those of the other set, save functions that the set has none of.
START_TEST(sets_have_kernels_of_their_own)
{
    for (size_t i = 0; i < DC_ARRAY_LEN(binary_ops); i++) {
        dc_kernel_t narrow = dc_kernels_binary(&dc_kernels_4, binary_ops[i], DC_FORM_VV);
        ck_assert(narrow && narrow != dc_kernels_binary(&dc_kernels_8, binary_ops[i], DC_FORM_VV));
    }
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("kernels");
    TCase *kernels = tcase_create("kernels");
    tcase_set_timeout(kernels, 60);
    tcase_add_loop_test(kernels, kernel_of_a_function, 0, (int)DC_ARRAY_LEN(functions));
    tcase_add_test(kernels, no_other_function_has_a_kernel);
    tcase_add_loop_test(kernels, kernel_of_an_operator, 0, (int)DC_ARRAY_LEN(binary_ops));
    tcase_add_loop_test(kernels, kernel_of_a_pair, 0, 20);
    tcase_add_loop_test(kernels, kernel_of_one_operand, 0, (int)DC_ARRAY_LEN(unary));
    tcase_add_test(kernels, kernels_of_bools);
    tcase_add_test(kernels, kernel_of_a_choice);
    tcase_add_test(kernels, kernel_that_spreads);
    tcase_add_test(kernels, best_set_is_the_widest);
    tcase_add_test(kernels, sets_have_kernels_of_their_own);
    suite_add_tcase(all, kernels);
    return all;
}
