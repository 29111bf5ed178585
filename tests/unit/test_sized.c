// Structs of options that were made with an earlier or a later dcalc.h than the library's.
#include "client/sized.h"
#include "tests/lib/main.h"

// What the struct was at first, what it is, and what it will be.
typedef struct first {
    size_t size;
    int red;
    int pad;
} first_t;

typedef struct present {
    size_t size;
    int red;
    int pad;
    uint64_t green;
} present_t;

typedef struct later {
    size_t size;
    int red;
    int pad;
    uint64_t green;
    uint64_t blue;
} later_t;

static present_t to;

static void begin(void)
{
    to = (present_t){ .red = 1, .green = 2 };
}

static bool read_from(const void *from)
{
    return dc_sized_read(&to, sizeof to, from, sizeof(first_t));
}

START_TEST(what_is_equal_is_taken)
{
    ck_assert(read_from(&(present_t){ .size = sizeof(present_t), .red = 7, .green = 8 }));
    ck_assert_int_eq(to.red, 7);
    ck_assert_uint_eq(to.green, 8);
}
END_TEST

START_TEST(what_an_earlier_one_lacks_keeps_its_default)
{
    ck_assert(read_from(&(first_t){ .size = sizeof(first_t), .red = 7 }));
    ck_assert_int_eq(to.red, 7);
    ck_assert_uint_eq(to.green, 2);
}
END_TEST

START_TEST(no_size_is_the_first_one)
{
    ck_assert(read_from(&(first_t){ .red = 7 }));
    ck_assert_int_eq(to.red, 7);
    ck_assert_uint_eq(to.green, 2);
}
END_TEST

START_TEST(a_later_one_that_wants_nothing_new_is_taken)
{
    ck_assert(read_from(&(later_t){ .size = sizeof(later_t), .red = 7, .green = 8 }));
    ck_assert_uint_eq(to.green, 8);
}
END_TEST

// It would take a batch for what it is not.
START_TEST(a_later_one_that_wants_something_new_is_refused)
{
    ck_assert(!read_from(&(later_t){ .size = sizeof(later_t), .red = 7, .blue = 9 }));
    ck_assert_int_eq(to.red, 1);
}
END_TEST

START_TEST(what_is_too_short_is_refused)
{
    ck_assert(!read_from(&(first_t){ .size = sizeof(size_t), .red = 7 }));
    ck_assert_int_eq(to.red, 1);
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("sized");
    tcase_add_checked_fixture(tests, begin, NULL);
    tcase_add_test(tests, what_is_equal_is_taken);
    tcase_add_test(tests, what_an_earlier_one_lacks_keeps_its_default);
    tcase_add_test(tests, no_size_is_the_first_one);
    tcase_add_test(tests, a_later_one_that_wants_nothing_new_is_taken);
    tcase_add_test(tests, a_later_one_that_wants_something_new_is_refused);
    tcase_add_test(tests, what_is_too_short_is_refused);
    Suite *all = suite_create("sized");
    suite_add_tcase(all, tests);
    return all;
}
