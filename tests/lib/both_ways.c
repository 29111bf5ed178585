#include "tests/lib/both_ways.h"

dc_both_ways_t dc_both_ways_eval(dc_engine_t *engine, dc_str_t text, uint64_t steps_max)
{
    dc_both_ways_t result = { 0 };
    dc_budget_t budget = { .steps_max = steps_max };
    result.err = dc_engine_eval(engine, text, NULL, NULL, 0, (dc_eval_options_t){ 0 }, &budget,
                                &result.value, &result.diag);
    result.steps = budget.steps_used;
    return result;
}

static dc_both_ways_t run(dc_engine_t *engine, const dc_code_t *code, uint64_t steps_max)
{
    dc_both_ways_t result = { 0 };
    dc_budget_t budget = { .steps_max = steps_max };
    result.err = dc_engine_run(engine, code, NULL, (dc_eval_options_t){ 0 }, &budget, &result.value,
                               &result.diag);
    result.steps = budget.steps_used;
    return result;
}

static void put_words(const dc_both_ways_t *result, dc_buf_t *words)
{
    if (result->err) {
        const dc_diag_t *diag = &result->diag;
        dc_buf_printf(words, "%s at [%u, +%u): %s", dc_err_name(diag->code), diag->column,
                      diag->width, diag->message);
    } else if (result->value.type == DC_TYPE_NUMBER) {
        // In base 16 each number but NaN has a text of its own.
        dc_buf_printf(words, "%a", result->value.number);
    } else {
        dc_value_print(&result->value, words);
    }
    dc_buf_printf(words, ", %llu steps", (unsigned long long)result->steps);
}

bool dc_both_ways_agree(dc_engine_t *engine, dc_str_t text, uint64_t steps_max, dc_buf_t *words)
{
    dc_code_t *code = NULL;
    dc_both_ways_t there = { 0 };
    there.err = dc_engine_compile(engine, text, NULL, 0, &code, &there.diag);
    if (!there.err) there = run(engine, code, steps_max);
    dc_buf_t expected = { 0 };
    put_words(&there, &expected); // before the engine is used again
    dc_both_ways_t here = dc_both_ways_eval(engine, text, steps_max);
    words->len = 0;
    put_words(&here, words);
    bool is_same = dc_str_eq(dc_buf_str(words), dc_buf_str(&expected));
    if (!is_same) {
        dc_buf_append_text(words, " and not ");
        dc_buf_append_str(words, dc_buf_str(&expected));
    }
    dc_buf_fini(&expected);
    dc_code_destroy(&code);
    return is_same;
}
