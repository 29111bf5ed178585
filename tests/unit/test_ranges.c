// Sets of indices as ranges, against a plain array of flags that does the same.
#include "common/ranges.h"
#include "common/rng.h"
#include "tests/lib/main.h"

#include <string.h>

#define INDICES 64

static dc_ranges_t ranges;
static bool model[INDICES];

static void set_up(void)
{
    dc_ranges_init(&ranges);
    memset(model, 0, sizeof model);
}

static void tear_down(void)
{
    dc_ranges_fini(&ranges);
}

static void set_model(uint64_t first, uint64_t end, bool value)
{
    for (uint64_t i = first; i < end; i++) {
        model[i] = value;
    }
}

static uint64_t count_model(uint64_t first, uint64_t end)
{
    uint64_t count = 0;
    for (uint64_t i = first; i < end; i++) {
        count += model[i];
    }
    return count;
}

// Find the next run of `value` in the model, as dc_ranges_next_run and _next_gap do.
static bool find_in_model(uint64_t from, uint64_t end, bool value, dc_range_t *found)
{
    while (from < end && model[from] != value) {
        from++;
    }
    *found = (dc_range_t){ from, from };
    while (found->end < end && model[found->end] == value) {
        found->end++;
    }
    return found->first < found->end;
}

static void assert_found(bool has, dc_range_t found, bool expected_has, dc_range_t expected)
{
    ck_assert_int_eq(has, expected_has);
    if (!has) return;
    ck_assert_uint_eq(found.first, expected.first);
    ck_assert_uint_eq(found.end, expected.end);
}

static void assert_list_is_sound(void)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < ranges.len; i++) {
        bool is_empty = ranges.list[i].first >= ranges.list[i].end;
        bool touches = i && ranges.list[i - 1].end >= ranges.list[i].first;
        if (is_empty || touches) ck_abort_msg("range %u is not in order", i);
        sum += ranges.list[i].end - ranges.list[i].first;
    }
    ck_assert_uint_eq(ranges.count, sum);
}

static void assert_like_model(dc_rng_t *rng)
{
    assert_list_is_sound();
    uint64_t differing = 0;
    for (uint64_t i = 0; i < INDICES; i++) {
        const dc_range_t *found = dc_ranges_find(&ranges, i);
        bool is_around = found && found->first <= i && i < found->end;
        differing += dc_ranges_has(&ranges, i) != model[i] || is_around != model[i];
    }
    ck_assert_uint_eq(differing, 0);
    uint64_t from = dc_rng_below(rng, INDICES + 1);
    uint64_t end = dc_rng_below(rng, INDICES + 1);
    if (from <= end) {
        ck_assert_uint_eq(dc_ranges_count_in(&ranges, from, end), count_model(from, end));
    }
    dc_range_t found = { 0 };
    dc_range_t expected = { 0 };
    bool has = dc_ranges_next_gap(&ranges, from, end, &found);
    bool expected_has = find_in_model(from, end, false, &expected);
    assert_found(has, found, expected_has, expected);
    has = dc_ranges_next_run(&ranges, from, end, &found);
    expected_has = find_in_model(from, end, true, &expected);
    assert_found(has, found, expected_has, expected);
}

START_TEST(any_sequence_does_what_flags_would)
{
    dc_rng_t rng;
    dc_rng_init(&rng, (uint64_t)_i);

    for (int step = 0; step < 500; step++) {
        uint64_t first = dc_rng_below(&rng, INDICES);
        uint64_t end = first + dc_rng_below(&rng, dc_min_u64(INDICES - first, 12) + 1);
        bool is_added = dc_rng_below(&rng, 2);
        ck_assert(is_added ? dc_ranges_add(&ranges, first, end)
                           : dc_ranges_remove(&ranges, first, end));
        set_model(first, end, is_added);
        assert_like_model(&rng);
    }
}
END_TEST

START_TEST(ranges_that_touch_become_one)
{
    ck_assert(dc_ranges_add(&ranges, 0, 10));
    ck_assert(dc_ranges_add(&ranges, 20, 30));
    ck_assert_uint_eq(ranges.len, 2);
    ck_assert(dc_ranges_add(&ranges, 10, 20));
    ck_assert_uint_eq(ranges.len, 1);
    ck_assert_uint_eq(ranges.count, 30);
}
END_TEST

START_TEST(one_range_that_grows_needs_no_memory)
{
    for (uint64_t i = 0; i < 1000; i++) {
        ck_assert(dc_ranges_add(&ranges, i, i + 1));
    }
    ck_assert_ptr_eq(ranges.list, &ranges.one);
    ck_assert_uint_eq(ranges.count, 1000);
}
END_TEST

START_TEST(indices_may_be_as_large_as_they_get)
{
    dc_range_t gap;

    ck_assert(dc_ranges_add(&ranges, UINT64_MAX - 1, UINT64_MAX));
    ck_assert(dc_ranges_has(&ranges, UINT64_MAX - 1));
    ck_assert(!dc_ranges_next_gap(&ranges, UINT64_MAX - 1, UINT64_MAX, &gap));
    ck_assert(dc_ranges_add(&ranges, 0, UINT64_MAX));
    ck_assert_uint_eq(ranges.count, UINT64_MAX);
}
END_TEST

START_TEST(cleared_is_empty)
{
    ck_assert(dc_ranges_add(&ranges, 0, 1) && dc_ranges_add(&ranges, 2, 3));
    dc_ranges_clear(&ranges);
    ck_assert(!dc_ranges_has(&ranges, 0));
    ck_assert_uint_eq(ranges.count, 0);
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("ranges");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_loop_test(tests, any_sequence_does_what_flags_would, 0, 40);
    tcase_add_test(tests, ranges_that_touch_become_one);
    tcase_add_test(tests, one_range_that_grows_needs_no_memory);
    tcase_add_test(tests, indices_may_be_as_large_as_they_get);
    tcase_add_test(tests, cleared_is_empty);
    Suite *all = suite_create("ranges");
    suite_add_tcase(all, tests);
    return all;
}
