// An answer in pages is put together to one that reads as though it had come whole.
#include "client/cli/cluster/pages.h"
#include "tests/lib/main.h"

static dc_buf_t answer;

static void tear_down(void)
{
    dc_buf_fini(&answer);
}

static uint64_t add(const char *page)
{
    uint64_t next = 77;
    ck_assert(dc_pages_add(&answer, "slots", dc_str_from(page), &next));
    return next;
}

static void expect(const char *text)
{
    ck_assert_msg(dc_str_eq(dc_buf_str(&answer), dc_str_from(text)), "%.*s", (int)answer.len,
                  answer.data);
}

START_TEST(one_page_is_the_answer)
{
    ck_assert_uint_eq(add("{\"v\":1,\"slots\":[{\"id\":\"s1\"}]}"), 0);
    expect("{\"v\":1,\"slots\":[{\"id\":\"s1\"}]}");
}
END_TEST

START_TEST(pages_follow_each_other)
{
    ck_assert_uint_eq(add("{\"v\":1,\"slots\":[{\"a\":[1,2]}, 2],\"next\":12}"), 12);
    expect("{\"v\":1,\"slots\":[{\"a\":[1,2]}, 2]}");
    ck_assert_uint_eq(add("{\"next\":13,\"slots\":[3]}"), 13);
    ck_assert_uint_eq(add("{\"v\":1,\"slots\":[]}"), 0);
    expect("{\"v\":1,\"slots\":[{\"a\":[1,2]}, 2,3]}");
}
END_TEST

START_TEST(nothing_is_an_empty_list)
{
    ck_assert_uint_eq(add("{\"v\":1,\"slots\":[ ]}"), 0);
    expect("{\"v\":1,\"slots\":[]}");
}
END_TEST

static const char *const no_pages[] = {
    "",
    "[]",
    "{\"v\":1}",
    "{\"v\":1,\"batches\":[1]}",
    "{\"v\":1,\"slots\":{}}",
    "{\"v\":1,\"slots\":[1",
    "{\"v\":1,\"slots\":[1]} more",
    "{\"v\":1,\"slots\":[1],\"next\":-1}",
    "{\"v\":1,\"slots\":[],\"next\":5}", // and so on for ever
};

START_TEST(what_is_no_page_is_refused)
{
    uint64_t next;
    ck_assert(!dc_pages_add(&answer, "slots", dc_str_from(no_pages[_i]), &next));
    ck_assert_uint_eq(answer.len, 0);
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("pages");
    TCase *tcase = tcase_create("pages");
    tcase_add_checked_fixture(tcase, NULL, tear_down);
    tcase_add_test(tcase, one_page_is_the_answer);
    tcase_add_test(tcase, pages_follow_each_other);
    tcase_add_test(tcase, nothing_is_an_empty_list);
    tcase_add_loop_test(tcase, what_is_no_page_is_refused, 0, DC_ARRAY_LEN(no_pages));
    suite_add_tcase(all, tcase);
    return all;
}
