// The engine and a plain tree walk agree to the bit, on expressions made at random: with constants,
// which are folded, and with the same constants as variables, which are not.
#include <math.h>
#include <stdio.h>

#include "common/expr/expr.h"
#include "common/limits.h"
#include "tests/lib/main.h"
#include "tests/lib/tree.h"

#define LOOPS          100
#define TREES_PER_LOOP 200

typedef struct outcome {
    dc_err_t err;
    dc_value_t value;
    dc_diag_t diag;
} outcome_t;

static const dc_eval_options_t ieee = { .ieee = true };

static outcome_t evaluate(dc_engine_t *engine, dc_str_t text, dc_eval_options_t options)
{
    outcome_t outcome = { 0 };
    dc_budget_t budget = { .steps_max = DC_STEPS_MAX };
    outcome.err = dc_engine_eval(engine, text, NULL, NULL, 0, options, &budget, &outcome.value,
                                 &outcome.diag);
    return outcome;
}

static outcome_t evaluate_variables(dc_engine_t *engine, dc_str_t text, const dc_tree_t *tree)
{
    static char names[DC_TREE_LEAVES_MAX][8];
    outcome_t outcome = { 0 };
    dc_var_t vars[DC_TREE_LEAVES_MAX];
    for (size_t i = 0; i < DC_TREE_LEAVES_MAX; i++) {
        snprintf(names[i], sizeof names[i], "v%zu", i);
        dc_type_t type = tree->leaves[i].type;
        bool is_text = type == DC_TYPE_STRING;
        bool is_bool = type == DC_TYPE_BOOL;
        vars[i] = (dc_var_t){ .name = dc_str_from(names[i]),
                              .type = is_text   ? DC_VAR_STRING
                                      : is_bool ? DC_VAR_BOOL
                                                : DC_VAR_NUMBER };
    }
    dc_code_t *code = NULL;
    outcome.err = dc_engine_compile(engine, text, vars, DC_TREE_LEAVES_MAX, &code, &outcome.diag);
    if (outcome.err) return outcome;
    dc_budget_t budget = { .steps_max = DC_STEPS_MAX };
    outcome.err =
        dc_engine_run(engine, code, tree->leaves, ieee, &budget, &outcome.value, &outcome.diag);
    dc_code_destroy(&code);
    return outcome;
}

static void print_outcome(dc_err_t err, const dc_value_t *value, dc_buf_t *out)
{
    if (err) {
        dc_buf_append_text(out, dc_err_name(err));
    } else {
        dc_value_print(value, out);
    }
}

// Equal to the bit; all NaN are one.
static bool is_same(const outcome_t *outcome, dc_err_t err, const dc_value_t *value)
{
    if (outcome->err || err) return outcome->err == err;
    if (outcome->value.type != value->type) return false;
    switch (value->type) {
    case DC_TYPE_NULL: return true;
    case DC_TYPE_NUMBER:
        if (isnan(value->number)) return isnan(outcome->value.number);
        return value->number == outcome->value.number &&
               signbit(value->number) == signbit(outcome->value.number);
    case DC_TYPE_BOOL: return value->boolean == outcome->value.boolean;
    case DC_TYPE_STRING:
    case DC_TYPE_DIGITS: return dc_str_eq(value->string, outcome->value.string);
    }
    return false;
}

static void check(uint64_t seed, const char *way, dc_str_t text, const outcome_t *outcome,
                  dc_err_t err, const dc_value_t *value)
{
    if (is_same(outcome, err, value)) return;
    dc_buf_t message = { 0 };
    dc_buf_printf(&message, "seed %llu, %s: ", (unsigned long long)seed, way);
    dc_buf_append_str(&message, text);
    dc_buf_append_text(&message, " is ");
    print_outcome(outcome->err, &outcome->value, &message);
    if (outcome->err)
        dc_buf_printf(&message, " (%s at %u)", outcome->diag.message, outcome->diag.column);
    dc_buf_append_text(&message, ", by the tree ");
    print_outcome(err, value, &message);
    dc_buf_append_char(&message, '\0');
    ck_abort_msg("%s", message.data);
}

// Without --ieee a number that is not finite is a fault, at a place inside of the text.
static void check_judged(uint64_t seed, dc_str_t text, const outcome_t *outcome, dc_err_t err,
                         const dc_value_t *value)
{
    bool is_judged = !err && value->type == DC_TYPE_NUMBER && !isfinite(value->number);
    if (!is_judged) {
        check(seed, "judged", text, outcome, err, value);
        return;
    }
    ck_assert_msg(outcome->err == DC_ERR_DOMAIN || outcome->err == DC_ERR_OVERFLOW ||
                      outcome->err == DC_ERR_DIVIDE_BY_ZERO,
                  "seed %llu: %.*s", (unsigned long long)seed, (int)text.len, text.data);
    ck_assert_uint_gt(outcome->diag.width, 0);
    ck_assert_uint_le(outcome->diag.column + outcome->diag.width, text.len);
}

static void check_tree(dc_engine_t *engine, uint64_t seed)
{
    dc_tree_t tree;
    dc_tree_init(&tree, seed);
    dc_value_t value;
    dc_err_t err = dc_tree_evaluate(&tree, &value);
    dc_buf_t text = { 0 };
    dc_tree_print(&tree, false, &text);

    outcome_t outcome = evaluate(engine, dc_buf_str(&text), ieee);
    check(seed, "constants", dc_buf_str(&text), &outcome, err, &value);
    outcome = evaluate(engine, dc_buf_str(&text), (dc_eval_options_t){ 0 });
    check_judged(seed, dc_buf_str(&text), &outcome, err, &value);

    text.len = 0;
    dc_tree_print(&tree, true, &text);
    outcome = evaluate_variables(engine, dc_buf_str(&text), &tree);
    check(seed, "variables", dc_buf_str(&text), &outcome, err, &value);
    dc_buf_fini(&text);
    dc_tree_fini(&tree);
}

START_TEST(engine_agrees_with_a_tree_walk)
{
    dc_engine_t *engine = dc_engine_new();
    for (uint64_t i = 0; i < TREES_PER_LOOP; i++) {
        check_tree(engine, (uint64_t)_i * TREES_PER_LOOP + i);
    }
    dc_engine_destroy(&engine);
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("expr_tree");
    TCase *trees = tcase_create("trees");
    tcase_add_loop_test(trees, engine_agrees_with_a_tree_walk, 0, LOOPS);
    suite_add_tcase(all, trees);
    return all;
}
