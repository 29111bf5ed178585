#include "tests/lib/evaluation.h"

#include "common/limits.h"
#include "tests/lib/main.h"

dc_engine_t *engine;
dc_buf_t text;
dc_budget_t budget;
dc_value_t value;
dc_diag_t diag;

void evaluation_set_up(void)
{
    engine = dc_engine_new();
    budget = (dc_budget_t){ .steps_max = DC_STEPS_MAX };
    memset(&diag, 0, sizeof diag);
}

void evaluation_tear_down(void)
{
    dc_buf_fini(&text);
    dc_engine_destroy(&engine);
}

void append(const char *part, size_t times)
{
    for (size_t i = 0; i < times; i++) {
        dc_buf_append_text(&text, part);
    }
}

dc_err_t eval_str(dc_str_t expression)
{
    return dc_engine_eval(engine, expression, NULL, NULL, 0, (dc_eval_options_t){ 0 }, &budget,
                          &value, &diag);
}

void check_number(dc_err_t err, double expected)
{
    ck_assert_msg(!err, "%s at %u", diag.message, diag.column);
    ck_assert_int_eq(value.type, DC_TYPE_NUMBER);
    ck_assert_double_eq(value.number, expected);
}
