// Any bytes as an expression: it has a value or a fault, the same whether it is evaluated at once
// or as compiled code.
#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/both_ways.h"

// Enough for loops to turn, too few to wait for.
#define STEPS_MAX 20000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static dc_engine_t *engine;
    static dc_buf_t words;
    if (!engine) engine = dc_engine_new();
    if (!engine) abort();
    if (!dc_both_ways_agree(engine, dc_str((const char *)data, size), STEPS_MAX, &words)) {
        fprintf(stderr, "%.*s\n", (int)words.len, words.data);
        abort();
    }
    return 0;
}
