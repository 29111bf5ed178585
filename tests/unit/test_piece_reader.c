// What a piece has of its jobs, read one by one.
#include <check.h>

#include "common/fault.h"
#include "common/piece_reader.h"
#include "tests/lib/main.h"

static dc_buf_t faults;

static void begin(void)
{
    dc_diag_t diag;
    dc_diag_set(&diag, DC_ERR_EMPTY, 0, 0, "nothing");
    dc_fault_put(&faults, 11, &diag);
}

static void end(void)
{
    dc_buf_fini(&faults);
}

static dc_piece_reader_t reader_of(dc_str_t results, bool is_columns)
{
    return (dc_piece_reader_t){ .faults = dc_buf_str(&faults),
                                .results = results,
                                .is_columns = is_columns };
}

static void assert_next(dc_piece_reader_t *reader, uint64_t index, dc_str_t result, bool has_failed)
{
    dc_str_t fault;
    ck_assert(dc_str_eq(dc_piece_reader_take(reader, index, &fault), result));
    ck_assert_uint_eq(fault.len, has_failed ? faults.len : 0);
}

START_TEST(lines_come_without_their_newline_and_with_their_fault)
{
    dc_piece_reader_t reader = reader_of(DC_STR("1\nerror: empty\n\n3\n"), false);
    assert_next(&reader, 10, DC_STR("1"), false);
    assert_next(&reader, 11, DC_STR("error: empty"), true);
    assert_next(&reader, 12, DC_STR(""), false);
    assert_next(&reader, 13, DC_STR("3"), false);
    ck_assert_uint_eq(reader.results.len, 0);
}
END_TEST

START_TEST(columns_have_eight_bytes_whatever_these_are)
{
    dc_piece_reader_t reader = reader_of(DC_STR("\n234567\nabcdefgh"), true);
    assert_next(&reader, 10, DC_STR("\n234567\n"), false);
    assert_next(&reader, 11, DC_STR("abcdefgh"), true);
    ck_assert_uint_eq(reader.results.len, 0);
}
END_TEST

START_TEST(jobs_can_be_passed_with_their_faults)
{
    dc_piece_reader_t lines = reader_of(DC_STR("1\n2\n3\n"), false);
    dc_piece_reader_skip(&lines, 2);
    assert_next(&lines, 12, DC_STR("3"), false);
    dc_piece_reader_t columns = reader_of(DC_STR("12345678abcdefgh"), true);
    dc_piece_reader_skip(&columns, 1);
    assert_next(&columns, 11, DC_STR("abcdefgh"), true);
}
END_TEST

// Other processes may say that there is more.
START_TEST(where_there_is_less_results_are_empty)
{
    dc_piece_reader_t lines = reader_of(DC_STR("1\n"), false);
    dc_piece_reader_skip(&lines, 5);
    assert_next(&lines, 15, DC_STR(""), false);
    dc_piece_reader_t columns = reader_of(DC_STR("12345678abc"), true);
    dc_piece_reader_skip(&columns, UINT64_MAX);
    assert_next(&columns, 15, DC_STR("abc"), false);
    assert_next(&columns, 16, DC_STR(""), false);
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("piece_reader");
    TCase *tests = tcase_create("all");
    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_test(tests, lines_come_without_their_newline_and_with_their_fault);
    tcase_add_test(tests, columns_have_eight_bytes_whatever_these_are);
    tcase_add_test(tests, jobs_can_be_passed_with_their_faults);
    tcase_add_test(tests, where_there_is_less_results_are_empty);
    suite_add_tcase(all, tests);
    return all;
}
