// Which rows of a stored batch are wanted.
#include "client/cli/input/row_range.h"

#include <sysexits.h>

#include "tests/lib/main.h"

static const struct {
    const char *text;
    uint64_t first, end;
} rows[] = {
    { "10-20", 9, 20 },           { "17", 16, 17 }, { "1", 0, 1 },
    { "1000-", 999, UINT64_MAX }, { "7-7", 6, 7 },  { "19-90", 18, 90 },
};

START_TEST(rows_are_counted_from_1)
{
    dc_buf_t said = { 0 };
    dcalc_range_t jobs = { 0 };
    ck_assert_int_eq(dc_row_range_read(rows[_i].text, &jobs, &said), 0);
    ck_assert_uint_eq(jobs.first, rows[_i].first);
    ck_assert_uint_eq(jobs.end, rows[_i].end);
    ck_assert_uint_eq(said.len, 0);
}
END_TEST

static const char *const no_rows[] = {
    "", "0", "0-5", "5-4", "-5", "a", "5x", "5-6x", "5-6-7", "1e3", "99999999999999999999",
};

START_TEST(what_names_no_rows_is_refused)
{
    dc_buf_t said = { 0 };
    dcalc_range_t jobs = { 3, 4 };
    ck_assert_int_eq(dc_row_range_read(no_rows[_i], &jobs, &said), EX_USAGE);
    ck_assert_uint_eq(jobs.first, 3);
    ck_assert_uint_gt(said.len, 0);
    dc_buf_fini(&said);
}
END_TEST

START_TEST(rows_that_a_batch_does_not_have_are_told_of)
{
    dc_buf_t said = { 0 };
    ck_assert_int_eq(dc_row_range_check(&(dcalc_range_t){ 4, 9 }, 17, 5, &said), 0);
    ck_assert_int_eq(dc_row_range_check(&(dcalc_range_t){ 0, UINT64_MAX }, 17, 0, &said), 0);
    ck_assert_uint_eq(said.len, 0);
    ck_assert_int_eq(dc_row_range_check(&(dcalc_range_t){ 5, 9 }, 17, 5, &said), EX_USAGE);
    dc_buf_append_char(&said, '\0');
    ck_assert_str_eq(said.data, "dcalc: --jobs: b17 has 5 jobs\n");
    dc_buf_fini(&said);
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("row_range");
    TCase *tcase = tcase_create("row_range");
    tcase_add_loop_test(tcase, rows_are_counted_from_1, 0, (int)DC_ARRAY_LEN(rows));
    tcase_add_loop_test(tcase, what_names_no_rows_is_refused, 0, (int)DC_ARRAY_LEN(no_rows));
    tcase_add_test(tcase, rows_that_a_batch_does_not_have_are_told_of);
    suite_add_tcase(all, tcase);
    return all;
}
