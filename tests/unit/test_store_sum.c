// The sums of rows: no bit of a row changes unseen, and no row stands for another.
#include <stdlib.h>

#include "broker/store/store_sum.h"
#include "common/rng.h"
#include "tests/lib/main.h"

static char sums[DC_STORE_SUMS_MAX];

static dc_store_head_t head_of(uint64_t id, uint64_t count)
{
    const uint64_t numbers[] = { id, count };
    dc_store_head_t head = dc_store_head('i');
    dc_store_head_add(&head, numbers, DC_ARRAY_LEN(numbers));
    return head;
}

START_TEST(no_bit_of_the_data_changes_unseen)
{
    // Of none, of some, to the last byte of a part, one behind it, and more than two parts.
    static const size_t sizes[] = { 1, 100, DC_STORE_SUM_BYTES, DC_STORE_SUM_BYTES + 1, 150000 };
    size_t size = sizes[_i];
    char *data = malloc(size);
    ck_assert_ptr_nonnull(data);
    dc_rng_t rng;
    dc_rng_init(&rng, (uint64_t)_i);
    for (size_t i = 0; i < size; i++) {
        data[i] = (char)dc_rng_u64(&rng);
    }
    dc_store_head_t head = head_of(17, 5);
    dc_str_t found = dc_str(sums, dc_store_sum(&head, dc_str(data, size), sums));
    ck_assert(dc_store_sums_fit(found, &head, size));
    ck_assert(dc_store_sums_check(found, &head, 0, dc_str(data, size)));
    for (int i = 0; i < 200; i++) {
        size_t bit = dc_rng_below(&rng, 8 * size);
        data[bit / 8] = (char)(data[bit / 8] ^ 1 << bit % 8);
        ck_assert(!dc_store_sums_check(found, &head, 0, dc_str(data, size)));
        data[bit / 8] = (char)(data[bit / 8] ^ 1 << bit % 8);
    }
    free(data);
}
END_TEST

START_TEST(a_part_is_checked_by_itself)
{
    static char data[3 * DC_STORE_SUM_BYTES];
    dc_store_head_t head = head_of(17, 5);
    dc_str_t found = dc_str(sums, dc_store_sum(&head, dc_str(data, sizeof data), sums));
    data[DC_STORE_SUM_BYTES + 7] = 1;
    for (uint64_t i = 0; i < 3; i++) {
        uint64_t offset = i * DC_STORE_SUM_BYTES;
        dc_str_t part = dc_str(data + offset, DC_STORE_SUM_BYTES);
        ck_assert_int_eq(dc_store_sums_check(found, &head, offset, part), i != 1);
    }
    // Equal bytes have other sums in another place of the row.
    ck_assert_int_ne(memcmp(sums + 8, sums + 24, 8), 0);
}
END_TEST

START_TEST(a_row_does_not_stand_for_another)
{
    dc_store_head_t head = head_of(17, 5);
    dc_store_head_t others[] = { head_of(18, 5), head_of(17, 6), dc_store_head('r'), head };
    dc_store_head_add_bytes(&others[3], DC_STR(""));
    dc_str_t data = DC_STR("1\n2\n");
    dc_str_t found = dc_str(sums, dc_store_sum(&head, data, sums));
    for (size_t i = 0; i < DC_ARRAY_LEN(others); i++) {
        ck_assert(!dc_store_sums_fit(found, &others[i], data.len));
        ck_assert(!dc_store_sums_check(found, &others[i], 0, data));
    }
    ck_assert(!dc_store_sums_fit(found, &head, DC_STORE_SUM_BYTES + 1));
    ck_assert(!dc_store_sums_fit(dc_str(sums, 4), &head, data.len));
}
END_TEST

Suite *suite(void)
{
    TCase *tcase = tcase_create("sums");
    tcase_add_loop_test(tcase, no_bit_of_the_data_changes_unseen, 0, 5);
    tcase_add_test(tcase, a_part_is_checked_by_itself);
    tcase_add_test(tcase, a_row_does_not_stand_for_another);
    Suite *all = suite_create("store_sum");
    suite_add_tcase(all, tcase);
    return all;
}
