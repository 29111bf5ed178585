// Exact sums: the nearest double, whatever the order and the split, and as a text that travels.
#include "common/expr/exact.h"

#include <float.h>
#include <math.h>
#include <mpfr.h>
#include <stdlib.h>

#include "common/expr/double_bits.h"
#include "common/rng.h"
#include "tests/lib/main.h"

// Equal to the bit; all NaNs are the same.
static void assert_same(double actual, double expected)
{
    bool is_same =
        isnan(expected) ? isnan(actual) : dc_double_bits(actual) == dc_double_bits(expected);
    ck_assert_msg(is_same, "%a is not %a", actual, expected);
}

static double sum_of(const double *x, size_t count)
{
    dc_exact_t sum;
    dc_exact_init(&sum);
    dc_exact_add_many(&sum, x, count);
    return dc_exact_round(&sum);
}

// --- values ------------------------------------------------------------------------------------

#define TERMS_MAX 6

static const struct {
    double terms[TERMS_MAX]; // the others are 0
    double value;
} values[] = {
    { { 0 }, 0 },
    { { 0.1, 0.2, 0.3 }, 0.6 }, // one after another they make 0.6000000000000001
    { { 1e308, 1, -1e308 }, 1 },
    { { 1, 0x1p-53 }, 1 }, // a tie goes to the even one
    { { 1, 0x1p-53, 0x1p-1074 }, 1 + DBL_EPSILON },
    { { 1, 0x1p-53, -0x1p-1074 }, 1 },
    { { 1 + DBL_EPSILON, 0x1p-53 }, 1 + 2 * DBL_EPSILON },
    { { -1, -0x1p-53, -0x1p-1074 }, -1 - DBL_EPSILON },
    { { 0x1p-1074 }, 0x1p-1074 },
    { { DBL_MIN, -0x1p-1074 }, DBL_MIN - 0x1p-1074 },
    { { 0x1p-1022, 0x1p-1022, 0x1p-1074 }, 0x1p-1021 },
    { { DBL_MAX, DBL_MAX, -DBL_MAX }, DBL_MAX }, // no overflow on the way
    { { DBL_MAX, 0x1p969 }, DBL_MAX },
    { { DBL_MAX, 0x1p970, -0x1p-1074 }, DBL_MAX },
    { { DBL_MAX, 0x1p970 }, INFINITY }, // as IEEE 754 rounds it
    { { -DBL_MAX, -DBL_MAX }, -INFINITY },
    { { 1, -1 }, 0 },
    { { -0.0, -0.0, -0.0, -0.0, -0.0, -0.0 }, 0 },
    { { INFINITY, -1e308 }, INFINITY },
    { { 1, -INFINITY }, -INFINITY },
    { { INFINITY, INFINITY }, INFINITY },
    { { INFINITY, -INFINITY }, NAN },
    { { 1, NAN }, NAN },
    { { INFINITY, NAN }, NAN },
};

START_TEST(sum_has_this_value)
{
    assert_same(sum_of(values[_i].terms, TERMS_MAX), values[_i].value);
}
END_TEST

START_TEST(sum_of_nothing_is_zero)
{
    assert_same(sum_of(NULL, 0), 0);
}
END_TEST

// --- against a number that is wide enough ------------------------------------------------------

// What the sum must be, by MPFR with as many bits as the terms can fill.
static double sum_by_mpfr(const double *x, size_t count)
{
    mpfr_t sum;
    mpfr_init2(sum, 2300);
    mpfr_set_zero(sum, 1);
    for (size_t i = 0; i < count; i++) {
        mpfr_add_d(sum, sum, x[i], MPFR_RNDN);
    }
    double value = mpfr_get_d(sum, MPFR_RNDN);
    mpfr_clear(sum);
    return value;
}

// Terms whose exponents are from `low` to below `high` (of the 2047 there are), 0 or less being
// numbers below the normal ones.
static void fill(dc_rng_t *rng, double *x, size_t count, int low, int high)
{
    for (size_t i = 0; i < count; i++) {
        int exponent = low + (int)dc_rng_below(rng, (uint64_t)(high - low));
        uint64_t random = dc_rng_u64(rng);
        uint64_t significand = random & ((UINT64_C(1) << 52) - 1);
        if (exponent < 0) significand >>= -exponent;
        x[i] = dc_double_of_bits((random >> 63) << 63 |
                                 (uint64_t)(exponent > 0 ? exponent : 0) << 52 | significand);
    }
}

// Which exponents terms have: wild, close, at either end, over just one or two times what one step
// of summing many can hold.
static const struct {
    int low, high;
} spreads[] = {
    { -52, 2047 },  { 1000, 1060 }, { 1023, 1024 }, { -52, 1 }, { -52, 80 },
    { 2046, 2047 }, { 2000, 2047 }, { 2030, 2044 }, { 60, 70 }, { 1000, 1049 },
    { 1000, 1052 }, { 1000, 1110 }, { 1000, 1300 },
};

#define COUNT_MAX 2000

START_TEST(random_terms_have_the_sum_of_mpfr)
{
    dc_rng_t rng;
    dc_rng_init(&rng, 40 + (uint64_t)_i);
    static double x[COUNT_MAX];
    for (int round = 0; round < 300; round++) {
        size_t count = 1 + dc_rng_below(&rng, round % 8 ? 300 : COUNT_MAX);
        fill(&rng, x, count, spreads[_i].low, spreads[_i].high);
        // Take half of it away again, so that what is left is small.
        for (size_t i = 1; round % 3 == 0 && i < count; i += 2) {
            x[i] = -x[i - 1];
        }
        for (size_t i = 0; round % 4 == 1 && i < count; i += 3) {
            x[i] = 0;
        }
        assert_same(sum_of(x, count), sum_by_mpfr(x, count));
    }
}
END_TEST

// --- order and split do not matter -------------------------------------------------------------

static void assert_equal_sums(const dc_exact_t *a, const dc_exact_t *b)
{
    dc_buf_t text_a = { .len = 0 };
    dc_buf_t text_b = { .len = 0 };
    dc_exact_put(a, &text_a);
    dc_exact_put(b, &text_b);
    ck_assert(dc_str_eq(dc_buf_str(&text_a), dc_buf_str(&text_b)));
    dc_buf_fini(&text_a);
    dc_buf_fini(&text_b);
    assert_same(dc_exact_round(a), dc_exact_round(b));
}

// Add x[first], x[first + 1], ... to a sum of their own, and that to `sum`.
static void merge_part(dc_exact_t *sum, const double *x, size_t count)
{
    dc_exact_t part;
    dc_exact_init(&part);
    dc_exact_add_many(&part, x, count);
    dc_exact_merge(sum, &part);
}

START_TEST(any_split_has_the_same_sum)
{
    dc_rng_t rng;
    dc_rng_init(&rng, 60 + (uint64_t)_i);
    static double x[COUNT_MAX];
    fill(&rng, x, COUNT_MAX, spreads[_i].low, spreads[_i].high);
    dc_exact_t one_by_one;
    dc_exact_init(&one_by_one);
    for (size_t i = COUNT_MAX; i-- > 0;) {
        dc_exact_add(&one_by_one, x[i]);
    }
    for (int round = 0; round < 100; round++) {
        dc_exact_t merged;
        dc_exact_init(&merged);
        for (size_t first = 0; first < COUNT_MAX;) {
            size_t count = 1 + dc_rng_below(&rng, 600);
            if (count > COUNT_MAX - first) count = COUNT_MAX - first;
            merge_part(&merged, x + first, count);
            first += count;
        }
        assert_equal_sums(&merged, &one_by_one);
    }
}
END_TEST

// More additions than digits take without being put in order: none of them may grow without end.
START_TEST(digits_stay_small_however_many_terms_there_are)
{
    dc_exact_t sum;
    dc_exact_init(&sum);
    for (int i = 0; i < 1 << 22; i++) {
        dc_exact_add(&sum, -1.5);
    }
    for (size_t i = 0; i < DC_EXACT_DIGITS; i++) {
        ck_assert_int_le(llabs(sum.digits[i]), INT64_C(1) << 53);
    }
    assert_same(dc_exact_round(&sum), -0x1.8p22);
}
END_TEST

START_TEST(sums_of_the_largest_numbers_come_back)
{
    dc_exact_t sum;
    dc_exact_t doubled;
    dc_exact_init(&sum);
    dc_exact_add(&sum, -DBL_MAX);
    for (int i = 0; i < 53; i++) {
        doubled = sum;
        dc_exact_merge(&sum, &doubled);
    }
    dc_exact_t lowest = sum;
    assert_same(dc_exact_round(&sum), -INFINITY);
    dc_exact_init(&doubled);
    dc_exact_add(&doubled, DBL_MAX);
    for (int i = 0; i < 53; i++) {
        sum = doubled;
        dc_exact_merge(&doubled, &sum);
    }
    dc_exact_merge(&lowest, &doubled);
    dc_exact_add(&lowest, 0x1p-1074);
    assert_same(dc_exact_round(&lowest), 0x1p-1074);
}
END_TEST

// --- as text -----------------------------------------------------------------------------------

static const struct {
    double terms[TERMS_MAX];
    const char *text;
} texts[] = {
    { { 0 }, "0" },
    { { 0x1p-1074 }, "1" },
    { { -0x1p-1074, -0x1p-1074 }, "-2" },
    { { 1 }, "40000@33" },
    { { -0x1p-1042 }, "-1@1" },
    { { 1, 0x1p-32 }, "4000000040000@32" },
    { { INFINITY }, "0p" },
    { { 1, INFINITY, -INFINITY, NAN }, "40000@33pmn" },
};

START_TEST(sum_has_this_text)
{
    dc_exact_t sum;
    dc_exact_init(&sum);
    dc_exact_add_many(&sum, texts[_i].terms, TERMS_MAX);
    dc_buf_t text = { .len = 0 };
    dc_exact_put(&sum, &text);
    dc_buf_append_char(&text, '\0');
    ck_assert_str_eq(text.data, texts[_i].text);
    dc_buf_fini(&text);
}
END_TEST

START_TEST(text_gives_the_sum_back)
{
    dc_rng_t rng;
    dc_rng_init(&rng, 80 + (uint64_t)_i);
    static double x[COUNT_MAX];
    for (int round = 0; round < 200; round++) {
        size_t count = dc_rng_below(&rng, 100);
        fill(&rng, x, count, spreads[_i].low, spreads[_i].high);
        dc_exact_t sum;
        dc_exact_init(&sum);
        dc_exact_add_many(&sum, x, count);
        if (round % 3 == 0) dc_exact_add(&sum, round % 2 ? NAN : -INFINITY);
        dc_buf_t text = { .len = 0 };
        dc_exact_put(&sum, &text);
        ck_assert_uint_le(text.len, DC_EXACT_TEXT_MAX);
        dc_exact_t back;
        ck_assert(dc_exact_get(&back, dc_buf_str(&text)));
        assert_equal_sums(&back, &sum);
        dc_exact_add(&back, 1);
        dc_exact_add(&sum, 1);
        assert_equal_sums(&back, &sum);
        dc_buf_fini(&text);
    }
}
END_TEST

static const char *const not_texts[] = {
    "",
    "-",
    "-0",
    "00",
    "01",
    "x",
    "1x",
    "A",
    "1 ",
    " 1",
    "+1",
    "1@",
    "1@0",
    "1@01",
    "1@68",
    "1@99",
    "1@100",
    "1@-1",
    "10000000000@1x",
    "100000000@1",
    "1@1@1",
    "1pp",
    "1np",
    "p",
    "@1",
    "0@1",
    "81@67",
    "-81@67",
    "123456789@67",
    "--1",
};

START_TEST(other_texts_are_refused)
{
    dc_exact_t sum;
    dc_exact_init(&sum);
    dc_exact_add(&sum, 3);
    ck_assert(!dc_exact_get(&sum, dc_str_from(not_texts[_i])));
    assert_same(dc_exact_round(&sum), 3);
}
END_TEST

// What is read is only what would be written.
START_TEST(damaged_texts_are_refused_or_mean_something_else)
{
    dc_rng_t rng;
    dc_rng_init(&rng, 99);
    const char original[] = "-4000000040000@32pm";
    for (int round = 0; round < 100000; round++) {
        char text[sizeof original];
        memcpy(text, original, sizeof text);
        size_t len = dc_rng_below(&rng, sizeof text);
        for (uint64_t changes = dc_rng_below(&rng, 3); changes > 0 && len > 0; changes--) {
            const char likely[] = "0123456789abcdef@pmn-,";
            char letter = likely[dc_rng_below(&rng, 22)];
            if (round % 2) letter = (char)dc_rng_u64(&rng);
            text[dc_rng_below(&rng, len)] = letter;
        }
        dc_exact_t sum;
        if (!dc_exact_get(&sum, dc_str(text, len))) continue;
        dc_buf_t again = { .len = 0 };
        dc_exact_put(&sum, &again);
        ck_assert(dc_str_eq(dc_buf_str(&again), dc_str(text, len)));
        dc_buf_fini(&again);
    }
    char zeros[DC_EXACT_TEXT_MAX + 1];
    memset(zeros, '1', sizeof zeros);
    dc_exact_t sum;
    ck_assert(!dc_exact_get(&sum, dc_str(zeros, sizeof zeros)));
    ck_assert(!dc_exact_get(&sum, dc_str(zeros, (size_t)(DC_EXACT_DIGITS + 1) * 8)));
    ck_assert(!dc_exact_get(&sum, dc_str("1\0", 2)));
}
END_TEST

Suite *suite(void)
{
    Suite *suite = suite_create("exact");
    TCase *tests = tcase_create("exact");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, sum_has_this_value, 0, DC_ARRAY_LEN(values));
    tcase_add_test(tests, sum_of_nothing_is_zero);
    tcase_add_loop_test(tests, random_terms_have_the_sum_of_mpfr, 0, DC_ARRAY_LEN(spreads));
    tcase_add_loop_test(tests, any_split_has_the_same_sum, 0, DC_ARRAY_LEN(spreads));
    tcase_add_test(tests, digits_stay_small_however_many_terms_there_are);
    tcase_add_test(tests, sums_of_the_largest_numbers_come_back);
    tcase_add_loop_test(tests, sum_has_this_text, 0, DC_ARRAY_LEN(texts));
    tcase_add_loop_test(tests, text_gives_the_sum_back, 0, DC_ARRAY_LEN(spreads));
    tcase_add_loop_test(tests, other_texts_are_refused, 0, DC_ARRAY_LEN(not_texts));
    tcase_add_test(tests, damaged_texts_are_refused_or_mean_something_else);
    suite_add_tcase(suite, tests);
    return suite;
}
