// Results become output: lines that are passed on, rows that are written, faults that are told.
#include "client/cli/run/emit.h"

#include "tests/lib/main.h"

static dc_column_t column = { .name = { "expr", 4 } };
static const dc_layout_t layout = { .columns = &column, .column_count = 1 };

static dc_buf_t out, said, failed, faults;
static dc_printer_t printer;
static dc_messages_t messages;
static dc_emit_t emit;
static dcalc_chunk_t chunk;

static void set_up(void)
{
    dc_printer_init(&printer, &layout, DC_PRINT_TEXT);
    dc_messages_init(&messages, &said);
    messages.file = "rows.txt";
    emit =
        (dc_emit_t){ .printer = &printer, .messages = &messages, .out = &out, .has_lines = true };
}

static void tear_down(void)
{
    dc_printer_fini(&printer);
    dc_buf_fini(&out);
    dc_buf_fini(&said);
    dc_buf_fini(&failed);
    dc_buf_fini(&faults);
}

static void assert_text(dc_buf_t *buf, const char *expected)
{
    dc_buf_append_char(buf, '\0');
    ck_assert_str_eq(buf->data, expected);
}

static void put_fault(uint64_t index, dc_err_t code, size_t column_at, const char *message)
{
    dc_diag_t diag;
    dc_diag_set(&diag, code, column_at, 1, "%s", message);
    dc_fault_put(&faults, index, &diag);
}

// The results of jobs [first, first + count), sent as `inputs` whose first job is 10, read from row
// 12 and line 15 of the file.
static dcalc_piece_t piece(const char *inputs, uint64_t first, uint32_t count, const char *results)
{
    chunk = (dcalc_chunk_t){
        .bytes = inputs, .size = strlen(inputs), .first = 10, .tag = dc_emit_tag(10, 11, 15)
    };
    return (dcalc_piece_t){ .first = first,
                            .count = count,
                            .attempt = 1,
                            .results = results,
                            .results_bytes = strlen(results),
                            .faults = faults.data,
                            .faults_bytes = faults.len,
                            .chunk = &chunk };
}

START_TEST(lines_are_passed_on)
{
    dcalc_piece_t results = piece("1\n2\n3\n", 10, 3, "1\n2\n3\n");
    dc_emit_piece(&emit, &results, 10, 13);
    assert_text(&out, "1\n2\n3\n");
    ck_assert_uint_eq(emit.row_count, 3);
    ck_assert_uint_eq(emit.failed_count, 0);
}
END_TEST

START_TEST(only_the_jobs_that_count_are_written)
{
    dcalc_piece_t results = piece("1\n2\n3\n4\n", 10, 4, "1\n2\n3\n4\n");
    dc_emit_piece(&emit, &results, 11, 13);
    assert_text(&out, "2\n3\n");
    ck_assert_uint_eq(emit.row_count, 2);
}
END_TEST

START_TEST(a_fault_is_told_with_its_place_in_the_file)
{
    put_fault(10, DC_ERR_EMPTY, 0, "not counted again");
    put_fault(12, DC_ERR_DIVIDE_BY_ZERO, 1, "division by zero");
    dcalc_piece_t results =
        piece("\n2\n1/0\n4", 10, 4, "error: empty\n2\nerror: divide-by-zero\n4\n");
    dc_emit_piece(&emit, &results, 11, 14);
    assert_text(&out, "2\nerror: divide-by-zero\n4\n");
    assert_text(&said, "rows.txt:17:2: division by zero\n");
    ck_assert_uint_eq(emit.failed_count, 1);
}
END_TEST

START_TEST(a_failed_row_is_kept_apart)
{
    emit.failed_out = &failed;
    put_fault(11, DC_ERR_DIVIDE_BY_ZERO, 1, "division by zero");
    dcalc_piece_t results = piece("1\n1/0\n", 10, 2, "1\nerror: divide-by-zero\n");
    dc_emit_piece(&emit, &results, 10, 12);
    assert_text(&failed,
                "{\"expr\":\"1/0\",\"row\":13,\"error\":{\"code\":\"divide-by-zero\",\"message\":"
                "\"division by zero\",\"column\":2,\"width\":1}}\n");
}
END_TEST

START_TEST(rows_get_their_inputs)
{
    printer.format = DC_PRINT_CSV;
    put_fault(11, DC_ERR_SYNTAX, 0, "expected");
    dcalc_piece_t results = piece("1+1\n+\n\"a\"\n", 10, 3, "2\nerror: syntax\n\"a\"\n");
    dc_emit_piece(&emit, &results, 10, 11);
    dc_emit_piece(&emit, &results, 11, 13);
    assert_text(&out, "1+1,2,\n+,,syntax\n\"\"\"a\"\"\",a,\n");
}
END_TEST

// Records that stay as they came and numbers are written in runs; between them are rows of all
// other kinds, and each keeps its place, wherever a run begins or ends.
START_TEST(rows_of_a_table_are_written_in_runs)
{
    static const dc_layout_t table = {
        .format = DC_FORMAT_CSV, .template = { "x", 1 }, .columns = &column, .column_count = 1
    };
    const char *inputs = "1\n22\r\n\"a,b\",long enough for a word\n4\n5\n66666666\n7\n8";
    const char *results = "-1\n22\n3e300\n\"s,t\"\nerror: domain\n6\nnull\n8\n";
    const char *rows = "1,-1,\n22,22,\n\"a,b\",long enough for a word,3e300,\n4,\"s,t\",\n"
                       "5,,domain\n66666666,6,\n7,,\n8,8,\n";
    for (uint64_t middle = 10; middle <= 18; middle++) {
        printer.layout = &table;
        printer.format = DC_PRINT_CSV;
        faults.len = out.len = 0;
        put_fault(14, DC_ERR_DOMAIN, 0, "not defined there");
        dcalc_piece_t all = piece(inputs, 10, 8, results);
        dc_emit_piece(&emit, &all, 10, middle);
        dc_emit_piece(&emit, &all, middle, 18);
        assert_text(&out, rows);
    }
    ck_assert_uint_eq(emit.row_count, (size_t)9 * 8);
    ck_assert_uint_eq(emit.failed_count, 9);
}
END_TEST

START_TEST(a_record_is_one_row)
{
    printer.format = DC_PRINT_CSV;
    dcalc_piece_t results = piece("\"x\ny\"\n", 10, 1, "7\n");
    chunk.record = true;
    dc_emit_piece(&emit, &results, 10, 11);
    assert_text(&out, "\"\"\"x\ny\"\"\",7,\n");
}
END_TEST

// Another process wrote them: whatever they are, there is a row for each job.
START_TEST(results_that_are_missing_are_errors)
{
    dcalc_piece_t results = piece("1\n2\n3\n", 10, 3, "1\nerror: odd\n");
    dc_emit_piece(&emit, &results, 10, 13);
    assert_text(&out, "1\nerror: internal\nerror: internal\n");
    ck_assert_uint_eq(emit.failed_count, 2);
}
END_TEST

START_TEST(a_row_that_was_not_sent_has_its_place)
{
    dc_emit_lost(&emit, 6, 9);
    assert_text(&out, "error: too-long\n");
    assert_text(&said, "rows.txt:9: the text is longer than the limit\n");
    ck_assert_uint_eq(emit.failed_count, 1);
}
END_TEST

START_TEST(the_rest_of_a_batch_is_written_and_counted)
{
    emit.failed_out = &failed;
    (void)piece("1\n2\n3\n4\n", 10, 4, "");
    dc_emit_rest(&emit, &chunk, 11, 13, DCALC_ERR_DEADLINE);
    assert_text(&out, "error: deadline\nerror: deadline\n");
    assert_text(&failed, "{\"expr\":\"2\",\"row\":13,\"error\":{\"code\":\"deadline\",\"message\":"
                         "\"the deadline has passed\"}}\n"
                         "{\"expr\":\"3\",\"row\":14,\"error\":{\"code\":\"deadline\",\"message\":"
                         "\"the deadline has passed\"}}\n");
    ck_assert_uint_eq(said.len, 0);
    ck_assert_uint_eq(emit.row_count, 2);
    ck_assert_uint_eq(emit.failed_count, 2);
    ck_assert_uint_eq(emit.rest_count, 2);
}
END_TEST

START_TEST(of_all_rows_those_that_failed_can_be_written)
{
    emit.is_failed_only = printer.is_unordered = true;
    put_fault(11, DC_ERR_EMPTY, 0, "nothing");
    dcalc_piece_t results = piece("1\n\n3\n", 10, 3, "1\nerror: empty\n3\n");
    dc_emit_piece(&emit, &results, 10, 13);
    assert_text(&out, "13\terror: empty\n");
    ck_assert_uint_eq(emit.row_count, 3);
    ck_assert_uint_eq(emit.failed_count, 1);
}
END_TEST

// Failed, or never computed: in the order of the rows.
START_TEST(failed_rows_are_gathered_to_be_sent_again)
{
    dc_again_t again = { 0 };
    emit.to = DC_EMIT_AGAIN;
    emit.again = &again;
    put_fault(11, DC_ERR_EMPTY, 0, "nothing");
    dcalc_piece_t results = piece("1\nbad\n3\n4\n", 10, 3, "1\nerror: empty\n3\n");
    dc_emit_piece(&emit, &results, 10, 13);
    dc_emit_rest(&emit, &chunk, 13, 14, DCALC_ERR_CANCELLED);
    dcalc_chunk_t sent;
    uint32_t jobs;
    ck_assert(dc_again_next(&again, &sent, &jobs));
    ck_assert(dc_str_eq(dc_str(sent.bytes, sent.size), DC_STR("bad\n4\n")));
    ck_assert_uint_eq(jobs, 2);
    ck_assert(!dc_again_next(&again, &sent, &jobs));
    ck_assert_uint_eq(out.len, 0);
    ck_assert_uint_eq(said.len, 0);
    ck_assert_uint_eq(emit.row_count, 4);
    dc_again_fini(&again);
}
END_TEST

// Chunks of a stored batch say nothing of lines; records with line breaks in them move those
// behind.
START_TEST(lines_of_a_stored_batch_are_counted_from_its_first)
{
    dcalc_chunk_t record = { .bytes = "\"a\nb\"\n", .size = 6, .first = 9, .record = true };
    dcalc_piece_t first = {
        .first = 9, .count = 1, .results = "1\n", .results_bytes = 2, .chunk = &record
    };
    emit.line_first = 2; // behind a header
    dc_emit_piece(&emit, &first, 9, 10);
    put_fault(10, DC_ERR_EMPTY, 0, "nothing");
    dcalc_piece_t results = piece("\n", 10, 1, "error: empty\n");
    chunk.tag = 0;
    dc_emit_piece(&emit, &results, 10, 11);
    assert_text(&said, "rows.txt:13:1: nothing\n");
}
END_TEST

static void begin_sheet(dc_sheet_rows_t *rows, uint64_t count)
{
    ck_assert(dc_sheet_rows_init(rows, count, false));
    emit.to = DC_EMIT_CELLS;
    emit.sheet = rows;
}

START_TEST(cells_whose_lines_are_spoiled_are_written_in_their_places)
{
    dc_sheet_rows_t rows;
    begin_sheet(&rows, 2);
    emit.failed_out = &failed;
    put_fault(10, DC_ERR_DAMAGED, 0, "spoiled");
    dcalc_piece_t results = piece("\n[][\"b\",1,2]\t2\n", 10, 2, "error: store-damaged\n2\n");
    dc_emit_piece(&emit, &results, 10, 12);
    ck_assert_uint_eq(out.len, 0);
    dc_emit_end_cells(&emit);
    dc_emit_end_cells(&emit);
    assert_text(&out, "error: store-damaged\n2\n");
    assert_text(&said, "rows.txt: row 1: the disk of the broker's store has spoiled this cell, its "
                       "name and its expression\n");
    assert_text(&failed,
                "{\"row\":1,\"error\":{\"code\":\"store-damaged\",\"message\":\"the disk of "
                "the broker's store has spoiled this cell, its name and its "
                "expression\"}}\n");
    ck_assert_uint_eq(emit.row_count, 2);
    ck_assert_uint_eq(emit.failed_count, 1);
    dc_sheet_rows_fini(&rows);
}
END_TEST

// The sheet was still being sent when its batch was ended.
START_TEST(spoiled_cells_that_have_no_place_are_counted)
{
    dc_sheet_rows_t rows;
    begin_sheet(&rows, 3);
    put_fault(10, DC_ERR_DAMAGED, 0, "spoiled");
    dcalc_piece_t results = piece("\n[][\"b\",1,2]\t2\n", 10, 2, "error: store-damaged\n2\n");
    dc_emit_piece(&emit, &results, 10, 12);
    dc_emit_end_cells(&emit);
    dc_emit_end_cells(&emit);
    assert_text(&out, "2\n");
    assert_text(&said, "dcalc: the disk of the broker's store has spoiled cells of the sheet, and "
                       "nobody knows which\n");
    ck_assert_uint_eq(emit.row_count, 2);
    ck_assert_uint_eq(emit.failed_count, 1);
    dc_sheet_rows_fini(&rows);
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("emit");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, lines_are_passed_on);
    tcase_add_test(tests, only_the_jobs_that_count_are_written);
    tcase_add_test(tests, a_fault_is_told_with_its_place_in_the_file);
    tcase_add_test(tests, a_failed_row_is_kept_apart);
    tcase_add_test(tests, rows_get_their_inputs);
    tcase_add_test(tests, rows_of_a_table_are_written_in_runs);
    tcase_add_test(tests, a_record_is_one_row);
    tcase_add_test(tests, results_that_are_missing_are_errors);
    tcase_add_test(tests, a_row_that_was_not_sent_has_its_place);
    tcase_add_test(tests, the_rest_of_a_batch_is_written_and_counted);
    Suite *all = suite_create("emit");
    tcase_add_test(tests, of_all_rows_those_that_failed_can_be_written);
    tcase_add_test(tests, failed_rows_are_gathered_to_be_sent_again);
    tcase_add_test(tests, lines_of_a_stored_batch_are_counted_from_its_first);
    tcase_add_test(tests, cells_whose_lines_are_spoiled_are_written_in_their_places);
    tcase_add_test(tests, spoiled_cells_that_have_no_place_are_counted);
    suite_add_tcase(all, tests);
    return all;
}
