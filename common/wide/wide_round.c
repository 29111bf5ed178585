#include "common/wide/wide_round.h"

#include "common/limits.h"
#include "common/wide/decimals.h"
#include "common/wide/ratio.h"

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
    if (dc_wide_ratio_is_integer(ratio)) {
        dc_wide_number_set(result, number);
        return DC_OK;
    }
    divide(mpq_numref(self->ratio), mpq_numref(ratio), mpq_denref(ratio));
    return dc_arithmetic_put_integer(self, result, mpq_numref(self->ratio));
}

DC_WIDE_CALL(floor)
{
    (void)count;
    return to_integer(self, result, args[0], mpz_fdiv_q);
}

DC_WIDE_CALL(ceil)
{
    (void)count;
    return to_integer(self, result, args[0], mpz_cdiv_q);
}

DC_WIDE_CALL(trunc)
{
    (void)count;
    return to_integer(self, result, args[0], mpz_tdiv_q);
}

DC_WIDE_CALL(frac)
{
    (void)count;
    mpq_srcptr ratio = dc_wide_number_ratio(args[0], self->a);
    mpz_tdiv_r(mpq_numref(self->ratio), mpq_numref(ratio), mpq_denref(ratio));
    // In lowest terms, as the number is.
    mpz_set(mpq_denref(self->ratio), mpq_denref(ratio));
    return dc_arithmetic_put(self, result, self->ratio);
}

// To a multiple of 10^places.
static dc_err_t round_to_tens(dc_arithmetic_t *self, dc_wide_number_t *result, mpq_srcptr x,
                              uint64_t places)
{
    mpz_ptr rounded = mpq_numref(self->ratio);
    // Less than a tenth of it.
    if (places > mpz_sizeinbase(mpq_numref(x), 10) + 1) {
        dc_wide_number_set_integer(result, 0);
        return DC_OK;
    }
    mpz_srcptr power = dc_decimals_power(self, places);
    mpz_mul(mpq_denref(self->ratio), mpq_denref(x), power);
    divide_to_nearest(rounded, mpq_numref(x), mpq_denref(self->ratio));
    mpz_mul(rounded, rounded, power);
    return dc_arithmetic_put_integer(self, result, rounded);
}

// Has x no more than so many places behind the point?
static bool has_places(dc_arithmetic_t *self, mpq_srcptr x, uint64_t places)
{
    unsigned long twos, fives;
    return dc_wide_ratio_ends(x, self->quotient, &twos, &fives) && twos <= places &&
           fives <= places;
}

// So many places behind the point.
static dc_err_t round_to_places(dc_arithmetic_t *self, dc_wide_number_t *result,
                                const dc_wide_number_t *number, mpq_srcptr x, uint64_t places)
{
    if (has_places(self, x, places)) {
        dc_wide_number_set(result, number);
        return DC_OK;
    }
    // What has as many digits behind the point is too large; 10^n has 3n bits and more.
    if (places > DC_WIDE_BITS_MAX / 3) return DC_ERR_OVERFLOW;
    mpz_srcptr power = dc_decimals_power(self, places);
    mpz_mul(mpq_denref(self->ratio), mpq_numref(x), power);
    divide_to_nearest(mpq_numref(self->ratio), mpq_denref(self->ratio), mpq_denref(x));
    mpz_set(mpq_denref(self->ratio), power);
    dc_err_t err = dc_ratio_reduce(&self->meter, self->ratio);
    return err ? err : dc_arithmetic_put(self, result, self->ratio);
}

DC_WIDE_CALL(round)
{
    if (count == 1) return to_integer(self, result, args[0], divide_to_nearest);
    mpq_srcptr digits = dc_wide_number_ratio(args[1], self->b);
    if (!dc_wide_ratio_is_integer(digits)) return DC_ERR_INTEGER;
    mpq_srcptr x = dc_wide_number_ratio(args[0], self->a);
    mpz_srcptr places = mpq_numref(digits);
    // Beyond, no number of this room has another digit.
    uint64_t most = 2 * (uint64_t)DC_WIDE_BITS_MAX;
    uint64_t count_places = mpz_cmpabs_ui(places, most) > 0 ? most : mpz_get_ui(places);
    if (mpz_sgn(places) < 0) return round_to_tens(self, result, x, count_places);
    return round_to_places(self, result, args[0], x, count_places);
}
