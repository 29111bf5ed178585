// What `cancel all` and `delete all` would end, as they ask about it.
#include "client/cli/look/toll.h"
#include "common/limits.h"
#include "tests/lib/main.h"

// Batches as the broker lists them: those of two clients, one of nobody, and detached ones.
#define MINE "{\"state\":\"running\",\"client\":\"c1\",\"jobs\":10,\"done\":4}"
#define ALSO "{\"state\":\"waiting\",\"client\":\"c1\",\"jobs\":1000,\"done\":0}"
#define OPEN                                                                            \
    "{\"state\":\"running\",\"client\":\"c22\",\"jobs\":null,\"done\":7,\"waiting\":3," \
    "\"running\":2}"
#define ORPHAN  "{\"state\":\"orphaned\",\"jobs\":5,\"done\":5}"
#define KEPT    "{\"state\":\"waiting\",\"detached\":true,\"jobs\":8,\"done\":1}"
#define DONE    "{\"state\":\"done\",\"detached\":true,\"jobs\":1200,\"done\":1200}"
#define STOPPED "{\"state\":\"cancelled\",\"detached\":true,\"jobs\":9,\"done\":1}"

static const struct {
    dc_cli_command_t command;
    const char *batches;
    const char *question; // NULL: there is nothing to ask about
} cases[] = {
    { DC_CLI_CANCEL, "", NULL },
    { DC_CLI_CANCEL, DONE "," STOPPED, NULL },
    { DC_CLI_CANCEL, MINE, "1 batch of 1 client, 6 jobs not computed yet: cancel it? [y/N] " },
    { DC_CLI_CANCEL, MINE "," OPEN "," ALSO "," DONE,
      "3 batches of 2 clients, 1,011 jobs not computed yet: cancel them? [y/N] " },
    { DC_CLI_CANCEL, KEPT, "1 batch sent with -d, 7 jobs not computed yet: cancel it? [y/N] " },
    { DC_CLI_CANCEL, KEPT "," MINE "," KEPT,
      "3 batches, of 1 client and 2 sent with -d, 20 jobs not computed yet: cancel them? [y/N] " },
    { DC_CLI_CANCEL, ORPHAN, "1 batch, 0 jobs not computed yet: cancel it? [y/N] " },
    { DC_CLI_DELETE, MINE "," KEPT "," ORPHAN, NULL },
    { DC_CLI_DELETE, STOPPED "," KEPT, "1 batch with the results of 1 job: delete it? [y/N] " },
    { DC_CLI_DELETE, DONE "," STOPPED "," MINE,
      "2 batches with the results of 1,201 jobs: delete them? [y/N] " },
};

START_TEST(what_would_end_is_asked_about)
{
    dc_buf_t text = { 0 };
    dc_diag_t diag;
    dc_toll_t toll;
    dc_buf_printf(&text, "[%s]", cases[_i].batches);
    dc_json_t *json =
        dc_json_parse(dc_buf_str(&text), DC_FRAME_BYTES_MAX, DC_JSON_INTEGERS_EXACT, &diag);
    ck_assert_ptr_nonnull(json);
    ck_assert_int_eq(dc_toll_count(cases[_i].command, json, &toll), DC_OK);
    ck_assert_int_eq(toll.batch_count > 0, cases[_i].question != NULL);
    if (cases[_i].question) {
        text.len = 0;
        dc_toll_put(cases[_i].command, &toll, &text);
        dc_buf_append_char(&text, '\0');
        ck_assert_str_eq(text.data, cases[_i].question);
    }
    dc_json_destroy(&json);
    dc_buf_fini(&text);
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("toll");
    TCase *tests = tcase_create("toll");
    tcase_add_loop_test(tests, what_would_end_is_asked_about, 0, DC_ARRAY_LEN(cases));
    suite_add_tcase(all, tests);
    return all;
}
