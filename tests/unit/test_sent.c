// The chunks that were sent: found by their jobs, freed in any order.
#include "client/sent.h"
#include "common/limits.h"
#include "tests/lib/main.h"

static dc_sent_t sent;

static void begin(void)
{
    dc_sent_init(&sent);
}

static void end(void)
{
    dc_sent_fini(&sent);
}

static dc_sent_chunk_t *push(const char *lines, uint32_t jobs)
{
    dc_slice_t data = { .bytes = dc_str_from(lines) };
    dcalc_chunk_t chunk = { .size = data.bytes.len, .jobs = jobs };
    dc_sent_chunk_t *pushed = dc_sent_push(&sent, &chunk, &data);
    ck_assert_ptr_nonnull(pushed);
    return pushed;
}

START_TEST(a_chunk_is_found_by_any_of_its_jobs)
{
    dc_sent_chunk_t *a = push("1\n2\n", 2);
    dc_sent_chunk_t *b = push("3\n", 1);
    dc_sent_chunk_t *c = push("4\n5\n6\n", 3);
    dc_sent_chunk_t *expected[] = { a, a, b, c, c, c, NULL };
    for (size_t i = 0; i < DC_ARRAY_LEN(expected); i++) {
        ck_assert_ptr_eq(dc_sent_find(&sent, i), expected[i]);
        ck_assert_ptr_eq(dc_sent_next(&sent, i), expected[i]);
    }
    dc_sent_remove(&sent, b);
    ck_assert_ptr_null(dc_sent_find(&sent, 2));
    ck_assert_ptr_eq(dc_sent_next(&sent, 2), c);
    dc_sent_remove(&sent, a);
    ck_assert_ptr_null(dc_sent_find(&sent, 0));
    ck_assert_ptr_eq(dc_sent_next(&sent, 0), c);
    dc_sent_remove(&sent, c);
    ck_assert_ptr_null(dc_sent_next(&sent, 0));
    ck_assert_uint_eq(sent.bytes, 0);
    ck_assert_uint_eq(push("7\n", 1)->chunk.first, 6); // jobs count on
}
END_TEST

// One slow job at the front must not hold the memory of what comes behind it.
START_TEST(chunks_behind_an_open_one_leave_nothing)
{
    dc_sent_chunk_t *slow = push("slow\n", 1);
    for (size_t i = 0; i < 100000; i++) {
        dc_sent_remove(&sent, push("1\n", 1));
    }
    ck_assert_uint_eq(sent.open_count, 1);
    ck_assert_uint_eq(sent.bytes, 5 + DC_CHUNK_COST_BYTES);
    ck_assert_uint_le(sent.capacity, 64);
    ck_assert_ptr_eq(dc_sent_find(&sent, 0), slow);
    ck_assert_ptr_null(dc_sent_find(&sent, 50000));
}
END_TEST

START_TEST(parts_are_cut_at_lines_or_widths)
{
    dc_sent_chunk_t *lines = push("1\n22\n\n4444", 4);
    dc_slice_t part = dc_sent_part(lines, 1, 3);
    ck_assert(dc_str_eq(part.bytes, DC_STR("22\n\n")));
    ck_assert_ptr_eq(part.blob, lines->data.blob);
    ck_assert(dc_str_eq(dc_sent_part(lines, 3, 4).bytes, DC_STR("4444")));
    ck_assert(dc_str_eq(dc_sent_part(lines, 0, 4).bytes, DC_STR("1\n22\n\n4444")));
    dc_slice_t data = { .bytes = DC_STR("aabbcc") };
    dcalc_chunk_t chunk = { .size = 6, .jobs = 3, .width = 2 };
    dc_sent_chunk_t *widths = dc_sent_push(&sent, &chunk, &data);
    ck_assert(dc_str_eq(dc_sent_part(widths, 5, 6).bytes, DC_STR("bb")));
}
END_TEST

START_TEST(the_newest_can_be_taken_back)
{
    push("1\n", 1);
    push("2\n", 1);
    dc_sent_pop(&sent);
    ck_assert_uint_eq(sent.jobs, 1);
    ck_assert_ptr_null(dc_sent_find(&sent, 1));
    ck_assert_uint_eq(push("3\n", 1)->chunk.first, 1);
}
END_TEST

Suite *suite(void)
{
    Suite *suite = suite_create("sent");
    TCase *tcase = tcase_create("sent");
    tcase_add_checked_fixture(tcase, begin, end);
    tcase_add_test(tcase, a_chunk_is_found_by_any_of_its_jobs);
    tcase_add_test(tcase, chunks_behind_an_open_one_leave_nothing);
    tcase_add_test(tcase, parts_are_cut_at_lines_or_widths);
    tcase_add_test(tcase, the_newest_can_be_taken_back);
    suite_add_tcase(suite, tcase);
    return suite;
}
