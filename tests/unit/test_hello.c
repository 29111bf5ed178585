// What a slot says of itself is JSON that the broker can read.
#include "worker/hello.h"

#include "common/json.h"
#include "tests/lib/main.h"

static dc_diag_t diag;

static dc_str_t string_of(const dc_json_t *json, const char *name)
{
    dc_str_t text = DC_STR("(absent)");
    ck_assert(dc_json_read_string(json, name, &text, &diag));
    return text;
}

static uint64_t number_of(const dc_json_t *json, const char *name)
{
    uint64_t number = UINT64_MAX;
    ck_assert(dc_json_read_u64(json, name, UINT64_MAX, &number, &diag));
    return number;
}

static dc_json_t *parse(dc_buf_t *text)
{
    dc_json_t *json =
        dc_json_parse(dc_buf_str(text), DC_JSON_BYTES_MAX, DC_JSON_INTEGERS_EXACT, &diag);
    ck_assert_ptr_nonnull(json);
    return json;
}

START_TEST(ready_tells_who_it_is)
{
    static const char *const tags[] = { "big", "a\"b" };
    dc_hello_t hello = {
        .session.bytes = { 0x01, 0xFF, 0xA0 },
        .name = DC_STR("w\xFF"), // whatever the operator typed
        .host = DC_STR("alpha"),
        .tags = tags,
        .tag_count = 2,
        .pid = 4711,
        .slot_index = 3,
        .memory_bytes_max = 1 << 30,
    };
    dc_buf_t text = { 0 };
    dc_hello_put(&hello, &text);
    dc_json_t *json = parse(&text);
    ck_assert_uint_eq(number_of(json, "v"), DC_WIRE_VERSION);
    ck_assert(dc_str_eq(string_of(json, "session"), DC_STR("01ffa000000000000000000000000000")));
    ck_assert(dc_str_eq(string_of(json, "name"), DC_STR("w\xEF\xBF\xBD")));
    ck_assert(dc_str_eq(string_of(json, "host"), DC_STR("alpha")));
    ck_assert_uint_eq(number_of(json, "pid"), 4711);
    ck_assert_uint_eq(number_of(json, "slot"), 3);
    ck_assert_uint_eq(number_of(dc_json_member(json, "limits"), "memory"), 1 << 30);
    const dc_json_t *list = dc_json_member(json, "tags");
    ck_assert_uint_eq(dc_json_len(list), 2);
    ck_assert(dc_str_eq(dc_json_string(dc_json_at(list, 1)), DC_STR("a\"b")));
    dc_json_destroy(&json);
    dc_buf_fini(&text);
}
END_TEST

START_TEST(a_heartbeat_tells_its_load)
{
    dc_load_t load = { .load = 0.512,
                       .memory_free_bytes = (100 << 20) + 1,
                       .speed = 2.5e8,
                       .run_lease = UINT64_MAX - 1,
                       .run_first = 7,
                       .run_count = 256,
                       .run_ms = 42 };
    dc_buf_t text = { 0 };
    dc_load_put(&load, &text);
    dc_json_t *json = parse(&text);
    double number = 0;
    ck_assert(dc_json_read_number(json, "load", &number, &diag));
    ck_assert(number == 0.5);
    ck_assert_uint_eq(number_of(json, "memory_free"), 96 << 20);
    ck_assert(dc_json_read_number(json, "speed", &number, &diag));
    ck_assert(number == 2.5e8);
    const dc_json_t *runs = dc_json_member(json, "runs");
    ck_assert(dc_str_eq(string_of(runs, "lease"), DC_STR("fffffffffffffffe")));
    ck_assert_uint_eq(number_of(runs, "first"), 7);
    ck_assert_uint_eq(number_of(runs, "count"), 256);
    ck_assert_uint_eq(number_of(runs, "ms"), 42);
    dc_json_destroy(&json);
    dc_buf_fini(&text);
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("hello");
    tcase_add_test(tests, ready_tells_who_it_is);
    tcase_add_test(tests, a_heartbeat_tells_its_load);
    Suite *all = suite_create("hello");
    suite_add_tcase(all, tests);
    return all;
}
