// bench_columns — templates over columns in cache, against the same loops in C.
//
//   build/release/bench/bench_columns [rounds]
//
// One thread; columns of DC_BLOCK_ROWS rows, so that nothing waits for memory. Our side and C's are
// measured alternately, each several times, and medians are compared. The loops in C are compiled
// by gcc -O3 (this file's pragma) and call glibc's functions. muParser's bulk mode evaluates the
// same templates, where it is installed (libmuparser-dev).
#pragma GCC optimize("O3")

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#if __has_include(<muParserDLL.h>)
#define HAS_MUPARSER 1
#include <muParserDLL.h>
#else
#define HAS_MUPARSER 0
#endif

#include "common/expr/columns.h"
#include "tests/bench/templates.h"

#define ROUNDS_DEFAULT 9
#define ROUNDS_MAX     99
#define BLOCKS         2000 // a measurement

static const char *const names[] = { "x", "y", "z" };
static _Alignas(DC_BLOCK_ALIGNMENT) double columns[3][DC_BLOCK_ROWS];
static _Alignas(DC_BLOCK_ALIGNMENT) double results[DC_BLOCK_ROWS];

#define LOOP(name, text, expression)                                       \
    static void name(const double *restrict xs, const double *restrict ys, \
                     const double *restrict zs, double *restrict out)      \
    {                                                                      \
        for (size_t i = 0; i < DC_BLOCK_ROWS; i++) {                       \
            double x = xs[i], y = ys[i], z = zs[i];                        \
            (void)x;                                                       \
            (void)y;                                                       \
            (void)z;                                                       \
            out[i] = (expression);                                         \
        }                                                                  \
    }
DC_BENCH_ARITHMETIC(LOOP)
DC_BENCH_FUNCTIONS(LOOP)

typedef struct case_ {
    const char *text;
    void (*loop)(const double *restrict xs, const double *restrict ys, const double *restrict zs,
                 double *restrict out);
} case_t;

#define CASE(name, text, expression) { text, name },
static const case_t arithmetic[] = { DC_BENCH_ARITHMETIC(CASE) };
static const case_t functions[] = { DC_BENCH_FUNCTIONS(CASE) };

// --- one template ------------------------------------------------------------------------------

static dc_columns_t *prepare(dc_engine_t *engine, const char *text, dc_code_t **code)
{
    dc_var_t vars[3];
    const bool varies[3] = { true, true, true };
    dc_diag_t diag;
    for (size_t i = 0; i < 3; i++)
        vars[i] = (dc_var_t){ .name = dc_str_from(names[i]), .type = DC_VAR_NUMBER };
    if (dc_engine_compile(engine, dc_str_from(text), vars, 3, code, &diag)) {
        fprintf(stderr, "%s: %s\n", text, diag.message);
        exit(EXIT_FAILURE);
    }
    dc_columns_t *prepared = dc_columns_new(*code, varies);
    if (prepared) return prepared;
    fprintf(stderr, "%s: not in blocks\n", text);
    exit(EXIT_FAILURE);
}

// What this thread has computed: on a busy machine a measurement is longer than a turn on a core.
static double cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

// ns a row.
static double time_ours(dc_columns_t *prepared)
{
    double *const list[] = { columns[0], columns[1], columns[2] };
    dc_columns_block_t block = { .count = DC_BLOCK_ROWS, .columns = list, .steps_max = UINT64_MAX };
    double start = cpu_ns();
    for (int i = 0; i < BLOCKS; i++) {
        if (!dc_columns_run(prepared, &block)) abort();
        __asm__ volatile("" : : "r"(block.values) : "memory");
    }
    return (cpu_ns() - start) / BLOCKS / DC_BLOCK_ROWS;
}

static double time_loop(const case_t *it)
{
    double start = cpu_ns();
    for (int i = 0; i < BLOCKS; i++) {
        it->loop(columns[0], columns[1], columns[2], results);
        __asm__ volatile("" : : "r"(results) : "memory");
    }
    return (cpu_ns() - start) / BLOCKS / DC_BLOCK_ROWS;
}

#if HAS_MUPARSER
static muParserHandle_t new_muparser(const char *text)
{
    muParserHandle_t parser = mupCreate(muBASETYPE_FLOAT);
    for (size_t i = 0; parser && i < 3; i++)
        mupDefineVar(parser, names[i], columns[i]);
    mupDefineConst(parser, "pi", 3.141592653589793);
    mupSetExpr(parser, text);
    return parser;
}

static double time_muparser(muParserHandle_t parser)
{
    int blocks = BLOCKS / 20;
    double start = cpu_ns();
    for (int i = 0; i < blocks; i++)
        mupEvalBulk(parser, results, DC_BLOCK_ROWS);
    return (cpu_ns() - start) / blocks / DC_BLOCK_ROWS;
}
#endif

// muParser's bulk mode uses OpenMP, which looks at this before main: all sides have one thread
// here.
static void use_one_thread(char **argv)
{
    if (getenv("OMP_NUM_THREADS")) return;
    setenv("OMP_NUM_THREADS", "1", 1);
    execv("/proc/self/exe", argv);
}

static int compare_doubles(const void *a, const void *b)
{
    const double *left = a;
    const double *right = b;
    return (*left > *right) - (*left < *right);
}

static double median(double *times, int count)
{
    qsort(times, (size_t)count, sizeof *times, compare_doubles);
    return times[count / 2];
}

typedef struct times {
    double ours_ns, loop_ns;
    double muparser_ns; // 0 if it is not there
} times_t;

static times_t measure(dc_engine_t *engine, const case_t *it, int rounds)
{
    double ours[ROUNDS_MAX], loop[ROUNDS_MAX], muparser[ROUNDS_MAX] = { 0 };
    dc_code_t *code = NULL;
    dc_columns_t *prepared = prepare(engine, it->text, &code);
#if HAS_MUPARSER
    muParserHandle_t parser = new_muparser(it->text);
#endif
    for (int round = 0; round < rounds; round++) {
        ours[round] = time_ours(prepared);
        loop[round] = time_loop(it);
#if HAS_MUPARSER
        muparser[round] = time_muparser(parser);
#endif
    }
#if HAS_MUPARSER
    mupRelease(parser);
#endif
    dc_columns_destroy(&prepared);
    dc_code_destroy(&code);
    return (times_t){ median(ours, rounds), median(loop, rounds), median(muparser, rounds) };
}

static void measure_all(dc_engine_t *engine, const char *title, const case_t *cases, size_t count,
                        int rounds)
{
    double sum = 0;
    double muparser_sum = 0;
    printf("%s: ns a row, in cache\n", title);
    for (size_t i = 0; i < count; i++) {
        times_t times = measure(engine, &cases[i], rounds);
        double ratio = times.ours_ns / times.loop_ns;
        double muparser_ratio = times.muparser_ns / times.ours_ns;
        printf("  %-44s %6.2f  C %6.2f: %5.2f   muParser %7.2f: 1/%.0f\n", cases[i].text,
               times.ours_ns, times.loop_ns, ratio, times.muparser_ns, muparser_ratio);
        sum += log(ratio);
        muparser_sum += log(muparser_ratio);
    }
    printf("%s: geometric means: %.2f of gcc -O3's time", title, exp(sum / (double)count));
    printf(HAS_MUPARSER ? ", %.0f times muParser's rate\n" : " (no muParser here)\n",
           exp(muparser_sum / (double)count));
}

int main(int argc, char **argv)
{
    use_one_thread(argv);
    long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : ROUNDS_DEFAULT;
    if (rounds < 1 || rounds > ROUNDS_MAX) rounds = ROUNDS_DEFAULT;
    for (size_t i = 0; i < DC_BLOCK_ROWS; i++) {
        columns[0][i] = 0.5 + (double)i / 64;
        columns[1][i] = 3.25 - (double)i / 128;
        columns[2][i] = 1 + (double)(i * i % 97) / 16;
    }
    dc_engine_t *engine = dc_engine_new();
    measure_all(engine, "arithmetic", arithmetic, DC_ARRAY_LEN(arithmetic), (int)rounds);
    measure_all(engine, "functions", functions, DC_ARRAY_LEN(functions), (int)rounds);
    dc_engine_destroy(&engine);
    return EXIT_SUCCESS;
}
