// The cells of a stored sheet that are sent once more: which they are, what stands in their lines
// in place of results, and what they need.
#include "client/cli/run/sheet_again.h"

#include "tests/lib/main.h"

static dc_sheet_again_t cells;
static dc_again_t again;
static dc_diag_t diag;

static void set_up(void)
{
    dc_sheet_again_init(&cells);
    again = (dc_again_t){ 0 };
}

static void tear_down(void)
{
    dc_sheet_again_fini(&cells);
    dc_again_fini(&again);
}

static void add(const char *line, const char *result)
{
    dc_str_t text = dc_str_from(result ? result : "");
    dc_sheet_again_add(&cells, dc_str_from(line), result ? &text : NULL);
}

static dc_err_t finish(void)
{
    return dc_sheet_again_finish(&cells, &again, &diag);
}

// The next chunk has `lines` and needs `needs`: "0-2 3-4".
static void assert_chunk(const char *lines, const char *needs, bool is_needed)
{
    dcalc_chunk_t chunk;
    uint32_t count;
    dc_buf_t text = { 0 };
    ck_assert(dc_again_next(&again, &chunk, &count));
    dc_str_t got = dc_str(chunk.bytes, chunk.size);
    ck_assert_msg(dc_str_eq(got, dc_str_from(lines)), "%.*s", (int)got.len, got.data);
    for (uint32_t i = 0; i < chunk.need_count; i++) {
        dc_buf_printf(&text, "%s%d-%d", i ? " " : "", (int)chunk.needs[i].first,
                      (int)chunk.needs[i].end);
    }
    ck_assert_msg(dc_str_eq(dc_buf_str(&text), dc_str_from(needs)), "%.*s", (int)text.len,
                  text.data);
    ck_assert_int_eq(chunk.needed, is_needed);
    dc_buf_fini(&text);
}

START_TEST(values_stand_in_place_of_results)
{
    add("[][\"a\",3,9]\t1", "-0");
    add("[][\"s\",2,7]\t'x'", "\"tab\\t\"");
    add("[\"a\",\"s\"][\"b\",0,1]\ta", NULL);
    ck_assert_int_eq(finish(), DC_OK);
    ck_assert_uint_eq(again.count, 1);
    assert_chunk("[[\"a\",\"-0\"],[\"s\",\"\\\"tab\\\\t\\\"\"]][\"b\",0,1]\ta\n", "", false);
}
END_TEST

START_TEST(what_is_sent_again_is_needed)
{
    add("[][\"x\",0,1]\tx", NULL);
    add("[][\"v\",1,2]\t5", "5");
    add("[][\"y\",2,3]\ty", NULL);
    add("[][\"w\",3,4]\tw", NULL);
    add("[\"x\",\"v\",\"w\"][\"z\",4,5]\tz", NULL);
    add("[\"y\",\"w\"][\"u\",5,6]\tu", NULL);
    ck_assert_int_eq(finish(), DC_OK);
    assert_chunk("[][\"x\",0,1]\tx\n[][\"y\",1,3]\ty\n[][\"w\",2,4]\tw\n", "", true);
    assert_chunk("[\"x\",[\"v\",\"5\"],\"w\"][\"z\",3,5]\tz\n", "0-1 2-3", false);
    assert_chunk("[\"y\",\"w\"][\"u\",4,6]\tu\n", "1-3", false);
}
END_TEST

START_TEST(rows_are_counted_in_the_order_of_the_file)
{
    add("[][\"a\",7,11]\t1", NULL);
    add("[][\"b\",2,3]\t1", NULL);
    add("[][\"c\",5,6]\t1", NULL);
    ck_assert_int_eq(finish(), DC_OK);
    assert_chunk("[][\"a\",2,11]\t1\n[][\"b\",0,3]\t1\n[][\"c\",1,6]\t1\n", "", false);
}
END_TEST

// A sheet that was sent again, and is once more.
START_TEST(values_that_stand_there_already_stay)
{
    add("[[\"a\",\"1\"]][\"b\",0,1]\ta", "7");
    add("[[\"a\",\"1\"],\"b\"][\"c\",1,2]\ta+b", NULL);
    ck_assert_int_eq(finish(), DC_OK);
    assert_chunk("[[\"a\",\"1\"],[\"b\",\"7\"]][\"c\",0,2]\ta+b\n", "", false);
}
END_TEST

START_TEST(where_all_have_a_value_nothing_is_sent)
{
    add("[][\"a\",0,1]\t1", "1");
    ck_assert_int_eq(finish(), DC_OK);
    ck_assert_uint_eq(again.count, 0);
}
END_TEST

START_TEST(what_would_be_too_long_is_told)
{
    static char value[DCALC_RECORD_BYTES_MAX];
    memset(value, '1', sizeof value - 1);
    add("[][\"a b\",0,1]\t1", value);
    add("[\"a b\"][\"b c\",1,2]\t1", NULL);
    ck_assert_int_eq(finish(), DC_ERR_TOO_LARGE);
    ck_assert_str_eq(diag.message, "'{b c}' (line 2) cannot be sent again: with the values that it "
                                   "uses it is longer than a job may be");
}
END_TEST

// What another program has sent may be anything.
static const char *const broken[][2] = {
    { "1+1", "[][\"b\",0,1]\t1" },
    { "[][\"a\",0,1]\t1", "[\"c\"][\"b\",0,1]\t1" },       // nobody has that name
    { "[\"b\"][\"a\",0,1]\t1", "[][\"b\",0,1]\t1" },       // it comes later
    { "[\"a\"][\"a\",0,1]\t1", "[][\"b\",0,1]\t1" },       // it is itself
    { "[][\"a\",0,1]\t1", "[\"a\",\"a\"][\"b\",0,1]\t1" }, // twice
    { "[][\"a\",0,1]\t1", "[\"a\",5][\"b\",0,1]\t1" },     // no name
    { "[][\"a\",0,1]\t1", "[\"\"][\"b\",0,1]\t1" },        // likewise
};

START_TEST(what_is_no_sheet_is_refused)
{
    add(broken[_i][0], NULL);
    add(broken[_i][1], NULL);
    ck_assert_int_eq(finish(), DC_ERR_PROTOCOL);
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("sheet_again");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, values_stand_in_place_of_results);
    tcase_add_test(tests, what_is_sent_again_is_needed);
    tcase_add_test(tests, rows_are_counted_in_the_order_of_the_file);
    tcase_add_test(tests, values_that_stand_there_already_stay);
    tcase_add_test(tests, where_all_have_a_value_nothing_is_sent);
    tcase_add_test(tests, what_would_be_too_long_is_told);
    tcase_add_loop_test(tests, what_is_no_sheet_is_refused, 0, DC_ARRAY_LEN(broken));
    Suite *all = suite_create("sheet_again");
    suite_add_tcase(all, tests);
    return all;
}
