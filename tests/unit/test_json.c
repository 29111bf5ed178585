// JSON of others is bounded and typed; ours is valid whatever goes in.
#include "common/json.h"
#include "common/json_writer.h"
#include "common/limits.h"
#include "tests/lib/main.h"

#include <math.h>

static dc_diag_t diag;

static dc_json_t *parse(const char *text)
{
    return dc_json_parse(dc_str_from(text), DC_JSON_BYTES_MAX, DC_JSON_INTEGERS_EXACT, &diag);
}

// --- reading -----------------------------------------------------------------------------------

START_TEST(members_are_read_by_type)
{
    dc_json_t *json = parse("{\"s\":\"a\\u0000b\",\"n\":7,\"x\":-0.5,\"b\":true,\"l\":[1,2]}");
    dc_str_t s;
    uint64_t n;
    double x;
    bool b;
    const dc_json_t *list;

    ck_assert_ptr_nonnull(json);
    ck_assert(dc_json_read_string(json, "s", &s, &diag));
    ck_assert(dc_str_eq(s, DC_STR("a\0b")));
    ck_assert(dc_json_read_u64(json, "n", 7, &n, &diag));
    ck_assert_uint_eq(n, 7);
    ck_assert(dc_json_read_number(json, "x", &x, &diag));
    ck_assert_double_eq(x, -0.5);
    ck_assert(dc_json_read_number(json, "n", &x, &diag));
    ck_assert_double_eq(x, 7);
    ck_assert(dc_json_read_bool(json, "b", &b, &diag));
    ck_assert(b);
    ck_assert(dc_json_read_array(json, "l", &list, &diag));
    ck_assert_uint_eq(dc_json_len(list), 2);
    ck_assert_double_eq(dc_json_number(dc_json_at(list, 1)), 2);
    ck_assert_ptr_null(dc_json_at(list, 2));
    dc_json_destroy(&json);
    ck_assert_ptr_null(json);
}
END_TEST

START_TEST(absent_and_null_members_leave_the_default)
{
    dc_json_t *json = parse("{\"n\":null}");
    uint64_t n = 5;

    ck_assert(dc_json_read_u64(json, "n", 10, &n, &diag));
    ck_assert(dc_json_read_u64(json, "m", 10, &n, &diag));
    ck_assert_uint_eq(n, 5);
    dc_json_destroy(&json);
}
END_TEST

static const char *const wrong_numbers[] = { "{\"n\":\"1\"}", "{\"n\":-1}", "{\"n\":1.0}",
                                             "{\"n\":11}", "{\"n\":[]}" };

START_TEST(a_member_of_another_type_is_named)
{
    dc_json_t *json = parse(wrong_numbers[_i]);
    uint64_t n = 5;

    ck_assert_ptr_nonnull(json);
    ck_assert(!dc_json_read_u64(json, "n", 10, &n, &diag));
    ck_assert_uint_eq(n, 5);
    ck_assert_int_eq(diag.code, DC_ERR_PROTOCOL);
    ck_assert_str_eq(diag.message, "member \"n\" is not a whole number within its limits");
    dc_json_destroy(&json);
}
END_TEST

START_TEST(members_of_something_else_are_absent)
{
    dc_json_t *json = parse("[1]");
    uint64_t n = 5;

    ck_assert(dc_json_read_u64(json, "n", 10, &n, &diag));
    ck_assert_uint_eq(n, 5);
    dc_json_destroy(&json);
}
END_TEST

static const struct {
    const char *text;
    dc_err_t code;
} refused[] = {
    { "", DC_ERR_SYNTAX },
    { "1", DC_ERR_SYNTAX }, // only objects and arrays
    { "{} x", DC_ERR_SYNTAX },
    { "{\"a\":1,\"a\":2}", DC_ERR_SYNTAX }, // which one is it?
    { "[99999999999999999999]", DC_ERR_SYNTAX },
    { "[NaN]", DC_ERR_SYNTAX },
    { "[\"\xFF\"]", DC_ERR_ENCODING },
    { "[\"\xED\xA0\x80\"]", DC_ERR_ENCODING }, // a surrogate
};

START_TEST(what_is_not_json_is_refused)
{
    ck_assert_ptr_null(parse(refused[_i].text));
    ck_assert_int_eq(diag.code, refused[_i].code);
    ck_assert_uint_gt(strlen(diag.message), 0);
}
END_TEST

START_TEST(large_integers_of_rows_are_doubles)
{
    dc_str_t text = DC_STR("[123456789012345678901234567890]");
    dc_json_t *json = dc_json_parse(text, text.len, DC_JSON_INTEGERS_DOUBLE, &diag);

    ck_assert_ptr_nonnull(json);
    ck_assert_double_eq(dc_json_number(dc_json_at(json, 0)), 123456789012345678901234567890.0);
    dc_json_destroy(&json);
}
END_TEST

START_TEST(depth_is_bounded)
{
    static char text[200000];
    memset(text, '[', sizeof text);

    ck_assert_ptr_null(
        dc_json_parse(dc_str(text, sizeof text), sizeof text, DC_JSON_INTEGERS_EXACT, &diag));
    ck_assert_int_eq(diag.code, DC_ERR_TOO_DEEP);
    ck_assert_uint_eq(diag.column, DC_JSON_DEPTH_MAX);
    memset(text + DC_JSON_DEPTH_MAX, ']', DC_JSON_DEPTH_MAX);
    dc_json_t *json = dc_json_parse(dc_str(text, 2 * (size_t)DC_JSON_DEPTH_MAX), sizeof text,
                                    DC_JSON_INTEGERS_EXACT, &diag);
    ck_assert_ptr_nonnull(json);
    dc_json_destroy(&json);
}
END_TEST

START_TEST(brackets_in_strings_have_no_depth)
{
    dc_json_t *json = parse("[\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[\"]");

    ck_assert_ptr_nonnull(json);
    dc_json_destroy(&json);
}
END_TEST

START_TEST(size_is_bounded)
{
    ck_assert_ptr_null(dc_json_parse(DC_STR("[1,2]"), 4, DC_JSON_INTEGERS_EXACT, &diag));
    ck_assert_int_eq(diag.code, DC_ERR_TOO_LONG);
}
END_TEST

// --- writing -----------------------------------------------------------------------------------

START_TEST(values_are_written_compactly)
{
    dc_buf_t out = { 0 };
    dc_json_writer_t json = dc_json_writer(&out);
    dc_json_begin_object(&json);
    dc_json_put_member_string(&json, "name", DC_STR("w1"));
    dc_json_put_member_bool(&json, "drain", false);
    dc_json_put_key(&json, "slots");
    dc_json_begin_array(&json);
    dc_json_put_u64(&json, INT64_MAX);
    dc_json_put_null(&json);
    dc_json_begin_object(&json);
    dc_json_end_object(&json);
    dc_json_end_array(&json);
    dc_json_put_member_number(&json, "load", 0.1);
    dc_json_end_object(&json);

    dc_buf_append_char(&out, '\0');
    ck_assert_str_eq(out.data, "{\"name\":\"w1\",\"drain\":false,"
                               "\"slots\":[9223372036854775807,null,{}],\"load\":0.1}");
    dc_buf_fini(&out);
}
END_TEST

static const struct {
    const char *text, *json;
} strings[] = {
    { "", "\"\"" },
    { "a\"b\\c", "\"a\\\"b\\\\c\"" },
    { "\n\t\x01\x7F", "\"\\n\\t\\u0001\\u007f\"" },
    { "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", "\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"" },
    { "\xC3", "\"\\ufffd\"" },                                  // cut short
    { "\xC0\xAF", "\"\\ufffd\\ufffd\"" },                       // overlong
    { "\xED\xA0\x80", "\"\\ufffd\\ufffd\\ufffd\"" },            // a surrogate
    { "\xF4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"" }, // above U+10FFFF
    { "\xFFz", "\"\\ufffdz\"" },
};

START_TEST(strings_become_valid)
{
    dc_buf_t out = { 0 };
    dc_json_writer_t json = dc_json_writer(&out);

    dc_json_put_string(&json, dc_str_from(strings[_i].text));
    dc_buf_append_char(&out, '\0');
    ck_assert_str_eq(out.data, strings[_i].json);
    dc_buf_fini(&out);
}
END_TEST

static const struct {
    double value;
    const char *json;
} numbers[] = {
    { 0, "0" },
    { 1, "1" },
    { 0.1, "0.1" },
    { -2.5e-300, "-2.5e-300" },
    { INFINITY, "null" },
    { NAN, "null" },
    { 1.0 / 3, "0.3333333333333333" },
};

START_TEST(numbers_are_short_or_null)
{
    dc_buf_t out = { 0 };
    dc_json_writer_t json = dc_json_writer(&out);

    dc_json_put_number(&json, numbers[_i].value);
    dc_buf_append_char(&out, '\0');
    ck_assert_str_eq(out.data, numbers[_i].json);
    dc_buf_fini(&out);
}
END_TEST

// One of them would make the whole text unreadable.
START_TEST(no_integer_is_too_large_to_be_read)
{
    dc_buf_t out = { 0 };
    dc_json_writer_t json = dc_json_writer(&out);
    dc_json_begin_object(&json);
    dc_json_put_member_u64(&json, "n", UINT64_MAX);
    dc_json_end_object(&json);

    uint64_t n = 0;
    dc_json_t *root = dc_json_parse(dc_buf_str(&out), out.len, DC_JSON_INTEGERS_EXACT, &diag);
    ck_assert_ptr_nonnull(root);
    ck_assert(dc_json_read_u64(root, "n", UINT64_MAX, &n, &diag));
    ck_assert_uint_eq(n, INT64_MAX);
    dc_json_destroy(&root);
    dc_buf_fini(&out);
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("json");
    tcase_add_test(tests, no_integer_is_too_large_to_be_read);
    tcase_add_test(tests, members_are_read_by_type);
    tcase_add_test(tests, absent_and_null_members_leave_the_default);
    tcase_add_loop_test(tests, a_member_of_another_type_is_named, 0, DC_ARRAY_LEN(wrong_numbers));
    tcase_add_test(tests, members_of_something_else_are_absent);
    tcase_add_loop_test(tests, what_is_not_json_is_refused, 0, DC_ARRAY_LEN(refused));
    tcase_add_test(tests, large_integers_of_rows_are_doubles);
    tcase_add_test(tests, depth_is_bounded);
    tcase_add_test(tests, brackets_in_strings_have_no_depth);
    tcase_add_test(tests, size_is_bounded);
    tcase_add_test(tests, values_are_written_compactly);
    tcase_add_loop_test(tests, strings_become_valid, 0, DC_ARRAY_LEN(strings));
    tcase_add_loop_test(tests, numbers_are_short_or_null, 0, DC_ARRAY_LEN(numbers));
    Suite *all = suite_create("json");
    suite_add_tcase(all, tests);
    return all;
}
