// The rows of a sheet: what the lines of its jobs say of the cells, the order in which these are
// written, and what is told of those that failed.
#include "client/cli/sheet/sheet_rows.h"

#include <stdio.h>

#include "tests/lib/main.h"

static dc_sheet_rows_t rows;
static dc_sheet_line_t cell;
static dc_buf_t room;
static dc_buf_t out;

static void set_up(void)
{
    rows = (dc_sheet_rows_t){ 0 };
    room = (dc_buf_t){ 0 };
    out = (dc_buf_t){ 0 };
}

static void tear_down(void)
{
    dc_sheet_rows_fini(&rows);
    dc_buf_fini(&room);
    dc_buf_fini(&out);
}

static void assert_text(dc_str_t text, const char *expected)
{
    ck_assert_msg(dc_str_eq(text, dc_str_from(expected)), "\"%.*s\" is not \"%s\"", (int)text.len,
                  text.data, expected);
}

static bool read_line(const char *line)
{
    return dc_sheet_line_read(&cell, dc_str_from(line), &room);
}

// --- lines -------------------------------------------------------------------------------------

START_TEST(a_line_says_all_of_its_cell)
{
    dc_buf_t line = { 0 };
    dc_sheet_line_t put = { .uses = DC_STR("[\"a\\\"b\",\"c]\"]"),
                            .name = DC_STR("tab\t \"q\""),
                            .row = 7,
                            .line = 12,
                            .text = DC_STR("{a\"b} +\t{c]}") };
    dc_sheet_line_put(&put, &line);
    assert_text(dc_buf_str(&line),
                "[\"a\\\"b\",\"c]\"][\"tab\\t \\\"q\\\"\",7,12]\t{a\"b} +\t{c]}\n");
    ck_assert(dc_sheet_line_read(&cell, dc_str(line.data, line.len - 1), &room));
    ck_assert(dc_str_eq(cell.uses, put.uses));
    ck_assert(dc_str_eq(cell.name, put.name));
    ck_assert_uint_eq(cell.row, 7);
    ck_assert_uint_eq(cell.line, 12);
    ck_assert(dc_str_eq(cell.text, put.text));
    ck_assert_uint_eq(cell.column, line.len - 1 - put.text.len);
    dc_buf_fini(&line);
}
END_TEST

START_TEST(what_a_line_uses_is_had_one_by_one)
{
    dc_pull_t pull;
    dc_str_t item, name;
    ck_assert(read_line("[\"a\\\"b\", [\"c\",\"12\"],\"\"][\"x\",0,1]\t1"));
    dc_sheet_line_begin_uses(&cell, &pull);
    ck_assert(dc_sheet_line_next_use(&pull, &room, &item, &name));
    assert_text(item, "\"a\\\"b\"");
    assert_text(name, "a\"b");
    ck_assert(dc_sheet_line_next_use(&pull, &room, &item, &name));
    assert_text(item, "[\"c\",\"12\"]"); // it brings its value
    assert_text(name, "");
    ck_assert(dc_sheet_line_next_use(&pull, &room, &item, &name));
    assert_text(name, "");
    ck_assert(!dc_sheet_line_next_use(&pull, &room, &item, &name));
}
END_TEST

// What another program has sent may be anything.
static const char *const broken[] = {
    "",
    "1+1",
    "\t1",
    "[]\t1", // it has no place
    "[][]\t1",
    "[][\"a\"]\t1",
    "[][\"a\",1]\t1",
    "[][\"a\",1,2,3]\t1",
    "[][\"a\",1,2]x\t1",
    "[][\"a\",1,2",
    "[][1,1,2]\t1",
    "[][\"a\",-1,2]\t1",
    "[][\"a\",1.5,2]\t1",
    "[][\"a\",99999999999999999999,2]\t1",
    "[[\"a\",1,2]\t1",
    "{}[\"a\",1,2]\t1",
    "[][\"a\xff\",1,2]\t1",
};

START_TEST(what_is_no_line_is_refused)
{
    ck_assert(!read_line(broken[_i]));
}
END_TEST

// --- rows --------------------------------------------------------------------------------------

// Write the row of the cell `line`: its name.
static void put(const char *line)
{
    dc_buf_t text = { 0 };
    ck_assert(dc_sheet_rows_read(&rows, dc_str_from(line)));
    dc_row_t row = dc_sheet_rows_row(&rows, DC_STR("1"), NULL);
    dc_buf_append_str(&text, row.name);
    dc_buf_append_char(&text, '\n');
    dc_sheet_rows_put(&rows, dc_buf_str(&text), &out);
    dc_buf_fini(&text);
}

static void put_failed(const char *line, dc_fault_t *fault)
{
    ck_assert(dc_sheet_rows_read(&rows, dc_str_from(line)));
    dc_row_t row = dc_sheet_rows_row(&rows, DC_STR("error: x"), fault);
    ck_assert_ptr_eq(row.fault, fault);
}

START_TEST(a_row_is_its_cell_with_its_result)
{
    ck_assert(dc_sheet_rows_init(&rows, 2, false));
    ck_assert(dc_sheet_rows_read(&rows, DC_STR("[\"a\"][\"b\",1,5]\ta * 2")));
    dc_row_t row = dc_sheet_rows_row(&rows, DC_STR("42"), NULL);
    ck_assert_uint_eq(row.row, 2);
    assert_text(row.name, "b");
    assert_text(row.input, "a * 2");
    assert_text(row.result, "42");
    ck_assert_uint_eq(rows.cell.line, 5);
    assert_text(dc_sheet_rows_row(&rows, DC_STR("-0"), NULL).result, "0");
}
END_TEST

START_TEST(columns_are_those_of_the_expression)
{
    ck_assert(dc_sheet_rows_init(&rows, 2, false));
    dc_fault_t fault = { .code = DC_ERR_DIVIDE_BY_ZERO,
                         .column = (uint32_t)strlen("[\"a\"][\"b\",0,1]\ta + 1") };
    put_failed("[\"a\"][\"b\",0,1]\ta + 1/0", &fault);
    ck_assert_uint_eq(fault.column, strlen("a + 1"));
}
END_TEST

START_TEST(who_is_skipped_says_who_failed)
{
    ck_assert(dc_sheet_rows_init(&rows, 9, false));
    dc_fault_t failed = { .code = DC_ERR_DIVIDE_BY_ZERO };
    dc_fault_t skipped[] = { { .code = DC_ERR_SKIPPED }, { .code = DC_ERR_SKIPPED } };
    put_failed("[][\"a\",2,3]\t1/0", &failed);
    put_failed("[\"a\"][\"b\",1,2]\ta", &skipped[0]);
    assert_text(skipped[0].message, "it uses 'a' (line 3), which failed");
    put_failed("[\"b\"][\"c\",0,1]\tb", &skipped[1]);
    assert_text(skipped[1].message, "it uses 'b' (line 2), which needs 'a' (line 3), which failed");
}
END_TEST

START_TEST(who_failed_is_named_as_it_has_to_be_written)
{
    ck_assert(dc_sheet_rows_init(&rows, 2, false));
    dc_fault_t failed = { .code = DC_ERR_DIVIDE_BY_ZERO }, skipped = { .code = DC_ERR_SKIPPED };
    put_failed("[][\"b 2\",1,2]\t1/0", &failed);
    put_failed("[\"b 2\"][\"c\",0,1]\t{b 2}", &skipped);
    assert_text(skipped.message, "it uses '{b 2}' (line 2), which failed");
}
END_TEST

START_TEST(of_several_that_failed_the_first_of_the_file_is_told)
{
    ck_assert(dc_sheet_rows_init(&rows, 9, false));
    dc_fault_t failed = { .code = DC_ERR_DOMAIN }, skipped = { .code = DC_ERR_SKIPPED };
    put_failed("[][\"late\",5,6]\tx", &failed);
    put_failed("[][\"early\",3,4]\tx", &failed);
    put_failed("[\"late\",\"sound\",\"early\"][\"c\",0,1]\tx", &skipped);
    assert_text(skipped.message, "it uses 'early' (line 4), which failed");
}
END_TEST

START_TEST(rows_are_written_in_the_order_of_the_file)
{
    ck_assert(dc_sheet_rows_init(&rows, 4, false));
    put("[][\"a\",2,3]\t1");
    put("[\"a\"][\"b\",1,2]\ta");
    ck_assert_uint_eq(out.len, 0);
    put("[\"b\"][\"c\",0,1]\tb");
    assert_text(dc_buf_str(&out), "c\nb\na\n");
    put("[\"b\"][\"d\",3,4]\tb");
    assert_text(dc_buf_str(&out), "c\nb\na\nd\n");
    ck_assert_int_eq(rows.error, DC_OK);
}
END_TEST

START_TEST(a_row_that_is_not_written_stops_no_other)
{
    ck_assert(dc_sheet_rows_init(&rows, 3, false));
    ck_assert(dc_sheet_rows_read(&rows, DC_STR("[][\"a\",1,2]\t1")));
    dc_sheet_rows_put(&rows, DC_STR(""), &out);
    put("[][\"b\",2,3]\t1");
    put("[][\"c\",0,1]\t1");
    assert_text(dc_buf_str(&out), "c\nb\n");
}
END_TEST

START_TEST(out_of_order_they_are_written_as_they_come)
{
    ck_assert(dc_sheet_rows_init(&rows, 3, true));
    put("[][\"c\",2,3]\t1");
    put("[][\"a\",0,1]\t1");
    assert_text(dc_buf_str(&out), "c\na\n");
}
END_TEST

START_TEST(some_rows_can_be_wanted)
{
    ck_assert(dc_sheet_rows_init(&rows, 3, false));
    rows.first = 1;
    rows.end = 2;
    for (int row = 0; row < 3; row++) {
        char line[32];
        snprintf(line, sizeof line, "[][\"a\",%d,1]\t1", row);
        ck_assert(dc_sheet_rows_read(&rows, dc_str_from(line)));
        ck_assert_int_eq(dc_sheet_rows_is_wanted(&rows), row == 1);
    }
}
END_TEST

START_TEST(where_some_never_come_the_others_are_written)
{
    ck_assert(dc_sheet_rows_init(&rows, 5, false));
    put("[][\"e\",4,5]\t1");
    put("[][\"b\",1,2]\t1");
    dc_sheet_rows_flush(&rows, &out);
    assert_text(dc_buf_str(&out), "b\ne\n");
    dc_sheet_rows_flush(&rows, &out);
    assert_text(dc_buf_str(&out), "b\ne\n");
}
END_TEST

// Two of five are spoiled: their rows are those that no other has.
START_TEST(who_is_lost_stood_where_no_other_does)
{
    ck_assert(dc_sheet_rows_init(&rows, 5, _i));
    put("[][\"e\",4,5]\t1");
    dc_sheet_rows_lose(&rows);
    put("[][\"b\",1,2]\t1");
    ck_assert(!dc_sheet_rows_next_lost(&rows)); // more may come
    dc_sheet_rows_lose(&rows);
    put("[][\"c\",2,3]\t1");
    static const uint64_t places[] = { 0, 3 };
    for (size_t i = 0; i < DC_ARRAY_LEN(places); i++) {
        ck_assert(dc_sheet_rows_next_lost(&rows));
        ck_assert_uint_eq(rows.cell.row, places[i]);
        ck_assert_uint_eq(rows.cell.name.len + rows.cell.text.len, 0);
        dc_sheet_rows_put(&rows, DC_STR("?\n"), &out);
    }
    ck_assert(!dc_sheet_rows_next_lost(&rows));
    assert_text(dc_buf_str(&out), _i ? "e\nb\nc\n?\n?\n" : "?\nb\nc\n?\ne\n");
}
END_TEST

START_TEST(where_others_never_came_nobody_knows_who_is_lost)
{
    ck_assert(dc_sheet_rows_init(&rows, 3, false));
    put("[][\"c\",2,3]\t1");
    dc_sheet_rows_lose(&rows);
    ck_assert(!dc_sheet_rows_next_lost(&rows));
    ck_assert_uint_eq(rows.lost_count, 1);
}
END_TEST

START_TEST(who_uses_one_that_is_lost_says_so)
{
    ck_assert(dc_sheet_rows_init(&rows, 3, false));
    dc_fault_t failed = { .code = DC_ERR_DIVIDE_BY_ZERO };
    dc_fault_t skipped[] = { { .code = DC_ERR_SKIPPED }, { .code = DC_ERR_SKIPPED } };
    dc_sheet_rows_lose(&rows);
    put_failed("[][\"a\",2,3]\t1/0", &failed);
    put_failed("[\"lost\"][\"b\",1,2]\ta", &skipped[0]);
    put_failed("[\"lost\",\"a\"][\"c\",0,1]\ta", &skipped[1]);
    assert_text(skipped[0].message,
                "it uses a cell that the disk of the broker's store has spoiled");
    assert_text(skipped[1].message, "it uses 'a' (line 3), which failed");
}
END_TEST

START_TEST(what_is_no_cell_of_the_sheet_ends_it)
{
    static const char *const lines[] = { "1+1", "[][\"x\",2,1]\t1", "[][\"x\",0,1]\t1",
                                         "[][\"x\",1,1]\t1" };
    ck_assert(dc_sheet_rows_init(&rows, _i == 3 ? 3 : 2, false));
    put(_i == 3 ? "[][\"a\",1,1]\t1" : "[][\"a\",0,1]\t1"); // written, or kept
    ck_assert(!dc_sheet_rows_read(&rows, dc_str_from(lines[_i])));
    ck_assert_int_eq(rows.error, DC_ERR_PROTOCOL);
    ck_assert(!dc_sheet_rows_read(&rows, DC_STR("[][\"y\",1,1]\t1")));
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("sheet_rows");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, a_line_says_all_of_its_cell);
    tcase_add_test(tests, what_a_line_uses_is_had_one_by_one);
    tcase_add_loop_test(tests, what_is_no_line_is_refused, 0, DC_ARRAY_LEN(broken));
    tcase_add_test(tests, a_row_is_its_cell_with_its_result);
    tcase_add_test(tests, columns_are_those_of_the_expression);
    tcase_add_test(tests, who_is_skipped_says_who_failed);
    tcase_add_test(tests, who_failed_is_named_as_it_has_to_be_written);
    tcase_add_test(tests, of_several_that_failed_the_first_of_the_file_is_told);
    tcase_add_test(tests, rows_are_written_in_the_order_of_the_file);
    tcase_add_test(tests, a_row_that_is_not_written_stops_no_other);
    tcase_add_test(tests, out_of_order_they_are_written_as_they_come);
    tcase_add_test(tests, some_rows_can_be_wanted);
    tcase_add_test(tests, where_some_never_come_the_others_are_written);
    tcase_add_loop_test(tests, who_is_lost_stood_where_no_other_does, 0, 2);
    tcase_add_test(tests, where_others_never_came_nobody_knows_who_is_lost);
    tcase_add_test(tests, who_uses_one_that_is_lost_says_so);
    tcase_add_loop_test(tests, what_is_no_cell_of_the_sheet_ends_it, 0, 4);
    Suite *all = suite_create("sheet_rows");
    suite_add_tcase(all, tests);
    return all;
}
