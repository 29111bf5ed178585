// The results that a chunk needs: what is written comes back, and what does not add up is refused.
#include "common/bytes.h"
#include "common/wire_needs.h"
#include "tests/lib/main.h"

static dc_buf_t data;

static void set_up(void)
{
    data = (dc_buf_t){ 0 };
}

static void tear_down(void)
{
    dc_buf_fini(&data);
}

static void put(const dc_str_t *results, uint32_t count)
{
    size_t sizes = dc_wire_begin_needs(&data, count);
    for (uint32_t i = 0; i < count; i++) {
        dc_wire_add_need(&data, sizes, i, results[i]);
    }
}

START_TEST(results_come_back_and_what_follows_is_left)
{
    const dc_str_t results[] = { DC_STR("14"), DC_STR(""), DC_STR("\"a\\nb\"") };
    dc_wire_needs_t needs;
    put(results, 3);
    ck_assert_uint_eq(data.len, dc_wire_needs_bytes(3, 2 + 6));
    dc_buf_append_text(&data, "a+b");

    dc_str_t rest = dc_buf_str(&data);
    ck_assert(dc_wire_read_needs(&rest, &needs));
    ck_assert_uint_eq(needs.count, 3);
    ck_assert_uint_eq(needs.all.len, data.len - 3);
    for (size_t i = 0; i < DC_ARRAY_LEN(results); i++) {
        ck_assert(dc_str_eq(dc_wire_take_need(&needs), results[i]));
    }
    ck_assert(dc_str_eq(rest, DC_STR("a+b")));
}
END_TEST

START_TEST(none_at_all_are_four_bytes)
{
    dc_wire_needs_t needs;
    put(NULL, 0);
    dc_str_t rest = dc_buf_str(&data);
    ck_assert_uint_eq(rest.len, 4);
    ck_assert(dc_wire_read_needs(&rest, &needs));
    ck_assert_uint_eq(needs.count, 0);
    ck_assert_uint_eq(rest.len, 0);
}
END_TEST

START_TEST(results_that_are_cut_are_refused)
{
    const dc_str_t results[] = { DC_STR("a"), DC_STR("bb") };
    dc_wire_needs_t needs;
    put(results, 2);
    for (size_t len = 0; len < data.len; len++) {
        dc_str_t rest = dc_str(data.data, len);
        ck_assert(!dc_wire_read_needs(&rest, &needs));
        ck_assert_uint_eq(rest.len, len);
    }
}
END_TEST

START_TEST(more_than_a_chunk_may_need_are_refused)
{
    dc_wire_needs_t needs;
    dc_wire_begin_needs(&data, DC_NEEDS_MAX + 1);
    dc_str_t rest = dc_buf_str(&data);
    ck_assert(!dc_wire_read_needs(&rest, &needs));
    dc_put_u32(data.data, UINT32_MAX);
    ck_assert(!dc_wire_read_needs(&rest, &needs));
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("wire_needs");
    TCase *needs = tcase_create("needs");
    tcase_add_checked_fixture(needs, set_up, tear_down);
    tcase_add_test(needs, results_come_back_and_what_follows_is_left);
    tcase_add_test(needs, none_at_all_are_four_bytes);
    tcase_add_test(needs, results_that_are_cut_are_refused);
    tcase_add_test(needs, more_than_a_chunk_may_need_are_refused);
    suite_add_tcase(all, needs);
    return all;
}
