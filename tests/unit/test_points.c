// Rows from ranges of wide numbers: exact points, as text.
#include "client/cli/recipe/points.h"

#include "tests/lib/main.h"

static dc_points_t points;
static dc_axis_t axes[3];
static dc_sweep_t sweep;
static dc_buf_t out;

static void set_up(void)
{
    points = (dc_points_t){ 0 };
    out = (dc_buf_t){ 0 };
}

static void tear_down(void)
{
    dc_points_fini(&points);
    dc_buf_fini(&out);
}

static const char *add(size_t index, const char *first, const char *last, const char *step)
{
    axes[index] = (dc_axis_t){ .count = 42 };
    return dc_points_add(&points, dc_str_from(first), dc_str_from(last), dc_str_from(step),
                         &axes[index].count);
}

static const char *put(uint64_t first, uint64_t count)
{
    out.len = 0;
    for (uint64_t row = first; row < first + count; row++)
        ck_assert(dc_points_put(&points, &sweep, row, &out));
    dc_buf_append_char(&out, '\0');
    return out.data;
}

START_TEST(points_are_exact)
{
    ck_assert_ptr_null(add(0, "0", "1", "0.1"));
    ck_assert_uint_eq(axes[0].count, 11);
    ck_assert(dc_sweep_init(&sweep, axes, 1));
    ck_assert_str_eq(put(0, 11), "0\n0.1\n0.2\n0.3\n0.4\n0.5\n0.6\n0.7\n0.8\n0.9\n1\n");
}
END_TEST

START_TEST(fractions_are_points_too)
{
    ck_assert_ptr_null(add(0, "-1/3", "1", "2/3"));
    ck_assert_uint_eq(axes[0].count, 3);
    ck_assert(dc_sweep_init(&sweep, axes, 1));
    ck_assert_str_eq(put(0, 3), "-1/3\n1/3\n1\n");
}
END_TEST

START_TEST(the_last_axis_runs_fastest_wherever_it_begins)
{
    ck_assert_ptr_null(add(0, "10", "0", "-10"));
    ck_assert_ptr_null(add(1, "1e30", "1000000000000000000000000000002", "1"));
    ck_assert_uint_eq(axes[0].count, 2);
    ck_assert(dc_sweep_init(&sweep, axes, 2));
    ck_assert_str_eq(put(0, 6), "10\t1000000000000000000000000000000\n"
                                "10\t1000000000000000000000000000001\n"
                                "10\t1000000000000000000000000000002\n"
                                "0\t1000000000000000000000000000000\n"
                                "0\t1000000000000000000000000000001\n"
                                "0\t1000000000000000000000000000002\n");
    ck_assert_str_eq(put(4, 1), "0\t1000000000000000000000000000001\n");
    ck_assert_str_eq(put(1, 1), "10\t1000000000000000000000000000001\n");
}
END_TEST

static const struct {
    const char *first, *last, *step, *complaint;
} wrong[] = {
    { "1", "0", "1", "has no points" },
    { "0", "1", "-1", "has no points" },
    { "0", "1", "0", "has a step of 0" },
    { "0", "9007199254740992", "1", "has too many points" },
    { "0", "1e300", "1", "has too many points" },
};

START_TEST(what_has_no_points_is_refused)
{
    ck_assert_str_eq(add(0, wrong[_i].first, wrong[_i].last, wrong[_i].step), wrong[_i].complaint);
    ck_assert_uint_eq(axes[0].count, 42);
}
END_TEST

START_TEST(as_many_as_there_may_be)
{
    ck_assert_ptr_null(add(0, "1", "9007199254740992", "1"));
    ck_assert_uint_eq(axes[0].count, UINT64_C(9007199254740992));
    ck_assert(dc_sweep_init(&sweep, axes, 1));
    ck_assert_str_eq(put(UINT64_C(9007199254740991), 1), "9007199254740992\n");
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("points");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, points_are_exact);
    tcase_add_test(tests, fractions_are_points_too);
    tcase_add_test(tests, the_last_axis_runs_fastest_wherever_it_begins);
    tcase_add_loop_test(tests, what_has_no_points_is_refused, 0, DC_ARRAY_LEN(wrong));
    tcase_add_test(tests, as_many_as_there_may_be);
    Suite *all = suite_create("points");
    suite_add_tcase(all, tests);
    return all;
}
