#include "common/clock.h"

#include <time.h>

dc_us_t dc_clock_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (dc_us_t)now.tv_sec * 1000000 + (dc_us_t)now.tv_nsec / 1000;
}

dc_ms_t dc_clock_ms(void)
{
    return dc_clock_us() / 1000;
}

uint64_t dc_clock_date_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

dc_us_t dc_clock_cpu_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (dc_us_t)now.tv_sec * 1000000 + (dc_us_t)now.tv_nsec / 1000;
}
