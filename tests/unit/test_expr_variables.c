// Variables: types by use, null, inputs, and what the compiler tells of them.
#include <math.h>
#include <stdio.h>

#include "common/expr/expr.h"
#include "common/limits.h"
#include "tests/lib/main.h"

#define NAMES_MAX 3

static dc_engine_t *engine;
static const char *const names[NAMES_MAX] = { "x", "y", "z" };

static void setup(void)
{
    engine = dc_engine_new();
    ck_assert_ptr_nonnull(engine);
}

static void teardown(void)
{
    dc_engine_destroy(&engine);
    ck_assert_ptr_null(engine);
}

static void declare(dc_var_t *vars, dc_var_type_t type)
{
    for (size_t i = 0; i < NAMES_MAX; i++) {
        vars[i] = (dc_var_t){ .name = dc_str_from(names[i]), .type = type };
    }
}

static dc_value_t number(double x)
{
    return (dc_value_t){ .type = DC_TYPE_NUMBER, .number = x };
}

static dc_value_t boolean(bool x)
{
    return (dc_value_t){ .type = DC_TYPE_BOOL, .boolean = x };
}

static dc_value_t string(const char *text)
{
    return (dc_value_t){ .type = DC_TYPE_STRING, .string = dc_str_from(text) };
}

static dc_value_t null(void)
{
    return (dc_value_t){ .type = DC_TYPE_NULL };
}

// The value or fault as text, in static memory.
static const char *text_of(dc_err_t err, const dc_value_t *value, const dc_diag_t *diag)
{
    static char text[256];
    dc_buf_t out = { 0 };
    if (err) {
        dc_buf_printf(&out, "%s at %u+%u", dc_err_name(err), diag->column + 1, diag->width);
    } else {
        dc_value_print(value, &out);
    }
    size_t len = dc_min_size(out.len, sizeof text - 1);
    memcpy(text, out.data, len);
    text[len] = '\0';
    dc_buf_fini(&out);
    return text;
}

static const char *run(const dc_code_t *code, const dc_value_t *inputs)
{
    dc_budget_t budget = { .steps_max = DC_STEPS_MAX };
    dc_value_t value;
    dc_diag_t diag;
    dc_err_t err =
        dc_engine_run(engine, code, inputs, (dc_eval_options_t){ 0 }, &budget, &value, &diag);
    return text_of(err, &value, &diag);
}

static dc_code_t *compile(const char *text, dc_var_t *vars)
{
    dc_code_t *code = NULL;
    dc_diag_t diag;
    dc_err_t err = dc_engine_compile(engine, dc_str_from(text), vars, NAMES_MAX, &code, &diag);
    ck_assert_msg(!err, "%s: %s", text, diag.message);
    return code;
}

// --- types by use ------------------------------------------------------------------------------

// Letters: n number, b bool, s string, - not used; ? behind it: nullable.
static const struct {
    const char *text;
    const char *types;
    dc_type_t result;
} typed[] = {
    { "x + 1", "n--", DC_TYPE_NUMBER },
    { "x", "n--", DC_TYPE_NUMBER },
    { "x == 'a'", "s--", DC_TYPE_BOOL },
    { "'a' == x", "s--", DC_TYPE_BOOL },
    { "x + 'a'", "s--", DC_TYPE_STRING },
    { "'a' in x", "s--", DC_TYPE_BOOL },
    { "x in 'a'", "s--", DC_TYPE_BOOL },
    { "x < 'a'", "s--", DC_TYPE_BOOL },
    { "x ? 1 : 2", "b--", DC_TYPE_NUMBER },
    { "!x", "b--", DC_TYPE_BOOL },
    { "x and y or z", "bbb", DC_TYPE_BOOL },
    { "x == true", "b--", DC_TYPE_BOOL },
    { "x == y", "nn-", DC_TYPE_BOOL },
    { "x == y and y == 'a'", "ss-", DC_TYPE_BOOL }, // learned from behind
    { "x == y and y == z and z == 'a'", "sss", DC_TYPE_BOOL },
    { "x + y == z and z == 'a' and y == 'b'", "sss", DC_TYPE_BOOL },
    { "x + (y ? 1 : 2)", "nb-", DC_TYPE_NUMBER },
    { "x + 1 > 2 and x", "b--", DC_TYPE_BOOL }, // a bool counts in arithmetic
    { "y ? x : 'a'", "sb-", DC_TYPE_STRING },
    { "y ? 'a' : x", "sb-", DC_TYPE_STRING },
    { "x ?? 'a'", "s?--", DC_TYPE_STRING },
    { "x ?? 0", "n?--", DC_TYPE_NUMBER },
    { "x ?? y ?? 0", "n?n?-", DC_TYPE_NUMBER },
    { "x + (x ?? 1)", "n?--", DC_TYPE_NUMBER }, // also where it stands before
    { "isnull(x)", "n?--", DC_TYPE_BOOL },
    { "x == null", "n?--", DC_TYPE_BOOL },
    { "null != x", "n?--", DC_TYPE_BOOL },
    { "isnull(x) ? 'none' : x", "s?--", DC_TYPE_STRING },
    { "a = x; a == 'a'", "s--", DC_TYPE_BOOL },
    { "f(a) = a == 'a'; f(x)", "s--", DC_TYPE_BOOL },
    { "sqrt(x) + y*z", "nnn", DC_TYPE_NUMBER },
    { "false ? x : 3", "n--", DC_TYPE_NUMBER },
    { "1", "---", DC_TYPE_NUMBER },
    { "number(x)", "n--", DC_TYPE_NUMBER },
    { "string(x) + y", "ns-", DC_TYPE_STRING },
};

static void letters_of(const dc_var_t *vars, char *letters)
{
    for (size_t i = 0; i < NAMES_MAX; i++) {
        if (!vars[i].is_used) {
            *letters++ = '-';
            continue;
        }
        ck_assert_int_ne(vars[i].type, DC_VAR_ANY);
        bool is_bool = vars[i].type == DC_VAR_BOOL;
        *letters++ = (char)(vars[i].type == DC_VAR_STRING ? 's' : is_bool ? 'b' : 'n');
        if (vars[i].nullable) *letters++ = '?';
    }
    *letters = '\0';
}

START_TEST(type_follows_from_use)
{
    dc_var_t vars[NAMES_MAX];
    dc_code_t *code = NULL;
    dc_diag_t diag;
    char letters[2 * NAMES_MAX + 1];
    declare(vars, DC_VAR_ANY);
    const char *text = typed[_i].text;
    dc_err_t err = dc_engine_compile(engine, dc_str_from(text), vars, NAMES_MAX, &code, &diag);
    ck_assert_msg(!err, "%s: %s", text, diag.message);
    letters_of(vars, letters);
    ck_assert_str_eq(letters, typed[_i].types);
    ck_assert_int_eq(dc_code_type(code), typed[_i].result);
    dc_code_destroy(&code);
    ck_assert_ptr_null(code);
}
END_TEST

// --- rows --------------------------------------------------------------------------------------

// Only what a use says of the variable itself counts, not what it says of something made from it.
START_TEST(type_does_not_follow_from_results)
{
    dc_var_t vars[NAMES_MAX];
    dc_code_t *code = NULL;
    dc_diag_t diag;
    declare(vars, DC_VAR_ANY);
    dc_str_t text = DC_STR("f(a) = a; f(x) + 'a'");
    ck_assert_int_eq(dc_engine_compile(engine, text, vars, NAMES_MAX, &code, &diag), DC_ERR_TYPE);
    ck_assert_uint_eq(diag.column, 15);
}
END_TEST

START_TEST(rows_share_code)
{
    dc_var_t vars[NAMES_MAX];
    declare(vars, DC_VAR_NUMBER);
    dc_code_t *code = compile("x*y + 10", vars);
    for (int i = 0; i < 100; i++) {
        const dc_value_t inputs[] = { number(i), number(2), null() };
        char expected[16];
        snprintf(expected, sizeof expected, "%d", 2 * i + 10);
        ck_assert_str_eq(run(code, inputs), expected);
    }
    dc_code_destroy(&code);
}
END_TEST

START_TEST(codes_take_turns)
{
    dc_var_t vars[NAMES_MAX];
    declare(vars, DC_VAR_NUMBER);
    dc_code_t *sum = compile("x + 1", vars);
    dc_code_t *product = compile("x * 5", vars);
    const dc_value_t inputs[] = { number(3), null(), null() };
    for (int i = 0; i < 3; i++) {
        ck_assert_str_eq(run(sum, inputs), "4");
        ck_assert_str_eq(run(product, inputs), "15");
    }
    dc_code_destroy(&sum);
    ck_assert_str_eq(run(product, inputs), "15");
    dc_code_destroy(&product);
}
END_TEST

// A template and its row, and what that is worth. Inputs: x, y, z.
static const struct {
    const char *text;
    dc_var_type_t type;
    bool nullable;
    double x; // NaN: null
    const char *expected;
} runs[] = {
    { "x + 1", DC_VAR_NUMBER, false, 2, "3" },
    { "x + 1", DC_VAR_NUMBER, false, (double)NAN, "null at 1+1" },
    { "1 + x", DC_VAR_NUMBER, true, (double)NAN, "null at 5+1" },
    { "x", DC_VAR_NUMBER, true, (double)NAN, "null" },
    { "x", DC_VAR_NUMBER, false, (double)NAN, "null at 1+1" },
    { "x ?? 7", DC_VAR_NUMBER, false, (double)NAN, "7" },
    { "x ?? 7", DC_VAR_NUMBER, false, 3, "3" },
    { "x == null", DC_VAR_NUMBER, false, (double)NAN, "true" },
    { "x != null", DC_VAR_NUMBER, false, (double)NAN, "false" },
    { "isnull(x) ? 0 : x*2", DC_VAR_NUMBER, false, (double)NAN, "0" },
    { "isnull(x) ? 0 : x*2", DC_VAR_NUMBER, false, 4, "8" },
    { "isnull(x) or x > 2", DC_VAR_NUMBER, false, (double)NAN, "true" },
    { "isnull(x) and x > 2", DC_VAR_NUMBER, false, (double)NAN, "null at 15+1" },
    { "true ? 3 : x + 1", DC_VAR_NUMBER, true, (double)NAN, "3" },
    { "true ? 3 : x + 1", DC_VAR_NUMBER, false, (double)NAN, "null at 12+1" },
    { "x > 5 ? x : null", DC_VAR_NUMBER, false, 2, "null" },
    { "(x > 5 ? x : null) + 1", DC_VAR_NUMBER, false, 2, "null at 1+18" },
    { "(x > 5 ? x : null) + 1", DC_VAR_NUMBER, false, 6, "7" },
    { "(x > 5 ? x : null) ?? 9", DC_VAR_NUMBER, false, 2, "9" },
    { "x == 1", DC_VAR_NUMBER, true, (double)NAN, "null at 1+1" },
    { "x % 2", DC_VAR_INT, false, 5, "1" },
    { "1 + x", DC_VAR_INT, false, 5.5, "not-an-integer at 5+1" },
    { "x", DC_VAR_INT, false, (double)INFINITY, "not-an-integer at 1+1" },
    { "1/x", DC_VAR_NUMBER, false, 0, "divide-by-zero at 2+1" },
    { "2 + x", DC_VAR_NUMBER, false, (double)INFINITY, "overflow at 5+1" },
    { "1/x", DC_VAR_NUMBER, false, (double)INFINITY, "0" },
    { "sqrt(x)", DC_VAR_NUMBER, false, -4, "domain at 1+4" },
    { "x > 0 ? 1/x : 0", DC_VAR_NUMBER, false, 0, "0" },
    { "x > 0 ? fact(x) : 0", DC_VAR_NUMBER, false, 2.5, "not-an-integer at 9+4" },
    { "x > 0 ? fact(x) : 0", DC_VAR_NUMBER, false, -2.5, "0" },
    { "x > 0 && fact(x) > 1", DC_VAR_NUMBER, false, -2.5, "false" },
    { "x > 0 || fact(x) > 1", DC_VAR_NUMBER, false, 2.5, "true" },
    { "f(a) = a > 0 ? 1/a : a; f(x) + f(0)", DC_VAR_NUMBER, false, 4, "0.25" },
    { "f(a) = 1/a; x + f(x - 2)", DC_VAR_NUMBER, false, 2, "divide-by-zero at 9+1" },
    { "f(a) = a ?? 5; f(x)", DC_VAR_NUMBER, true, (double)NAN, "5" },
    { "f(a) = a + 5; f(x)", DC_VAR_NUMBER, true, (double)NAN, "null at 17+1" },
    { "max(x, 1, 2, 3, 4)", DC_VAR_NUMBER, false, 9, "9" },
    { "max(x, 1, 2, 1/(x - 9))", DC_VAR_NUMBER, false, 9, "divide-by-zero at 15+1" },
    { "string(x) + '!'", DC_VAR_NUMBER, false, 1.5, "\"1.5!\"" },
    { "x ? 'yes' : 'no'", DC_VAR_BOOL, false, 1, "\"yes\"" },
    { "x + x", DC_VAR_BOOL, false, 1, "2" },
    { "x ?? true", DC_VAR_BOOL, false, (double)NAN, "true" },
};

static dc_value_t input_of(dc_var_type_t type, double x)
{
    if (isnan(x)) return null();
    return type == DC_VAR_BOOL ? boolean(x != 0) : number(x);
}

START_TEST(row_is_worth_what_it_says)
{
    dc_var_t vars[NAMES_MAX];
    declare(vars, runs[_i].type);
    vars[0].nullable = runs[_i].nullable;
    const dc_value_t inputs[] = { input_of(runs[_i].type, runs[_i].x), null(), null() };
    dc_code_t *code = compile(runs[_i].text, vars);
    ck_assert_str_eq(run(code, inputs), runs[_i].expected);
    dc_code_destroy(&code);
}
END_TEST

// The other door: the same variables as constants of one evaluation.
START_TEST(constants_do_the_same)
{
    dc_var_t vars[NAMES_MAX];
    declare(vars, runs[_i].type);
    vars[0].nullable = runs[_i].nullable;
    const dc_value_t inputs[] = { input_of(runs[_i].type, runs[_i].x), null(), null() };
    dc_budget_t budget = { .steps_max = DC_STEPS_MAX };
    dc_value_t value;
    dc_diag_t diag;
    dc_err_t err = dc_engine_eval(engine, dc_str_from(runs[_i].text), vars, inputs, NAMES_MAX,
                                  (dc_eval_options_t){ 0 }, &budget, &value, &diag);
    ck_assert_str_eq(text_of(err, &value, &diag), runs[_i].expected);
}
END_TEST

START_TEST(strings_are_inputs_and_values)
{
    dc_var_t vars[NAMES_MAX];
    declare(vars, DC_VAR_STRING);
    dc_code_t *code = compile("x + '-' + y", vars);
    const dc_value_t inputs[] = { string("ab"), string("c\n"), null() };
    ck_assert_str_eq(run(code, inputs), "\"ab-c\\n\"");
    const dc_value_t wrong[] = { string("ab"), number(1), null() };
    ck_assert_str_eq(run(code, wrong), "type at 11+1");
    dc_code_destroy(&code);
}
END_TEST

// A value lives until the engine is used again, also where the input has gone.
START_TEST(string_value_outlives_its_input)
{
    dc_var_t vars[NAMES_MAX];
    declare(vars, DC_VAR_STRING);
    dc_code_t *code = compile("x", vars);
    char bytes[] = "short";
    const dc_value_t inputs[] = { string(bytes), null(), null() };
    dc_budget_t budget = { .steps_max = DC_STEPS_MAX };
    dc_value_t value;
    dc_diag_t diag;
    dc_err_t err =
        dc_engine_run(engine, code, inputs, (dc_eval_options_t){ 0 }, &budget, &value, &diag);
    ck_assert_int_eq(err, DC_OK);
    memset(bytes, 'x', sizeof bytes);
    ck_assert_str_eq(text_of(err, &value, &diag), "\"short\"");
    dc_code_destroy(&code);
}
END_TEST

// What is not UTF-8 in a cell is printed as the replacement character.
START_TEST(printed_string_is_utf8)
{
    dc_var_t vars[NAMES_MAX];
    declare(vars, DC_VAR_STRING);
    dc_code_t *code = compile("x", vars);
    const dc_value_t inputs[] = { string("a\xff"
                                         "b\xc3\x01"),
                                  null(), null() };
    ck_assert_str_eq(run(code, inputs), "\"a\\ufffdb\\ufffd\\u0001\"");
    dc_code_destroy(&code);
}
END_TEST

// Compiled code needs neither its text nor the names it was compiled with.
START_TEST(code_keeps_what_it_needs)
{
    char text[] = "{the price} > 2 ? 'dear' : 'cheap'";
    char name[] = "the price";
    dc_var_t var = { .name = dc_str_from(name), .type = DC_VAR_NUMBER };
    dc_code_t *code = NULL;
    dc_diag_t diag;
    dc_err_t err = dc_engine_compile(engine, dc_str_from(text), &var, 1, &code, &diag);
    ck_assert_int_eq(err, DC_OK);
    memset(text, 'x', sizeof text);
    memset(name, 'x', sizeof name);
    const dc_value_t dear = number(3);
    const dc_value_t missing = null();
    ck_assert_str_eq(run(code, &dear), "\"dear\"");
    dc_budget_t budget = { .steps_max = DC_STEPS_MAX };
    dc_value_t value;
    err = dc_engine_run(engine, code, &missing, (dc_eval_options_t){ 0 }, &budget, &value, &diag);
    ck_assert_int_eq(err, DC_ERR_NULL);
    ck_assert_str_eq(diag.message, "'the price' is null");
    dc_code_destroy(&code);
}
END_TEST

START_TEST(unused_inputs_are_not_looked_at)
{
    dc_var_t vars[NAMES_MAX];
    declare(vars, DC_VAR_INT);
    dc_code_t *code = compile("y", vars);
    const dc_value_t inputs[] = { string("?"), number(4), number(0.5) };
    ck_assert_str_eq(run(code, inputs), "4");
    ck_assert(!vars[0].is_used && vars[1].is_used && !vars[2].is_used);
    dc_code_destroy(&code);
}
END_TEST

START_TEST(declared_name_hides_a_constant)
{
    dc_var_t var = { .name = DC_STR("e"), .type = DC_VAR_NUMBER };
    dc_code_t *code = NULL;
    dc_diag_t diag;
    const dc_value_t input = number(5);
    ck_assert_int_eq(dc_engine_compile(engine, DC_STR("e*2"), &var, 1, &code, &diag), DC_OK);
    ck_assert_str_eq(run(code, &input), "10");
    dc_code_destroy(&code);
}
END_TEST

// As it is to be written.
static const struct {
    const char *name;
    const char *message;
} guesses[] = {
    { "quantity", "unknown name 'quantty'; did you mean 'quantity'?" },
    { "quant ty", "unknown name 'quantty'; did you mean '{quant ty}'?" },
};

START_TEST(unknown_name_suggests_a_variable)
{
    dc_var_t var = { .name = dc_str_from(guesses[_i].name), .type = DC_VAR_NUMBER };
    dc_code_t *code = NULL;
    dc_diag_t diag;
    dc_err_t err = dc_engine_compile(engine, DC_STR("2*quantty"), &var, 1, &code, &diag);
    ck_assert_int_eq(err, DC_ERR_NAME);
    ck_assert_str_eq(diag.message, guesses[_i].message);
    ck_assert_uint_eq(diag.column, 2);
    ck_assert_uint_eq(diag.width, 7);
    ck_assert_ptr_null(code);
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("expr_variables");
    TCase *types = tcase_create("types");
    tcase_add_checked_fixture(types, setup, teardown);
    tcase_add_loop_test(types, type_follows_from_use, 0, (int)DC_ARRAY_LEN(typed));
    tcase_add_test(types, type_does_not_follow_from_results);
    suite_add_tcase(all, types);
    TCase *values = tcase_create("values");
    tcase_add_checked_fixture(values, setup, teardown);
    tcase_add_loop_test(values, row_is_worth_what_it_says, 0, (int)DC_ARRAY_LEN(runs));
    tcase_add_loop_test(values, constants_do_the_same, 0, (int)DC_ARRAY_LEN(runs));
    tcase_add_test(values, rows_share_code);
    tcase_add_test(values, codes_take_turns);
    tcase_add_test(values, strings_are_inputs_and_values);
    tcase_add_test(values, string_value_outlives_its_input);
    tcase_add_test(values, printed_string_is_utf8);
    tcase_add_test(values, code_keeps_what_it_needs);
    tcase_add_test(values, unused_inputs_are_not_looked_at);
    tcase_add_test(values, declared_name_hides_a_constant);
    tcase_add_loop_test(values, unknown_name_suggests_a_variable, 0, DC_ARRAY_LEN(guesses));
    suite_add_tcase(all, values);
    return all;
}
