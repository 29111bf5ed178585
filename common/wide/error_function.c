#include "common/wide/error_function.h"

// Bits beyond those of the result, and how many of these rounding may take, see error_function.h.
#define GUARD_BITS 64
#define ERROR_BITS 24

// From this square on erfc is less than 2^-this, whatever the digits are.
#define SQUARE_MAX 65536

// From here on erfc is less than 2^-bits, as 0.7 is a bit more than ln 2.
static bool is_far(mpq_srcptr square, mpfr_prec_t bits)
{
    return mpq_cmp_ui(square, 7 * ((unsigned long)bits + 8), 10) >= 0;
}

// value *= e^(-square) / sqrt(pi)
static void scale(mpfr_t value, mpq_srcptr square)
{
    mpfr_t factor;
    mpfr_init2(factor, mpfr_get_prec(value));
    mpfr_set_q(factor, square, MPFR_RNDN);
    mpfr_neg(factor, factor, MPFR_RNDN);
    mpfr_exp(factor, factor, MPFR_RNDN);
    mpfr_mul(value, value, factor, MPFR_RNDN);
    mpfr_const_pi(factor, MPFR_RNDN);
    mpfr_sqrt(factor, factor, MPFR_RNDN);
    mpfr_div(value, value, factor, MPFR_RNDN);
    mpfr_clear(factor);
}

// sum = x + 2q x / 3 + ..., until what follows is less than the last term, and that of no weight.
static dc_err_t add_rising(dc_meter_t *meter, mpfr_t sum, mpq_srcptr square)
{
    mpfr_prec_t bits = mpfr_get_prec(sum);
    dc_err_t err = DC_OK;
    mpfr_t twice, term;
    mpfr_inits2(bits, twice, term, (mpfr_ptr)NULL);
    mpfr_set_q(twice, square, MPFR_RNDN);
    mpfr_sqrt(term, twice, MPFR_RNDN);
    mpfr_mul_2ui(twice, twice, 1, MPFR_RNDN);
    mpfr_set(sum, term, MPFR_RNDN);
    unsigned long halving = 2 * mpfr_get_ui(twice, MPFR_RNDU);
    unsigned long n = 1;
    while (!err && (n < halving || mpfr_get_exp(term) > mpfr_get_exp(sum) - bits)) {
        n += 2;
        mpfr_mul(term, term, twice, MPFR_RNDN);
        mpfr_div_ui(term, term, n, MPFR_RNDN);
        mpfr_add(sum, sum, term, MPFR_RNDN);
        err = dc_meter_charge_product(meter, (uint64_t)bits);
    }
    mpfr_clears(twice, term, (mpfr_ptr)NULL);
    return err;
}

// sum = 1 - 1 / 2q + ..., of a square that is far.
static dc_err_t add_falling(dc_meter_t *meter, mpfr_t sum, mpq_srcptr square)
{
    mpfr_prec_t bits = mpfr_get_prec(sum);
    dc_err_t err = DC_OK;
    mpfr_t factor, term;
    mpfr_inits2(bits, factor, term, (mpfr_ptr)NULL);
    mpfr_set_q(factor, square, MPFR_RNDN);
    mpfr_mul_2ui(factor, factor, 1, MPFR_RNDN);
    mpfr_si_div(factor, -1, factor, MPFR_RNDN);
    mpfr_set_ui(term, 1, MPFR_RNDN);
    mpfr_set_ui(sum, 1, MPFR_RNDN);
    for (unsigned long n = 1; !err && mpfr_get_exp(term) > -bits; n += 2) {
        mpfr_mul(term, term, factor, MPFR_RNDN);
        mpfr_mul_ui(term, term, n, MPFR_RNDN);
        mpfr_add(sum, sum, term, MPFR_RNDN);
        err = dc_meter_charge_product(meter, (uint64_t)bits);
    }
    mpfr_clears(factor, term, (mpfr_ptr)NULL);
    return err;
}

// --- of numbers above 0 ------------------------------------------------------------------------

static dc_err_t enclose_erf(dc_meter_t *meter, dc_interval_t *result, mpq_srcptr square)
{
    mpfr_prec_t bits = dc_interval_precision(result) + GUARD_BITS;
    if (is_far(square, bits)) {
        mpfr_set_ui(result->low, 1, MPFR_RNDD);
        mpfr_nextbelow(result->low);
        mpfr_set_ui(result->high, 1, MPFR_RNDU);
        return DC_OK;
    }
    mpfr_t value;
    mpfr_init2(value, bits);
    dc_err_t err = add_rising(meter, value, square);
    if (!err) {
        mpfr_mul_2ui(value, value, 1, MPFR_RNDN);
        scale(value, square);
        dc_interval_around(result, value, ERROR_BITS - bits);
    }
    mpfr_clear(value);
    return err;
}

// 1 - erf(x), of which e^q more is known.
static dc_err_t enclose_near_erfc(dc_meter_t *meter, dc_interval_t *result, mpq_srcptr square)
{
    unsigned long whole = (unsigned long)mpq_get_d(square);
    mpfr_prec_t bits = dc_interval_precision(result) + (mpfr_prec_t)whole * 3 / 2 + GUARD_BITS;
    dc_interval_t erf;
    dc_interval_init(&erf, bits);
    dc_err_t err = enclose_erf(meter, &erf, square);
    if (!err) {
        mpfr_ui_sub(result->low, 1, erf.high, MPFR_RNDD);
        mpfr_ui_sub(result->high, 1, erf.low, MPFR_RNDU);
    }
    dc_interval_fini(&erf);
    return err;
}

static dc_err_t enclose_far_erfc(dc_meter_t *meter, dc_interval_t *result, mpq_srcptr square)
{
    mpfr_prec_t bits = dc_interval_precision(result) + GUARD_BITS;
    mpfr_t value, x;
    mpfr_inits2(bits, value, x, (mpfr_ptr)NULL);
    dc_err_t err = add_falling(meter, value, square);
    if (!err) {
        mpfr_set_q(x, square, MPFR_RNDN);
        mpfr_sqrt(x, x, MPFR_RNDN);
        mpfr_div(value, value, x, MPFR_RNDN);
        scale(value, square);
        dc_interval_around(result, value, ERROR_BITS - bits);
    }
    mpfr_clears(value, x, (mpfr_ptr)NULL);
    return err;
}

static dc_err_t enclose_erfc(dc_meter_t *meter, dc_interval_t *result, mpq_srcptr square)
{
    if (mpq_cmp_ui(square, SQUARE_MAX, 1) >= 0) {
        mpfr_set_zero(result->low, 1);
        mpfr_set_ui_2exp(result->high, 1, -SQUARE_MAX, MPFR_RNDU);
        return DC_OK;
    }
    bool is_served = is_far(square, dc_interval_precision(result) + GUARD_BITS);
    return is_served ? enclose_far_erfc(meter, result, square)
                     : enclose_near_erfc(meter, result, square);
}

// --- of all numbers ----------------------------------------------------------------------------

dc_err_t dc_erf_enclose(dc_meter_t *meter, dc_interval_t *result, mpq_srcptr square, int sign)
{
    dc_err_t err = enclose_erf(meter, result, square);
    if (sign > 0) return err;
    mpfr_swap(result->low, result->high);
    mpfr_neg(result->low, result->low, MPFR_RNDD);
    mpfr_neg(result->high, result->high, MPFR_RNDU);
    return err;
}

dc_err_t dc_erfc_enclose(dc_meter_t *meter, dc_interval_t *result, mpq_srcptr square, int sign)
{
    if (sign > 0) return enclose_erfc(meter, result, square);
    dc_err_t err = enclose_erf(meter, result, square);
    mpfr_add_ui(result->low, result->low, 1, MPFR_RNDD);
    mpfr_add_ui(result->high, result->high, 1, MPFR_RNDU);
    return err;
}
