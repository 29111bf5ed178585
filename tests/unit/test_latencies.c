// Latencies: percentiles are times that were measured, the nearest rank of each.
#include "client/cli/look/latencies.h"

#include "tests/lib/main.h"

static dc_latencies_t latencies;

static void tear_down(void)
{
    dc_latencies_fini(&latencies);
}

START_TEST(of_nothing_it_is_nothing)
{
    ck_assert_uint_eq(dc_latencies_percentile(&latencies, 50), 0);
}
END_TEST

START_TEST(of_one_it_is_that_one)
{
    dc_latencies_add(&latencies, 17);
    ck_assert_uint_eq(dc_latencies_percentile(&latencies, 0), 17);
    ck_assert_uint_eq(dc_latencies_percentile(&latencies, 50), 17);
    ck_assert_uint_eq(dc_latencies_percentile(&latencies, 100), 17);
}
END_TEST

static const struct {
    double percent;
    dc_us_t time;
} cases[] = {
    { 0, 10 },    { 10, 10 },  { 10.1, 20 }, { 50, 50 }, // five of ten
    { 50.1, 60 }, { 95, 100 }, { 100, 100 },
};

START_TEST(the_nearest_rank_counts_whatever_the_order)
{
    static const dc_us_t times[] = { 70, 10, 100, 30, 50, 90, 20, 60, 40, 80 };
    for (size_t i = 0; i < DC_ARRAY_LEN(times); i++) {
        dc_latencies_add(&latencies, times[i]);
    }
    ck_assert_uint_eq(dc_latencies_percentile(&latencies, cases[_i].percent), cases[_i].time);
}
END_TEST

START_TEST(more_may_come_after_a_look)
{
    dc_latencies_add(&latencies, 5);
    ck_assert_uint_eq(dc_latencies_percentile(&latencies, 100), 5);
    dc_latencies_add(&latencies, 3);
    dc_latencies_add(&latencies, UINT64_MAX);
    ck_assert_uint_eq(dc_latencies_percentile(&latencies, 0), 3);
    ck_assert_uint_eq(dc_latencies_percentile(&latencies, 100), UINT32_MAX);
    ck_assert_uint_eq(latencies.count, 3);
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("latencies");
    TCase *tests = tcase_create("latencies");
    tcase_add_checked_fixture(tests, NULL, tear_down);
    tcase_add_test(tests, of_nothing_it_is_nothing);
    tcase_add_test(tests, of_one_it_is_that_one);
    tcase_add_loop_test(tests, the_nearest_rank_counts_whatever_the_order, 0,
                        (int)DC_ARRAY_LEN(cases));
    tcase_add_test(tests, more_may_come_after_a_look);
    suite_add_tcase(all, tests);
    return all;
}
