// A configuration's text: what is in it, what its variables become, whether its names are known.
#include "common/config.h"

#include "common/config_check.h"
#include "common/limits.h"
#include "common/tables.h"
#include "tests/lib/main.h"

static dc_config_t *config;
static dc_buf_t message;

static void tear_down(void)
{
    dc_config_destroy(&config);
    dc_buf_fini(&message);
}

static void parse(const char *text)
{
    config = dc_config_parse("dcalc.conf", dc_str_from(text), &message);
}

static void assert_message(const char *expected)
{
    dc_buf_append_char(&message, '\0');
    ck_assert_str_eq(message.data, expected);
}

static void assert_entry(size_t index, const char *section, const char *key, const char *value,
                         uint32_t line)
{
    const dc_config_entry_t *entry = dc_config_at(config, index);
    ck_assert_str_eq(entry->section, section);
    ck_assert_str_eq(entry->key, key);
    ck_assert_str_eq(entry->value, value);
    ck_assert_uint_eq(entry->line, line);
}

// --- the text ----------------------------------------------------------------------------------

START_TEST(each_key_has_its_section_and_line)
{
    parse("\xEF\xBB\xBF; a comment\r\n"
          "top = 1\n"
          "[client]  ; another\n"
          "timeout=30s\n"
          "\n"
          "# and one\n"
          "  let = a = 1 ; not this\n" // indented, and with the separator in its value
          "[prod.client]\n"
          "broker: tcp://x:1;2\n" // not a comment, and no line end needed
          "last =");
    ck_assert_uint_eq(dc_config_count(config), 5);
    assert_entry(0, "", "top", "1", 2);
    assert_entry(1, "client", "timeout", "30s", 4);
    assert_entry(2, "client", "let", "a = 1", 7);
    assert_entry(3, "prod.client", "broker", "tcp://x:1;2", 9);
    assert_entry(4, "prod.client", "last", "", 10);
    ck_assert_str_eq(dc_config_path(config), "dcalc.conf");
    ck_assert_uint_eq(message.len, 0);
}
END_TEST

START_TEST(an_empty_text_has_nothing)
{
    parse("");
    ck_assert_ptr_nonnull(config);
    ck_assert_uint_eq(dc_config_count(config), 0);
}
END_TEST

#define TEN     "0123456789"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static const struct {
    const char *text, *message;
} faults[] = {
    { "[client]\ntimeout\n", "dcalc.conf:2: neither a [section] nor `key = value`\n" },
    { "[client\n", "dcalc.conf:1: neither a [section] nor `key = value`\n" },
    { "[client]\n\nname = " HUNDRED HUNDRED "\n",
      "dcalc.conf:3: the line is longer than 199 bytes\n" },
    { "[" TEN TEN TEN TEN TEN "]\na = 1\n",
      "dcalc.conf:2: the name of its section is longer than 48 bytes\n" },
};

START_TEST(what_is_no_ini_is_told_with_its_line)
{
    parse(faults[_i].text);
    ck_assert_ptr_null(config);
    assert_message(faults[_i].message);
}
END_TEST

START_TEST(a_zero_byte_is_told)
{
    config = dc_config_parse("x", DC_STR("[client]\na = \0b\n"), &message);
    ck_assert_ptr_null(config);
    assert_message("x:2: a zero byte: is this a text?\n");
}
END_TEST

START_TEST(the_longest_line_is_whole)
{
    parse("k = " HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN "01234");
    ck_assert_uint_eq(dc_config_count(config), 1);
    ck_assert_uint_eq(strlen(dc_config_at(config, 0)->value), 195);
}
END_TEST

START_TEST(settings_are_limited)
{
    dc_buf_t text = { 0 };
    for (size_t i = 0; i <= DC_CONFIG_ENTRIES_MAX; i++) {
        dc_buf_append_text(&text, "a=1\n");
    }
    config = dc_config_parse("x", dc_buf_str(&text), &message);
    dc_buf_fini(&text);
    ck_assert_ptr_null(config);
    assert_message("x:4097: there are too many settings\n");
}
END_TEST

// --- sections ----------------------------------------------------------------------------------

static const struct {
    const char *section;
    unsigned strength; // for the client under `prod`
} strengths[] = {
    { "client", 1 },
    { "prod", 2 },
    { "prod.client", 3 },
    { "worker", 0 },
    { "prod.worker", 0 },
    { "dev", 0 },
    { "dev.client", 0 },
    { "pro", 0 },
    { "prod.clien", 0 },
    { "prods", 0 },
    { "", 0 },
};

START_TEST(sections_are_of_a_program_a_profile_or_both)
{
    dc_config_entry_t entry = { .section = strengths[_i].section };
    ck_assert_uint_eq(dc_config_strength(&entry, "client", "prod"), strengths[_i].strength);
    bool is_program = strcmp(entry.section, "client") == 0;
    ck_assert_uint_eq(dc_config_strength(&entry, "client", NULL), is_program);
    ck_assert_uint_eq(dc_config_strength(&entry, "client", ""), is_program);
}
END_TEST

START_TEST(profiles_are_listed_once)
{
    parse("[client]\nwait=1s\n[b]\nwait=1s\n[a.client]\nwait=1s\n[b.client]\nwait=1s\n");
    size_t at = 0;
    dc_str_t profile;
    ck_assert(dc_config_next_profile(config, dc_tables, &at, &profile));
    ck_assert(dc_str_eq(profile, DC_STR("b")));
    ck_assert(dc_config_next_profile(config, dc_tables, &at, &profile));
    ck_assert(dc_str_eq(profile, DC_STR("a")));
    ck_assert(!dc_config_next_profile(config, dc_tables, &at, &profile));
}
END_TEST

// --- variables ---------------------------------------------------------------------------------

static const char *look_up(const char *name)
{
    if (strcmp(name, "HOST") == 0) return "calc";
    if (strcmp(name, "EMPTY") == 0) return "";
    return NULL;
}

static const struct {
    const char *value, *expanded;
} expansions[] = {
    { "30s", "30s" },
    { "", "" },
    { "tcp://${HOST}:5555", "tcp://calc:5555" },
    { "${HOST}${HOST}", "calccalc" },
    { "${HOST:other}", "calc" },
    { "${NONE:other}", "other" },
    { "${NONE:-other}", "other" }, // as shells have it
    { "${NONE:--5}", "-5" },
    { "${NONE:tcp://a:1}", "tcp://a:1" }, // the first colon splits
    { "${NONE:}", "" },
    { "${NONE:-}", "" },
    { "${EMPTY:other}", "other" }, // empty counts as unset
    { "5$$", "5$" },
    { "$${HOST}", "${HOST}" },
    { "${NONE:$}", "$" }, // no variables in there
};

START_TEST(variables_are_put_in)
{
    dc_buf_t out = { 0 };
    ck_assert_int_eq(dc_config_expand(expansions[_i].value, look_up, &out, &message),
                     DC_CONFIG_EXPANDED);
    dc_buf_append_char(&out, '\0');
    ck_assert_str_eq(out.data, expansions[_i].expanded);
    ck_assert_uint_eq(message.len, 0);
    dc_buf_fini(&out);
}
END_TEST

static const struct {
    const char *value;
    dc_config_expanded_t expanded;
    const char *message;
} bad_values[] = {
    { "${NONE}", DC_CONFIG_UNSET,
      "the variable NONE is not set; ${NONE:default} needs no variable" },
    { "a${EMPTY}", DC_CONFIG_UNSET,
      "the variable EMPTY is not set; ${EMPTY:default} needs no variable" },
    { "$HOST", DC_CONFIG_WRONG, "a '$' alone: ${NAME} is a variable, $$ a dollar" },
    { "5$", DC_CONFIG_WRONG, "a '$' alone: ${NAME} is a variable, $$ a dollar" },
    { "${HOST", DC_CONFIG_WRONG, "'${' without '}'" },
    { "${}", DC_CONFIG_WRONG, "'${}' is neither ${NAME} nor ${NAME:default}" },
    { "${1A}", DC_CONFIG_WRONG, "'${1A}' is neither ${NAME} nor ${NAME:default}" },
    { "${HOST-x}", DC_CONFIG_WRONG, "'${HOST-x}' is neither ${NAME} nor ${NAME:default}" },
};

START_TEST(what_is_no_variable_is_told)
{
    dc_buf_t out = { 0 };
    ck_assert_int_eq(dc_config_expand(bad_values[_i].value, look_up, &out, &message),
                     bad_values[_i].expanded);
    assert_message(bad_values[_i].message);
    dc_buf_fini(&out);
}
END_TEST

// --- names -------------------------------------------------------------------------------------

START_TEST(names_of_all_programs_are_known)
{
    parse("[broker]\nheartbeat = 1s\nfrontend = x\n[worker]\nslots = 4\ntag = a\ntag = b\n"
          "[client]\ntimeout = 1s\n[prod]\nmemory-max = 1G\nslots = 2\ntimeout = 2s\n"
          "[prod.client]\nbroker = x\n[prod.worker]\ntag = c\n");
    ck_assert(dc_config_check_names(config, dc_tables, &message));
    ck_assert_uint_eq(message.len, 0);
}
END_TEST

static const struct {
    const char *text, *message;
} names[] = {
    { "\n[broker]\nhearbeat = 1s\n",
      "dcalc.conf:3: unknown key 'hearbeat' in [broker]; did you mean 'heartbeat'?\n" },
    { "[prod]\ntimeuot = 1s\n",
      "dcalc.conf:2: unknown key 'timeuot' in [prod]; did you mean 'timeout'?\n" },
    { "[client]\nzzzzzz = 1s\n", "dcalc.conf:2: unknown key 'zzzzzz' in [client]\n" },
    { "[client]\nheartbeat = 1s\n",
      "dcalc.conf:2: unknown key 'heartbeat' in [client]; it belongs in [broker] or [worker]\n" },
    { "[prod.worker]\nfrontend = 1s\n",
      "dcalc.conf:2: unknown key 'frontend' in [prod.worker]; it belongs in [broker]\n" },
    { "[client]\nhelp = yes\n", "dcalc.conf:2: unknown key 'help' in [client]\n" },
    { "[client]\nconfig = x\n", "dcalc.conf:2: unknown key 'config' in [client]\n" },
    { "[clinet]\ntimeout = 1s\nx = 1\n",
      "dcalc.conf:2: unknown section [clinet]; did you mean [client]?\n" },
    { "[prod.clinet]\ntimeout = 1s\n",
      "dcalc.conf:2: unknown section [prod.clinet]; did you mean [prod.client]?\n" },
    { "[a b]\ntimeout = 1s\n",
      "dcalc.conf:2: unknown section [a b]; sections are [broker], [worker], [client], and [NAME], "
      "[NAME.broker] of profiles\n" },
    { "timeout = 1s\n",
      "dcalc.conf:1: 'timeout' stands in no section; sections are [broker], [worker], [client], "
      "and [NAME], [NAME.broker] of profiles\n" },
    { "[client]\nwait = 1s\n[broker]\nkeep = 1d\n[client]\nwait = 2s\n",
      "dcalc.conf:6: 'wait' is in [client] already, in line 2\n" },
    { "[client]\nwiat = 1s\n[broker]\nkeeep = 1d\n", // all of them
      "dcalc.conf:2: unknown key 'wiat' in [client]; did you mean 'wait'?\n"
      "dcalc.conf:4: unknown key 'keeep' in [broker]; did you mean 'keep'?\n" },
};

START_TEST(unknown_names_are_told_with_what_may_be_meant)
{
    parse(names[_i].text);
    ck_assert(!dc_config_check_names(config, dc_tables, &message));
    assert_message(names[_i].message);
}
END_TEST

// --- values ------------------------------------------------------------------------------------

START_TEST(values_of_all_programs_are_checked)
{
    parse("[broker]\nheartbeat = soon\n[worker]\nbackend = x\n[dev.client]\nwait = ${HOST}\n"
          "[client]\noutput = jsno\ntimeout = ${NONE:}\n");
    ck_assert(!dc_config_check_values(config, dc_tables, NULL, look_up, &message));
    assert_message(
        "dcalc.conf:2: heartbeat: 'soon' is not a duration, such as 500ms, 30s, 1h30m\n"
        "dcalc.conf:4: backend: 'x' is not an address such as tcp://HOST:PORT or ipc:///path\n"
        "dcalc.conf:6: wait: 'calc' is not a duration, such as 500ms, 30s, 1h30m, 0, inf\n"
        "dcalc.conf:8: output: 'jsno' is none of: text json csv tsv; did you mean 'json'?\n");
}
END_TEST

START_TEST(variables_of_another_profile_need_not_be_set)
{
    parse("[dev]\ntimeout = ${NONE}\n");
    ck_assert(dc_config_check_values(config, dc_tables, "prod", look_up, &message));
    ck_assert(!dc_config_check_values(config, dc_tables, "dev", look_up, &message));
    assert_message("dcalc.conf:2: timeout: the variable NONE is not set; ${NONE:default} needs no "
                   "variable\n");
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("config");
    TCase *tests = tcase_create("config");
    tcase_add_checked_fixture(tests, NULL, tear_down);
    tcase_add_test(tests, each_key_has_its_section_and_line);
    tcase_add_test(tests, an_empty_text_has_nothing);
    tcase_add_loop_test(tests, what_is_no_ini_is_told_with_its_line, 0, DC_ARRAY_LEN(faults));
    tcase_add_test(tests, a_zero_byte_is_told);
    tcase_add_test(tests, the_longest_line_is_whole);
    tcase_add_test(tests, settings_are_limited);
    tcase_add_loop_test(tests, sections_are_of_a_program_a_profile_or_both, 0,
                        DC_ARRAY_LEN(strengths));
    tcase_add_test(tests, profiles_are_listed_once);
    tcase_add_loop_test(tests, variables_are_put_in, 0, DC_ARRAY_LEN(expansions));
    tcase_add_loop_test(tests, what_is_no_variable_is_told, 0, DC_ARRAY_LEN(bad_values));
    tcase_add_test(tests, names_of_all_programs_are_known);
    tcase_add_loop_test(tests, unknown_names_are_told_with_what_may_be_meant, 0,
                        DC_ARRAY_LEN(names));
    tcase_add_test(tests, values_of_all_programs_are_checked);
    tcase_add_test(tests, variables_of_another_profile_need_not_be_set);
    suite_add_tcase(all, tests);
    return all;
}
