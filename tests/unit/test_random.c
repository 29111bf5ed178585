// Random numbers from a seed and an index: Philox's published bits, and what is made of them.
#include <math.h>
#include <string.h>

#include "common/expr/philox.h"
#include "common/expr/random.h"
#include "common/expr/special.h"
#include "tests/lib/main.h"

// The known answers for philox4x32_10 that come with Random123 (its kat_vectors).
static const struct {
    uint32_t counter[4], key[2], bits[4];
} known[] = {
    { { 0 }, { 0 }, { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 } },
    { { UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX },
      { UINT32_MAX, UINT32_MAX },
      { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd } },
    { { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 },
      { 0xa4093822, 0x299f31d0 },
      { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 } },
};

START_TEST(philox_gives_the_published_bits)
{
    uint32_t words[4];
    memcpy(words, known[_i].counter, sizeof words);
    dc_philox(words, known[_i].key);
    for (int i = 0; i < 4; i++) {
        ck_assert_uint_eq(words[i], known[_i].bits[i]);
    }
}
END_TEST

START_TEST(lower_words_come_first)
{
    uint32_t words[4] = { 0x243f6a88, 0x85a308d3, 0, 0 };
    const uint32_t key[2] = { 0xa4093822, 0x299f31d0 };
    dc_philox(words, key);
    uint64_t bits = dc_philox_u64(UINT64_C(0x85a308d3243f6a88), UINT64_C(0x299f31d0a4093822));
    ck_assert_uint_eq(bits, (uint64_t)words[1] << 32 | words[0]);
}
END_TEST

static double uniform(double seed, double k)
{
    dc_err_t error = DC_OK;
    double value = dc_random_uniform((double[]){ seed, k }, 2, &error);
    ck_assert_int_eq(error, DC_OK);
    return value;
}

static double normal(double seed, double k)
{
    dc_err_t error = DC_OK;
    double value = dc_random_normal((double[]){ seed, k }, 2, &error);
    ck_assert_int_eq(error, DC_OK);
    return value;
}

START_TEST(uniform_is_the_top_53_bits)
{
    ck_assert_double_eq(uniform(0, 0), (double)(UINT64_C(0xe169c58d6627e8d5) >> 11) * 0x1p-53);
    ck_assert_double_eq(uniform(-0.0, 0), uniform(0, 0));
    uint64_t bits = dc_philox_u64(UINT64_MAX - 4, UINT64_MAX); // k -5, seed -1
    ck_assert_double_eq(uniform(-1, -5), (double)(bits >> 11) * 0x1p-53);
    bits = dc_philox_u64(UINT64_C(1) << 53, 7);
    ck_assert_double_eq(uniform(7, 0x1p53), (double)(bits >> 11) * 0x1p-53);
}
END_TEST

START_TEST(normal_is_the_quantile_half_a_step_up)
{
    for (int k = 0; k < 10000; k++) {
        double u = uniform(3, k);
        double expected = u < 0.5 ? dc_norminv(u + 0x1p-54) : -dc_norminv((1 - u) - 0x1p-54);
        ck_assert_double_eq(normal(3, k), expected);
    }
}
END_TEST

// Ten thousand numbers: the mean and the variance are within five standard deviations.
START_TEST(moments_are_those_of_the_distributions)
{
    const int count = 10000;
    double u_sum = 0;
    double u_squares = 0;
    double n_sum = 0;
    double n_squares = 0;
    for (int k = 0; k < count; k++) {
        double u = uniform(1, k) - 0.5;
        double n = normal(2, k);
        u_sum += u;
        u_squares += u * u;
        n_sum += n;
        n_squares += n * n;
    }
    ck_assert_double_le(fabs(u_sum / count), 5 * 0.2887 / 100);
    ck_assert_double_le(fabs(u_squares / count - 1 / 12.0), 5 * 0.0745 / 100);
    ck_assert_double_le(fabs(n_sum / count), 5 * 1.0 / 100);
    ck_assert_double_le(fabs(n_squares / count - 1), 5 * 1.4142 / 100);
}
END_TEST

static const struct {
    double seed, k;
    dc_err_t error;
} refused[] = {
    { 0.5, 1, DC_ERR_INTEGER },
    { 1, 0.5, DC_ERR_INTEGER },
    { 0x1.0000000000001p53, 1, DC_ERR_INTEGER },
    { 1, -0x1.0000000000001p53, DC_ERR_INTEGER },
    { 1e300, 1, DC_ERR_INTEGER },
    { NAN, 1, DC_OK },
    { 1, INFINITY, DC_OK },
    { -INFINITY, 0.5, DC_OK },
};

START_TEST(other_arguments_are_refused)
{
    const double args[] = { refused[_i].seed, refused[_i].k };
    dc_err_t error = DC_OK;
    ck_assert(isnan(dc_random_uniform(args, 2, &error)));
    ck_assert_int_eq(error, refused[_i].error);
    error = DC_OK;
    ck_assert(isnan(dc_random_normal(args, 2, &error)));
    ck_assert_int_eq(error, refused[_i].error);
}
END_TEST

// --- many at once ------------------------------------------------------------------------------

#define COUNT_MAX 600

// All lengths, so that groups of lanes and what is left over take all places.
START_TEST(many_are_the_same_as_one_by_one)
{
    static double seeds[COUNT_MAX];
    static double ks[COUNT_MAX];
    static double results[COUNT_MAX];
    for (int i = 0; i < COUNT_MAX; i++) {
        seeds[i] = i % 3 ? 5 : (i - 300) * 0x1p44;
        ks[i] = i % 5 ? i - 100 : -i * 0x1p43;
    }
    for (size_t count = 0; count <= COUNT_MAX; count += count < 40 ? 1 : 37) {
        ck_assert(dc_random_uniform_many(results, seeds, ks, count));
        for (size_t i = 0; i < count; i++) {
            ck_assert_double_eq(results[i], uniform(seeds[i], ks[i]));
        }
        ck_assert(dc_random_normal_many(results, seeds, ks, count));
        for (size_t i = 0; i < count; i++) {
            ck_assert_double_eq(results[i], normal(seeds[i], ks[i]));
        }
    }
}
END_TEST

START_TEST(results_may_stand_where_arguments_stood)
{
    double seeds[COUNT_MAX];
    double ks[COUNT_MAX];
    for (int i = 0; i < COUNT_MAX; i++) {
        seeds[i] = ks[i] = i;
    }
    ck_assert(dc_random_normal_many(ks, seeds, ks, COUNT_MAX));
    ck_assert(dc_random_uniform_many(seeds, seeds, seeds, COUNT_MAX));
    for (int i = 0; i < COUNT_MAX; i++) {
        ck_assert_double_eq(ks[i], normal(i, i));
        ck_assert_double_eq(seeds[i], uniform(i, i));
    }
}
END_TEST

START_TEST(many_with_a_wrong_argument_are_left_alone)
{
    double seeds[COUNT_MAX] = { 0 };
    double ks[COUNT_MAX] = { 0 };
    double results[COUNT_MAX] = { 0 };
    seeds[COUNT_MAX - 1] = refused[_i].seed;
    ks[COUNT_MAX - 1] = refused[_i].k;
    ck_assert(!dc_random_uniform_many(results, seeds, ks, COUNT_MAX));
    ck_assert(!dc_random_normal_many(results, seeds, ks, COUNT_MAX));
    for (int i = 0; i < COUNT_MAX; i++) {
        ck_assert_double_eq(results[i], 0);
    }
}
END_TEST

Suite *suite(void)
{
    Suite *suite = suite_create("random");
    TCase *tests = tcase_create("random");
    tcase_add_loop_test(tests, philox_gives_the_published_bits, 0, DC_ARRAY_LEN(known));
    tcase_add_test(tests, lower_words_come_first);
    tcase_add_test(tests, uniform_is_the_top_53_bits);
    tcase_add_test(tests, normal_is_the_quantile_half_a_step_up);
    tcase_add_test(tests, moments_are_those_of_the_distributions);
    tcase_add_loop_test(tests, other_arguments_are_refused, 0, DC_ARRAY_LEN(refused));
    tcase_add_test(tests, many_are_the_same_as_one_by_one);
    tcase_add_test(tests, results_may_stand_where_arguments_stood);
    tcase_add_loop_test(tests, many_with_a_wrong_argument_are_left_alone, 0, DC_ARRAY_LEN(refused));
    suite_add_tcase(suite, tests);
    return suite;
}
