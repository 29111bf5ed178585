#include "common/wide/wide_math.h"

#include "common/limits.h"
#include "common/wide/decimals.h"
#include "common/wide/powers.h"
#include "common/wide/wide_integers.h"

// The gamma function of more is too large for decimal numbers, and of less than minus the other it
// is too small wherever it is not a pole: 3300! and 5000! have more than 10,000 and 16,000 digits.
#define GAMMA_MAX 3300
#define GAMMA_MIN (-5000)

// The shape of all of them.
#define CALL(name)                                                                      \
    static dc_err_t name(dc_arithmetic_t *self, const dc_wide_function_t *function,     \
                         dc_wide_number_t *result, const dc_wide_number_t *const *args, \
                         size_t count)
#define UNUSED (void)self, (void)function, (void)count

static dc_err_t put_small(dc_wide_number_t *result, int value)
{
    dc_wide_number_set_integer(result, (unsigned long)(value < 0 ? -value : value));
    if (value < 0) mpq_neg(result->ratio, result->ratio);
    return DC_OK;
}

static dc_err_t copy(dc_wide_number_t *result, const dc_wide_number_t *number)
{
    dc_wide_number_set(result, number);
    return DC_OK;
}

static bool is_integer(mpq_srcptr ratio)
{
    return mpz_cmp_ui(mpq_denref(ratio), 1) == 0;
}

// --- signs, the largest ------------------------------------------------------------------------

CALL(call_abs)
{
    UNUSED;
    mpq_abs(result->ratio, args[0]->ratio);
    result->exponent = args[0]->exponent;
    return DC_OK;
}

CALL(call_sign)
{
    UNUSED;
    return put_small(result, dc_wide_number_sign(args[0]));
}

CALL(call_min)
{
    UNUSED;
    const dc_wide_number_t *least = args[0];
    for (size_t i = 1; i < count; i++) {
        if (dc_arithmetic_compare(self, args[i], least) < 0) least = args[i];
    }
    return copy(result, least);
}

CALL(call_max)
{
    UNUSED;
    const dc_wide_number_t *most = args[0];
    for (size_t i = 1; i < count; i++) {
        if (dc_arithmetic_compare(self, args[i], most) > 0) most = args[i];
    }
    return copy(result, most);
}

CALL(call_clamp)
{
    UNUSED;
    const dc_wide_number_t *number = args[0];
    if (dc_arithmetic_compare(self, number, args[1]) < 0) number = args[1];
    if (dc_arithmetic_compare(self, number, args[2]) > 0) number = args[2];
    return copy(result, number);
}

// --- rounding ----------------------------------------------------------------------------------

typedef void (*divide_t)(mpz_ptr, mpz_srcptr, mpz_srcptr);

// The quotient's nearest integer, halves away from 0; `below` is above 0.
static void divide_to_nearest(mpz_ptr result, mpz_srcptr above, mpz_srcptr below)
{
    mpz_t twice;
    mpz_init(twice);
    mpz_mul_2exp(twice, below, 1);
    int sign = mpz_sgn(above);
    mpz_mul_2exp(result, above, 1);
    if (sign < 0) {
        mpz_sub(result, result, below);
    } else {
        mpz_add(result, result, below);
    }
    mpz_tdiv_q(result, result, twice);
    mpz_clear(twice);
}

static dc_err_t to_integer(dc_arithmetic_t *self, dc_wide_number_t *result,
                           const dc_wide_number_t *number, divide_t divide)
{
    mpq_srcptr ratio = dc_wide_number_ratio(number, self->a);
    if (is_integer(ratio)) return copy(result, number);
    divide(mpq_numref(self->ratio), mpq_numref(ratio), mpq_denref(ratio));
    return dc_arithmetic_put_integer(self, result, mpq_numref(self->ratio));
}

CALL(call_floor)
{
    UNUSED;
    return to_integer(self, result, args[0], mpz_fdiv_q);
}

CALL(call_ceil)
{
    UNUSED;
    return to_integer(self, result, args[0], mpz_cdiv_q);
}

CALL(call_trunc)
{
    UNUSED;
    return to_integer(self, result, args[0], mpz_tdiv_q);
}

CALL(call_frac)
{
    UNUSED;
    mpq_srcptr ratio = dc_wide_number_ratio(args[0], self->a);
    mpz_tdiv_r(mpq_numref(self->ratio), mpq_numref(ratio), mpq_denref(ratio));
    mpz_set(mpq_denref(self->ratio), mpq_denref(ratio));
    mpq_canonicalize(self->ratio);
    return dc_arithmetic_put(self, result, self->ratio);
}

// To a multiple of 10^places.
static dc_err_t round_to_tens(dc_arithmetic_t *self, dc_wide_number_t *result, mpq_srcptr x,
                              uint64_t places)
{
    mpz_ptr rounded = mpq_numref(self->ratio);
    // Less than a tenth of it.
    if (places > mpz_sizeinbase(mpq_numref(x), 10) + 1) return put_small(result, 0);
    mpz_srcptr power = dc_decimals_power(self, places);
    mpz_mul(mpq_denref(self->ratio), mpq_denref(x), power);
    divide_to_nearest(rounded, mpq_numref(x), mpq_denref(self->ratio));
    mpz_mul(rounded, rounded, power);
    return dc_arithmetic_put_integer(self, result, rounded);
}

// Has x no more than so many places behind the point?
static bool has_places(dc_arithmetic_t *self, mpq_srcptr x, uint64_t places)
{
    mpz_srcptr below = mpq_denref(x);
    unsigned long twos = mpz_scan1(below, 0);
    if (twos > places) return false;
    mpz_fdiv_q_2exp(self->quotient, below, twos);
    mpz_set_ui(self->rest, 5);
    unsigned long fives = mpz_remove(self->quotient, self->quotient, self->rest);
    return fives <= places && mpz_cmp_ui(self->quotient, 1) == 0;
}

// So many places behind the point.
static dc_err_t round_to_places(dc_arithmetic_t *self, dc_wide_number_t *result,
                                const dc_wide_number_t *number, mpq_srcptr x, uint64_t places)
{
    if (has_places(self, x, places)) return copy(result, number);
    // What has as many digits behind the point is too large; 10^n has 3n bits and more.
    if (places > DC_WIDE_BITS_MAX / 3) return DC_ERR_OVERFLOW;
    mpz_srcptr power = dc_decimals_power(self, places);
    mpz_mul(mpq_denref(self->ratio), mpq_numref(x), power);
    divide_to_nearest(mpq_numref(self->ratio), mpq_denref(self->ratio), mpq_denref(x));
    mpz_set(mpq_denref(self->ratio), power);
    mpq_canonicalize(self->ratio);
    return dc_arithmetic_put(self, result, self->ratio);
}

CALL(call_round)
{
    UNUSED;
    if (count == 1) return to_integer(self, result, args[0], divide_to_nearest);
    mpq_srcptr digits = dc_wide_number_ratio(args[1], self->b);
    if (!is_integer(digits)) return DC_ERR_INTEGER;
    mpq_srcptr x = dc_wide_number_ratio(args[0], self->a);
    mpz_srcptr places = mpq_numref(digits);
    // Beyond, no number of this room has another digit.
    uint64_t most = 2 * (uint64_t)DC_WIDE_BITS_MAX;
    uint64_t count_places = mpz_cmpabs_ui(places, most) > 0 ? most : mpz_get_ui(places);
    if (mpz_sgn(places) < 0) return round_to_tens(self, result, x, count_places);
    return round_to_places(self, result, args[0], x, count_places);
}

// --- quotients ---------------------------------------------------------------------------------

CALL(call_mod)
{
    UNUSED;
    dc_err_t err = dc_arithmetic_operate(self, DC_OP_MOD, result, args[0], args[1]);
    if (err) return err;
    int sign = dc_wide_number_sign(result);
    if (sign == 0 || sign == dc_wide_number_sign(args[1])) return DC_OK;
    return dc_arithmetic_operate(self, DC_OP_ADD, result, result, args[1]);
}

// Towards 0: rounded down, of what is not below 0.
CALL(call_idiv)
{
    UNUSED;
    bool is_negative = dc_wide_number_sign(args[0]) * dc_wide_number_sign(args[1]) < 0;
    const dc_wide_number_t *dividend = args[0];
    if (is_negative) {
        copy(&self->high, args[0]);
        mpq_neg(self->high.ratio, self->high.ratio);
        dividend = &self->high;
    }
    dc_err_t err = dc_arithmetic_operate(self, DC_OP_FLOORDIV, result, dividend, args[1]);
    if (is_negative) mpq_neg(result->ratio, result->ratio);
    return err;
}

CALL(call_gcd)
{
    UNUSED;
    return dc_wide_gcd(self, result, args, count);
}

CALL(call_lcm)
{
    UNUSED;
    return dc_wide_lcm(self, result, args, count);
}

CALL(call_fact)
{
    UNUSED;
    return dc_wide_fact(self, result, args, count);
}

CALL(call_choose)
{
    UNUSED;
    return dc_wide_choose(self, result, args, count);
}

CALL(call_perm)
{
    UNUSED;
    return dc_wide_perm(self, result, args, count);
}

// --- roots, powers, logarithms -----------------------------------------------------------------

static dc_err_t take_root(dc_arithmetic_t *self, dc_wide_number_t *result,
                          const dc_wide_number_t *x, unsigned long degree)
{
    dc_wide_number_set_integer(&self->high, degree);
    return dc_powers_root(self, result, x, &self->high);
}

CALL(call_sqrt)
{
    UNUSED;
    return take_root(self, result, args[0], 2);
}

CALL(call_cbrt)
{
    UNUSED;
    return take_root(self, result, args[0], 3);
}

CALL(call_root)
{
    UNUSED;
    return dc_powers_root(self, result, args[0], args[1]);
}

CALL(call_hypot)
{
    UNUSED;
    return dc_powers_hypot(self, result, args[0], args[1]);
}

CALL(call_pow)
{
    UNUSED;
    return dc_powers_raise(self, result, args[0], args[1]);
}

CALL(call_exp2)
{
    UNUSED;
    dc_wide_number_set_integer(&self->high, 2);
    return dc_powers_raise(self, result, &self->high, args[0]);
}

static dc_err_t take_log(dc_arithmetic_t *self, dc_wide_number_t *result, const dc_wide_number_t *x,
                         const dc_wide_number_t *base)
{
    if (dc_wide_number_sign(x) <= 0 || dc_wide_number_sign(base) <= 0) return DC_ERR_DOMAIN;
    if (mpq_cmp_ui(dc_wide_number_ratio(base, self->b), 1, 1) == 0) return DC_ERR_DOMAIN;
    return dc_powers_log(self, result, x, base);
}

CALL(call_log2)
{
    UNUSED;
    dc_wide_number_set_integer(&self->high, 2);
    return take_log(self, result, args[0], &self->high);
}

CALL(call_log10)
{
    UNUSED;
    dc_wide_number_set_integer(&self->high, 10);
    return take_log(self, result, args[0], &self->high);
}

// --- series ------------------------------------------------------------------------------------

static bool is_in(dc_wide_domain_t domain, mpq_srcptr x)
{
    int to_one = mpq_cmp_si(x, 1, 1);
    int to_minus_one = mpq_cmp_si(x, -1, 1);
    switch (domain) {
    case DC_WIDE_ANYWHERE: return true;
    case DC_WIDE_ABOVE_MINUS_1: return to_minus_one > 0;
    case DC_WIDE_ABOVE_0: return mpq_sgn(x) > 0;
    case DC_WIDE_FROM_1: return to_one >= 0;
    case DC_WIDE_WITHIN_1: return to_minus_one >= 0 && to_one <= 0;
    case DC_WIDE_BETWEEN_1: return to_minus_one > 0 && to_one < 0;
    }
    return false;
}

static dc_err_t compute(dc_arithmetic_t *self, dc_series_t series, dc_wide_number_t *result,
                        mpq_srcptr x)
{
    return dc_series_compute(self, series, result, &x);
}

CALL(call_series)
{
    UNUSED;
    mpq_srcptr x = dc_wide_number_ratio(args[0], self->a);
    if (!is_in(function->domain, x)) return DC_ERR_DOMAIN;
    if (mpq_cmp_si(x, function->at, 1) == 0) return put_small(result, function->value);
    return compute(self, function->series, result, x);
}

// Natural without a base.
CALL(call_log)
{
    if (count == 2) return take_log(self, result, args[0], args[1]);
    return call_series(self, function, result, args, count);
}

static dc_err_t put_half(dc_arithmetic_t *self, dc_wide_number_t *result, int sign)
{
    mpq_set_si(self->ratio, sign, 2);
    return dc_arithmetic_put(self, result, self->ratio);
}

// The normal distribution of 0 is 1/2.
CALL(call_normcdf)
{
    UNUSED;
    if (dc_wide_number_sign(args[0]) == 0) return put_half(self, result, 1);
    return compute(self, DC_SERIES_NORMCDF, result, dc_wide_number_ratio(args[0], self->a));
}

// Nowhere rational.
CALL(call_normpdf)
{
    UNUSED;
    return compute(self, DC_SERIES_NORMPDF, result, dc_wide_number_ratio(args[0], self->a));
}

CALL(call_atan2)
{
    UNUSED;
    mpq_srcptr y = dc_wide_number_ratio(args[0], self->a);
    mpq_srcptr x = dc_wide_number_ratio(args[1], self->b);
    if (mpq_sgn(y) == 0 && mpq_sgn(x) >= 0) return put_small(result, 0);
    return dc_series_compute(self, DC_SERIES_ATAN2, result, (const mpq_srcptr[]){ y, x });
}

// The sine of x * pi, of x with sixths[k] = the sine of k * pi / 6 times 2, if that is an integer.
static dc_err_t compute_turn(dc_arithmetic_t *self, dc_series_t series, dc_wide_number_t *result,
                             mpq_srcptr x, unsigned long quarter)
{
    static const int8_t sixths[] = { 0, 1, 99, 2, 99, 1, 0, -1, 99, -2, 99, -1 };
    mpz_mul_ui(self->quotient, mpq_numref(x), 6);
    mpz_fdiv_qr(self->quotient, self->rest, self->quotient, mpq_denref(x));
    bool is_sixth = mpz_sgn(self->rest) == 0;
    unsigned long sixth = (mpz_fdiv_ui(self->quotient, 12) + quarter) % 12;
    if (!is_sixth || sixths[sixth] == 99) return compute(self, series, result, x);
    if (sixths[sixth] % 2) return put_half(self, result, sixths[sixth]);
    return put_small(result, sixths[sixth] / 2);
}

CALL(call_sinpi)
{
    UNUSED;
    mpq_srcptr x = dc_wide_number_ratio(args[0], self->a);
    return compute_turn(self, DC_SERIES_SINPI, result, x, 0);
}

// A quarter turn is three sixths of a half one.
CALL(call_cospi)
{
    UNUSED;
    mpq_srcptr x = dc_wide_number_ratio(args[0], self->a);
    return compute_turn(self, DC_SERIES_COSPI, result, x, 3);
}

// (x - 1)! of integers.
CALL(call_gamma)
{
    UNUSED;
    mpq_srcptr x = dc_wide_number_ratio(args[0], self->a);
    if (is_integer(x)) {
        if (mpq_sgn(x) <= 0) return DC_ERR_DOMAIN;
        dc_wide_number_set_integer(&self->high, 1);
        dc_err_t err = dc_arithmetic_operate(self, DC_OP_SUB, &self->high, args[0], &self->high);
        const dc_wide_number_t *before = &self->high;
        return err ? err : dc_wide_fact(self, result, &before, 1);
    }
    if (dc_arithmetic_is_exact(self)) return DC_ERR_INEXACT;
    if (mpq_cmp_si(x, GAMMA_MAX, 1) > 0) return DC_ERR_OVERFLOW;
    if (mpq_cmp_si(x, GAMMA_MIN, 1) < 0) return put_small(result, 0);
    return compute(self, DC_SERIES_GAMMA, result, x);
}

// --- the table ---------------------------------------------------------------------------------

// clang-format off
#define FUNCTION(text) { .name = #text, .call = call_##text }
#define SERIES(text, number, where, x, y)                                                    \
    { .name = #text, .call = call_series, .series = DC_SERIES_##number,                      \
      .domain = DC_WIDE_##where, .at = (x), .value = (y) }
#define NONE(text) { .name = #text }
// clang-format on

// In the order of math.c.
static const dc_wide_function_t functions[] = {
    FUNCTION(abs),
    SERIES(acos, ACOS, WITHIN_1, 1, 0),
    SERIES(acosh, ACOSH, FROM_1, 1, 0),
    SERIES(asin, ASIN, WITHIN_1, 0, 0),
    SERIES(asinh, ASINH, ANYWHERE, 0, 0),
    SERIES(atan, ATAN, ANYWHERE, 0, 0),
    FUNCTION(atan2),
    SERIES(atanh, ATANH, BETWEEN_1, 0, 0),
    FUNCTION(cbrt),
    FUNCTION(ceil),
    FUNCTION(choose),
    FUNCTION(clamp),
    SERIES(cos, COS, ANYWHERE, 0, 1),
    SERIES(cosh, COSH, ANYWHERE, 0, 1),
    FUNCTION(cospi),
    SERIES(deg, DEG, ANYWHERE, 0, 0),
    SERIES(erf, ERF, ANYWHERE, 0, 0),
    SERIES(erfc, ERFC, ANYWHERE, 0, 1),
    SERIES(exp, EXP, ANYWHERE, 0, 1),
    FUNCTION(exp2),
    SERIES(expm1, EXPM1, ANYWHERE, 0, 0),
    FUNCTION(fact),
    FUNCTION(floor),
    FUNCTION(frac),
    FUNCTION(gamma),
    FUNCTION(gcd),
    FUNCTION(hypot),
    FUNCTION(idiv),
    FUNCTION(lcm),
    SERIES(ln, LN, ABOVE_0, 1, 0),
    { .name = "log",
      .call = call_log,
      .series = DC_SERIES_LN,
      .domain = DC_WIDE_ABOVE_0,
      .at = 1,
      .value = 0 },
    FUNCTION(log10),
    SERIES(log1p, LOG1P, ABOVE_MINUS_1, 0, 0),
    FUNCTION(log2),
    FUNCTION(max),
    FUNCTION(min),
    FUNCTION(mod),
    NONE(normal),
    FUNCTION(normcdf),
    NONE(norminv),
    FUNCTION(normpdf),
    FUNCTION(perm),
    FUNCTION(pow),
    SERIES(rad, RAD, ANYWHERE, 0, 0),
    FUNCTION(root),
    FUNCTION(round),
    FUNCTION(sign),
    SERIES(sin, SIN, ANYWHERE, 0, 0),
    SERIES(sinh, SINH, ANYWHERE, 0, 0),
    FUNCTION(sinpi),
    FUNCTION(sqrt),
    SERIES(tan, TAN, ANYWHERE, 0, 0),
    SERIES(tanh, TANH, ANYWHERE, 0, 0),
    FUNCTION(trunc),
    NONE(uniform),
};

const dc_wide_function_t *dc_wide_math_at(size_t index)
{
    assert(index < DC_ARRAY_LEN(functions));
    return &functions[index];
}
