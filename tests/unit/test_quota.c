// Lines are logged until the quota is used up, then as it comes back; those left out are counted.
#include "broker/core/peers/quota.h"
#include "tests/lib/main.h"

static dc_quota_t quota;

// How many of `count` lines at `now` are logged; the first of them says that `left_out` were not.
static unsigned take(dc_ms_t now, unsigned count, uint64_t left_out)
{
    unsigned taken = 0;
    while (count--) {
        uint64_t said;
        if (!dc_quota_take(&quota, now, &said)) continue;
        ck_assert_uint_eq(said, taken ? 0 : left_out);
        taken++;
    }
    return taken;
}

START_TEST(a_burst_is_logged_and_the_rest_is_counted)
{
    quota = dc_quota(5, 1000);
    ck_assert_uint_eq(take(100, 3, 0), 3);
    ck_assert_uint_eq(take(200, 10, 0), 2);
    ck_assert_uint_eq(take(1050, 1, 0), 0);
    ck_assert_uint_eq(take(1100, 3, 9), 1);
}
END_TEST

START_TEST(the_quota_comes_back_a_line_at_a_time_and_no_further_than_it_was)
{
    quota = dc_quota(5, 1000);
    ck_assert_uint_eq(take(100000, 6, 0), 5);
    ck_assert_uint_eq(take(101500, 2, 1), 1);
    ck_assert_uint_eq(take(102000, 2, 1), 1); // the half second counts
    ck_assert_uint_eq(take(104999, 5, 1), 2);
    ck_assert_uint_eq(take(1000000, 20, 3), 5);
}
END_TEST

START_TEST(a_quota_of_one_is_a_line_a_second)
{
    quota = dc_quota(1, 1000);
    unsigned taken = 0;
    uint64_t said;
    for (dc_ms_t now = 5; now < 10005; now++) {
        taken += dc_quota_take(&quota, now, &said);
    }
    ck_assert_uint_eq(taken, 10);
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("quota");
    TCase *tcase = tcase_create("quota");
    tcase_add_test(tcase, a_burst_is_logged_and_the_rest_is_counted);
    tcase_add_test(tcase, the_quota_comes_back_a_line_at_a_time_and_no_further_than_it_was);
    tcase_add_test(tcase, a_quota_of_one_is_a_line_a_second);
    suite_add_tcase(all, tcase);
    return all;
}
