#include "common/wide/wide_math.h"

#include "common/limits.h"
#include "common/wide/decimals.h"
#include "common/wide/powers.h"
#include "common/wide/wide_integers.h"
#include "common/wide/wide_round.h"

// The gamma function of more is too large for decimal numbers, and of less than minus the other it
// is too small wherever it is not a pole: 3300! and 5000! have more than 10,000 and 16,000 digits.
#define GAMMA_MAX 3300
#define GAMMA_MIN (-5000)

#define CALL(name)                                                        \
    static dc_err_t name(dc_arithmetic_t *self, dc_wide_number_t *result, \
                         const dc_wide_number_t *const *args, size_t count)
#define UNUSED (void)self, (void)count

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

// Natural without a base.
CALL(call_log)
{
    if (count == 2) return take_log(self, result, args[0], args[1]);
    mpq_srcptr x = dc_wide_number_ratio(args[0], self->a);
    if (mpq_sgn(x) <= 0) return DC_ERR_DOMAIN;
    if (mpq_cmp_ui(x, 1, 1) == 0) return put_small(result, 0);
    return dc_series_compute(self, DC_SERIES_LN, result, &x);
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

static dc_err_t call_series(dc_arithmetic_t *self, const dc_wide_function_t *function,
                            dc_wide_number_t *result, const dc_wide_number_t *number)
{
    mpq_srcptr x = dc_wide_number_ratio(number, self->a);
    if (!is_in(function->domain, x)) return DC_ERR_DOMAIN;
    if (mpq_cmp_si(x, function->at, 1) == 0) return put_small(result, function->value);
    return compute(self, function->series, result, x);
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

// Is y / x less than 10^-(digits + 2), for sure? Digits may be counted one too many.
static bool is_quotient_tiny(const dc_arithmetic_t *self, const dc_wide_number_t *y,
                             const dc_wide_number_t *x)
{
    int64_t above = y->exponent + (int64_t)mpz_sizeinbase(mpq_numref(y->ratio), 10);
    int64_t below = x->exponent + (int64_t)mpz_sizeinbase(mpq_numref(x->ratio), 10) - 2;
    return above - below <= -((int64_t)self->numbers.digits + 2);
}

// q times 1 - 10^-(2 digits + 4), or 1 + that, of the q in the ratio, one decimal number over
// another. Where q is halfway between two decimal numbers no series tells on which side of that a
// function is; where it is not, it is further from there: by 10^-(2 digits + 1) of it at least. So
// this rounds as all do that are nearer to q, on that side.
static dc_err_t put_next_to_quotient(dc_arithmetic_t *self, dc_wide_number_t *result, bool is_less)
{
    mpz_srcptr power = dc_decimals_power(self, 2 * (uint64_t)self->numbers.digits + 4);
    mpz_set_si(self->quotient, is_less ? -1 : 1);
    mpz_add(self->quotient, self->quotient, power);
    mpz_mul(mpq_numref(self->ratio), mpq_numref(self->ratio), self->quotient);
    mpz_mul(mpq_denref(self->ratio), mpq_denref(self->ratio), power);
    mpq_canonicalize(self->ratio);
    return dc_arithmetic_put(self, result, self->ratio);
}

// The angle of a tiny quotient q is q and, by less than q^2 / 2 of it, nearer to 0.
static dc_err_t put_tiny_angle(dc_arithmetic_t *self, dc_wide_number_t *result, mpq_srcptr y,
                               mpq_srcptr x)
{
    mpq_div(self->ratio, y, x);
    return put_next_to_quotient(self, result, true);
}

CALL(call_atan2)
{
    UNUSED;
    mpq_srcptr y = dc_wide_number_ratio(args[0], self->a);
    mpq_srcptr x = dc_wide_number_ratio(args[1], self->b);
    if (mpq_sgn(y) == 0 && mpq_sgn(x) >= 0) return put_small(result, 0);
    if (dc_arithmetic_is_exact(self)) return DC_ERR_INEXACT;
    if (mpq_sgn(x) > 0 && is_quotient_tiny(self, args[0], args[1]))
        return put_tiny_angle(self, result, y, x);
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

// Is x less than 10^-(2 digits + 4), for sure?
static bool is_tiny(const dc_arithmetic_t *self, const dc_wide_number_t *x)
{
    int64_t above = x->exponent + (int64_t)mpz_sizeinbase(mpq_numref(x->ratio), 10);
    return above <= -(2 * (int64_t)self->numbers.digits + 4);
}

// The gamma function of a tiny x is less than 1/x, by Euler's constant and next to nothing.
static dc_err_t put_tiny_gamma(dc_arithmetic_t *self, dc_wide_number_t *result, mpq_srcptr x)
{
    mpq_inv(self->ratio, x);
    return put_next_to_quotient(self, result, mpq_sgn(x) > 0);
}

// (x - 1)! of integers.
CALL(call_gamma)
{
    UNUSED;
    mpq_srcptr x = dc_wide_number_ratio(args[0], self->a);
    if (dc_wide_ratio_is_integer(x)) {
        if (mpq_sgn(x) <= 0) return DC_ERR_DOMAIN;
        // Not rounded: x - 1 may have more digits than decimal numbers.
        dc_wide_number_set_integer(&self->high, 0);
        mpz_sub_ui(mpq_numref(self->high.ratio), mpq_numref(x), 1);
        const dc_wide_number_t *before = &self->high;
        return dc_wide_fact(self, result, &before, 1);
    }
    if (dc_arithmetic_is_exact(self)) return DC_ERR_INEXACT;
    if (mpq_cmp_si(x, GAMMA_MAX, 1) > 0) return DC_ERR_OVERFLOW;
    if (mpq_cmp_si(x, GAMMA_MIN, 1) < 0) return put_small(result, 0);
    if (is_tiny(self, args[0])) return put_tiny_gamma(self, result, x);
    return compute(self, DC_SERIES_GAMMA, result, x);
}

// --- the table ---------------------------------------------------------------------------------

// clang-format off
#define FUNCTION(text) { .name = #text, .call = call_##text }
#define ELSEWHERE(text) { .name = #text, .call = dc_wide_##text }
#define SERIES(text, number, where, x, y)                                                    \
    { .name = #text, .is_series = true, .series = DC_SERIES_##number,                        \
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
    ELSEWHERE(ceil),
    ELSEWHERE(choose),
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
    ELSEWHERE(fact),
    ELSEWHERE(floor),
    ELSEWHERE(frac),
    FUNCTION(gamma),
    ELSEWHERE(gcd),
    FUNCTION(hypot),
    FUNCTION(idiv),
    ELSEWHERE(lcm),
    SERIES(ln, LN, ABOVE_0, 1, 0),
    FUNCTION(log),
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
    ELSEWHERE(perm),
    FUNCTION(pow),
    SERIES(rad, RAD, ANYWHERE, 0, 0),
    FUNCTION(root),
    ELSEWHERE(round),
    FUNCTION(sign),
    SERIES(sin, SIN, ANYWHERE, 0, 0),
    SERIES(sinh, SINH, ANYWHERE, 0, 0),
    FUNCTION(sinpi),
    FUNCTION(sqrt),
    SERIES(tan, TAN, ANYWHERE, 0, 0),
    SERIES(tanh, TANH, ANYWHERE, 0, 0),
    ELSEWHERE(trunc),
    NONE(uniform),
};

const dc_wide_function_t *dc_wide_math_at(size_t index)
{
    assert(index < DC_ARRAY_LEN(functions));
    return &functions[index];
}

dc_err_t dc_wide_math_call(dc_arithmetic_t *self, const dc_wide_function_t *function,
                           dc_wide_number_t *result, const dc_wide_number_t *const *args,
                           size_t count)
{
    if (function->is_series) return call_series(self, function, result, args[0]);
    return function->call(self, result, args, count);
}
