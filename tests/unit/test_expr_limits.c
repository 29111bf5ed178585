// What an expression may not do, and what is said then: limits, budgets, bytes that are no text.
#include <math.h>
#include <signal.h>
#include <stdio.h>

#include "common/clock.h"
#include "common/expr/expr.h"
#include "common/limits.h"
#include "tests/lib/evaluation.h"
#include "tests/lib/main.h"

static dc_err_t eval(void)
{
    return eval_str(dc_buf_str(&text));
}

static void check_fault(dc_err_t err, dc_err_t expected, size_t column, size_t width)
{
    ck_assert_int_eq(err, expected);
    ck_assert_int_eq(diag.code, expected);
    ck_assert_uint_eq(diag.column, column);
    ck_assert_uint_eq(diag.width, width);
    ck_assert_uint_gt(strlen(diag.message), 0);
}

// --- size and depth ----------------------------------------------------------------------------

START_TEST(longest_text_is_read)
{
    append("1", 1);
    append("+1", (DC_EXPR_BYTES_MAX - 2) / 2);
    append(" ", DC_EXPR_BYTES_MAX - text.len);
    check_number(eval(), DC_EXPR_BYTES_MAX / 2.0);
}
END_TEST

START_TEST(longer_text_is_not_read)
{
    append("1", 1);
    append(" ", DC_EXPR_BYTES_MAX);
    check_fault(eval(), DC_ERR_TOO_LONG, 0, 0);
}
END_TEST

// As much code as a text can make.
START_TEST(longest_code_runs)
{
    dc_var_t x = { .name = DC_STR("x"), .type = DC_VAR_NUMBER, .nullable = true };
    append("x", 1);
    append("-x", (DC_EXPR_BYTES_MAX - 2) / 2);
    dc_code_t *code = NULL;
    dc_err_t err = dc_engine_compile(engine, dc_buf_str(&text), &x, 1, &code, &diag);
    ck_assert_msg(!err, "%s", diag.message);
    const dc_value_t input = { .type = DC_TYPE_NUMBER, .number = 1 };
    err = dc_engine_run(engine, code, &input, (dc_eval_options_t){ 0 }, &budget, &value, &diag);
    check_number(err, 2 - DC_EXPR_BYTES_MAX / 2.0);
    dc_code_destroy(&code);
}
END_TEST

// Ways of standing inside each other: what comes before and behind each level, and where in the
// former the next level begins.
static const struct {
    const char *before;
    size_t next;
    const char *behind;
} nests[] = {
    { "(", 1, ")" },      { "sqrt(", 5, ")" },  { "-", 1, "" },           { "~", 1, "" },
    { "+", 1, "" },       { "1^", 2, "" },      { "null??", 6, "" },      { "false?2:", 6, "" },
    { "true?", 5, ":2" }, { "max(1,", 4, ")" }, { "if(true,", 3, ",2)" }, { "0+1*(", 5, ")" },
};

static void append_nest(size_t index, size_t levels)
{
    append(nests[index].before, levels);
    append("1", 1);
    append(nests[index].behind, levels);
}

START_TEST(deepest_nest_is_read)
{
    append_nest((size_t)_i, DC_EXPR_DEPTH_MAX);
    check_number(eval(), 1);
}
END_TEST

START_TEST(deeper_nest_is_told)
{
    append_nest((size_t)_i, DC_EXPR_DEPTH_MAX + 1);
    size_t column = strlen(nests[_i].before) * DC_EXPR_DEPTH_MAX + nests[_i].next;
    ck_assert_int_eq(eval(), DC_ERR_TOO_DEEP);
    ck_assert_uint_eq(diag.column, column);
}
END_TEST

START_TEST(much_deeper_nest_is_told)
{
    append(nests[_i].before, 8000);
    ck_assert_int_eq(eval(), DC_ERR_TOO_DEEP);
}
END_TEST

// All levels of binding, inside of each other.
START_TEST(widest_nest_ends_in_a_fault)
{
    append("true?null??true||true&&1==1|1&1<<1+1*-1^(", 1500);
    ck_assert_int_eq(eval(), DC_ERR_TOO_DEEP);
}
END_TEST

START_TEST(functions_may_call_one_another_so_often)
{
    append("f0(x)=x+1;", 1);
    for (int i = 1; i < DC_EXPR_CALLS_MAX; i++) {
        dc_buf_printf(&text, "f%d(x)=f%d(x)+1;", i, i - 1);
    }
    size_t len = text.len;
    dc_buf_printf(&text, "f%d(0)", DC_EXPR_CALLS_MAX - 1);
    check_number(eval(), DC_EXPR_CALLS_MAX);

    text.len = len;
    dc_buf_printf(&text, "g(x)=f%d(x);g(0)", DC_EXPR_CALLS_MAX - 1);
    check_fault(eval(), DC_ERR_TOO_DEEP, len, 1);
}
END_TEST

START_TEST(many_arguments)
{
    append("max(1", 1);
    append(",2", 20000);
    append(",1/(3-3),5)", 1);
    check_fault(eval(), DC_ERR_DIVIDE_BY_ZERO, 5 + 40000 + 2, 1);
    append("+0", 1);
    budget.steps_max = 1000;
    check_fault(eval(), DC_ERR_STEPS, 0, 0);
}
END_TEST

START_TEST(many_names)
{
    for (int i = 0; i < 5000; i++) {
        dc_buf_printf(&text, "a%d=%d;", i, i);
    }
    append("a0+a4999", 1);
    check_number(eval(), 4999);
}
END_TEST

// Names in tens of thousands, read as often as a text can ask for: which once took a quarter of a
// minute, of which no limit knew. Check ends what takes seconds.
START_TEST(many_parameters_are_read_often)
{
    const int passes = 30;
    append("f(p0", 1);
    for (int i = 1; i < 9000; i++)
        dc_buf_printf(&text, ",p%d", i);
    append(")=true", 1);
    // Each gets its type from the one behind it, which is known a pass later.
    for (int i = 0; i < passes; i++)
        dc_buf_printf(&text, "&&p%d==p%d", i, i + 1);
    dc_buf_printf(&text, "&&p%d=='a';1", passes);
    check_number(eval(), 1);
}
END_TEST

// Types that depend on one another in a row the wrong way round: every pass learns one.
START_TEST(entangled_types_end)
{
    dc_var_t vars[100];
    char names[100][8];
    for (int i = 0; i < 100; i++) {
        snprintf(names[i], sizeof names[i], "x%d", i);
        vars[i] = (dc_var_t){ .name = dc_str_from(names[i]), .type = DC_VAR_ANY };
        if (i) dc_buf_printf(&text, "x%d==x%d and ", i - 1, i);
    }
    append("x99=='a'", 1);
    dc_code_t *code = NULL;
    dc_err_t err = dc_engine_compile(engine, dc_buf_str(&text), vars, 100, &code, &diag);
    ck_assert_int_eq(err, DC_ERR_TYPE);
    ck_assert_ptr_null(code);
}
END_TEST

// --- budgets -----------------------------------------------------------------------------------

// f(1), where f calls itself 2^levels times in the end, by way of functions that double the calls.
static void append_explosion(int levels)
{
    append("f0(x)=x+0;", 1);
    for (int i = 1; i <= levels; i++) {
        dc_buf_printf(&text, "f%d(x)=f%d(f%d(x));", i, i - 1, i - 1);
    }
    dc_buf_printf(&text, "f%d(1)", levels);
}

START_TEST(steps_are_counted)
{
    append("2+3*4", 1);
    check_number(eval(), 14);
    ck_assert_uint_eq(budget.steps_used, 2);
    budget.steps_max = 2;
    check_number(eval(), 14);
    budget.steps_max = 1;
    check_fault(eval(), DC_ERR_STEPS, 0, 0);
    ck_assert_uint_eq(budget.steps_used, 2);
}
END_TEST

START_TEST(steps_end_an_explosion)
{
    append_explosion(40);
    budget.steps_max = 100000;
    ck_assert_int_eq(eval(), DC_ERR_STEPS);
    ck_assert_uint_gt(budget.steps_used, 100000);
    ck_assert_uint_lt(budget.steps_used, 100100);
}
END_TEST

START_TEST(steps_are_the_same_every_time)
{
    append_explosion(15);
    check_number(eval(), 1);
    uint64_t steps = budget.steps_used;
    ck_assert_uint_gt(steps, 32768);
    check_number(eval(), 1);
    ck_assert_uint_eq(budget.steps_used, steps);
    budget.steps_max = steps;
    check_number(eval(), 1);
    budget.steps_max = steps - 1;
    ck_assert_int_eq(eval(), DC_ERR_STEPS);
}
END_TEST

START_TEST(deadline_ends_an_explosion)
{
    append_explosion(40);
    budget.deadline_us = dc_clock_awake_us() + 20000;
    ck_assert_int_eq(eval(), DC_ERR_TIME);
    ck_assert_ptr_nonnull(strstr(diag.message, "its time (--timeout) was over after "));
    ck_assert_uint_lt(dc_clock_awake_us(), budget.deadline_us + 2000000);
    ck_assert_uint_gt(budget.steps_used, 0);
}
END_TEST

START_TEST(cancel_ends_an_explosion)
{
    atomic_bool cancel;
    atomic_init(&cancel, true);
    append_explosion(40);
    budget.cancel = &cancel;
    ck_assert_int_eq(eval(), DC_ERR_CANCELLED);
    atomic_store(&cancel, false);
    text.len = 0;
    append_explosion(5);
    check_number(eval(), 1);
}
END_TEST

// The run that looks for the operator needs the same steps, and does not count.
START_TEST(search_for_a_fault_is_free)
{
    append_explosion(10);
    append("/0", 1);
    check_fault(eval(), DC_ERR_DIVIDE_BY_ZERO, text.len - 2, 1);
    budget.steps_max = budget.steps_used;
    check_fault(eval(), DC_ERR_DIVIDE_BY_ZERO, text.len - 2, 1);
}
END_TEST

START_TEST(strings_are_limited)
{
    append("f1(x)=x+x;f2(x)=f1(f1(x));f3(x)=f2(f2(x));f4(x)=f3(f3(x));f5(x)=f4(f4(x));f5(f5('a'))",
           1);
    ck_assert_int_eq(eval(), DC_ERR_TOO_LARGE);
    text.len = 0;
    append("'a'+'b'", 1); // and the engine goes on
    ck_assert_int_eq(eval(), DC_OK);
}
END_TEST

START_TEST(folded_strings_are_limited)
{
    append("a0='0123456789abcdef';", 1);
    for (int i = 1; i < 30; i++) {
        dc_buf_printf(&text, "a%d=a%d+a%d;", i, i - 1, i - 1);
    }
    append("a29", 1);
    ck_assert_int_eq(eval(), DC_ERR_TOO_LARGE);
    text.len = 0;
    append("1+1", 1);
    check_number(eval(), 2);
}
END_TEST

// Nothing may run for long without steps, at compile time neither: what copies a string or reads
// one as a number pays for its length.
START_TEST(long_strings_cost_steps)
{
    append("a0='0123456789012345';", 1);
    for (int i = 1; i <= 16; i++) {
        dc_buf_printf(&text, "a%d=a%d+a%d;", i, i - 1, i - 1);
    }
    append("0", 1);
    append("+number('0.'+a16)", 12);
    ck_assert_int_eq(eval(), DC_OK);
    ck_assert_uint_gt(budget.steps_used, 12 * (1 << 20) / 8);
    budget.steps_max = 100000;
    ck_assert_int_eq(eval(), DC_ERR_STEPS);
    ck_assert_uint_lt(budget.steps_used, 100000 + (1 << 20));
}
END_TEST

// --- bytes -------------------------------------------------------------------------------------

static const struct {
    dc_str_t text;
    dc_err_t code;
    size_t column, width;
} bytes[] = {
    { { "", 0 }, DC_ERR_EMPTY, 0, 0 },
    { { " \t ", 3 }, DC_ERR_EMPTY, 0, 0 },
    { { "1+\0", 3 }, DC_ERR_SYNTAX, 2, 1 },
    { { "1\0", 2 }, DC_ERR_SYNTAX, 1, 1 },
    { { "\0", 1 }, DC_ERR_SYNTAX, 0, 1 },
    { { "1+\x01", 3 }, DC_ERR_SYNTAX, 2, 1 },
    { { "1\x7f", 2 }, DC_ERR_SYNTAX, 1, 1 },
    { { "1\x1b[31m", 6 }, DC_ERR_SYNTAX, 1, 1 },
    { { "'a\x01'", 4 }, DC_ERR_SYNTAX, 2, 1 },
    { { "'a\0'", 4 }, DC_ERR_SYNTAX, 2, 1 },
    { { "'a\n'", 4 }, DC_ERR_SYNTAX, 2, 1 },
    { { "{a\x02}", 4 }, DC_ERR_SYNTAX, 2, 1 },
    { { "1+\xff", 3 }, DC_ERR_ENCODING, 2, 1 },
    { { "\xc3", 1 }, DC_ERR_ENCODING, 0, 1 },
    { { "a\xc3", 2 }, DC_ERR_ENCODING, 1, 1 },
    { { "\xc0\x80", 2 }, DC_ERR_ENCODING, 0, 1 },         // overlong
    { { "\xed\xa0\x80", 3 }, DC_ERR_ENCODING, 0, 1 },     // a surrogate
    { { "\xf4\x90\x80\x80", 4 }, DC_ERR_ENCODING, 0, 1 }, // beyond the last character
    { { "'\xe2\x82'", 4 }, DC_ERR_ENCODING, 1, 1 },
    { { "{\x80}", 3 }, DC_ERR_ENCODING, 1, 1 },
    { { "1+\xe2\x80\x8b", 5 }, DC_ERR_SYNTAX, 2, 3 }, // a space that nobody sees
    { { "\xef\xbb\xbf"
        "1",
        4 },
      DC_ERR_SYNTAX,
      0,
      3 },
};

static void check_message(void)
{
    for (const char *at = diag.message; *at; at++) {
        ck_assert_msg((unsigned char)*at >= 0x20 && *at != 0x7F, "a control byte in a message");
    }
}

START_TEST(bytes_that_are_no_text)
{
    check_fault(eval_str(bytes[_i].text), bytes[_i].code, bytes[_i].column, bytes[_i].width);
    check_message();
}
END_TEST

START_TEST(line_ends_are_blanks)
{
    check_number(eval_str(DC_STR("1 +\r\n\t2\n")), 3);
}
END_TEST

START_TEST(long_words_are_cut_in_messages)
{
    append("abcdefghij", 500);
    ck_assert_int_eq(eval(), DC_ERR_NAME);
    ck_assert_uint_eq(diag.width, 5000);
    ck_assert_uint_lt(strlen(diag.message), 100);
    text.len = 0;
    append("1+1", 1);
    append("9", 5000);
    append("x", 1);
    ck_assert_int_eq(eval(), DC_ERR_SYNTAX);
    ck_assert_uint_lt(strlen(diag.message), DC_DIAG_MESSAGE_MAX);
    text.len = 0;
    append("2 ", 1);
    append("ü", 500);
    ck_assert_int_eq(eval(), DC_ERR_SYNTAX);
    check_message();
}
END_TEST

// Any cut of a text, and any byte in it, gives a value or a fault inside of the text.
START_TEST(broken_texts_are_told)
{
    static const char *const samples[] = {
        "f(x, y) = x > 0 ? sqrt(x)*{odd name} : 'a\\u00e9' + \"b\" ?? null; a = 0x1F << 2; f(a, "
        "1e-3)",
        "if(isnull(null) and not (1 < 2 || 3 != 4), max(1, 2, 3, -~5 // 2 ** 3 % 4), xor(5, 3) | 6 "
        "& 7)",
    };
    const char *sample = samples[_i % 2];
    size_t len = strlen(sample);
    char copy[128];
    for (size_t cut = 0; cut <= len; cut++) {
        memcpy(copy, sample, len + 1);
        if (eval_str(dc_str(copy, cut))) ck_assert_uint_le(diag.column + diag.width, cut);
        if (cut == len) break;
        copy[cut] = (char)(_i / 2 * 5); // every fifth byte, of all classes
        if (eval_str(dc_str(copy, len))) ck_assert_uint_le(diag.column + diag.width, len);
        check_message();
    }
}
END_TEST

// --- options, life -----------------------------------------------------------------------------

START_TEST(ieee_values_are_values)
{
    static const struct {
        const char *text;
        double expected;
    } rows[] = { { "1/0", (double)INFINITY },
                 { "-1/0", -(double)INFINITY },
                 { "inf", (double)INFINITY },
                 { "2+3", 5 } };
    for (size_t i = 0; i < DC_ARRAY_LEN(rows); i++) {
        dc_err_t err = dc_engine_eval(engine, dc_str_from(rows[i].text), NULL, NULL, 0,
                                      (dc_eval_options_t){ .ieee = true }, &budget, &value, &diag);
        check_number(err, rows[i].expected);
    }
    dc_err_t err = dc_engine_eval(engine, DC_STR("0/0"), NULL, NULL, 0,
                                  (dc_eval_options_t){ .ieee = true }, &budget, &value, &diag);
    ck_assert_int_eq(err, DC_OK);
    ck_assert(isnan(value.number));
    // What is not a number at all is a fault still.
    err = dc_engine_eval(engine, DC_STR("fact(2.5)"), NULL, NULL, 0,
                         (dc_eval_options_t){ .ieee = true }, &budget, &value, &diag);
    ck_assert_int_eq(err, DC_ERR_INTEGER);
}
END_TEST

START_TEST(nothing_is_destroyed_twice)
{
    dc_engine_t *none = NULL;
    dc_engine_destroy(&none);
    dc_code_t *code = NULL;
    dc_code_destroy(&code);
    const char *reason = NULL;
    ck_assert(dc_engine_is_supported(&reason) || reason);
    ck_assert_str_eq(dc_engine_version(), "1");
}
END_TEST

#ifdef DC_TEST_HOOKS
START_TEST(hook_crashes_when_evaluated)
{
    signal(SIGSEGV, SIG_DFL); // a sanitizer may have a handler of its own
    append("__crash()", 1);
    (void)!eval();
}
END_TEST

START_TEST(hook_does_not_crash_when_compiled)
{
    append("true ? 1 : __crash()", 1);
    check_number(eval(), 1);
    dc_code_t *code = NULL;
    ck_assert_int_eq(dc_engine_compile(engine, DC_STR("1+__crash()"), NULL, 0, &code, &diag),
                     DC_OK);
    dc_code_destroy(&code);
}
END_TEST
#endif

Suite *suite(void)
{
    Suite *all = suite_create("expr_limits");
    TCase *size = tcase_create("size");
    tcase_add_checked_fixture(size, evaluation_set_up, evaluation_tear_down);
    tcase_add_test(size, longest_text_is_read);
    tcase_add_test(size, longer_text_is_not_read);
    tcase_add_test(size, longest_code_runs);
    tcase_add_loop_test(size, deepest_nest_is_read, 0, (int)DC_ARRAY_LEN(nests));
    tcase_add_loop_test(size, deeper_nest_is_told, 0, (int)DC_ARRAY_LEN(nests));
    tcase_add_loop_test(size, much_deeper_nest_is_told, 0, (int)DC_ARRAY_LEN(nests));
    tcase_add_test(size, widest_nest_ends_in_a_fault);
    tcase_add_test(size, functions_may_call_one_another_so_often);
    tcase_add_test(size, many_arguments);
    tcase_add_test(size, many_names);
    tcase_add_test(size, many_parameters_are_read_often);
    tcase_add_test(size, entangled_types_end);
    suite_add_tcase(all, size);
    TCase *budgets = tcase_create("budgets");
    tcase_add_checked_fixture(budgets, evaluation_set_up, evaluation_tear_down);
    tcase_add_test(budgets, steps_are_counted);
    tcase_add_test(budgets, steps_end_an_explosion);
    tcase_add_test(budgets, steps_are_the_same_every_time);
    tcase_add_test(budgets, deadline_ends_an_explosion);
    tcase_add_test(budgets, cancel_ends_an_explosion);
    tcase_add_test(budgets, search_for_a_fault_is_free);
    tcase_add_test(budgets, strings_are_limited);
    tcase_add_test(budgets, folded_strings_are_limited);
    tcase_add_test(budgets, long_strings_cost_steps);
    suite_add_tcase(all, budgets);
    TCase *texts = tcase_create("texts");
    tcase_add_checked_fixture(texts, evaluation_set_up, evaluation_tear_down);
    tcase_add_loop_test(texts, bytes_that_are_no_text, 0, (int)DC_ARRAY_LEN(bytes));
    tcase_add_test(texts, line_ends_are_blanks);
    tcase_add_test(texts, long_words_are_cut_in_messages);
    tcase_add_loop_test(texts, broken_texts_are_told, 0, 2 * 52);
    suite_add_tcase(all, texts);
    TCase *life = tcase_create("life");
    tcase_add_checked_fixture(life, evaluation_set_up, evaluation_tear_down);
    tcase_add_test(life, ieee_values_are_values);
    tcase_add_test(life, nothing_is_destroyed_twice);
#ifdef DC_TEST_HOOKS
    tcase_add_test_raise_signal(life, hook_crashes_when_evaluated, SIGSEGV);
    tcase_add_test(life, hook_does_not_crash_when_compiled);
#endif
    suite_add_tcase(all, life);
    return all;
}
