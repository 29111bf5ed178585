// Which numbers are computed with, as a text.
#include "common/numbers.h"
#include "tests/lib/main.h"

static const struct {
    const char *text;
    dc_numbers_t numbers;
} kinds[] = {
    { "double", { DC_NUMBERS_DOUBLE, 0 } },           { "exact", { DC_NUMBERS_EXACT, 0 } },
    { "decimal=1", { DC_NUMBERS_DECIMAL, 1 } },       { "decimal=34", { DC_NUMBERS_DECIMAL, 34 } },
    { "decimal=1000", { DC_NUMBERS_DECIMAL, 1000 } },
};

START_TEST(text_is_read_and_printed)
{
    dc_numbers_t numbers = { DC_NUMBERS_DECIMAL, 7 };
    char text[DC_NUMBERS_TEXT_MAX];
    ck_assert(dc_numbers_read(dc_str_from(kinds[_i].text), &numbers));
    ck_assert(dc_numbers_equal(numbers, kinds[_i].numbers));
    ck_assert_int_eq(dc_numbers_are_double(numbers), _i == 0);
    dc_numbers_print(numbers, text);
    ck_assert_str_eq(text, kinds[_i].text);
}
END_TEST

static const char *const others[] = {
    "",           "Double",      "exact ",       "decimal",     "decimal=",      "decimal=0",
    "decimal=-1", "decimal=007", "decimal=1001", "decimal=1e2", "decimal=10000", "exact=5",
};

START_TEST(any_other_text_changes_nothing)
{
    dc_numbers_t numbers = { DC_NUMBERS_DECIMAL, 7 };
    ck_assert(!dc_numbers_read(dc_str_from(others[_i]), &numbers));
    ck_assert(dc_numbers_equal(numbers, (dc_numbers_t){ DC_NUMBERS_DECIMAL, 7 }));
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("numbers");
    TCase *tests = tcase_create("numbers");
    tcase_add_loop_test(tests, text_is_read_and_printed, 0, (int)DC_ARRAY_LEN(kinds));
    tcase_add_loop_test(tests, any_other_text_changes_nothing, 0, (int)DC_ARRAY_LEN(others));
    suite_add_tcase(all, tests);
    return all;
}
