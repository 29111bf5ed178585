// Where input is cut into chunks: lines, records, and rows that are too long.
#include "client/cli/input/cutter.h"

#include "common/limits.h"
#include "tests/lib/main.h"

static dc_cutter_t cutter;

static dc_cut_t cut(const char *text, bool is_flush, bool is_end)
{
    return dc_cutter_next(&cutter, dc_str_from(text), is_flush, is_end);
}

static void assert_cut(dc_cut_t actual, dc_cut_type_t type, size_t bytes, uint32_t jobs)
{
    ck_assert_int_eq(actual.type, type);
    ck_assert_uint_eq(actual.bytes, bytes);
    ck_assert_uint_eq(actual.jobs, jobs);
}

START_TEST(less_than_a_chunk_waits_for_more)
{
    dc_cutter_init(&cutter, false, 100);
    assert_cut(cut("1+1\n2+2\n3", false, false), DC_CUT_MORE, 0, 0);
}
END_TEST

START_TEST(whole_lines_go_when_asked)
{
    dc_cutter_init(&cutter, false, 100);
    assert_cut(cut("1+1\n2+2\n3", true, false), DC_CUT_CHUNK, 8, 2);
    assert_cut(cut("3", true, false), DC_CUT_MORE, 0, 0);
}
END_TEST

START_TEST(the_last_line_needs_no_newline)
{
    dc_cutter_init(&cutter, false, 100);
    assert_cut(cut("3", false, true), DC_CUT_CHUNK, 1, 1);
    assert_cut(cut("", false, true), DC_CUT_MORE, 0, 0);
}
END_TEST

START_TEST(blank_lines_are_rows)
{
    dc_cutter_init(&cutter, false, 100);
    assert_cut(cut("\n\n1\n\n", true, false), DC_CUT_CHUNK, 5, 4);
}
END_TEST

START_TEST(a_chunk_has_no_more_bytes_than_fit)
{
    static char text[(size_t)3 * DC_CHUNK_BYTES_MAX];
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = i % 32 == 31 ? '\n' : '1';
    }
    dc_cutter_init(&cutter, false, DC_EXPR_BYTES_MAX);
    dc_cut_t got = dc_cutter_next(&cutter, dc_str(text, sizeof text), false, false);
    assert_cut(got, DC_CUT_CHUNK, DC_CHUNK_BYTES_MAX, DC_CHUNK_BYTES_MAX / 32);
    ck_assert_uint_eq(got.lines, got.jobs);
}
END_TEST

START_TEST(a_chunk_has_no_more_jobs_than_allowed)
{
    static char text[DC_CHUNK_BYTES_MAX];
    memset(text, '\n', sizeof text);
    dc_cutter_init(&cutter, false, 100);
    assert_cut(dc_cutter_next(&cutter, dc_str(text, sizeof text), false, false), DC_CUT_CHUNK,
               DC_CHUNK_JOBS_MAX, DC_CHUNK_JOBS_MAX);
}
END_TEST

START_TEST(a_line_longer_than_a_chunk_goes_alone)
{
    static char text[DC_CHUNK_BYTES_MAX + 20];
    memset(text, '1', sizeof text);
    text[DC_CHUNK_BYTES_MAX + 9] = '\n';
    dc_cutter_init(&cutter, false, (size_t)2 * DC_CHUNK_BYTES_MAX);
    assert_cut(dc_cutter_next(&cutter, dc_str(text, sizeof text), false, false), DC_CUT_CHUNK,
               DC_CHUNK_BYTES_MAX + 10, 1);
}
END_TEST

START_TEST(a_line_that_is_too_long_is_dropped_as_it_streams)
{
    static char text[DC_CHUNK_BYTES_MAX + 20];
    memset(text, '1', sizeof text);
    dc_cutter_init(&cutter, false, DC_CHUNK_BYTES_MAX);
    dc_str_t bytes = dc_str(text, sizeof text);
    assert_cut(dc_cutter_next(&cutter, bytes, false, false), DC_CUT_SKIPPED, bytes.len, 0);
    assert_cut(cut("11111", false, false), DC_CUT_SKIPPED, 5, 0);
    assert_cut(cut("11\n2+2\n", false, false), DC_CUT_TOO_LONG, 3, 0);
    assert_cut(cut("2+2\n", true, false), DC_CUT_CHUNK, 4, 1);
}
END_TEST

START_TEST(a_line_that_is_too_long_may_be_the_last)
{
    static char text[DC_CHUNK_BYTES_MAX + 20];
    memset(text, '1', sizeof text);
    dc_cutter_init(&cutter, false, DC_CHUNK_BYTES_MAX);
    dc_cutter_next(&cutter, dc_str(text, sizeof text), false, false);
    assert_cut(cut("", false, true), DC_CUT_TOO_LONG, 0, 0);
    assert_cut(cut("", false, true), DC_CUT_MORE, 0, 0);
}
END_TEST

static const struct {
    const char *text;
    dc_cut_type_t type;
    uint32_t bytes, jobs, lines;
    bool is_record;
} records[] = {
    { "1,2\n3,4\n", DC_CUT_CHUNK, 8, 2, 2, false },
    { "\"a\",2\n3,4\n", DC_CUT_CHUNK, 10, 2, 2, false }, // quotes without line breaks
    { "1,\"a\nb\"\n3,4\n", DC_CUT_CHUNK, 8, 1, 2, true },
    { "3,4\n1,\"a\nb\"\n", DC_CUT_CHUNK, 4, 1, 1, false }, // the plain ones before it first
    { "\"a\n\n\nb\"\n", DC_CUT_CHUNK, 8, 1, 4, true },
    { "\"a\"\"\n\"\n1\n", DC_CUT_CHUNK, 7, 1, 2, true },
    { "1,x\"y\n2\n", DC_CUT_CHUNK, 8, 2, 2, false }, // a quote within a field is text
    { "1,2", DC_CUT_MORE, 0, 0, 0, false },
    { "1,\"2\n", DC_CUT_MORE, 0, 0, 0, false },
};

START_TEST(records_end_outside_of_quotes)
{
    dc_cutter_init(&cutter, true, 100);
    dc_cut_t got = cut(records[_i].text, true, false);
    assert_cut(got, records[_i].type, records[_i].bytes, records[_i].jobs);
    ck_assert_uint_eq(got.lines, records[_i].lines);
    ck_assert_int_eq(got.is_record, records[_i].is_record);
}
END_TEST

START_TEST(a_quote_that_is_never_closed_is_seen_at_the_end)
{
    dc_cutter_init(&cutter, true, 100);
    assert_cut(cut("1\n\"2\n", true, true), DC_CUT_CHUNK, 2, 1);
    ck_assert_int_eq(cut("\"2\n3\n", true, true).type, DC_CUT_UNCLOSED);
}
END_TEST

// Whoever reads takes what was skipped, and has to read on then.
START_TEST(a_record_that_is_too_long_asks_for_more_when_it_was_skipped)
{
    dc_cutter_init(&cutter, true, 8);
    assert_cut(cut("1234567890", true, false), DC_CUT_SKIPPED, 9, 0);
    ck_assert_int_eq(cut("0", true, false).type, DC_CUT_MORE);
    ck_assert_int_eq(cut("0", true, false).type, DC_CUT_MORE);
    assert_cut(cut("0123\n7\n", true, false), DC_CUT_TOO_LONG, 5, 0);
    assert_cut(cut("7\n", true, false), DC_CUT_CHUNK, 2, 1);
}
END_TEST

START_TEST(a_record_that_is_too_long_ends_where_its_quotes_do)
{
    dc_cutter_init(&cutter, true, 8);
    dc_cut_t got = cut("\"123\n5678\n", true, false);
    assert_cut(got, DC_CUT_SKIPPED, 9, 0);
    got = cut("\n9\",1\n7\n", true, false);
    assert_cut(got, DC_CUT_TOO_LONG, 6, 0);
    ck_assert_uint_eq(got.lines, 3);
    assert_cut(cut("7\n", true, false), DC_CUT_CHUNK, 2, 1);
}
END_TEST

// Whatever the sizes in which bytes come, the rows are the same.
START_TEST(pieces_of_input_make_no_difference)
{
    const char *text = "a,b\n\"x\ny\",1\n2,\"\"\"\"\n\n\"q\",\n5,6";
    size_t len = strlen(text);
    size_t step = (size_t)_i;
    uint32_t jobs = 0, lines = 0;
    size_t at = 0, end = 0;
    dc_cutter_init(&cutter, true, 100);
    while (at < len) {
        bool is_end = end == len;
        dc_cut_t got = dc_cutter_next(&cutter, dc_str(text + at, end - at), true, is_end);
        if (got.type == DC_CUT_MORE) {
            ck_assert(!is_end);
            end = dc_min_size(end + step, len);
            continue;
        }
        ck_assert_int_eq(got.type, DC_CUT_CHUNK);
        at += got.bytes;
        jobs += got.jobs;
        lines += got.lines;
    }
    ck_assert_uint_eq(jobs, 6);
    ck_assert_uint_eq(lines, 7);
}
END_TEST

START_TEST(a_record_that_is_too_long_is_dropped_in_pieces_of_any_size)
{
    const char *text = "1\n\"x\nyyyyyyyyyyyyyyyyyyyyyyyy\nz\",1\n2\n";
    size_t len = strlen(text);
    size_t step = (size_t)_i;
    uint32_t kept = 0, dropped = 0;
    size_t at = 0, end = 0;
    dc_cutter_init(&cutter, true, 8);
    while (at < len) {
        dc_cut_t got = dc_cutter_next(&cutter, dc_str(text + at, end - at), true, end == len);
        if (got.type == DC_CUT_MORE) {
            ck_assert_uint_lt(end, len);
            end = dc_min_size(end + step, len);
            continue;
        }
        ck_assert_uint_gt(got.bytes, 0); // else it would go on for ever
        at += got.bytes;
        if (got.type == DC_CUT_CHUNK) kept += got.jobs;
        dropped += got.type == DC_CUT_TOO_LONG;
    }
    ck_assert_uint_eq(kept, 2);
    ck_assert_uint_eq(dropped, 1);
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("cutter");
    tcase_add_test(tests, less_than_a_chunk_waits_for_more);
    tcase_add_test(tests, whole_lines_go_when_asked);
    tcase_add_test(tests, the_last_line_needs_no_newline);
    tcase_add_test(tests, blank_lines_are_rows);
    tcase_add_test(tests, a_chunk_has_no_more_bytes_than_fit);
    tcase_add_test(tests, a_chunk_has_no_more_jobs_than_allowed);
    tcase_add_test(tests, a_line_longer_than_a_chunk_goes_alone);
    tcase_add_test(tests, a_line_that_is_too_long_is_dropped_as_it_streams);
    tcase_add_test(tests, a_line_that_is_too_long_may_be_the_last);
    tcase_add_loop_test(tests, records_end_outside_of_quotes, 0, DC_ARRAY_LEN(records));
    tcase_add_test(tests, a_quote_that_is_never_closed_is_seen_at_the_end);
    tcase_add_test(tests, a_record_that_is_too_long_asks_for_more_when_it_was_skipped);
    tcase_add_test(tests, a_record_that_is_too_long_ends_where_its_quotes_do);
    tcase_add_loop_test(tests, pieces_of_input_make_no_difference, 1, 12);
    tcase_add_loop_test(tests, a_record_that_is_too_long_is_dropped_in_pieces_of_any_size, 1, 30);
    Suite *all = suite_create("cutter");
    suite_add_tcase(all, tests);
    return all;
}
