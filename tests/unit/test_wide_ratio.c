// Greatest common divisors of long numbers, and fractions of them: as GMP has them, but they end.
#include "common/wide/gcd.h"
#include "common/wide/ratio.h"
#include "tests/lib/main.h"

static const dc_budget_t boundless = { .steps_max = UINT64_MAX };
static dc_meter_t meter;
static gmp_randstate_t random_state;
static mpz_t a, b, c, expected, actual;

static void set_up(void)
{
    dc_meter_start(&meter, &boundless, 0);
    gmp_randinit_mt(random_state);
    mpz_inits(a, b, c, expected, actual, NULL);
}

static void tear_down(void)
{
    gmp_randclear(random_state);
    mpz_clears(a, b, c, expected, actual, NULL);
}

static void check_gcd(void)
{
    mpz_gcd(expected, a, b);
    ck_assert_int_eq(dc_gcd(&meter, actual, a, b), DC_OK);
    ck_assert_int_eq(mpz_cmp(actual, expected), 0);
    // Into one of them, which may be below 0.
    mpz_neg(a, a);
    ck_assert_int_eq(dc_gcd(&meter, b, b, a), DC_OK);
    ck_assert_int_eq(mpz_cmp(b, expected), 0);
}

// --- divisors ----------------------------------------------------------------------------------

static const struct {
    mp_bitcnt_t a, b, common;
} lengths[] = {
    { 0, 0, 0 },                   // bits
    { 0, 10, 300000 },             //
    { 10, 10, 10 },                //
    { 130000, 130000, 0 },         //
    { 140000, 140000, 0 },         //
    { 200000, 200000, 100000 },    //
    { 300000, 140000, 1 },         //
    { 300000, 10, 200000 },        //
    { 10, 10, 300000 },            // almost the same number
    { 400000, 399000, 3000 },      //
    { 1000000, 500000, 50000 },    //
    { 1 << 20, 1 << 20, 0 },       //
    { 100000, 100000, 1 << 20 },   //
    { 600000, 1 << 20, 1 },        //
    { 2 << 20, 1 << 20, 1 << 18 }, //
};

START_TEST(gcd_of_any_length)
{
    // Digits without an order; and long rows of zeros and ones, which make quotients long.
    for (int round = 0; round < 2; round++) {
        void (*draw)(mpz_ptr, gmp_randstate_t, mp_bitcnt_t) = round ? mpz_rrandomb : mpz_urandomb;
        draw(a, random_state, lengths[_i].a);
        draw(b, random_state, lengths[_i].b);
        draw(c, random_state, lengths[_i].common);
        mpz_mul(a, a, c);
        mpz_mul(b, b, c);
        check_gcd();
    }
}
END_TEST

static void set_numbers(int index)
{
    switch (index) {
    case 0: // the most quotients that there are
        mpz_fib2_ui(a, b, 500000);
        break;
    case 1: // one long quotient
        mpz_ui_pow_ui(a, 3, 300000);
        mpz_add_ui(b, a, 1);
        break;
    case 2:
        mpz_ui_pow_ui(a, 3, 300000);
        mpz_mul_ui(b, a, 6);
        break;
    case 3:
        mpz_ui_pow_ui(a, 2, 600000);
        mpz_ui_pow_ui(b, 6, 300000);
        break;
    case 4: // 2^(the common divisor of the exponents) - 1
        mpz_ui_pow_ui(a, 2, 600000);
        mpz_sub_ui(a, a, 1);
        mpz_ui_pow_ui(b, 2, 450000);
        mpz_sub_ui(b, b, 1);
        break;
    case 5: // two long quotients and then none
        mpz_ui_pow_ui(a, 2, 600000);
        mpz_add_ui(b, a, 1);
        mpz_mul_2exp(b, b, 200000);
        mpz_add_ui(b, b, 12345);
        break;
    default: // 0 and another
        mpz_set_ui(a, 0);
        mpz_ui_pow_ui(b, 7, 200000);
        break;
    }
}

START_TEST(gcd_of_certain_numbers)
{
    set_numbers(_i);
    check_gcd();
}
END_TEST

START_TEST(gcd_ends_where_it_is)
{
    static const atomic_bool is_cancelled = true;
    const dc_budget_t unwanted = { .steps_max = UINT64_MAX, .cancel = &is_cancelled };
    set_numbers(0);
    dc_meter_start(&meter, &unwanted, 0);
    ck_assert_int_eq(dc_gcd(&meter, actual, a, b), DC_ERR_CANCELLED);
    dc_meter_start(&meter, &boundless, 0);
    ck_assert_int_eq(dc_gcd(&meter, actual, a, b), DC_OK);
    uint64_t needed = meter.steps;
    for (int part = 1; part <= 10; part++) {
        const dc_budget_t few = { .steps_max = needed * (uint64_t)part / 10 - 1 };
        dc_meter_start(&meter, &few, 0);
        ck_assert_int_eq(dc_gcd(&meter, actual, a, b), DC_ERR_STEPS);
    }
}
END_TEST

// --- fractions ---------------------------------------------------------------------------------

typedef dc_err_t (*ours_t)(dc_meter_t *meter, mpq_ptr result, mpq_srcptr a, mpq_srcptr b);
typedef void (*gmps_t)(mpq_ptr, mpq_srcptr, mpq_srcptr);

static const struct {
    ours_t ours;
    gmps_t gmps;
} operations[] = {
    { dc_ratio_add, mpq_add },
    { dc_ratio_subtract, mpq_sub },
    { dc_ratio_multiply, mpq_mul },
    { dc_ratio_divide, mpq_div },
};

// Two fractions whose parts have common divisors of this length, each with each.
static void draw_ratios(mpq_t left, mpq_t right, mp_bitcnt_t bits)
{
    mpz_t parts[6];
    for (int i = 0; i < 6; i++) {
        mpz_init(parts[i]);
        mpz_urandomb(parts[i], random_state, bits);
        mpz_setbit(parts[i], 0);
    }
    mpz_mul(mpq_numref(left), parts[0], parts[1]);
    mpz_mul(mpq_denref(left), parts[2], parts[3]);
    mpz_mul(mpq_numref(right), parts[2], parts[4]);
    mpz_mul(mpq_denref(right), parts[1], parts[3]);
    mpz_mul(mpq_denref(right), mpq_denref(right), parts[5]);
    mpq_canonicalize(left);
    mpq_canonicalize(right);
    mpq_neg(left, left);
    for (int i = 0; i < 6; i++) {
        mpz_clear(parts[i]);
    }
}

START_TEST(fractions_are_those_of_gmp)
{
    static const mp_bitcnt_t bits[] = { 1, 40, 100000 };
    mpq_t left, right, wanted, got;
    mpq_inits(left, right, wanted, got, NULL);
    ours_t ours = operations[_i].ours;
    gmps_t gmps = operations[_i].gmps;
    for (size_t i = 0; i < DC_ARRAY_LEN(bits); i++) {
        draw_ratios(left, right, bits[i]);
        gmps(wanted, left, right);
        ck_assert_int_eq(ours(&meter, got, left, right), DC_OK);
        ck_assert(mpq_equal(got, wanted));
        // Into either of them.
        mpq_set(got, left);
        ck_assert_int_eq(ours(&meter, got, got, right), DC_OK);
        ck_assert(mpq_equal(got, wanted));
        mpq_set(got, right);
        ck_assert_int_eq(ours(&meter, got, left, got), DC_OK);
        ck_assert(mpq_equal(got, wanted));
        // And of one number, which is 0 or 1 for some.
        gmps(wanted, left, left);
        ck_assert_int_eq(ours(&meter, left, left, left), DC_OK);
        ck_assert(mpq_equal(left, wanted));
    }
    mpq_clears(left, right, wanted, got, NULL);
}
END_TEST

START_TEST(fraction_of_zero_is_zero)
{
    mpq_t zero, other;
    mpq_inits(zero, other, NULL);
    mpz_ui_pow_ui(mpq_denref(other), 3, 300000);
    mpz_set_si(mpq_numref(other), -5);
    ck_assert_int_eq(dc_ratio_multiply(&meter, other, other, zero), DC_OK);
    ck_assert(mpq_equal(other, zero));
    mpz_ui_pow_ui(mpq_denref(zero), 3, 300000);
    mpz_neg(mpq_denref(zero), mpq_denref(zero));
    ck_assert_int_eq(dc_ratio_reduce(&meter, zero), DC_OK);
    ck_assert(mpq_equal(other, zero));
    mpq_clears(zero, other, NULL);
}
END_TEST

START_TEST(fractions_are_reduced)
{
    mpq_t ratio, wanted;
    mpq_inits(ratio, wanted, NULL);
    mpz_ui_pow_ui(mpq_numref(ratio), 15, 100000);
    mpz_ui_pow_ui(mpq_denref(ratio), 21, 100000);
    mpz_neg(mpq_denref(ratio), mpq_denref(ratio));
    mpz_ui_pow_ui(mpq_numref(wanted), 5, 100000);
    mpz_neg(mpq_numref(wanted), mpq_numref(wanted));
    mpz_ui_pow_ui(mpq_denref(wanted), 7, 100000);
    ck_assert_int_eq(dc_ratio_reduce(&meter, ratio), DC_OK);
    ck_assert(mpq_equal(ratio, wanted));
    mpq_clears(ratio, wanted, NULL);
}
END_TEST

START_TEST(fractions_end_where_they_are)
{
    static const atomic_bool is_cancelled = true;
    const dc_budget_t unwanted = { .steps_max = UINT64_MAX, .cancel = &is_cancelled };
    mpq_t left, right;
    mpq_inits(left, right, NULL);
    draw_ratios(left, right, 100000);
    dc_meter_start(&meter, &unwanted, 0);
    ck_assert_int_eq(operations[_i].ours(&meter, left, left, right), DC_ERR_CANCELLED);
    mpq_clears(left, right, NULL);
}
END_TEST

Suite *suite(void)
{
    Suite *all = suite_create("wide_ratio");
    TCase *divisors = tcase_create("divisors");
    tcase_add_checked_fixture(divisors, set_up, tear_down);
    tcase_add_loop_test(divisors, gcd_of_any_length, 0, (int)DC_ARRAY_LEN(lengths));
    tcase_add_loop_test(divisors, gcd_of_certain_numbers, 0, 7);
    tcase_add_test(divisors, gcd_ends_where_it_is);
    suite_add_tcase(all, divisors);
    TCase *fractions = tcase_create("fractions");
    tcase_add_checked_fixture(fractions, set_up, tear_down);
    tcase_add_loop_test(fractions, fractions_are_those_of_gmp, 0, (int)DC_ARRAY_LEN(operations));
    tcase_add_test(fractions, fraction_of_zero_is_zero);
    tcase_add_test(fractions, fractions_are_reduced);
    tcase_add_loop_test(fractions, fractions_end_where_they_are, 0, (int)DC_ARRAY_LEN(operations));
    suite_add_tcase(all, fractions);
    return all;
}
