// What a reduction evaluates in blocks is what the same expression gives term by term: the sum, the
// steps, and the fault of the first term that has one.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/expr/exact.h"
#include "common/expr/expr.h"
#include "common/limits.h"
#include "tests/lib/main.h"
#include "tests/lib/tree.h"

#define LOOPS          20
#define TREES_PER_LOOP 30
#define TERMS          900

static dc_engine_t *engine;
static char names[DC_TREE_LEAVES_MAX][8];
static dc_var_t vars[DC_TREE_LEAVES_MAX];
static size_t sound_count, failed_count;

static const dc_eval_options_t ieee = { .ieee = true };

typedef struct outcome {
    dc_err_t err;
    dc_value_t value;
    uint64_t steps;
    dc_diag_t diag;
} outcome_t;

static outcome_t run(const dc_code_t *code, const dc_value_t *inputs, uint64_t steps_max)
{
    outcome_t outcome = { 0 };
    dc_budget_t budget = { .steps_max = steps_max };
    outcome.err = dc_engine_run(engine, code, inputs, ieee, &budget, &outcome.value, &outcome.diag);
    outcome.steps = budget.steps_used;
    return outcome;
}

static dc_code_t *compile(const dc_buf_t *text)
{
    dc_code_t *code = NULL;
    dc_diag_t diag;
    dc_err_t err =
        dc_engine_compile(engine, dc_buf_str(text), vars, DC_TREE_LEAVES_MAX, &code, &diag);
    ck_assert_msg(!err, "%.*s: %s", (int)text->len, text->data, diag.message);
    return code;
}

static void declare(dc_tree_t *tree)
{
    for (size_t i = 0; i < DC_TREE_LEAVES_MAX; i++) {
        snprintf(names[i], sizeof names[i], "v%zu", i);
        bool is_bool = tree->leaves[i].type == DC_TYPE_BOOL;
        vars[i] = (dc_var_t){ .name = dc_str_from(names[i]),
                              .type = is_bool ? DC_VAR_BOOL : DC_VAR_NUMBER };
        tree->is_constant[i] = i % 3 == 2;
    }
}

// Term by term, and added exactly. The steps are those of the terms alone.
static outcome_t evaluate_terms(const dc_code_t *term, const dc_tree_t *tree)
{
    dc_value_t inputs[DC_TREE_LEAVES_MAX];
    outcome_t total = { 0 };
    dc_exact_t sum;
    dc_exact_init(&sum);
    memcpy(inputs, tree->leaves, sizeof inputs);
    for (int k = 0; k < TERMS && !total.err; k++) {
        inputs[0].number = k - 20;
        outcome_t outcome = run(term, inputs, DC_STEPS_MAX);
        total.err = outcome.err;
        total.diag = outcome.diag;
        total.steps += outcome.steps;
        if (!outcome.err) dc_exact_add(&sum, outcome.value.number);
    }
    total.value = (dc_value_t){ .type = DC_TYPE_NUMBER, .number = dc_exact_round(&sum) };
    return total;
}

static void compare(const outcome_t *actual, const outcome_t *expected, dc_str_t text,
                    size_t offset)
{
    ck_assert_msg(actual->err == expected->err, "%.*s: %s, term by term %s", (int)text.len,
                  text.data, dc_err_name(actual->err), dc_err_name(expected->err));
    if (actual->err) {
        failed_count++;
        ck_assert_uint_eq(actual->diag.column, expected->diag.column + offset);
        ck_assert_str_eq(actual->diag.message, expected->diag.message);
        return;
    }
    sound_count++;
    double sum = actual->value.number;
    bool is_same = isnan(sum) ? isnan(expected->value.number) != 0 : sum == expected->value.number;
    ck_assert_msg(is_same, "%.*s: %.17g, term by term %.17g", (int)text.len, text.data, sum,
                  expected->value.number);
}

// The budget ends at the same step in blocks as it does without them.
static void check_budget(const dc_code_t *code, const dc_tree_t *tree, uint64_t steps)
{
    outcome_t enough = run(code, tree->leaves, steps);
    outcome_t less = run(code, tree->leaves, steps - 1);
    ck_assert_int_eq(enough.err, DC_OK);
    ck_assert_int_eq(less.err, DC_ERR_STEPS);
}

static void check_tree(uint64_t seed)
{
    static const char before[] = "sum((";
    dc_tree_t tree;
    dc_buf_t text = { 0 };
    dc_buf_t reduction = { 0 };
    dc_tree_init_plain(&tree, seed);
    declare(&tree);
    dc_tree_print(&tree, true, &text);
    bool is_candidate = tree.leaves[0].type == DC_TYPE_NUMBER && tree.function_count == 0;
    if (is_candidate) {
        dc_code_t *term = compile(&text);
        if (dc_code_type(term) == DC_TYPE_NUMBER) {
            dc_buf_printf(&reduction, "%s%.*s), v0, -20, %d)", before, (int)text.len, text.data,
                          TERMS - 21);
            dc_code_t *code = compile(&reduction);
            outcome_t expected = evaluate_terms(term, &tree);
            outcome_t actual = run(code, tree.leaves, DC_STEPS_MAX);
            compare(&actual, &expected, dc_buf_str(&text), sizeof before - 1);
            if (!actual.err) check_budget(code, &tree, actual.steps);
            dc_code_destroy(&code);
        }
        dc_code_destroy(&term);
    }
    dc_buf_fini(&reduction);
    dc_buf_fini(&text);
    dc_tree_fini(&tree);
}

START_TEST(blocks_of_terms_agree_with_terms)
{
    engine = dc_engine_new();
    sound_count = failed_count = 0;
    for (uint64_t i = 0; i < TREES_PER_LOOP; i++)
        check_tree((uint64_t)_i * TREES_PER_LOOP + i);
    ck_assert_uint_gt(sound_count, 0);
    dc_engine_destroy(&engine);
}
END_TEST

// A variable around it that is null in some rows only.
START_TEST(null_around_a_reduction)
{
    engine = dc_engine_new();
    dc_var_t around = { .name = DC_STR("y"), .nullable = true };
    dc_code_t *code = NULL;
    dc_diag_t diag;
    ck_assert_int_eq(dc_engine_compile(engine, DC_STR("sum(k + (y ?? 1), k, 1, 2000)"), &around, 1,
                                       &code, &diag),
                     DC_OK);
    const dc_value_t inputs[] = { { .type = DC_TYPE_NUMBER, .number = 0.5 }, { 0 } };
    ck_assert_double_eq(run(code, &inputs[0], DC_STEPS_MAX).value.number, 2002000);
    ck_assert_double_eq(run(code, &inputs[1], DC_STEPS_MAX).value.number, 2003000);
    ck_assert_double_eq(run(code, &inputs[0], DC_STEPS_MAX).value.number, 2002000);
    dc_code_destroy(&code);
    dc_engine_destroy(&engine);
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("bodies");
    TCase *bodies = tcase_create("bodies");
    tcase_set_timeout(bodies, 120);
    tcase_add_loop_test(bodies, blocks_of_terms_agree_with_terms, 0, LOOPS);
    tcase_add_test(bodies, null_around_a_reduction);
    suite_add_tcase(all, bodies);
    return all;
}
