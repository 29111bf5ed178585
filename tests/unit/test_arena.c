// Arenas: what they hand out, what their limit means, and that they keep their memory.
#include "common/arena.h"

#include <stdint.h>
#include <string.h>

#include "tests/lib/main.h"

#define LIMIT_BYTES 65536

static dc_arena_t arena;

static void set_up(void)
{
    dc_arena_init(&arena, LIMIT_BYTES);
}

static void tear_down(void)
{
    dc_arena_fini(&arena);
}

START_TEST(an_empty_arena_holds_nothing)
{
    ck_assert_uint_eq(arena.bytes_held, 0);
    dc_arena_reset(&arena);
    ck_assert_uint_eq(arena.bytes_held, 0);
}
END_TEST

START_TEST(allocations_are_aligned_and_apart)
{
    unsigned char *rooms[64];
    for (size_t i = 0; i < DC_ARRAY_LEN(rooms); i++) {
        rooms[i] = dc_arena_alloc(&arena, i + 1, 1);
        ck_assert_ptr_nonnull(rooms[i]);
        ck_assert_uint_eq((uintptr_t)rooms[i] % 16, 0);
        memset(rooms[i], (int)i, i + 1);
    }
    for (size_t i = 0; i < DC_ARRAY_LEN(rooms); i++) {
        for (size_t j = 0; j <= i; j++) {
            ck_assert_uint_eq(rooms[i][j], i);
        }
    }
}
END_TEST

START_TEST(all_of_the_limit_can_be_had)
{
    char *room = dc_arena_alloc(&arena, LIMIT_BYTES, 1);
    ck_assert_ptr_nonnull(room);
    memset(room, 1, LIMIT_BYTES);
    ck_assert_uint_eq(arena.bytes_held, LIMIT_BYTES);
    ck_assert_ptr_null(dc_arena_alloc(&arena, 1, 1));
}
END_TEST

START_TEST(no_more_than_the_limit_is_held)
{
    size_t bytes_had = 0;
    while (dc_arena_alloc(&arena, 1, 1000)) {
        bytes_had += 1000;
        ck_assert_uint_le(arena.bytes_held, LIMIT_BYTES);
    }
    // What is lost at the ends of blocks is a minor part.
    ck_assert_uint_ge(bytes_had, LIMIT_BYTES * 3 / 4);
}
END_TEST

// A refused allocation is no reason to refuse the next, smaller one.
START_TEST(a_refusal_changes_nothing)
{
    char *first = dc_arena_alloc(&arena, 16, 1);
    ck_assert_ptr_null(dc_arena_alloc(&arena, LIMIT_BYTES, 1));
    char *second = dc_arena_alloc(&arena, 16, 1);
    ck_assert_ptr_eq(second, first + 16);
}
END_TEST

START_TEST(a_product_that_overflows_is_refused)
{
    ck_assert_ptr_null(dc_arena_alloc(&arena, SIZE_MAX, 2));
    ck_assert_ptr_null(dc_arena_alloc(&arena, SIZE_MAX / 2 + 1, 2));
    ck_assert_ptr_null(dc_arena_alloc(&arena, SIZE_MAX, 1));
    ck_assert_uint_eq(arena.bytes_held, 0);
}
END_TEST

static void allocate_a_round(void)
{
    for (size_t i = 1; i <= 100; i++) {
        ck_assert_ptr_nonnull(dc_arena_alloc(&arena, i, 4));
    }
}

// A loop that resets its arena must not allocate once it has warmed up.
START_TEST(reset_keeps_the_memory_and_uses_it_again)
{
    char *first = dc_arena_alloc(&arena, 1, 16);
    dc_arena_reset(&arena);
    allocate_a_round();
    size_t bytes_warm = arena.bytes_held;

    for (int round = 0; round < 100; round++) {
        dc_arena_reset(&arena);
        ck_assert_ptr_eq(dc_arena_alloc(&arena, 1, 16), first);
        dc_arena_reset(&arena);
        allocate_a_round();
        ck_assert_uint_eq(arena.bytes_held, bytes_warm);
    }
}
END_TEST

// Across blocks, and from a place before the first of them.
START_TEST(rewind_forgets_what_came_behind)
{
    dc_arena_mark_t empty = dc_arena_mark(&arena);
    char *first = dc_arena_alloc(&arena, 100, 1);
    dc_arena_mark_t mark = dc_arena_mark(&arena);
    char *second = dc_arena_alloc(&arena, 100, 1);
    dc_arena_rewind(&arena, mark);
    ck_assert_ptr_eq(dc_arena_alloc(&arena, 100, 1), second);
    dc_arena_rewind(&arena, mark);
    while (dc_arena_alloc(&arena, 1000, 1)) {
    }
    size_t bytes_full = arena.bytes_held;
    dc_arena_rewind(&arena, mark);
    ck_assert_ptr_eq(dc_arena_alloc(&arena, 100, 1), second);
    dc_arena_rewind(&arena, empty);
    ck_assert_ptr_eq(dc_arena_alloc(&arena, 100, 1), first);
    ck_assert_uint_eq(arena.bytes_held, bytes_full);
}
END_TEST

START_TEST(a_freed_arena_can_be_used_again)
{
    allocate_a_round();
    dc_arena_fini(&arena);
    ck_assert_uint_eq(arena.bytes_held, 0);
    ck_assert_ptr_nonnull(dc_arena_alloc(&arena, LIMIT_BYTES, 1));
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("arena");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, an_empty_arena_holds_nothing);
    tcase_add_test(tests, allocations_are_aligned_and_apart);
    tcase_add_test(tests, all_of_the_limit_can_be_had);
    tcase_add_test(tests, no_more_than_the_limit_is_held);
    tcase_add_test(tests, a_refusal_changes_nothing);
    tcase_add_test(tests, a_product_that_overflows_is_refused);
    tcase_add_test(tests, reset_keeps_the_memory_and_uses_it_again);
    tcase_add_test(tests, rewind_forgets_what_came_behind);
    tcase_add_test(tests, a_freed_arena_can_be_used_again);
    Suite *all = suite_create("arena");
    suite_add_tcase(all, tests);
    return all;
}
