// The job that many workers compute together: what the command line remembers of it.
#include "client/cli/run/big_job.h"
#include "common/limits.h"
#include "tests/lib/main.h"

static dc_big_job_t job;

static void tell(uint64_t index, uint64_t done, uint64_t total, dc_ms_t now)
{
    dcalc_event_t event = {
        .type = DCALC_EVENT_PROGRESS, .job = index, .done = done, .total = total
    };
    dc_big_job_see(&job, &event, now);
}

static void begin(void)
{
    job = (dc_big_job_t){ 0 };
}

START_TEST(its_speed_is_since_it_was_begun)
{
    ck_assert(dc_big_job_rate(&job) == 0);
    tell(3, 500, 10000, 50000);
    ck_assert(dc_big_job_rate(&job) == 500 * 1000.0 / DC_PROGRESS_MS);
    tell(3, 2500, 10000, 50000 + DC_PROGRESS_MS);
    ck_assert(dc_big_job_rate(&job) == 2500 * 1000.0 / (2 * DC_PROGRESS_MS));
    ck_assert_uint_eq(job.done, 2500);
    ck_assert_uint_eq(job.total, 10000);
}
END_TEST

START_TEST(another_job_begins_anew)
{
    tell(3, 9000, 10000, 50000);
    tell(4, 100, 10000, 90000);
    ck_assert(dc_big_job_rate(&job) == 100 * 1000.0 / DC_PROGRESS_MS);
}
END_TEST

// As after a broker's restart.
START_TEST(one_that_falls_back_begins_anew)
{
    tell(3, 9000, 10000, 50000);
    tell(3, 100, 10000, 90000);
    ck_assert(dc_big_job_rate(&job) == 100 * 1000.0 / DC_PROGRESS_MS);
}
END_TEST

START_TEST(with_its_result_it_is_over)
{
    tell(3, 9000, 10000, 50000);
    dc_big_job_see_piece(&job, &(dcalc_piece_t){ .first = 4, .count = 9 });
    ck_assert_uint_eq(job.total, 10000);
    dc_big_job_see_piece(&job, &(dcalc_piece_t){ .first = 2, .count = 2 });
    ck_assert_uint_eq(job.total, 0);
    ck_assert(dc_big_job_rate(&job) == 0);
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("big_job");
    TCase *jobs = tcase_create("jobs");
    tcase_add_checked_fixture(jobs, begin, NULL);
    tcase_add_test(jobs, its_speed_is_since_it_was_begun);
    tcase_add_test(jobs, another_job_begins_anew);
    tcase_add_test(jobs, one_that_falls_back_begins_anew);
    tcase_add_test(jobs, with_its_result_it_is_over);
    suite_add_tcase(all, jobs);
    return all;
}
