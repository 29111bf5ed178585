// Settings from a configuration file: what is stronger than what, and where each comes from.
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/options.h"
#include "common/options_show.h"
#include "tests/lib/main.h"
#include "worker/options.h"

static dc_worker_options_t settings;
static dc_options_t *options;
static dc_buf_t message;
static char folder[] = "/tmp/dcalc-test-XXXXXX";
static char path[64];

static void set_up(void)
{
    snprintf(folder, sizeof folder, "/tmp/dcalc-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/dcalc.conf", folder);
    unsetenv("DCALC_CONFIG");
    unsetenv("DCALC_PROFILE");
    setenv("XDG_CONFIG_HOME", folder, 1); // where there is none
    options = dc_options_new(&dc_worker_options, &settings);
    ck_assert_ptr_nonnull(options);
}

static void tear_down(void)
{
    dc_options_destroy(&options);
    dc_buf_fini(&message);
    unlink(path);
    rmdir(folder);
}

static void write_file(const char *text)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

#define ARGUMENTS_MAX 8

static int parse(const char *const *arguments)
{
    static char texts[ARGUMENTS_MAX + 1][64] = { "dcalc-worker" };
    char *argv[ARGUMENTS_MAX + 2] = { texts[0] };
    int argc = 1;
    for (; arguments[argc - 1]; argc++) {
        snprintf(texts[argc], sizeof texts[argc], "%s", arguments[argc - 1]);
        argv[argc] = texts[argc];
    }
    return dc_options_parse(options, argc, argv, &message);
}

#define PARSE(...) parse((const char *const[ARGUMENTS_MAX + 1]){ __VA_ARGS__ })

// What `message` says, with the path of the file as `F`.
static void assert_message(const char *expected)
{
    static char text[2048];
    dc_buf_append_char(&message, '\0');
    char *to = text;
    for (const char *at = message.data; *at && to < text + sizeof text - 1;) {
        bool is_path = strncmp(at, path, strlen(path)) == 0;
        *to++ = (char)(is_path ? 'F' : *at);
        at += is_path ? strlen(path) : 1;
    }
    *to = '\0';
    ck_assert_str_eq(text, expected);
}

static void assert_origin(const char *name, const char *expected)
{
    size_t index;
    dc_buf_t text = { 0 };
    ck_assert(dc_option_find(&dc_worker_options, name, &index));
    dc_options_put_origin(options, index, &text);
    dc_buf_append_char(&text, '\0');
    ck_assert_str_eq(text.data, expected);
    dc_buf_fini(&text);
}

static const char layers[] = "[worker]\n"
                             "slots = 1\n"
                             "name = weak\n"
                             "drain = 1s\n"
                             "heartbeat = 1s\n"
                             "liveness = 4\n"
                             "[prod.worker]\n"
                             "heartbeat = 3s\n"
                             "[prod]\n"
                             "drain = 2s\n"
                             "heartbeat = 2s\n"
                             "memory-max = 1G\n" // of the broker
                             "[dev]\n"
                             "liveness = 9\n";

START_TEST(what_is_stronger_has_the_last_word)
{
    write_file(layers);
    setenv("DCALC_WORKER_SLOTS", "2", 1);
    setenv("DCALC_WORKER_NAME", "env", 1);
    ck_assert_int_eq(PARSE("-c", path, "-P", "prod", "-j", "3"), 0);
    unsetenv("DCALC_WORKER_SLOTS");
    unsetenv("DCALC_WORKER_NAME");
    ck_assert_int_eq(settings.slot_count, 3);
    ck_assert_str_eq(settings.name, "env");
    ck_assert_uint_eq(settings.heartbeat_ms, 3000);
    ck_assert_uint_eq(settings.drain_ms, 2000);
    ck_assert_int_eq(settings.liveness_beats, 4);
    ck_assert_uint_eq(settings.reconnect_ms, DC_RECONNECT_MS_MAX);
    assert_origin("slots", "flag");
    assert_origin("name", "env DCALC_WORKER_NAME");
    assert_origin("heartbeat", "dcalc.conf:8 [prod.worker]");
    assert_origin("drain", "dcalc.conf:10 [prod]");
    assert_origin("liveness", "dcalc.conf:6 [worker]");
    assert_origin("reconnect", "default");
    ck_assert_str_eq(dc_options_config_path(options), path);
}
END_TEST

START_TEST(without_a_profile_there_are_the_programs_sections)
{
    write_file(layers);
    setenv("DCALC_CONFIG", path, 1);
    ck_assert_int_eq(PARSE(NULL), 0);
    unsetenv("DCALC_CONFIG");
    ck_assert_uint_eq(settings.heartbeat_ms, 1000);
    ck_assert_int_eq(settings.slot_count, 1);
    assert_origin("config", "env DCALC_CONFIG");
}
END_TEST

START_TEST(none_is_no_file_and_no_profile)
{
    setenv("DCALC_PROFILE", "prod", 1);
    ck_assert_int_eq(PARSE("--config", "none"), 0);
    unsetenv("DCALC_PROFILE");
    ck_assert_ptr_null(dc_options_config_path(options));
}
END_TEST

START_TEST(a_list_is_of_the_strongest_section_that_has_it)
{
    write_file("[worker]\ntag = a\ntag = b\n[prod]\ntag = c\ntag = d\n[prod]\ntag = e\n");
    ck_assert_int_eq(PARSE("-c", path, "-P", "prod"), 0);
    ck_assert_uint_eq(settings.tags.count, 3);
    ck_assert_str_eq(settings.tags.items[0], "c");
    ck_assert_str_eq(settings.tags.items[2], "e");
}
END_TEST

START_TEST(an_empty_value_says_nothing)
{
    write_file("[worker]\nslots = 3\nname = ${NOT_SET_ANYWHERE:}\n[prod]\nslots =\n");
    ck_assert_int_eq(PARSE("-c", path, "-P", "prod"), 0);
    ck_assert_int_eq(settings.slot_count, 3);
    ck_assert_ptr_null(settings.name);
    assert_origin("name", "default");
}
END_TEST

START_TEST(it_can_be_handed_on_as_arguments)
{
    write_file("[worker]\nslots = 3\ntag = a\ntag = b\nheartbeat = 90s\nmax-memory = 64M\n");
    dc_buf_t text = { 0 };
    ck_assert_int_eq(PARSE("-c", path, "--drain", "1s"), 0);
    dc_options_put_arguments(options, &text);
    static const char expected[] = "--slots=3\0--tag=a\0--tag=b\0--max-memory=64M\0"
                                   "--heartbeat=1m30s";
    ck_assert_uint_eq(text.len, sizeof expected);
    ck_assert_mem_eq(text.data, expected, sizeof expected);
    dc_buf_fini(&text);
}
END_TEST

static const struct {
    const char *text;
    const char *arguments[3];
    int status;
    const char *message;
} faults[] = {
    { "[worker]\n\nslots = many\n",
      { NULL },
      EX_CONFIG,
      "F:3: slots: 'many' is not a whole number from 1 to 1024, nor one of: auto\n" },
    { "[worker]\nslots = many\n", // though it is of no consequence
      { "-j", "2" },
      EX_CONFIG,
      "F:2: slots: 'many' is not a whole number from 1 to 1024, nor one of: auto\n" },
    { "[worker]\nbackend = nowhere\ntag = two words\n",
      { NULL },
      EX_CONFIG,
      "F:2: backend: 'nowhere' is not an address such as tcp://HOST:PORT or ipc:///path\n"
      "F:3: tag: 'two words' has a blank or a control character in it\n" },
    { "[worker]\nname = ${NOT_SET_ANYWHERE}\n",
      { NULL },
      EX_CONFIG,
      "F:2: name: the variable NOT_SET_ANYWHERE is not set; ${NOT_SET_ANYWHERE:default} needs no "
      "variable\n" },
    { "[worker]\nsltos = 2\n",
      { NULL },
      EX_CONFIG,
      "F:2: unknown key 'sltos' in [worker]; did you mean 'slots'?\n" },
    { "[broker]\nhearbeat = 2s\n", // of another program: the file is wrong for all
      { NULL },
      EX_CONFIG,
      "F:2: unknown key 'hearbeat' in [broker]; did you mean 'heartbeat'?\n" },
    { "[prod]\nslots = 2\n[dev]\nslots = 1\n",
      { "-P", "prdo" },
      EX_USAGE,
      "dcalc-worker: --profile: F has no settings in [prdo]; did you mean 'prod'?\n"
      "       its profiles: prod, dev\n" },
    { "[prod]\nslots = many\n", { NULL }, 0, "" }, // not in force
    { "[worker]\nslots = many\n", { "--help" }, 0, "" },
    { "[broker]\nheartbeat = ${NOT_SET_ANYWHERE}\n", { NULL }, 0, "" }, // not ours
};

START_TEST(what_is_wrong_is_said_with_file_and_line)
{
    write_file(faults[_i].text);
    const char *arguments[] = { "-c", path, faults[_i].arguments[0], faults[_i].arguments[1],
                                NULL };
    ck_assert_int_eq(parse(arguments), faults[_i].status);
    assert_message(faults[_i].message);
}
END_TEST

START_TEST(a_file_that_is_named_must_be_there)
{
    ck_assert_int_eq(PARSE("-c", path), EX_CONFIG);
    assert_message("F: cannot read this configuration: No such file or directory\n");
}
END_TEST

START_TEST(a_profile_needs_a_file)
{
    // Unless this machine has one for everybody.
    if (access("/etc/dcalc/dcalc.conf", F_OK) == 0) return;
    ck_assert_int_eq(PARSE("-P", "prod"), EX_USAGE);
    dc_buf_append_char(&message, '\0');
    ck_assert_ptr_nonnull(strstr(message.data, "'prod' needs a configuration file; there is none"));
    ck_assert_ptr_nonnull(strstr(message.data, "/dcalc/dcalc.conf, /etc/dcalc/dcalc.conf\n"));
}
END_TEST

START_TEST(all_settings_are_shown)
{
    write_file("[worker]\nslots = 3\ntag = a\ntag = b\n");
    ck_assert_int_eq(PARSE("-c", path, "--drain", "1s"), 0);
    dc_options_show(options, DC_OPTIONS_JSON, &message);
    dc_buf_append_char(&message, '\0');
    char line[256];
    snprintf(
        line, sizeof line,
        "{\"v\":1,\"name\":\"tag\",\"value\":[\"a\",\"b\"],\"origin\":\"file\",\"file\":\"%s\","
        "\"line\":3,\"section\":\"worker\"}\n",
        path);
    ck_assert_ptr_nonnull(strstr(message.data, line));
    ck_assert_ptr_nonnull(strstr(
        message.data, "{\"v\":1,\"name\":\"drain\",\"value\":\"1s\",\"origin\":\"flag\"}\n"));
    ck_assert_ptr_nonnull(strstr(
        message.data, "{\"v\":1,\"name\":\"name\",\"value\":null,\"origin\":\"default\"}\n"));
    message.len = 0;
    dc_options_show(options, DC_OPTIONS_CSV, &message);
    dc_buf_append_char(&message, '\0');
    ck_assert_ptr_nonnull(strstr(message.data, "\nslots,3,dcalc.conf:2 [worker]\n"));
    ck_assert_ptr_nonnull(strstr(message.data, "\ntag,\"a, b\",dcalc.conf:3 [worker]\n"));
    message.len = 0;
    dc_options_show(options, DC_OPTIONS_TEXT, &message);
    dc_buf_append_char(&message, '\0');
    ck_assert_ptr_nonnull(strstr(message.data, "\nslots       3 "));
    ck_assert_ptr_null(strstr(message.data, "lifeline"));
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("options_file");
    TCase *tests = tcase_create("options_file");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, what_is_stronger_has_the_last_word);
    tcase_add_test(tests, without_a_profile_there_are_the_programs_sections);
    tcase_add_test(tests, none_is_no_file_and_no_profile);
    tcase_add_test(tests, a_list_is_of_the_strongest_section_that_has_it);
    tcase_add_test(tests, an_empty_value_says_nothing);
    tcase_add_test(tests, it_can_be_handed_on_as_arguments);
    tcase_add_loop_test(tests, what_is_wrong_is_said_with_file_and_line, 0, DC_ARRAY_LEN(faults));
    tcase_add_test(tests, a_file_that_is_named_must_be_there);
    tcase_add_test(tests, a_profile_needs_a_file);
    tcase_add_test(tests, all_settings_are_shown);
    suite_add_tcase(all, tests);
    return all;
}
