// Errors: their numbers travel, their names are what scripts compare with.
#include "common/err.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "tests/lib/main.h"

static const dc_err_t all_errs[] = {
#define X(code, number, name, text) code,
    DC_ERR_LIST(X)
#undef X
};

START_TEST(every_number_turns_back_into_its_code)
{
    dc_err_t err = DC_ERR_INTERNAL;
    ck_assert(dc_err_from_number((uint32_t)all_errs[_i], &err));
    ck_assert_int_eq(err, all_errs[_i]);
}
END_TEST

START_TEST(every_name_turns_back_into_its_code)
{
    dc_err_t err = DC_ERR_INTERNAL;
    ck_assert(dc_err_from_name(dc_str_from(dc_err_name(all_errs[_i])), &err));
    ck_assert_int_eq(err, all_errs[_i]);
    ck_assert(!dc_err_from_name(DC_STR("unknown"), &err));
    ck_assert_int_eq(err, all_errs[_i]);
}
END_TEST

static const uint32_t unknown_numbers[] = { 31, 63, 95, 1000, UINT32_MAX };

START_TEST(an_unknown_number_is_refused)
{
    dc_err_t err = DC_ERR_SYNTAX;
    ck_assert(!dc_err_from_number(unknown_numbers[_i], &err));
    ck_assert_int_eq(err, DC_ERR_SYNTAX);
}
END_TEST

// Clients and brokers of different versions meet: these numbers must never change.
START_TEST(numbers_on_the_wire_stay)
{
    ck_assert_int_eq(DC_OK, 0);
    ck_assert_int_eq(DC_ERR_SYNTAX, 1);
    ck_assert_int_eq(DC_ERR_DIVIDE_BY_ZERO, 8);
    ck_assert_int_eq(DC_ERR_TOO_LONG, 32);
    ck_assert_int_eq(DC_ERR_LOST, 64);
    ck_assert_int_eq(DC_ERR_NOMEM, 96);
}
END_TEST

START_TEST(a_name_is_one_lower_case_word)
{
    const char *name = dc_err_name(all_errs[_i]);
    ck_assert_uint_gt(strlen(name), 0);
    for (const char *c = name; *c; c++) {
        ck_assert(islower((unsigned char)*c) || *c == '-');
    }
}
END_TEST

START_TEST(names_and_texts_tell_errors_apart)
{
    for (size_t i = 0; i < DC_ARRAY_LEN(all_errs); i++) {
        for (size_t j = 0; j < i; j++) {
            ck_assert_str_ne(dc_err_name(all_errs[i]), dc_err_name(all_errs[j]));
            ck_assert_str_ne(dc_err_text(all_errs[i]), dc_err_text(all_errs[j]));
        }
    }
}
END_TEST

START_TEST(an_error_of_a_newer_version_has_words_too)
{
    ck_assert_str_eq(dc_err_name((dc_err_t)1000), "unknown");
    ck_assert_str_eq(dc_err_text((dc_err_t)1000), "an error of a newer version");
}
END_TEST

START_TEST(a_diagnosis_says_what_and_where)
{
    dc_diag_t diag;
    dc_err_t err = dc_diag_set(&diag, DC_ERR_NAME, 4, 3, "there is no %s", "foo");
    ck_assert_int_eq(err, DC_ERR_NAME);
    ck_assert_int_eq(diag.code, DC_ERR_NAME);
    ck_assert_uint_eq(diag.column, 4);
    ck_assert_uint_eq(diag.width, 3);
    ck_assert_str_eq(diag.message, "there is no foo");
}
END_TEST

#define FITTING (DC_DIAG_MESSAGE_MAX - 1)

// A long message is cut, and what is left is still UTF-8.
static const struct {
    size_t ascii_len; // so many letters, and then
    const char *end;  // this, which does not fit any more
    size_t len;       // of what must be left
} cuts[] = {
    { FITTING, "x", FITTING },                        // between letters
    { FITTING - 1, "\xC3\xA9", FITTING - 1 },         // in an e with acute
    { FITTING - 2, "\xC3\xA9", FITTING },             // right behind it
    { FITTING - 1, "\xE2\x82\xAC", FITTING - 1 },     // after 1 byte of a euro sign
    { FITTING - 2, "\xE2\x82\xAC", FITTING - 2 },     // after 2
    { FITTING - 1, "\xF0\x9F\x98\x80", FITTING - 1 }, // after 1 byte of a face
    { FITTING - 3, "\xF0\x9F\x98\x80", FITTING - 3 }, // after 3
    { FITTING - 4, "\xF0\x9F\x98\x80", FITTING },     // right behind it
};

START_TEST(a_long_message_is_cut_between_characters)
{
    char text[DC_DIAG_MESSAGE_MAX * 2] = { 0 };
    memset(text, 'a', cuts[_i].ascii_len);
    snprintf(text + cuts[_i].ascii_len, sizeof text - cuts[_i].ascii_len, "%sand more",
             cuts[_i].end);

    dc_diag_t diag;
    dc_diag_set(&diag, DC_ERR_SYNTAX, 0, 0, "%s", text);
    ck_assert_uint_eq(strlen(diag.message), cuts[_i].len);
    ck_assert_mem_eq(diag.message, text, cuts[_i].len);
}
END_TEST

START_TEST(where_memory_is_short_no_text_is_at_fault)
{
    dc_diag_t diag = { .column = 3, .width = 4 };
    ck_assert_int_eq(dc_diag_set_no_memory(&diag), DC_ERR_NOMEM);
    ck_assert_int_eq(diag.code, DC_ERR_NOMEM);
    ck_assert_uint_eq(diag.column + diag.width, 0);
    ck_assert_str_eq(diag.message, "out of memory");
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("err");
    tcase_add_loop_test(tests, every_number_turns_back_into_its_code, 0, DC_ARRAY_LEN(all_errs));
    tcase_add_loop_test(tests, every_name_turns_back_into_its_code, 0, DC_ARRAY_LEN(all_errs));
    tcase_add_loop_test(tests, an_unknown_number_is_refused, 0, DC_ARRAY_LEN(unknown_numbers));
    tcase_add_test(tests, numbers_on_the_wire_stay);
    tcase_add_loop_test(tests, a_name_is_one_lower_case_word, 0, DC_ARRAY_LEN(all_errs));
    tcase_add_test(tests, names_and_texts_tell_errors_apart);
    tcase_add_test(tests, an_error_of_a_newer_version_has_words_too);
    tcase_add_test(tests, a_diagnosis_says_what_and_where);
    tcase_add_test(tests, where_memory_is_short_no_text_is_at_fault);
    tcase_add_loop_test(tests, a_long_message_is_cut_between_characters, 0, DC_ARRAY_LEN(cuts));
    Suite *all = suite_create("err");
    suite_add_tcase(all, tests);
    return all;
}
