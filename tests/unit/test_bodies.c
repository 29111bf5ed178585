// What a reduction evaluates in blocks is what the same expression gives term by term: the sum, the
// steps, and the fault of the first term that has one.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/expr/bodies.h"
#include "common/expr/exact.h"
#include "common/expr/expr.h"
#include "common/expr/reduce.h"
#include "common/limits.h"
#include "tests/lib/main.h"
#include "tests/lib/tree.h"

#define LOOPS          20
#define TREES_PER_LOOP 30
#define TERMS          900
#define BLOCKS         3 // 900 terms less the first 256

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

// --- ways to evaluate --------------------------------------------------------------------------

static outcome_t run(const dc_code_t *code, const dc_value_t *inputs, uint64_t steps_max)
{
    outcome_t outcome = { 0 };
    dc_budget_t budget = { .steps_max = steps_max };
    outcome.err = dc_engine_run(engine, code, inputs, ieee, &budget, &outcome.value, &outcome.diag);
    outcome.steps = budget.steps_used;
    return outcome;
}

// By the VM alone: in blocks as far as `bodies` can, or none if it is NULL. No diagnosis.
static outcome_t run_vm(const dc_code_t *code, const dc_value_t *inputs, uint64_t steps_max,
                        dc_bodies_t *bodies)
{
    char sentence[DC_DIAG_MESSAGE_MAX];
    dc_replays_t replays = { 0 };
    dc_arena_t strings;
    dc_budget_t budget = { .steps_max = steps_max };
    dc_reg_t *regs = calloc(code->reg_count, sizeof *regs);
    double *args = calloc(code->args_max + 1, sizeof *args);
    ck_assert(regs && args);
    memcpy(regs, code->regs, code->reg_count * sizeof *regs);
    for (uint32_t i = 0; i < code->declared_count; i++) {
        const dc_variable_t *variable = &code->variables[i];
        if (variable->is_used) regs[variable->reg] = dc_reg_of_value(&inputs[i]);
    }
    dc_arena_init(&strings, DC_EXPR_STRINGS_BYTES_MAX);
    dc_vm_t vm = { .code = code,
                   .regs = regs,
                   .args = args,
                   .strings = &strings,
                   .budget = &budget,
                   .replays = &replays,
                   .bodies = bodies,
                   .steps = code->folded_steps,
                   .sentence = sentence };
    if (bodies) dc_bodies_begin(bodies, code);
    outcome_t outcome = { .err = dc_vm_run(&vm), .steps = vm.steps };
    outcome.value.number = regs[vm.result].number;
    dc_arena_fini(&strings);
    dc_replays_fini(&replays);
    free(args);
    free(regs);
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

// Term by term, and added exactly. Steps are not counted: a term alone costs more than one of many.
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
        if (!outcome.err) dc_exact_add(&sum, outcome.value.number);
    }
    total.value = (dc_value_t){ .type = DC_TYPE_NUMBER, .number = dc_exact_round(&sum) };
    return total;
}

// --- what must be the same ---------------------------------------------------------------------

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

// Blocks take the steps that the VM takes without them, also up to a fault. Returns how many.
static uint64_t check_steps(const dc_code_t *code, const dc_tree_t *tree, dc_str_t text)
{
    dc_bodies_t bodies;
    dc_bodies_init(&bodies);
    outcome_t actual = run_vm(code, tree->leaves, DC_STEPS_MAX, &bodies);
    outcome_t expected = run_vm(code, tree->leaves, DC_STEPS_MAX, NULL);
    ck_assert_int_eq(actual.err, expected.err);
    ck_assert_msg(actual.steps == expected.steps, "%.*s: %llu steps, term by term %llu",
                  (int)text.len, text.data, (unsigned long long)actual.steps,
                  (unsigned long long)expected.steps);
    if (!actual.err) ck_assert_uint_eq(bodies.block_count, BLOCKS);
    dc_bodies_fini(&bodies);
    return expected.steps;
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
            uint64_t steps = check_steps(code, &tree, dc_buf_str(&text));
            ck_assert_uint_eq(actual.steps, steps);
            if (!actual.err) check_budget(code, &tree, steps);
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

// --- by hand -----------------------------------------------------------------------------------

static const struct {
    const char *text;
    uint64_t block_count;
} block_counts[] = {
    { "sum(k*k, k, 1, 511)", 0 }, // too few to make blocks for
    { "sum(k*k, k, 1, 512)", 1 },
    { "sum(k*k, k, 1, 10240)", 39 }, // all but the first of 256
    { "sum(k*k, k, 1, 10247)", 39 }, // seven more are faster one by one
    { "sum(k*k, k, 1, 10248)", 40 },
    { "sum(k*k, k, 1, 1024) + mean(sqrt(k), k, 1, 1024)", 6 },
    { "sum(sum(j*k, j, 1, 20), k, 1, 1000)", 975 }, // the inner one, when it has had 512 terms
    { "sum(gcd(k == 300 ? 0.5 : k, 2), k, 1, 1024)", 1 }, // a fault in a block
    { "sum(gcd(k == 513 ? 0.5 : k, 2), k, 1, 1024)", 2 }, // ... at its first term
    { "f(x) = gcd(x, 2); sum(f(k), k, 1, 1024)", 3 },     // calls have steps of their own
    { "f(x) = gcd(x, 2); sum(k > 9 ? f(k % 700 + 0.5*(k > 699)) : k, k, 1, 1024)", 2 },
};

START_TEST(many_terms_are_in_blocks)
{
    dc_diag_t diag;
    dc_code_t *code = NULL;
    dc_bodies_t bodies;
    engine = dc_engine_new();
    dc_str_t text = dc_str_from(block_counts[_i].text);
    ck_assert_int_eq(dc_engine_compile(engine, text, NULL, 0, &code, &diag), DC_OK);
    dc_bodies_init(&bodies);
    outcome_t actual = run_vm(code, NULL, DC_STEPS_MAX, &bodies);
    outcome_t expected = run_vm(code, NULL, DC_STEPS_MAX, NULL);
    ck_assert_int_eq(actual.err, expected.err);
    if (!actual.err) ck_assert_double_eq(actual.value.number, expected.value.number);
    ck_assert_uint_eq(actual.steps, expected.steps);
    ck_assert_uint_eq(bodies.block_count, block_counts[_i].block_count);
    dc_bodies_fini(&bodies);
    dc_code_destroy(&code);
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
    tcase_add_loop_test(bodies, many_terms_are_in_blocks, 0, (int)DC_ARRAY_LEN(block_counts));
    tcase_add_test(bodies, null_around_a_reduction);
    suite_add_tcase(all, bodies);
    return all;
}
