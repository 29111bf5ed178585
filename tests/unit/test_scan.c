// Scans of a block agree with plain loops, wherever the value stands that they look for.
#include <math.h>

#include "common/expr/scan.h"
#include "tests/lib/main.h"

#define COUNT_MAX 37

static double values[COUNT_MAX];

static void fill(uint32_t count, double value)
{
    for (uint32_t i = 0; i < count; i++) {
        values[i] = value;
    }
}

static void find_strange(bool (*is_finite)(const double *values, size_t count), uint32_t count)
{
    const double strange[] = { (double)INFINITY, -(double)INFINITY, (double)NAN };
    fill(count, 1e308);
    ck_assert(is_finite(values, count));
    for (uint32_t at = 0; at < count; at++) {
        for (size_t i = 0; i < 3; i++) {
            fill(count, -1e308);
            values[at] = strange[i];
            ck_assert(!is_finite(values, count));
        }
    }
}

START_TEST(one_that_is_not_finite_is_found)
{
    find_strange(dc_scan_is_finite, (uint32_t)_i);
    find_strange(dc_scan_is_finite_4, (uint32_t)_i);
    if (__builtin_cpu_supports("avx512f")) find_strange(dc_scan_is_finite_8, (uint32_t)_i);
}
END_TEST

START_TEST(hits_are_counted)
{
    uint32_t count = (uint32_t)_i;
    fill(count, 0);
    for (uint32_t at = 0; at < count; at++) {
        ck_assert_uint_eq(dc_scan_hits(values, count), at);
        values[at] = 1;
    }
    ck_assert_uint_eq(dc_scan_hits(values, count), count);
    fill(count, -0.0);
    ck_assert_uint_eq(dc_scan_hits(values, count), 0);
}
END_TEST

START_TEST(extremes_are_found)
{
    uint32_t count = (uint32_t)_i;
    for (uint32_t at = 0; at < count; at++) {
        fill(count, -3);
        values[at] = -2;
        ck_assert_double_eq(dc_scan_extreme(values, count, true), -2);
        ck_assert_double_eq(dc_scan_extreme(values, count, false), count == 1 ? -2 : -3);
        values[at] = -4;
        ck_assert_double_eq(dc_scan_extreme(values, count, false), -4);
        ck_assert_double_eq(dc_scan_extreme(values, count, true), count == 1 ? -4 : -3);
    }
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("scan");
    TCase *scans = tcase_create("scans");
    tcase_add_loop_test(scans, one_that_is_not_finite_is_found, 0, COUNT_MAX + 1);
    tcase_add_loop_test(scans, hits_are_counted, 0, COUNT_MAX + 1);
    tcase_add_loop_test(scans, extremes_are_found, 1, COUNT_MAX + 1);
    suite_add_tcase(all, scans);
    return all;
}
