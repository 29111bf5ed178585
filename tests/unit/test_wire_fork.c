// The data of jobs that fork: what is written comes back, and what does not add up is refused.
#include "common/bytes.h"
#include "common/wire_fork.h"
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

static void assert_text(dc_str_t actual, const char *expected)
{
    ck_assert_msg(dc_str_eq(actual, dc_str_from(expected)), "'%.*s' is not '%s'", (int)actual.len,
                  actual.data, expected);
}

static void put_two(void)
{
    dc_wire_child_t children[] = { { 7, DC_STR("first") }, { 3, DC_STR("") } };
    dc_wire_put_fork(&data, children, 2, DC_STR("join"));
}

START_TEST(children_and_their_join_come_back)
{
    dc_wire_fork_t fork;
    put_two();

    ck_assert(dc_wire_read_fork(dc_buf_str(&data), &fork));
    ck_assert_uint_eq(fork.count, 2);
    ck_assert_uint_eq(fork.weight, 10);
    assert_text(fork.join, "join");
    dc_wire_child_t first = dc_wire_take_child(&fork);
    dc_wire_child_t second = dc_wire_take_child(&fork);
    ck_assert_uint_eq(first.weight, 7);
    assert_text(first.bytes, "first");
    ck_assert_uint_eq(second.weight, 3);
    assert_text(second.bytes, "");
}
END_TEST

START_TEST(results_and_their_join_come_back)
{
    const dc_str_t results[] = { DC_STR("a"), DC_STR(""), DC_STR("ccc") };
    dc_wire_join_t join;
    dc_wire_put_join(&data, results, 3, DC_STR("sum"));

    ck_assert(dc_wire_read_join(dc_buf_str(&data), &join));
    ck_assert_uint_eq(join.count, 3);
    assert_text(join.join, "sum");
    for (size_t i = 0; i < DC_ARRAY_LEN(results); i++) {
        ck_assert(dc_str_eq(dc_wire_take_result(&join), results[i]));
    }
}
END_TEST

// Wherever it is cut, and with anything behind it.
START_TEST(a_fork_of_another_size_is_refused)
{
    dc_wire_fork_t fork;
    put_two();
    for (size_t len = 0; len < data.len; len++) {
        ck_assert(!dc_wire_read_fork(dc_str(data.data, len), &fork));
    }
    dc_buf_append_char(&data, 'x');
    ck_assert(!dc_wire_read_fork(dc_buf_str(&data), &fork));
}
END_TEST

START_TEST(a_join_that_is_cut_in_its_results_is_refused)
{
    const dc_str_t results[] = { DC_STR("a"), DC_STR("bb") };
    dc_wire_join_t join;
    dc_wire_put_join(&data, results, 2, (dc_str_t){ 0 });

    for (size_t len = 0; len < data.len; len++) {
        ck_assert(!dc_wire_read_join(dc_str(data.data, len), &join));
    }
    ck_assert(dc_wire_read_join(dc_buf_str(&data), &join));
}
END_TEST

// Where a number of a fork of two lies, what is written there, and what that means.
static const struct {
    size_t offset;
    uint64_t value;
    bool is_u64;
    const char *remark;
} numbers[] = {
    { 0, 0, false, "no children" },
    { 0, DC_FORK_CHILDREN_MAX + 1, false, "too many" },
    { 0, UINT32_MAX, false, "more than there are bytes" },
    { 4, 0, true, "a child that weighs nothing" },
    { 4, UINT64_MAX, true, "weights whose sum is too large" },
    { 12, UINT32_MAX, false, "a child that is too long" },
    { 28, UINT32_MAX, false, "a join that is too long" },
};

START_TEST(a_fork_with_a_wrong_number_is_refused)
{
    dc_wire_fork_t fork;
    put_two();
    char *at = data.data + numbers[_i].offset;
    if (numbers[_i].is_u64) {
        dc_put_u64(at, numbers[_i].value);
    } else {
        dc_put_u32(at, (uint32_t)numbers[_i].value);
    }

    ck_assert_msg(!dc_wire_read_fork(dc_buf_str(&data), &fork), "%s", numbers[_i].remark);
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("wire_fork");
    TCase *forks = tcase_create("forks");
    tcase_add_checked_fixture(forks, set_up, tear_down);
    tcase_add_test(forks, children_and_their_join_come_back);
    tcase_add_test(forks, results_and_their_join_come_back);
    tcase_add_test(forks, a_fork_of_another_size_is_refused);
    tcase_add_test(forks, a_join_that_is_cut_in_its_results_is_refused);
    tcase_add_loop_test(forks, a_fork_with_a_wrong_number_is_refused, 0,
                        (int)DC_ARRAY_LEN(numbers));
    suite_add_tcase(all, forks);
    return all;
}
