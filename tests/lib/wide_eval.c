#include "tests/lib/wide_eval.h"

#include "common/limits.h"
#include "tests/lib/main.h"

dc_diag_t wide_diag;
uint64_t wide_steps;

static void describe(dc_err_t err, const dc_value_t *value, dc_buf_t *out)
{
    out->len = 0;
    if (err) {
        ck_assert_int_eq(err, wide_diag.code);
        ck_assert_uint_gt(strlen(wide_diag.message), 0);
        dc_buf_printf(out, "error: %s at %u+%u", dc_err_name(err), wide_diag.column + 1,
                      wide_diag.width);
    } else {
        dc_value_print(value, out);
    }
    dc_buf_append_char(out, '\0');
}

static dc_err_t compile_and_run(dc_wide_t *wide, dc_str_t text, dc_budget_t *budget,
                                dc_value_t *value)
{
    dc_wide_code_t *code = NULL;
    dc_err_t err = dc_wide_compile(wide, text, NULL, 0, &code, &wide_diag);
    if (err) return err;
    err = dc_wide_run(wide, code, NULL, budget, value, &wide_diag);
    dc_wide_code_destroy(&code);
    return err;
}

const char *wide_eval(const char *numbers, const char *expression)
{
    static dc_buf_t once, twice;
    dc_numbers_t kind;
    ck_assert(dc_numbers_read(dc_str_from(numbers), &kind));
    dc_wide_t *wide = dc_wide_new(kind);
    dc_budget_t budget = { .steps_max = DC_STEPS_MAX };
    dc_budget_t other = budget;
    dc_value_t value;
    dc_str_t text = dc_str_from(expression);
    describe(dc_wide_eval(wide, text, NULL, NULL, 0, &budget, &value, &wide_diag), &value, &once);
    describe(compile_and_run(wide, text, &other, &value), &value, &twice);
    dc_wide_destroy(&wide);
    ck_assert_str_eq(once.data, twice.data);
    ck_assert_uint_eq(budget.steps_used, other.steps_used);
    wide_steps = budget.steps_used;
    return once.data;
}
