#include <string.h>

#include "broker/core/jobs/pool.h"
#include "tests/lib/main.h"

#define OBJECT_BYTES 40
#define OBJECTS      2000

// Objects are apart from each other and aligned, also across slabs.
START_TEST(objects_do_not_overlap)
{
    static unsigned char *objects[OBJECTS];
    dc_pool_t pool;
    dc_pool_init(&pool, OBJECT_BYTES);
    for (size_t i = 0; i < OBJECTS; i++) {
        objects[i] = dc_pool_take(&pool);
        ck_assert_ptr_nonnull(objects[i]);
        ck_assert_uint_eq((uintptr_t)objects[i] % 16, 0);
        memset(objects[i], (int)(i % 251), OBJECT_BYTES);
    }
    for (size_t i = 0; i < OBJECTS; i++) {
        ck_assert_uint_eq(objects[i][0], i % 251);
        ck_assert_uint_eq(objects[i][OBJECT_BYTES - 1], i % 251);
        dc_pool_give(&pool, objects[i]);
    }
    dc_pool_fini(&pool);
}
END_TEST

// What was given back last is taken first: it is still in the cache.
START_TEST(what_is_given_back_is_taken_again)
{
    dc_pool_t pool;
    dc_pool_init(&pool, OBJECT_BYTES);
    void *first = dc_pool_take(&pool);
    void *second = dc_pool_take(&pool);
    dc_pool_give(&pool, first);
    dc_pool_give(&pool, NULL);
    dc_pool_give(&pool, second);
#ifndef __SANITIZE_ADDRESS__
    ck_assert_ptr_eq(dc_pool_take(&pool), second);
    ck_assert_ptr_eq(dc_pool_take(&pool), first);
    dc_pool_give(&pool, first);
    dc_pool_give(&pool, second);
#endif
    dc_pool_fini(&pool);
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("pool");
    TCase *tests = tcase_create("pool");
    tcase_add_test(tests, objects_do_not_overlap);
    tcase_add_test(tests, what_is_given_back_is_taken_again);
    suite_add_tcase(all, tests);
    return all;
}
