// Rows of output: what each format makes of a row of input and its result.
#include "client/cli/print/printer.h"
#include "tests/lib/main.h"
#include "tests/lib/xorshift.h"

static dc_column_t table_columns[] = {
    { .name = { "name", 4 } },
    { .name = { "qty", 3 }, .type = DC_VAR_NUMBER, .is_used = true },
    { .name = { "ok", 2 }, .type = DC_VAR_BOOL, .is_used = true },
};
static dc_column_t line_columns[] = { { .name = { "expr", 4 } } };
static dc_column_t member_columns[] = {
    { .name = { "x", 1 }, .type = DC_VAR_NUMBER, .is_used = true },
    { .name = { "y", 1 }, .type = DC_VAR_STRING, .is_used = true },
};

static const dc_layout_t lines = { .format = DC_FORMAT_LINES,
                                   .columns = line_columns,
                                   .column_count = 1 };
static const dc_layout_t csv = { .format = DC_FORMAT_CSV,
                                 .template = { "ok ? qty : 0", 12 },
                                 .columns = table_columns,
                                 .column_count = 3 };
static const dc_layout_t tsv = { .format = DC_FORMAT_TSV,
                                 .template = { "ok ? qty : 0", 12 },
                                 .columns = table_columns,
                                 .column_count = 3 };
static const dc_layout_t jsonl = {
    .format = DC_FORMAT_JSONL, .template = { "x", 1 }, .columns = member_columns, .column_count = 2
};
static const dc_layout_t doubles = { .format = DC_FORMAT_DOUBLES,
                                     .template = { "x", 1 },
                                     .columns = member_columns,
                                     .column_count = 2 };

static const dc_layout_t expressions_csv = {
    .format = DC_FORMAT_CSV, .columns = table_columns, .column_count = 3, .expr_field = 1
};
static const dc_layout_t expressions_jsonl = { .format = DC_FORMAT_JSONL,
                                               .columns = line_columns,
                                               .column_count = 1 };

static dc_buf_t out;

static void tear_down(void)
{
    dc_buf_fini(&out);
}

static void assert_out(const char *expected)
{
    dc_buf_append_char(&out, '\0');
    ck_assert_str_eq(out.data, expected);
}

static const dc_fault_t syntax = {
    .code = DC_ERR_SYNTAX, .column = 2, .width = 1, .message = { "expected", 8 }
};
static const dc_fault_t fields = { .code = DC_ERR_FIELDS, .message = { "too few", 7 } };

static const struct {
    const dc_layout_t *layout;
    dc_printer_format_t format;
    int digits;
    const char *input, *result;
    const dc_fault_t *fault;
    const char *row;
} rows[] = {
    { &lines, DC_PRINT_TEXT, 0, "1/3", "0.3333333333333333", NULL, "0.3333333333333333\n" },
    { &lines, DC_PRINT_TEXT, 3, "1/3", "0.3333333333333333", NULL, "0.333\n" },
    { &lines, DC_PRINT_TEXT, 0, "1+*", "error: syntax", &syntax, "error: syntax\n" },
    { &lines, DC_PRINT_JSON, 0, "1+\"", "14", NULL,
      "{\"v\":1,\"batch\":\"b17\",\"row\":3,\"value\":14,\"expr\":\"1+\\\"\"}\n" },
    { &lines, DC_PRINT_JSON, 3, "1/0", "-inf", NULL,
      "{\"v\":1,\"batch\":\"b17\",\"row\":3,\"value\":null,\"special\":\"-inf\",\"expr\":\"1/"
      "0\"}\n" },
    { &lines, DC_PRINT_JSON, 0, "ä+*", "error: syntax", &syntax,
      "{\"v\":1,\"batch\":\"b17\",\"row\":3,\"expr\":\"ä+*\",\"error\":{\"code\":\"syntax\","
      "\"message\":\"expected\",\"column\":2,\"width\":1}}\n" }, // in characters
    { &lines, DC_PRINT_CSV, 0, "max(1,2)", "2", NULL, "\"max(1,2)\",2,\n" },
    { &lines, DC_PRINT_CSV, 0, "s", "\"a,\\\"b\\u00e4\"", NULL, "s,\"a,\"\"b\u00e4\",\n" },
    { &lines, DC_PRINT_CSV, 0, "n", "null", NULL, "n,,\n" },
    { &lines, DC_PRINT_TSV, 0, "a\tb", "\"c\\td\\n\"", NULL, "a b\tc d \t\n" },
    { &csv, DC_PRINT_CSV, 0, "\"a, b\",3,true\r", "3", NULL, "\"a, b\",3,true,3,\n" },
    { &csv, DC_PRINT_CSV, 0, "a,3", "error: fields", &fields, "a,3,,,fields\n" },
    { &csv, DC_PRINT_CSV, 0, "a,3,4,5", "error: fields", &fields, "a,3,4,,fields\n" },
    { &csv, DC_PRINT_CSV, 0, "\"a", "error: fields", &fields, ",,,,fields\n" },
    { &csv, DC_PRINT_CSV, 0, "", "error: fields", &fields, ",,,,fields\n" },
    { &csv, DC_PRINT_TSV, 0, "\"a\tb\",3,true", "3", NULL, "a b\t3\ttrue\t3\t\n" },
    { &csv, DC_PRINT_JSON, 0, "007,3.50,true", "3.5", NULL,
      "{\"v\":1,\"batch\":\"b17\",\"row\":3,\"value\":3.5,\"inputs\":{\"name\":\"007\",\"qty\":3.5,"
      "\"ok\":true}}\n" },
    { &csv, DC_PRINT_JSON, 0, "x,,maybe", "0", NULL,
      "{\"v\":1,\"batch\":\"b17\",\"row\":3,\"value\":0,\"inputs\":{\"name\":\"x\",\"qty\":null,"
      "\"ok\":\"maybe\"}}\n" },
    { &tsv, DC_PRINT_TSV, 0, "\"a\t3\ttrue", "3", NULL, "\"a\t3\ttrue\t3\t\n" },
    { &tsv, DC_PRINT_CSV, 0, "\"a\t3\ttrue", "3", NULL, "\"\"\"a\",3,true,3,\n" },
    { &jsonl, DC_PRINT_JSON, 0, " {\"x\": 1, \"z\":[2]} ", "1", NULL,
      "{\"v\":1,\"batch\":\"b17\",\"row\":3,\"value\":1,\"inputs\":{\"x\": 1, \"z\":[2]}}\n" },
    { &jsonl, DC_PRINT_JSON, 0, "{\"x\":", "error: syntax", &syntax,
      "{\"v\":1,\"batch\":\"b17\",\"row\":3,\"inputs\":{\"line\":\"{\\\"x\\\":\"},\"error\":{"
      "\"code\":\"syntax\",\"message\":\"expected\",\"column\":3,\"width\":1}}\n" },
    // What an earlier failure has left is no input.
    { &jsonl, DC_PRINT_JSON, 0, "{\"x\":1,\"row\":7,\"error\":{\"code\":\"old\"}}", "7", NULL,
      "{\"v\":1,\"batch\":\"b17\",\"row\":3,\"value\":7,\"inputs\":{\"x\":1}}\n" },
    { &jsonl, DC_PRINT_CSV, 0, "{\"y\":\"a,\\\"\",\"x\":1.50}", "1.5", NULL,
      "1.50,\"a,\"\"\",1.5,\n" },
    { &jsonl, DC_PRINT_CSV, 0, "{\"x\":null}", "1", NULL, ",,1,\n" },
};

START_TEST(a_row_is_written)
{
    dc_printer_t printer;
    dc_row_t row = { .row = 3,
                     .input = dc_str_from(rows[_i].input),
                     .result = dc_str_from(rows[_i].result),
                     .fault = rows[_i].fault };
    dc_printer_init(&printer, rows[_i].layout, rows[_i].format);
    printer.batch = 17;
    printer.style.digits = rows[_i].digits;
    dc_printer_put(&printer, &row, &out);
    assert_out(rows[_i].row);
    dc_printer_fini(&printer);
}
END_TEST

// --- many rows ---------------------------------------------------------------------------------

static void put_line(dc_buf_t *lines_out, uint64_t *state, const char *bytes, bool is_number)
{
    size_t len = dc_xorshift_below(state, 30);
    if (is_number) dc_buf_append_char(lines_out, '7');
    for (size_t i = 0; i < len; i++)
        dc_buf_append_char(lines_out, bytes[dc_xorshift_below(state, (uint32_t)strlen(bytes))]);
    dc_buf_append_char(lines_out, '\n');
}

// Lines of all lengths, with bytes that are one bit from a newline, or one less or more.
START_TEST(rows_of_records_are_those_that_are_put_one_by_one)
{
    dc_printer_t printer;
    dc_buf_t inputs = { 0 }, results = { 0 }, expected = { 0 };
    uint64_t state = (uint64_t)_i + 1;
    const uint64_t count = 40;
    dc_printer_init(&printer, &csv, DC_PRINT_CSV);
    for (uint64_t row = 0; row < count; row++) {
        put_line(&inputs, &state, "a,\x0b\x09\x8a\r\xff\x2a\x01", false);
        put_line(&results, &state, "0123456789.e-", true);
    }
    if (_i % 2) { // the last lines may end without a newline
        inputs.data[inputs.len - 1] = 'x';
        results.len--;
    }
    dc_str_t input_lines = dc_buf_str(&inputs);
    dc_str_t result_lines = dc_buf_str(&results);
    dc_row_t row = { 0 };
    while (dc_str_take_line(&input_lines, &row.input) &&
           dc_str_take_line(&result_lines, &row.result))
        dc_printer_put(&printer, &row, &expected);

    input_lines = dc_buf_str(&inputs);
    result_lines = dc_buf_str(&results);
    uint64_t done = dc_printer_put_records(&printer, &input_lines, &result_lines, 7, &out);
    ck_assert_uint_eq(done, 7);
    done += dc_printer_put_records(&printer, &input_lines, &result_lines, count - 7, &out);
    ck_assert_uint_eq(done, count);
    ck_assert(input_lines.len == 0 && result_lines.len == 0);
    ck_assert(dc_str_eq(dc_buf_str(&out), dc_buf_str(&expected)));
    dc_buf_fini(&inputs);
    dc_buf_fini(&results);
    dc_buf_fini(&expected);
    dc_printer_fini(&printer);
}
END_TEST

// The quick way knows what it cannot do, and then leaves all as it was.
START_TEST(other_rows_are_left_to_be_put_one_by_one)
{
    static const char *const others[] = {
        "\"s\"\n", "null\n", "error: domain\n", "nan\n", "\n", ""
    };
    dc_printer_t printer;
    dc_str_t records = DC_STR("a,1,true\n");
    dc_printer_init(&printer, &csv, DC_PRINT_CSV);
    for (size_t i = 0; i < DC_ARRAY_LEN(others); i++) {
        dc_str_t results = dc_str_from(others[i]);
        ck_assert_uint_eq(dc_printer_put_records(&printer, &records, &results, 1, &out), 0);
        ck_assert_uint_eq(results.len, strlen(others[i]));
    }
    dc_str_t results = DC_STR("1.25\n");
    printer.style.digits = 2;
    ck_assert_uint_eq(dc_printer_put_records(&printer, &records, &results, 1, &out), 0);
    printer.style.digits = 0;
    printer.format = DC_PRINT_TSV;
    ck_assert_uint_eq(dc_printer_put_records(&printer, &records, &results, 1, &out), 0);
    ck_assert_uint_eq(out.len, 0);
    dc_printer_fini(&printer);
}
END_TEST

START_TEST(points_of_ranges_are_numbers)
{
    dc_printer_t printer;
    double point[2] = { 0.1, -3 };
    dc_row_t row = { .row = 1,
                     .input = dc_str((const char *)point, sizeof point),
                     .result = DC_STR("7") };
    dc_printer_init(&printer, &doubles, DC_PRINT_CSV);
    dc_printer_put_header(&printer, &out);
    dc_printer_put(&printer, &row, &out);
    printer.format = DC_PRINT_JSON;
    dc_printer_put(&printer, &row, &out);
    assert_out(
        "x,y,result,error\n0.1,-3,7,\n"
        "{\"v\":1,\"batch\":\"b0\",\"row\":1,\"value\":7,\"inputs\":{\"x\":0.1,\"y\":-3}}\n");
    dc_printer_fini(&printer);
}
END_TEST

// What was computed once can be computed again, and each column still has a name of its own.
START_TEST(what_is_added_has_new_names)
{
    static dc_column_t columns[] = { { .name = { "error", 5 } }, { .name = { "result2", 7 } } };
    static const dc_layout_t layout = {
        .format = DC_FORMAT_CSV, .template = { "1", 1 }, .columns = columns, .column_count = 2
    };
    dc_printer_t printer;
    dc_printer_init(&printer, &layout, DC_PRINT_CSV);
    dc_printer_put_header(&printer, &out);
    assert_out("error,result2,result3,error3\n");
    ck_assert_str_eq(printer.error_name, "error3");
    dc_printer_fini(&printer);
}
END_TEST

START_TEST(unordered_text_says_which_row_it_is)
{
    dc_printer_t printer;
    dc_row_t row = { .row = 12, .result = DC_STR("7") };
    dc_printer_init(&printer, &lines, DC_PRINT_TEXT);
    printer.is_unordered = true;
    dc_printer_put(&printer, &row, &out);
    ck_assert(!dc_printer_is_plain(&printer));
    assert_out("12\t7\n");
    dc_printer_fini(&printer);
}
END_TEST

START_TEST(of_a_single_argument_that_fails_nothing_is_printed)
{
    dc_printer_t printer;
    dc_row_t row = { .row = 1, .fault = &syntax };
    dc_printer_init(&printer, &lines, DC_PRINT_TEXT);
    printer.is_argument = true;
    printer.is_alone = true;
    dc_printer_put(&printer, &row, &out);
    ck_assert_uint_eq(out.len, 0);
    printer.is_alone = false;
    dc_printer_put(&printer, &row, &out);
    assert_out("error: syntax\n");
    dc_printer_fini(&printer);
}
END_TEST

START_TEST(a_row_that_was_too_long_keeps_its_place)
{
    static const dc_fault_t too_long = { .code = DC_ERR_TOO_LONG };
    dc_printer_t printer;
    dc_row_t row = { .row = 5, .fault = &too_long, .is_dropped = true };
    dc_printer_init(&printer, &csv, DC_PRINT_CSV);
    dc_printer_put(&printer, &row, &out);
    printer.format = DC_PRINT_JSON;
    dc_printer_put(&printer, &row, &out);
    assert_out(",,,,too-long\n"
               "{\"v\":1,\"batch\":\"b0\",\"row\":5,\"error\":{\"code\":\"too-long\",\"message\":"
               "\"the text is longer than the limit\"}}\n");
    dc_printer_fini(&printer);
}
END_TEST

START_TEST(verbose_rows_say_how_they_came_about)
{
    dc_printer_t printer;
    dc_row_t row = {
        .row = 1, .input = DC_STR("1"), .result = DC_STR("1"), .attempt = 2, .spent_us = 1500
    };
    dc_printer_init(&printer, &lines, DC_PRINT_JSON);
    printer.is_verbose = true;
    dc_printer_put(&printer, &row, &out);
    assert_out("{\"v\":1,\"batch\":\"b0\",\"row\":1,\"value\":1,\"expr\":\"1\",\"attempt\":2,"
               "\"ms\":1.5}\n");
    out.len = 0;
    row.worker = DC_STR("alpha");
    dc_printer_put(&printer, &row, &out);
    assert_out(
        "{\"v\":1,\"batch\":\"b0\",\"row\":1,\"value\":1,\"expr\":\"1\",\"worker\":\"alpha\","
        "\"attempt\":2,\"ms\":1.5}\n");
    dc_printer_fini(&printer);
}
END_TEST

static const struct {
    const dc_layout_t *layout;
    const char *input, *row;
} failures[] = {
    { &lines, "1+*",
      "{\"expr\":\"1+*\",\"row\":3,\"error\":{\"code\":\"syntax\",\"message\":\"expected\","
      "\"column\":3,\"width\":1}}\n" },
    { &csv, "a,1,true",
      "{\"name\":\"a\",\"qty\":1,\"ok\":true,\"row\":3,\"error\":{\"code\":\"syntax\",\"message\":"
      "\"expected\",\"column\":3,\"width\":1}}\n" },
    // What an earlier run added is replaced.
    { &jsonl, "{\"x\":1,\"row\":7,\"error\":{\"code\":\"old\"}}",
      "{\"x\":1,\"row\":3,\"error\":{\"code\":\"syntax\",\"message\":\"expected\",\"column\":3,"
      "\"width\":1}}\n" },
    { &jsonl, "{\"row\":5,\"error\":\"x\",\"x\":1,\"row2\":7,\"error2\":{\"code\":\"old\"}}",
      "{\"row\":5,\"error\":\"x\",\"x\":1,\"row2\":3,\"error2\":{\"code\":\"syntax\",\"message\":"
      "\"expected\",\"column\":3,\"width\":1}}\n" },
    // What the inputs are called is kept apart.
    { &jsonl, "{\"row\":5,\"x\":1}",
      "{\"row\":5,\"x\":1,\"row2\":3,\"error2\":{\"code\":\"syntax\",\"message\":\"expected\","
      "\"column\":3,\"width\":1}}\n" },
};

// Nobody knows which field is which: until a person fills the columns in, the row fails.
START_TEST(a_record_that_has_not_the_right_fields_has_its_columns_to_be_filled_in)
{
    static dc_column_t columns[] = { { .name = { "line", 4 } }, { .name = { "row", 3 } } };
    dc_layout_t layout = { .format = DC_FORMAT_TSV, .columns = columns, .column_count = 2 };
    dc_printer_t printer;
    dc_row_t row = { .row = 3, .input = DC_STR("1,\"2\""), .fault = &fields };
    dc_printer_init(&printer, &csv, DC_PRINT_CSV);
    dc_printer_put_failed(&printer, &row, &out);
    dc_printer_fini(&printer);
    dc_printer_init(&printer, &layout, DC_PRINT_CSV);
    row.input = DC_STR("1");
    dc_printer_put_failed(&printer, &row, &out);
    assert_out("{\"line\":\"1,\\\"2\\\"\",\"name\":null,\"qty\":null,\"ok\":null,\"row\":3,"
               "\"error\":{\"code\":\"fields\",\"message\":\"too few\"}}\n"
               "{\"line2\":\"1\",\"line\":null,\"row\":null,\"row2\":3,\"error2\":{\"code\":"
               "\"fields\",\"message\":\"too few\"}}\n");
    dc_printer_fini(&printer);
}
END_TEST

START_TEST(a_failed_row_can_be_sent_again)
{
    dc_printer_t printer;
    dc_row_t row = { .row = 3, .input = dc_str_from(failures[_i].input), .fault = &syntax };
    dc_printer_init(&printer, failures[_i].layout, DC_PRINT_TEXT);
    dc_printer_put_failed(&printer, &row, &out);
    assert_out(failures[_i].row);
    dc_printer_fini(&printer);
}
END_TEST

// A worker counts columns in the bytes of the job, people in what they wrote.
static const struct {
    const dc_layout_t *layout;
    const char *input;
    uint32_t column, width; // as the worker says
    const char *source;
    uint32_t source_column, source_width;
} places[] = {
    { &lines, "1+*", 2, 1, "1+*", 2, 1 },
    { &csv, "a,1,true", 5, 3, "ok ? qty : 0", 5, 3 },
    { &jsonl, "{\"x\":01}", 6, 0, "{\"x\":01}", 6, 0 }, // its template parses: it is the line
    { &expressions_csv, "a,1+*,true", 4, 1, "1+*", 2, 1 },
    { &expressions_csv, "a,\"1+*,2\",true", 5, 1, "1+*,2", 2, 1 },
    { &expressions_csv, "a,\"\"\"\"\"+*\",true", 3, 1, "\"\"+*", 3, 1 }, // doubled: a copy
    { &expressions_csv, "a,1+*,true", 0, 0, "1+*", 0, 0 },               // the record is at fault
    { &expressions_csv, "a", 0, 0, "", 0, 0 },
    { &expressions_jsonl, "{\"id\":1,\"expr\":\"1+*2\"}", 18, 1, "1+*2", 2, 1 },
    { &expressions_jsonl, "{\"expr\":\"1+\"}", 11, 0, "1+", 2, 0 },
    { &expressions_jsonl, "{\"expr\":\"\\u0061+*\"}", 2, 1, "a+*", 2, 1 },
    { &expressions_jsonl, "{\"expr\":\"\"}", 9, 0, "", 0, 0 },
    { &expressions_jsonl, "{\"expr\":\"1+1\"", 14, 0, "{\"expr\":\"1+1\"", 14, 0 }, // no object
    { &expressions_jsonl, "{\"expr\":3}", 8, 0, "{\"expr\":3}", 8, 0 },
};

START_TEST(a_fault_has_its_place_in_what_a_person_wrote)
{
    dc_printer_t printer;
    dc_fault_t fault = { .code = DC_ERR_SYNTAX,
                         .column = places[_i].column,
                         .width = places[_i].width };
    dc_row_t row = { .row = 3, .input = dc_str_from(places[_i].input), .fault = &fault };
    dc_printer_init(&printer, places[_i].layout, DC_PRINT_TEXT);
    dc_locus_t locus = dc_printer_locate(&printer, &row);
    ck_assert(dc_str_eq(locus.source, dc_str_from(places[_i].source)));
    ck_assert_uint_eq(locus.fault.column, places[_i].source_column);
    ck_assert_uint_eq(locus.fault.width, places[_i].source_width);
    dc_printer_fini(&printer);
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("printer");
    tcase_add_checked_fixture(tests, NULL, tear_down);
    tcase_add_loop_test(tests, a_row_is_written, 0, DC_ARRAY_LEN(rows));
    tcase_add_loop_test(tests, rows_of_records_are_those_that_are_put_one_by_one, 0, 50);
    tcase_add_test(tests, other_rows_are_left_to_be_put_one_by_one);
    tcase_add_test(tests, points_of_ranges_are_numbers);
    tcase_add_test(tests, what_is_added_has_new_names);
    tcase_add_test(tests, unordered_text_says_which_row_it_is);
    tcase_add_test(tests, of_a_single_argument_that_fails_nothing_is_printed);
    tcase_add_test(tests, a_row_that_was_too_long_keeps_its_place);
    tcase_add_test(tests, verbose_rows_say_how_they_came_about);
    tcase_add_test(tests, a_record_that_has_not_the_right_fields_has_its_columns_to_be_filled_in);
    tcase_add_loop_test(tests, a_failed_row_can_be_sent_again, 0, DC_ARRAY_LEN(failures));
    tcase_add_loop_test(tests, a_fault_has_its_place_in_what_a_person_wrote, 0,
                        DC_ARRAY_LEN(places));
    Suite *all = suite_create("printer");
    suite_add_tcase(all, tests);
    return all;
}
