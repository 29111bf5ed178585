#include "client/cli/run/rehearsal.h"

#include "common/clock.h"
#include "common/expr/explanation.h"
#include "common/limits.h"

// How long one row is evaluated, again and again or as far as it comes: long against the clock's
// microsecond, short for whoever waits.
#define TIMED_US    1000
#define TIMED_STEPS 2000000

// Rows that take less than so many times what others do say nothing new of the machine.
#define DEARER 4

// --- the template ------------------------------------------------------------------------------

static bool join_vars(dc_rehearsal_t *self)
{
    const dc_program_t *program = &self->program;
    self->var_count = program->var_count + program->let_count;
    return dc_program_join_vars(program, &self->arena, &self->vars, &self->inputs);
}

// Translate `source` as an evaluation would, and see what it costs at least.
static dc_err_t look_at(const dc_expr_source_t *source, const bool *varies, double *steps,
                        bool *is_exact, dc_diag_t *diag)
{
    dc_explanation_t explanation;
    dc_err_t err = dc_explanation_init(&explanation, source, varies, diag);
    if (!err) {
        *steps = explanation.steps_min;
        *is_exact = explanation.is_exact;
    }
    dc_explanation_fini(&explanation);
    return err;
}

static dc_err_t prepare_template(dc_rehearsal_t *self, dc_diag_t *diag)
{
    dc_literals_t literals = { 0 };
    dc_expr_source_t source = { .text = self->program.template,
                                .vars = self->vars,
                                .var_count = self->var_count };
    if (!dc_numbers_are_double(self->program.numbers)) source.literals = &literals;
    bool *varies = dc_arena_alloc(&self->arena, self->var_count + 1, sizeof *varies);
    if (!varies) return dc_diag_set_no_memory(diag);
    for (size_t i = 0; i < self->var_count; i++) {
        varies[i] = i < self->program.var_count;
    }
    dc_err_t err = look_at(&source, varies, &self->steps, &self->is_exact, diag);
    if (err) return err;
    return dc_calculator_compile(self->calculator, source.text, self->vars, self->var_count,
                                 &self->formula, diag);
}

dc_err_t dc_rehearsal_init(dc_rehearsal_t *self, const dc_recipe_t *recipe, dc_diag_t *diag)
{
    *self = (dc_rehearsal_t){ .recipe = recipe };
    dc_arena_init(&self->arena, DC_PROGRAM_ARENA_BYTES_MAX);
    dc_program_init(&self->program);
    dc_str_t frame = dc_buf_str(&recipe->program);
    dc_err_t err = dc_program_decode(&self->program, frame, &self->arena, diag);
    if (!err) self->calculator = dc_calculator_new(self->program.numbers);
    if (!err && !self->calculator) err = dc_diag_set_no_memory(diag);
    if (!err && !join_vars(self)) err = dc_diag_set_no_memory(diag);
    if (!err && self->program.template.len) err = prepare_template(self, diag);
    if (err) return err;
    self->rows = dc_rows_new(&self->program, self->vars);
    return self->rows ? DC_OK : dc_diag_set_no_memory(diag);
}

void dc_rehearsal_fini(dc_rehearsal_t *self)
{
    dc_rows_destroy(&self->rows);
    dc_formula_fini(&self->formula);
    dc_calculator_destroy(&self->calculator);
    dc_arena_fini(&self->arena);
}

// --- rows --------------------------------------------------------------------------------------

static dc_err_t translate(dc_rehearsal_t *self, size_t column, double *steps, dc_diag_t *diag)
{
    dc_literals_t literals = { 0 };
    bool is_wide = !dc_numbers_are_double(self->program.numbers);
    dc_expr_source_t source = { .text = self->text,
                                .vars = self->vars,
                                .values = is_wide ? NULL : self->inputs,
                                .var_count = self->var_count,
                                .literals = is_wide ? &literals : NULL };
    dc_err_t err = look_at(&source, NULL, steps, &self->is_exact, diag);
    if (err) diag->column += (uint32_t)column;
    return err;
}

dc_err_t dc_rehearsal_row(dc_rehearsal_t *self, dc_str_t bytes, dc_diag_t *diag)
{
    size_t column = 0;
    double steps = self->steps;
    dc_err_t err = dc_rows_read(self->rows, bytes, self->inputs, &self->text, &column, diag);
    if (!err && !dc_rehearsal_has_template(self)) err = translate(self, column, &steps, diag);
    if (!err && steps > (double)self->program.steps_max)
        err = dc_diag_set(diag, DC_ERR_STEPS, 0, 0, "%s", dc_err_text(DC_ERR_STEPS));
    if (err) return err;
    self->row_steps = steps;
    self->steps_sum += steps;
    self->sound_count++;
    return DC_OK;
}

static dc_err_t evaluate(dc_rehearsal_t *self, dc_budget_t *budget)
{
    dc_eval_options_t options = { .ieee = self->program.ieee };
    dc_value_t value;
    dc_diag_t diag;
    if (dc_rehearsal_has_template(self)) {
        return dc_calculator_run(self->calculator, &self->formula, self->inputs, options, budget,
                                 &value, &diag);
    }
    return dc_calculator_eval(self->calculator, self->text, self->vars, self->inputs,
                              self->var_count, options, budget, &value, &diag);
}

bool dc_rehearsal_is_dearer(const dc_rehearsal_t *self)
{
    return !self->timed_rows || self->row_steps > DEARER * self->timed_steps_max;
}

void dc_rehearsal_time(dc_rehearsal_t *self)
{
    // Others who have the core meanwhile say nothing of the rows.
    dc_us_t start = dc_clock_cpu_us();
    dc_us_t spent = 0;
    double count = 0;
    double steps = 0;
    for (; spent < TIMED_US; spent = dc_clock_cpu_us() - start) {
        dc_budget_t budget = { .steps_max = TIMED_STEPS };
        bool is_cut = evaluate(self, &budget) == DC_ERR_STEPS;
        self->is_cut |= is_cut && !self->is_exact;
        steps += (double)budget.steps_used;
        count++;
    }
    double us = (double)spent / count;
    double rate = steps / (double)spent;
    self->timed_rows++;
    self->timed_steps += (steps / count - self->timed_steps) / self->timed_rows;
    if (self->row_steps > self->timed_steps_max) self->timed_steps_max = self->row_steps;
    if (rate > self->steps_per_us) self->steps_per_us = rate;
    if (self->timed_rows == 1 || us < self->us_min) self->us_min = us;
}

// What a template takes shows when it runs; of expressions that differ it is known of each, at
// least.
double dc_rehearsal_steps(const dc_rehearsal_t *self)
{
    bool is_measured = dc_rehearsal_has_template(self) && !self->is_exact;
    double guess = is_measured ? self->timed_steps * (double)self->sound_count : 0;
    return guess > self->steps_sum ? guess : self->steps_sum;
}

// Small rows take what any row takes, big ones what their steps do: whichever there is more of.
double dc_rehearsal_seconds(const dc_rehearsal_t *self)
{
    if (!self->timed_rows) return 0;
    double each = self->us_min * (double)self->sound_count;
    double steps = self->steps_per_us > 0 ? dc_rehearsal_steps(self) / self->steps_per_us : 0;
    return (each > steps ? each : steps) / 1e6;
}
