#include "common/wide/gamma.h"

// Bits beyond those of the result, and how many of these rounding may take, see gamma.h.
#define GUARD_BITS 64
#define ERROR_BITS 24

// As many terms as Stirling's series has, at most.
static unsigned long count_terms(mpfr_prec_t bits)
{
    return (unsigned long)bits / 8 + 4;
}

// product = y (y + 1) ... up to z, which is large enough for Stirling's series.
static dc_err_t shift(dc_meter_t *meter, mpfr_t z, mpfr_t product, mpfr_srcptr y)
{
    mpfr_prec_t bits = mpfr_get_prec(z);
    unsigned long least = (unsigned long)bits / 4;
    mpfr_set_ui(product, 1, MPFR_RNDN);
    mpfr_set(z, y, MPFR_RNDN);
    for (unsigned long i = 1; mpfr_cmp_ui(z, least) < 0; i++) {
        dc_err_t err = dc_meter_charge_product(meter, (uint64_t)bits);
        if (err) return err;
        mpfr_mul(product, product, z, MPFR_RNDN);
        mpfr_add_ui(z, y, i, MPFR_RNDN);
    }
    return DC_OK;
}

// term = power * B_2k / (2k (2k - 1)) = power * Tk / (4^k (4^k - 1) (2k - 1)), without its sign.
static void set_term(mpfr_t term, mpfr_srcptr power, mpz_srcptr tangent, unsigned long k,
                     mpz_t room)
{
    mpz_set_ui(room, 0);
    mpz_setbit(room, 2 * k);
    mpz_sub_ui(room, room, 1);
    mpz_mul_ui(room, room, 2 * k - 1);
    mpfr_mul_z(term, power, tangent, MPFR_RNDN);
    mpfr_div_z(term, term, room, MPFR_RNDN);
    mpfr_div_2ui(term, term, 2 * k, MPFR_RNDN);
}

// Add the terms of Stirling's series at z. They get smaller, up to the last one that is needed.
static dc_err_t add_terms(const dc_tangents_t *tangents, dc_meter_t *meter, mpfr_t sum,
                          mpfr_srcptr z)
{
    mpfr_prec_t bits = mpfr_get_prec(sum);
    unsigned long count = count_terms(bits);
    dc_err_t err = DC_OK;
    mpz_t room;
    mpz_init(room);
    mpfr_t power, factor, term;
    mpfr_inits2(bits, power, factor, term, (mpfr_ptr)NULL);
    mpfr_ui_div(power, 1, z, MPFR_RNDN);
    mpfr_sqr(factor, power, MPFR_RNDN);
    for (unsigned long k = 1; !err && k <= count; k++) {
        set_term(term, power, dc_tangents_at(tangents, k), k, room);
        if (mpfr_get_exp(term) < -bits) break;
        if (k % 2) {
            mpfr_add(sum, sum, term, MPFR_RNDN);
        } else {
            mpfr_sub(sum, sum, term, MPFR_RNDN);
        }
        mpfr_mul(power, power, factor, MPFR_RNDN);
        // Two divisions take about as long as another product.
        err = dc_meter_charge_product(meter, 2 * (uint64_t)bits);
    }
    mpfr_clears(power, factor, term, (mpfr_ptr)NULL);
    mpz_clear(room);
    return err;
}

// result = ln gamma(z)
static dc_err_t add_up(const dc_tangents_t *tangents, dc_meter_t *meter, mpfr_t result,
                       mpfr_srcptr z)
{
    mpfr_t part;
    mpfr_init2(part, mpfr_get_prec(result));
    mpfr_log(result, z, MPFR_RNDN);
    mpfr_sub_d(part, z, 0.5, MPFR_RNDN);
    mpfr_mul(result, result, part, MPFR_RNDN);
    mpfr_sub(result, result, z, MPFR_RNDN);
    mpfr_const_pi(part, MPFR_RNDN);
    mpfr_mul_2ui(part, part, 1, MPFR_RNDN);
    mpfr_log(part, part, MPFR_RNDN);
    mpfr_div_2ui(part, part, 1, MPFR_RNDN);
    mpfr_add(result, result, part, MPFR_RNDN);
    mpfr_clear(part);
    return add_terms(tangents, meter, result, z);
}

// result = gamma(y), of y from 1/2 on.
static dc_err_t compute(const dc_tangents_t *tangents, dc_meter_t *meter, mpfr_t result,
                        mpfr_srcptr y)
{
    mpfr_t z, product;
    mpfr_inits2(mpfr_get_prec(result), z, product, (mpfr_ptr)NULL);
    dc_err_t err = shift(meter, z, product, y);
    if (!err) err = add_up(tangents, meter, result, z);
    if (!err) {
        mpfr_exp(result, result, MPFR_RNDN);
        mpfr_div(result, result, product, MPFR_RNDN);
    }
    mpfr_clears(z, product, (mpfr_ptr)NULL);
    return err;
}

// result = pi / (sin(pi x) * result), which was gamma(1 - x). The sine is that of the distance from
// the next integer, with the sign that this one gives it: no number near a pole is too near.
static void reflect(mpfr_t result, mpq_srcptr x)
{
    mpq_t distance;
    mpz_t next;
    mpfr_t sine;
    mpq_init(distance);
    mpz_init(next);
    mpfr_init2(sine, mpfr_get_prec(result));
    mpz_mul_2exp(next, mpq_numref(x), 1);
    mpz_add(next, next, mpq_denref(x));
    mpz_fdiv_q(next, next, mpq_denref(x));
    mpz_fdiv_q_2exp(next, next, 1);
    // In lowest terms, as x is.
    mpz_set(mpq_denref(distance), mpq_denref(x));
    mpz_mul(mpq_numref(distance), next, mpq_denref(x));
    mpz_sub(mpq_numref(distance), mpq_numref(x), mpq_numref(distance));
    mpfr_set_q(sine, distance, MPFR_RNDN);
    mpfr_sinpi(sine, sine, MPFR_RNDN);
    if (mpz_odd_p(next)) mpfr_neg(sine, sine, MPFR_RNDN);
    mpfr_mul(result, result, sine, MPFR_RNDN);
    mpfr_const_pi(sine, MPFR_RNDN);
    mpfr_div(result, sine, result, MPFR_RNDN);
    mpfr_clear(sine);
    mpz_clear(next);
    mpq_clear(distance);
}

dc_err_t dc_gamma_enclose(dc_tangents_t *tangents, dc_meter_t *meter, dc_interval_t *result,
                          mpq_srcptr x)
{
    mpfr_prec_t bits = dc_interval_precision(result) + GUARD_BITS;
    size_t needed = count_terms(bits);
    if (needed > DC_TANGENTS_MAX) return DC_ERR_NO_CONVERGENCE;
    dc_err_t err = dc_tangents_need(tangents, meter, needed);
    if (err) return err;
    mpfr_t value, y;
    mpfr_inits2(bits, value, y, (mpfr_ptr)NULL);
    mpq_t rest;
    mpq_init(rest);
    mpq_set_ui(rest, 1, 2);
    bool is_reflected = mpq_cmp(x, rest) < 0;
    mpz_sub(mpq_numref(rest), mpq_denref(x), mpq_numref(x));
    mpz_set(mpq_denref(rest), mpq_denref(x));
    mpfr_set_q(y, is_reflected ? rest : x, MPFR_RNDN);
    err = compute(tangents, meter, value, y);
    if (!err && is_reflected) reflect(value, x);
    if (!err) dc_interval_around(result, value, ERROR_BITS - bits);
    mpq_clear(rest);
    mpfr_clears(value, y, (mpfr_ptr)NULL);
    return err;
}
