// The gamma function, erf and erfc between two bounds: against MPFR's, which take far longer.
//
// Arguments are fractions of powers of two, so that MPFR has the same ones.
#include "common/rng.h"
#include "common/wide/error_function.h"
#include "common/wide/gamma.h"
#include "tests/lib/main.h"

// So many bits more tell how near the bounds are; and MPFR's are rounded behind them.
#define BITS_MORE 64

// Of the bits that a result has, so many may be lost.
#define BITS_LOST 8

static const dc_budget_t boundless = { .steps_max = UINT64_MAX };
static dc_meter_t meter;
static dc_tangents_t tangents;
static dc_rng_t rng;
static mpq_t x, square;
static dc_interval_t enclosed;
static mpfr_t argument, expected;

static void set_up(void)
{
    dc_meter_start(&meter, &boundless, 0);
    dc_tangents_init(&tangents);
    dc_rng_init(&rng, 1);
    mpq_inits(x, square, NULL);
    dc_interval_init(&enclosed, 64);
    mpfr_inits2(64, argument, expected, (mpfr_ptr)NULL);
}

static void tear_down(void)
{
    dc_tangents_fini(&tangents);
    mpq_clears(x, square, NULL);
    dc_interval_fini(&enclosed);
    mpfr_clears(argument, expected, (mpfr_ptr)NULL);
    mpfr_free_cache();
}

// --- the functions -----------------------------------------------------------------------------

typedef dc_err_t (*enclose_t)(void);

static dc_err_t enclose_gamma(void)
{
    return dc_gamma_enclose(&tangents, &meter, &enclosed, x);
}

static dc_err_t enclose_erf(void)
{
    mpq_mul(square, x, x);
    return dc_erf_enclose(&meter, &enclosed, square, mpq_sgn(x));
}

static dc_err_t enclose_erfc(void)
{
    mpq_mul(square, x, x);
    return dc_erfc_enclose(&meter, &enclosed, square, mpq_sgn(x));
}

static const struct {
    enclose_t enclose;
    dc_interval_function_t function;
    const char *name;
} functions[] = {
    { enclose_gamma, mpfr_gamma, "gamma" },
    { enclose_erf, mpfr_erf, "erf" },
    { enclose_erfc, mpfr_erfc, "erfc" },
};

// --- against MPFR ------------------------------------------------------------------------------

// x = whole + sign * 2^exponent.
static void set_argument(long whole, int sign, long exponent)
{
    mpq_t part;
    mpq_init(part);
    mpq_set_si(part, sign, 1);
    if (exponent < 0) {
        mpq_div_2exp(part, part, (mp_bitcnt_t)-exponent);
    } else {
        mpq_mul_2exp(part, part, (mp_bitcnt_t)exponent);
    }
    mpq_set_si(x, whole, 1);
    mpq_add(x, x, part);
    mpq_clear(part);
}

static void set_precision(mpfr_prec_t bits)
{
    dc_interval_fini(&enclosed);
    dc_interval_init(&enclosed, bits);
    mpfr_set_prec(expected, bits + BITS_MORE);
}

// Is the distance between the bounds less than 2^-bits of what is between them?
static bool is_narrow(mpfr_exp_t bits)
{
    mpfr_sub(argument, enclosed.high, enclosed.low, MPFR_RNDU);
    return mpfr_zero_p(argument) || mpfr_get_exp(argument) <= mpfr_get_exp(expected) - bits;
}

static void check(size_t index, mpfr_prec_t bits)
{
    set_precision(bits);
    ck_assert_int_eq(functions[index].enclose(), DC_OK);
    mpfr_set_prec(argument, (mpfr_prec_t)mpz_sizeinbase(mpq_numref(x), 2) + 1);
    ck_assert_int_eq(mpfr_set_q(argument, x, MPFR_RNDN), 0);
    double about = mpfr_get_d(argument, MPFR_RNDN);
    functions[index].function(expected, argument, MPFR_RNDN);
    bool is_between =
        mpfr_cmp(enclosed.low, expected) <= 0 && mpfr_cmp(expected, enclosed.high) <= 0;
    ck_assert_msg(is_between, "%s of %g, %ld bits", functions[index].name, about, (long)bits);
    ck_assert_msg(is_narrow(bits - BITS_LOST), "%s of %g, %ld bits, is not narrow",
                  functions[index].name, about, (long)bits);
}

static long below(uint64_t bound)
{
    return (long)dc_rng_below(&rng, bound);
}

static const mpfr_prec_t precisions[] = { 67, 100, 230, 460, 900 };

START_TEST(anywhere_it_is_between)
{
    size_t index = (size_t)_i % DC_ARRAY_LEN(functions);
    mpfr_prec_t bits = precisions[(size_t)_i / DC_ARRAY_LEN(functions)];
    for (int round = 0; round < 60; round++) {
        set_argument(below(40) - 20, 1, -1 - below(60));
        check(index, bits);
    }
}
END_TEST

// Integers are left out: the whole number and a power of two next to it.
static const struct {
    long whole;
    int sign;
    long exponent;
    mpfr_prec_t bits;
} hostile_gamma[] = {
    { 0, 1, -1, 3397 },      // a half
    { 0, -1, -1, 3397 },     //
    { 1, 1, -3000, 3397 },   // next to 1
    { 2, -1, -3000, 3397 },  // and to 2, which have the same value
    { 1, -1, -2, 3397 },     // 3/4
    { 0, 1, -5, 67 },        // near the pole at 0, and nearer
    { 0, -1, -22, 67 },      //
    { 0, 1, -23, 67 },       //
    { 0, -1, -24, 67 },      //
    { 0, -1, -40, 67 },      //
    { 0, 1, -1133, 3397 },   //
    { 0, -1, -1134, 3397 },  //
    { 0, 1, -2000, 3397 },   //
    { 0, -1, -2000, 3397 },  //
    { 0, 1, -3400, 3397 },   //
    { 0, 1, -3350, 6794 },   //
    { 0, 1, -30000, 67 },    //
    { -1, 1, -300, 230 },    // near other poles
    { -1, -1, -300, 230 },   //
    { -2, 1, -300, 230 },    //
    { -17, -1, -500, 230 },  //
    { -100, 1, -100, 3397 }, //
    { -4000, 1, -3, 67 },    // next to 0
    { 3000, 1, -1, 230 },    // large
    { 3299, 1, -100, 67 },   //
    { 16, 1, -1, 67 },       // where no factor is needed, or one
    { 31, 1, -1, 67 },       //
    { 32, 1, -1, 67 },       //
    { 33, 1, -1, 67 },       //
    { 866, 1, -1, 3397 },    //
};

START_TEST(hostile_gamma_is_between)
{
    set_argument(hostile_gamma[_i].whole, hostile_gamma[_i].sign, hostile_gamma[_i].exponent);
    check(0, hostile_gamma[_i].bits);
}
END_TEST

static const struct {
    long whole;
    int sign;
    long exponent;
    mpfr_prec_t bits;
} hostile_erf[] = {
    { 0, 1, -30000, 67 },  // next to 0
    { 0, -1, -500, 230 },  //
    { 0, 1, -1, 3397 },    // a half
    { 1, 1, -3000, 3397 }, //
    { 3, 1, -1, 3397 },    //
    { -3, 1, -1, 3397 },   //
    { 6, 1, -1, 67 },      // where erfc goes over from one series to the other
    { 9, 1, -1, 67 },      //
    { 10, -1, -2, 67 },    //
    { 10, 1, -2, 67 },     //
    { 13, 1, -10, 230 },   //
    { 14, 1, -1, 230 },    //
    { 15, 1, -20, 230 },   //
    { 30, 1, -1, 230 },    // far
    { 100, 1, -1, 67 },    //
    { 255, 1, -1, 67 },    //
    { -30, 1, -1, 230 },   //
};

START_TEST(hostile_erf_is_between)
{
    set_argument(hostile_erf[_i].whole, hostile_erf[_i].sign, hostile_erf[_i].exponent);
    check(1, hostile_erf[_i].bits);
    check(2, hostile_erf[_i].bits);
}
END_TEST

// What is smaller than any decimal number has bounds of which no more is asked.
START_TEST(tiny_erfc_is_between)
{
    static const long wholes[] = { 256, 300, 100000 };
    set_argument(wholes[_i], 1, -1);
    set_precision(67);
    ck_assert_int_eq(enclose_erfc(), DC_OK);
    ck_assert(mpfr_zero_p(enclosed.low));
    ck_assert(mpfr_regular_p(enclosed.high) && mpfr_get_exp(enclosed.high) < -60000);
}
END_TEST

// --- where MPFR takes too long -----------------------------------------------------------------

static const struct {
    long whole;
    int sign;
    long exponent;
} neighbours[] = {
    { -3000, -1, -3300 }, { -3000, 1, -3300 }, { -1, 1, -3300 },  { -870, 1, -1 },
    { 0, -1, -10 },       { 0, 1, -1140 },     { 3000, 1, -100 }, { -2, 1, -1 },
};

// gamma(x + 1) = x gamma(x): at times one of the two is by reflection.
START_TEST(gamma_of_neighbours_fits)
{
    set_precision(3397);
    mpfr_set_prec(argument, 12000);
    dc_interval_t other;
    dc_interval_init(&other, 3397);
    set_argument(neighbours[_i].whole, neighbours[_i].sign, neighbours[_i].exponent);
    ck_assert_int_eq(enclose_gamma(), DC_OK);
    ck_assert_int_eq(mpfr_set_q(argument, x, MPFR_RNDN), 0);
    bool is_negative = mpfr_sgn(argument) < 0;
    mpfr_mul(other.low, is_negative ? enclosed.high : enclosed.low, argument, MPFR_RNDD);
    mpfr_mul(other.high, is_negative ? enclosed.low : enclosed.high, argument, MPFR_RNDU);
    mpq_set_ui(square, 1, 1);
    mpq_add(x, x, square);
    ck_assert_int_eq(enclose_gamma(), DC_OK);
    ck_assert(mpfr_lessequal_p(enclosed.low, other.high));
    ck_assert(mpfr_lessequal_p(other.low, enclosed.high));
    mpfr_set(expected, enclosed.low, MPFR_RNDN);
    ck_assert(is_narrow(3397 - BITS_LOST));
    dc_interval_fini(&other);
}
END_TEST

// --- the budget --------------------------------------------------------------------------------

// How far gamma and erfc of so many digits get with a budget.
static void check_end(const dc_budget_t *budget, dc_err_t expected_err)
{
    dc_meter_start(&meter, budget, 0);
    set_precision(3397);
    set_argument(-20, 1, -1);
    ck_assert_int_eq(enclose_gamma(), expected_err);
    set_argument(30, 1, -1);
    ck_assert_int_eq(enclose_erfc(), expected_err);
    set_argument(60, 1, -1);
    ck_assert_int_eq(enclose_erfc(), expected_err);
}

START_TEST(it_ends_where_it_is)
{
    static const atomic_bool is_cancelled = true;
    dc_budget_t late = { .steps_max = UINT64_MAX, .deadline_us = 1 };
    dc_budget_t unwanted = { .steps_max = UINT64_MAX, .cancel = &is_cancelled };
    check_end(&late, DC_ERR_TIME);
    check_end(&unwanted, DC_ERR_CANCELLED);
    ck_assert_uint_eq(tangents.count, 0);
    // In the midst of it, with all tables or without.
    for (uint64_t steps = 1; steps < 3000; steps += 200) {
        dc_budget_t few = { .steps_max = steps };
        check_end(&few, DC_ERR_STEPS);
    }
    check_end(&boundless, DC_OK);
    set_argument(-20, 1, -1);
    check(0, 460);
}
END_TEST

START_TEST(steps_are_the_same_with_tables)
{
    uint64_t steps[2];
    set_precision(3397);
    set_argument(20, 1, -1);
    for (int round = 0; round < 2; round++) {
        dc_meter_start(&meter, &boundless, 0);
        ck_assert_int_eq(enclose_gamma(), DC_OK);
        steps[round] = meter.steps;
        dc_meter_start(&meter, &boundless, 0);
        ck_assert_int_eq(dc_tangents_need(&tangents, &meter, DC_TANGENTS_MAX), DC_OK);
        ck_assert_uint_eq(meter.steps, 0);
    }
    ck_assert_uint_eq(steps[0], steps[1]);
    ck_assert_uint_gt(steps[0], 2000);
}
END_TEST

START_TEST(no_more_bits_than_there_are_numbers_for)
{
    set_precision((mpfr_prec_t)8 * DC_TANGENTS_MAX);
    set_argument(20, 1, -1);
    ck_assert_int_eq(enclose_gamma(), DC_ERR_NO_CONVERGENCE);
    ck_assert_uint_eq(tangents.count, 0);
}
END_TEST

// --- tangent numbers ---------------------------------------------------------------------------

START_TEST(tangent_numbers_are_known)
{
    static const char *const known[] = { "1", "2", "16", "272", "7936", "353792" };
    for (size_t k = 1; k <= DC_ARRAY_LEN(known); k++) {
        ck_assert_int_eq(dc_tangents_need(&tangents, &meter, k), DC_OK);
        mpz_set_str(mpq_numref(x), known[k - 1], 10);
        ck_assert_int_eq(mpz_cmp(dc_tangents_at(&tangents, k), mpq_numref(x)), 0);
    }
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("wide_special");
    TCase *bounds = tcase_create("bounds");
    tcase_add_checked_fixture(bounds, set_up, tear_down);
    int kinds = (int)(DC_ARRAY_LEN(functions) * DC_ARRAY_LEN(precisions));
    tcase_add_loop_test(bounds, anywhere_it_is_between, 0, kinds);
    tcase_add_loop_test(bounds, hostile_gamma_is_between, 0, (int)DC_ARRAY_LEN(hostile_gamma));
    tcase_add_loop_test(bounds, hostile_erf_is_between, 0, (int)DC_ARRAY_LEN(hostile_erf));
    tcase_add_loop_test(bounds, tiny_erfc_is_between, 0, 3);
    tcase_add_loop_test(bounds, gamma_of_neighbours_fits, 0, (int)DC_ARRAY_LEN(neighbours));
    suite_add_tcase(all, bounds);
    TCase *budgets = tcase_create("budgets");
    tcase_add_checked_fixture(budgets, set_up, tear_down);
    tcase_add_test(budgets, it_ends_where_it_is);
    tcase_add_test(budgets, steps_are_the_same_with_tables);
    tcase_add_test(budgets, no_more_bits_than_there_are_numbers_for);
    tcase_add_test(budgets, tangent_numbers_are_known);
    suite_add_tcase(all, budgets);
    return all;
}
