#include "common/wide/ratio.h"

#include "common/wide/gcd.h"

static bool is_short(mpq_srcptr ratio)
{
    return mpz_sizeinbase(mpq_numref(ratio), 2) <= DC_GCD_SHORT_BITS &&
           mpz_sizeinbase(mpq_denref(ratio), 2) <= DC_GCD_SHORT_BITS;
}

static bool is_one(mpz_srcptr integer)
{
    return mpz_cmp_ui(integer, 1) == 0;
}

// Divide both by what divides both.
static dc_err_t cancel(dc_meter_t *meter, mpz_ptr above, mpz_ptr below)
{
    mpz_t common;
    mpz_init(common);
    dc_err_t err = dc_gcd(meter, common, above, below);
    if (!err && !is_one(common)) {
        mpz_divexact(above, above, common);
        mpz_divexact(below, below, common);
    }
    mpz_clear(common);
    return err;
}

dc_err_t dc_ratio_reduce(dc_meter_t *meter, mpq_ptr ratio)
{
    dc_err_t err = cancel(meter, mpq_numref(ratio), mpq_denref(ratio));
    if (mpz_sgn(mpq_denref(ratio)) < 0) {
        mpz_neg(mpq_numref(ratio), mpq_numref(ratio));
        mpz_neg(mpq_denref(ratio), mpq_denref(ratio));
    }
    return err;
}

// --- + and - -----------------------------------------------------------------------------------

typedef void (*join_t)(mpz_ptr, mpz_srcptr, mpz_srcptr);

// With d = gcd(b, y): a/b + x/y = (a (y/d) + x (b/d)) / ((b/d) y), and what divides both of these
// divides d.
static dc_err_t join(dc_meter_t *meter, mpq_ptr result, mpq_srcptr left, mpq_srcptr right,
                     join_t join_two)
{
    mpz_t common, above, below, other;
    mpz_inits(common, above, below, other, NULL);
    dc_err_t err = dc_gcd(meter, common, mpq_denref(left), mpq_denref(right));
    if (!err) {
        mpz_divexact(below, mpq_denref(left), common);
        mpz_divexact(other, mpq_denref(right), common);
        mpz_mul(above, mpq_numref(left), other);
        mpz_mul(other, mpq_numref(right), below);
        join_two(above, above, other);
        err = dc_meter_look(meter);
    }
    if (!err && !is_one(common)) err = dc_gcd(meter, common, above, common);
    if (!err) {
        mpz_divexact(mpq_numref(result), above, common);
        mpz_divexact(other, mpq_denref(right), common);
        mpz_mul(mpq_denref(result), below, other);
    }
    mpz_clears(common, above, below, other, NULL);
    return err;
}

dc_err_t dc_ratio_add(dc_meter_t *meter, mpq_ptr result, mpq_srcptr a, mpq_srcptr b)
{
    if (!is_short(a) || !is_short(b)) return join(meter, result, a, b, mpz_add);
    mpq_add(result, a, b);
    return DC_OK;
}

dc_err_t dc_ratio_subtract(dc_meter_t *meter, mpq_ptr result, mpq_srcptr a, mpq_srcptr b)
{
    if (!is_short(a) || !is_short(b)) return join(meter, result, a, b, mpz_sub);
    mpq_sub(result, a, b);
    return DC_OK;
}

// --- * and / -----------------------------------------------------------------------------------

dc_err_t dc_ratio_multiply(dc_meter_t *meter, mpq_ptr result, mpq_srcptr a, mpq_srcptr b)
{
    // GMP knows of a square that it is in lowest terms.
    if (a == b || (is_short(a) && is_short(b))) {
        mpq_mul(result, a, b);
        return DC_OK;
    }
    mpq_t left, right;
    mpq_inits(left, right, NULL);
    mpq_set(left, a);
    mpq_set(right, b);
    dc_err_t err = cancel(meter, mpq_numref(left), mpq_denref(right));
    if (!err) err = cancel(meter, mpq_numref(right), mpq_denref(left));
    if (!err) {
        mpz_mul(mpq_numref(result), mpq_numref(left), mpq_numref(right));
        mpz_mul(mpq_denref(result), mpq_denref(left), mpq_denref(right));
    }
    mpq_clears(left, right, NULL);
    return err;
}

dc_err_t dc_ratio_divide(dc_meter_t *meter, mpq_ptr result, mpq_srcptr a, mpq_srcptr b)
{
    mpq_t inverse;
    mpq_init(inverse);
    mpq_inv(inverse, b);
    dc_err_t err = dc_ratio_multiply(meter, result, a, inverse);
    mpq_clear(inverse);
    return err;
}
