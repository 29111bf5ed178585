// Durations, counted in buckets.
#include "broker/core/report/histogram.h"
#include "tests/lib/main.h"

static dc_histogram_t histogram;

static void set_up(void)
{
    histogram = (dc_histogram_t){ 0 };
}

START_TEST(every_duration_is_in_the_bucket_between_its_borders)
{
    const unsigned count = DC_HISTOGRAM_BUCKETS;
    for (dc_us_t us = 0; us < UINT64_C(1) << DC_HISTOGRAM_BITS; us += 1 + us / 7) {
        unsigned bucket = dc_histogram_bucket(us);
        ck_assert_uint_lt(bucket, count);
        ck_assert_uint_le(dc_histogram_low(bucket), us);
        ck_assert_uint_gt(dc_histogram_low(bucket + 1), us);
    }
}
END_TEST

START_TEST(buckets_follow_one_another_at_most_a_quarter_apart)
{
    for (unsigned bucket = 0; bucket + 1 < DC_HISTOGRAM_BUCKETS; bucket++) {
        dc_us_t low = dc_histogram_low(bucket);
        dc_us_t next = dc_histogram_low(bucket + 1);
        ck_assert_uint_gt(next, low);
        if (low >= 4) ck_assert_uint_le(next - low, low / 4);
        ck_assert_uint_eq(dc_histogram_bucket(low), bucket);
    }
}
END_TEST

START_TEST(what_takes_too_long_for_all_buckets_is_in_the_last)
{
    ck_assert_uint_eq(dc_histogram_bucket(UINT64_MAX), DC_HISTOGRAM_BUCKETS - 1);
    dc_histogram_add(&histogram, UINT64_MAX / 2, 1);
    ck_assert_uint_eq(histogram.max_us, UINT64_MAX / 2);
    ck_assert_double_ge(dc_histogram_quantile(&histogram, 0.5), 1e6 * 3600 * 15);
}
END_TEST

START_TEST(of_nothing_every_quantile_is_0)
{
    ck_assert_double_eq(dc_histogram_quantile(&histogram, 0.99), 0);
    ck_assert_double_eq(dc_histogram_mean(&histogram), 0);
}
END_TEST

START_TEST(quantiles_are_within_an_eighth_of_the_truth)
{
    for (dc_us_t us = 1; us <= 100000; us++) {
        dc_histogram_add(&histogram, us, 1);
    }
    const double shares[] = { 0.01, 0.1, 0.5, 0.9, 0.99, 0.999 };
    for (size_t i = 0; i < DC_ARRAY_LEN(shares); i++) {
        double truth = shares[i] * 100000;
        ck_assert_double_eq_tol(dc_histogram_quantile(&histogram, shares[i]), truth, truth / 8);
    }
    ck_assert_double_eq(dc_histogram_quantile(&histogram, 1), 100000);
    ck_assert_double_eq_tol(dc_histogram_mean(&histogram), 50000.5, 0.01);
}
END_TEST

// The gap between the lower half and the upper one belongs to neither.
START_TEST(what_just_ends_a_bucket_is_in_it)
{
    dc_histogram_add(&histogram, 10, 2);
    dc_histogram_add(&histogram, 1000, 2);
    ck_assert_double_eq_tol(dc_histogram_quantile(&histogram, 0.5), 10, 4);
}
END_TEST

// A piece of many jobs is one addition.
START_TEST(many_at_once_count_as_many)
{
    dc_histogram_add(&histogram, 1000, 99);
    dc_histogram_add(&histogram, 500000, 1);
    ck_assert_uint_eq(histogram.count, 100);
    ck_assert_double_eq_tol(dc_histogram_quantile(&histogram, 0.5), 1000, 125);
    ck_assert_double_eq_tol(dc_histogram_quantile(&histogram, 0.999), 500000, 62500);
    ck_assert_double_le(dc_histogram_quantile(&histogram, 1), 500000);
}
END_TEST

START_TEST(a_merged_one_counts_what_both_did)
{
    dc_histogram_t other = { 0 };
    dc_histogram_add(&histogram, 10, 3);
    dc_histogram_add(&other, 1000, 7);
    dc_histogram_merge(&histogram, &other);
    ck_assert_uint_eq(histogram.count, 10);
    ck_assert_uint_eq(histogram.max_us, 1000);
    ck_assert_double_eq_tol(dc_histogram_mean(&histogram), 703, 1e-9);
    ck_assert_double_ge(dc_histogram_quantile(&histogram, 0.5), 800);
    ck_assert_double_le(dc_histogram_quantile(&histogram, 0.2), 12);
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("histogram");
    TCase *tcase = tcase_create("histogram");
    tcase_add_checked_fixture(tcase, set_up, NULL);
    tcase_add_test(tcase, every_duration_is_in_the_bucket_between_its_borders);
    tcase_add_test(tcase, buckets_follow_one_another_at_most_a_quarter_apart);
    tcase_add_test(tcase, what_takes_too_long_for_all_buckets_is_in_the_last);
    tcase_add_test(tcase, of_nothing_every_quantile_is_0);
    tcase_add_test(tcase, quantiles_are_within_an_eighth_of_the_truth);
    tcase_add_test(tcase, what_just_ends_a_bucket_is_in_it);
    tcase_add_test(tcase, many_at_once_count_as_many);
    tcase_add_test(tcase, a_merged_one_counts_what_both_did);
    suite_add_tcase(all, tcase);
    return all;
}
