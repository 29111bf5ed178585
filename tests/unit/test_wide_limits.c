// What exact and decimal numbers may not do: sizes, steps, time, memory. Whatever somebody writes,
// an operation ends soon, or is refused before it begins.
#include <gmp.h>
#include <stdlib.h>

#include "common/clock.h"
#include "common/limits.h"
#include "common/wide/wide.h"
#include "common/wide/wide_text.h"
#include "tests/lib/evaluation.h"
#include "tests/lib/main.h"
#include "tests/lib/wide_eval.h"

// --- sizes -------------------------------------------------------------------------------------

static const struct {
    const char *numbers, *expression;
    const char *value; // or how it begins, of one with this length
    size_t length;
} sizes[] = {
    { "exact", "2^2^100", "error: overflow at 2+1", 0 },
    { "exact", "10^-10^9", "error: overflow at 3+1", 0 },
    { "exact", "(1 + 1e-40)^(1e45)", "error: overflow", 0 },
    { "exact", "1.5^1e9999", "error: overflow", 0 },
    { "exact", "fact(10^9)", "error: overflow at 1+4", 0 },
    { "exact", "fact(80001)", "error: overflow", 0 },
    { "exact", "fact(70000)", "1176812415379690081588", 308760 },
    { "exact", "(1/3)^100000", "1/133497141423040146945", 47715 },
    { "exact", "choose(10^6, 5*10^5)", "78995787722769708417702", 301027 },
    { "exact", "choose(10^30, 3*10^4)", "error: overflow at 1+6", 0 },
    { "exact", "choose(10^7, 10^5)", "474871780758047295632147", 243209 },
    { "exact", "choose(3200000, 190000)", "371133372966543363001547", 313029 },
    { "exact", "choose(2^63, 16000)", "336097330326236462313334", 243119 },
    { "exact", "choose(10^300000, 1)", "1000000", 300001 },
    { "exact", "choose(10^300000, 10^300000 - 1)", "1000000", 300001 },
    { "exact", "choose(10^300000, 2)", "error: overflow at 1+6", 0 },
    { "exact", "choose(10^40000, 10^30000)", "error: overflow at 1+6", 0 },
    { "exact", "perm(10^30, 10^4)", "99999999999999", 300000 },
    { "exact", "perm(10^100, 10^5)", "error: overflow at 1+4", 0 },
    { "exact", "perm(10^6, 10^6)", "error: overflow at 1+4", 0 },
    { "exact", "1e999999999", "error: overflow at 1+11", 0 },
    { "exact", "1e-999999999", "error: overflow at 1+12", 0 },
    { "exact", "1e99999999999999999999", "error: overflow at 1+22", 0 },
    { "exact", "0e99999999999999999999", "0", 0 },
    { "exact", "1e315000", "100000", 315001 },
    { "exact", "1e-315000", "0.000000", 315002 },
    { "exact", "1e316000", "error: overflow", 0 },
    { "exact", "1 << 2^20 - 1", "337057006274953670113453", 315653 },
    { "exact", "1 << 2^20", "error: overflow at 3+2", 0 },
    { "exact", "1 << 10^400", "error: overflow at 3+2", 0 },
    { "exact", "gcd(2^1000000 - 1, 2^999999 + 7)", "15", 0 },
    { "exact", "lcm(2^1000000, 3^600000)", "error: overflow at 1+3", 0 },
    { "exact", "3^660000 * 3^660000", "error: overflow at 10+1", 0 },
    { "exact", "2^-1000000", "0.0000000", 1000002 },
    { "exact", "3^660000 / 7^370000 < 1e3", "false", 0 },
    { "exact", "round(1/3, 300000)", "0.333333333333333", 300002 },
    { "exact", "round(1/3, 10^50)", "error: overflow at 1+5", 0 },
    { "exact", "root(3^660000, 660000)", "3", 0 },
    { "exact", "root(3^660000, 10^30)", "error: not-exact at 1+4", 0 },
    { "exact", "log(3^660000, 9)", "330000", 0 },
    { "exact", "log(6^400000, 6^399999) * 399999", "400000", 0 },
    { "exact", "log(10^300000, 10^200000 + 1)", "error: not-exact at 1+3", 0 },
    { "exact", "2^0.00001", "error: not-exact at 2+1", 0 },
    { "exact", "sum(k, k, 1, 10^12)", "error: step-limit at 1+3", 0 },
    { "exact", "sum(k, k, 0, 1, 1e-300000)", "error: step-limit at 1+3", 0 },
    { "exact", "string(3^660000) == ''", "false", 0 },
    { "decimal=13", "log(1e9999, 1e8192)", "1.220581054688", 0 },
    { "decimal=10", "log(1e2047, 1e1024)", "1.999023438", 0 },
    { "decimal=1000", "2^2^100", "error: overflow at 2+1", 0 },
    { "decimal=1000", "(1/3)^100000", "0", 0 },
    { "decimal=1000", "(1 + 1e-900)^(1e905)", "error: overflow", 0 },
    { "decimal=1000", "1.5^1e9999", "error: overflow", 0 },
    { "decimal=1000", "1.5^-1e9999", "0", 0 },
    { "decimal=1000", "fact(10^9)", "error: overflow at 1+4", 0 },
    { "decimal=1000", "fact(3248)", "1.97", 0 },
    { "decimal=1000", "choose(10^6, 5*10^5)", "error: overflow at 1+6", 0 },
    { "decimal=1000", "1e-999999999", "0", 0 },
    { "decimal=1000", "sin(1e9999)", "-0.77562188693705319378205455481", 1003 },
    { "decimal=1000", "abs(tan(1e9999) * cos(1e9999) - sin(1e9999)) < 1e-998", "true", 0 },
    { "decimal=1000", "sinpi(1e9999 + 0.5)", "0", 0 },
    { "decimal=1000", "exp(1e9999)", "error: overflow at 1+3", 0 },
    { "decimal=1000", "exp(-1e9999) + erfc(1e9999)", "0", 0 },
    { "decimal=1000", "gamma(3000.5)", "7.57534386744308487946", 1006 },
    { "decimal=1000", "gamma(1e9999)", "error: overflow at 1+5", 0 },
    { "decimal=1000", "gamma(0.5 - 1e9)", "0", 0 },
    { "decimal=1000", "abs(gamma(-3000 - 1e-990) * fact(3000) / 1e990 + 1) < 1e-985", "true", 0 },
    // Below the middle of two decimal numbers, 5^1431 * 1e8000, by no more than Euler's constant.
    { "decimal=1000", "gamma(2^1431*1e-9431) == 5 * (5^1430 - 1) * 1e8000", "true", 0 },
    { "decimal=1000", "gamma(2^1431*1e-2434) == 5 * (5^1430 - 1) * 1e1003", "true", 0 },
    { "decimal=1000", "gamma(-2^1431*1e-9431) == -5 * (5^1430 + 1) * 1e8000", "true", 0 },
    { "decimal=5", "gamma(2.56e-400)", "3.9062e399", 10 },
    { "decimal=5", "gamma(2.56e-600)", "3.9062e599", 10 },
    { "decimal=5", "gamma(-2.56e-600)", "-3.9063e599", 11 },
    { "decimal=5", "gamma(2.56e-15)", "390620000000000", 0 }, // the largest one that is tiny ...
    { "decimal=5", "gamma(2.56e-14)", "39062000000000", 0 },  // ... and the next one
    { "decimal=2", "gamma(8e-500)", "1.2e499", 7 },
    { "decimal=2", "gamma(-8e-500)", "-1.3e499", 8 },
    { "decimal=16", "gamma(2^24 * 1e-1000) * 16777216 < 1e1000", "true", 0 },
    { "decimal=34", "gamma(2^49 * 1e-2000) * 562949953421312 < 1e2000", "true", 0 },
    { "decimal=5", "gamma(3e-500)", "3.3333e499", 10 },
    { "decimal=5", "gamma(1e-9999)", "1e9999", 6 },
    { "decimal=5", "gamma(1e-10000)", "error: overflow at 1+5", 0 },
    { "decimal=5", "gamma(-1.001e-10000)", "-9.99e9999", 0 },
    { "decimal=1000", "abs(erfc(60.3) + erf(60.3) - 1) + erfc(-60.3) == 2", "true", 0 },
    { "decimal=1000", "abs(atan2(1e9999, 1e-9999) * 2 - pi) < 1e-998", "true", 0 },
    { "decimal=1000", "hypot(1e9999, 1e-9999) == 1e9999", "true", 0 },
    { "decimal=1000", "1e9999 // 1e-9999", "error: overflow at 8+2", 0 },
    { "decimal=1000", "1e9999 % 1.7e-9999 < 1e-9998", "true", 0 },
    // Tangents are steep there: of half of pi with 50 digits, all of the next 50 are needed.
    { "decimal=50", "tan(pi/2)", "-2.12361510306923848545585", 0 },
    { "decimal=16", "tan(1.570796326794897)", "-2626266436731868", 0 },
};

START_TEST(size_is_bounded)
{
    const char *got = wide_eval(sizes[_i].numbers, sizes[_i].expression);
    const char *expected = sizes[_i].value;
    bool begins_so = strncmp(got, expected, strlen(expected)) == 0;
    ck_assert_msg(begins_so, "%s is %.60s", sizes[_i].expression, got);
    if (sizes[_i].length) ck_assert_uint_eq(strlen(got), sizes[_i].length);
}
END_TEST

// --- steps, time, memory -----------------------------------------------------------------------

static dc_wide_t *wide;

static void set_up(void)
{
    evaluation_set_up();
    wide = dc_wide_new((dc_numbers_t){ DC_NUMBERS_EXACT, 0 });
}

static void tear_down(void)
{
    dc_wide_destroy(&wide);
    evaluation_tear_down();
}

static dc_err_t eval(void)
{
    return dc_wide_eval(wide, dc_buf_str(&text), NULL, NULL, 0, &budget, &value, &diag);
}

START_TEST(steps_grow_with_the_digits)
{
    wide_eval("exact", "3 * 3");
    ck_assert_uint_eq(wide_steps, 1);
    wide_eval("decimal=1000", "sqrt(2)*sqrt(2)");
    ck_assert_uint_gt(wide_steps, 800);
    wide_eval("decimal=1000", "normcdf(-80.3)"); // a thousand terms
    ck_assert_uint_gt(wide_steps, 2000);
    wide_eval("exact", "3^600000 * 1");
    ck_assert_uint_gt(wide_steps, 3000);
}
END_TEST

// What takes GMP many multiplications takes steps for them, too.
static const struct {
    const char *expression;
    uint64_t steps_min, steps_max;
} long_work[] = {
    { "3^661000 < 1", 2000, 6000 }, // which is not printed
    { "3^661000", 15000, 30000 },
    { "1/2^1048000", 70000, 140000 }, // which has as many digits
    { "1/5^450000", 20000, 40000 },   //
    { "number(string(3^661000)) > 0", 40000, 80000 },
    { "choose(10^7, 90000) > 0", 60000, 150000 },
    { "choose(10^6, 5*10^5) > 0", 15000, 60000 },
    { "choose(2^63, 16000) > 0", 10000, 30000 },
    { "perm(10^30, 10^4) > 0", 10000, 30000 },
    { "fact(70000) > 0", 8000, 30000 },
};

START_TEST(long_work_has_its_steps)
{
    const char *got = wide_eval("exact", long_work[_i].expression);
    ck_assert_msg(strncmp(got, "error", 5) != 0, "%s", got);
    ck_assert_uint_ge(wide_steps, long_work[_i].steps_min);
    ck_assert_uint_le(wide_steps, long_work[_i].steps_max);
}
END_TEST

// Its factors and their product would take a fifth of a second.
START_TEST(choice_that_is_too_large_is_not_computed)
{
    ck_assert_str_eq(wide_eval("exact", "choose(5592500, 349000)"), "error: overflow at 1+6");
    ck_assert_uint_lt(wide_steps, 10);
    ck_assert_str_eq(wide_eval("exact", "choose(4400000, 262144)"), "error: overflow at 1+6");
    ck_assert_uint_lt(wide_steps, 10);
}
END_TEST

START_TEST(steps_are_limited)
{
    append("x = 3^1000; x * x", 1);
    ck_assert_int_eq(eval(), DC_OK);
    uint64_t needed = budget.steps_used;
    budget.steps_max = needed - 1;
    ck_assert_int_eq(eval(), DC_ERR_STEPS);
    budget.steps_max = needed;
    ck_assert_int_eq(eval(), DC_OK);
}
END_TEST

// base^exponent + more, whose digits are printed in parts.
START_TEST(long_number_has_all_its_digits)
{
    static const struct {
        unsigned long base, exponent;
        long more;
    } numbers[] = {
        { 3, 660000, 0 },  { 10, 315000, 0 },  { 10, 300000, -1 }, { 10, 200000, 7 },
        { 10, 79999, -1 }, { 10, 80000, 0 },   { 10, 80001, 1 },   { 10, 160000, -123 },
        { 2, 265755, 0 },  { 2, 1048575, -1 },
    };
    mpz_t number;
    mpz_init(number);
    mpz_ui_pow_ui(number, numbers[_i].base, numbers[_i].exponent);
    long more = numbers[_i].more;
    if (more > 0) mpz_add_ui(number, number, (unsigned long)more);
    if (more < 0) mpz_sub_ui(number, number, (unsigned long)-more);
    dc_buf_printf(&text, "-(%lu^%lu + %ld)", numbers[_i].base, numbers[_i].exponent,
                  numbers[_i].more);
    ck_assert_int_eq(eval(), DC_OK);
    char *expected = mpz_get_str(NULL, 10, number);
    ck_assert_uint_eq(value.string.len, strlen(expected) + 1);
    ck_assert(value.string.data[0] == '-');
    ck_assert(memcmp(value.string.data + 1, expected, strlen(expected)) == 0);
    free(expected);
    mpz_clear(number);
    // And they are read as that number again; so are those behind a point.
    append(" == number(string(", 1);
    dc_buf_printf(&text, "-(%lu^%lu + %ld)))", numbers[_i].base, numbers[_i].exponent, more);
    dc_buf_printf(&text, " && 1/%lu^%lu == number(string(1/%lu^%lu))", numbers[_i].base,
                  numbers[_i].exponent, numbers[_i].base, numbers[_i].exponent);
    ck_assert_int_eq(eval(), DC_OK);
    ck_assert(value.type == DC_TYPE_BOOL && value.boolean);
}
END_TEST

START_TEST(long_numbers_end_as_they_are_printed_and_read)
{
    static const atomic_bool is_cancelled = true;
    budget.cancel = &is_cancelled;
    dc_arithmetic_t arithmetic;
    dc_wide_number_t number;
    dc_buf_t room = { 0 };
    dc_arithmetic_init(&arithmetic, (dc_numbers_t){ DC_NUMBERS_EXACT, 0 });
    dc_wide_number_init(&number);
    mpz_ui_pow_ui(mpq_numref(number.ratio), 3, 660000);
    ck_assert_int_eq(dc_wide_text_print(&arithmetic, &arithmetic.meter, &number, &text), DC_OK);
    dc_meter_start(&arithmetic.meter, &budget, 0);
    dc_str_t digits = dc_buf_str(&text);
    ck_assert_int_eq(dc_wide_text_read(&arithmetic, digits, &room, &number), DC_ERR_CANCELLED);
    mpz_ui_pow_ui(mpq_numref(number.ratio), 3, 660000);
    ck_assert_int_eq(dc_wide_text_print(&arithmetic, &arithmetic.meter, &number, &room),
                     DC_ERR_CANCELLED);
    dc_buf_fini(&room);
    dc_wide_number_fini(&number);
    dc_arithmetic_fini(&arithmetic);
}
END_TEST

START_TEST(deadline_ends_a_long_sum)
{
    append("sum(1/k, k, 1, 10^9)", 1);
    budget.deadline_us = dc_clock_awake_us() + 20000;
    ck_assert_int_eq(eval(), DC_ERR_TIME);
}
END_TEST

START_TEST(cancel_ends_a_long_sum)
{
    static const atomic_bool is_cancelled = true;
    append("sum(1/k, k, 1, 10^9)", 1);
    budget.cancel = &is_cancelled;
    ck_assert_int_eq(eval(), DC_ERR_CANCELLED);
}
END_TEST

// Each of its terms is a series that takes several milliseconds.
START_TEST(deadline_ends_a_long_sum_of_series)
{
    static const char *const terms[] = { "gamma(1/3 - k)", "normcdf(-60 - 1/k)", "erfc(k/2)" };
    dc_wide_destroy(&wide);
    wide = dc_wide_new((dc_numbers_t){ DC_NUMBERS_DECIMAL, 1000 });
    dc_buf_printf(&text, "sum(%s, k, 1, 10^9)", terms[_i]);
    dc_us_t began = dc_clock_awake_us();
    budget.deadline_us = began + 50000;
    ck_assert_int_eq(eval(), DC_ERR_TIME);
    ck_assert_uint_lt(dc_clock_awake_us() - began, 10000000);
}
END_TEST

// What is not there is told as the text is read, so this has not come as far.
START_TEST(cancel_ends_long_literals)
{
    static const atomic_bool is_cancelled = true;
    append("1e-300000 + normal(0, 1)", 1);
    ck_assert_int_eq(eval(), DC_ERR_INEXACT);
    budget.cancel = &is_cancelled;
    ck_assert_int_eq(eval(), DC_ERR_CANCELLED);
    ck_assert_uint_eq(diag.column, 0);
}
END_TEST

// Where counting itself takes long, the clock is looked at now and then as well.
START_TEST(deadline_ends_a_count_with_many_digits)
{
    append("s = 1/7^180000; a = 1/3^320000; sum(1, k, a, a + 1000*s, s)", 1);
    dc_us_t began = dc_clock_awake_us();
    budget.deadline_us = began + 500000;
    ck_assert_int_eq(eval(), DC_ERR_TIME);
    ck_assert_uint_lt(dc_clock_awake_us() - began, 10000000);
}
END_TEST

// Each of a thousand registers would hold a number as large as there are.
START_TEST(registers_are_limited)
{
    append("x0 = 3^660000; ", 1);
    for (int i = 1; i < 1000; i++) {
        dc_buf_printf(&text, "x%d = x%d + 1; ", i, i - 1);
    }
    append("x999", 1);
    ck_assert_int_eq(eval(), DC_ERR_TOO_LARGE);
    // And what they have held is given back.
    text.len = 0;
    append("1 + 1", 1);
    ck_assert_int_eq(eval(), DC_OK);
}
END_TEST

START_TEST(literals_are_limited)
{
    append("0", 1);
    append(" + 1e300000", 1000);
    ck_assert_int_eq(eval(), DC_ERR_TOO_LARGE);
    ck_assert_uint_gt(diag.column, 0);
}
END_TEST

START_TEST(strings_are_limited)
{
    append("s = string(3^660000); t = s + s + s + s + s + s + s + s; u = t + t + t + t; u + u + u",
           1);
    ck_assert_int_eq(eval(), DC_ERR_TOO_LARGE);
}
END_TEST

START_TEST(longest_text_is_read)
{
    append("1", 1);
    append("+1", (DC_EXPR_BYTES_MAX - 2) / 2);
    ck_assert_int_eq(eval(), DC_OK);
    ck_assert(dc_str_eq(value.string, DC_STR("32768")));
}
END_TEST

START_TEST(deep_nest_is_read)
{
    append("-(", DC_EXPR_DEPTH_MAX / 2);
    append("1/3", 1);
    append(")", DC_EXPR_DEPTH_MAX / 2);
    ck_assert_int_eq(eval(), DC_OK);
    ck_assert(dc_str_eq(value.string, DC_STR("1/3")));
}
END_TEST

START_TEST(longest_literal_is_read)
{
    append("1.", 1);
    append("3", DC_EXPR_BYTES_MAX - 2);
    ck_assert_int_eq(eval(), DC_OK);
    ck_assert_uint_eq(value.string.len, DC_EXPR_BYTES_MAX);
}
END_TEST

// Nothing of one evaluation is left for the next.
START_TEST(evaluator_is_used_again)
{
    static const char *const texts[] = {
        "x = 3^100000; x % 7",  "1/0", "1 + * 2", "sum(f, k, 1, 2)", "'a' + string(1/3)",
        "f(x) = x + 1; f(f(2))"
    };
    for (size_t round = 0; round < 3; round++) {
        for (size_t i = 0; i < DC_ARRAY_LEN(texts); i++) {
            text.len = 0;
            append(texts[i], 1);
            dc_err_t err = eval();
            if (i == DC_ARRAY_LEN(texts) - 1) {
                ck_assert_int_eq(err, DC_OK);
                ck_assert(dc_str_eq(value.string, DC_STR("4")));
            }
        }
    }
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("wide_limits");
    TCase *large = tcase_create("sizes");
    tcase_add_loop_test(large, size_is_bounded, 0, (int)DC_ARRAY_LEN(sizes));
    suite_add_tcase(all, large);
    TCase *budgets = tcase_create("budgets");
    tcase_add_checked_fixture(budgets, set_up, tear_down);
    tcase_add_test(budgets, steps_grow_with_the_digits);
    tcase_add_loop_test(budgets, long_work_has_its_steps, 0, (int)DC_ARRAY_LEN(long_work));
    tcase_add_test(budgets, choice_that_is_too_large_is_not_computed);
    tcase_add_test(budgets, steps_are_limited);
    tcase_add_loop_test(budgets, long_number_has_all_its_digits, 0, 10);
    tcase_add_test(budgets, long_numbers_end_as_they_are_printed_and_read);
    tcase_add_test(budgets, deadline_ends_a_long_sum);
    tcase_add_test(budgets, cancel_ends_a_long_sum);
    tcase_add_test(budgets, cancel_ends_long_literals);
    tcase_add_loop_test(budgets, deadline_ends_a_long_sum_of_series, 0, 3);
    tcase_add_test(budgets, deadline_ends_a_count_with_many_digits);
    tcase_add_test(budgets, registers_are_limited);
    tcase_add_test(budgets, literals_are_limited);
    tcase_add_test(budgets, strings_are_limited);
    tcase_add_test(budgets, longest_text_is_read);
    tcase_add_test(budgets, deep_nest_is_read);
    tcase_add_test(budgets, longest_literal_is_read);
    tcase_add_test(budgets, evaluator_is_used_again);
    suite_add_tcase(all, budgets);
    return all;
}
