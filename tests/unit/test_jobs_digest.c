// What jobs add up to: the same for the same jobs, however they are cut, and else not.
#include "common/jobs_digest.h"

#include "tests/lib/main.h"

static uint64_t of_lines(uint64_t first, const char *lines)
{
    return dc_jobs_digest(first, dc_str_from(lines), 0, false);
}

START_TEST(it_does_not_matter_how_jobs_are_cut_into_chunks)
{
    uint64_t all = of_lines(7, "1+1\n\n22\n3\n");
    ck_assert_uint_ne(all, 0);
    ck_assert_uint_eq(all, of_lines(7, "1+1\n\n22\n3"));
    ck_assert_uint_eq(all, of_lines(9, "22\n3\n") + of_lines(7, "1+1\n\n"));
    ck_assert_uint_eq(of_lines(3, ""), 0);
    uint64_t columns = dc_jobs_digest(2, DC_STR("aaaa\nbbbcccc"), 4, false);
    ck_assert_uint_eq(columns, dc_jobs_digest(3, DC_STR("\nbbbcccc"), 4, false) +
                                   dc_jobs_digest(2, DC_STR("aaaa"), 4, false));
    uint64_t record = dc_jobs_digest(0, DC_STR("a\nb\n"), 0, true);
    ck_assert_uint_eq(record, dc_jobs_digest(0, DC_STR("a\nb"), 0, true));
    ck_assert_uint_ne(record, of_lines(0, "a\nb\n"));
}
END_TEST

static const struct {
    uint64_t first;
    const char *lines;
} others[] = {
    { 1, "1\n2\n3\n" },  // elsewhere
    { 0, "1\n3\n2\n" },  // in another order
    { 0, "1\n2\n4\n" },  // another job
    { 0, "1\n2\n3 \n" }, // another space
    { 0, "1\n2\n" },     // fewer
    { 0, "1\n2\n3\n\n" } // one more, and be it empty
};

START_TEST(other_jobs_have_another)
{
    ck_assert_uint_ne(of_lines(others[_i].first, others[_i].lines), of_lines(0, "1\n2\n3\n"));
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("jobs_digest");
    TCase *tcase = tcase_create("jobs_digest");
    tcase_add_test(tcase, it_does_not_matter_how_jobs_are_cut_into_chunks);
    tcase_add_loop_test(tcase, other_jobs_have_another, 0, (int)DC_ARRAY_LEN(others));
    suite_add_tcase(all, tcase);
    return all;
}
