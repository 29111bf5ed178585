#include "common/clock.h"

#include <time.h>

static dc_us_t read_us(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (dc_us_t)now.tv_sec * 1000000 + (dc_us_t)now.tv_nsec / 1000;
}

dc_us_t dc_clock_us(void)
{
    return read_us(CLOCK_BOOTTIME);
}

dc_ms_t dc_clock_ms(void)
{
    return dc_clock_us() / 1000;
}

dc_us_t dc_clock_awake_us(void)
{
    return read_us(CLOCK_MONOTONIC);
}

uint64_t dc_clock_date_ms(void)
{
    return read_us(CLOCK_REALTIME) / 1000;
}

dc_us_t dc_clock_cpu_us(void)
{
    return read_us(CLOCK_PROCESS_CPUTIME_ID);
}
