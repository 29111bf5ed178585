// CSV and TSV: where records end, whatever the portions they come in, and which fields they have.
#include "common/csv.h"
#include "tests/lib/main.h"

static void assert_str(dc_str_t actual, const char *expected)
{
    ck_assert(dc_str_eq(actual, dc_str_from(expected)));
}

static const struct {
    const char *text;
    size_t sizes[4]; // of the records, up to 0
    bool is_open;    // after the last of them
} cuts[] = {
    { "", { 0 }, false },
    { "a,b\n", { 4 }, false },
    { "a,b\r\nc\n", { 5, 2 }, false },
    { "\n\n", { 1, 1 }, false },               // an empty line is a record
    { "a,b", { 0 }, false },                   // the last one has no line end
    { "\"a\nb\",c\nd\n", { 8, 2 }, false },    // a line break in quotes
    { "\"a\"\"\n\",c\nd\n", { 9, 2 }, false }, // a doubled quote does not end them
    { "a\"b\nc\"d\n", { 4, 4 }, false },       // a quote inside a field is text
    { "5\" x 3\"\n1\n", { 8, 2 }, false },
    { "a,\"b\n", { 0 }, true }, // never closed
    { "\"a\",\"\n\"\n", { 8 }, false },
};

START_TEST(records_end_at_line_breaks_outside_quotes)
{
    dc_str_t rest = dc_str_from(cuts[_i].text);
    dc_csv_scan_t scan = { 0 };
    size_t count = 0;
    for (size_t size; (size = dc_csv_record_end(&scan, rest)); count++) {
        ck_assert_uint_eq(size, cuts[_i].sizes[count]);
        rest = dc_str(rest.data + size, rest.len - size);
    }
    ck_assert_uint_eq(cuts[_i].sizes[count], 0);
    ck_assert(dc_csv_is_open(&scan) == cuts[_i].is_open);
}
END_TEST

// Whoever reads from a pipe gets portions: what was found must not depend on them.
START_TEST(portions_do_not_matter)
{
    dc_str_t text = dc_str_from(cuts[_i].text);
    for (size_t portion = 1; portion <= text.len; portion++) {
        dc_csv_scan_t scan = { 0 };
        size_t start = 0, count = 0;
        for (size_t end = portion; start < end; end = dc_min_size(end + portion, text.len)) {
            size_t size;
            while ((size = dc_csv_record_end(&scan, dc_str(text.data + start, end - start)))) {
                ck_assert_uint_eq(size, cuts[_i].sizes[count++]);
                start += size;
            }
            if (end == text.len) break;
        }
        ck_assert_uint_eq(cuts[_i].sizes[count], 0);
    }
}
END_TEST

START_TEST(line_breaks_inside_a_record_are_counted)
{
    dc_str_t text = DC_STR("\"a\n\nb\"\nc\n");
    dc_csv_scan_t scan = { 0 };
    ck_assert_uint_eq(dc_csv_record_end(&scan, text), 7);
    ck_assert_uint_eq(scan.breaks, 2);
    ck_assert_uint_eq(dc_csv_record_end(&scan, dc_str(text.data + 7, text.len - 7)), 2);
    ck_assert_uint_eq(scan.breaks, 0);
}
END_TEST

static const struct {
    const char *record;
    char delimiter;
    const char *fields[5]; // up to NULL
    const char *fault;
} records[] = {
    { "", ',', { "" }, NULL }, // an empty record has one empty field
    { "a", ',', { "a" }, NULL },
    { "a,b,c", ',', { "a", "b", "c" }, NULL },
    { "a,,c\r\n", ',', { "a", "", "c" }, NULL },
    { ",\n", ',', { "", "" }, NULL },
    { " a , b ", ',', { " a ", " b " }, NULL }, // blanks belong to the field
    { "\"a,b\",c", ',', { "a,b", "c" }, NULL },
    { "\"a\nb\"", ',', { "a\nb" }, NULL },
    { "\"\"", ',', { "" }, NULL },
    { "\"a\"\"b\",\"\"\"\"", ',', { "a\"b", "\"" }, NULL },
    { "a\"b,c", ',', { "a\"b", "c" }, NULL },
    { "\"a", ',', { NULL }, "a quote is never closed" },
    { "x,\"a\"\"", ',', { "x" }, "a quote is never closed" },
    { "\"a\"b,c", ',', { NULL }, "text stands behind a closing quote" },
    { "a\tb,c\t\"d\"\n", '\t', { "a", "b,c", "\"d\"" }, NULL }, // TSV knows no quotes
    { "\t", '\t', { "", "" }, NULL },
};

START_TEST(a_record_is_cut_into_fields)
{
    dc_str_t record = dc_str_from(records[_i].record);
    dc_csv_cursor_t cursor;
    dc_csv_begin(&cursor, record, records[_i].delimiter);
    dc_buf_t room = { 0 };
    dc_csv_field_t field;
    size_t count = 0;
    for (; dc_csv_next(&cursor, &field); count++) {
        ck_assert_ptr_nonnull(records[_i].fields[count]);
        assert_str(dc_csv_unquote(&field, &room), records[_i].fields[count]);
    }
    ck_assert_ptr_null(records[_i].fields[count]);
    ck_assert_pstr_eq(cursor.fault, records[_i].fault);
    ck_assert(!dc_csv_next(&cursor, &field));
    dc_buf_fini(&room);
}
END_TEST

static const struct {
    const char *value, *text;
} values[] = {
    { "", "" },
    { "abc", "abc" },
    { "a b", "a b" },
    { " a", "\" a\"" }, // some readers drop blanks at the sides
    { "a,b", "\"a,b\"" },
    { "a\"b", "\"a\"\"b\"" },
    { "a\nb", "\"a\nb\"" },
    { "a\rb", "\"a\rb\"" },
};

START_TEST(what_is_written_reads_back)
{
    dc_buf_t out = { 0 };
    dc_csv_put(&out, dc_str_from(values[_i].value));
    assert_str(dc_buf_str(&out), values[_i].text);

    dc_csv_cursor_t cursor;
    dc_csv_begin(&cursor, dc_buf_str(&out), ',');
    dc_csv_field_t field;
    ck_assert(dc_csv_next(&cursor, &field));
    dc_buf_t room = { 0 };
    assert_str(dc_csv_unquote(&field, &room), values[_i].value);
    ck_assert(!dc_csv_next(&cursor, &field));
    dc_buf_fini(&room);
    dc_buf_fini(&out);
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("csv");
    tcase_add_loop_test(tests, records_end_at_line_breaks_outside_quotes, 0, DC_ARRAY_LEN(cuts));
    tcase_add_loop_test(tests, portions_do_not_matter, 0, DC_ARRAY_LEN(cuts));
    tcase_add_test(tests, line_breaks_inside_a_record_are_counted);
    tcase_add_loop_test(tests, a_record_is_cut_into_fields, 0, DC_ARRAY_LEN(records));
    tcase_add_loop_test(tests, what_is_written_reads_back, 0, DC_ARRAY_LEN(values));
    Suite *all = suite_create("csv");
    suite_add_tcase(all, tests);
    return all;
}
