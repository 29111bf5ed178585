// Definitions of the prompt: what is sent along with a statement, and where its parts are from.
#include "client/cli/prompt/notebook.h"

#include <stdio.h>

#include "common/expr/expr.h"
#include "common/limits.h"
#include "tests/lib/main.h"

static dc_notebook_t *notebook;
static dc_job_text_t job;
static dc_buf_t line;

static void set_up(void)
{
    notebook = dc_notebook_new();
    ck_assert_ptr_nonnull(notebook);
}

static void tear_down(void)
{
    dc_notebook_destroy(&notebook);
    dc_job_text_fini(&job);
    dc_buf_fini(&line);
    job = (dc_job_text_t){ .text = { 0 } };
}

static dc_str_t padded(const char *text)
{
    line.len = 0;
    dc_buf_append_text(&line, text);
    dc_statement_pad(&line);
    return dc_buf_str(&line);
}

static void set(const char *name, const char *value)
{
    ck_assert_int_eq(dc_notebook_set_variable(notebook, dc_str_from(name), dc_str_from(value)),
                     DC_OK);
}

static void define(const char *text)
{
    dc_statement_t statement;
    size_t at = 0;
    ck_assert(dc_statement_take(padded(text), &at, &statement));
    ck_assert_int_eq(statement.kind, DC_STATEMENT_FUNCTION);
    ck_assert_int_eq(dc_notebook_set_function(notebook, &statement), DC_OK);
}

static dc_err_t try_to_make(const char *name, const char *own)
{
    dc_str_t making = dc_str_from(name);
    return dc_notebook_write(notebook, padded(own), name ? &making : NULL, &job);
}

static void check_sent(const char *own, const char *expected)
{
    ck_assert_int_eq(try_to_make(NULL, own), DC_OK);
    ck_assert_msg(dc_str_eq(dc_buf_str(&job.text), dc_str_from(expected)), "'%.*s' is not '%s'",
                  (int)job.text.len, job.text.data, expected);
}

static void check_name(const dc_note_t *note, const char *name)
{
    ck_assert_ptr_nonnull(note);
    ck_assert(dc_str_eq(dc_note_name(note), dc_str_from(name)));
}

// --- what is sent ------------------------------------------------------------------------------

START_TEST(what_is_not_used_stays_here)
{
    set("rate", "0.19");
    set("other", "5");
    define("f(x) = x");
    check_sent("2+3", "2+3");
    check_sent("rate*2", "rate = 0.19; rate*2");
    check_sent("'rate'", "'rate'"); // a string
    check_sent("rates", "rates");
}
END_TEST

// A statement stands before others in its line.
START_TEST(what_stands_behind_is_not_looked_at)
{
    set("größe", "1");
    set("b", "2");
    dc_str_t text = padded("3 + b; größe*2 + {größe}");
    ck_assert_int_eq(dc_notebook_write(notebook, dc_str(text.data, 5), NULL, &job), DC_OK);
    ck_assert(dc_str_eq(dc_buf_str(&job.text), DC_STR("b = 2; 3 + b")));
    ck_assert_int_eq(dc_notebook_write(notebook, dc_str(text.data, 1), NULL, &job), DC_OK);
    ck_assert(dc_str_eq(dc_buf_str(&job.text), DC_STR("3")));
}
END_TEST

START_TEST(each_definition_comes_once_and_before_its_use)
{
    set("rate", "0.19");
    define("f(x) = x*(1 + rate)");
    define("g(x) = f(f(x))");
    check_sent("g(1) + f(rate)",
               "rate = 0.19; f(x) = x*(1 + rate); g(x) = f(f(x)); g(1) + f(rate)");
}
END_TEST

// Also where a function was defined before one that it now uses.
START_TEST(functions_go_in_the_order_of_their_needs)
{
    define("f(x) = x");
    define("g(x) = 2*x");
    define("f(x) = g(x)");
    check_sent("f(1)", "g(x) = 2*x; f(x) = g(x); f(1)");
}
END_TEST

START_TEST(a_name_may_be_a_variable_and_a_function)
{
    set("f", "3");
    define("f(x) = x + 1");
    check_sent("f", "f = 3; f");
    check_sent("f(2)", "f(x) = x + 1; f(2)");
    check_sent("f(f)", "f = 3; f(x) = x + 1; f(f)");
}
END_TEST

START_TEST(what_is_defined_again_is_used_as_it_is_now)
{
    set("rate", "0.19");
    define("f(x) = x*rate");
    set("rate", "0.07");
    check_sent("f(1)", "rate = 0.07; f(x) = x*rate; f(1)");
    define("f(y) = y");
    check_sent("f(1)", "f(y) = y; f(1)");
}
END_TEST

START_TEST(odd_names_stand_in_braces)
{
    set("unit price", "3");
    check_sent("{unit price}*2", "{unit price} = 3; {unit price}*2");
}
END_TEST

// inf and nan are constants that a variable may hide.
START_TEST(what_is_not_finite_comes_before_what_may_hide_its_name)
{
    set("inf", "3");
    set("nan", "4");
    set("a", "inf");
    set("b", "nan");
    set("c", "-inf");
    check_sent("inf + nan + a + b + c",
               "c = -inf; b = nan; a = inf; inf = 3; nan = 4; inf + nan + a + b + c");
}
END_TEST

// --- making a function -------------------------------------------------------------------------

START_TEST(a_function_that_is_defined_anew_does_not_see_itself)
{
    define("f(x) = x");
    ck_assert_int_eq(try_to_make("f", "f(x) = 2*f(x)"), DC_OK); // the engine says it
    ck_assert(dc_str_eq(dc_buf_str(&job.text), DC_STR("f(x) = 2*f(x)")));
}
END_TEST

START_TEST(a_circle_is_found_and_who_closes_it)
{
    define("f(x) = x");
    define("g(x) = f(x)");
    define("h(x) = g(x)");
    ck_assert_int_eq(try_to_make("f", "f(x) = h(x) + 1"), DC_ERR_RECURSION);
    check_name(job.circle, "g");
    ck_assert_int_eq(try_to_make("f", "f(x) = x + 1"), DC_OK);
    ck_assert_int_eq(try_to_make("k", "k(x) = h(x)"), DC_OK);
}
END_TEST

START_TEST(a_variable_may_use_what_it_replaces)
{
    set("x", "5");
    check_sent("x + 1", "x = 5; x + 1");
}
END_TEST

// --- where it is from --------------------------------------------------------------------------

START_TEST(each_column_has_its_definition)
{
    size_t within;
    set("rate", "0.19");
    define("f(x) = x*rate");
    check_sent("f(2)", "rate = 0.19; f(x) = x*rate; f(2)");
    check_name(dc_job_text_locate(&job, 0, &within), "rate");
    ck_assert_uint_eq(within, 0);
    check_name(dc_job_text_locate(&job, 13, &within), "f");
    ck_assert_uint_eq(within, 0);
    check_name(dc_job_text_locate(&job, 20, &within), "f");
    ck_assert_uint_eq(within, 7);
    ck_assert_ptr_null(dc_job_text_locate(&job, 28, &within));
    ck_assert_uint_eq(within, 0);
    ck_assert_ptr_null(dc_job_text_locate(&job, 31, &within));
    ck_assert_uint_eq(within, 3);
    ck_assert_ptr_null(dc_job_text_locate(&job, 1000, &within)); // who sent it may lie
}
END_TEST

// --- what there is -----------------------------------------------------------------------------

START_TEST(definitions_are_listed_as_they_can_be_typed)
{
    set("b", "0.19");
    define("f(x)=x*b   # a comment");
    set("a", "\"text\"");
    set("b", "2"); // keeps its place
    static const char *const texts[] = { "b = 2", "f(x)=x*b", "a = \"text\"" };
    const dc_note_t *note = NULL;
    for (size_t i = 0; i < DC_ARRAY_LEN(texts); i++) {
        note = dc_notebook_next(notebook, note);
        ck_assert_ptr_nonnull(note);
        ck_assert(dc_str_eq(dc_note_text(note), dc_str_from(texts[i])));
        ck_assert_int_eq(dc_note_is_function(note), i == 1);
    }
    ck_assert_ptr_null(dc_notebook_next(notebook, note));
}
END_TEST

START_TEST(what_is_forgotten_is_not_sent)
{
    set("f", "3");
    define("f(x) = x");
    set("a", "1");
    ck_assert(dc_notebook_has(notebook, DC_STR("f")));
    ck_assert(dc_notebook_forget(notebook, DC_STR("f")));
    ck_assert(!dc_notebook_has(notebook, DC_STR("f")));
    ck_assert(!dc_notebook_forget(notebook, DC_STR("f")));
    check_sent("f(f) + a", "a = 1; f(f) + a");
    dc_notebook_forget_all(notebook);
    check_sent("a", "a");
}
END_TEST

START_TEST(there_is_a_limit)
{
    char name[16];
    for (int i = 0; i < DC_NOTEBOOK_NOTES_MAX; i++) {
        snprintf(name, sizeof name, "v%d", i);
        set(name, "1");
    }
    ck_assert_int_eq(dc_notebook_set_variable(notebook, DC_STR("w"), DC_STR("1")), DC_ERR_FULL);
    ck_assert(!dc_notebook_has(notebook, DC_STR("w")));
    set("v1", "2"); // is there already
    char too_long[DC_NOTEBOOK_NAME_MAX + 1];
    memset(too_long, 'a', sizeof too_long);
    dc_str_t text = dc_str(too_long, sizeof too_long);
    ck_assert_int_eq(dc_notebook_set_variable(notebook, text, DC_STR("1")), DC_ERR_TOO_LONG);
    ck_assert(!dc_notebook_has(notebook, text));
}
END_TEST

// --- bits --------------------------------------------------------------------------------------

// Values that are hard to write, and strings that look like other things.
static const char *const values[] = {
    "0.1",
    "1e-7",
    "5e-324",
    "1.7976931348623157e308",
    "-123456789.12345679",
    "1e21",
    "true",
    "false",
    "null",
    "\"\"",
    "\"a; b = 3 # \\\"c\\\" \\u0000\"",
    "\"äöü\"",
    "inf",
    "-inf",
    "nan",
};

// What is defined has the bits that it got, whatever definitions are around it.
START_TEST(values_come_back_to_the_last_bit)
{
    dc_engine_t *engine = dc_engine_new();
    dc_budget_t budget = { .steps_max = 1000 };
    dc_eval_options_t options = { .ieee = true };
    dc_value_t value;
    dc_diag_t diag;
    dc_buf_t printed = { 0 };
    set("inf", "1");
    set("e", "2");
    set("ans", values[_i]);
    ck_assert_int_eq(try_to_make(NULL, "inf + e == 3 ? ans : 0/0 == 1 ? ans : null"), DC_OK);
    dc_str_t text = dc_buf_str(&job.text);
    ck_assert_msg(dc_engine_eval(engine, text, NULL, NULL, 0, options, &budget, &value, &diag) ==
                      DC_OK,
                  "%s", diag.message);
    dc_value_print(&value, &printed);
    ck_assert(dc_str_eq(dc_buf_str(&printed), dc_str_from(values[_i])));
    dc_buf_fini(&printed);
    dc_engine_destroy(&engine);
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("notebook");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, what_is_not_used_stays_here);
    tcase_add_test(tests, what_stands_behind_is_not_looked_at);
    tcase_add_test(tests, each_definition_comes_once_and_before_its_use);
    tcase_add_test(tests, functions_go_in_the_order_of_their_needs);
    tcase_add_test(tests, a_name_may_be_a_variable_and_a_function);
    tcase_add_test(tests, what_is_defined_again_is_used_as_it_is_now);
    tcase_add_test(tests, odd_names_stand_in_braces);
    tcase_add_test(tests, what_is_not_finite_comes_before_what_may_hide_its_name);
    tcase_add_test(tests, a_function_that_is_defined_anew_does_not_see_itself);
    tcase_add_test(tests, a_circle_is_found_and_who_closes_it);
    tcase_add_test(tests, a_variable_may_use_what_it_replaces);
    tcase_add_test(tests, each_column_has_its_definition);
    tcase_add_test(tests, definitions_are_listed_as_they_can_be_typed);
    tcase_add_test(tests, what_is_forgotten_is_not_sent);
    tcase_add_test(tests, there_is_a_limit);
    tcase_add_loop_test(tests, values_come_back_to_the_last_bit, 0, DC_ARRAY_LEN(values));
    Suite *all = suite_create("notebook");
    suite_add_tcase(all, tests);
    return all;
}
