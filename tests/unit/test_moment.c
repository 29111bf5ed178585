// Points in time as people write them, seen from Tuesday, 24 November 2026, 07:45 in Berlin.
#include "client/cli/text/moment.h"

#include <stdlib.h>
#include <time.h>

#include "tests/lib/main.h"

#define NOW UINT64_C(1795502700000) // 2026-11-24T06:45:00Z

#define MINUTE UINT64_C(60000)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

static void live_in(const char *zone)
{
    setenv("TZ", zone, 1);
    tzset();
}

// By its rule, so that no table of zones is needed.
static void set_up(void)
{
    live_in("CET-1CEST,M3.5.0,M10.5.0/3");
}

static const struct {
    const char *text;
    uint64_t ms;
} moments[] = {
    { "5m", NOW + 5 * MINUTE },
    { "1h30m", NOW + 90 * MINUTE },
    { "0s", NOW },
    { "18:30", NOW + 10 * HOUR + 45 * MINUTE },
    { "18:30:15", NOW + 10 * HOUR + 45 * MINUTE + 15000 },
    { "07:45", NOW },
    { "7:44", NOW - MINUTE }, // today's, though it has passed
    { "today 23:59", NOW + 16 * HOUR + 14 * MINUTE },
    { "tomorrow 07:00", NOW + 23 * HOUR + 15 * MINUTE },
    { "2026-11-24T18:30", NOW + 10 * HOUR + 45 * MINUTE },
    { "2026-11-24 18:30:15", NOW + 10 * HOUR + 45 * MINUTE + 15000 },
    { "2026-11-24T18:30Z", NOW + 11 * HOUR + 45 * MINUTE },
    { "2026-11-24T18:30:15Z", NOW + 11 * HOUR + 45 * MINUTE + 15000 },
    { "2026-11-24T18:30+01:00", NOW + 10 * HOUR + 45 * MINUTE },
    { "2026-11-24T18:30-03:30", NOW + 15 * HOUR + 15 * MINUTE },
    { "2026-11-24", NOW + 16 * HOUR + 15 * MINUTE }, // until it ends
    { "today", NOW + 16 * HOUR + 15 * MINUTE },
    { "tomorrow", NOW + 40 * HOUR + 15 * MINUTE },
    { "2026-12-31", NOW + 37 * DAY + 16 * HOUR + 15 * MINUTE },
    { "2028-02-29T07:45", NOW + 462 * DAY },
    { "2027-07-01T08:45", NOW + 219 * DAY }, // summer time then
    { "1969-07-20", 0 },
};

START_TEST(moments_are_read)
{
    uint64_t ms = 1;
    ck_assert(dc_moment_read(moments[_i].text, NOW, &ms));
    ck_assert_int_eq((int64_t)(ms - NOW), (int64_t)(moments[_i].ms - NOW));
}
END_TEST

static const char *const none[] = {
    "",
    "5",
    "soon",
    "inf",
    "24:00",
    "18:60",
    "18:30:60",
    "18:3",
    "1830",
    "118:30",
    "18:30 ",
    " 18:30",
    "18:30:",
    "18:30Z",
    "-18:30",
    "tomorrow07:00",
    "tomorrow ",
    "tomorrow 07:00Z",
    "yesterday 07:00",
    "2026-11-31",
    "2026-02-29",
    "2026-13-01",
    "2026-00-10",
    "2026-1-01",
    "26-11-24",
    "2026-11-24T",
    "2026-11-24X18:30",
    "2026-11-24T18",
    "2026-11-24T18:30z",
    "2026-11-24T18:30+1",
    "2026-11-24T18:30+25:00",
    "2026-11-24T18:30Z+01:00",
};

START_TEST(what_is_no_moment_is_refused)
{
    uint64_t ms = 42;
    ck_assert(!dc_moment_read(none[_i], NOW, &ms));
    ck_assert_uint_eq(ms, 42);
}
END_TEST

// At 03:45 in Rio it is still the same day; in Auckland, at 19:45, it is as well, but not for long.
START_TEST(the_zone_says_which_day_it_is)
{
    uint64_t ms;
    live_in("<-03>3");
    ck_assert(dc_moment_read("tomorrow 00:00", NOW, &ms));
    ck_assert_uint_eq(ms - NOW, 20 * HOUR + 15 * MINUTE);
    live_in("<+13>-13");
    ck_assert(dc_moment_read("tomorrow 00:00", NOW, &ms));
    ck_assert_uint_eq(ms - NOW, 4 * HOUR + 15 * MINUTE);
}
END_TEST

// On 28 March 2027 a day has 23 hours there.
START_TEST(a_day_may_be_shorter)
{
    uint64_t start, end;
    ck_assert(dc_moment_read("2027-03-28T00:00", NOW, &start));
    ck_assert(dc_moment_read("2027-03-28", NOW, &end));
    ck_assert_uint_eq(end - start, 23 * HOUR);
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("moment");
    tcase_add_checked_fixture(tests, set_up, NULL);
    tcase_add_loop_test(tests, moments_are_read, 0, DC_ARRAY_LEN(moments));
    tcase_add_loop_test(tests, what_is_no_moment_is_refused, 0, DC_ARRAY_LEN(none));
    tcase_add_test(tests, the_zone_says_which_day_it_is);
    tcase_add_test(tests, a_day_may_be_shorter);
    Suite *all = suite_create("moment");
    suite_add_tcase(all, tests);
    return all;
}
