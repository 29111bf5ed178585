// The clocks: what a machine that is suspended does to them.
#include "common/clock.h"

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "tests/lib/main.h"

// For how long the machine was suspended, as the program is told.
static time_t suspended_s;

// In the place of the system's: the kernel counts the time of suspension in CLOCK_BOOTTIME.
int clock_gettime(clockid_t clock, struct timespec *now)
{
    int error = (int)syscall(SYS_clock_gettime, clock, now);
    if (clock == CLOCK_BOOTTIME) now->tv_sec += suspended_s;
    return error;
}

#define HOUR_US (UINT64_C(3600) * 1000000)

// A deadline comes, whether the machine runs or not.
START_TEST(time_goes_on_while_the_machine_is_suspended)
{
    dc_us_t before_us = dc_clock_us();
    dc_ms_t before_ms = dc_clock_ms();
    suspended_s = 3600;
    ck_assert_uint_ge(dc_clock_us(), before_us + HOUR_US);
    ck_assert_uint_ge(dc_clock_ms(), before_ms + HOUR_US / 1000);
}
END_TEST

// A job that was at work meanwhile has lost nothing of what it may take.
START_TEST(a_slot_s_time_does_not)
{
    dc_us_t before_us = dc_clock_awake_us();
    suspended_s = 3600;
    ck_assert_uint_ge(dc_clock_awake_us(), before_us);
    ck_assert_uint_lt(dc_clock_awake_us(), before_us + HOUR_US);
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("clock");
    tcase_add_test(tests, time_goes_on_while_the_machine_is_suspended);
    tcase_add_test(tests, a_slot_s_time_does_not);
    Suite *all = suite_create("clock");
    suite_add_tcase(all, tests);
    return all;
}
