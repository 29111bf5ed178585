// Results come in any order and leave in that of their jobs.
#include "client/cli/run/order.h"
#include "tests/lib/main.h"

static dc_order_t order;
static char items[4];

static void set_up(void)
{
    dc_order_init(&order);
}

static void tear_down(void)
{
    dc_order_fini(&order);
}

static void assert_takes(uint64_t first, uint64_t end, void *item)
{
    uint64_t got_first, got_end;
    void *got;
    ck_assert(dc_order_take(&order, &got_first, &got_end, &got));
    ck_assert_uint_eq(got_first, first);
    ck_assert_uint_eq(got_end, end);
    ck_assert_ptr_eq(got, item);
}

static void assert_waits(void)
{
    uint64_t first, end;
    void *item;
    ck_assert(!dc_order_take(&order, &first, &end, &item));
}

START_TEST(what_is_due_leaves_at_once)
{
    ck_assert(dc_order_put(&order, 0, 10, &items[0]));
    assert_takes(0, 10, &items[0]);
    assert_waits();
    ck_assert_uint_eq(order.next, 10);
}
END_TEST

START_TEST(what_is_early_waits_for_what_is_before_it)
{
    ck_assert(dc_order_put(&order, 20, 30, &items[2]));
    ck_assert(dc_order_put(&order, 10, 20, &items[1]));
    assert_waits();
    ck_assert(dc_order_put(&order, 30, 31, &items[3]));
    ck_assert(dc_order_put(&order, 0, 10, &items[0]));
    assert_takes(0, 10, &items[0]);
    assert_takes(10, 20, &items[1]);
    assert_takes(20, 30, &items[2]);
    assert_takes(30, 31, &items[3]);
    assert_waits();
}
END_TEST

START_TEST(what_came_in_order_needs_no_keeping)
{
    ck_assert(dc_order_put(&order, 5, 6, &items[1]));
    dc_order_pass(&order, 5);
    assert_takes(5, 6, &items[1]);
}
END_TEST

START_TEST(whoever_leaves_early_takes_everything)
{
    ck_assert(dc_order_put(&order, 7, 8, &items[1]));
    ck_assert(dc_order_put(&order, 3, 4, &items[0]));
    ck_assert_ptr_eq(dc_order_take_any(&order), &items[0]);
    ck_assert_ptr_eq(dc_order_take_any(&order), &items[1]);
    ck_assert_ptr_null(dc_order_take_any(&order));
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("order");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, what_is_due_leaves_at_once);
    tcase_add_test(tests, what_is_early_waits_for_what_is_before_it);
    tcase_add_test(tests, what_came_in_order_needs_no_keeping);
    tcase_add_test(tests, whoever_leaves_early_takes_everything);
    Suite *all = suite_create("order");
    suite_add_tcase(all, tests);
    return all;
}
