// The log for programs: phrases and fields become members.
#include "common/log_json.h"

#include "tests/lib/main.h"

#define BEGIN "{\"time\":\"T\",\"level\":\"info\",\"message\":\""

static const struct {
    const char *text, *json;
} lines[] = {
    { "stopped", BEGIN "stopped\"}\n" },
    { "slot lost id=s3 silent_ms=3004 leases=0",
      BEGIN "slot lost\",\"id\":\"s3\",\"silent_ms\":3004,\"leases\":0}\n" },
    { "slot lost id=s3 why=not all of it came leases=2",
      BEGIN "slot lost\",\"id\":\"s3\",\"why\":\"not all of it came\",\"leases\":2}\n" },
    { "refused why=\"a=1 b=2 is none\" peer=7",
      BEGIN "refused\",\"why\":\"a=1 b=2 is none\",\"peer\":7}\n" },
    { "refused why=\"half", BEGIN "refused\",\"why\":\"\\\"half\"}\n" },
    { "cannot listen: a b; give another one", BEGIN "cannot listen: a b; give another one\"}\n" },
    { "listening frontend=tcp://h:1?x=y backend=",
      BEGIN "listening\",\"frontend\":\"tcp://h:1?x=y\",\"backend\":\"\"}\n" },
    { "state core={\"a\":1}", BEGIN "state\",\"core\":\"{\\\"a\\\":1}\"}\n" },
    { "x level=error id=1 id=2 time=3", BEGIN "x\",\"id\":1}\n" }, // no member twice
    { "x a=01 b=-1 c=1.5 d=1234567890123456",
      BEGIN "x\",\"a\":\"01\",\"b\":\"-1\",\"c\":\"1.5\",\"d\":\"1234567890123456\"}\n" },
    { "key=1", BEGIN "\",\"key\":1}\n" },
    { "x A=1 =2 =", BEGIN "x A=1 =2 =\"}\n" },
    { "", BEGIN "\"}\n" },
    { "x host=\xFF", BEGIN "x\",\"host\":\"\\ufffd\"}\n" },
};

START_TEST(fields_are_members)
{
    dc_buf_t out = { 0 };
    dc_log_json_put(&out, "T", "info", dc_str_from(lines[_i].text));
    dc_buf_append_char(&out, '\0');
    ck_assert_str_eq(out.data, lines[_i].json);
    dc_buf_fini(&out);
}
END_TEST

START_TEST(too_many_fields_are_cut_off)
{
    dc_buf_t text = { 0 }, out = { 0 };
    dc_buf_append_text(&text, "x");
    for (int c = 'a'; c <= 'z'; c++) {
        dc_buf_printf(&text, " %c=1", c);
    }
    dc_log_json_put(&out, "T", "info", dc_buf_str(&text));
    ck_assert(out.data[out.len - 1] == '\n');
    ck_assert_uint_eq(out.len, strlen(BEGIN "x\"}\n") + 16 * strlen(",\"a\":1"));
    dc_buf_fini(&text);
    dc_buf_fini(&out);
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("log_json");
    tcase_add_loop_test(tests, fields_are_members, 0, DC_ARRAY_LEN(lines));
    tcase_add_test(tests, too_many_fields_are_cut_off);
    Suite *all = suite_create("log_json");
    suite_add_tcase(all, tests);
    return all;
}
