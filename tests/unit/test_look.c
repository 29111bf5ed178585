// What the commands that look show: tables, progress, and how batches are named.
#include "client/cli/look/ids.h"
#include "client/cli/text/grid.h"
#include "client/cli/text/progress.h"
#include "client/cli/text/text.h"
#include "tests/lib/main.h"

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

static const dc_grid_column_t columns[] = { { "ID", false, NULL },
                                            { "NAME", false, NULL },
                                            { "JOBS", true, NULL } };

START_TEST(a_table_is_aligned)
{
    dc_grid_t grid;
    dc_grid_init(&grid, columns, 3);
    const char *cells[] = { "b9", "nächtlich", "5", "b10", "", "1,000,000" };
    for (size_t i = 0; i < DC_ARRAY_LEN(cells); i++) {
        dc_grid_put(&grid, dc_str_from(cells[i]));
    }
    dc_grid_print(&grid, &out);
    assert_out("ID   NAME            JOBS\n"
               "b9   nächtlich          5\n"
               "b10  -          1,000,000\n");
    dc_grid_fini(&grid);
}
END_TEST

static const struct {
    size_t columns;
    bool is_utf8;
    const char *text;
} widths[] = {
    { SIZE_MAX, true,
      "ID   NAME                                STATE       JOBS\n"
      "b9   nächtlich                           done           5\n"
      "b10  the long one that somebody has now  held   1,000,000\n" },
    { 50, true,
      "ID   NAME                         STATE       JOBS\n"
      "b9   nächtlich                    done           5\n"
      "b10  the long one that somebody…  held   1,000,000\n" },
    { 50, false,
      "ID   NAME                         STATE       JOBS\n"
      "b9   nächtlich                    done           5\n"
      "b10  the long one that somebo...  held   1,000,000\n" },
    { 30, true,
      "ID   NAME          STATE\n"
      "b9   nächtlich     done\n"
      "b10  the long on…  held\n" },
    { 20, true,
      "ID   NAME\n"
      "b9   nächtlich\n"
      "b10  the long on…\n" },
};

START_TEST(a_table_fits_its_terminal)
{
    static const dc_grid_column_t titles[] = { { "ID", false, NULL },  { "NAME", false, NULL },
                                               { "TAG", false, NULL }, { "STATE", false, NULL },
                                               { "JOBS", true, NULL }, { "KEPT", true, NULL } };
    static const char *const cells[] = {
        "b9",   "nächtlich", "", "done", "5", "", "b10", "the long one that somebody has now", "",
        "held", "1,000,000", ""
    };
    dc_grid_t grid;
    dc_fit_t fit = { .columns = widths[_i].columns, .is_utf8 = widths[_i].is_utf8 };
    dc_grid_init(&grid, titles, DC_ARRAY_LEN(titles));
    for (size_t i = 0; i < DC_ARRAY_LEN(cells); i++) {
        dc_grid_put(&grid, dc_str_from(cells[i]));
    }
    dc_grid_print_fitting(&grid, &fit, &out);
    assert_out(widths[_i].text);
    dc_grid_fini(&grid);
}
END_TEST

START_TEST(an_empty_table_is_nothing)
{
    dc_grid_t grid;
    dc_grid_init(&grid, columns, 3);
    dc_grid_print(&grid, &out);
    ck_assert_uint_eq(out.len, 0);
    dc_grid_fini(&grid);
}
END_TEST

START_TEST(programs_get_a_header_always)
{
    dc_grid_t grid;
    dc_grid_init(&grid, columns, 3);
    dc_grid_print_delimited(&grid, ',', &out);
    dc_grid_put(&grid, DC_STR("b1"));
    dc_grid_put(&grid, DC_STR("a, b\n"));
    dc_grid_put(&grid, DC_STR("7"));
    dc_grid_print_delimited(&grid, ',', &out);
    dc_grid_print_delimited(&grid, '\t', &out);
    assert_out("id,name,jobs\n"
               "id,name,jobs\nb1,\"a, b?\",7\n"
               "id\tname\tjobs\nb1\ta, b?\t7\n");
    dc_grid_fini(&grid);
}
END_TEST

static const struct {
    const char *text;
    uint64_t number;
    const char *name;
    bool is_last, is_match;
} ids[] = {
    { "b17", 17, "", false, true },
    { "17", 17, "", false, true },
    { "17", 18, "", false, false },
    { "3-7", 5, "", false, true },
    { "b3-b7", 7, "", false, true },
    { "3-7", 8, "", false, false },
    { "3,9", 9, "", false, true },
    { "3,9", 4, "", false, false },
    { "last", 4, "", true, true },
    { "last", 4, "", false, false },
    { "all", 4, "", false, true },
    { "nightly*", 4, "nightly-2", false, true },
    { "nightly", 4, "nightly-2", false, false },
    { "*", 4, "", false, false },
    { "b", 4, "b", false, true }, // a name like any other
    { "", 4, "", true, false },
    { "17x", 17, "", false, false },
};

START_TEST(batches_have_many_names)
{
    ck_assert_int_eq(dc_ids_match(ids[_i].text, ids[_i].number, ids[_i].name, ids[_i].is_last),
                     ids[_i].is_match);
}
END_TEST

static const struct {
    const char *text;
    bool is_all, is_last;
} words[] = {
    { "all", true, false },       { "last", false, true }, { "b1,all", true, false },
    { "*", true, false },         { "**", true, false },   { "last,all", true, true },
    { "nightly*", false, false }, { "", false, false },    { "small,1-99", false, false },
};

START_TEST(what_is_everybodys_is_known)
{
    ck_assert_int_eq(dc_ids_is_all(words[_i].text), words[_i].is_all);
    ck_assert_int_eq(dc_ids_is_last(words[_i].text), words[_i].is_last);
}
END_TEST

START_TEST(progress_is_a_bar)
{
    dc_progress_t progress = { .name = "sweep.csv",
                               .done = 612000,
                               .expected = 1000000,
                               .failed = 3,
                               .workers = 4,
                               .seconds = 3.3,
                               .rate = 184000 };
    dc_progress_put_bar(&progress, 110, true, &out);
    assert_out(
        "sweep.csv ━━━━━━━━━━━━━━━━━━━━╸────────────  61 %  612k/1.00M   184k/s   2.1 s left   "
        "3 failed   4 workers");
}
END_TEST

START_TEST(progress_fits_a_narrow_terminal)
{
    dc_progress_t progress = {
        .name = "sweep.csv", .done = 612000, .expected = 1000000, .rate = 184000
    };
    dc_progress_put_bar(&progress, 64, false, &out);
    assert_out("sweep.csv =======>-----  61 %  612k/1.00M   184k/s   2.1 s left");
}
END_TEST

static const struct {
    const char *name;
    size_t columns;
    bool is_utf8;
    const char *bar;
} narrow[] = {
    { "sweep.csv", 80, false,
      "sweep.csv   61 %  612k/1.00M   184k/s   2.1 s left   3 failed   4 workers" },
    { "sweep.csv", 64, false, "  61 %  612k/1.00M   184k/s   2.1 s left   3 failed   4 workers" },
    { "sweep.csv", 60, false, "====>---  61 %  612k/1.00M   184k/s   2.1 s left   3 failed" },
    { "sweep.csv", 40, false, "====>---  61 %  612k/1.00M   2.1 s left" },
    { "sweep.csv", 20, false, "  61 %  612k/1.00M" },
    { "/tmp/some/where/far/away/a-long-name-of-a-sweep.csv", 80, true,
      "…of-a-sweep.csv   61 %  612k/1.00M   184k/s   2.1 s left   3 failed   4 workers" },
    { "/tmp/some/where/far/away/a-long-name-of-a-sweep.csv", 80, false,
      "...-a-sweep.csv   61 %  612k/1.00M   184k/s   2.1 s left   3 failed   4 workers" },
    { "ä-ö", 30, true, "  61 %  612k/1.00M   3 failed" },
};

START_TEST(what_has_no_room_is_left_out_whole)
{
    dc_progress_t progress = { .name = narrow[_i].name,
                               .done = 612000,
                               .expected = 1000000,
                               .failed = 3,
                               .workers = 4,
                               .rate = 184000 };
    dc_progress_put_bar(&progress, narrow[_i].columns, narrow[_i].is_utf8, &out);
    assert_out(narrow[_i].bar);
}
END_TEST

START_TEST(a_bar_is_never_wider_than_the_terminal)
{
    for (size_t width = 1; width < 120; width++) {
        dc_progress_t progress = { .name = narrow[_i].name,
                                   .done = 612000,
                                   .waiting = 40000,
                                   .expected = width % 2 ? 1000000 : 0,
                                   .failed = 3,
                                   .workers = 4,
                                   .rate = 184000,
                                   .terms_done = 30,
                                   .terms = 40 };
        out.len = 0;
        dc_progress_put_bar(&progress, width, narrow[_i].is_utf8, &out);
        ck_assert_uint_lt(dc_text_column(dc_buf_str(&out), out.len), dc_max_size(width, 2));
    }
}
END_TEST

START_TEST(without_a_total_there_is_no_bar)
{
    dc_progress_t progress = { .name = "stdin", .done = 612000, .waiting = 40000, .rate = 184000 };
    dc_progress_put_bar(&progress, 80, true, &out);
    assert_out("612k done, 40k waiting, 184k/s");
}
END_TEST

// A bar of one row would say nothing until it is over.
START_TEST(the_terms_of_the_only_row_are_the_bar)
{
    dc_progress_t progress = { .name = "",
                               .waiting = 1,
                               .expected = 1,
                               .terms_done = 612000000,
                               .terms = 1000000000,
                               .terms_rate = 184e6 };
    dc_progress_put_bar(&progress, 69, false, &out);
    assert_out("=============>--------  61 %  612M/1.00G terms   184M/s   2.1 s left");
}
END_TEST

START_TEST(a_big_row_stands_behind_the_others)
{
    dc_progress_t progress = { .name = "",
                               .done = 1,
                               .waiting = 9,
                               .expected = 10,
                               .terms_done = 30,
                               .terms = 40,
                               .rate = 2 };
    dc_progress_put_bar(&progress, 59, false, &out);
    assert_out("=>----------  10 %  1/10   2/s   4.5 s left   big row 75 %");
}
END_TEST

START_TEST(programs_get_the_terms_of_a_big_row)
{
    dc_progress_t progress = { .waiting = 1, .terms_done = 30, .terms = 40, .terms_rate = 2.6 };
    dc_progress_put_json(&progress, &out);
    assert_out("{\"v\":1,\"done\":0,\"waiting\":1,\"failed\":0,\"rate\":0,\"seconds\":0,"
               "\"terms_done\":30,\"terms\":40,\"terms_rate\":3}\n");
}
END_TEST

START_TEST(programs_get_progress_as_an_object)
{
    dc_progress_t progress = { .done = 5, .expected = 10, .rate = 2.6, .seconds = 1.23 };
    dc_progress_put_json(&progress, &out);
    assert_out("{\"v\":1,\"done\":5,\"waiting\":0,\"expected\":10,\"failed\":0,\"rate\":3,"
               "\"seconds\":1.2}\n");
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("look");
    tcase_add_checked_fixture(tests, NULL, tear_down);
    tcase_add_test(tests, a_table_is_aligned);
    tcase_add_loop_test(tests, a_table_fits_its_terminal, 0, DC_ARRAY_LEN(widths));
    tcase_add_test(tests, an_empty_table_is_nothing);
    tcase_add_test(tests, programs_get_a_header_always);
    tcase_add_loop_test(tests, batches_have_many_names, 0, DC_ARRAY_LEN(ids));
    tcase_add_loop_test(tests, what_is_everybodys_is_known, 0, DC_ARRAY_LEN(words));
    tcase_add_test(tests, progress_is_a_bar);
    tcase_add_test(tests, progress_fits_a_narrow_terminal);
    tcase_add_loop_test(tests, what_has_no_room_is_left_out_whole, 0, DC_ARRAY_LEN(narrow));
    tcase_add_loop_test(tests, a_bar_is_never_wider_than_the_terminal, 0, DC_ARRAY_LEN(narrow));
    tcase_add_test(tests, without_a_total_there_is_no_bar);
    tcase_add_test(tests, the_terms_of_the_only_row_are_the_bar);
    tcase_add_test(tests, a_big_row_stands_behind_the_others);
    tcase_add_test(tests, programs_get_progress_as_an_object);
    tcase_add_test(tests, programs_get_the_terms_of_a_big_row);
    Suite *all = suite_create("look");
    suite_add_tcase(all, tests);
    return all;
}
