// Rows from ranges: how many points, which, and in which order.
#include "client/cli/recipe/sweep.h"

#include <math.h>

#include "tests/lib/main.h"

static const struct {
    double first, last, step;
    uint64_t count;
} axes[] = {
    { 1, 5, 1, 5 },
    { 0, 1, 0.1, 11 },  // 1/0.1 is a little less than 10 without the allowance
    { 0, 1, 0.3, 4 },   //
    { 0, 0.3, 0.1, 4 }, // 0.3/0.1 is 2.9999999999999996
    { 3, 1, -1, 3 },    //
    { 5, 5, 1, 1 },     //
    { 1, 2, 5, 1 },     // only the first
    { 0, 9007199254740991, 1, 9007199254740992 },
};

START_TEST(both_ends_count)
{
    dc_axis_t axis = { 0 };
    ck_assert_ptr_null(dc_axis_set(&axis, axes[_i].first, axes[_i].last, axes[_i].step));
    ck_assert_uint_eq(axis.count, axes[_i].count);
}
END_TEST

static const struct {
    double first, last, step;
} wrong_axes[] = {
    { 1, 0, 1 },
    { 0, 1, 0 },
    { 0, 1, -1 },
    { NAN, 1, 1 },
    { 0, INFINITY, 1 },
    { 0, 1e300, 1e-300 },
    { 0, 9007199254740992, 1 },
};

START_TEST(what_has_no_points_is_refused)
{
    dc_axis_t axis = { .count = 42 };
    ck_assert_ptr_nonnull(
        dc_axis_set(&axis, wrong_axes[_i].first, wrong_axes[_i].last, wrong_axes[_i].step));
    ck_assert_uint_eq(axis.count, 42);
}
END_TEST

START_TEST(the_last_axis_runs_fastest)
{
    dc_axis_t two[2] = { 0 };
    dc_sweep_t sweep;
    double rows[12];
    const double expected[12] = { 0, 1, 0, 2, 0, 3, 10, 1, 10, 2, 10, 3 };
    ck_assert_ptr_null(dc_axis_set(&two[0], 0, 10, 10));
    ck_assert_ptr_null(dc_axis_set(&two[1], 1, 3, 1));
    ck_assert(dc_sweep_init(&sweep, two, 2));
    ck_assert_uint_eq(sweep.row_count, 6);
    dc_sweep_fill(&sweep, 0, 6, rows);
    ck_assert_mem_eq(rows, expected, sizeof rows);
}
END_TEST

START_TEST(rows_are_the_same_wherever_filling_begins)
{
    dc_axis_t three[3] = { 0 };
    dc_sweep_t sweep;
    double all[3 * 60], part[3];
    ck_assert_ptr_null(dc_axis_set(&three[0], 0, 0.4, 0.1));
    ck_assert_ptr_null(dc_axis_set(&three[1], 1, 3, 1));
    ck_assert_ptr_null(dc_axis_set(&three[2], -1, 0.5, 0.5));
    ck_assert(dc_sweep_init(&sweep, three, 3));
    ck_assert_uint_eq(sweep.row_count, 60);
    dc_sweep_fill(&sweep, 0, 60, all);
    for (size_t row = 0; row < 60; row++) {
        dc_sweep_fill(&sweep, row, 1, part);
        ck_assert_mem_eq(part, all + 3 * row, sizeof part);
    }
}
END_TEST

START_TEST(points_are_first_plus_steps_rounded_once)
{
    dc_axis_t axis = { 0 };
    dc_sweep_t sweep;
    double point;
    ck_assert_ptr_null(dc_axis_set(&axis, 0, 1, 0.1));
    ck_assert(dc_sweep_init(&sweep, &axis, 1));
    dc_sweep_fill(&sweep, 3, 1, &point);
    ck_assert_double_eq(point, fma(3, 0.1, 0));
}
END_TEST

START_TEST(too_many_rows_are_refused)
{
    dc_axis_t two[2] = { 0 };
    dc_sweep_t sweep;
    ck_assert_ptr_null(dc_axis_set(&two[0], 1, 1e9, 1));
    ck_assert_ptr_null(dc_axis_set(&two[1], 1, 1e9, 1));
    ck_assert(!dc_sweep_init(&sweep, two, 2));
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("sweep");
    tcase_add_loop_test(tests, both_ends_count, 0, DC_ARRAY_LEN(axes));
    tcase_add_loop_test(tests, what_has_no_points_is_refused, 0, DC_ARRAY_LEN(wrong_axes));
    tcase_add_test(tests, the_last_axis_runs_fastest);
    tcase_add_test(tests, rows_are_the_same_wherever_filling_begins);
    tcase_add_test(tests, points_are_first_plus_steps_rounded_once);
    tcase_add_test(tests, too_many_rows_are_refused);
    Suite *all = suite_create("sweep");
    suite_add_tcase(all, tests);
    return all;
}
