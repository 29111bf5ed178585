// Blocks of rows, single rows and a plain tree walk agree to the bit (and blocks and rows to the
// step), on expressions and rows made at random. DCALC_TREES=N DCALC_SEED=S tries N other
// expressions.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/expr/columns.h"
#include "tests/lib/main.h"
#include "tests/lib/tree.h"
#include "tests/lib/xorshift.h"

#define LOOPS          100
#define TREES_PER_LOOP 100

typedef struct fixture {
    dc_engine_t *engine;
    dc_code_t *code;
    dc_columns_t *columns;
    char names[DC_TREE_LEAVES_MAX][8];
    dc_var_t vars[DC_TREE_LEAVES_MAX];
    bool varies[DC_TREE_LEAVES_MAX];
    double rows[DC_TREE_LEAVES_MAX][DC_BLOCK_ROWS];
    double *row_list[DC_TREE_LEAVES_MAX];
    dc_value_t inputs[DC_BLOCK_ROWS][DC_TREE_LEAVES_MAX];
    dc_columns_block_t block;
    uint64_t state;
    uint64_t compared, in_blocks;
} fixture_t;

static fixture_t fixture;

static uint32_t below(uint32_t bound)
{
    return dc_xorshift_below(&fixture.state, bound);
}

// --- one expression ----------------------------------------------------------------------------

// Some leaves vary from row to row, some are the same for all, some are constants in the text.
static void declare(dc_tree_t *tree)
{
    for (size_t i = 0; i < DC_TREE_LEAVES_MAX; i++) {
        snprintf(fixture.names[i], sizeof fixture.names[i], "v%zu", i);
        bool is_bool = tree->leaves[i].type == DC_TYPE_BOOL;
        fixture.vars[i] = (dc_var_t){ .name = dc_str_from(fixture.names[i]),
                                      .type = is_bool ? DC_VAR_BOOL : DC_VAR_NUMBER };
        fixture.varies[i] = below(3) != 0;
        tree->is_constant[i] = !fixture.varies[i] && below(4) != 0;
    }
}

static void fill_rows(dc_tree_t *tree, size_t count)
{
    dc_value_t same[DC_TREE_LEAVES_MAX];
    memcpy(same, tree->leaves, sizeof same);
    for (size_t row = 0; row < count; row++) {
        dc_tree_change_leaves(tree, fixture.state + row);
        for (size_t i = 0; i < DC_TREE_LEAVES_MAX; i++) {
            const dc_value_t *value = fixture.varies[i] ? &tree->leaves[i] : &same[i];
            fixture.inputs[row][i] = *value; // not looked at where the leaf is a constant
            fixture.rows[i][row] =
                value->type == DC_TYPE_BOOL ? (double)value->boolean : value->number;
            fixture.row_list[i] = fixture.rows[i];
        }
    }
}

static dc_err_t run_row(size_t row, dc_eval_options_t options, dc_budget_t *budget,
                        dc_value_t *value)
{
    dc_diag_t diag;
    return dc_engine_run(fixture.engine, fixture.code, fixture.inputs[row], options, budget, value,
                         &diag);
}

static bool is_same(const dc_value_t *value, double number)
{
    if (value->type == DC_TYPE_BOOL) return number == (double)value->boolean;
    if (isnan(value->number)) return isnan(number);
    return value->number == number && signbit(value->number) == signbit(number);
}

// An assertion writes to a pipe even where it holds, which a million times is slow: so only where
// not.
static void compare_row(const char *text, size_t row)
{
    const dc_columns_block_t *block = &fixture.block;
    dc_budget_t budget = { .steps_max = block->steps_max };
    dc_value_t value;
    dc_err_t err = run_row(row, block->options, &budget, &value);
    fixture.compared++;
    if (block->is_left[row]) {
        if (!err) ck_abort_msg("row %zu of %s was left out for nothing", row, text);
        return;
    }
    fixture.in_blocks++;
    double number = block->values[row];
    if (err) {
        ck_abort_msg("row %zu of %s: %s in a row, %.17g in a block", row, text, dc_err_name(err),
                     number);
    }
    if (!is_same(&value, number)) {
        ck_abort_msg("row %zu of %s: %.17g, in a block %.17g", row, text,
                     value.type == DC_TYPE_BOOL ? value.boolean : value.number, number);
    }
    uint64_t steps = dc_columns_steps(block, row);
    if (budget.steps_used != steps) {
        ck_abort_msg("row %zu of %s: %llu steps, not %llu", row, text,
                     (unsigned long long)budget.steps_used, (unsigned long long)steps);
    }
}

// Rows that are in the block, and the walk: it knows neither steps nor what a value must be.
static void walk_row(dc_tree_t *tree, const char *text, size_t row)
{
    const dc_columns_block_t *block = &fixture.block;
    dc_value_t value;
    if (block->is_left[row]) return;
    memcpy(tree->leaves, fixture.inputs[row], sizeof tree->leaves);
    dc_err_t err = dc_tree_evaluate(tree, &value);
    if (!err && is_same(&value, block->values[row])) return;
    ck_abort_msg("row %zu of %s: by the tree %s %.17g, in a block %.17g", row, text,
                 dc_err_name(err), value.number, block->values[row]);
}

static void compare_rows(dc_tree_t *tree, const char *text)
{
    size_t count = 1 + below(DC_BLOCK_ROWS);
    fill_rows(tree, count);
    fixture.block = (dc_columns_block_t){ .count = count,
                                          .columns = fixture.row_list,
                                          .inputs = fixture.inputs[0],
                                          .options = { .ieee = below(2) },
                                          .steps_max = below(4) ? DC_STEPS_MAX : below(40) };
    ck_assert(dc_columns_run(fixture.columns, &fixture.block));
    for (size_t row = 0; row < count; row++)
        compare_row(text, row);
    for (size_t row = 0; row < count; row += 16)
        walk_row(tree, text, row);
}

static void check_tree(uint64_t seed)
{
    dc_tree_t tree;
    dc_tree_init_plain(&tree, seed);
    dc_buf_t text = { 0 };
    dc_diag_t diag;
    declare(&tree);
    dc_tree_print(&tree, true, &text);
    dc_err_t err = dc_engine_compile(fixture.engine, dc_buf_str(&text), fixture.vars,
                                     DC_TREE_LEAVES_MAX, &fixture.code, &diag);
    dc_buf_append_char(&text, '\0');
    ck_assert_msg(!err, "%s: %s", text.data, diag.message);
    fixture.columns = dc_columns_new(fixture.code, fixture.varies);
    if (fixture.columns) compare_rows(&tree, text.data);
    dc_columns_destroy(&fixture.columns);
    dc_code_destroy(&fixture.code);
    dc_buf_fini(&text);
    dc_tree_fini(&tree);
}

static uint64_t number_from_environment(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 10) : otherwise;
}

START_TEST(blocks_agree_with_rows)
{
    uint64_t trees =
        number_from_environment("DCALC_TREES", (uint64_t)LOOPS * TREES_PER_LOOP) / LOOPS;
    uint64_t seed = number_from_environment("DCALC_SEED", 0) + (uint64_t)_i * trees;
    fixture = (fixture_t){ .engine = dc_engine_new(), .state = seed + 1 };
    for (uint64_t i = 0; i < trees; i++)
        check_tree(seed + i);
    // Most expressions can be in blocks, and most rows have no fault.
    ck_assert_uint_gt(fixture.compared, trees * 60);
    ck_assert_uint_gt(fixture.in_blocks, fixture.compared / 4);
    dc_engine_destroy(&fixture.engine);
}
END_TEST

// A bool that counts as a number is no longer what a condition was.
static const char *const counted[] = {
    "c = v0 > 0; c ? 5 : number(c)",
    "c = v0 > 0; number(c) * 3 - (c ? 7 : number(c))",
    "f(c, n) = c ? n * 2 : n; p = v0 > 0; f(p, p)",
    "c = v0 > 0; (c or v0 < -2) ? number(c) : 4",
};

START_TEST(bools_that_count_as_numbers)
{
    fixture = (fixture_t){ .engine = dc_engine_new(), .state = 7 };
    dc_var_t var = { .name = DC_STR("v0"), .type = DC_VAR_NUMBER };
    dc_diag_t diag;
    fixture.varies[0] = true;
    fixture.row_list[0] = fixture.rows[0];
    ck_assert_int_eq(
        dc_engine_compile(fixture.engine, dc_str_from(counted[_i]), &var, 1, &fixture.code, &diag),
        DC_OK);
    fixture.columns = dc_columns_new(fixture.code, fixture.varies);
    ck_assert_ptr_nonnull(fixture.columns);
    for (size_t row = 0; row < 8; row++) {
        double number = (double)row - 4;
        fixture.rows[0][row] = number;
        fixture.inputs[row][0] = (dc_value_t){ .type = DC_TYPE_NUMBER, .number = number };
    }
    fixture.block = (dc_columns_block_t){ .count = 8,
                                          .columns = fixture.row_list,
                                          .inputs = fixture.inputs[0],
                                          .steps_max = DC_STEPS_MAX };
    ck_assert(dc_columns_run(fixture.columns, &fixture.block));
    for (size_t row = 0; row < 8; row++)
        compare_row(counted[_i], row);
    ck_assert_uint_eq(fixture.in_blocks, 8);
    dc_columns_destroy(&fixture.columns);
    dc_code_destroy(&fixture.code);
    dc_engine_destroy(&fixture.engine);
}
END_TEST

// --- how many operations -----------------------------------------------------------------------

static const struct {
    const char *text;
    size_t length;
} lengths[] = {
    { "v0", 0 },
    { "2*v0 + v1", 1 },                             // two in one
    { "v0*v1 + v1*v2 + v2*v0", 3 },                 // as many pairs as can be: of five, two
    { "((((1.5*v0-2)*v0+0.25)*v0-7)*v0+3)*v0", 5 }, // a chain of nine
    { "t = v0 + 1; t*v1 - t", 2 },                  // what is read twice stays alone
    { "s = 2*3; s*v0", 1 },                         // what is known is folded
    { "t = v0*v1; v2", 0 },                         // and nobody needs that
};

START_TEST(operations_are_few)
{
    fixture = (fixture_t){ .engine = dc_engine_new() };
    dc_diag_t diag;
    for (size_t i = 0; i < 3; i++) {
        snprintf(fixture.names[i], sizeof fixture.names[i], "v%zu", i);
        fixture.vars[i] =
            (dc_var_t){ .name = dc_str_from(fixture.names[i]), .type = DC_VAR_NUMBER };
        fixture.varies[i] = true;
    }
    ck_assert_int_eq(dc_engine_compile(fixture.engine, dc_str_from(lengths[_i].text), fixture.vars,
                                       3, &fixture.code, &diag),
                     DC_OK);
    fixture.columns = dc_columns_new(fixture.code, fixture.varies);
    ck_assert_ptr_nonnull(fixture.columns);
    ck_assert_uint_eq(dc_columns_length(fixture.columns), lengths[_i].length);
    dc_columns_destroy(&fixture.columns);
    dc_code_destroy(&fixture.code);
    dc_engine_destroy(&fixture.engine);
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("columns");
    TCase *trees = tcase_create("trees");
    tcase_set_timeout(trees, 600);
    tcase_add_loop_test(trees, blocks_agree_with_rows, 0, LOOPS);
    tcase_add_loop_test(trees, bools_that_count_as_numbers, 0, (int)DC_ARRAY_LEN(counted));
    tcase_add_loop_test(trees, operations_are_few, 0, (int)DC_ARRAY_LEN(lengths));
    suite_add_tcase(all, trees);
    return all;
}
