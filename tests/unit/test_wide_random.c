// Exact and decimal numbers against others that know better: doubles, where these are exact; the
// laws of arithmetic; and decimal numbers of twice as many digits.
#include "common/expr/math.h"
#include "common/limits.h"
#include "common/rng.h"
#include "common/wide/wide_math.h"
#include "tests/lib/evaluation.h"
#include "tests/lib/main.h"
#include "tests/lib/wide_eval.h"

#define ROUNDS 400

static dc_rng_t rng;
static dc_wide_t *wide;

static void set_up(void)
{
    evaluation_set_up();
    dc_rng_init(&rng, 1);
}

static void tear_down(void)
{
    dc_wide_destroy(&wide);
    evaluation_tear_down();
}

static unsigned below(unsigned bound)
{
    return (unsigned)dc_rng_below(&rng, bound);
}

// --- doubles -----------------------------------------------------------------------------------

// Append an expression of integers and halves, so small that no double is rounded.
static void append_small(int depth)
{
    static const char *const operators[] = { " + ", " - ", " * ", " % ", " // " };
    static const char *const functions[] = { "floor(", "abs(", "-(", "round(", "sign(", "trunc(" };
    unsigned choice = depth ? below(5) : 0;
    if (choice == 0) {
        dc_buf_printf(&text, below(2) ? "%u" : "%u.5", below(20));
    } else if (choice == 1) {
        dc_buf_append_text(&text, functions[below(DC_ARRAY_LEN(functions))]);
        append_small(depth - 1);
        append(")", 1);
    } else {
        append("(", 1);
        append_small(depth - 1);
        dc_buf_append_text(&text, operators[below(DC_ARRAY_LEN(operators))]);
        append_small(depth - 1);
        append(")", 1);
    }
}

// A value as it is printed, or the fault and where.
static void describe(dc_err_t err, const dc_value_t *of, dc_buf_t *out)
{
    out->len = 0;
    if (err) {
        dc_buf_printf(out, "%s at %u+%u", dc_err_name(err), diag.column, diag.width);
    } else {
        dc_value_print(of, out);
    }
}

static const dc_numbers_t kinds[] = { { DC_NUMBERS_EXACT, 0 }, { DC_NUMBERS_DECIMAL, 40 } };

START_TEST(small_numbers_are_those_of_doubles)
{
    dc_buf_t expected = { 0 };
    dc_buf_t actual = { 0 };
    wide = dc_wide_new(kinds[_i]);
    for (int round = 0; round < ROUNDS; round++) {
        text.len = 0;
        append_small(3);
        describe(eval_str(dc_buf_str(&text)), &value, &expected);
        dc_err_t err = dc_wide_eval(wide, dc_buf_str(&text), NULL, NULL, 0, &budget, &value, &diag);
        // Of a double it is an infinity, and the fault of whatever does not get rid of it.
        if (err == DC_ERR_DIVIDE_BY_ZERO) continue;
        describe(err, &value, &actual);
        ck_assert_msg(dc_str_eq(dc_buf_str(&actual), dc_buf_str(&expected)),
                      "%.*s is %.*s, not %.*s", (int)text.len, text.data, (int)actual.len,
                      actual.data, (int)expected.len, expected.data);
    }
    dc_buf_fini(&expected);
    dc_buf_fini(&actual);
}
END_TEST

// --- laws --------------------------------------------------------------------------------------

static void append_digits(unsigned count)
{
    dc_buf_printf(&text, "%u", 1 + below(9));
    for (unsigned i = 1; i < count; i++) {
        dc_buf_printf(&text, "%u", below(10));
    }
}

static void append_rational(void)
{
    append(below(2) ? "(" : "(-", 1);
    append_digits(1 + below(40));
    append("/", 1);
    append_digits(1 + below(40));
    append(")", 1);
}

static const char *const laws[] = {
    "a + b - b == a",
    "a * b / b == a",
    "a * (b + c) == a * b + a * c",
    "(a + b) + c == a + (b + c)",
    "a / b * (b / a) == 1",
    "a // b * b + mod(a, b) == a",
    "idiv(a, b) * b + a % b == a",
    "floor(a) + (a - floor(a)) == a && a - floor(a) < 1 && a >= floor(a)",
    "trunc(a) + frac(a) == a",
    "(a < b) == (b > a) && (a <= b) == (a - b <= 0)",
    "min(a, b, c) + max(a, b, c) + clamp(a, min(b, c), max(b, c)) == a + b + c",
    "a^7 * a^-5 == a^2",
    "sqrt(a^2) == abs(a) && cbrt(a^3) == a && root(a^5, 5) == a",
    "(a^4)^0.25 == abs(a)",
    "hypot(3 * a, 4 * a) == 5 * abs(a)",
    "abs(round(a, 5) - a) <= 0.5e-5",
    "number(string(a)) == a",
    "log(abs(a)^3, a^2) == 1.5",
    "sum(a * k, k, 1, 10) == 55 * a && mean(a + k, k, -2, 2) == a",
    "n = abs(trunc(a * 1e9)); (n ^ 2 | 5) - (n ^ 2 & 5) == xor(n ^ 2, 5)",
    "n = trunc(a * 1e9); n << 70 >> 70 == n && ~~n == n && -n - 1 == ~n",
    "n = trunc(a * 1e9) + 1; m = trunc(b * 1e9) + 1; gcd(n, m) * lcm(n, m) == abs(n * m)",
    "choose(60, 20) * fact(20) == perm(60, 20)",
    "choose(999, 40) == choose(998, 39) + choose(998, 40)",
};

START_TEST(exact_numbers_obey_the_law)
{
    wide = dc_wide_new(kinds[0]);
    for (int round = 0; round < 50; round++) {
        text.len = 0;
        append("a = ", 1);
        append_rational();
        append("; b = ", 1);
        append_rational();
        append("; c = ", 1);
        append_rational();
        append("; ", 1);
        append(laws[_i], 1);
        dc_err_t err = dc_wide_eval(wide, dc_buf_str(&text), NULL, NULL, 0, &budget, &value, &diag);
        ck_assert_msg(!err, "%.*s: %s", (int)text.len, text.data, diag.message);
        ck_assert_msg(value.type == DC_TYPE_BOOL && value.boolean, "%.*s", (int)text.len,
                      text.data);
    }
}
END_TEST

// --- twice as many digits ----------------------------------------------------------------------

// `x` and `y` are from 1 to 10, with a third of the digits that there are: what is done before the
// last operation is exact.
static const char *const functions[] = {
    "x + y / 1000",
    "x - y",
    "x * y",
    "x / y",
    "sqrt(x)",
    "cbrt(x)",
    "root(x, 7)",
    "x ^ y",
    "x ^ -y",
    "x ^ 20",
    "hypot(x, y)",
    "exp(x)",
    "exp(-x)",
    "exp2(x)",
    "expm1(x / 1e9)",
    "ln(x)",
    "log(x, y)",
    "log2(x)",
    "log10(x)",
    "log1p(x / 1e9)",
    "sin(x)",
    "cos(x)",
    "tan(x)",
    "sin(x * 1e30)",
    "sinpi(x)",
    "cospi(x * y)",
    "asin(x / 10)",
    "acos(-x / 10)",
    "atan(x)",
    "atan2(x, -y)",
    "atan2(-x, y)",
    "sinh(x)",
    "cosh(-x)",
    "tanh(x)",
    "asinh(x)",
    "acosh(x)",
    "atanh(x / 10)",
    "deg(-x)",
    "rad(x)",
    "erf(x)",
    "erfc(x)",
    "gamma(x)",
    "gamma(-x)",
    "normcdf(-x)",
    "normpdf(x)",
    "mean(x * k, k, 1, 6)",
    "sum(x * k, k, 1, 7)",
};

static void append_number(unsigned count)
{
    append_digits(1);
    append(".", 1);
    append_digits(count - 1);
}

// What `expression`, which has one operation, is worth with `digits` digits.
static dc_err_t eval_decimal(uint32_t count, dc_str_t expression, dc_buf_t *out)
{
    dc_wide_t *decimal = dc_wide_new((dc_numbers_t){ DC_NUMBERS_DECIMAL, count });
    dc_err_t err = dc_wide_eval(decimal, expression, NULL, NULL, 0, &budget, &value, &diag);
    out->len = 0;
    if (!err) dc_value_print(&value, out);
    dc_wide_destroy(&decimal);
    return err;
}

START_TEST(last_digit_is_that_of_a_longer_number)
{
    dc_buf_t few = { 0 };
    dc_buf_t many = { 0 };
    for (int round = 0; round < 12; round++) {
        uint32_t count = 6 + below(60);
        text.len = 0;
        append("x = ", 1);
        append_number(count / 3);
        append("; y = ", 1);
        append_number(count / 3);
        append("; ", 1);
        append(functions[_i], 1);
        ck_assert_msg(!eval_decimal(count, dc_buf_str(&text), &few), "%.*s: %s", (int)text.len,
                      text.data, diag.message);
        ck_assert(!eval_decimal(3 * count, dc_buf_str(&text), &many));
        ck_assert(!eval_decimal(count, dc_buf_str(&many), &many));
        ck_assert_msg(dc_str_eq(dc_buf_str(&few), dc_buf_str(&many)), "%.*s is %.*s, not %.*s",
                      (int)text.len, text.data, (int)few.len, few.data, (int)many.len, many.data);
    }
    dc_buf_fini(&few);
    dc_buf_fini(&many);
}
END_TEST

// --- the table ---------------------------------------------------------------------------------

START_TEST(functions_are_in_one_order)
{
    size_t count;
    const dc_math_function_t *all = dc_math_functions(&count);
    for (size_t i = 0; i < count; i++) {
        ck_assert_str_eq(dc_wide_math_at(i)->name, all[i].name);
    }
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("wide_random");
    TCase *tests = tcase_create("wide_random");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_loop_test(tests, small_numbers_are_those_of_doubles, 0, (int)DC_ARRAY_LEN(kinds));
    tcase_add_loop_test(tests, exact_numbers_obey_the_law, 0, (int)DC_ARRAY_LEN(laws));
    tcase_add_loop_test(tests, last_digit_is_that_of_a_longer_number, 0,
                        (int)DC_ARRAY_LEN(functions));
    tcase_add_test(tests, functions_are_in_one_order);
    suite_add_tcase(all, tests);
    return all;
}
