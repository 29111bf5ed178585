// Rows: the bytes of a job become typed inputs, or a fault that names the column.
#include <math.h>

#include "common/bytes.h"
#include "common/rows.h"
#include "tests/lib/main.h"

static dc_program_var_t program_vars[8];
static dc_var_t vars[8];
static dc_value_t inputs[8];
static dc_program_t program;
static dc_rows_t *rows;
static dc_str_t text;
static size_t column;
static dc_diag_t diag;

static void set_up(void)
{
    dc_program_init(&program);
    program.template = DC_STR("(a template)");
    program.vars = program_vars;
    text = DC_STR("");
    column = 0;
    for (size_t i = 0; i < DC_ARRAY_LEN(inputs); i++)
        inputs[i] = (dc_value_t){ 0 };
}

static void tear_down(void)
{
    dc_rows_destroy(&rows);
}

static void add_var(const char *name, dc_var_type_t type, uint32_t field)
{
    dc_var_t var = { .name = dc_str_from(name), .type = type, .is_used = true };
    program_vars[program.var_count] = (dc_program_var_t){ var, field };
    vars[program.var_count++] = var;
}

static dc_err_t read_row(dc_str_t bytes)
{
    if (!rows) rows = dc_rows_new(&program, vars);
    ck_assert_ptr_nonnull(rows);
    return dc_rows_read(rows, bytes, inputs, &text, &column, &diag);
}

static void expect_number(size_t i, double number)
{
    ck_assert_int_eq(inputs[i].type, DC_TYPE_NUMBER);
    ck_assert_mem_eq(&inputs[i].number, &number, sizeof number);
}

static void expect_string(size_t i, const char *string)
{
    ck_assert_int_eq(inputs[i].type, DC_TYPE_STRING);
    ck_assert(dc_str_eq(inputs[i].string, dc_str_from(string)));
}

static void expect_fault(dc_str_t bytes, dc_err_t code, const char *message)
{
    ck_assert_int_eq(read_row(bytes), code);
    ck_assert_int_eq(diag.code, code);
    ck_assert_str_eq(diag.message, message);
}

// id, price, name, ok: of which the third field is not used.
static void use_table(dc_format_t format)
{
    program.format = format;
    program.field_count = 5;
    add_var("id", DC_VAR_INT, 0);
    add_var("price", DC_VAR_NUMBER, 1);
    add_var("name", DC_VAR_STRING, 3);
    add_var("ok", DC_VAR_BOOL, 4);
}

START_TEST(a_line_is_the_expression)
{
    program.template = DC_STR("");
    ck_assert_int_eq(read_row(DC_STR("1 + 2\r\n")), DC_OK);
    ck_assert(dc_str_eq(text, DC_STR("1 + 2")));
    ck_assert_uint_eq(column, 0);
}
END_TEST

START_TEST(a_line_is_the_template_s_x)
{
    add_var("x", DC_VAR_NUMBER, 0);
    ck_assert_int_eq(read_row(DC_STR(" -1.5e3 ")), DC_OK);
    expect_number(0, -1500);
    expect_fault(DC_STR("abc"), DC_ERR_NUMBER, "column 'x': 'abc' is not a number");
    expect_fault(DC_STR("\r\n"), DC_ERR_NULL, "column 'x': empty");
}
END_TEST

START_TEST(a_csv_record_is_read_by_type)
{
    use_table(DC_FORMAT_CSV);
    ck_assert_int_eq(read_row(DC_STR("7, 1.25 ,unused,\"A, \"\"B\"\"\",TRUE\r\n")), DC_OK);
    expect_number(0, 7);
    expect_number(1, 1.25);
    expect_string(2, "A, \"B\"");
    ck_assert_int_eq(inputs[3].type, DC_TYPE_BOOL);
    ck_assert(inputs[3].boolean);
}
END_TEST

START_TEST(tsv_knows_no_quotes)
{
    use_table(DC_FORMAT_TSV);
    ck_assert_int_eq(read_row(DC_STR("7\t2\t\t\"A\tfalse")), DC_OK);
    expect_string(2, "\"A");
    ck_assert(!inputs[3].boolean);
}
END_TEST

static const struct {
    const char *record;
    dc_err_t code;
    const char *message;
} bad_records[] = {
    { "7,n/a,,A,true", DC_ERR_NUMBER, "column 'price': 'n/a' is not a number" },
    { "7, 1/3 ,,A,true", DC_ERR_NUMBER,
      "column 'price': ' 1/3 ' is not a number; with --numbers exact it is, and a column 'expr' "
      "takes expressions" },
    { "7,1/0,,A,true", DC_ERR_NUMBER, "column 'price': '1/0' is not a number" },
    { "1/3,1,,A,true", DC_ERR_NUMBER, "column 'id': '1/3' is not a number" }, // in no way an int
    { "7,,,A,true", DC_ERR_NULL, "column 'price': empty" },
    { "7,  ,,A,true", DC_ERR_NULL, "column 'price': empty" },
    { "7.5,1,,A,true", DC_ERR_INTEGER, "column 'id': '7.5' is not an integer" },
    { "inf,1,,A,true", DC_ERR_INTEGER, "column 'id': 'inf' is not an integer" },
    { "7,1,,A,yes", DC_ERR_TYPE, "column 'ok': 'yes' is neither true nor false" },
    { "7,1,,A,1", DC_ERR_TYPE, "column 'ok': '1' is neither true nor false" },
    { "7,1,,,true", DC_ERR_NULL, "column 'name': empty" },
    { "7,1,,A", DC_ERR_FIELDS, "the record has 4 fields, not 5" },
    { "7", DC_ERR_FIELDS, "the record has 1 field, not 5" },
    { "", DC_ERR_EMPTY, "the row is blank" },
    { "  \r", DC_ERR_EMPTY, "the row is blank" },
    { "x,1,,A,true,6", DC_ERR_FIELDS, "the record has 6 fields, not 5" }, // rather than the cell
    { "7,1,,\"A,true", DC_ERR_FIELDS, "a quote is never closed" },
    { "7,1,,\xFF,true", DC_ERR_ENCODING, "column 'name': '\xEF\xBF\xBD' is not UTF-8" },
};

START_TEST(a_bad_record_is_told_by_its_column)
{
    use_table(DC_FORMAT_CSV);
    expect_fault(dc_str_from(bad_records[_i].record), bad_records[_i].code,
                 bad_records[_i].message);
}
END_TEST

START_TEST(an_empty_cell_is_null_where_null_may_be)
{
    use_table(DC_FORMAT_CSV);
    for (size_t i = 0; i < program.var_count; i++)
        vars[i].nullable = true;
    ck_assert_int_eq(read_row(DC_STR(",,,,")), DC_OK);
    for (size_t i = 0; i < program.var_count; i++) {
        ck_assert_int_eq(inputs[i].type, DC_TYPE_NULL);
    }
}
END_TEST

// There is no other way to write it.
START_TEST(an_empty_string_is_an_empty_cell_in_quotes)
{
    use_table(DC_FORMAT_CSV);
    ck_assert_int_eq(read_row(DC_STR("7,1,,\"\",true")), DC_OK);
    expect_string(2, "");
}
END_TEST

START_TEST(cells_that_are_not_used_are_not_looked_at)
{
    use_table(DC_FORMAT_CSV);
    vars[0].is_used = vars[1].is_used = vars[3].is_used = false;
    ck_assert_int_eq(read_row(DC_STR("x,y,\xFF,A,z")), DC_OK);
    expect_string(2, "A");
}
END_TEST

static void expect_digits(size_t i, const char *digits)
{
    ck_assert_int_eq(inputs[i].type, DC_TYPE_DIGITS);
    ck_assert(dc_str_eq(inputs[i].string, dc_str_from(digits)));
}

START_TEST(wide_numbers_keep_their_digits)
{
    program.numbers.kind = DC_NUMBERS_EXACT;
    use_table(DC_FORMAT_CSV);
    ck_assert_int_eq(read_row(DC_STR("7.0, 0.12345678901234567890 ,,A,true")), DC_OK);
    expect_digits(0, "7.0");
    expect_digits(1, "0.12345678901234567890");
    expect_string(2, "A");
    ck_assert_int_eq(inputs[3].type, DC_TYPE_BOOL);
    ck_assert_int_eq(read_row(DC_STR("7,\"-1/3\",,A,true")), DC_OK);
    expect_digits(1, "-1/3");
    expect_fault(DC_STR("7.5,1,,A,true"), DC_ERR_INTEGER, "column 'id': '7.5' is not an integer");
    expect_fault(DC_STR("7,inf,,A,true"), DC_ERR_NUMBER, "column 'price': 'inf' is not a number");
    expect_fault(DC_STR("7,1/0,,A,true"), DC_ERR_NUMBER, "column 'price': '1/0' is not a number");
    expect_fault(DC_STR("7,,,A,true"), DC_ERR_NULL, "column 'price': empty");
}
END_TEST

START_TEST(wide_numbers_of_json_keep_their_digits)
{
    program.numbers.kind = DC_NUMBERS_EXACT;
    use_table(DC_FORMAT_JSONL);
    ck_assert_int_eq(read_row(DC_STR("{\"id\":12345678901234567890123, \"price\" : 0.10e-1 ,"
                                     "\"name\":\"1/3\",\"ok\":true}")),
                     DC_OK);
    expect_digits(0, "12345678901234567890123");
    expect_digits(1, "0.10e-1");
    expect_string(2, "1/3");
    // JSON has no fractions.
    ck_assert_int_eq(read_row(DC_STR("{\"id\":1,\"price\":\"1\\/3\",\"name\":\"\",\"ok\":true}")),
                     DC_OK);
    expect_digits(1, "1/3");
    expect_fault(DC_STR("{\"id\":1,\"price\":\"a third\",\"name\":\"\",\"ok\":true}"),
                 DC_ERR_NUMBER, "column 'price': 'a third' is not a number");
}
END_TEST

START_TEST(points_are_fields_with_tabs_between)
{
    program.numbers.kind = DC_NUMBERS_EXACT;
    program.format = DC_FORMAT_POINTS;
    program.field_count = 2;
    add_var("x", DC_VAR_NUMBER, 0);
    add_var("y", DC_VAR_NUMBER, 1);
    ck_assert_int_eq(read_row(DC_STR("0.1\t-1/3\n")), DC_OK);
    expect_digits(0, "0.1");
    expect_digits(1, "-1/3");
}
END_TEST

START_TEST(a_wide_cell_without_a_type_is_what_it_looks_like)
{
    program.numbers.kind = DC_NUMBERS_EXACT;
    add_var("x", DC_VAR_ANY, 0);
    ck_assert_int_eq(read_row(DC_STR("1/3")), DC_OK);
    expect_digits(0, "1/3");
    ck_assert_int_eq(read_row(DC_STR("true")), DC_OK);
    ck_assert_int_eq(inputs[0].type, DC_TYPE_BOOL);
    ck_assert_int_eq(read_row(DC_STR("nan")), DC_OK);
    expect_string(0, "nan");
}
END_TEST

START_TEST(a_column_can_hold_the_expression)
{
    program.template = DC_STR("");
    program.format = DC_FORMAT_CSV;
    program.field_count = 3;
    program.expr_field = 1;
    add_var("a", DC_VAR_ANY, 0);
    add_var("b", DC_VAR_ANY, 2);
    ck_assert_int_eq(read_row(DC_STR("1.5,a + b,x y\n")), DC_OK);
    ck_assert(dc_str_eq(text, DC_STR("a + b")));
    ck_assert_uint_eq(column, 4);
    expect_number(0, 1.5);
    expect_string(1, "x y"); // without a type a cell is what it looks like
    ck_assert_int_eq(read_row(DC_STR("True,\"1,2\",")), DC_OK);
    ck_assert(dc_str_eq(text, DC_STR("1,2")));
    ck_assert_uint_eq(column, 6);
    ck_assert_int_eq(inputs[0].type, DC_TYPE_BOOL);
    ck_assert_int_eq(inputs[1].type, DC_TYPE_NULL);
}
END_TEST

START_TEST(an_object_is_read_by_the_names_of_its_members)
{
    use_table(DC_FORMAT_JSONL);
    dc_str_t line = DC_STR(
        "{\"ok\": true, \"other\": [1,{\"id\":2}], \"name\": \"\\u00e4\\n\", \"price\": -1e2, "
        "\"id\": 7 }\n");
    ck_assert_int_eq(read_row(line), DC_OK);
    expect_number(0, 7);
    expect_number(1, -100);
    expect_string(2, "\xC3\xA4\n");
    ck_assert(inputs[3].boolean);
}
END_TEST

static const struct {
    const char *line;
    dc_err_t code;
    const char *message;
} bad_objects[] = {
    { "{\"id\":7,\"price\":\"n/a\",\"name\":\"A\",\"ok\":true}", DC_ERR_NUMBER,
      "column 'price': 'n/a' is not a number" },
    { "{\"id\":7,\"price\":\"5\",\"name\":\"A\",\"ok\":true}", DC_ERR_NUMBER,
      "column 'price': '5' is not a number" },
    { "{\"id\":7,\"price\":\"1/3\",\"name\":\"A\",\"ok\":true}", DC_ERR_NUMBER,
      "column 'price': '1/3' is not a number; with --numbers exact it is, and a column 'expr' "
      "takes "
      "expressions" },
    { "{\"id\":7,\"name\":\"A\",\"ok\":true}", DC_ERR_NULL, "the object has no member 'price'" },
    { "{\"id\":7,\"p\\u0072ise\":1,\"name\":\"A\",\"ok\":true}", DC_ERR_NULL,
      "the object has no member 'price'; did you mean 'prise'?" },
    { "{\"id\":7,\"price\":null,\"name\":\"A\",\"ok\":true}", DC_ERR_NULL,
      "column 'price': empty" },
    { "{\"id\":7.5,\"price\":1,\"name\":\"A\",\"ok\":true}", DC_ERR_INTEGER,
      "column 'id': '7.5' is not an integer" },
    { "{\"id\":7,\"price\":1,\"name\":5,\"ok\":true}", DC_ERR_TYPE,
      "column 'name': '5' is not a string" },
    { "{\"id\":7,\"price\":1,\"name\":true,\"ok\":true}", DC_ERR_TYPE,
      "column 'name': a bool is not a string" },
    { "{\"id\":7,\"price\":1,\"name\":\"A\",\"ok\":0}", DC_ERR_TYPE,
      "column 'ok': '0' is not a bool" },
    { "{\"id\":7,\"price\":{},\"name\":\"A\",\"ok\":true}", DC_ERR_TYPE,
      "column 'price': an object is not a value" },
    { "{\"id\":7,\"price\":[1],\"name\":\"A\",\"ok\":true}", DC_ERR_TYPE,
      "column 'price': an array is not a value" },
    { "{\"id\":7,\"price\":1,\"price\":2,\"name\":\"A\",\"ok\":true}", DC_ERR_FIELDS,
      "column 'price': it comes twice" },
    { "{\"id\":7,\"price\":1,\"name\":\"A\",\"ok\":true", DC_ERR_SYNTAX,
      "the line is not a JSON object: ',' or '}' is expected" },
    { "{\"name\":\"\xFF\"}", DC_ERR_SYNTAX,
      "the line is not a JSON object: a string is not UTF-8" },
    { "[1]", DC_ERR_SYNTAX, "the line is not a JSON object: an object is expected" },
    { " ", DC_ERR_EMPTY, "the row is blank" },
    { "{\"id\":01}", DC_ERR_SYNTAX, "the line is not a JSON object: a number is expected" },
    { "{\"id\":nul}", DC_ERR_SYNTAX, "the line is not a JSON object: null is expected" },
    { "{}}", DC_ERR_SYNTAX, "the line is not a JSON object: something stands behind the value" },
};

START_TEST(a_bad_object_is_told_by_its_member)
{
    use_table(DC_FORMAT_JSONL);
    expect_fault(dc_str_from(bad_objects[_i].line), bad_objects[_i].code, bad_objects[_i].message);
}
END_TEST

START_TEST(a_member_can_hold_the_expression)
{
    program.template = DC_STR("");
    program.format = DC_FORMAT_JSONL;
    add_var("a", DC_VAR_ANY, 0);
    ck_assert_int_eq(read_row(DC_STR("{\"expr\":\"a + 1\",\"a\":2}")), DC_OK);
    ck_assert(dc_str_eq(text, DC_STR("a + 1")));
    ck_assert_uint_eq(column, 9);
    expect_number(0, 2);
    expect_fault(DC_STR("{\"a\":2}"), DC_ERR_FIELDS, "the object has no member 'expr'");
}
END_TEST

START_TEST(doubles_are_read_by_their_place)
{
    program.format = DC_FORMAT_DOUBLES;
    add_var("b", DC_VAR_NUMBER, 1);
    add_var("a", DC_VAR_INT, 0);
    char bytes[16];
    double numbers[] = { 3, NAN };
    memcpy(bytes, numbers, sizeof bytes);
    ck_assert_int_eq(read_row(dc_str(bytes, sizeof bytes)), DC_OK);
    ck_assert(isnan(inputs[0].number));
    expect_number(1, 3);
    expect_fault(dc_str(bytes, 8), DC_ERR_FIELDS, "the record has 1 field, not 2");
    numbers[0] = 0.5;
    memcpy(bytes, numbers, sizeof bytes);
    expect_fault(dc_str(bytes, sizeof bytes), DC_ERR_INTEGER, "column 'a': it is not an integer");
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("rows");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, a_line_is_the_expression);
    tcase_add_test(tests, a_line_is_the_template_s_x);
    tcase_add_test(tests, a_csv_record_is_read_by_type);
    tcase_add_test(tests, tsv_knows_no_quotes);
    tcase_add_loop_test(tests, a_bad_record_is_told_by_its_column, 0, DC_ARRAY_LEN(bad_records));
    tcase_add_test(tests, an_empty_cell_is_null_where_null_may_be);
    tcase_add_test(tests, an_empty_string_is_an_empty_cell_in_quotes);
    tcase_add_test(tests, cells_that_are_not_used_are_not_looked_at);
    tcase_add_test(tests, wide_numbers_keep_their_digits);
    tcase_add_test(tests, wide_numbers_of_json_keep_their_digits);
    tcase_add_test(tests, points_are_fields_with_tabs_between);
    tcase_add_test(tests, a_wide_cell_without_a_type_is_what_it_looks_like);
    tcase_add_test(tests, a_column_can_hold_the_expression);
    tcase_add_test(tests, an_object_is_read_by_the_names_of_its_members);
    tcase_add_loop_test(tests, a_bad_object_is_told_by_its_member, 0, DC_ARRAY_LEN(bad_objects));
    tcase_add_test(tests, a_member_can_hold_the_expression);
    tcase_add_test(tests, doubles_are_read_by_their_place);
    Suite *all = suite_create("rows");
    suite_add_tcase(all, tests);
    return all;
}
