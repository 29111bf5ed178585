// How far the elementary functions are off, against MPFR: at random arguments, and at those which
// are hard. None may exceed the bound that the function table states.
//
// DCALC_ACCURACY_POINTS is how many arguments each function gets, by default few enough for every
// day; with it the largest errors seen are printed. 1000000 take some minutes.
#include <math.h>
#include <mpfr.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/expr/double_bits.h"
#include "common/expr/math.h"
#include "common/expr/pow.h"
#include "common/rng.h"
#include "tests/lib/main.h"

#define POINTS_DEFAULT 10000

// Enough to tell errors of 2^-60 ULP from 0 where nothing cancels.
#define PRECISION 130L

static uint64_t point_count(void)
{
    const char *text = getenv("DCALC_ACCURACY_POINTS");
    return text ? strtoull(text, NULL, 10) : POINTS_DEFAULT;
}

// --- arguments ---------------------------------------------------------------------------------

static double next_finite(dc_rng_t *rng)
{
    for (;;) {
        double number = dc_double_of_bits(dc_rng_u64(rng));
        if (isfinite(number)) return number;
    }
}

static double next_between(dc_rng_t *rng, double low, double high)
{
    return low + (high - low) * ((double)(dc_rng_u64(rng) >> 11) * 0x1p-53);
}

static double sign_at_random(dc_rng_t *rng, double x)
{
    return dc_rng_u64(rng) & 1 ? x : -x;
}

// Some units in the last place away, or by a factor close to 1.
static double next_near(dc_rng_t *rng, double x)
{
    if (dc_rng_u64(rng) & 1) {
        int factor_bits = 2 + (int)dc_rng_below(rng, 50);
        return x * (1 + next_between(rng, -1, 1) * ldexp(1, -factor_bits));
    }
    double to = sign_at_random(rng, INFINITY);
    for (uint64_t steps = dc_rng_below(rng, 20); steps > 0; steps--) {
        x = nextafter(x, to);
    }
    return x;
}

static const double borders[] = {
#include "tests/unit/accuracy_borders.inc"
};

static double next_argument(dc_rng_t *rng, double low, double high)
{
    switch (dc_rng_below(rng, 10)) {
    case 0: return next_finite(rng);
    case 1:
        return sign_at_random(rng, ldexp(next_between(rng, 1, 2), -(int)dc_rng_below(rng, 1075)));
    case 2:
        return 1 + sign_at_random(rng, ldexp(next_between(rng, 1, 2), -(int)dc_rng_below(rng, 54)));
    case 3:
        return next_near(rng,
                         (double)(dc_rng_u64(rng) >> dc_rng_below(rng, 63)) * 0x1.921fb54442d18p-1);
    case 4: return next_between(rng, high - (high - low) / 200, high);
    case 5: return next_between(rng, low, low + (high - low) / 200);
    case 6:
        return sign_at_random(rng,
                              next_near(rng, borders[dc_rng_below(rng, DC_ARRAY_LEN(borders))]));
    case 7: return next_near(rng, rint(next_between(rng, low, high)));
    default: return next_between(rng, low, high);
    }
}

// --- errors ------------------------------------------------------------------------------------

// The distance in units of the last place that a double has next to `exact`. Infinity counts as the
// next power of two above the doubles, and so does whatever is exactly more.
static double error_in_ulp(double actual, mpfr_t exact)
{
    if (isnan(actual) || mpfr_nan_p(exact))
        return isnan(actual) && mpfr_nan_p(exact) ? 0 : INFINITY;
    mpfr_t value;
    mpfr_init2(value, 2200);
    mpfr_set_d(value, actual, MPFR_RNDN);
    mpfr_t limit;
    mpfr_init2(limit, 53);
    mpfr_set_ui_2exp(limit, 1, 1024, MPFR_RNDN);
    if (isinf(actual)) mpfr_setsign(value, limit, actual < 0, MPFR_RNDN);
    if (mpfr_cmpabs(exact, limit) > 0) mpfr_setsign(exact, limit, mpfr_signbit(exact), MPFR_RNDN);
    mpfr_sub(value, value, exact, MPFR_RNDN);
    long exponent = mpfr_zero_p(exact) ? -1074 : mpfr_get_exp(exact) - 53;
    if (exponent < -1074) exponent = -1074;
    if (exponent > 971) exponent = 971;
    mpfr_div_2si(value, value, exponent, MPFR_RNDN);
    double off = fabs(mpfr_get_d(value, MPFR_RNDN));
    mpfr_clears(value, limit, (mpfr_ptr)NULL);
    return off;
}

typedef struct worst {
    double off;
    double args[2];
} worst_t;

static void keep_worst(worst_t *worst, double off, const double *args)
{
    if (off <= worst->off) return;
    *worst = (worst_t){ off, { args[0], args[1] } };
}

static void judge(const dc_math_function_t *function, const worst_t *worst)
{
    if (getenv("DCALC_ACCURACY_POINTS")) {
        printf("%-8s %.4f of %g at %a, %a\n", function->name, worst->off, function->error_ulp,
               worst->args[0], worst->args[1]);
        fflush(stdout);
    }
    ck_assert_msg(worst->off <= function->error_ulp, "%s(%a, %a) is off by %.4f", function->name,
                  worst->args[0], worst->args[1], worst->off);
}

// --- what MPFR lacks ---------------------------------------------------------------------------

static int exact_deg(mpfr_t out, const mpfr_t x, mpfr_rnd_t round)
{
    mpfr_const_pi(out, round);
    mpfr_div(out, x, out, round);
    return mpfr_mul_ui(out, out, 180, round);
}

static int exact_rad(mpfr_t out, const mpfr_t x, mpfr_rnd_t round)
{
    mpfr_const_pi(out, round);
    mpfr_mul(out, x, out, round);
    return mpfr_div_ui(out, out, 180, round);
}

// erfc(-x / sqrt 2) / 2
static int exact_normcdf(mpfr_t out, const mpfr_t x, mpfr_rnd_t round)
{
    mpfr_sqrt_ui(out, 2, round);
    mpfr_div(out, x, out, round);
    mpfr_neg(out, out, round);
    mpfr_erfc(out, out, round);
    return mpfr_div_2ui(out, out, 1, round);
}

static int exact_normpdf(mpfr_t out, const mpfr_t x, mpfr_rnd_t round)
{
    mpfr_t root;
    mpfr_init2(root, mpfr_get_prec(out));
    mpfr_const_pi(root, round);
    mpfr_mul_2ui(root, root, 1, round);
    mpfr_sqrt(root, root, round);
    mpfr_sqr(out, x, round);
    mpfr_div_2ui(out, out, 1, round);
    mpfr_neg(out, out, round);
    mpfr_exp(out, out, round);
    mpfr_div(out, out, root, round);
    mpfr_clear(root);
    return 0;
}

// The root of normcdf(x) = p by Newton's method from our own value, which must be close for the
// result to be: one step squares its error.
static int exact_norminv(mpfr_t out, const mpfr_t p, mpfr_rnd_t round)
{
    double argument = mpfr_get_d(p, round);
    double start = dc_math_find(DC_STR("norminv"))->call(&argument, 1, &(dc_err_t){ DC_OK });
    mpfr_set_d(out, start, round);
    if (!isfinite(start)) return 0;
    mpfr_t off, slope;
    mpfr_init2(off, 2 * PRECISION);
    mpfr_init2(slope, PRECISION);
    for (int i = 0; i < 2; i++) {
        exact_normcdf(off, out, round);
        mpfr_sub(off, off, p, round);
        exact_normpdf(slope, out, round);
        mpfr_div(off, off, slope, round);
        mpfr_sub(out, out, off, round);
    }
    mpfr_clears(off, slope, (mpfr_ptr)NULL);
    return 0;
}

// --- functions of one number -------------------------------------------------------------------

static const struct {
    const char *name;
    int (*exact)(mpfr_t out, const mpfr_t x, mpfr_rnd_t round);
    double low, high; // where most of the arguments are
} unary[] = {
    { "sqrt", mpfr_sqrt, 0, 100 },         { "cbrt", mpfr_cbrt, -100, 100 },
    { "exp", mpfr_exp, -746, 710 },        { "expm1", mpfr_expm1, -40, 710 },
    { "exp2", mpfr_exp2, -1075, 1024 },    { "log", mpfr_log, 0, 10 },
    { "log2", mpfr_log2, 0, 10 },          { "log10", mpfr_log10, 0, 10 },
    { "log1p", mpfr_log1p, -1, 2 },        { "sin", mpfr_sin, -10, 10 },
    { "cos", mpfr_cos, -10, 10 },          { "tan", mpfr_tan, -10, 10 },
    { "asin", mpfr_asin, -1, 1 },          { "acos", mpfr_acos, -1, 1 },
    { "atan", mpfr_atan, -10, 10 },        { "sinpi", mpfr_sinpi, -4, 4 },
    { "cospi", mpfr_cospi, -4, 4 },        { "sinh", mpfr_sinh, -711, 711 },
    { "cosh", mpfr_cosh, -711, 711 },      { "tanh", mpfr_tanh, -20, 20 },
    { "asinh", mpfr_asinh, -10, 10 },      { "acosh", mpfr_acosh, 1, 10 },
    { "atanh", mpfr_atanh, -1, 1 },        { "deg", exact_deg, -10, 10 },
    { "rad", exact_rad, -400, 400 },       { "erf", mpfr_erf, -6, 6 },
    { "erfc", mpfr_erfc, -6, 27.3 },       { "gamma", mpfr_gamma, -184, 172 },
    { "normpdf", exact_normpdf, -39, 39 }, { "normcdf", exact_normcdf, -39, 9 },
    { "norminv", exact_norminv, 0, 1 },
};

START_TEST(function_of_one_number_keeps_its_bound)
{
    const dc_math_function_t *function = dc_math_find(dc_str_from(unary[_i].name));
    worst_t worst = { .off = 0 };
    dc_rng_t rng;
    dc_rng_init(&rng, 70);
    mpfr_t x, exact;
    mpfr_init2(x, 53);
    mpfr_init2(exact, PRECISION);
    for (uint64_t i = 0; i < point_count(); i++) {
        double args[2] = { next_argument(&rng, unary[_i].low, unary[_i].high), 0 };
        dc_err_t error = DC_OK;
        double value = function->call(args, 1, &error);
        mpfr_set_d(x, args[0], MPFR_RNDN);
        unary[_i].exact(exact, x, MPFR_RNDN);
        keep_worst(&worst, error_in_ulp(value, exact), args);
    }
    mpfr_clears(x, exact, (mpfr_ptr)NULL);
    mpfr_free_cache();
    judge(function, &worst);
}
END_TEST

// --- functions of two numbers ------------------------------------------------------------------

// A base and an exponent whose power is anything, is close to where it over- or underflows, or 1.
static void next_power(dc_rng_t *rng, double *args)
{
    double logarithm = 0;
    while (logarithm == 0) {
        args[0] = fabs(next_argument(rng, 0, 10));
        logarithm = args[0] > 0 ? log2(args[0]) : 1;
    }
    switch (dc_rng_below(rng, 5)) {
    case 0: args[1] = rint(next_between(rng, -30, 30)); break;
    case 1: args[1] = next_between(rng, 1020, 1024.1) / logarithm; break;
    case 2: args[1] = next_between(rng, -1076, -1020) / logarithm; break;
    case 3: args[1] = next_argument(rng, -10, 10); break;
    default: args[1] = next_between(rng, -1074, 1024) / logarithm; break;
    }
    if (args[1] == rint(args[1])) args[0] = sign_at_random(rng, args[0]);
}

// Anything, or of similar size.
static void next_pair(dc_rng_t *rng, double *args)
{
    args[0] = next_argument(rng, -10, 10);
    args[1] = next_argument(rng, -10, 10);
    if (dc_rng_u64(rng) & 1)
        args[1] = next_near(rng, ldexp(args[0], (int)dc_rng_below(rng, 40) - 20));
}

static void next_root(dc_rng_t *rng, double *args)
{
    args[0] = next_argument(rng, 0, 1000);
    double largest = ldexp(1, (int)dc_rng_below(rng, 53));
    args[1] = rint(next_between(rng, -largest, largest));
}

static void next_base(dc_rng_t *rng, double *args)
{
    args[0] = next_argument(rng, 0, 1000);
    args[1] = dc_rng_u64(rng) & 1 ? next_argument(rng, 0, 20) : rint(next_between(rng, 2, 40));
}

static int exact_root(mpfr_t out, const mpfr_t x, const mpfr_t n, mpfr_rnd_t round)
{
    return mpfr_rootn_si(out, x, mpfr_get_si(n, round), round);
}

static int exact_log_base(mpfr_t out, const mpfr_t x, const mpfr_t base, mpfr_rnd_t round)
{
    mpfr_t divisor;
    mpfr_init2(divisor, mpfr_get_prec(out));
    mpfr_log(divisor, base, round);
    mpfr_log(out, x, round);
    mpfr_div(out, out, divisor, round);
    mpfr_clear(divisor);
    return 0;
}

// NOLINTNEXTLINE(readability-non-const-parameter): the shape is that of dc_math_fn_t.
static double call_dc_pow(const double *args, size_t count, dc_err_t *error)
{
    (void)count;
    (void)error;
    return dc_pow(args[0], args[1]);
}

// Without the rules for some exponents, which allow pow itself to be off by more.
static const dc_math_function_t dc_pow_alone = { .name = "dc_pow",
                                                 .args_min = 2,
                                                 .args_max = 2,
                                                 .call = call_dc_pow,
                                                 .help = "x ^ y",
                                                 .error_ulp = 1 };

static const struct {
    const char *name;
    int (*exact)(mpfr_t out, const mpfr_t x, const mpfr_t y, mpfr_rnd_t round);
    void (*next)(dc_rng_t *rng, double *args);
} binary[] = {
    { "dc_pow", mpfr_pow, next_power }, { "pow", mpfr_pow, next_power },
    { "hypot", mpfr_hypot, next_pair }, { "atan2", mpfr_atan2, next_pair },
    { "root", exact_root, next_root },  { "log", exact_log_base, next_base },
};

START_TEST(function_of_two_numbers_keeps_its_bound)
{
    const dc_math_function_t *function = dc_math_find(dc_str_from(binary[_i].name));
    if (!function) function = &dc_pow_alone;
    worst_t worst = { .off = 0 };
    dc_rng_t rng;
    dc_rng_init(&rng, 71);
    mpfr_t x, y, exact;
    mpfr_init2(x, 53);
    mpfr_init2(y, 53);
    mpfr_init2(exact, PRECISION);
    for (uint64_t i = 0; i < point_count(); i++) {
        double args[2];
        binary[_i].next(&rng, args);
        dc_err_t error = DC_OK;
        double value = function->call(args, 2, &error);
        mpfr_set_d(x, args[0], MPFR_RNDN);
        mpfr_set_d(y, args[1], MPFR_RNDN);
        binary[_i].exact(exact, x, y, MPFR_RNDN);
        keep_worst(&worst, error_in_ulp(value, exact), args);
    }
    mpfr_clears(x, y, exact, (mpfr_ptr)NULL);
    mpfr_free_cache();
    judge(function, &worst);
}
END_TEST

Suite *suite(void)
{
    Suite *suite = suite_create("accuracy");
    TCase *tests = tcase_create("accuracy");
    tcase_set_timeout(tests, 0);
    tcase_add_loop_test(tests, function_of_one_number_keeps_its_bound, 0, DC_ARRAY_LEN(unary));
    tcase_add_loop_test(tests, function_of_two_numbers_keeps_its_bound, 0, DC_ARRAY_LEN(binary));
    suite_add_tcase(suite, tests);
    return suite;
}
