#include "common/wide/calculator.h"

#include <stdlib.h>

struct dc_calculator {
    dc_engine_t *engine; // one of the two
    dc_wide_t *wide;
};

dc_calculator_t *dc_calculator_new(dc_numbers_t numbers)
{
    dc_calculator_t *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    if (!dc_numbers_are_double(numbers)) {
        self->wide = dc_wide_new(numbers);
    } else {
        self->engine = dc_engine_new();
    }
    if (!self->wide && !self->engine) dc_calculator_destroy(&self);
    return self;
}

void dc_calculator_destroy(dc_calculator_t **self_p)
{
    dc_calculator_t *self = *self_p;
    *self_p = NULL;
    if (!self) return;
    dc_engine_destroy(&self->engine);
    dc_wide_destroy(&self->wide);
    free(self);
}

dc_err_t dc_calculator_eval(dc_calculator_t *self, dc_str_t text, const dc_var_t *vars,
                            const dc_value_t *values, size_t var_count, dc_eval_options_t options,
                            dc_budget_t *budget, dc_value_t *value, dc_diag_t *diag)
{
    if (self->wide)
        return dc_wide_eval(self->wide, text, vars, values, var_count, budget, value, diag);
    return dc_engine_eval(self->engine, text, vars, values, var_count, options, budget, value,
                          diag);
}

dc_err_t dc_calculator_compile(dc_calculator_t *self, dc_str_t text, dc_var_t *vars,
                               size_t var_count, dc_formula_t *formula, dc_diag_t *diag)
{
    if (self->wide)
        return dc_wide_compile(self->wide, text, vars, var_count, &formula->wide_code, diag);
    return dc_engine_compile(self->engine, text, vars, var_count, &formula->code, diag);
}

dc_err_t dc_calculator_run(dc_calculator_t *self, const dc_formula_t *formula,
                           const dc_value_t *inputs, dc_eval_options_t options, dc_budget_t *budget,
                           dc_value_t *value, dc_diag_t *diag)
{
    if (self->wide) return dc_wide_run(self->wide, formula->wide_code, inputs, budget, value, diag);
    return dc_engine_run(self->engine, formula->code, inputs, options, budget, value, diag);
}

dc_type_t dc_formula_type(const dc_formula_t *self)
{
    return self->wide_code ? dc_wide_code_type(self->wide_code) : dc_code_type(self->code);
}

void dc_formula_fini(dc_formula_t *self)
{
    dc_code_destroy(&self->code);
    dc_wide_code_destroy(&self->wide_code);
}
