// Durations, sizes and counts as people write them.
#include "common/quantity.h"
#include "tests/lib/main.h"

static const struct {
    const char *text;
    uint64_t ms;
} durations[] = {
    { "0", 0 },           { "500ms", 500 },           { "30s", 30000 },
    { "1.5s", 1500 },     { "5m", 300000 },           { "2h", 7200000 },
    { "1h30m", 5400000 }, { "1m30s500ms", 90500 },    { "1d", 86400000 },
    { "1_000ms", 1000 },  { "inf", DC_DURATION_INF }, { "9007199254740992ms", INT64_C(1) << 53 },
};

START_TEST(durations_are_read)
{
    uint64_t ms = 1;
    ck_assert(dc_duration_read(durations[_i].text, &ms));
    ck_assert_uint_eq(ms, durations[_i].ms);
}
END_TEST

static const char *const no_durations[] = {
    "",
    "30",
    "s",
    "1x",
    "-5s",
    "1s1s",
    "30m1h",
    "1h ",
    " 1h",
    "1.s",
    "1_s",
    "1e3s",
    "infinite",
    "99999999999999999999d",
    "9007199254740994ms",
};

START_TEST(what_is_no_duration_is_refused)
{
    uint64_t ms = 42;
    ck_assert(!dc_duration_read(no_durations[_i], &ms));
    ck_assert_uint_eq(ms, 42);
}
END_TEST

static const struct {
    const char *text;
    uint64_t bytes;
} sizes[] = {
    { "0", 0 },        { "4096", 4096 },   { "64k", 65536 },        { "64K", 65536 },
    { "64kB", 65536 }, { "64KiB", 65536 }, { "10M", 10485760 },     { "1.5G", 1610612736 },
    { "100B", 100 },   { "1_000", 1000 },  { "2T", 2199023255552 }, { "8192T", INT64_C(1) << 53 },
};

START_TEST(sizes_are_read)
{
    uint64_t bytes = 1;
    ck_assert(dc_size_read(sizes[_i].text, &bytes));
    ck_assert_uint_eq(bytes, sizes[_i].bytes);
}
END_TEST

static const char *const no_sizes[] = { "",   "k",   "-1",    "64kk", "64kib",
                                        "1m", "1e6", "1,000", "8193T" };

START_TEST(what_is_no_size_is_refused)
{
    uint64_t bytes = 42;
    ck_assert(!dc_size_read(no_sizes[_i], &bytes));
    ck_assert_uint_eq(bytes, 42);
}
END_TEST

static const struct {
    const char *text;
    int64_t count;
} counts[] = {
    { "0", 0 },        { "-5", -5 },
    { "8", 8 },        { "1e6", 1000000 },
    { "1.5e3", 1500 }, { "1_000_000", 1000000 },
    { "64k", 64000 },  { "10M", 10000000 },
    { "2.5k", 2500 },  { "9007199254740992", INT64_C(1) << 53 },
};

START_TEST(counts_are_read)
{
    int64_t count = 1;
    ck_assert(dc_count_read(counts[_i].text, &count));
    ck_assert_int_eq(count, counts[_i].count);
}
END_TEST

static const char *const no_counts[] = {
    "", "-", "--5", "1.5", "1e", "1e-3", "e6", "1__0", "_1", "1_", "9007199254740994", "1e99", "3x",
};

START_TEST(what_is_no_count_is_refused)
{
    int64_t count = 42;
    ck_assert(!dc_count_read(no_counts[_i], &count));
    ck_assert_int_eq(count, 42);
}
END_TEST

static const char *const printed_durations[] = {
    "0", "inf", "500ms", "30s", "1h30m", "1d", "1m30s"
};

START_TEST(durations_are_printed_as_they_are_read)
{
    char text[DC_QUANTITY_TEXT_MAX];
    uint64_t ms;
    ck_assert(dc_duration_read(printed_durations[_i], &ms));
    dc_duration_print(ms, text);
    ck_assert_str_eq(text, printed_durations[_i]);
}
END_TEST

static const char *const printed_sizes[] = { "0", "64k", "1000", "3G", "1025" };

START_TEST(sizes_are_printed_as_they_are_read)
{
    char text[DC_QUANTITY_TEXT_MAX];
    uint64_t bytes;
    ck_assert(dc_size_read(printed_sizes[_i], &bytes));
    dc_size_print(bytes, text);
    ck_assert_str_eq(text, printed_sizes[_i]);
}
END_TEST

static const struct {
    uint64_t count;
    const char *text;
} printed_counts[] = {
    { 0, "0" },
    { 999, "999" },
    { 3000, "3,000" },
    { 1234567, "1,234,567" },
    { UINT64_MAX, "18,446,744,073,709,551,615" },
};

START_TEST(counts_are_printed_in_groups)
{
    char text[DC_QUANTITY_TEXT_MAX];
    dc_count_print(printed_counts[_i].count, text);
    ck_assert_str_eq(text, printed_counts[_i].text);
}
END_TEST

static const struct {
    uint64_t ms;
    const char *text;
} printed_waits[] = {
    { 0, "0.1 s" }, // what is waited for is not there yet
    { 1, "0.1 s" },    { 100, "0.1 s" },    { 101, "0.2 s" },
    { 2000, "2.0 s" }, { 59999, "60.0 s" }, { UINT64_MAX, "18446744073709551.7 s" },
};

START_TEST(waits_are_printed_to_the_tenth_behind_them)
{
    char text[DC_QUANTITY_TEXT_MAX];
    dc_wait_print(printed_waits[_i].ms, text);
    ck_assert_str_eq(text, printed_waits[_i].text);
}
END_TEST

Suite *suite(void)
{
    TCase *tests = tcase_create("quantity");
    tcase_add_loop_test(tests, durations_are_read, 0, DC_ARRAY_LEN(durations));
    tcase_add_loop_test(tests, what_is_no_duration_is_refused, 0, DC_ARRAY_LEN(no_durations));
    tcase_add_loop_test(tests, sizes_are_read, 0, DC_ARRAY_LEN(sizes));
    tcase_add_loop_test(tests, what_is_no_size_is_refused, 0, DC_ARRAY_LEN(no_sizes));
    tcase_add_loop_test(tests, counts_are_read, 0, DC_ARRAY_LEN(counts));
    tcase_add_loop_test(tests, what_is_no_count_is_refused, 0, DC_ARRAY_LEN(no_counts));
    tcase_add_loop_test(tests, durations_are_printed_as_they_are_read, 0,
                        DC_ARRAY_LEN(printed_durations));
    tcase_add_loop_test(tests, sizes_are_printed_as_they_are_read, 0, DC_ARRAY_LEN(printed_sizes));
    tcase_add_loop_test(tests, counts_are_printed_in_groups, 0, DC_ARRAY_LEN(printed_counts));
    tcase_add_loop_test(tests, waits_are_printed_to_the_tenth_behind_them, 0,
                        DC_ARRAY_LEN(printed_waits));
    Suite *all = suite_create("quantity");
    suite_add_tcase(all, tests);
    return all;
}
