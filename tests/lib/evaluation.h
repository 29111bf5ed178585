// evaluation — the fixture of tests that evaluate whole expressions: an engine, the text of an
// expression that is too long to be written down, and all that the last evaluation has left.
#ifndef DC_TESTS_LIB_EVALUATION_H
#define DC_TESTS_LIB_EVALUATION_H

#include "common/buf.h"
#include "common/expr/expr.h"

extern dc_engine_t *engine;
extern dc_buf_t text;
extern dc_budget_t budget;
extern dc_value_t value;
extern dc_diag_t diag;

// A fixture's: a new engine, no text, the steps that a job has.
void evaluation_set_up(void);
void evaluation_tear_down(void);

// Append `part` to the text, so many times.
void append(const char *part, size_t times);

// Evaluate an expression without variables.
dc_err_t eval_str(dc_str_t expression);

// The last evaluation, which has returned `err`, has this number for a value.
void check_number(dc_err_t err, double expected);

#endif
