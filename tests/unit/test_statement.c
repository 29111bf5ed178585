// Lines of the prompt, cut into statements.
#include "client/cli/prompt/statement.h"

#include "tests/lib/main.h"

static dc_buf_t line;

static void tear_down(void)
{
    dc_buf_fini(&line);
}

static dc_str_t padded(const char *text)
{
    line.len = 0;
    dc_buf_append_text(&line, text);
    dc_statement_pad(&line);
    return dc_buf_str(&line);
}

static void check_text(dc_str_t text, const char *expected)
{
    ck_assert_msg(dc_str_eq(text, dc_str_from(expected)), "'%.*s' is not '%s'", (int)text.len,
                  text.data, expected);
}

// --- one statement -----------------------------------------------------------------------------

static const struct {
    const char *line;
    dc_statement_kind_t kind;
    const char *text, *name, *body;
} statements[] = {
    { "2+3", DC_STATEMENT_VALUE, "2+3", "", "2+3" },
    { " \t x ", DC_STATEMENT_VALUE, "x", "", "x" },
    { "rate = 0.19", DC_STATEMENT_VARIABLE, "rate = 0.19", "rate", "0.19" },
    { "rate=0.19 ;", DC_STATEMENT_VARIABLE, "rate=0.19", "rate", "0.19" },
    { "{unit price} = 3", DC_STATEMENT_VARIABLE, "{unit price} = 3", "unit price", "3" },
    { "größe = 3", DC_STATEMENT_VARIABLE, "größe = 3", "größe", "3" },
    { "f(x) = x^2", DC_STATEMENT_FUNCTION, "f(x) = x^2", "f", "x^2" },
    { "f ( x , y ) = x*y", DC_STATEMENT_FUNCTION, "f ( x , y ) = x*y", "f", "x*y" },
    { "f() = 3", DC_STATEMENT_FUNCTION, "f() = 3", "f", "3" }, // which the engine refuses
    { "x == 3", DC_STATEMENT_VALUE, "x == 3", "", "x == 3" },
    { "f(2) = 3", DC_STATEMENT_VALUE, "f(2) = 3", "", "f(2) = 3" },
    { "f(x, 2) = 3", DC_STATEMENT_VALUE, "f(x, 2) = 3", "", "f(x, 2) = 3" },
    { "f(x)", DC_STATEMENT_VALUE, "f(x)", "", "f(x)" },
    { "f(x", DC_STATEMENT_VALUE, "f(x", "", "f(x" },
    { "x =", DC_STATEMENT_VARIABLE, "x =", "x", "" },
    { "f(x) =", DC_STATEMENT_FUNCTION, "f(x) =", "f", "" },
    { "= 3", DC_STATEMENT_VALUE, "= 3", "", "= 3" },
    { ";; 3 ;", DC_STATEMENT_VALUE, "3", "", "3" },
    { "2+3 # five", DC_STATEMENT_VALUE, "2+3", "", "2+3" },
    { "x = 3 # three; x = 4", DC_STATEMENT_VARIABLE, "x = 3", "x", "3" },
    { "'# ;'", DC_STATEMENT_VALUE, "'# ;'", "", "'# ;'" },          // a string is no comment
    { "2 $ 3; 4", DC_STATEMENT_VALUE, "2 $ 3; 4", "", "2 $ 3; 4" }, // nobody knows what that is
    { "'a; b", DC_STATEMENT_VALUE, "'a; b", "", "'a; b" },
};

START_TEST(a_statement_is_cut_out)
{
    dc_statement_t statement;
    dc_str_t text = padded(statements[_i].line);
    size_t at = 0;
    ck_assert(dc_statement_take(text, &at, &statement));
    ck_assert_int_eq(statement.kind, statements[_i].kind);
    check_text(statement.text, statements[_i].text);
    check_text(statement.name, statements[_i].name);
    check_text(statement.body, statements[_i].body);
    ck_assert(statement.text.data >= text.data); // a view of the line
    ck_assert(!dc_statement_take(text, &at, &statement));
}
END_TEST

static const char *const nothing[] = { "", " \t", ";", " ; ;", "# a comment", "  # one; more" };

START_TEST(a_line_may_say_nothing)
{
    dc_statement_t statement;
    size_t at = 0;
    ck_assert(!dc_statement_take(padded(nothing[_i]), &at, &statement));
}
END_TEST

START_TEST(statements_come_one_after_the_other)
{
    dc_statement_t statement;
    dc_str_t text = padded("a = 2; f(x) = x*a;f(3)  # 6");
    size_t at = 0;
    ck_assert(dc_statement_take(text, &at, &statement));
    check_text(statement.text, "a = 2");
    ck_assert(dc_statement_take(text, &at, &statement));
    check_text(statement.text, "f(x) = x*a");
    ck_assert(dc_statement_take(text, &at, &statement));
    check_text(statement.text, "f(3)");
    ck_assert_int_eq(statement.kind, DC_STATEMENT_VALUE);
    ck_assert(!dc_statement_take(text, &at, &statement));
}
END_TEST

// --- more lines --------------------------------------------------------------------------------

static const struct {
    const char *line;
    bool is_open;
} ends[] = {
    { "round(ans,", true },  { "x in [1, 2", true },
    { "f(x) = (x +", true }, { "sum(k, # the numbers", true },
    { "2+3", false },        { "(2+3)", false },
    { "2 +", false }, // whatever may come is not awaited
    { "2)", false },         { ")(", false },
    { "'(", false },         { "f($", false },
    { "# (", false },        { "", false },
};

START_TEST(what_is_open_goes_on)
{
    ck_assert_int_eq(dc_statement_is_open(padded(ends[_i].line)), ends[_i].is_open);
}
END_TEST

// --- mentions ----------------------------------------------------------------------------------

START_TEST(names_are_found_and_what_is_called)
{
    static const dc_mention_t expected[] = {
        { { "f", 1 }, true },   { { "x", 1 }, false }, { { "a b", 3 }, false },
        { { "sum", 3 }, true }, { { "k", 1 }, false }, { { "k", 1 }, false },
        { { "g", 1 }, true },
    };
    dc_mention_t mention;
    dc_str_t text = padded("f (x) + {a b} - 'name' + sum(k, k, 1, 2e3) + g(");
    size_t at = 0;
    for (size_t i = 0; i < DC_ARRAY_LEN(expected); i++) {
        ck_assert(dc_statement_next_mention(text, &at, &mention));
        ck_assert_msg(dc_str_eq(mention.name, expected[i].name), "%.*s", (int)mention.name.len,
                      mention.name.data);
        ck_assert_int_eq(mention.is_call, expected[i].is_call);
    }
    ck_assert(!dc_statement_next_mention(text, &at, &mention));
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("statement");
    tcase_add_checked_fixture(tests, NULL, tear_down);
    tcase_add_loop_test(tests, a_statement_is_cut_out, 0, DC_ARRAY_LEN(statements));
    tcase_add_loop_test(tests, a_line_may_say_nothing, 0, DC_ARRAY_LEN(nothing));
    tcase_add_test(tests, statements_come_one_after_the_other);
    tcase_add_loop_test(tests, what_is_open_goes_on, 0, DC_ARRAY_LEN(ends));
    tcase_add_test(tests, names_are_found_and_what_is_called);
    Suite *all = suite_create("statement");
    suite_add_tcase(all, tests);
    return all;
}
