// Products of many terms: how exact they are, and that no split of the range changes a bit.
#include "common/expr/product.h"

#include <float.h>
#include <math.h>
#include <mpfr.h>
#include <stdlib.h>

#include "common/expr/double_bits.h"
#include "common/rng.h"
#include "tests/lib/main.h"

#define LEAF ((size_t)DC_PRODUCT_LEAF_TERMS)

// Equal to the bit; all NaNs are the same.
static void assert_same(double actual, double expected)
{
    bool is_same =
        isnan(expected) ? isnan(actual) : dc_double_bits(actual) == dc_double_bits(expected);
    ck_assert_msg(is_same, "%a is not %a", actual, expected);
}

static double product_of(const double *x, size_t count)
{
    dc_product_t product;
    dc_product_init(&product, 0);
    dc_product_add_many(&product, x, count);
    return dc_product_round(&product);
}

// --- values ------------------------------------------------------------------------------------

#define TERMS_MAX 6

static const struct {
    double terms[TERMS_MAX];
    double value;
    size_t count;
} values[] = {
    { { 0 }, 1, 0 },
    { { 3 }, 3, 1 },
    { { -2, 3, -4, -5 }, -120, 4 },
    { { 0x1p1000, 0x3p1000, 0x1p-1000, 0x1p-1000 }, 3, 4 }, // no overflow on the way
    { { 0x1p-1074, 0x1p-1074, 0x1p1023, 0x1p1023, 8 }, 0x1p-99, 5 },
    { { 0x1p-1074, 0x1.8p0 }, 0x1p-1073, 2 }, // a tie goes to the even one
    { { 0x1p-1074, 0.5 }, 0, 2 },
    { { -0x1p-1074, 0.5 }, -0.0, 2 },
    { { 0x1p-1074, 0.5, 1 + DBL_EPSILON, 1 + DBL_EPSILON }, 0x1p-1074, 4 },
    // Rounded to 53 bits first, this would be a tie; it is less than that.
    { { 0x1p-1024, 0x1.0000000000001p0, 0x1.fffffffffffffp0 }, 0x1p-1023, 3 },
    { { DBL_MAX, 2 }, INFINITY, 2 },
    { { -DBL_MAX, DBL_MAX }, -INFINITY, 2 },
    { { DBL_MAX, 2, 0.5 }, DBL_MAX, 3 },
    { { 0, 5 }, 0, 2 },
    { { -0.0, 5 }, -0.0, 2 },
    { { -0.0, -5, 0 }, 0, 3 },
    { { INFINITY, -5 }, -INFINITY, 2 },
    { { -INFINITY, -INFINITY }, INFINITY, 2 },
    { { INFINITY, 0 }, NAN, 2 },
    { { 0, 1, 1, -INFINITY }, NAN, 4 },
    { { 0, NAN }, NAN, 2 },
};

START_TEST(product_has_this_value)
{
    assert_same(product_of(values[_i].terms, values[_i].count), values[_i].value);
}
END_TEST

// --- against a number that is wide enough ------------------------------------------------------

static double product_by_mpfr(const double *x, size_t count)
{
    mpfr_t product;
    mpfr_init2(product, 500);
    mpfr_set_d(product, 1, MPFR_RNDN);
    for (size_t i = 0; i < count; i++) {
        mpfr_mul_d(product, product, x[i], MPFR_RNDN);
    }
    double value = mpfr_get_d(product, MPFR_RNDN);
    mpfr_clear(product);
    return value;
}

// Terms with exponents from `low` to below `high` of the 2047 there are.
static void fill(dc_rng_t *rng, double *x, size_t count, unsigned low, unsigned high)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t exponent = low + dc_rng_below(rng, high - low);
        uint64_t random = dc_rng_u64(rng);
        x[i] = dc_double_of_bits((random >> 63) << 63 | exponent << 52 | random >> 12);
        if (x[i] == 0) x[i] = 1;
    }
}

static const struct {
    unsigned low, high;
} spreads[] = {
    { 0, 2047 }, { 1, 2046 }, { 1022, 1024 }, { 1023, 1024 }, { 0, 1 }, { 0, 200 },
};

#define COUNT_MAX 5000

// Close to 1, so that the product of many terms is no double at the end of the range.
static void center(dc_rng_t *rng, double *x, size_t count)
{
    int exponent = 0;
    for (size_t i = 0; i < count; i++) {
        int shift;
        double significand = frexp(x[i], &shift);
        if (abs(exponent + shift) > 1060) shift = -exponent - (int)dc_rng_below(rng, 3);
        x[i] = ldexp(significand, shift);
        frexp(x[i], &shift);
        exponent += shift;
    }
}

// An error of 2^-90 in what is rounded would show in one of 2^37 products.
START_TEST(random_terms_have_the_product_of_mpfr)
{
    dc_rng_t rng;
    dc_rng_init(&rng, 40 + (uint64_t)_i);
    static double x[COUNT_MAX];
    for (int round = 0; round < 400; round++) {
        size_t count = 1 + dc_rng_below(&rng, round % 8 ? 600 : COUNT_MAX);
        fill(&rng, x, count, spreads[_i].low, spreads[_i].high);
        if (round % 4) center(&rng, x, count);
        assert_same(product_of(x, count), product_by_mpfr(x, count));
    }
}
END_TEST

// Products of two or three below the normal numbers, where a double is rounded to fewer bits.
START_TEST(small_products_are_rounded_once)
{
    dc_rng_t rng;
    dc_rng_init(&rng, 50);
    for (int round = 0; round < 100000; round++) {
        double x[3];
        fill(&rng, x, 3, 1023, 1024);
        x[2] = ldexp(x[2], -1022 - (int)dc_rng_below(&rng, 56));
        if (round % 2) x[1] = 1 + DBL_EPSILON * (double)dc_rng_below(&rng, 4);
        assert_same(product_of(x, 3), product_by_mpfr(x, 3));
    }
}
END_TEST

// --- splits ------------------------------------------------------------------------------------

static void assert_equal_products(const dc_product_t *a, const dc_product_t *b)
{
    dc_buf_t text_a = { .len = 0 };
    dc_buf_t text_b = { .len = 0 };
    dc_product_put(a, &text_a);
    dc_product_put(b, &text_b);
    ck_assert(dc_str_eq(dc_buf_str(&text_a), dc_buf_str(&text_b)));
    dc_buf_fini(&text_a);
    dc_buf_fini(&text_b);
    assert_same(dc_product_round(a), dc_product_round(b));
}

// The part [first, end) of the terms, added in pieces of any size, sent as text and read again.
static void make_part(dc_rng_t *rng, dc_product_t *part, const double *x, size_t first, size_t end)
{
    dc_product_t sent;
    dc_product_init(&sent, first);
    for (size_t at = first; at < end;) {
        size_t count = dc_min_size(end - at, 1 + dc_rng_below(rng, 3 * LEAF));
        dc_product_add_many(&sent, x + at, count);
        at += count;
    }
    dc_buf_t text = { .len = 0 };
    dc_product_put(&sent, &text);
    ck_assert(dc_product_get(part, dc_buf_str(&text)));
    dc_buf_fini(&text);
    assert_equal_products(part, &sent);
}

// The range [first, end), of which the borders are leaves' but the last; split into parts at
// random, and these again.
static void make_tree(dc_rng_t *rng, dc_product_t *product, const double *x, size_t first,
                      size_t end)
{
    size_t leaf_count = (end - first) / LEAF;
    if (leaf_count < 2 || dc_rng_below(rng, 6) == 0) {
        make_part(rng, product, x, first, end);
        return;
    }
    size_t middle = first + LEAF * (1 + dc_rng_below(rng, leaf_count - 1));
    dc_product_t right;
    make_tree(rng, product, x, first, middle);
    make_tree(rng, &right, x, middle, end);
    ck_assert(dc_product_merge(product, &right));
}

START_TEST(any_split_at_leaves_has_the_same_bits)
{
    dc_rng_t rng;
    dc_rng_init(&rng, 60 + (uint64_t)_i);
    static double x[40 * LEAF];
    for (int round = 0; round < 200; round++) {
        size_t count = 1 + dc_rng_below(&rng, DC_ARRAY_LEN(x));
        if (round % 3 == 0) count -= count % LEAF;
        fill(&rng, x, count, spreads[_i].low, spreads[_i].high);
        if (round % 4 == 0) x[dc_rng_below(&rng, DC_ARRAY_LEN(x))] = round % 8 ? 0 : -INFINITY;
        dc_product_t whole;
        dc_product_t merged;
        dc_product_init(&whole, 0);
        dc_product_add_many(&whole, x, count);
        make_tree(&rng, &merged, x, 0, count);
        assert_equal_products(&merged, &whole);
    }
}
END_TEST

START_TEST(only_neighbours_are_merged)
{
    double x[2 * LEAF];
    for (size_t i = 0; i < 2 * LEAF; i++) {
        x[i] = 1.5;
    }
    dc_product_t left;
    dc_product_t right;
    dc_product_init(&left, 0);
    dc_product_init(&right, 2 * LEAF);
    dc_product_add_many(&right, x, LEAF);
    dc_product_t before = left;
    ck_assert(!dc_product_merge(&left, &right)); // a leaf is missing
    assert_equal_products(&left, &before);
    dc_product_add_many(&left, x, 2 * LEAF);
    before = left;
    ck_assert(dc_product_merge(&left, &right));
    ck_assert_uint_eq(left.count, 3 * LEAF);
    ck_assert(!dc_product_merge(&left, &right)); // it is in already
    dc_product_add_many(&before, x, 1);
    ck_assert(!dc_product_merge(&before, &right)); // ends inside a leaf
    dc_product_init(&right, 3 * LEAF);
    ck_assert(dc_product_merge(&left, &right)); // has no terms
    ck_assert_uint_eq(left.count, 3 * LEAF);
}
END_TEST

// Ranges far from 0 and up to 2^62 leaves' borders fit.
START_TEST(parts_far_away_are_merged)
{
    double x[LEAF];
    for (size_t i = 0; i < LEAF; i++) {
        x[i] = 2;
    }
    uint64_t first = (UINT64_C(1) << 53) - 64 * LEAF;
    dc_product_t product;
    dc_product_init(&product, first);
    for (uint64_t i = 0; i < 99; i++) {
        dc_product_t part;
        dc_product_init(&part, first + i * LEAF);
        dc_product_add_many(&part, x, LEAF);
        ck_assert(dc_product_merge(&product, &part));
    }
    ck_assert_uint_eq(product.node_count, 4); // 64 leaves, then 32, 2 and 1
    assert_same(dc_product_round(&product), INFINITY);
    ck_assert_int_eq(product.nodes[0].exponent, 64 * LEAF + 1);
}
END_TEST

// --- as text -----------------------------------------------------------------------------------

START_TEST(product_has_this_text)
{
    dc_product_t product;
    dc_product_init(&product, 3 * LEAF);
    dc_buf_t text = { .len = 0 };
    dc_product_put(&product, &text);
    dc_buf_append_char(&text, '\0');
    ck_assert_str_eq(text.data, "300+0");
    dc_buf_fini(&text);

    const double x[] = { -0.25, 0, 1.5, INFINITY, NAN };
    dc_product_add_many(&product, x, 5);
    dc_product_put(&product, &text);
    dc_buf_append_char(&text, '\0');
    ck_assert_str_eq(text.data, "300+5zin;bfe8000000000000:0:-1");
    dc_buf_fini(&text);
}
END_TEST

// Just one node of 0.5 * 2^1, with bits of the others' parts.
#define NODE ";3fe0000000000000:0:1"

static const char *const not_texts[] = {
    "",
    "0",
    "+",
    "0+",
    "+0",
    "0+0;",
    "0+0" NODE,
    "0+1",
    "0+1;",
    "1+0",
    "80+0",
    "0+100",
    "0+100;",
    "0+100" NODE NODE,
    "0+200" NODE NODE,
    "100+200" NODE,
    "00+0",
    "0+00",
    "0+0zz",
    "0+0iz",
    "0+0 ",
    "ffffffffffffff00+100" NODE,
    "0+ffffffffffffff00" NODE,
    "0+4000000000000001" NODE,
    "0+10000000000000000" NODE,
    "0-1" NODE,
    "0+1;3ff0000000000000:0:1", // high is 1
    "0+1;3fdfffffffffffff:0:1", // below 1/2
    "0+1;7ff0000000000000:0:1",
    "0+1;7ff8000000000000:0:1",
    "0+1;0:0:1",
    "0+1;3fe0000000000000:3fe0000000000000:1", // low is not low
    "0+1;3fe0000000000000:7ff8000000000000:1",
    "0+1;3fe0000000000000:8000000000000000:1",
    "0+1;3fe0000000000000:0:-0",
    "0+1;3fe0000000000000:0:1000000000000001",
    "0+1;3fe0000000000000:0:-8000000000000000",
    "0+1;3fe0000000000000:0",
    "0+1;3fe0000000000000:0:",
    "0+1;3FE0000000000000:0:1",
    "0+1" NODE "\n",
};

START_TEST(other_texts_are_refused)
{
    dc_product_t product;
    dc_product_init(&product, LEAF);
    dc_product_add_many(&product, (double[]){ 3 }, 1);
    ck_assert(!dc_product_get(&product, dc_str_from(not_texts[_i])));
    ck_assert_uint_eq(product.first, LEAF);
    assert_same(dc_product_round(&product), 3);
}
END_TEST

// Whatever a text says, it can be read, merged and rounded, and is the only one that says so.
START_TEST(damaged_texts_do_no_harm)
{
    dc_rng_t rng;
    dc_rng_init(&rng, 99);
    const char original[] = "300+380z;bfe8000000000000:3c6000000000003:-1"
                            ";3fe0000000000000:0:fffffffffffffff"
                            ";bfefffffffffffff:0:-1000000000000000";
    dc_product_t product;
    ck_assert(dc_product_get(&product, dc_str(original, sizeof original - 1)));
    for (int round = 0; round < 100000; round++) {
        char text[sizeof original];
        memcpy(text, original, sizeof text);
        size_t len = round % 4 ? sizeof text - 1 : dc_rng_below(&rng, sizeof text);
        for (uint64_t changes = 1 + dc_rng_below(&rng, 3); changes > 0 && len > 0; changes--) {
            const char likely[] = "0123456789abcdef;:-+zin";
            char letter = likely[dc_rng_below(&rng, 23)];
            if (round % 2) letter = (char)dc_rng_u64(&rng);
            text[dc_rng_below(&rng, len)] = letter;
        }
        if (!dc_product_get(&product, dc_str(text, len))) continue;
        dc_buf_t again = { .len = 0 };
        dc_product_put(&product, &again);
        ck_assert(dc_str_eq(dc_buf_str(&again), dc_str(text, len)));
        dc_buf_fini(&again);
        dc_product_round(&product);
        dc_product_t next;
        dc_product_init(&next, 0x700);
        dc_product_add_many(&next, (double[]){ 2 }, 1);
        if (dc_product_merge(&product, &next)) dc_product_round(&product);
    }
}
END_TEST

Suite *suite(void)
{
    Suite *suite = suite_create("product");
    TCase *tests = tcase_create("product");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, product_has_this_value, 0, DC_ARRAY_LEN(values));
    tcase_add_loop_test(tests, random_terms_have_the_product_of_mpfr, 0, DC_ARRAY_LEN(spreads));
    tcase_add_test(tests, small_products_are_rounded_once);
    tcase_add_loop_test(tests, any_split_at_leaves_has_the_same_bits, 0, DC_ARRAY_LEN(spreads));
    tcase_add_test(tests, only_neighbours_are_merged);
    tcase_add_test(tests, parts_far_away_are_merged);
    tcase_add_test(tests, product_has_this_text);
    tcase_add_loop_test(tests, other_texts_are_refused, 0, DC_ARRAY_LEN(not_texts));
    tcase_add_test(tests, damaged_texts_do_no_harm);
    suite_add_tcase(suite, tests);
    return suite;
}
