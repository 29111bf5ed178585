// Options: one table gives the command line, the environment and the help.
#include "common/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "common/option_help.h"
#include "tests/lib/main.h"

typedef struct settings {
    bool quiet, help, version;
    int64_t verbose, priority, local, output;
    uint64_t wait_ms, max_expr;
    const char *broker;
    dc_option_list_t let;
    bool link;
} settings_t;

static const dc_option_word_t priorities[] = { { "low", -5 }, { "high", 5 }, { NULL, 0 } };

static const dc_option_t list[] = {
    { .name = "broker",
      .letter = 'b',
      .alias = "frontend",
      .kind = DC_OPTION_STRING,
      DC_OPTION_AT(settings_t, broker),
      .argument = "URL",
      .initial_text = "tcp://127.0.0.1:5555",
      .help = "where the broker is" },
    { .name = "local",
      .letter = 'l',
      .kind = DC_OPTION_NUMBER,
      DC_OPTION_AT(settings_t, local),
      .argument = "N",
      .implied = "0",
      .initial = -1,
      .min = 0,
      .max = 64,
      .help = "private cluster" },
    { .name = "output",
      .letter = 'o',
      .kind = DC_OPTION_CHOICE,
      DC_OPTION_AT(settings_t, output),
      .argument = "FORMAT",
      .choices = "text json csv",
      .initial = 0,
      .help = "form of the results" },
    { .name = "wait",
      .kind = DC_OPTION_DURATION,
      DC_OPTION_AT(settings_t, wait_ms),
      .argument = "DUR",
      .initial = 10000,
      .help = "how long to wait for a broker",
      .group = "Time" },
    { .name = "max-expr",
      .kind = DC_OPTION_SIZE,
      DC_OPTION_AT(settings_t, max_expr),
      .argument = "SIZE",
      .initial = 65536,
      .help = "longest expression" },
    { .name = "let",
      .kind = DC_OPTION_LIST,
      DC_OPTION_AT(settings_t, let),
      .argument = "NAME=VALUE",
      .commands = 1,
      .help = "bind a variable" },
    { .name = "priority",
      .kind = DC_OPTION_NUMBER,
      DC_OPTION_AT(settings_t, priority),
      .argument = "N",
      .words = priorities,
      .min = -10,
      .max = 10,
      .commands = 2,
      .help = "higher first" },
    { .name = "quiet",
      .letter = 'q',
      .kind = DC_OPTION_FLAG,
      DC_OPTION_AT(settings_t, quiet),
      .help = "less on stderr" },
    { .name = "verbose",
      .letter = 'v',
      .kind = DC_OPTION_COUNT,
      DC_OPTION_AT(settings_t, verbose),
      .help = "more on stderr" },
    { .name = "link",
      .kind = DC_OPTION_FLAG,
      DC_OPTION_AT(settings_t, link),
      .flags = DC_OPTION_HIDDEN,
      .help = "internal" },
    DC_OPTION_HELP(settings_t, help),
    DC_OPTION_VERSION(settings_t, version),
};
static const dc_option_table_t table = { .program = "dcalc",
                                         .env_prefix = "DCALC_TEST_",
                                         .options = list,
                                         .count = DC_ARRAY_LEN(list),
                                         .usage = "Usage: dcalc [OPTIONS]\n" };

static settings_t settings;
static dc_options_t *options;
static dc_buf_t message;

static void set_up(void)
{
    options = dc_options_new(&table, &settings);
    ck_assert_ptr_nonnull(options);
}

static void tear_down(void)
{
    dc_options_destroy(&options);
    dc_buf_fini(&message);
}

#define ARGUMENTS_MAX 8

// Parse `arguments` (up to NULL) behind the program's name. What the options keep of them must
// outlive the call.
static int parse(const char *const *arguments)
{
    static char texts[ARGUMENTS_MAX + 1][64] = { "dcalc" };
    char *argv[ARGUMENTS_MAX + 2] = { texts[0] };
    int argc = 1;
    for (; arguments[argc - 1]; argc++) {
        ck_assert_uint_lt(strlen(arguments[argc - 1]), sizeof texts[argc]);
        snprintf(texts[argc], sizeof texts[argc], "%s", arguments[argc - 1]);
        argv[argc] = texts[argc];
    }
    return dc_options_parse(options, argc, argv, &message);
}

#define PARSE(...) parse((const char *const[ARGUMENTS_MAX + 1]){ __VA_ARGS__ })

static void assert_message(const char *expected)
{
    dc_buf_append_char(&message, '\0');
    ck_assert_str_eq(message.data, expected);
}

START_TEST(without_arguments_there_are_the_defaults)
{
    ck_assert_int_eq(PARSE(NULL), 0);
    ck_assert_str_eq(settings.broker, "tcp://127.0.0.1:5555");
    ck_assert_int_eq(settings.local, -1);
    ck_assert_uint_eq(settings.wait_ms, 10000);
    ck_assert_uint_eq(settings.max_expr, 65536);
    ck_assert_uint_eq(settings.let.count, 0);
    ck_assert(!settings.quiet);
    ck_assert_uint_eq(dc_options_operand_count(options), 0);
    ck_assert_uint_eq(message.len, 0);
}
END_TEST

START_TEST(options_and_operands_may_be_mixed)
{
    ck_assert_int_eq(PARSE("1+1", "--wait", "5s", "2*3", "-qvv", "-o", "json", "--max-expr=1k"), 0);
    ck_assert_uint_eq(settings.wait_ms, 5000);
    ck_assert_uint_eq(settings.max_expr, 1024);
    ck_assert(settings.quiet);
    ck_assert_int_eq(settings.verbose, 2);
    ck_assert_int_eq(settings.output, 1);
    ck_assert_uint_eq(dc_options_operand_count(options), 2);
    ck_assert_str_eq(dc_options_operand(options, 0), "1+1");
    ck_assert_str_eq(dc_options_operand(options, 1), "2*3");
}
END_TEST

static const char *const expressions[] = { "-2+3", "-.5", "-(1+2)", "-2" };

START_TEST(negative_numbers_are_expressions)
{
    ck_assert_int_eq(PARSE("-q", expressions[_i], "--priority", "-5", "--priority=-4"), 0);
    ck_assert_uint_eq(dc_options_operand_count(options), 1);
    ck_assert_str_eq(dc_options_operand(options, 0), expressions[_i]);
    ck_assert_int_eq(settings.priority, -4);
}
END_TEST

START_TEST(words_may_stand_for_numbers)
{
    ck_assert_int_eq(PARSE("--priority", "low"), 0);
    ck_assert_int_eq(settings.priority, -5);
}
END_TEST

START_TEST(an_option_takes_a_negative_argument)
{
    ck_assert_int_eq(PARSE("--priority", "-5", "--let", "-1=2"), 0);
    ck_assert_int_eq(settings.priority, -5);
    ck_assert_str_eq(settings.let.items[0], "-1=2");
    ck_assert_uint_eq(dc_options_operand_count(options), 0);
}
END_TEST

START_TEST(behind_two_dashes_all_are_operands)
{
    ck_assert_int_eq(PARSE("--", "-x", "-2", "--wait"), 0);
    ck_assert_uint_eq(dc_options_operand_count(options), 3);
    ck_assert_str_eq(dc_options_operand(options, 0), "-x");
    ck_assert_str_eq(dc_options_operand(options, 1), "-2");
    ck_assert_str_eq(dc_options_operand(options, 2), "--wait");
}
END_TEST

START_TEST(a_lone_dash_is_an_operand)
{
    ck_assert_int_eq(PARSE("batch", "-"), 0);
    ck_assert_uint_eq(dc_options_operand_count(options), 2);
    ck_assert_str_eq(dc_options_operand(options, 1), "-");
}
END_TEST

START_TEST(an_argument_may_be_left_out_where_one_is_implied)
{
    ck_assert_int_eq(PARSE("-l", "2+2"), 0);
    ck_assert_int_eq(settings.local, 0);
    ck_assert_uint_eq(dc_options_operand_count(options), 1);
}
END_TEST

START_TEST(such_an_argument_is_given_with_a_sign)
{
    ck_assert_int_eq(PARSE("--local=3"), 0);
    ck_assert_int_eq(settings.local, 3);
}
END_TEST

START_TEST(a_list_keeps_all_that_was_given)
{
    ck_assert_int_eq(PARSE("--let", "a=1", "--let=b=2"), 0);
    ck_assert_uint_eq(settings.let.count, 2);
    ck_assert_str_eq(settings.let.items[0], "a=1");
    ck_assert_str_eq(settings.let.items[1], "b=2");
}
END_TEST

START_TEST(a_flag_is_stronger_than_the_environment)
{
    size_t wait, broker;
    setenv("DCALC_TEST_WAIT", "1s", 1);
    setenv("DCALC_TEST_BROKER", "ipc://a", 1);
    setenv("DCALC_TEST_MAX_EXPR", "", 1);
    setenv("DCALC_TEST_QUIET", "yes", 1);
    setenv("DCALC_TEST_LET", "a=1", 1);
    setenv("DCALC_TEST_HELP", "no such thing", 1);
    ck_assert_int_eq(PARSE("--wait", "2s", "--let", "b=2"), 0);
    ck_assert_uint_eq(settings.wait_ms, 2000);
    ck_assert_str_eq(settings.broker, "ipc://a");
    ck_assert_uint_eq(settings.max_expr, 65536); // empty is unset
    ck_assert(settings.quiet);
    ck_assert_uint_eq(settings.let.count, 1); // replaced, not added to
    ck_assert_str_eq(settings.let.items[0], "b=2");
    ck_assert(dc_option_find(&table, "wait", &wait));
    ck_assert(dc_option_find(&table, "broker", &broker));
    ck_assert_int_eq(dc_options_origin(options, wait), DC_ORIGIN_FLAG);
    ck_assert_int_eq(dc_options_origin(options, broker), DC_ORIGIN_ENVIRONMENT);
}
END_TEST

START_TEST(a_bad_variable_is_a_fault_of_the_configuration)
{
    setenv("DCALC_TEST_WAIT", "soon", 1);
    ck_assert_int_eq(PARSE("--quiet"), EX_CONFIG);
    assert_message(
        "dcalc: DCALC_TEST_WAIT: 'soon' is not a duration, such as 500ms, 30s, 1h30m, 0, "
        "inf\n");
}
END_TEST

START_TEST(help_is_given_whatever_the_environment_says)
{
    setenv("DCALC_TEST_WAIT", "soon", 1);
    ck_assert_int_eq(PARSE("--help"), 0);
    ck_assert_uint_eq(message.len, 0);
    ck_assert(settings.help);
    unsetenv("DCALC_TEST_WAIT");
}
END_TEST

static const struct {
    const char *arguments[3];
    const char *message;
} complaints[] = {
    { { "--wiat", "5s" },
      "dcalc: unknown option '--wiat'; did you mean '--wait'?\n       all of them: dcalc "
      "--help\n" },
    { { "--nothing-like-it=5" },
      "dcalc: unknown option '--nothing-like-it'\n       all of them: dcalc --help\n" },
    { { "--frontend=tcp://x:1" }, // what another program calls it
      "dcalc: unknown option '--frontend'; did you mean '--broker'?\n"
      "       all of them: dcalc --help\n" },
    { { "--max" }, // a beginning is a hint only
      "dcalc: unknown option '--max'; did you mean '--max-expr'?\n"
      "       all of them: dcalc --help\n" },
    { { "--max=5" },
      "dcalc: unknown option '--max'; did you mean '--max-expr'?\n"
      "       all of them: dcalc --help\n" },
    { { "--prio", "-5" },
      "dcalc: unknown option '--prio'; did you mean '--priority'?\n"
      "       all of them: dcalc --help\n" },
    { { "--lin" }, // what is hidden is not shown
      "dcalc: unknown option '--lin'\n       all of them: dcalc --help\n" },
    { { "-x" }, "dcalc: unknown option '-x'\n       all of them: dcalc --help\n" },
    { { "-x+3" },
      "dcalc: unknown option '-x'\n       if '-x+3' is an expression, put -- in front of it\n" },
    { { "--wait" }, "dcalc: option '--wait' needs an argument (DUR)\n" },
    { { "-b" }, "dcalc: option '--broker' needs an argument (URL)\n" },
    { { "--quiet=yes" }, "dcalc: option '--quiet' takes no argument\n" },
    { { "--wait", "30" },
      "dcalc: --wait: '30' is not a duration, such as 500ms, 30s, 1h30m, 0, inf; did you mean "
      "'30s'?\n" },
    { { "--max-expr", "big" },
      "dcalc: --max-expr: 'big' is not a size, such as 4096, 64k, 10M, 1G\n" },
    { { "--priority", "-11" }, "dcalc: --priority: '-11' is not within -10 and 10\n" },
    { { "--priority", "1.5" },
      "dcalc: --priority: '1.5' is not a whole number from -10 to 10, nor one of: low high\n" },
    { { "-o", "jsno" },
      "dcalc: --output: 'jsno' is none of: text json csv; did you mean 'json'?\n" },
};

START_TEST(what_is_wrong_is_said)
{
    const char *arguments[ARGUMENTS_MAX + 1] = { NULL };
    memcpy(arguments, complaints[_i].arguments, sizeof complaints[_i].arguments);
    ck_assert_int_eq(parse(arguments), EX_USAGE);
    assert_message(complaints[_i].message);
}
END_TEST

START_TEST(help_lists_what_every_command_takes)
{
    dc_option_put_help(&table, 0, &message);
    assert_message("  -b, --broker URL        where the broker is (tcp://127.0.0.1:5555)\n"
                   "  -l, --local[=N]         private cluster\n"
                   "  -o, --output FORMAT     form of the results (text)\n"
                   "\n"
                   "Time\n"
                   "      --wait DUR          how long to wait for a broker (10s)\n"
                   "      --max-expr SIZE     longest expression (64k)\n"
                   "  -q, --quiet             less on stderr\n"
                   "  -v, --verbose           more on stderr\n"
                   "  -h, --help              print this help\n"
                   "  -V, --version           print the version\n");
}
END_TEST

START_TEST(help_of_a_command_lists_what_it_takes_beside)
{
    dc_option_put_help(&table, 1, &message);
    assert_message("\nTime\n      --let NAME=VALUE    bind a variable\n");
}
END_TEST

START_TEST(help_is_broken_between_words)
{
    static const dc_option_t one[] = {
        { .name = "an-option-with-a-long-name",
          .kind = DC_OPTION_FLAG,
          .help = "does many things that do not fit into one line of a terminal that has eighty "
                  "columns" },
    };
    static const dc_option_table_t small = { .program = "dcalc", .options = one, .count = 1 };
    dc_option_put_help(&small, 0, &message);
    assert_message("      --an-option-with-a-long-name\n"
                   "                          does many things that do not fit into one line of a\n"
                   "                          terminal that has eighty columns\n");
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("options");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, without_arguments_there_are_the_defaults);
    tcase_add_test(tests, options_and_operands_may_be_mixed);
    tcase_add_loop_test(tests, negative_numbers_are_expressions, 0, DC_ARRAY_LEN(expressions));
    tcase_add_test(tests, words_may_stand_for_numbers);
    tcase_add_test(tests, an_option_takes_a_negative_argument);
    tcase_add_test(tests, behind_two_dashes_all_are_operands);
    tcase_add_test(tests, a_lone_dash_is_an_operand);
    tcase_add_test(tests, an_argument_may_be_left_out_where_one_is_implied);
    tcase_add_test(tests, such_an_argument_is_given_with_a_sign);
    tcase_add_test(tests, a_list_keeps_all_that_was_given);
    tcase_add_test(tests, a_flag_is_stronger_than_the_environment);
    tcase_add_test(tests, a_bad_variable_is_a_fault_of_the_configuration);
    tcase_add_test(tests, help_is_given_whatever_the_environment_says);
    tcase_add_loop_test(tests, what_is_wrong_is_said, 0, DC_ARRAY_LEN(complaints));
    tcase_add_test(tests, help_lists_what_every_command_takes);
    tcase_add_test(tests, help_of_a_command_lists_what_it_takes_beside);
    tcase_add_test(tests, help_is_broken_between_words);
    Suite *all = suite_create("options");
    suite_add_tcase(all, tests);
    return all;
}
