// How many things happen a second.
#include "broker/core/report/rate.h"
#include "tests/lib/main.h"

static dc_rate_t rate;

static void set_up(void)
{
    rate = (dc_rate_t){ 0 };
}

START_TEST(nothing_has_no_rate)
{
    ck_assert_double_eq(dc_rate_per_second(&rate, 123456), 0);
    ck_assert_uint_eq(dc_rate_count(&rate, 123456, 0), 0);
    ck_assert_uint_eq(dc_rate_count(&rate, 0, 1), 0);
}
END_TEST

START_TEST(what_is_steady_has_its_rate_at_any_moment)
{
    dc_ms_t now = 1000300;
    for (; now < 1020000; now += 100) {
        dc_rate_add(&rate, now, 50);
        if (now >= 1006000) {
            ck_assert_double_eq_tol(dc_rate_per_second(&rate, now), 500, 20);
        }
    }
    ck_assert_uint_eq(dc_rate_count(&rate, now, 1), 500);
    ck_assert_uint_eq(dc_rate_count(&rate, now, 19), 500);
    ck_assert_uint_eq(dc_rate_count(&rate, now, 20), 350);
    ck_assert_uint_eq(dc_rate_count(&rate, now, 21), 0);
}
END_TEST

// Else a batch that has run for a second would seem to be five times slower than it is.
START_TEST(what_has_just_begun_is_measured_since_then)
{
    for (dc_ms_t now = 5000; now <= 6000; now += 100) {
        dc_rate_add(&rate, now, 10);
    }
    ck_assert_double_eq_tol(dc_rate_per_second(&rate, 6000), 110, 1e-9);
}
END_TEST

START_TEST(the_first_answer_alone_is_no_huge_rate)
{
    dc_rate_add(&rate, 7000, 10);
    ck_assert_double_eq(dc_rate_per_second(&rate, 7000), 50);
}
END_TEST

START_TEST(what_was_long_ago_counts_no_more)
{
    dc_rate_add(&rate, 1000, 7);
    ck_assert_double_gt(dc_rate_per_second(&rate, 4900), 0);
    ck_assert_double_eq(dc_rate_per_second(&rate, 6000), 0);
    ck_assert_uint_eq(dc_rate_count(&rate, 32000, 31), 7);
    ck_assert_uint_eq(dc_rate_count(&rate, 100000, 0), 0);
    dc_rate_add(&rate, UINT64_C(1) << 50, 3);
    for (unsigned ago = 1; ago < DC_RATE_SECONDS; ago++) {
        ck_assert_uint_eq(dc_rate_count(&rate, UINT64_C(1) << 50, ago), 0);
    }
    ck_assert_uint_eq(dc_rate_count(&rate, UINT64_C(1) << 50, 0), 3);
}
END_TEST

// Their places in the ring have other seconds' counts.
START_TEST(seconds_that_the_ring_does_not_hold_have_none)
{
    dc_rate_add(&rate, 100000, 5);
    dc_rate_add(&rate, 140000, 9);
    ck_assert_uint_eq(dc_rate_count(&rate, 140000, 0), 9);
    ck_assert_uint_eq(dc_rate_count(&rate, 140000, DC_RATE_SECONDS), 0);
    ck_assert_uint_eq(dc_rate_count(&rate, 140000 + 1000 * DC_RATE_SECONDS, 0), 0);
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("rate");
    TCase *tcase = tcase_create("rate");
    tcase_add_checked_fixture(tcase, set_up, NULL);
    tcase_add_test(tcase, nothing_has_no_rate);
    tcase_add_test(tcase, what_is_steady_has_its_rate_at_any_moment);
    tcase_add_test(tcase, what_has_just_begun_is_measured_since_then);
    tcase_add_test(tcase, the_first_answer_alone_is_no_huge_rate);
    tcase_add_test(tcase, what_was_long_ago_counts_no_more);
    tcase_add_test(tcase, seconds_that_the_ring_does_not_hold_have_none);
    suite_add_tcase(all, tcase);
    return all;
}
