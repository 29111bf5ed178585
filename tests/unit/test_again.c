// Rows that are sent once more: as they were sent before, in chunks as big as chunks may be.
#include "client/cli/input/again.h"
#include "common/limits.h"
#include "tests/lib/main.h"

static dc_again_t again;

static void tear_down(void)
{
    dc_again_fini(&again);
}

static void assert_next(const char *bytes, uint32_t jobs, uint32_t width, bool is_record)
{
    dcalc_chunk_t chunk;
    uint32_t count;
    ck_assert(dc_again_next(&again, &chunk, &count));
    ck_assert(dc_str_eq(dc_str(chunk.bytes, chunk.size), dc_str_from(bytes)));
    ck_assert_uint_eq(count, jobs);
    ck_assert_uint_eq(chunk.width, width);
    ck_assert_int_eq(chunk.record, is_record);
}

static void assert_no_more(void)
{
    dcalc_chunk_t chunk;
    uint32_t count;
    ck_assert(!dc_again_next(&again, &chunk, &count));
    ck_assert(!dc_again_has_failed(&again));
}

START_TEST(rows_keep_their_form_and_their_order)
{
    dcalc_chunk_t lines = { 0 }, record = { .record = true }, doubles = { .width = 8 };
    dc_again_add(&again, &lines, DC_STR("1"));
    dc_again_add(&again, &lines, DC_STR(""));
    dc_again_add(&again, &record, DC_STR("a,\"b\nc\""));
    dc_again_add(&again, &record, DC_STR("\"\n\""));
    dc_again_add(&again, &doubles, DC_STR("8 bytes."));
    dc_again_add(&again, &doubles, DC_STR("8 more.."));
    dc_again_add(&again, &lines, DC_STR("2"));
    ck_assert_uint_eq(again.count, 7);
    assert_next("1\n\n", 2, 0, false);
    assert_next("a,\"b\nc\"", 1, 0, true);
    assert_next("\"\n\"", 1, 0, true);
    assert_next("8 bytes.8 more..", 2, 8, false);
    assert_next("2\n", 1, 0, false);
    assert_no_more();
}
END_TEST

START_TEST(chunks_are_no_bigger_than_they_may_be)
{
    static char line[40000];
    memset(line, '1', sizeof line);
    dcalc_chunk_t lines = { 0 };
    dc_again_add(&again, &lines, dc_str(line, sizeof line));
    dc_again_add(&again, &lines, dc_str(line, sizeof line));
    for (size_t i = 0; i < DC_CHUNK_JOBS_MAX + 10; i++) {
        dc_again_add(&again, &lines, DC_STR("1"));
    }
    dcalc_chunk_t chunk;
    uint32_t count;
    size_t jobs = 0;
    while (dc_again_next(&again, &chunk, &count)) {
        ck_assert_uint_le(chunk.size, DC_CHUNK_BYTES_MAX);
        ck_assert_uint_le(count, DC_CHUNK_JOBS_MAX);
        jobs += count;
    }
    ck_assert_uint_eq(jobs, again.count);
}
END_TEST

START_TEST(rows_that_need_the_same_share_a_chunk)
{
    static const dcalc_range_t first = { 0, 1 }, both = { 0, 2 };
    dcalc_chunk_t chunk;
    uint32_t count;
    dc_again_add_line(&again, DC_STR("a"), NULL, 0);
    dc_again_add_line(&again, DC_STR("b"), NULL, 0);
    dc_again_add_line(&again, DC_STR("unused"), NULL, 0);
    dc_again_add_line(&again, DC_STR("c"), &both, 1);
    dc_again_add_line(&again, DC_STR("d"), &both, 1);
    dc_again_add_line(&again, DC_STR("e"), &first, 1);
    dc_again_mark_needed(&again, 0);
    dc_again_mark_needed(&again, 1);
    ck_assert(dc_again_next(&again, &chunk, &count));
    ck_assert(chunk.needed && chunk.need_count == 0 && count == 2);
    ck_assert(dc_again_next(&again, &chunk, &count));
    ck_assert(!chunk.needed && chunk.need_count == 0 && count == 1);
    ck_assert(dc_again_next(&again, &chunk, &count));
    ck_assert(!chunk.needed && chunk.need_count == 1 && count == 2);
    ck_assert_uint_eq(chunk.needs[0].first, 0);
    ck_assert_uint_eq(chunk.needs[0].end, 2);
    ck_assert(dc_again_next(&again, &chunk, &count));
    ck_assert_uint_eq(chunk.needs[0].end, 1);
    ck_assert(dc_str_eq(dc_str(chunk.bytes, chunk.size), DC_STR("e\n")));
    assert_no_more();
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("again");
    TCase *tcase = tcase_create("again");
    tcase_add_checked_fixture(tcase, NULL, tear_down);
    tcase_add_test(tcase, rows_keep_their_form_and_their_order);
    tcase_add_test(tcase, chunks_are_no_bigger_than_they_may_be);
    tcase_add_test(tcase, rows_that_need_the_same_share_a_chunk);
    suite_add_tcase(all, tcase);
    return all;
}
