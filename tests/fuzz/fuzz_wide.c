// Any bytes as an expression of exact and of decimal numbers: it has a value or a fault, the same
// whether it is evaluated at once or as compiled code.
#include <stdio.h>
#include <stdlib.h>

#include "common/wide/wide.h"

// Enough for loops to turn, too few to wait for.
#define STEPS_MAX 20000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put_words(dc_err_t err, const dc_value_t *value, const dc_diag_t *diag,
                      const dc_budget_t *budget, dc_buf_t *words)
{
    words->len = 0;
    if (err) {
        dc_buf_printf(words, "%s at [%u, +%u): %s", dc_err_name(err), diag->column, diag->width,
                      diag->message);
    } else {
        dc_value_print(value, words);
    }
    dc_buf_printf(words, ", %llu steps", (unsigned long long)budget->steps_used);
}

static void evaluate(dc_wide_t *wide, dc_str_t text, dc_buf_t *words)
{
    dc_budget_t budget = { .steps_max = STEPS_MAX };
    dc_value_t value;
    dc_diag_t diag;
    dc_err_t err = dc_wide_eval(wide, text, NULL, NULL, 0, &budget, &value, &diag);
    put_words(err, &value, &diag, &budget, words);
}

static void compile_and_run(dc_wide_t *wide, dc_str_t text, dc_buf_t *words)
{
    dc_budget_t budget = { .steps_max = STEPS_MAX };
    dc_wide_code_t *code = NULL;
    dc_value_t value;
    dc_diag_t diag;
    dc_err_t err = dc_wide_compile(wide, text, NULL, 0, &code, &diag);
    if (!err) err = dc_wide_run(wide, code, NULL, &budget, &value, &diag);
    put_words(err, &value, &diag, &budget, words);
    dc_wide_code_destroy(&code);
}

static void check(dc_wide_t *wide, dc_str_t text)
{
    static dc_buf_t once, twice;
    evaluate(wide, text, &once);
    compile_and_run(wide, text, &twice);
    if (dc_str_eq(dc_buf_str(&once), dc_buf_str(&twice))) return;
    fprintf(stderr, "%.*s and not %.*s\n", (int)once.len, once.data, (int)twice.len, twice.data);
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static dc_wide_t *exact, *decimal;
    if (!exact) exact = dc_wide_new((dc_numbers_t){ DC_NUMBERS_EXACT, 0 });
    if (!decimal) decimal = dc_wide_new((dc_numbers_t){ DC_NUMBERS_DECIMAL, 20 });
    if (!exact || !decimal) abort();
    check(exact, dc_str((const char *)data, size));
    check(decimal, dc_str((const char *)data, size));
    return 0;
}
