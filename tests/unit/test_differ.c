// What tells two batches with one key apart, in words.
#include "client/cli/run/differ.h"

#include "client/cli/recipe/reducer.h"
#include "client/cli/run/keepsake.h"
#include "common/expr/value.h"
#include "tests/lib/main.h"

static const dc_column_t two[] = { { .name = { "amount", 6 } }, { .name = { "unit price", 10 } } };

// What a batch is sent with.
typedef struct sent {
    dc_format_t format;
    const char *template;
    size_t column_count; // of the two
    double rate;         // --let; 0: none
    bool ieee;
    dc_numbers_kind_t numbers;
    uint64_t timeout_ms; // 0: the default
    int digits;
    const char *number_format;
    int64_t reduce;
    const char *file;
} sent_t;

#define USUAL .template = "a*b", .reduce = -1, .file = "a.csv"

static const struct {
    sent_t theirs, ours;
    const char *said;
} cases[] = {
    { { USUAL }, { USUAL }, "" },
    { { .template = "a+b", .reduce = -1, .file = "a.csv" },
      { USUAL },
      "       its template is 'a+b', and not 'a*b'\n" },
    { { .template = "", .reduce = -1, .file = "a.csv" },
      { USUAL },
      "       its template is none, and not 'a*b'\n" },
    { { USUAL, .format = DC_FORMAT_TSV, .column_count = 2 },
      { USUAL, .format = DC_FORMAT_CSV, .column_count = 2 },
      "       its --from is tsv, and not csv\n" },
    { { USUAL, .format = DC_FORMAT_CSV, .column_count = 2 },
      { USUAL, .format = DC_FORMAT_CSV, .column_count = 1 },
      "       its columns are amount,{unit price}, and not amount\n" },
    { { USUAL, .rate = 0.19 },
      { USUAL, .rate = 0.2 },
      "       its rate (--let) is 0.19, and not 0.2\n" },
    { { USUAL }, { USUAL, .rate = 2 }, "       its rate (--let) is not bound, and not 2\n" },
    { { USUAL, .ieee = true }, { USUAL }, "       it was sent with --ieee\n" },
    { { USUAL, .numbers = DC_NUMBERS_EXACT },
      { USUAL },
      "       its --numbers is exact, and not double\n" },
    { { USUAL, .timeout_ms = 90000 },
      { USUAL, .timeout_ms = 500, .digits = 3 },
      "       its --timeout is 1m30s, and not 500ms\n       its -p is not given, and not 3\n" },
    { { USUAL, .number_format = "%.3f" },
      { USUAL },
      "       its --format is %.3f, and not none\n" },
    { { .template = "a*b", .reduce = DC_REDUCER_SUM, .file = "b.csv" },
      { USUAL },
      "       its --reduce is sum, and not none\n       its input is 'b.csv', and not 'a.csv'\n" },
};

static void put_frame(const sent_t *sent, dc_buf_t *out)
{
    dc_var_t let = { .name = DC_STR("rate"), .type = DC_VAR_NUMBER };
    dc_value_t value = { .type = DC_TYPE_NUMBER, .number = sent->rate };
    dc_program_t program;
    dc_program_init(&program);
    program.format = sent->format;
    program.template = dc_str_from(sent->template);
    program.ieee = sent->ieee;
    program.numbers.kind = sent->numbers;
    program.field_count = (uint32_t)sent->column_count;
    if (sent->timeout_ms) program.timeout_ms = sent->timeout_ms;
    program.lets = &let;
    program.let_values = &value;
    program.let_count = sent->rate != 0;
    dc_program_encode(&program, out);
    dc_column_t columns[2];
    memcpy(columns, two, sizeof columns);
    dc_layout_t layout = { .columns = columns, .column_count = sent->column_count };
    dc_keepsake_t keepsake = { .file = dc_str_from(sent->file),
                               .style = { sent->digits, sent->number_format },
                               .reduce = sent->reduce,
                               .cells = -1 };
    dc_keepsake_put(&keepsake, &layout, out);
}

START_TEST(what_differs_is_said)
{
    dc_buf_t theirs = { 0 }, ours = { 0 }, said = { 0 };
    put_frame(&cases[_i].theirs, &theirs);
    put_frame(&cases[_i].ours, &ours);
    ck_assert_int_eq(dc_differ_put(dc_buf_str(&theirs), dc_buf_str(&ours), &said), DC_OK);
    dc_buf_append_char(&said, '\0');
    ck_assert_str_eq(said.data, cases[_i].said);
    dc_buf_fini(&theirs);
    dc_buf_fini(&ours);
    dc_buf_fini(&said);
}
END_TEST

START_TEST(of_what_is_no_program_nothing_is_said)
{
    dc_buf_t said = { 0 };
    ck_assert_int_eq(dc_differ_put(DC_STR("nonsense"), DC_STR(""), &said), DC_ERR_PROTOCOL);
    ck_assert_int_eq(dc_differ_put(DC_STR(""), DC_STR("nonsense"), &said), DC_ERR_PROTOCOL);
    ck_assert_uint_eq(said.len, 0);
    dc_buf_fini(&said);
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("differ");
    TCase *tests = tcase_create("differ");
    tcase_add_loop_test(tests, what_differs_is_said, 0, DC_ARRAY_LEN(cases));
    tcase_add_test(tests, of_what_is_no_program_nothing_is_said);
    suite_add_tcase(all, tests);
    return all;
}
