// bench_engine — how long a distinct line takes to be read, evaluated and printed on one core.
//
//   build/release/bench/bench_engine [lines]
//
// Makes lines of some 24 bytes, none like the other, and evaluates them in rounds; prints the best
// round in nanoseconds a line, and how often memory was allocated in it, which should be never.
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/buf.h"
#include "common/clock.h"
#include "common/expr/expr.h"
#include "common/limits.h"

#define LINES_DEFAULT 1000000
#define ROUNDS        5

// --- allocations -------------------------------------------------------------------------------

static atomic_ulong allocation_count;

// glibc's own names for what the functions below stand in front of; theirs are the parameters' names.
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

// xorshift64*: the same lines in every run.
static uint32_t random_below(uint64_t *state, uint32_t bound)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (uint32_t)((*state * UINT64_C(2685821657736338717)) >> 33) % bound;
}

static void append_number(dc_buf_t *line, uint64_t *state)
{
    uint32_t whole = random_below(state, 10000);
    switch (random_below(state, 4)) {
    case 0: dc_buf_printf(line, "%u", whole); break;
    case 1: dc_buf_printf(line, "%u.%02u", whole % 100, random_below(state, 100)); break;
    case 2: dc_buf_printf(line, "%u.%u", whole % 1000, random_below(state, 10)); break;
    default: dc_buf_printf(line, "%u", whole % 100); break;
    }
}

// Such as 12.5*(3.75+8123)-77/3.1, one in eight with a function.
static void append_line(dc_buf_t *text, uint64_t *state)
{
    static const char *const operators[] = { "+", "-", "*", "/", "+", "*", "-", "/", "%", "^2+" };
    static const char *const functions[] = {
        "sqrt(", "abs(", "sin(", "exp(1/", "floor(", "max(7,"
    };
    size_t start = text->len;
    append_number(text, state);
    while (text->len - start < 20) {
        dc_buf_append_text(text, operators[random_below(state, DC_ARRAY_LEN(operators))]);
        uint32_t shape = random_below(state, 24);
        if (shape < 6) {
            dc_buf_append_char(text, '(');
            append_number(text, state);
            dc_buf_append_text(text, operators[random_below(state, 8)]);
            append_number(text, state);
            dc_buf_append_char(text, ')');
        } else if (shape == 6) {
            dc_buf_append_text(text, functions[random_below(state, DC_ARRAY_LEN(functions))]);
            append_number(text, state);
            dc_buf_append_char(text, ')');
        } else {
            append_number(text, state);
        }
    }
    dc_buf_append_char(text, '\n');
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

static int measure(dc_engine_t *engine, dc_str_t text, dc_buf_t *out)
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
    printf("engine: %.1f ns/line for lines of %.1f bytes\n", best_ns,
           (double)text.len / (double)dc_str_count_lines(text) - 1);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    long line_count = argc > 1 ? strtol(argv[1], NULL, 10) : LINES_DEFAULT;
    dc_buf_t text = { 0 };
    uint64_t state = 42;
    for (long i = 0; i < line_count; i++) {
        append_line(&text, &state);
    }
    dc_engine_t *engine = dc_engine_new();
    dc_buf_t out = { 0 };
    if (line_count <= 0 || text.failed || !engine) {
        fputs("bench engine: no lines, or memory is short\n", stderr);
        return EXIT_FAILURE;
    }
    int status = measure(engine, dc_buf_str(&text), &out);
    dc_engine_destroy(&engine);
    dc_buf_fini(&text);
    dc_buf_fini(&out);
    return status;
}
