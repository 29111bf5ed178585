// wide_eval — what expressions are worth with exact or decimal numbers, as texts.
#ifndef DC_TESTS_LIB_WIDE_EVAL_H
#define DC_TESTS_LIB_WIDE_EVAL_H

#include "common/wide/wide.h"

// Evaluate `expression` with numbers such as "exact" or "decimal=50", at once and as compiled code;
// both must come to the same, in the same steps. Returns its value as it is printed, or `error:
// divide-by-zero at 2+1` with column, from 1, and width; good until the next call.
const char *wide_eval(const char *numbers, const char *expression);

// Of the last evaluation: the fault, if there was one, and the steps.
extern dc_diag_t wide_diag;
extern uint64_t wide_steps;

#endif
