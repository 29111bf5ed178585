// bench_muparser — how many distinct lines the engine reads and evaluates in the time that muParser
// takes for one.
//
//   build/release/bench/bench_muparser [lines]
//
// Both get the same lines, of some 24 bytes, on one core, in turns; none is like the other, so both
// have to parse each. Nothing is printed. Values must agree. Needs libmuparser-dev, and says so
// where that is not installed.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#if __has_include(<muParserDLL.h>)

#include <muParserDLL.h>

#include "common/clock.h"
#include "common/expr/expr.h"
#include "common/limits.h"
#include "tests/lib/random_line.h"

#define LINES_DEFAULT 20000
#define ROUNDS        7

// NUL-terminated lines, as muParser wants them, one behind the other.
static void append_lines(dc_buf_t *text, long line_count)
{
    uint64_t state = 44;
    for (long i = 0; i < line_count; i++) {
        dc_random_line(text, &state, DC_LINE_COMMON);
    }
    for (size_t i = 0; i < text->len; i++) {
        if (text->data[i] == '\n') text->data[i] = '\0';
    }
}

static double eval_here(dc_engine_t *engine, dc_str_t line)
{
    dc_budget_t budget = { .steps_max = DC_STEPS_MAX };
    dc_value_t value;
    dc_diag_t diag;
    dc_err_t err = dc_engine_eval(engine, line, NULL, NULL, 0, (dc_eval_options_t){ .ieee = true },
                                  &budget, &value, &diag);
    return err ? (double)NAN : value.number;
}

static double eval_there(muParserHandle_t parser, dc_str_t line)
{
    mupSetExpr(parser, line.data);
    return mupEval(parser);
}

// Nanoseconds a line on one side. The sum is printed, so that nothing can be left out.
static double measure(dc_engine_t *engine, muParserHandle_t parser, const dc_buf_t *text,
                      double *sum)
{
    size_t line_count = 0;
    dc_us_t start = dc_clock_us();
    for (size_t at = 0; at < text->len;) {
        dc_str_t line = dc_str_from(text->data + at);
        double value = parser ? eval_there(parser, line) : eval_here(engine, line);
        if (isfinite(value)) *sum += value;
        at += line.len + 1;
        line_count++;
    }
    return (double)(dc_clock_us() - start) * 1000.0 / (double)line_count;
}

// Do both read the lines in the same way? Elementary functions may differ in the last digits.
static bool check_values(dc_engine_t *engine, muParserHandle_t parser, const dc_buf_t *text)
{
    for (size_t at = 0; at < text->len;) {
        dc_str_t line = dc_str_from(text->data + at);
        double here = eval_here(engine, line);
        double there = eval_there(parser, line);
        bool is_same = here == there || fabs(here - there) <= 1e-9 * fabs(here) ||
                       (isnan(here) && isnan(there));
        if (!is_same || mupError(parser)) {
            fprintf(stderr, "bench muparser: %s is %.17g here and %.17g there\n", line.data, here,
                    there);
            return false;
        }
        at += line.len + 1;
    }
    return true;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure_both(dc_engine_t *engine, muParserHandle_t parser, const dc_buf_t *text)
{
    double here[ROUNDS], there[ROUNDS], ratio[ROUNDS];
    double sum = 0;
    for (int round = 0; round < ROUNDS; round++) {
        here[round] = measure(engine, NULL, text, &sum);
        there[round] = measure(engine, parser, text, &sum);
        ratio[round] = there[round] / here[round];
    }
    qsort(here, ROUNDS, sizeof *here, compare);
    qsort(there, ROUNDS, sizeof *there, compare);
    qsort(ratio, ROUNDS, sizeof *ratio, compare);
    printf("muparser: the engine reads and evaluates a line in %.1f ns, muParser in %.1f ns: "
           "%.1f times its rate (%.1f to %.1f; sum %g)\n",
           here[ROUNDS / 2], there[ROUNDS / 2], ratio[ROUNDS / 2], ratio[0], ratio[ROUNDS - 1],
           sum);
}

int main(int argc, char **argv)
{
    long line_count = argc > 1 ? strtol(argv[1], NULL, 10) : LINES_DEFAULT;
    dc_buf_t text = { 0 };
    append_lines(&text, line_count);
    dc_engine_t *engine = dc_engine_new();
    muParserHandle_t parser = mupCreate(muBASETYPE_FLOAT);
    bool is_ready = line_count > 0 && !text.failed && engine && parser;
    if (!is_ready) fputs("bench muparser: no lines, or memory is short\n", stderr);
    bool is_same = is_ready && check_values(engine, parser, &text);
    if (is_same) measure_both(engine, parser, &text);
    mupRelease(parser);
    dc_engine_destroy(&engine);
    dc_buf_fini(&text);
    return is_same ? EXIT_SUCCESS : EXIT_FAILURE;
}

#else

int main(void)
{
    puts("muparser: not installed (libmuparser-dev), so there is nothing to compare with");
    return EXIT_SUCCESS;
}

#endif
