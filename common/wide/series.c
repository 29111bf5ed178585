#include "common/wide/series.h"

#include "common/limits.h"
#include "common/wide/error_function.h"
#include "common/wide/gamma.h"
#include "common/wide/interval.h"

// Each round has twice as many bits as the one before; the first has so many more than the digits.
#define ROUNDS_MAX 5
#define GUARD_BITS 64

// As many bits of a series are a step.
#define BITS_PER_STEP 8

// Beyond 2^this a number is too large whatever its digits are, and below 2^-this it is 0.
#define EXPONENT_MAX 40000
static_assert(EXPONENT_MAX > (DC_WIDE_EXPONENT_MAX + 2 * DC_NUMBERS_DIGITS_MAX) * 10 / 3,
              "also of subnormal ones");

// How the values of a function over an interval are found.
typedef enum shape {
    OTHER,   // by a function of its own
    EXACT,   // likewise, of the number itself: what takes long, and can be ended
    RISING,  // between those at the ends
    FALLING, //
    EVEN,    // likewise of the interval without its sign, where it rises
    FLAT,    // near that at one end, as it is never steeper than `slope`
    CORNERS, // of two arguments: between those at the corners
} shape_t;

typedef struct recipe {
    shape_t shape;
    uint8_t arg_count;
    uint8_t slope; // of FLAT
    dc_interval_function_t function;
    dc_interval_function2_t function2;
    void (*enclose)(dc_interval_t *result, const dc_interval_t *args);
    dc_err_t (*enclose_exact)(dc_arithmetic_t *self, dc_interval_t *result, mpq_srcptr x);
} recipe_t;

// --- functions that MPFR does not have ----------------------------------------------------------

// log(x) / log(base), rounded down: with ten bits more, three roundings are less than a unit of the
// last place.
static int divide_logs(mpfr_ptr result, mpfr_srcptr x, mpfr_srcptr base, mpfr_rnd_t rounding)
{
    assert(rounding == MPFR_RNDD);
    mpfr_t above, below;
    mpfr_inits2(mpfr_get_prec(result) + 10, above, below, (mpfr_ptr)NULL);
    mpfr_log(above, x, MPFR_RNDN);
    mpfr_log(below, base, MPFR_RNDN);
    mpfr_div(above, above, below, MPFR_RNDN);
    mpfr_set(result, above, rounding);
    mpfr_nextbelow(result);
    mpfr_clears(above, below, (mpfr_ptr)NULL);
    return -1;
}

static void enclose_pi(dc_interval_t *result, const dc_interval_t *args)
{
    (void)args;
    mpfr_const_pi(result->low, MPFR_RNDD);
    mpfr_const_pi(result->high, MPFR_RNDU);
}

static void enclose_tau(dc_interval_t *result, const dc_interval_t *args)
{
    enclose_pi(result, args);
    mpfr_mul_2ui(result->low, result->low, 1, MPFR_RNDD);
    mpfr_mul_2ui(result->high, result->high, 1, MPFR_RNDU);
}

static void enclose_e(dc_interval_t *result, const dc_interval_t *args)
{
    (void)args;
    mpfr_set_ui(result->low, 1, MPFR_RNDD);
    mpfr_set_ui(result->high, 1, MPFR_RNDU);
    dc_interval_rising(mpfr_exp, result, result->low, result->high);
}

// (1 + sqrt(5)) / 2
static void enclose_phi(dc_interval_t *result, const dc_interval_t *args)
{
    (void)args;
    mpfr_sqrt_ui(result->low, 5, MPFR_RNDD);
    mpfr_sqrt_ui(result->high, 5, MPFR_RNDU);
    mpfr_add_ui(result->low, result->low, 1, MPFR_RNDD);
    mpfr_add_ui(result->high, result->high, 1, MPFR_RNDU);
    mpfr_div_2ui(result->low, result->low, 1, MPFR_RNDD);
    mpfr_div_2ui(result->high, result->high, 1, MPFR_RNDU);
}

static void enclose_rad(dc_interval_t *result, const dc_interval_t *args)
{
    dc_interval_t factor;
    dc_interval_init(&factor, dc_interval_precision(result));
    enclose_pi(&factor, NULL);
    mpfr_div_ui(factor.low, factor.low, 180, MPFR_RNDD);
    mpfr_div_ui(factor.high, factor.high, 180, MPFR_RNDU);
    dc_interval_scale(result, args, &factor);
    dc_interval_fini(&factor);
}

static void enclose_deg(dc_interval_t *result, const dc_interval_t *args)
{
    dc_interval_t factor, pi;
    dc_interval_init(&factor, dc_interval_precision(result));
    dc_interval_init(&pi, dc_interval_precision(result));
    enclose_pi(&pi, NULL);
    mpfr_ui_div(factor.low, 180, pi.high, MPFR_RNDD);
    mpfr_ui_div(factor.high, 180, pi.low, MPFR_RNDU);
    dc_interval_scale(result, args, &factor);
    dc_interval_fini(&factor);
    dc_interval_fini(&pi);
}

// exp(-x * x / 2) / sqrt(2 pi)
static void enclose_normpdf(dc_interval_t *result, const dc_interval_t *args)
{
    dc_interval_t size, root;
    dc_interval_init(&size, dc_interval_precision(result));
    dc_interval_init(&root, dc_interval_precision(result));
    dc_interval_size(&size, args);
    dc_interval_rising(mpfr_sqr, &size, size.low, size.high);
    mpfr_div_2ui(size.low, size.low, 1, MPFR_RNDD);
    mpfr_div_2ui(size.high, size.high, 1, MPFR_RNDU);
    mpfr_neg(size.low, size.low, MPFR_RNDU);
    mpfr_neg(size.high, size.high, MPFR_RNDD);
    dc_interval_rising(mpfr_exp, result, size.high, size.low);
    enclose_tau(&root, NULL);
    dc_interval_rising(mpfr_sqrt, &root, root.low, root.high);
    mpfr_div(result->low, result->low, root.high, MPFR_RNDD);
    mpfr_div(result->high, result->high, root.low, MPFR_RNDU);
    dc_interval_fini(&size);
    dc_interval_fini(&root);
}

// --- functions of the exact number --------------------------------------------------------------

static dc_err_t enclose_gamma(dc_arithmetic_t *self, dc_interval_t *result, mpq_srcptr x)
{
    return dc_gamma_enclose(&self->tangents, &self->meter, result, x);
}

static dc_err_t enclose_erf(dc_arithmetic_t *self, dc_interval_t *result, mpq_srcptr x)
{
    mpq_mul(self->ratio, x, x);
    return dc_erf_enclose(&self->meter, result, self->ratio, mpq_sgn(x));
}

static dc_err_t enclose_erfc(dc_arithmetic_t *self, dc_interval_t *result, mpq_srcptr x)
{
    mpq_mul(self->ratio, x, x);
    return dc_erfc_enclose(&self->meter, result, self->ratio, mpq_sgn(x));
}

// erfc(-x / sqrt(2)) / 2
static dc_err_t enclose_normcdf(dc_arithmetic_t *self, dc_interval_t *result, mpq_srcptr x)
{
    mpq_mul(self->ratio, x, x);
    mpq_div_2exp(self->ratio, self->ratio, 1);
    dc_err_t err = dc_erfc_enclose(&self->meter, result, self->ratio, -mpq_sgn(x));
    mpfr_div_2ui(result->low, result->low, 1, MPFR_RNDD);
    mpfr_div_2ui(result->high, result->high, 1, MPFR_RNDU);
    return err;
}

// --- all of them -------------------------------------------------------------------------------

#define CONSTANT(name)              \
    {                               \
        OTHER, 0, .enclose = (name) \
    }
#define ONE(shape, name)               \
    {                                  \
        (shape), 1, .function = (name) \
    }
#define STEEP(name, at_most)                            \
    {                                                   \
        FLAT, 1, .function = (name), .slope = (at_most) \
    }
#define TWO(name)                       \
    {                                   \
        CORNERS, 2, .function2 = (name) \
    }
#define OWN(name)                   \
    {                               \
        OTHER, 1, .enclose = (name) \
    }
#define OF_EXACT(name)                    \
    {                                     \
        EXACT, 1, .enclose_exact = (name) \
    }
static const recipe_t recipes[DC_SERIES_COUNT] = {
    [DC_SERIES_PI] = CONSTANT(enclose_pi),
    [DC_SERIES_TAU] = CONSTANT(enclose_tau),
    [DC_SERIES_E] = CONSTANT(enclose_e),
    [DC_SERIES_PHI] = CONSTANT(enclose_phi),
    [DC_SERIES_ACOS] = ONE(FALLING, mpfr_acos),
    [DC_SERIES_ACOSH] = ONE(RISING, mpfr_acosh),
    [DC_SERIES_ASIN] = ONE(RISING, mpfr_asin),
    [DC_SERIES_ASINH] = ONE(RISING, mpfr_asinh),
    [DC_SERIES_ATAN] = ONE(RISING, mpfr_atan),
    [DC_SERIES_ATAN2] = TWO(mpfr_atan2),
    [DC_SERIES_ATANH] = ONE(RISING, mpfr_atanh),
    [DC_SERIES_COS] = STEEP(mpfr_cos, 1),
    [DC_SERIES_COSH] = ONE(EVEN, mpfr_cosh),
    [DC_SERIES_COSPI] = STEEP(mpfr_cospi, 4),
    [DC_SERIES_DEG] = OWN(enclose_deg),
    [DC_SERIES_ERF] = OF_EXACT(enclose_erf),
    [DC_SERIES_ERFC] = OF_EXACT(enclose_erfc),
    [DC_SERIES_EXP] = ONE(RISING, mpfr_exp),
    [DC_SERIES_EXPM1] = ONE(RISING, mpfr_expm1),
    [DC_SERIES_GAMMA] = OF_EXACT(enclose_gamma),
    [DC_SERIES_LN] = ONE(RISING, mpfr_log),
    [DC_SERIES_LOG] = TWO(divide_logs),
    [DC_SERIES_LOG1P] = ONE(RISING, mpfr_log1p),
    [DC_SERIES_NORMCDF] = OF_EXACT(enclose_normcdf),
    [DC_SERIES_NORMPDF] = OWN(enclose_normpdf),
    [DC_SERIES_POW] = TWO(mpfr_pow),
    [DC_SERIES_RAD] = OWN(enclose_rad),
    [DC_SERIES_SIN] = STEEP(mpfr_sin, 1),
    [DC_SERIES_SINH] = ONE(RISING, mpfr_sinh),
    [DC_SERIES_SINPI] = STEEP(mpfr_sinpi, 4),
    // Between two poles; where one lies between the ends, the lower one has the higher value.
    [DC_SERIES_TAN] = ONE(RISING, mpfr_tan),
    [DC_SERIES_TANH] = ONE(RISING, mpfr_tanh),
};

static void enclose(const recipe_t *recipe, dc_interval_t *result, const dc_interval_t *args)
{
    switch (recipe->shape) {
    case EXACT: assert(false); break; // which has no use for intervals
    case OTHER: recipe->enclose(result, args); break;
    case RISING: dc_interval_rising(recipe->function, result, args->low, args->high); break;
    case FALLING: dc_interval_rising(recipe->function, result, args->high, args->low); break;
    case EVEN: dc_interval_even(recipe->function, result, args); break;
    case FLAT: dc_interval_flat(recipe->function, recipe->slope, result, args); break;
    case CORNERS: dc_interval_corners(recipe->function2, result, args); break;
    }
}

static bool is_large(mpfr_srcptr x)
{
    return mpfr_inf_p(x) || (mpfr_regular_p(x) && mpfr_get_exp(x) > EXPONENT_MAX);
}

static bool is_small(mpfr_srcptr x)
{
    return mpfr_zero_p(x) || (mpfr_regular_p(x) && mpfr_get_exp(x) < -EXPONENT_MAX);
}

static dc_err_t round_to_digits(dc_arithmetic_t *self, mpfr_srcptr x, dc_wide_number_t *number)
{
    mpfr_get_q(self->ratio, x);
    return dc_arithmetic_put(self, number, self->ratio);
}

// Do all numbers in between round to the same? Then that, or the fault that it is, is the result.
static bool is_settled(dc_arithmetic_t *self, const dc_interval_t *between,
                       dc_wide_number_t *result, dc_err_t *err)
{
    mpfr_srcptr low = between->low;
    mpfr_srcptr high = between->high;
    if (mpfr_nan_p(low) || mpfr_nan_p(high) || mpfr_cmp(low, high) > 0) return false;
    *err = DC_ERR_OVERFLOW;
    if (is_large(low) && is_large(high)) return mpfr_signbit(low) == mpfr_signbit(high);
    if (is_large(low) || is_large(high)) return false;
    *err = DC_OK;
    if (is_small(low) && is_small(high)) {
        dc_wide_number_set_integer(result, 0);
        return true;
    }
    if (is_small(low) || is_small(high)) return false;
    *err = round_to_digits(self, low, &self->low);
    dc_err_t high_err = round_to_digits(self, high, &self->high);
    if (*err || high_err) return *err == high_err;
    bool is_same = dc_arithmetic_compare(self, &self->low, &self->high) == 0;
    if (is_same) dc_wide_number_swap(result, &self->low);
    return is_same;
}

// An angle has as many bits more as it has full turns.
static mpfr_prec_t turn_bits(const recipe_t *recipe, const mpq_srcptr *args)
{
    bool is_angle = recipe->shape == FLAT || recipe->function == mpfr_tan;
    if (!is_angle) return 0;
    size_t above = mpz_sizeinbase(mpq_numref(args[0]), 2);
    size_t below = mpz_sizeinbase(mpq_denref(args[0]), 2);
    return (mpfr_prec_t)(above > below ? above - below : 0);
}

// Enclose the function of what is known of its arguments with so many bits.
static void enclose_rounded(const recipe_t *recipe, dc_interval_t *result, const mpq_srcptr *args,
                            mpfr_prec_t bits)
{
    dc_interval_t enclosed[DC_SERIES_ARGS_MAX] = { 0 };
    for (int i = 0; i < recipe->arg_count; i++) {
        dc_interval_init(&enclosed[i], bits);
        mpfr_set_q(enclosed[i].low, args[i], MPFR_RNDD);
        mpfr_set_q(enclosed[i].high, args[i], MPFR_RNDU);
    }
    enclose(recipe, result, enclosed);
    for (int i = 0; i < recipe->arg_count; i++) {
        dc_interval_fini(&enclosed[i]);
    }
}

static dc_err_t try_round(dc_arithmetic_t *self, const recipe_t *recipe, mpfr_prec_t precision,
                          const mpq_srcptr *args, dc_wide_number_t *result, bool *is_done)
{
    mpfr_prec_t bits = precision + turn_bits(recipe, args);
    dc_err_t err = dc_meter_charge(&self->meter, (uint64_t)bits / BITS_PER_STEP);
    if (err) return err;
    dc_interval_t between;
    dc_interval_init(&between, precision);
    if (recipe->shape == EXACT) {
        err = recipe->enclose_exact(self, &between, args[0]);
    } else {
        enclose_rounded(recipe, &between, args, bits);
    }
    dc_err_t fault = DC_OK;
    *is_done = !err && is_settled(self, &between, result, &fault);
    dc_interval_fini(&between);
    return *is_done ? fault : err;
}

dc_err_t dc_series_compute(dc_arithmetic_t *self, dc_series_t series, dc_wide_number_t *result,
                           const mpq_srcptr *args)
{
    if (dc_arithmetic_is_exact(self)) return DC_ERR_INEXACT;
    mpfr_prec_t precision = (mpfr_prec_t)self->numbers.digits * 10 / 3 + GUARD_BITS;
    for (int round = 0; round < ROUNDS_MAX; round++, precision *= 2) {
        bool is_done = false;
        dc_err_t err = try_round(self, &recipes[series], precision, args, result, &is_done);
        if (err || is_done) return err;
    }
    return DC_ERR_NO_CONVERGENCE;
}
