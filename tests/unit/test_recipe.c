// What a batch is to do: columns, constants and template, checked before anything is sent.
#include "client/cli/recipe/recipe.h"

#include <sysexits.h>

#include "common/limits.h"
#include "tests/lib/main.h"

static dc_buf_t said;
static dc_messages_t messages;
static dc_recipe_t recipe;

static void set_up(void)
{
    dc_messages_init(&messages, &said);
    dc_recipe_init(&recipe, (dc_numbers_t){ 0 }, &messages);
}

static void tear_down(void)
{
    dc_recipe_fini(&recipe);
    dc_buf_fini(&said);
}

static void assert_said(const char *expected)
{
    dc_buf_append_char(&said, '\0');
    ck_assert_str_eq(said.data, expected);
}

static int finish(void)
{
    return dc_recipe_finish(&recipe, false, DC_JOB_TIMEOUT_MS);
}

static int set_header(const char *header, const char *template)
{
    return dc_recipe_set_header(&recipe, DC_FORMAT_CSV, dc_str_from(header), dc_str_from(template));
}

static const dc_column_t *column(size_t index)
{
    ck_assert_uint_lt(index, recipe.layout.column_count);
    return &recipe.layout.columns[index];
}

// The program as a worker reads it.
static dc_program_t decode(dc_arena_t *arena)
{
    dc_program_t program;
    dc_diag_t diag = { 0 };
    ck_assert_int_eq(dc_program_decode(&program, dc_buf_str(&recipe.program), arena, &diag), DC_OK);
    return program;
}

START_TEST(lines_need_no_program)
{
    ck_assert_int_eq(dc_recipe_set_lines(&recipe, DC_STR("")), 0);
    ck_assert_int_eq(finish(), 0);
    ck_assert_uint_eq(recipe.program.len, 0);
    ck_assert_uint_eq(said.len, 0);
}
END_TEST

START_TEST(columns_are_those_of_the_header)
{
    ck_assert_int_eq(set_header("id,\"unit \"\"price\"\"\", qty \r\n", "qty + 1"), 0);
    ck_assert_uint_eq(recipe.layout.column_count, 3);
    ck_assert(dc_str_eq(column(1)->name, DC_STR("unit \"price\"")));
    ck_assert(dc_str_eq(column(2)->name, DC_STR("qty")));
}
END_TEST

START_TEST(types_come_from_use)
{
    ck_assert_int_eq(set_header("id,name,qty,flag", "flag and name == 'a' ? qty : 0"), 0);
    ck_assert_int_eq(finish(), 0);
    ck_assert(!column(0)->is_used);
    ck_assert_int_eq(column(1)->type, DC_VAR_STRING);
    ck_assert_int_eq(column(2)->type, DC_VAR_NUMBER);
    ck_assert_int_eq(column(3)->type, DC_VAR_BOOL);
}
END_TEST

START_TEST(workers_get_only_what_is_used)
{
    dc_arena_t arena;
    dc_arena_init(&arena, 1 << 20);
    ck_assert_int_eq(dc_constants_add(&recipe.lets, "k=2^3"), 0);
    ck_assert_int_eq(set_header("id,name,qty", "qty*k"), 0);
    ck_assert_int_eq(finish(), 0);
    dc_program_t program = decode(&arena);
    ck_assert_int_eq(program.format, DC_FORMAT_CSV);
    ck_assert_uint_eq(program.field_count, 3);
    ck_assert_uint_eq(program.var_count, 1);
    ck_assert(dc_str_eq(program.vars[0].var.name, DC_STR("qty")));
    ck_assert_uint_eq(program.vars[0].field, 2);
    ck_assert_uint_eq(program.let_count, 1);
    ck_assert_double_eq(program.let_values[0].number, 8);
    dc_arena_fini(&arena);
}
END_TEST

START_TEST(a_template_that_is_wrong_is_shown)
{
    ck_assert_int_eq(set_header("qty,price", "qty*prise"), 0);
    ck_assert_int_eq(finish(), EX_USAGE);
    assert_said("dcalc: --template: unknown name 'prise'; did you mean 'price'?\n"
                "    qty*prise\n"
                "        ^~~~~\n"
                "       columns: qty, price\n");
}
END_TEST

START_TEST(who_would_reduce_a_column_is_told_how)
{
    ck_assert_int_eq(set_header("qty,price", "sum(qty)"), 0);
    ck_assert_int_eq(finish(), EX_USAGE);
    ck_assert_int_eq(set_header("qty,price", "var(qty)"), 0);
    ck_assert_int_eq(finish(), EX_USAGE);
    ck_assert_int_eq(set_header("qty,price", "sqrt(qty, price)"), 0);
    ck_assert_int_eq(finish(), EX_USAGE);
    assert_said("dcalc: --template: 'sum' takes 4 or 5 arguments, not 1\n"
                "    sum(qty)\n"
                "    ^~~\n"
                "       of all rows: --reduce sum\n"
                "dcalc: --template: unknown function 'var'\n"
                "    var(qty)\n"
                "    ^~~\n"
                "       of all rows: --reduce var\n"
                "dcalc: --template: 'sqrt' takes 1 argument, not 2\n"
                "    sqrt(qty, price)\n"
                "    ^~~~\n");
}
END_TEST

START_TEST(a_name_of_two_columns_must_not_be_used)
{
    ck_assert_int_eq(set_header("a,b,a", "b"), 0);
    ck_assert_int_eq(finish(), 0);
    ck_assert_int_eq(set_header("a,b,a", "a"), 0);
    ck_assert_int_eq(finish(), EX_DATAERR);
    assert_said("dcalc: --template: 'a' is the name of two columns\n");
}
END_TEST

START_TEST(a_constant_must_not_hide_a_column)
{
    ck_assert_int_eq(dc_constants_add(&recipe.lets, "a=1"), 0);
    ck_assert_int_eq(set_header("a,b", "b"), 0);
    ck_assert_int_eq(finish(), EX_USAGE);
    assert_said("dcalc: --template: 'a' is a column, and bound by --let too\n");
}
END_TEST

START_TEST(members_are_what_the_template_uses)
{
    ck_assert_int_eq(dc_recipe_set_members(&recipe, DC_STR("x + {unit price}*x")), 0);
    ck_assert_int_eq(finish(), 0);
    ck_assert_uint_eq(recipe.layout.column_count, 2);
    ck_assert(dc_str_eq(column(0)->name, DC_STR("x")));
    ck_assert(dc_str_eq(column(1)->name, DC_STR("unit price")));
}
END_TEST

START_TEST(types_can_be_declared)
{
    ck_assert_int_eq(set_header("a,b c", "isnull(a) ? 0 : {b c}"), 0);
    ck_assert_int_eq(dc_recipe_set_types(&recipe, "a:int?,{b c}:number"), 0);
    ck_assert_int_eq(finish(), 0);
    ck_assert_int_eq(column(0)->type, DC_VAR_INT);
    ck_assert(column(0)->nullable);
    ck_assert_int_eq(column(1)->type, DC_VAR_NUMBER);
}
END_TEST

static const struct {
    const char *types, *said;
} wrong_types[] = {
    { "a", "dcalc: --types: 'a' is not of the form NAME:TYPE\n" },
    { "a:float", "dcalc: --types: 'float' is none of: number int bool string\n" },
    { "amuont:int", "dcalc: --types: there is no column 'amuont'; did you mean 'amount'?\n" },
};

START_TEST(wrong_types_are_named)
{
    ck_assert_int_eq(set_header("a,amount", "a"), 0);
    ck_assert_int_eq(dc_recipe_set_types(&recipe, wrong_types[_i].types), EX_USAGE);
    assert_said(wrong_types[_i].said);
}
END_TEST

START_TEST(ranges_are_columns_of_numbers)
{
    const char *texts[] = { "x=0:1:1/4", "y=(true ? 1 : 2):n" };
    ck_assert_int_eq(dc_constants_add(&recipe.lets, "n=3"), 0);
    ck_assert_int_eq(dc_recipe_set_ranges(&recipe, texts, 2, DC_STR("x+y")), 0);
    ck_assert_int_eq(finish(), 0);
    ck_assert_uint_eq(recipe.sweep.row_count, 15);
    ck_assert_int_eq(column(1)->type, DC_VAR_NUMBER);
}
END_TEST

static const struct {
    const char *range, *said;
} wrong_ranges[] = {
    { "x", "dcalc: --range: 'x' is not of the form NAME=A:B or NAME=A:B:STEP\n" },
    { "x=1", "dcalc: --range: 'x=1' is not of the form NAME=A:B or NAME=A:B:STEP\n" },
    { "x=1:2:3:4", "dcalc: --range: 'x=1:2:3:4' is not of the form NAME=A:B or NAME=A:B:STEP\n" },
    { "x=1:'a'", "dcalc: --range: ''a'' is not a number\n" },
    { "x=1:0", "dcalc: --range: 'x=1:0' has no points\n" },
    { "x=1:2:0", "dcalc: --range: 'x=1:2:0' has a step of 0\n" },
    { "x=1:2*",
      "dcalc: --range x: syntax error at column 3: expected a number, a name or '(' but the "
      "expression ends here\n    2*\n      ^\n" },
    { "x=1:inf", "dcalc: --range: 'x=1:inf' is not finite\n" },
};

START_TEST(wrong_ranges_are_named)
{
    ck_assert_int_eq(dc_recipe_set_ranges(&recipe, &wrong_ranges[_i].range, 1, DC_STR("x")),
                     EX_USAGE);
    assert_said(wrong_ranges[_i].said);
}
END_TEST

static const struct {
    const char *let, *said;
} wrong_lets[] = {
    { "k", "dcalc: --let: 'k' is not of the form NAME=VALUE\n" },
    { "=1", "dcalc: --let: '=1' is not of the form NAME=VALUE\n" },
    { "b=q", "dcalc: --let b: unknown name 'q'\n    q\n    ^\n" },
    { "a=2", "dcalc: --let: 'a' is bound twice\n" },
};

START_TEST(wrong_constants_are_named)
{
    ck_assert_int_eq(dc_constants_add(&recipe.lets, "a=1"), 0);
    ck_assert_int_eq(dc_constants_add(&recipe.lets, wrong_lets[_i].let), EX_USAGE);
    assert_said(wrong_lets[_i].said);
}
END_TEST

START_TEST(without_a_template_a_column_must_have_the_expression)
{
    ck_assert_int_eq(set_header("id,expr", ""), 0);
    ck_assert_int_eq(finish(), 0);
    ck_assert_uint_eq(recipe.layout.expr_field, 1);
    ck_assert_int_eq(set_header("id,formula", ""), 0);
    ck_assert_int_eq(finish(), EX_USAGE);
    assert_said("dcalc: which expression? give a template (-t EXPR), or a column 'expr'\n");
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("recipe");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, lines_need_no_program);
    tcase_add_test(tests, columns_are_those_of_the_header);
    tcase_add_test(tests, types_come_from_use);
    tcase_add_test(tests, workers_get_only_what_is_used);
    tcase_add_test(tests, a_template_that_is_wrong_is_shown);
    tcase_add_test(tests, who_would_reduce_a_column_is_told_how);
    tcase_add_test(tests, a_name_of_two_columns_must_not_be_used);
    tcase_add_test(tests, a_constant_must_not_hide_a_column);
    tcase_add_test(tests, members_are_what_the_template_uses);
    tcase_add_test(tests, types_can_be_declared);
    tcase_add_loop_test(tests, wrong_types_are_named, 0, DC_ARRAY_LEN(wrong_types));
    tcase_add_test(tests, ranges_are_columns_of_numbers);
    tcase_add_loop_test(tests, wrong_ranges_are_named, 0, DC_ARRAY_LEN(wrong_ranges));
    tcase_add_loop_test(tests, wrong_constants_are_named, 0, DC_ARRAY_LEN(wrong_lets));
    tcase_add_test(tests, without_a_template_a_column_must_have_the_expression);
    Suite *all = suite_create("recipe");
    suite_add_tcase(all, tests);
    return all;
}
