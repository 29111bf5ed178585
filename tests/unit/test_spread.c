// Variance and standard deviation: against exact quotients of integers, at the ends of the doubles,
// and in any order.
#include <math.h>
#include <stdlib.h>

#include "common/expr/spread.h"
#include "tests/lib/main.h"

static dc_spread_t spread;

static void add_all(const double *values, size_t count)
{
    dc_spread_init(&spread);
    for (size_t i = 0; i < count; i++) {
        dc_spread_add(&spread, values[i]);
    }
}

static double variance(void)
{
    double result = -1;
    ck_assert_int_eq(dc_spread_variance(&spread, &result), DC_OK);
    return result;
}

static double deviation(void)
{
    double result = -1;
    ck_assert_int_eq(dc_spread_deviation(&spread, &result), DC_OK);
    return result;
}

typedef struct spread_case {
    double values[4];
    size_t count;
    double variance, deviation;
} spread_case_t;

static const spread_case_t cases[] = {
    { { 1, 2, 3, 4 }, 4, 5.0 / 3, 0x1.4a7e9cb8a3491p+0 },
    { { 4, 1, 3, 2 }, 4, 5.0 / 3, 0x1.4a7e9cb8a3491p+0 },
    { { 7, 7, 7 }, 3, 0, 0 },
    { { 1e15 + 1, 1e15 + 2, 1e15 + 3, 1e15 + 4 }, 4, 5.0 / 3, 0x1.4a7e9cb8a3491p+0 },
    { { 0.1, 1e-300, 0.1 }, 3, 0x1.b4e81b4e81b4fp-9, 0x1.d8f7208e6b82ep-5 },
    { { 0, 2e-170 }, 2, 0, 0x1.b538f66d7cbd2p-565 }, // the variance is below the doubles
    { { 0x1p-1074, 0 }, 2, 0, 0x1p-1074 },           // rounded up from 0.7 of the smallest
    { { -1e153, 1e153 }, 2, 0x1.6c8e5ca239029p+1017, 0x1.b00882a97ca9bp+508 },
    { { -1e200, 1e200 }, 2, (double)INFINITY, (double)INFINITY },
    { { 1, (double)INFINITY }, 2, (double)NAN, (double)NAN },
    { { (double)NAN, 1 }, 2, (double)NAN, (double)NAN },
};

static bool is_same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

START_TEST(both_are_rounded_once)
{
    const spread_case_t *it = &cases[_i];
    add_all(it->values, it->count);
    ck_assert_msg(is_same(variance(), it->variance), "%a, not %a", variance(), it->variance);
    ck_assert_msg(is_same(deviation(), it->deviation), "%a, not %a", deviation(), it->deviation);
}
END_TEST

START_TEST(fewer_than_two_values_have_none)
{
    double result = 3;
    add_all(NULL, 0);
    ck_assert_int_eq(dc_spread_variance(&spread, &result), DC_ERR_NO_TERMS);
    dc_spread_add(&spread, 5);
    ck_assert_int_eq(dc_spread_variance(&spread, &result), DC_ERR_NO_TERMS);
    ck_assert_int_eq(dc_spread_deviation(&spread, &result), DC_ERR_NO_TERMS);
    ck_assert_double_eq(result, 3);
}
END_TEST

// Small integers, whose variance is a quotient of two doubles; and the same far from zero, where
// squares need more digits than a double has.
START_TEST(integers_are_exact_wherever_they_lie)
{
    srandom((unsigned)_i + 1);
    double values[64];
    size_t count = 2 + (size_t)random() % 63;
    int64_t sum = 0;
    int64_t squares = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t value = random() % 16384;
        sum += value;
        squares += value * value;
        values[i] = (double)value;
    }
    int64_t n = (int64_t)count;
    double expected = (double)(n * squares - sum * sum) / (double)(n * (n - 1));
    add_all(values, count);
    ck_assert_double_eq(variance(), expected);
    for (size_t i = 0; i < count; i++) {
        values[i] += 0x1p45;
    }
    add_all(values, count);
    ck_assert_double_eq(variance(), expected);
}
END_TEST

START_TEST(order_of_what_follows_the_first_does_not_show)
{
    srandom((unsigned)_i + 1);
    double values[100];
    for (size_t i = 0; i < DC_ARRAY_LEN(values); i++) {
        values[i] = ldexp((double)random() - 1e9, (int)(random() % 900) - 500);
    }
    add_all(values, DC_ARRAY_LEN(values));
    double first_variance = variance();
    double first_deviation = deviation();
    for (size_t i = DC_ARRAY_LEN(values) - 1; i > 1; i--) {
        size_t other = 1 + (size_t)random() % i;
        double value = values[i];
        values[i] = values[other];
        values[other] = value;
    }
    add_all(values, DC_ARRAY_LEN(values));
    ck_assert_double_eq(variance(), first_variance);
    ck_assert_double_eq(deviation(), first_deviation);
}
END_TEST

Suite *suite(void)
{
    Suite *suite = suite_create("spread");
    TCase *tcase = tcase_create("spread");
    tcase_add_loop_test(tcase, both_are_rounded_once, 0, DC_ARRAY_LEN(cases));
    tcase_add_test(tcase, fewer_than_two_values_have_none);
    tcase_add_loop_test(tcase, integers_are_exact_wherever_they_lie, 0, 50);
    tcase_add_loop_test(tcase, order_of_what_follows_the_first_does_not_show, 0, 20);
    suite_add_tcase(suite, tcase);
    return suite;
}
