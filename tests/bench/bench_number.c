// What it costs to print and to read a number, beside printf("%.17g") and strtod in the same run.
//
// Best of several passes over numbers that fit the first cache, as nanoseconds each.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "common/expr/double_bits.h"
#include "common/expr/number.h"
#include "tests/lib/xorshift.h"

#define NUMBER_COUNT 2048
#define PASS_COUNT   200

typedef struct sample {
    double number;
    char text[DC_NUMBER_TEXT_MAX + 1];
    size_t len;
} sample_t;

static sample_t samples[NUMBER_COUNT];

// What the compiler must not see through.
static volatile double sink;

static uint64_t next_random(void)
{
    static uint64_t state = 1;
    return dc_xorshift(&state);
}

static double any_bits(void)
{
    for (;;) {
        double number = dc_double_of_bits(next_random() >> 1);
        if (isfinite(number)) return number;
    }
}

static double below_one(void)
{
    return (double)(next_random() >> 11) * 0x1p-53;
}

static double cents(void)
{
    return (double)(next_random() % 10000000) / 100;
}

static double integer(void)
{
    return (double)(next_random() % 1000000);
}

static double now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static void print_ours(void)
{
    for (size_t i = 0; i < NUMBER_COUNT; i++) {
        samples[i].len = dc_number_print(samples[i].number, samples[i].text);
    }
}

static void print_libc(void)
{
    char text[40];
    for (size_t i = 0; i < NUMBER_COUNT; i++) {
        sink = snprintf(text, sizeof text, "%.17g", samples[i].number);
    }
}

static void read_ours(void)
{
    double number = 0;
    for (size_t i = 0; i < NUMBER_COUNT; i++) {
        if (!dc_number_read(dc_str(samples[i].text, samples[i].len), &number)) abort();
        sink = number;
    }
}

static void read_libc(void)
{
    for (size_t i = 0; i < NUMBER_COUNT; i++) {
        sink = strtod(samples[i].text, NULL);
    }
}

static double best_ns(void (*pass)(void))
{
    double best = INFINITY;
    for (int i = 0; i < PASS_COUNT; i++) {
        double start = now_ns();
        pass();
        best = fmin(best, now_ns() - start);
    }
    return best / NUMBER_COUNT;
}

static void measure(const char *name, double (*make)(void))
{
    for (size_t i = 0; i < NUMBER_COUNT; i++) {
        samples[i].number = make();
    }
    double print = best_ns(print_ours);
    double print_other = best_ns(print_libc);
    for (size_t i = 0; i < NUMBER_COUNT; i++) {
        samples[i].text[samples[i].len] = '\0';
    }
    double read = best_ns(read_ours);
    double read_other = best_ns(read_libc);
    printf("number %-12s print %5.1f ns (libc x %.1f)  read %5.1f ns (libc x %.1f)\n", name, print,
           print_other / print, read, read_other / read);
}

int main(void)
{
    measure("any bits", any_bits);
    measure("below one", below_one);
    measure("cents", cents);
    measure("integers", integer);
    return EXIT_SUCCESS;
}
