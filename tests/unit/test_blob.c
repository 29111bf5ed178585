// Shared bytes: who holds a reference keeps them, the last one frees them.
#include "common/blob.h"
#include "tests/lib/main.h"

static int freed;

static void count_free(dc_blob_t *self)
{
    (void)self;
    freed++;
}

START_TEST(the_last_release_frees)
{
    dc_blob_t blob;
    freed = 0;
    dc_blob_init(&blob, "abc", 3, count_free);
    dc_blob_t *first = &blob;
    dc_blob_t *second = dc_blob_retain(first);

    dc_blob_release(&first);
    ck_assert_ptr_null(first);
    ck_assert_int_eq(freed, 0);
    dc_blob_release(&second);
    ck_assert_int_eq(freed, 1);
}
END_TEST

START_TEST(null_may_be_retained_and_released)
{
    dc_blob_t *none = dc_blob_retain(NULL);

    ck_assert_ptr_null(none);
    dc_blob_release(&none);
}
END_TEST

START_TEST(a_kept_slice_of_a_blob_shares_it)
{
    dc_blob_t *blob = dc_blob_new(DC_STR("0123456789"));
    dc_slice_t whole = { blob, { blob->data, blob->len } };
    dc_slice_t part = dc_slice_part(whole, 2, 3);
    dc_slice_t kept;

    ck_assert(dc_slice_keep(&part, &kept));
    dc_blob_release(&blob);
    ck_assert(dc_str_eq(kept.bytes, DC_STR("234")));
    ck_assert_ptr_eq(kept.bytes.data, part.bytes.data);
    dc_slice_drop(&kept);
    ck_assert_ptr_null(kept.blob);
    ck_assert_uint_eq(kept.bytes.len, 0);
}
END_TEST

START_TEST(a_kept_slice_of_borrowed_bytes_is_a_copy)
{
    char bytes[] = "abc";
    dc_slice_t borrowed = { NULL, { bytes, 3 } };
    dc_slice_t kept;

    ck_assert(dc_slice_keep(&borrowed, &kept));
    bytes[0] = 'x';
    ck_assert(dc_str_eq(kept.bytes, DC_STR("abc")));
    dc_slice_drop(&kept);
}
END_TEST

// Nothing to keep needs no memory, and holds no buffer because of its address.
START_TEST(a_kept_empty_slice_holds_nothing)
{
    dc_blob_t *blob = dc_blob_new(DC_STR("abc"));
    dc_slice_t empty = { blob, { blob->data, 0 } };
    dc_slice_t kept;

    ck_assert(dc_slice_keep(&empty, &kept));
    ck_assert_ptr_null(kept.blob);
    ck_assert_uint_eq(atomic_load(&blob->refs), 1);
    dc_blob_release(&blob);
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("blob");
    tcase_add_test(tests, the_last_release_frees);
    tcase_add_test(tests, null_may_be_retained_and_released);
    tcase_add_test(tests, a_kept_slice_of_a_blob_shares_it);
    tcase_add_test(tests, a_kept_slice_of_borrowed_bytes_is_a_copy);
    tcase_add_test(tests, a_kept_empty_slice_holds_nothing);
    Suite *all = suite_create("blob");
    suite_add_tcase(all, tests);
    return all;
}
