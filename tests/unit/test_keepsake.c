// What the client keeps of itself in a detached batch: what was put in comes out, workers see the
// same program as before, and a batch of some other program can be shown too.
#include "client/cli/run/keepsake.h"

#include "tests/lib/main.h"

static dc_arena_t arena;
static dc_buf_t frame;
static dc_layout_t layout;
static dc_keepsake_t keepsake;
static bool ieee;

static void set_up(void)
{
    dc_arena_init(&arena, 1u << 20);
    frame = (dc_buf_t){ 0 };
}

static void tear_down(void)
{
    dc_buf_fini(&frame);
    dc_arena_fini(&arena);
}

static dc_err_t take(const char *text)
{
    dc_diag_t diag;
    return dc_keepsake_take(&keepsake, dc_str_from(text), &arena, &layout, &ieee, &diag);
}

static void assert_column(size_t index, const char *name, dc_var_type_t type, bool is_used)
{
    ck_assert_uint_lt(index, layout.column_count);
    const dc_column_t *column = &layout.columns[index];
    ck_assert(dc_str_eq(column->name, dc_str_from(name)));
    ck_assert_int_eq(column->type, type);
    ck_assert_int_eq(column->is_used, is_used);
}

START_TEST(what_was_kept_comes_back)
{
    dc_column_t columns[] = { { .name = DC_STR("id") }, { .name = DC_STR("unit \"price\"") } };
    dc_layout_t sent = { .format = DC_FORMAT_CSV, .columns = columns, .column_count = 2 };
    dc_keepsake_t kept = {
        .file = DC_STR("a b.csv"), .line = 2, .style = { 6, "%.3f" }, .reduce = 4, .cells = -1
    };
    dc_buf_append_text(
        &frame, "{\"v\":1,\"format\":\"csv\",\"template\":\"qty\",\"ieee\":true,\"fields\":2,"
                "\"vars\":[{\"name\":\"qty\",\"type\":\"int\",\"null\":true,\"field\":1}]}");
    dc_keepsake_put(&kept, &sent, &frame);
    dc_buf_append_char(&frame, '\0');

    ck_assert_int_eq(take(frame.data), DC_OK);
    ck_assert(dc_str_eq(keepsake.file, DC_STR("a b.csv")));
    ck_assert_uint_eq(keepsake.line, 2);
    ck_assert_int_eq(keepsake.style.digits, 6);
    ck_assert_str_eq(keepsake.style.format, "%.3f");
    ck_assert_int_eq(keepsake.reduce, 4);
    ck_assert_int_eq(keepsake.cells, -1);
    ck_assert(ieee);
    ck_assert_int_eq(layout.format, DC_FORMAT_CSV);
    ck_assert(dc_str_eq(layout.template, DC_STR("qty")));
    ck_assert_uint_eq(layout.column_count, 2);
    assert_column(0, "id", DC_VAR_ANY, false);
    assert_column(1, "unit \"price\"", DC_VAR_INT, true);
    ck_assert(layout.columns[1].nullable);
}
END_TEST

// Each line is an expression: there is nothing that a worker has to know.
START_TEST(the_default_program_can_keep_something_too)
{
    dc_column_t column = { .name = DC_STR("expr") };
    dc_layout_t sent = { .format = DC_FORMAT_LINES, .columns = &column, .column_count = 1 };
    dc_keepsake_t kept = { .line = 1, .reduce = -1, .cells = -1 };
    dc_keepsake_put(&kept, &sent, &frame);
    dc_buf_append_char(&frame, '\0');
    ck_assert_str_eq(frame.data, "{\"v\":1,\"client\":{\"columns\":[\"expr\"],\"line\":1}}");

    dc_program_t program;
    dc_diag_t diag;
    ck_assert_int_eq(dc_program_decode(&program, dc_str_from(frame.data), &arena, &diag), DC_OK);
    ck_assert_uint_eq(program.template.len, 0);
    ck_assert_int_eq(take(frame.data), DC_OK);
    ck_assert_int_eq(keepsake.reduce, -1);
    ck_assert_uint_eq(keepsake.file.len, 0);
    assert_column(0, "expr", DC_VAR_ANY, false);
}
END_TEST

START_TEST(of_a_sheet_the_number_of_its_cells_is_kept)
{
    dc_column_t columns[] = { { .name = DC_STR("name") }, { .name = DC_STR("expr") } };
    dc_layout_t sent = { .format = DC_FORMAT_SHEET, .columns = columns, .column_count = 2 };
    dc_keepsake_t kept = { .file = DC_STR("a.sheet"), .reduce = -1, .cells = 0 };
    dc_buf_append_text(&frame, "{\"v\":1,\"format\":\"sheet\"}");
    dc_keepsake_put(&kept, &sent, &frame);
    dc_buf_append_char(&frame, '\0');
    ck_assert_int_eq(take(frame.data), DC_OK);
    ck_assert_int_eq(keepsake.cells, 0);
    ck_assert_uint_eq(layout.column_count, 2);
    assert_column(0, "name", DC_VAR_ANY, false);
    assert_column(1, "expr", DC_VAR_ANY, false);
}
END_TEST

// Programs of others, and the columns that their rows have.
static const struct {
    const char *program;
    size_t columns;
    const char *last;
} others[] = {
    { "", 1, "expr" },
    { "{\"v\":1,\"template\":\"x\"}", 1, "x" },
    { "{\"v\":1,\"format\":\"csv\",\"template\":\"q\",\"fields\":3,\"vars\":[{\"name\":\"q\"}]}", 3,
      "column3" },
    { "{\"v\":1,\"format\":\"tsv\",\"template\":\"q\",\"fields\":2,"
      "\"vars\":[{\"name\":\"q\",\"field\":1}]}",
      2, "q" },
    { "{\"v\":1,\"format\":\"doubles\",\"template\":\"b\",\"vars\":[{\"name\":\"b\",\"field\":1}]}",
      2, "b" },
    { "{\"v\":1,\"format\":\"jsonl\",\"template\":\"a+b\","
      "\"vars\":[{\"name\":\"a\"},{\"name\":\"b\"}]}",
      2, "b" },
    // A number that no 64 bits hold, elsewhere, and what is not as this client writes it.
    { "{\"v\":1,\"lets\":[{\"name\":\"k\",\"number\":123456789012345678901234}],\"client\":7}", 1,
      "expr" },
    { "{\"v\":1,\"client\":{\"format\":\"%s%n\"}}", 1, "expr" },
    { "{\"v\":1,\"client\":{\"columns\":[5],\"line\":\"x\",\"digits\":99}}", 1, "expr" },
    { "{\"v\":1,\"format\":\"sheet\",\"client\":{\"cells\":1e9}}", 2, "expr" },
    { "{\"v\":1,\"format\":\"sheet\"}", 2, "expr" },
};

START_TEST(a_batch_of_another_program_has_columns)
{
    ck_assert_int_eq(take(others[_i].program), DC_OK);
    ck_assert_uint_eq(layout.column_count, others[_i].columns);
    dc_str_t last = layout.columns[layout.column_count - 1].name;
    ck_assert_msg(dc_str_eq(last, dc_str_from(others[_i].last)), "%.*s", (int)last.len, last.data);
    ck_assert_uint_eq(keepsake.line, 0);
    ck_assert_int_eq(keepsake.style.digits, 0);
    ck_assert_ptr_null(keepsake.style.format);
    ck_assert_int_eq(keepsake.reduce, -1);
    ck_assert_int_eq(keepsake.cells, -1);
}
END_TEST

START_TEST(what_is_no_program_is_refused)
{
    ck_assert_int_eq(take("{\"v\":2}"), DC_ERR_PROTOCOL);
    ck_assert_int_eq(take("nonsense"), DC_ERR_PROTOCOL);
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("keepsake");
    TCase *tcase = tcase_create("keepsake");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, what_was_kept_comes_back);
    tcase_add_test(tcase, the_default_program_can_keep_something_too);
    tcase_add_test(tcase, of_a_sheet_the_number_of_its_cells_is_kept);
    tcase_add_loop_test(tcase, a_batch_of_another_program_has_columns, 0,
                        (int)DC_ARRAY_LEN(others));
    tcase_add_test(tcase, what_is_no_program_is_refused);
    suite_add_tcase(all, tcase);
    return all;
}
