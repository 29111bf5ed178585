// The tables in tests/expr: each row is an expression and what it is worth, or what is wrong with
// it and where. Every row goes through both doors, eval and compile with run, which must agree.
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/expr/expr.h"
#include "common/limits.h"
#include "tests/lib/main.h"

typedef struct row {
    const char *file;
    size_t line;
    dc_str_t expression;
    dc_str_t expected;
} row_t;

static row_t *rows;
static size_t row_count;

// What came out, in the words of the tables.
static void describe(dc_err_t err, const dc_value_t *value, const dc_diag_t *diag, dc_buf_t *out)
{
    if (err) {
        dc_buf_printf(out, "error: %s at %u+%u", dc_err_name(err), diag->column + 1, diag->width);
        ck_assert_int_eq(err, diag->code);
        ck_assert_uint_gt(strlen(diag->message), 0);
    } else {
        dc_value_print(value, out);
    }
}

static dc_err_t compile_and_run(dc_engine_t *engine, dc_str_t text, dc_value_t *value,
                                dc_diag_t *diag)
{
    dc_code_t *code = NULL;
    dc_err_t err = dc_engine_compile(engine, text, NULL, 0, &code, diag);
    if (err) return err;
    dc_budget_t budget = { .steps_max = DC_STEPS_MAX };
    err = dc_engine_run(engine, code, NULL, (dc_eval_options_t){ 0 }, &budget, value, diag);
    dc_code_destroy(&code);
    return err;
}

static void check_text(const row_t *row, const char *door, const dc_buf_t *got)
{
    ck_assert_msg(dc_str_eq(dc_buf_str(got), row->expected), "%s:%zu: %.*s by %s is %.*s, not %.*s",
                  row->file, row->line, (int)row->expression.len, row->expression.data, door,
                  (int)got->len, got->data, (int)row->expected.len, row->expected.data);
}

START_TEST(row_is_worth_what_it_says)
{
    const row_t *row = &rows[_i];
    dc_engine_t *engine = dc_engine_new();
    dc_budget_t budget = { .steps_max = DC_STEPS_MAX };
    dc_value_t value;
    dc_diag_t diag;
    dc_buf_t text = { 0 };
    dc_err_t err = dc_engine_eval(engine, row->expression, NULL, NULL, 0, (dc_eval_options_t){ 0 },
                                  &budget, &value, &diag);
    describe(err, &value, &diag, &text);
    check_text(row, "eval", &text);

    text.len = 0;
    err = compile_and_run(engine, row->expression, &value, &diag);
    describe(err, &value, &diag, &text);
    check_text(row, "run", &text);
    dc_buf_fini(&text);
    dc_engine_destroy(&engine);
}
END_TEST

static void add_row(const char *file, size_t line, dc_str_t text)
{
    if (text.len == 0 || text.data[0] == '#') return;
    const char *tab = memchr(text.data, '\t', text.len);
    if (!tab) {
        fprintf(stderr, "%s:%zu: no tab\n", file, line);
        exit(EXIT_FAILURE);
    }
    row_t *more = realloc(rows, (row_count + 1) * sizeof *rows);
    if (!more) abort();
    rows = more;
    size_t len = (size_t)(tab - text.data);
    rows[row_count++] = (row_t){ .file = file,
                                 .line = line,
                                 .expression = dc_str(text.data, len),
                                 .expected = dc_str(tab + 1, text.len - len - 1) };
}

// The bytes live as long as the program: the rows point into them.
static void read_table(const char *name)
{
    static char bytes[1 << 20];
    static size_t used;
    FILE *file = fopen(name, "rb");
    if (!file) return;
    size_t count = fread(bytes + used, 1, sizeof bytes - used, file);
    fclose(file);
    dc_str_t rest = dc_str(bytes + used, count);
    dc_str_t line;
    used += count;
    for (size_t number = 1; dc_str_take_line(&rest, &line); number++) {
        add_row(name, number, line);
    }
}

Suite *suite(void)
{
    static glob_t names;
    if (glob("tests/expr/*.tsv", 0, NULL, &names) == 0) {
        for (size_t i = 0; i < names.gl_pathc; i++) {
            read_table(names.gl_pathv[i]);
        }
    }
    if (row_count == 0) {
        fputs("no tables: run this from the root of the repository\n", stderr);
        exit(EXIT_FAILURE);
    }
    Suite *all = suite_create("expr_tables");
    TCase *tables = tcase_create("rows");
    tcase_add_loop_test(tables, row_is_worth_what_it_says, 0, (int)row_count);
    suite_add_tcase(all, tables);
    return all;
}
