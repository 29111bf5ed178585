// Kernels give the bits of the functions for one number, whatever stands in the lanes beside it.
#include <math.h>
#include <stdlib.h>

#include "common/expr/kernels.h"
#include "common/expr/math.h"
#include "common/expr/ops.h"
#include "common/limits.h"
#include "tests/lib/double_bits.h"
#include "tests/lib/main.h"
#include "tests/lib/xorshift.h"

#define BLOCKS 200

static uint64_t state;

// Any bits at all, numbers of everyday size, and those at which something changes.
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
    switch (random % 4) {
    case 0: return dc_double_of_bits(dc_xorshift(&state));
    case 1: return special[dc_xorshift(&state) % DC_ARRAY_LEN(special)];
    case 2: return (double)(int64_t)(dc_xorshift(&state) % 2001) / 8 - 125;
    default: return ((double)(dc_xorshift(&state) >> 11) * 0x1p-53 - 0.5) * 20;
    }
}

static void fill(double *numbers)
{
    for (size_t i = 0; i < DC_BLOCK_ROWS; i++)
        numbers[i] = next_number();
}

// An assertion writes to a pipe even where it holds, which a million times is slow: so only where not.
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

START_TEST(kernel_of_a_function)
{
    size_t known;
    const dc_math_function_t *function = &dc_math_functions(&known)[_i];
    for (size_t count = 1; count <= 2; count++) {
        dc_kernel_t kernel = dc_kernel_math((size_t)_i, count);
        state = (uint64_t)_i + 1;
        for (int block = 0; kernel && block < BLOCKS; block++)
            check_function(function, kernel, count);
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

START_TEST(kernel_of_an_operator)
{
    dc_op_t op = binary_ops[_i];
    double a[DC_BLOCK_ROWS], b[DC_BLOCK_ROWS], actual[DC_BLOCK_ROWS];
    state = (uint64_t)_i + 1;
    for (int block = 0; block < BLOCKS; block++) {
        fill(a);
        fill(b);
        for (int form = 0; form < DC_FORM_COUNT; form++) {
            dc_kernel_binary(op, (dc_kernel_form_t)form)(actual, a, b, NULL, DC_BLOCK_ROWS);
            for (size_t i = 0; i < DC_BLOCK_ROWS; i++) {
                double x = form == DC_FORM_SV ? a[0] : a[i];
                double y = form == DC_FORM_VS ? b[0] : b[i];
                assert_same(dc_op_infos[op].text, x, y, actual[i], operate(op, x, y));
            }
        }
    }
}
END_TEST

// (a first b) second c, in every form that there is; in place of its first operand, too.
static void check_pair(dc_op_t first, int form, dc_op_t second, bool is_turned, bool c_is_single)
{
    double a[DC_BLOCK_ROWS], b[DC_BLOCK_ROWS], c[DC_BLOCK_ROWS], d[DC_BLOCK_ROWS];
    dc_kernel_t kernel =
        dc_kernel_pair(first, (dc_kernel_form_t)form, second, is_turned, c_is_single);
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
    state = (uint64_t)_i + 1;
    for (int combination = 0; combination < 4 * 4 * 3 * 2 * 2; combination++) {
        dc_op_t first = (dc_op_t)(DC_OP_ADD + combination % 4);
        dc_op_t second = (dc_op_t)(DC_OP_ADD + combination / 4 % 4);
        bool commutes = second == DC_OP_ADD || second == DC_OP_MUL;
        bool is_turned = combination / 48 % 2 && !commutes;
        check_pair(first, combination / 16 % 3, second, is_turned, combination / 96);
    }
}
END_TEST

Suite *suite(void)
{
    size_t function_count;
    dc_math_functions(&function_count);
    Suite *all = suite_create("kernels");
    TCase *kernels = tcase_create("kernels");
    tcase_set_timeout(kernels, 60);
    tcase_add_loop_test(kernels, kernel_of_a_function, 0, (int)function_count);
    tcase_add_loop_test(kernels, kernel_of_an_operator, 0, (int)DC_ARRAY_LEN(binary_ops));
    tcase_add_loop_test(kernels, kernel_of_a_pair, 0, 20);
    suite_add_tcase(all, kernels);
    return all;
}
