#include "common/wide/decimals.h"

#include "common/limits.h"

mpz_srcptr dc_decimals_power(dc_arithmetic_t *self, uint64_t exponent)
{
    size_t place = exponent % DC_ARITHMETIC_POWERS;
    if (self->exponents[place] != exponent + 1) {
        mpz_ui_pow_ui(self->powers[place], 10, (unsigned long)exponent);
        self->exponents[place] = exponent + 1;
    }
    return self->powers[place];
}

// GMP may count one too many.
static int64_t count_digits(dc_arithmetic_t *self, mpz_srcptr digits)
{
    size_t count = mpz_sizeinbase(digits, 10);
    bool is_less = mpz_cmpabs(digits, dc_decimals_power(self, count - 1)) < 0;
    return (int64_t)count - is_less;
}

// Leave out the last `drop` digits, of `count`; half-even.
static void cut(dc_arithmetic_t *self, mpz_ptr digits, int64_t count, int64_t drop, bool is_more)
{
    if (drop > count) {
        // Less than a tenth of the last digit that is left.
        mpz_set_ui(digits, 0);
        return;
    }
    int sign = mpz_sgn(digits);
    mpz_srcptr power = dc_decimals_power(self, (uint64_t)drop);
    mpz_tdiv_qr(digits, self->rest, digits, power);
    mpz_mul_2exp(self->rest, self->rest, 1);
    int half = mpz_cmpabs(self->rest, power);
    bool is_up = half > 0 || (half == 0 && (is_more || mpz_odd_p(digits)));
    if (is_up && sign > 0) mpz_add_ui(digits, digits, 1);
    if (is_up && sign < 0) mpz_sub_ui(digits, digits, 1);
}

dc_err_t dc_decimals_round(dc_arithmetic_t *self, dc_wide_number_t *number, bool is_more)
{
    const int64_t digits_max = self->numbers.digits;
    const int64_t tiny = -DC_WIDE_EXPONENT_MAX - (digits_max - 1);
    mpz_ptr digits = mpq_numref(number->ratio);
    bool fits = !is_more && mpz_cmpabs(digits, self->limit) < 0 && number->exponent >= tiny;
    if (!fits) {
        int64_t count = count_digits(self, digits);
        int64_t drop = count - digits_max;
        if (drop < tiny - number->exponent) drop = tiny - number->exponent;
        assert(drop > 0);
        cut(self, digits, count, drop, is_more);
        number->exponent += drop;
    }
    if (mpz_sgn(digits) == 0) {
        number->exponent = 0;
        return DC_OK;
    }
    if (mpz_cmpabs(digits, self->limit) == 0) {
        mpz_divexact_ui(digits, digits, 10);
        number->exponent++;
    }
    if (number->exponent + digits_max - 1 <= DC_WIDE_EXPONENT_MAX) return DC_OK;
    int64_t first = number->exponent + count_digits(self, digits) - 1;
    return first > DC_WIDE_EXPONENT_MAX ? DC_ERR_OVERFLOW : DC_OK;
}

dc_err_t dc_decimals_divide(dc_arithmetic_t *self, dc_wide_number_t *result, mpz_srcptr above,
                            mpz_srcptr below, int64_t exponent)
{
    // So many more that the quotient has a digit more than is left of it at least.
    int64_t places = (int64_t)mpz_sizeinbase(below, 10) - (int64_t)mpz_sizeinbase(above, 10) +
                     self->numbers.digits + 2;
    bool is_whole = mpz_cmp_ui(below, 1) == 0;
    if (is_whole || places < 0) places = 0;
    if (places > 0) {
        mpz_mul(self->quotient, above, dc_decimals_power(self, (uint64_t)places));
    } else {
        mpz_set(self->quotient, above);
    }
    bool is_more = false;
    if (!is_whole) {
        mpz_tdiv_qr(self->quotient, self->rest, self->quotient, below);
        is_more = mpz_sgn(self->rest) != 0;
    }
    if (places > 0 && !is_more && mpz_sgn(self->quotient) != 0) {
        mpz_set_ui(self->rest, 10);
        places -= (int64_t)mpz_remove(self->quotient, self->quotient, self->rest);
    }
    mpz_swap(mpq_numref(result->ratio), self->quotient);
    mpz_set_ui(mpq_denref(result->ratio), 1);
    result->exponent = exponent - places;
    return dc_decimals_round(self, result, is_more);
}

void dc_decimals_add(dc_arithmetic_t *self, dc_wide_number_t *result, const dc_wide_number_t *a,
                     const dc_wide_number_t *b, bool is_minus)
{
    bool is_a_longer = a->exponent < b->exponent;
    const dc_wide_number_t *longer = is_a_longer ? a : b;
    const dc_wide_number_t *shorter = is_a_longer ? b : a;
    int64_t exponent = longer->exponent;
    uint64_t places = (uint64_t)(shorter->exponent - exponent);
    mpz_mul(self->rest, mpq_numref(shorter->ratio), dc_decimals_power(self, places));
    mpz_srcptr left = is_a_longer ? mpq_numref(a->ratio) : self->rest;
    mpz_srcptr right = is_a_longer ? self->rest : mpq_numref(b->ratio);
    if (is_minus) {
        mpz_sub(mpq_numref(result->ratio), left, right);
    } else {
        mpz_add(mpq_numref(result->ratio), left, right);
    }
    result->exponent = exponent;
}
