// Digits: which texts are wide numbers, which of these are integers, and how JSON has them.
#include "common/digits.h"

#include <stdio.h>

#include "tests/lib/main.h"

static const struct {
    const char *text;
    bool is_number, is_integer;
    const char *json;
} texts[] = {
    { "0", true, true, "0" },
    { "-12", true, true, "-12" },
    { "+12", true, true, "\"+12\"" },
    { "12345678901234567890123456789", true, true, "12345678901234567890123456789" },
    { "0.1", true, false, "0.1" },
    { "-0.000", true, true, "-0.000" },
    { ".5", true, false, "\".5\"" },
    { "1.50e1", true, true, "1.50e1" },
    { "1.55e1", true, false, "1.55e1" },
    { "2500e-2", true, true, "2500e-2" },
    { "2500e-3", true, false, "2500e-3" },
    { "1E5", true, true, "1E5" },
    { "1e999999999999", true, true, "1e999999999999" },
    { "1e-999999999999", true, false, "1e-999999999999" },
    { "0e-999999999999", true, true, "0e-999999999999" },
    { "1_000.5", true, false, "\"1_000.5\"" },
    { "0x1F", true, true, "\"0x1F\"" },
    { "0b101", true, true, "\"0b101\"" },
    { "1/3", true, false, "\"1/3\"" },
    { "-22/7", true, false, "\"-22/7\"" },
    { "1/0", false, false, "\"1/0\"" },
    { "1/00", false, false, "\"1/00\"" },
    { "1/-3", false, false, "\"1/-3\"" },
    { "1.5/3", false, false, "\"1.5/3\"" },
    { "1/3/5", false, false, "\"1/3/5\"" },
    { "/3", false, false, "\"/3\"" },
    { "1/", false, false, "\"1/\"" },
    { "", false, false, "\"\"" },
    { "-", false, false, "\"-\"" },
    { "--1", false, false, "\"--1\"" },
    { "1 2", false, false, "\"1 2\"" },
    { "inf", false, false, "\"inf\"" },
    { "nan", false, false, "\"nan\"" },
    { "x", false, false, "\"x\"" },
};

START_TEST(a_text_is_what_it_is)
{
    dc_str_t text = dc_str_from(texts[_i].text);
    ck_assert(dc_digits_are_number(text) == texts[_i].is_number);
    if (texts[_i].is_number) ck_assert(dc_digits_are_integer(text) == texts[_i].is_integer);
}
END_TEST

START_TEST(json_has_it_as_a_number_or_as_a_string)
{
    dc_buf_t out = { 0 };
    dc_json_writer_t json = dc_json_writer(&out);
    dc_json_begin_array(&json);
    dc_digits_put_json(dc_str_from(texts[_i].text), &json);
    dc_digits_put_json(DC_STR("7"), &json);
    dc_json_end_array(&json);
    dc_buf_append_char(&out, '\0');
    char expected[100];
    snprintf(expected, sizeof expected, "[%s,7]", texts[_i].json);
    ck_assert_str_eq(out.data, expected);
    dc_buf_fini(&out);
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("digits");
    tcase_add_loop_test(tests, a_text_is_what_it_is, 0, DC_ARRAY_LEN(texts));
    tcase_add_loop_test(tests, json_has_it_as_a_number_or_as_a_string, 0, DC_ARRAY_LEN(texts));
    Suite *all = suite_create("digits");
    suite_add_tcase(all, tests);
    return all;
}
