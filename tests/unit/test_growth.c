// A process that touches memory has grown, until that is marked or given back.
#include <string.h>
#include <sys/mman.h>

#include "broker/shell/growth.h"
#include "tests/lib/main.h"

// Far more than what is between two looks at the count for other reasons.
#define LARGE      (64u << 20)
#define NOTEWORTHY (16u << 20)

static dc_growth_t growth;
static char *memory;

static void set_up(void)
{
    dc_growth_init(&growth);
    ck_assert_int_ge(growth.fd, 0);
    memory = mmap(NULL, LARGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(memory, MAP_FAILED);
}

static void tear_down(void)
{
    munmap(memory, LARGE);
    dc_growth_fini(&growth);
}

START_TEST(memory_that_is_used_is_growth_until_it_is_marked)
{
    ck_assert(!dc_growth_is_above(&growth, NOTEWORTHY)); // mapped is not used
    memset(memory, 1, LARGE);
    ck_assert(dc_growth_is_above(&growth, NOTEWORTHY));
    ck_assert(dc_growth_is_above(&growth, NOTEWORTHY)); // to ask changes nothing
    dc_growth_mark(&growth);
    ck_assert(!dc_growth_is_above(&growth, NOTEWORTHY));
}
END_TEST

START_TEST(growth_counts_from_the_least_that_there_was)
{
    memset(memory, 1, LARGE);
    dc_growth_mark(&growth);
    ck_assert_int_eq(madvise(memory, LARGE, MADV_DONTNEED), 0);
    ck_assert(!dc_growth_is_above(&growth, NOTEWORTHY));
    memset(memory, 1, LARGE);
    ck_assert(dc_growth_is_above(&growth, NOTEWORTHY));
}
END_TEST

START_TEST(who_cannot_know_takes_it_for_growth)
{
    dc_growth_fini(&growth);
    dc_growth_mark(&growth);
    ck_assert(dc_growth_is_above(&growth, UINT64_MAX));
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("growth");
    TCase *tcase = tcase_create("growth");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, memory_that_is_used_is_growth_until_it_is_marked);
    tcase_add_test(tcase, growth_counts_from_the_least_that_there_was);
    tcase_add_test(tcase, who_cannot_know_takes_it_for_growth);
    suite_add_tcase(all, tcase);
    return all;
}
