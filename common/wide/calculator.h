// calculator — one engine for whatever numbers are: doubles or wide ones (common/numbers.h).
//
// For those who evaluate now and then, and do not mind which it is: how is told in
// common/expr/expr.h and common/wide/wide.h. It belongs to one thread.
#ifndef DC_COMMON_WIDE_CALCULATOR_H
#define DC_COMMON_WIDE_CALCULATOR_H

#include "common/expr/expr.h"
#include "common/wide/wide.h"

typedef struct dc_calculator dc_calculator_t;

// A compiled template: one of the two.
typedef struct dc_formula {
    dc_code_t *code;
    dc_wide_code_t *wide_code;
} dc_formula_t;

// NULL if memory is short.
dc_calculator_t *dc_calculator_new(dc_numbers_t numbers);

// Destroy it, behind its formulas, and set `*self_p` to NULL; NULL is fine.
void dc_calculator_destroy(dc_calculator_t **self_p);

// As dc_engine_eval, dc_engine_compile and dc_engine_run. Wide numbers are DC_TYPE_DIGITS, and have
// no options.
DC_MUST_USE dc_err_t dc_calculator_eval(dc_calculator_t *self, dc_str_t text, const dc_var_t *vars,
                                        const dc_value_t *values, size_t var_count,
                                        dc_eval_options_t options, dc_budget_t *budget,
                                        dc_value_t *value, dc_diag_t *diag);
DC_MUST_USE dc_err_t dc_calculator_compile(dc_calculator_t *self, dc_str_t text, dc_var_t *vars,
                                           size_t var_count, dc_formula_t *formula,
                                           dc_diag_t *diag);
DC_MUST_USE dc_err_t dc_calculator_run(dc_calculator_t *self, const dc_formula_t *formula,
                                       const dc_value_t *inputs, dc_eval_options_t options,
                                       dc_budget_t *budget, dc_value_t *value, dc_diag_t *diag);

// The type of the values that it gives, as dc_code_type.
dc_type_t dc_formula_type(const dc_formula_t *self);

// Free what is compiled, if anything is.
void dc_formula_fini(dc_formula_t *self);

#endif
