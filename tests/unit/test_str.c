// Views of bytes: order, trimming, and how a text is cut into lines.
#include "common/str.h"
#include "tests/lib/main.h"

static void assert_str(dc_str_t actual, const char *expected)
{
    ck_assert_uint_eq(actual.len, strlen(expected));
    ck_assert_mem_eq(actual.data, expected, actual.len);
}

START_TEST(views_are_equal_by_content)
{
    char copy[] = "abc";

    ck_assert(dc_str_eq(DC_STR("abc"), dc_str_from(copy)));
    ck_assert(!dc_str_eq(DC_STR("abc"), DC_STR("abd")));
    ck_assert(!dc_str_eq(DC_STR("abc"), DC_STR("ab")));
    ck_assert(!dc_str_eq(DC_STR("a\0b"), DC_STR("a\0c")));
}
END_TEST

START_TEST(null_is_the_empty_view)
{
    ck_assert_uint_eq(dc_str_from(NULL).len, 0);
    ck_assert(dc_str_eq(dc_str_from(NULL), DC_STR("")));
    ck_assert_int_eq(dc_str_cmp(dc_str_from(NULL), DC_STR("")), 0);
    ck_assert_uint_eq(dc_str_trim(dc_str_from(NULL)).len, 0);
}
END_TEST

static const struct {
    const char *a, *b;
    int order;
} orders[] = {
    { "", "", 0 },       { "a", "a", 0 },     { "a", "b", -1 },
    { "b", "a", 1 },     { "ab", "abc", -1 }, // a beginning comes first
    { "abc", "ab", 1 },                       // whichever side it is on
    { "b", "abc", 1 },                        // length only decides between equals
    { "z", "\xC3", -1 },                      // bytes are unsigned
};

START_TEST(order_is_that_of_bytes)
{
    int order = dc_str_cmp(dc_str_from(orders[_i].a), dc_str_from(orders[_i].b));
    ck_assert_int_eq((order > 0) - (order < 0), orders[_i].order);
}
END_TEST

static const struct {
    const char *text, *trimmed;
} trims[] = {
    { "", "" },
    { "1 + 2", "1 + 2" },
    { "  1 + 2\t", "1 + 2" },
    { "1 + 2\r\n", "1 + 2" },         // a line of a DOS file
    { " \t\r\n ", "" },               // nothing else is left
    { "\v1\xC2\xA0", "\v1\xC2\xA0" }, // other white space is text
};

START_TEST(trim_takes_blanks_from_both_sides)
{
    assert_str(dc_str_trim(dc_str_from(trims[_i].text)), trims[_i].trimmed);
}
END_TEST

static const struct {
    const char *text;
    const char *lines[4]; // up to NULL
} cuts[] = {
    { "", { NULL } },         { "a", { "a", NULL } },
    { "a\n", { "a", NULL } }, { "a\nbc", { "a", "bc", NULL } },
    { "\n", { "", NULL } },   { "a\n\nb\n", { "a", "", "b", NULL } }, // an empty line is a line
};

START_TEST(text_is_cut_into_lines)
{
    dc_str_t rest = dc_str_from(cuts[_i].text);
    dc_str_t line;
    size_t count = 0;
    for (; cuts[_i].lines[count]; count++) {
        ck_assert(dc_str_take_line(&rest, &line));
        assert_str(line, cuts[_i].lines[count]);
    }
    line = DC_STR("untouched");
    ck_assert(!dc_str_take_line(&rest, &line));
    assert_str(line, "untouched");
    ck_assert_uint_eq(dc_str_count_lines(dc_str_from(cuts[_i].text)), count);
}
END_TEST

// The count goes in groups of 255 bytes, since a byte holds no more.
START_TEST(many_lines_are_counted_across_groups)
{
    static char text[1000];
    memset(text, '\n', sizeof text);

    for (size_t len = 250; len <= sizeof text; len++) {
        ck_assert_uint_eq(dc_str_count_lines(dc_str(text, len)), len);
    }
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("str");
    tcase_add_test(tests, views_are_equal_by_content);
    tcase_add_test(tests, null_is_the_empty_view);
    tcase_add_loop_test(tests, order_is_that_of_bytes, 0, DC_ARRAY_LEN(orders));
    tcase_add_loop_test(tests, trim_takes_blanks_from_both_sides, 0, DC_ARRAY_LEN(trims));
    tcase_add_loop_test(tests, text_is_cut_into_lines, 0, DC_ARRAY_LEN(cuts));
    tcase_add_test(tests, many_lines_are_counted_across_groups);
    Suite *all = suite_create("str");
    suite_add_tcase(all, tests);
    return all;
}
