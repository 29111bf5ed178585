// A token bucket: a burst at once, then so many a second.
#include "broker/core/schedule/bucket.h"
#include "tests/lib/main.h"

START_TEST(a_burst_is_had_at_once_and_then_a_rate)
{
    dc_bucket_t bucket = dc_bucket(100, 5000);
    ck_assert_uint_eq(dc_bucket_wait_ms(&bucket, 10), 0);
    dc_bucket_take(&bucket, 100);
    ck_assert_uint_eq(dc_bucket_wait_ms(&bucket, 10), 100);
    ck_assert_double_eq_tol(dc_bucket_fill(&bucket, 10, 100, 5050), 0.5, 1e-9);
    ck_assert_uint_eq(dc_bucket_wait_ms(&bucket, 10), 50);
    ck_assert_double_eq_tol(dc_bucket_fill(&bucket, 10, 100, 6000), 10, 1e-9);
}
END_TEST

START_TEST(a_pause_fills_it_and_no_further)
{
    dc_bucket_t bucket = dc_bucket(100, 0);
    dc_bucket_take(&bucket, 40);
    ck_assert_double_eq(dc_bucket_fill(&bucket, 10, 100, 1000000), 100);
}
END_TEST

START_TEST(who_takes_more_than_there_is_owes_it)
{
    dc_bucket_t bucket = dc_bucket(10, 0);
    dc_bucket_take(&bucket, 30);
    ck_assert_uint_eq(dc_bucket_wait_ms(&bucket, 10), 2100);
    ck_assert_double_eq_tol(dc_bucket_fill(&bucket, 10, 10, 2000), 0, 1e-9);
    ck_assert_uint_eq(dc_bucket_wait_ms(&bucket, 10), 100);
}
END_TEST

// However it is cut, the same time gives the same tokens: no rate is too low for ticks.
START_TEST(small_steps_add_up)
{
    dc_bucket_t bucket = dc_bucket(5, 0);
    dc_bucket_take(&bucket, 5);
    for (dc_ms_t now = 1; now <= 10000; now++) {
        dc_bucket_fill(&bucket, 0.3, 5, now);
    }
    ck_assert_double_eq_tol(bucket.tokens, 3, 1e-6);
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("bucket");
    TCase *tcase = tcase_create("bucket");
    tcase_add_test(tcase, a_burst_is_had_at_once_and_then_a_rate);
    tcase_add_test(tcase, a_pause_fills_it_and_no_further);
    tcase_add_test(tcase, who_takes_more_than_there_is_owes_it);
    tcase_add_test(tcase, small_steps_add_up);
    suite_add_tcase(all, tcase);
    return all;
}
