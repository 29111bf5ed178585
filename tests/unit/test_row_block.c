// Rows that are read and evaluated together have the values of rows that are read and evaluated one
// by one; those that fail are left to be told so.
#include <math.h>

#include "common/bytes.h"
#include "common/expr/double_bits.h"
#include "common/limits.h"
#include "tests/lib/main.h"
#include "tests/lib/xorshift.h"
#include "worker/row_block.h"

#define ROUNDS 400

static dc_engine_t *engine;
static dc_program_var_t program_vars[3];
static dc_var_t vars[3];
static dc_value_t inputs[3];
static dc_program_t program;
static dc_code_t *code;
static dc_rows_t *rows;
static dc_row_block_t *block;
static uint64_t state;
static size_t compared, together;

static uint32_t below(uint32_t bound)
{
    return dc_xorshift_below(&state, bound);
}

static void set_up(void)
{
    engine = dc_engine_new();
    state = 1;
    compared = together = 0;
}

static void tear_down(void)
{
    dc_row_block_destroy(&block);
    dc_rows_destroy(&rows);
    dc_code_destroy(&code);
    dc_engine_destroy(&engine);
}

// A template over columns a, b, c (or over lines x), of this type, of records with a field more.
static void prepare(dc_format_t format, const char *template, dc_var_type_t type)
{
    static const char *const names[] = { "a", "b", "c" };
    dc_diag_t diag;
    dc_program_init(&program);
    program.format = format;
    program.template = dc_str_from(template);
    program.vars = program_vars;
    program.var_count = format == DC_FORMAT_LINES ? 1 : 3;
    program.field_count = 4;
    for (size_t i = 0; i < program.var_count; i++) {
        vars[i] = (dc_var_t){ .name = dc_str_from(names[i]), .type = type };
        program_vars[i] = (dc_program_var_t){ vars[i], (uint32_t)i + (i == 2) };
    }
    ck_assert_int_eq(
        dc_engine_compile(engine, program.template, vars, program.var_count, &code, &diag), DC_OK);
    rows = dc_rows_new(&program, vars);
    block = dc_row_block_new(&program, vars, inputs, code, rows);
}

static void append_cell(dc_buf_t *out)
{
    static const char *const odd[] = {
        "",   " 7", "-0", "1e3", "\"4\"", "n/a",  "0x1F",  "1_0",   ".5",
        "5.", "+3", "-",  "nan", "inf",   "true", "FALSE", "1e999", "12345678901234567890",
        "2 ", "--1"
    };
    switch (below(8)) {
    case 0: dc_buf_append_text(out, odd[below(DC_ARRAY_LEN(odd))]); break;
    case 1: dc_buf_printf(out, "-%u.%u", below(100), below(1000000)); break;
    case 2: dc_buf_printf(out, "%u%u.%u", below(1000000), below(1000000), below(100)); break;
    default: dc_buf_printf(out, "%u.%02u", below(1000), below(100)); break;
    }
}

// Four doubles of any bits.
static void append_doubles(dc_buf_t *out)
{
    for (size_t i = 0; i < 4; i++) {
        uint64_t bits = (uint64_t)below(UINT32_MAX) << 32 | below(UINT32_MAX);
        double number = below(1000) / 8.0;
        if (below(4)) bits = dc_double_bits(number);
        char bytes[sizeof bits];
        dc_put_u64(bytes, bits);
        dc_buf_append(out, bytes, sizeof bytes);
    }
}

static void append_row(dc_buf_t *out)
{
    if (program.format == DC_FORMAT_DOUBLES) {
        append_doubles(out);
        return;
    }
    static const char delimiters[] = { [DC_FORMAT_CSV] = ',', [DC_FORMAT_TSV] = '\t' };
    size_t count = program.format == DC_FORMAT_LINES ? 1 : 4;
    if (below(50) == 0) count--; // a field is missing
    for (size_t i = 0; i < count; i++) {
        if (i > 0) dc_buf_append_char(out, delimiters[program.format]);
        append_cell(out);
    }
    dc_buf_append_text(out, below(5) ? "\n" : "\r\n");
}

static bool evaluate_alone(dc_str_t job, dc_value_t *value, uint64_t *steps)
{
    dc_diag_t diag;
    dc_str_t text;
    size_t column;
    dc_budget_t budget = { .steps_max = program.steps_max };
    if (dc_rows_read(rows, job, inputs, &text, &column, &diag)) return false;
    if (dc_engine_run(engine, code, inputs, (dc_eval_options_t){ 0 }, &budget, value, &diag)) {
        return false;
    }
    *steps = budget.steps_used;
    return true;
}

static void compare_row(size_t row)
{
    dc_value_t expected, value;
    uint64_t expected_steps = 0, steps;
    dc_str_t job = dc_row_block_job(block, row);
    bool is_alone = evaluate_alone(job, &expected, &expected_steps);
    compared++;
    if (!dc_row_block_get(block, row, &value, &steps)) return;
    together++;
    if (!is_alone) ck_abort_msg("'%.*s' fails alone", (int)job.len, job.data);
    bool is_same = value.type == expected.type && steps == expected_steps &&
                   (value.type == DC_TYPE_BOOL ? value.boolean == expected.boolean
                                               : value.number == expected.number);
    if (!is_same) ck_abort_msg("'%.*s' differs", (int)job.len, job.data);
}

static bool take_job(dc_str_t *rest, dc_str_t *job)
{
    if (program.format != DC_FORMAT_DOUBLES) return dc_str_take_line(rest, job);
    if (rest->len == 0) return false;
    *job = dc_str(rest->data, 4 * sizeof(double));
    *rest = dc_str_behind(*rest, job->len);
    return true;
}

static void compare_rows(void)
{
    dc_buf_t text = { 0 };
    size_t count = 1 + below(DC_BLOCK_ROWS);
    for (size_t i = 0; i < count; i++)
        append_row(&text);
    dc_str_t rest = dc_buf_str(&text);
    dc_str_t job;
    dc_row_block_clear(block, rest.data + rest.len);
    while (take_job(&rest, &job))
        dc_row_block_add(block, job);
    dc_row_block_run(block);
    for (size_t row = 0; row < count; row++)
        compare_row(row);
    dc_buf_fini(&text);
}

typedef struct form {
    dc_format_t format;
    const char *template;
    dc_var_type_t type;
} form_t;

static const form_t forms[] = {
    { DC_FORMAT_CSV, "a * b - c / 3", DC_VAR_NUMBER },
    { DC_FORMAT_CSV, "a > b ? a % 7 : c", DC_VAR_NUMBER },
    { DC_FORMAT_CSV, "a + 1", DC_VAR_INT },
    { DC_FORMAT_TSV, "sqrt(a) + b", DC_VAR_NUMBER },
    { DC_FORMAT_LINES, "a ^ 2", DC_VAR_NUMBER },
    { DC_FORMAT_DOUBLES, "a + b * c", DC_VAR_NUMBER },
    { DC_FORMAT_DOUBLES, "a / b", DC_VAR_INT },
    { DC_FORMAT_CSV, "a and not b", DC_VAR_BOOL },
    { DC_FORMAT_CSV, "a ?? b", DC_VAR_NUMBER },
};

START_TEST(rows_together_are_as_rows_alone)
{
    const form_t *form = &forms[_i];
    prepare(form->format, form->template, form->type);
    ck_assert_ptr_nonnull(block);
    for (int i = 0; i < ROUNDS; i++)
        compare_rows();
    ck_assert_uint_gt(compared, 20000);
    // Of bools the odd cells alone can be read, of ints every eighth cell is one.
    bool is_rare = form->type != DC_VAR_NUMBER;
    ck_assert_uint_gt(together, is_rare ? 0 : compared / 2);
}
END_TEST

START_TEST(strings_are_evaluated_alone)
{
    prepare(DC_FORMAT_CSV, "a + b", DC_VAR_STRING);
    ck_assert_ptr_null(block);
}
END_TEST

START_TEST(a_row_that_takes_long_makes_blocks_short)
{
    prepare(DC_FORMAT_CSV, "a * b - c / 3", DC_VAR_NUMBER);
    ck_assert_uint_eq(dc_row_block_rows(block, 1), 1);
    ck_assert_uint_eq(dc_row_block_rows(block, 40), 10);
    ck_assert_uint_eq(dc_row_block_rows(block, 1000000), DC_BLOCK_ROWS);
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("row_block");
    TCase *cases = tcase_create("row_block");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_loop_test(cases, rows_together_are_as_rows_alone, 0, (int)DC_ARRAY_LEN(forms));
    tcase_add_test(cases, strings_are_evaluated_alone);
    tcase_add_test(cases, a_row_that_takes_long_makes_blocks_short);
    suite_add_tcase(all, cases);
    return all;
}
