// both_ways — an expression evaluated at once and as compiled code: nobody may see a difference.
#ifndef DC_TESTS_LIB_BOTH_WAYS_H
#define DC_TESTS_LIB_BOTH_WAYS_H

#include "common/buf.h"
#include "common/expr/expr.h"

// What came of one evaluation. A string in `value` is the engine's.
typedef struct dc_both_ways {
    dc_err_t err;
    dc_value_t value;
    dc_diag_t diag;
    uint64_t steps;
} dc_both_ways_t;

// Evaluate `text` without variables.
dc_both_ways_t dc_both_ways_eval(dc_engine_t *engine, dc_str_t text, uint64_t steps_max);

// Evaluate it both ways and compare the fault, or the value to the bit, and the steps. False if
// they differ; `*words` tells how then.
bool dc_both_ways_agree(dc_engine_t *engine, dc_str_t text, uint64_t steps_max, dc_buf_t *words);

#endif
