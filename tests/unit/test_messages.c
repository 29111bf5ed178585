// What a person is told about failed jobs.
#include "client/cli/text/messages.h"

#include "client/cli/text/text.h"
#include "tests/lib/main.h"

static dc_buf_t out;
static dc_messages_t messages;

static void set_up(void)
{
    dc_messages_init(&messages, &out);
    messages.file = "rows.csv";
}

static void tear_down(void)
{
    dc_buf_fini(&out);
}

static void assert_out(const char *expected)
{
    dc_buf_append_char(&out, '\0');
    ck_assert_str_eq(out.data, expected);
}

static dc_fault_t fault(dc_err_t code, uint32_t column, uint32_t width, const char *message)
{
    return (dc_fault_t){
        .code = code, .column = column, .width = width, .message = dc_str_from(message)
    };
}

START_TEST(an_argument_is_shown_with_a_mark)
{
    dc_fault_t wrong = fault(DC_ERR_SYNTAX, 2, 1, "expected a number but found '*'");
    dc_messages_put_argument(&messages, &wrong, DC_STR("2+*3"));
    assert_out("dcalc: syntax error at column 3: expected a number but found '*'\n"
               "    2+*3\n"
               "      ^\n");
}
END_TEST

START_TEST(a_mark_is_as_wide_as_the_fault)
{
    dc_fault_t wrong = fault(DC_ERR_FUNCTION, 0, 6, "unknown function 'sqroot'");
    dc_messages_put_argument(&messages, &wrong, DC_STR("sqroot(2) + 1"));
    assert_out("dcalc: unknown function 'sqroot'\n"
               "    sqroot(2) + 1\n"
               "    ^~~~~~\n");
}
END_TEST

START_TEST(the_end_of_a_text_can_be_marked)
{
    dc_fault_t wrong = fault(DC_ERR_SYNTAX, 2, 0, "expected a number");
    dc_messages_put_argument(&messages, &wrong, DC_STR("2+"));
    assert_out("dcalc: syntax error at column 3: expected a number\n    2+\n      ^\n");
}
END_TEST

START_TEST(a_fault_of_the_cluster_marks_nothing)
{
    dc_fault_t wrong = fault(DC_ERR_LOST, 0, 0, "");
    dc_messages_put_argument(&messages, &wrong, DC_STR("2+2"));
    assert_out("dcalc: every worker that tried it was lost\n");
}
END_TEST

START_TEST(a_place_outside_of_the_text_marks_nothing)
{
    dc_fault_t wrong = fault(DC_ERR_DOMAIN, 4000000000u, 4000000000u, "nonsense");
    dc_messages_put_argument(&messages, &wrong, DC_STR("2+2"));
    assert_out("dcalc: nonsense\n");
}
END_TEST

START_TEST(a_row_is_named_by_file_line_and_column)
{
    dc_fault_t wrong = fault(DC_ERR_DIVIDE_BY_ZERO, 4, 1, "division by zero");
    dc_place_t place = { .line = 17, .row = 16, .source = DC_STR("ä+1/0") };
    dc_messages_put_row(&messages, &wrong, &place);
    assert_out("rows.csv:17:4: division by zero\n"); // characters, from 1
}
END_TEST

START_TEST(a_cell_needs_no_column)
{
    dc_fault_t wrong = fault(DC_ERR_NUMBER, 4, 5, "column 'price': 'n/a' is not a number");
    dc_place_t place = { .line = 17, .source = DC_STR("qty*price"), .within = "the template" };
    dc_messages_put_row(&messages, &wrong, &place);
    assert_out("rows.csv:17: column 'price': 'n/a' is not a number\n");
}
END_TEST

START_TEST(a_place_in_the_template_says_so)
{
    dc_fault_t wrong = fault(DC_ERR_DIVIDE_BY_ZERO, 1, 1, "division by zero");
    dc_place_t place = { .line = 17, .source = DC_STR("1/b"), .within = "the template" };
    dc_messages_put_row(&messages, &wrong, &place);
    assert_out("rows.csv:17: division by zero at column 2 of the template\n");
}
END_TEST

START_TEST(what_does_not_parse_at_its_beginning_has_a_column_too)
{
    dc_fault_t wrong = fault(DC_ERR_SYNTAX, 0, 0, "an object is expected");
    dc_place_t place = { .line = 17, .source = DC_STR("[1]") };
    dc_messages_put_row(&messages, &wrong, &place);
    assert_out("rows.csv:17:1: an object is expected\n");
}
END_TEST

START_TEST(after_five_of_a_kind_the_others_are_counted)
{
    dc_fault_t wrong = fault(DC_ERR_EMPTY, 0, 0, "empty");
    dc_fault_t other = fault(DC_ERR_NULL, 0, 0, "null");
    dc_place_t place = { .line = 3 };
    for (size_t i = 0; i < 1209; i++) {
        dc_messages_put_row(&messages, &wrong, &place);
    }
    dc_messages_put_row(&messages, &other, &place);
    dc_messages_finish(&messages);
    assert_out("rows.csv:3: empty\n"
               "rows.csv:3: empty\n"
               "rows.csv:3: empty\n"
               "rows.csv:3: empty\n"
               "rows.csv:3: empty\n"
               "rows.csv:3: null\n"
               "... and 1,204 more of the same kind, empty (--errors FILE keeps them all)\n");
}
END_TEST

START_TEST(who_wants_quiet_is_told_of_no_row)
{
    dc_fault_t wrong = fault(DC_ERR_EMPTY, 0, 0, "empty");
    dc_place_t place = { .line = 3 };
    messages.is_quiet = true;
    dc_messages_put_row(&messages, &wrong, &place);
    dc_messages_finish(&messages);
    assert_out("");
}
END_TEST

static const struct {
    const char *text;
    size_t len;
    const char *safe;
} texts[] = {
    { "plain ä €", 12, "plain ä €" },  { "\033[2J", 4, "?[2J" },
    { "a\tb\r\nc\x7F", 7, "a b??c?" }, { "a\0b", 3, "a?b" },
    { "\xC2\x9B!", 3, "?!" },   // CSI as one character
    { "\xFF\xC3", 2, "??" },    // no UTF-8
    { "\xED\xA0\x80", 3, "?" }, // half a surrogate pair
};

START_TEST(a_terminal_is_safe_from_text)
{
    dc_text_put_safe(&out, dc_str(texts[_i].text, texts[_i].len));
    assert_out(texts[_i].safe);
}
END_TEST

START_TEST(a_long_text_is_shown_around_the_mark)
{
    static char text[1001];
    memset(text, '1', 1000);
    text[700] = '*';
    dc_text_put_marked(&out, dc_str(text, 1000), 700, 1, 80, "", "");
    dc_str_t rest = dc_buf_str(&out), source, mark;
    ck_assert(dc_str_take_line(&rest, &source));
    ck_assert(dc_str_take_line(&rest, &mark));
    ck_assert_uint_eq(source.len, 80);
    ck_assert_uint_lt(mark.len, 80);
    ck_assert_int_eq(source.data[mark.len - 1], '*');
}
END_TEST

static const struct {
    const char *word, *quoted;
} words[] = {
    { "2+2", "2+2" },   { "2*3", "'2*3'" }, { "", "''" },
    { "ä*2", "'ä*2'" }, { "a b", "'a b'" }, { "it's", "'it'\\''s'" },
};

static const struct {
    const char *name, *text;
} names[] = {
    { "price", "price" },     { "_2", "_2" },
    { "größe", "größe" },     { "unit price", "{unit price}" },
    { "2nd", "{2nd}" },       { "in", "{in}" },
    { "inner", "inner" },     { "null", "{null}" },
    { "a-b", "{a-b}" },       { "", "{}" },
    { "a\tb\033", "{a b?}" },
};

START_TEST(names_are_written_as_expressions_have_them)
{
    dc_text_put_name(&out, dc_str_from(names[_i].name));
    assert_out(names[_i].text);
}
END_TEST

START_TEST(words_are_quoted_for_the_shell)
{
    dc_text_put_shell(&out, dc_str_from(words[_i].word));
    assert_out(words[_i].quoted);
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("messages");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, an_argument_is_shown_with_a_mark);
    tcase_add_test(tests, a_mark_is_as_wide_as_the_fault);
    tcase_add_test(tests, the_end_of_a_text_can_be_marked);
    tcase_add_test(tests, a_fault_of_the_cluster_marks_nothing);
    tcase_add_test(tests, a_place_outside_of_the_text_marks_nothing);
    tcase_add_test(tests, a_row_is_named_by_file_line_and_column);
    tcase_add_test(tests, a_cell_needs_no_column);
    tcase_add_test(tests, a_place_in_the_template_says_so);
    tcase_add_test(tests, what_does_not_parse_at_its_beginning_has_a_column_too);
    tcase_add_test(tests, after_five_of_a_kind_the_others_are_counted);
    tcase_add_test(tests, who_wants_quiet_is_told_of_no_row);
    tcase_add_loop_test(tests, a_terminal_is_safe_from_text, 0, DC_ARRAY_LEN(texts));
    tcase_add_test(tests, a_long_text_is_shown_around_the_mark);
    tcase_add_loop_test(tests, names_are_written_as_expressions_have_them, 0, DC_ARRAY_LEN(names));
    tcase_add_loop_test(tests, words_are_quoted_for_the_shell, 0, DC_ARRAY_LEN(words));
    Suite *all = suite_create("messages");
    suite_add_tcase(all, tests);
    return all;
}
