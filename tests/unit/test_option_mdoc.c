// Options as parts of a manual page.
#include "common/option_mdoc.h"

#include "tests/lib/main.h"

typedef struct settings {
    bool quiet, hidden, help;
    int64_t local, color;
    const char *file;
} settings_t;

static const dc_option_t list[] = {
    { .name = "quiet",
      .letter = 'q',
      .kind = DC_OPTION_FLAG,
      DC_OPTION_AT(settings_t, quiet),
      .help = "less" },
    { .name = "local",
      .letter = 'l',
      .kind = DC_OPTION_NUMBER,
      DC_OPTION_AT(settings_t, local),
      .argument = "N",
      .implied = "0",
      .initial = -1,
      .help = "alone. 'Twice' at most" },
    { .name = "hidden",
      .kind = DC_OPTION_FLAG,
      DC_OPTION_AT(settings_t, hidden),
      .flags = DC_OPTION_HIDDEN,
      .group = "Options of others:" },
    { .name = "color",
      .kind = DC_OPTION_CHOICE,
      DC_OPTION_AT(settings_t, color),
      .argument = "WHEN",
      .choices = "auto always never",
      .help = "in a \\ way" },
    DC_OPTION_HELP(settings_t, help),
};
static const dc_option_table_t table = {
    .program = "dcalc", .env_prefix = "DCALC_", .options = list, .count = DC_ARRAY_LEN(list)
};

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

START_TEST(options_are_a_list_a_group)
{
    dc_mdoc_put_options(&table, &out);
    assert_out(".Bl -tag -width Ds\n"
               ".It Fl q , Fl \\-quiet\n"
               "less.\n"
               ".It Fl l , Fl \\-local Ns Op Ns = Ns Ar N\n"
               "alone.\n"
               "\\&'Twice' at most.\n"
               ".El\n"
               ".Ss Options of others\n"
               ".Bl -tag -width Ds\n"
               ".It Fl \\-color Ar WHEN\n"
               "in a \\e way.\n"
               "Default: auto\n"
               ".It Fl h , Fl \\-help\n"
               "print this help.\n"
               ".El\n");
}
END_TEST

START_TEST(variables_name_their_options)
{
    dc_mdoc_put_environment(&table, &out);
    assert_out(".Bl -tag -width Ds\n"
               ".It Ev DCALC_QUIET\n.Fl \\-quiet\n"
               ".It Ev DCALC_LOCAL\n.Fl \\-local\n"
               ".It Ev DCALC_COLOR\n.Fl \\-color\n"
               ".El\n");
}
END_TEST

static const struct {
    const char *text, *lines;
} texts[] = {
    { "One. Two 1.5 words. Three.", "One.\nTwo 1.5 words.\nThree.\n" },
    { ".hidden", "\\&.hidden\n" },
    { "a. .b", "a.\n\\&.b\n" },
    { "ends in a point. ", "ends in a point.\n" },
    { "", "" },
};

START_TEST(a_sentence_is_a_line)
{
    dc_mdoc_put_text(texts[_i].text, &out);
    assert_out(texts[_i].lines);
}
END_TEST

// What is meant once, as --help is, stands in no file.
START_TEST(keys_are_those_of_a_file)
{
    dc_mdoc_put_keys(&table, &out);
    assert_out(".Bl -tag -width Ds\n"
               ".It Cm quiet = Ar yes\n"
               "less.\n"
               ".It Cm local = Ar N\n"
               "alone.\n"
               "\\&'Twice' at most.\n"
               ".It Cm color = Ar WHEN\n"
               "in a \\e way.\n"
               "Default: auto\n"
               ".El\n");
}
END_TEST

// A reader copies them from the page into a shell.
START_TEST(literal_lines_are_set_as_they_are)
{
    dc_mdoc_put_literal(DC_STR("$ a '-2^2' `b` ~\n\n.TH \"\\n\"\nlast"), &out);
    assert_out("\\&$ a \\(aq\\-2\\(ha2\\(aq \\(gab\\(ga \\(ti\n"
               "\n"
               "\\&.TH \\(dq\\en\\(dq\n"
               "\\&last\n");
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("option_mdoc");
    TCase *tests = tcase_create("option_mdoc");
    tcase_add_checked_fixture(tests, NULL, tear_down);
    tcase_add_test(tests, options_are_a_list_a_group);
    tcase_add_test(tests, variables_name_their_options);
    tcase_add_test(tests, keys_are_those_of_a_file);
    tcase_add_test(tests, literal_lines_are_set_as_they_are);
    tcase_add_loop_test(tests, a_sentence_is_a_line, 0, DC_ARRAY_LEN(texts));
    suite_add_tcase(all, tests);
    return all;
}
