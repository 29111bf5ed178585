// The order of a turn's batches.
#include "broker/core/schedule/ages.h"

#include "broker/core/jobs/batch.h"
#include "common/rng.h"
#include "tests/lib/main.h"

#define BATCHES 500

static dc_batch_t batches[BATCHES]; // each has its place as its number
static bool is_in[BATCHES];
static dc_ages_t ages;

static void setup(void)
{
    memset(batches, 0, sizeof batches);
    memset(is_in, 0, sizeof is_in);
    ages = (dc_ages_t){ 0 };
    for (size_t i = 0; i < BATCHES; i++) {
        batches[i].number = i;
    }
}

static void change(size_t at)
{
    if (is_in[at]) {
        dc_ages_remove(&ages, &batches[at]);
    } else {
        dc_ages_insert(&ages, &batches[at]);
    }
    is_in[at] = !is_in[at];
}

// Those that are in, in the order of their numbers and no others, and the tree is whole.
static void check_all(void)
{
    const dc_batch_t *batch = ages.oldest;
    for (size_t i = 0; i < BATCHES; i++) {
        if (!is_in[i]) {
            ck_assert_ptr_null(batches[i].turn_prev);
            continue;
        }
        ck_assert_ptr_eq(batch, &batches[i]);
        batch = batch->turn_next;
    }
    ck_assert_ptr_null(batch);
    const char *flaw = dc_ages_flaw(&ages);
    ck_assert_msg(!flaw, "%s", flaw);
}

START_TEST(batches_that_come_and_go_stand_by_age)
{
    dc_rng_t rng;
    dc_rng_init(&rng, 7);
    for (int i = 0; i < 5000; i++) {
        change(dc_rng_below(&rng, BATCHES));
        if (i % 50 == 0) check_all();
    }
    check_all();
}
END_TEST

START_TEST(any_order_of_coming_gives_the_same)
{
    for (size_t i = 0; i < BATCHES; i++) {
        change(_i == 0 ? i : _i == 1 ? BATCHES - 1 - i : i * 7 % BATCHES);
    }
    check_all();
    for (size_t i = 0; i < BATCHES; i++) {
        ck_assert_ptr_eq(ages.oldest, &batches[i]);
        change(i);
    }
    check_all();
    ck_assert_ptr_null(ages.root);
}
END_TEST

static size_t depth_of(const dc_batch_t *batch)
{
    if (!batch) return 0;
    size_t older = depth_of(batch->turn_older);
    size_t younger = depth_of(batch->turn_younger);
    return 1 + (older > younger ? older : younger);
}

// A balanced tree of 500 has 9 levels; of a random one hardly any has three times as many.
START_TEST(the_tree_is_not_deep)
{
    for (size_t i = 0; i < BATCHES; i++) {
        change(i);
    }
    ck_assert_uint_le(depth_of(ages.root), 30);
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("ages");
    TCase *tcase = tcase_create("ages");
    tcase_add_checked_fixture(tcase, setup, NULL);
    tcase_add_test(tcase, batches_that_come_and_go_stand_by_age);
    tcase_add_loop_test(tcase, any_order_of_coming_gives_the_same, 0, 3);
    tcase_add_test(tcase, the_tree_is_not_deep);
    suite_add_tcase(all, tcase);
    return all;
}
