#include "client/cli/recipe/points.h"

#include <stdlib.h>

#include "common/limits.h"

// More digits than any number of points that is allowed.
#define COUNT_DIGITS_MAX 16

#define NO_MEMORY "needs more memory than there is"

// What formulas know.
enum {
    FIRST,
    STEP,
    OTHER,
    NAMES
};

static void declare(dc_var_t vars[NAMES], const char *other)
{
    vars[FIRST] = (dc_var_t){ .name = DC_STR("first"), .type = DC_VAR_NUMBER };
    vars[STEP] = (dc_var_t){ .name = DC_STR("step"), .type = DC_VAR_NUMBER };
    vars[OTHER] = (dc_var_t){ .name = dc_str_from(other), .type = DC_VAR_NUMBER };
}

static dc_value_t digits(dc_str_t text)
{
    return (dc_value_t){ .type = DC_TYPE_DIGITS, .string = text };
}

static bool begin(dc_points_t *self)
{
    dc_var_t vars[NAMES];
    dc_diag_t diag;
    declare(vars, "k");
    if (!self->calculator)
        self->calculator = dc_calculator_new((dc_numbers_t){ .kind = DC_NUMBERS_EXACT });
    if (!self->calculator || self->formula.wide_code) return self->calculator;
    return !dc_calculator_compile(self->calculator, DC_STR("first + k * step"), vars, NAMES,
                                  &self->formula, &diag);
}

static const char *read_count(dc_str_t text, uint64_t *count)
{
    uint64_t value = 0;
    if (text.data[0] == '-' || dc_str_eq(text, DC_STR("0"))) return "has no points";
    for (size_t i = 0; i < text.len && i < COUNT_DIGITS_MAX; i++)
        value = 10 * value + (uint64_t)(text.data[i] - '0');
    bool is_too_much = text.len > COUNT_DIGITS_MAX || value > (uint64_t)DC_INTEGER_MAX;
    if (!is_too_much) *count = value;
    return is_too_much ? "has too many points" : NULL;
}

static const char *count_points(dc_points_t *self, dc_str_t first, dc_str_t last, dc_str_t step,
                                uint64_t *count)
{
    dc_var_t vars[NAMES];
    dc_value_t values[NAMES] = { digits(first), digits(step), digits(last) };
    dc_value_t value;
    dc_diag_t diag;
    dc_budget_t budget = { .steps_max = DC_STEPS_MAX };
    declare(vars, "last");
    dc_err_t err =
        dc_calculator_eval(self->calculator, DC_STR("floor((last - first) / step) + 1"), vars,
                           values, NAMES, (dc_eval_options_t){ 0 }, &budget, &value, &diag);
    if (err == DC_ERR_DIVIDE_BY_ZERO) return "has a step of 0";
    if (err == DC_ERR_NOMEM) return NO_MEMORY;
    return err ? "is too large" : read_count(value.string, count);
}

const char *dc_points_add(dc_points_t *self, dc_str_t first, dc_str_t last, dc_str_t step,
                          uint64_t *count)
{
    if (!begin(self)) return NO_MEMORY;
    const char *wrong = count_points(self, first, last, step, count);
    if (wrong) return wrong;
    dc_points_axis_t *axes = realloc(self->axes, (self->axis_count + 1) * sizeof *axes);
    if (!axes) return NO_MEMORY;
    self->axes = axes;
    axes[self->axis_count++] = (dc_points_axis_t){ .first = first, .step = step };
    return NULL;
}

void dc_points_fini(dc_points_t *self)
{
    for (size_t i = 0; i < self->axis_count; i++)
        dc_buf_fini(&self->axes[i].text);
    free(self->axes);
    dc_formula_fini(&self->formula);
    dc_calculator_destroy(&self->calculator);
}

// Make `axis` have the text of `point`: rows that follow each other mostly have the same.
static bool move_to(dc_points_t *self, dc_points_axis_t *axis, uint64_t point)
{
    char number[COUNT_DIGITS_MAX + 8];
    dc_buf_t k = { .data = number, .capacity = sizeof number };
    dc_value_t value;
    dc_diag_t diag;
    dc_budget_t budget = { .steps_max = DC_STEPS_MAX };
    if (axis->text.len && axis->point == point) return true;
    dc_buf_printf(&k, "%llu", (unsigned long long)point);
    dc_value_t inputs[NAMES] = { digits(axis->first), digits(axis->step), digits(dc_buf_str(&k)) };
    axis->text.len = 0;
    if (dc_calculator_run(self->calculator, &self->formula, inputs, (dc_eval_options_t){ 0 },
                          &budget, &value, &diag)) {
        return false;
    }
    axis->point = point;
    dc_buf_append_str(&axis->text, value.string);
    return !axis->text.failed;
}

bool dc_points_put(dc_points_t *self, const dc_sweep_t *sweep, uint64_t row, dc_buf_t *out)
{
    uint64_t repeats = 1;
    for (size_t i = sweep->axis_count; i-- > 0;) {
        uint64_t count = sweep->axes[i].count;
        if (!move_to(self, &self->axes[i], row / repeats % count)) return false;
        repeats *= count;
    }
    for (size_t i = 0; i < sweep->axis_count; i++) {
        if (i) dc_buf_append_char(out, '\t');
        dc_buf_append_str(out, dc_buf_str(&self->axes[i].text));
    }
    dc_buf_append_char(out, '\n');
    return !out->failed;
}
