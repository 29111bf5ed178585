// The jobs of a sheet, as a slot reads them: names, the results that they stand for, and what is
// none.
#include <math.h>

#include "tests/lib/main.h"
#include "worker/cells.h"

static dc_cells_t cells;
static dc_buf_t data;
static dc_program_t program;
static dc_str_t text;
static size_t column;
static dc_diag_t diag;

static void set_up(void)
{
    cells = (dc_cells_t){ 0 };
    data = (dc_buf_t){ 0 };
    program = (dc_program_t){ 0 };
    text = DC_STR("");
    column = 0;
}

static void tear_down(void)
{
    dc_cells_fini(&cells);
    dc_buf_fini(&data);
}

// Read `line`, whose lease brings `results`.
static dc_err_t read(const char *line, const char *const *results, uint32_t count)
{
    dc_wire_needs_t needs;
    data.len = 0;
    size_t sizes = dc_wire_begin_needs(&data, count);
    for (uint32_t i = 0; i < count; i++) {
        dc_wire_add_need(&data, sizes, i, dc_str_from(results[i]));
    }
    dc_str_t rest = dc_buf_str(&data);
    ck_assert(dc_wire_read_needs(&rest, &needs));
    return dc_cells_read(&cells, &program, dc_str_from(line), needs, &text, &column, &diag);
}

static dc_err_t read_one(const char *result)
{
    return read("[\"a\"]\ta", &result, 1);
}

static void assert_name(size_t index, const char *name)
{
    ck_assert_uint_lt(index, cells.count);
    ck_assert(dc_str_eq(cells.vars[index].name, dc_str_from(name)));
}

START_TEST(the_expression_stands_behind_the_names)
{
    const char *line = "[]\t1 + 2";
    ck_assert_int_eq(read(line, NULL, 0), DC_OK);
    ck_assert(dc_str_eq(text, DC_STR("1 + 2")));
    ck_assert_uint_eq(column, 3);
    ck_assert_uint_eq(cells.count, 0);
}
END_TEST

START_TEST(each_name_is_bound_to_the_result_in_its_place)
{
    const char *results[] = { "1.5", "true", "-7" };
    ck_assert_int_eq(read("[\"a\",\"b\",\"unit price\"]\ta", results, 3), DC_OK);
    ck_assert_uint_eq(cells.count, 3);
    assert_name(0, "a");
    assert_name(1, "b");
    assert_name(2, "unit price");
    ck_assert_double_eq(cells.values[0].number, 1.5);
    ck_assert_int_eq((int)cells.vars[1].type, DC_VAR_BOOL);
    ck_assert(cells.values[1].boolean);
    ck_assert_double_eq(cells.values[2].number, -7);
}
END_TEST

START_TEST(wide_numbers_are_bound_as_their_digits)
{
    const char *results[] = { "1/3", "-0.10000000000000000000001", "true" };
    program.numbers.kind = DC_NUMBERS_EXACT;
    ck_assert_int_eq(read("[\"a\",\"b\",\"c\"]\ta", results, 3), DC_OK);
    ck_assert_uint_eq(cells.count, 3);
    for (size_t i = 0; i < 2; i++) {
        ck_assert_int_eq(cells.vars[i].type, DC_VAR_NUMBER);
        ck_assert_int_eq(cells.values[i].type, DC_TYPE_DIGITS);
        ck_assert(dc_str_eq(cells.values[i].string, dc_str_from(results[i])));
    }
    ck_assert_int_eq(cells.values[2].type, DC_TYPE_BOOL);
    ck_assert_int_eq(read_one("inf"), DC_ERR_PROTOCOL);
}
END_TEST

START_TEST(an_empty_name_skips_a_result)
{
    const char *results[] = { "1", "2", "3" };
    ck_assert_int_eq(read("[\"\",\"b\",\"\"]\tb", results, 3), DC_OK);
    ck_assert_uint_eq(cells.count, 1);
    assert_name(0, "b");
    ck_assert_double_eq(cells.values[0].number, 2);
}
END_TEST

START_TEST(a_pair_brings_its_result)
{
    const char *results[] = { "1", "2" };
    ck_assert_int_eq(read("[\"a\",[\"b\",\"-0\"],\"c\",[\"s\",\"\\\"\\\\t\\\"\"]]\tb", results, 2),
                     DC_OK);
    ck_assert_uint_eq(cells.count, 4);
    assert_name(1, "b");
    ck_assert(signbit(cells.values[1].number));
    assert_name(2, "c");
    ck_assert_double_eq(cells.values[2].number, 2);
    assert_name(3, "s");
    ck_assert(dc_str_eq(cells.values[3].string, DC_STR("\t")));
}
END_TEST

START_TEST(there_may_be_pairs_and_nothing_else)
{
    dc_buf_t line = { 0 };
    for (int i = 0; i < 1000; i++) {
        dc_buf_printf(&line, "%c[\"%c\",\"%d\"]", i ? ',' : '[', 'a' + i % 26, i % 10);
    }
    dc_buf_append_text(&line, "]\ta");
    dc_buf_append_char(&line, '\0');
    ck_assert_int_eq(read(line.data, NULL, 0), DC_OK);
    ck_assert_uint_eq(cells.count, 1000);
    ck_assert_double_eq(cells.values[999].number, 9);
    dc_buf_fini(&line);
}
END_TEST

START_TEST(what_stands_behind_the_list_is_the_client_s)
{
    const char *result = "2";
    ck_assert_int_eq(read("[\"a\"][\"b\",7,9]\ta", &result, 1), DC_OK);
    ck_assert_uint_eq(cells.count, 1);
    ck_assert(dc_str_eq(text, DC_STR("a")));
    ck_assert_uint_eq(column, strlen("[\"a\"][\"b\",7,9]\t"));
}
END_TEST

START_TEST(constants_of_the_program_stand_before)
{
    dc_var_t let = { .name = DC_STR("rate"), .type = DC_VAR_NUMBER };
    dc_value_t value = { .type = DC_TYPE_NUMBER, .number = 0.19 };
    program.lets = &let;
    program.let_values = &value;
    program.let_count = 1;
    ck_assert_int_eq(read_one("3"), DC_OK);
    ck_assert_uint_eq(cells.count, 2);
    assert_name(0, "rate");
    assert_name(1, "a");
    ck_assert_double_eq(cells.values[0].number, 0.19);
}
END_TEST

START_TEST(numbers_keep_their_bits)
{
    static const struct {
        const char *text;
        double number;
    } rows[] = { { "-0", -0.0 },
                 { "0.1", 0.1 },
                 { "5e-324", 5e-324 },
                 { "1.7976931348623157e308", 1.7976931348623157e308 } };
    for (size_t i = 0; i < DC_ARRAY_LEN(rows); i++) {
        ck_assert_int_eq(read_one(rows[i].text), DC_OK);
        ck_assert_int_eq((int)cells.vars[0].type, DC_VAR_NUMBER);
        ck_assert_mem_eq(&cells.values[0].number, &rows[i].number, sizeof(double));
    }
}
END_TEST

START_TEST(strings_lose_their_escapes)
{
    ck_assert_int_eq(read_one("\"tab\\t \\\"q\\\" \\u00e9\""), DC_OK);
    ck_assert_int_eq((int)cells.vars[0].type, DC_VAR_STRING);
    ck_assert(dc_str_eq(cells.values[0].string, DC_STR("tab\t \"q\" \xc3\xa9")));
}
END_TEST

START_TEST(names_lose_their_escapes)
{
    const char *result = "1";
    ck_assert_int_eq(read("[\"a\\\"b\\\\c\"]\t{a\"b\\c}", &result, 1), DC_OK);
    assert_name(0, "a\"b\\c");
}
END_TEST

START_TEST(null_is_of_any_type)
{
    ck_assert_int_eq(read_one("null"), DC_OK);
    ck_assert_int_eq((int)cells.vars[0].type, DC_VAR_ANY);
    ck_assert(cells.vars[0].nullable);
    ck_assert_int_eq((int)cells.values[0].type, DC_TYPE_NULL);
}
END_TEST

START_TEST(a_second_line_forgets_the_first)
{
    const char *results[] = { "\"long enough to need room\"", "2" };
    ck_assert_int_eq(read("[\"a\",\"b\"]\ta", results, 2), DC_OK);
    ck_assert_int_eq(read_one("7"), DC_OK);
    ck_assert_uint_eq(cells.count, 1);
    ck_assert_double_eq(cells.values[0].number, 7);
}
END_TEST

// What comes from another process may be anything.
static const struct {
    const char *line;
    const char *result; // of the one that is needed; NULL: none is
} broken[] = {
    { "", NULL },
    { "1 + 2", NULL },   // no tab
    { "\t1", NULL },     // no list
    { "[\t1", NULL },    // ... that ends
    { "[[]]\t1", NULL }, // no pair
    { "[[\"a\"]]\ta", NULL },
    { "[[\"a\",\"1\",\"2\"]]\ta", NULL },
    { "[[\"a\",1]]\ta", NULL },
    { "[[\"a\",\"\"]]\ta", NULL },
    { "{}\t1", NULL },
    { "[1]\t1", "1" },      // no name
    { "[\"a\"]\ta", NULL }, // more names than results
    { "[\"a\",\"b\"]\ta", "1" },
    { "[\"a\"]\ta", "" }, // no value
    { "[\"a\"]\ta", "error: domain" },
    { "[\"a\"]\ta", "1 2" },
    { "[\"a\"]\ta", "\"open" },
    { "[\"a\"]\ta", "\"a\" b" },
    { "[\"a\"]\ta", "truely" },
};

START_TEST(what_is_no_line_of_a_sheet_is_refused)
{
    const char *result = broken[_i].result;
    ck_assert_int_eq(read(broken[_i].line, &result, result ? 1 : 0), DC_ERR_PROTOCOL);
    ck_assert_str_eq(diag.message, "the job is no line of a sheet");
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("cells");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, the_expression_stands_behind_the_names);
    tcase_add_test(tests, each_name_is_bound_to_the_result_in_its_place);
    tcase_add_test(tests, wide_numbers_are_bound_as_their_digits);
    tcase_add_test(tests, an_empty_name_skips_a_result);
    tcase_add_test(tests, a_pair_brings_its_result);
    tcase_add_test(tests, there_may_be_pairs_and_nothing_else);
    tcase_add_test(tests, what_stands_behind_the_list_is_the_client_s);
    tcase_add_test(tests, constants_of_the_program_stand_before);
    tcase_add_test(tests, numbers_keep_their_bits);
    tcase_add_test(tests, strings_lose_their_escapes);
    tcase_add_test(tests, names_lose_their_escapes);
    tcase_add_test(tests, null_is_of_any_type);
    tcase_add_test(tests, a_second_line_forgets_the_first);
    tcase_add_loop_test(tests, what_is_no_line_of_a_sheet_is_refused, 0, DC_ARRAY_LEN(broken));
    Suite *all = suite_create("cells");
    suite_add_tcase(all, tests);
    return all;
}
