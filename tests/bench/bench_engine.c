// bench_engine — how long a line takes to be read, evaluated and printed on one core.
//
//   build/release/bench/bench_engine [lines]
//
// Makes lines of some 24 bytes: none like the other, and then such that differ from one of a few in
// their digits only. Evaluates them in rounds; prints the best round in nanoseconds a line, and how
// often memory was allocated in it, which should be never.
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/buf.h"
#include "common/clock.h"
#include "common/expr/expr.h"
#include "common/limits.h"
#include "tests/lib/random_line.h"

#define LINES_DEFAULT 1000000
#define ROUNDS        5
#define SHAPES        64

// --- allocations -------------------------------------------------------------------------------

static atomic_ulong allocation_count;

// glibc's own names for what the functions below stand in front of; theirs are the parameters'
// names.
// NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,readability-inconsistent-declaration-*)
void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t bytes);

void *malloc(size_t bytes)
{
    atomic_fetch_add_explicit(&allocation_count, 1, memory_order_relaxed);
    return __libc_malloc(bytes);
}

void *calloc(size_t count, size_t size)
{
    atomic_fetch_add_explicit(&allocation_count, 1, memory_order_relaxed);
    return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t bytes)
{
    atomic_fetch_add_explicit(&allocation_count, 1, memory_order_relaxed);
    return __libc_realloc(memory, bytes);
}
// NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,readability-inconsistent-declaration-*)

// --- lines -------------------------------------------------------------------------------------

static void append_distinct(dc_buf_t *text, long line_count)
{
    uint64_t state = 42;
    for (long i = 0; i < line_count; i++) {
        dc_random_line(text, &state, DC_LINE_ALL);
    }
}

// Lines of few shapes, in no order.
static void append_repeated(dc_buf_t *text, long line_count)
{
    uint64_t state = 43;
    for (long i = 0; i < line_count; i++) {
        dc_buf_t shape = { 0 };
        uint64_t which = 1 + (state >> 32) % SHAPES;
        dc_random_line(&shape, &which, DC_LINE_ALL);
        if (!shape.failed) dc_respell_line(dc_str(shape.data, shape.len - 1), text, &state);
        dc_buf_fini(&shape);
    }
}

// --- measuring ---------------------------------------------------------------------------------

typedef struct tally {
    size_t line_count;
    size_t fault_count;
    uint64_t result_bytes; // so that nothing can be left out
} tally_t;

static tally_t evaluate_all(dc_engine_t *engine, dc_str_t text, dc_buf_t *out)
{
    tally_t tally = { 0 };
    dc_budget_t budget = { .steps_max = DC_STEPS_MAX };
    dc_str_t line;
    while (dc_str_take_line(&text, &line)) {
        dc_value_t value;
        dc_diag_t diag;
        dc_err_t err = dc_engine_eval(engine, line, NULL, NULL, 0, (dc_eval_options_t){ 0 },
                                      &budget, &value, &diag);
        tally.line_count++;
        if (err) {
            tally.fault_count++;
            continue;
        }
        out->len = 0;
        dc_value_print(&value, out);
        tally.result_bytes += out->len;
    }
    return tally;
}

static void measure(const char *name, dc_engine_t *engine, dc_str_t text, dc_buf_t *out)
{
    double best_ns = 0;
    for (int round = 0; round < ROUNDS; round++) {
        unsigned long allocated = atomic_load(&allocation_count);
        dc_us_t start = dc_clock_us();
        tally_t tally = evaluate_all(engine, text, out);
        double ns = (double)(dc_clock_us() - start) * 1000.0 / (double)tally.line_count;
        allocated = atomic_load(&allocation_count) - allocated;
        if (round == 0 || ns < best_ns) best_ns = ns;
        printf("round %d: %.1f ns/line, %lu allocations, %zu faults, %.1f bytes a result\n",
               round + 1, ns, allocated, tally.fault_count,
               (double)tally.result_bytes / (double)tally.line_count);
    }
    printf("engine: %.1f ns/line for %s lines of %.1f bytes\n", best_ns, name,
           (double)text.len / (double)dc_str_count_lines(text) - 1);
}

int main(int argc, char **argv)
{
    long line_count = argc > 1 ? strtol(argv[1], NULL, 10) : LINES_DEFAULT;
    dc_buf_t distinct = { 0 }, repeated = { 0 }, out = { 0 };
    append_distinct(&distinct, line_count);
    append_repeated(&repeated, line_count);
    dc_engine_t *engine = dc_engine_new();
    bool is_ready = line_count > 0 && !distinct.failed && !repeated.failed && engine;
    if (is_ready) {
        measure("distinct", engine, dc_buf_str(&distinct), &out);
        measure("repeated", engine, dc_buf_str(&repeated), &out);
    } else {
        fputs("bench engine: no lines, or memory is short\n", stderr);
    }
    dc_engine_destroy(&engine);
    dc_buf_fini(&distinct);
    dc_buf_fini(&repeated);
    dc_buf_fini(&out);
    return is_ready ? EXIT_SUCCESS : EXIT_FAILURE;
}
