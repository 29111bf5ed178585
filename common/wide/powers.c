#include "common/wide/powers.h"

#include "common/limits.h"
#include "common/wide/log_fraction.h"
#include "common/wide/ratio.h"
#include "common/wide/series.h"

// A decimal result that has an end is a power of no more bits than this: it has few digits, or is a
// power of ten (3.33 bits for each of 2 * 9999). Longer ones are never halfway between two decimal
// numbers, so series.h has them.
#define DECIMAL_BITS_MAX 80000

typedef enum outcome {
    NOT_RATIONAL,
    FOUND,
    TOO_LONG,
} outcome_t;

static uint64_t bits_of(mpq_srcptr x)
{
    size_t above = mpz_sizeinbase(mpq_numref(x), 2);
    size_t below = mpz_sizeinbase(mpq_denref(x), 2);
    return dc_max_size(above, below);
}

// --- roots and powers --------------------------------------------------------------------------

// The root of x, which is above 0 and not 1.
static bool take_root(mpq_ptr root, mpq_srcptr x, mpz_srcptr degree)
{
    if (mpz_cmp_ui(degree, bits_of(x)) > 0) return false;
    unsigned long n = mpz_get_ui(degree);
    return mpz_root(mpq_numref(root), mpq_numref(x), n) != 0 &&
           mpz_root(mpq_denref(root), mpq_denref(x), n) != 0;
}

static bool is_one(mpq_srcptr x)
{
    return mpq_cmp_ui(x, 1, 1) == 0;
}

// x ^ y of x that is above 0.
static outcome_t raise_exactly(mpq_ptr result, mpq_srcptr x, mpq_srcptr y, uint64_t bits_max)
{
    if (is_one(x)) {
        mpq_set(result, x);
        return FOUND;
    }
    if (!dc_wide_ratio_is_integer(y)) {
        if (!take_root(result, x, mpq_denref(y))) return NOT_RATIONAL;
        x = result;
    }
    // A number of n bits is 2^(n - 1) at least.
    uint64_t bits_min = bits_of(x) - 1;
    if (mpz_cmpabs_ui(mpq_numref(y), bits_max / bits_min) > 0) return TOO_LONG;
    unsigned long n = mpz_get_ui(mpq_numref(y));
    mpz_pow_ui(mpq_numref(result), mpq_numref(x), n);
    mpz_pow_ui(mpq_denref(result), mpq_denref(x), n);
    if (mpq_sgn(y) < 0) mpq_inv(result, result);
    return FOUND;
}

// result = x ^ y of x that is above 0; both stay as they are.
static dc_err_t raise(dc_arithmetic_t *self, dc_wide_number_t *result, mpq_srcptr x, mpq_srcptr y)
{
    bool is_exact = dc_arithmetic_is_exact(self);
    uint64_t bits_max = is_exact ? DC_WIDE_BITS_MAX : DECIMAL_BITS_MAX;
    outcome_t outcome = raise_exactly(self->ratio, x, y, bits_max);
    if (outcome == FOUND) return dc_arithmetic_put(self, result, self->ratio);
    if (outcome == TOO_LONG && is_exact) return DC_ERR_OVERFLOW;
    return dc_series_compute(self, DC_SERIES_POW, result, (const mpq_srcptr[]){ x, y });
}

static void negate_if(bool is_negative, dc_wide_number_t *number)
{
    if (is_negative) mpq_neg(number->ratio, number->ratio);
}

dc_err_t dc_powers_raise(dc_arithmetic_t *self, dc_wide_number_t *result, const dc_wide_number_t *x,
                         const dc_wide_number_t *y)
{
    int sign = dc_wide_number_sign(x);
    int direction = dc_wide_number_sign(y);
    if (sign == 0 && direction < 0) return DC_ERR_DIVIDE_BY_ZERO;
    if (sign == 0 || direction == 0) {
        dc_wide_number_set_integer(result, direction == 0);
        return DC_OK;
    }
    mpq_srcptr exponent = dc_wide_number_ratio(y, self->b);
    bool is_integer = dc_wide_ratio_is_integer(exponent);
    if (sign < 0 && !is_integer) return DC_ERR_DOMAIN;
    bool is_negative = sign < 0 && mpz_odd_p(mpq_numref(exponent));
    mpq_abs(self->a, dc_wide_number_ratio(x, self->a));
    dc_err_t err = raise(self, result, self->a, exponent);
    negate_if(is_negative, result);
    return err;
}

dc_err_t dc_powers_root(dc_arithmetic_t *self, dc_wide_number_t *result, const dc_wide_number_t *x,
                        const dc_wide_number_t *degree)
{
    mpq_set(self->b, dc_wide_number_ratio(degree, self->b));
    if (!dc_wide_ratio_is_integer(self->b)) return DC_ERR_INTEGER;
    int sign = dc_wide_number_sign(x);
    int direction = mpq_sgn(self->b);
    if (direction == 0 || (sign == 0 && direction < 0)) return DC_ERR_DOMAIN;
    if (sign < 0 && mpz_even_p(mpq_numref(self->b))) return DC_ERR_DOMAIN;
    if (sign == 0) {
        dc_wide_number_set_integer(result, 0);
        return DC_OK;
    }
    mpq_inv(self->b, self->b);
    mpq_abs(self->a, dc_wide_number_ratio(x, self->a));
    dc_err_t err = raise(self, result, self->a, self->b);
    negate_if(sign < 0, result);
    return err;
}

dc_err_t dc_powers_hypot(dc_arithmetic_t *self, dc_wide_number_t *result, const dc_wide_number_t *x,
                         const dc_wide_number_t *y)
{
    mpq_srcptr left = dc_wide_number_ratio(x, self->a);
    mpq_srcptr right = dc_wide_number_ratio(y, self->b);
    mpq_mul(self->a, left, left);
    mpq_mul(self->b, right, right);
    dc_err_t err = dc_ratio_add(&self->meter, self->a, self->a, self->b);
    if (err) return err;
    mpq_set_ui(self->b, 1, 2);
    if (mpq_sgn(self->a) != 0) return raise(self, result, self->a, self->b);
    dc_wide_number_set_integer(result, 0);
    return DC_OK;
}

// --- logarithms --------------------------------------------------------------------------------

dc_err_t dc_powers_log(dc_arithmetic_t *self, dc_wide_number_t *result, const dc_wide_number_t *x,
                       const dc_wide_number_t *base)
{
    mpq_srcptr power = dc_wide_number_ratio(x, self->a);
    mpq_set(self->b, dc_wide_number_ratio(base, self->b));
    if (is_one(power)) {
        dc_wide_number_set_integer(result, 0);
        return DC_OK;
    }
    bool is_fraction;
    dc_err_t err = dc_log_fraction(&self->meter, self->ratio, &is_fraction, power, self->b);
    if (err != DC_OK) return err;
    if (is_fraction) return dc_arithmetic_put(self, result, self->ratio);
    return dc_series_compute(self, DC_SERIES_LOG, result, (const mpq_srcptr[]){ power, self->b });
}
