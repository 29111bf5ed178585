#include "common/wide/log_fraction.h"

// To divide as often as that goes takes some products as long as what is divided.
#define PRODUCTS 4

// A continued fraction, as far as its terms are known.
typedef struct convergent {
    unsigned long above, below;
    unsigned long above_before, below_before;
} convergent_t;

static void add_term(convergent_t *self, unsigned long term)
{
    unsigned long above = term * self->above + self->above_before;
    unsigned long below = term * self->below + self->below_before;
    self->above_before = self->above;
    self->below_before = self->below;
    self->above = above;
    self->below = below;
}

static dc_err_t charge(dc_meter_t *meter, mpz_srcptr x)
{
    dc_err_t err = DC_OK;
    for (int i = 0; i < PRODUCTS && err == DC_OK; i++) {
        err = dc_meter_charge_product(meter, mpz_sizeinbase(x, 2));
    }
    return err;
}

// Of integers that are above 1, which are used up. No term of the fraction is larger than they have
// bits, and neither is what is above or below its line.
static dc_err_t divide_in_turns(dc_meter_t *meter, convergent_t *log, bool *is_one, mpz_ptr x,
                                mpz_ptr base)
{
    *log = (convergent_t){ .above = 1, .below_before = 1 };
    for (;;) {
        dc_err_t err = charge(meter, x);
        if (err != DC_OK) return err;
        add_term(log, mpz_remove(x, x, base));
        *is_one = mpz_cmp_ui(x, 1) == 0;
        // Of a power of one number and another one less than the other would be left.
        if (*is_one || mpz_cmp(x, base) >= 0) return DC_OK;
        mpz_swap(x, base);
    }
}

static dc_err_t of_integers(dc_meter_t *meter, mpq_ptr log, bool *is_one, mpz_srcptr x,
                            mpz_srcptr base)
{
    mpz_t left, right;
    convergent_t found;
    mpz_init_set(left, x);
    mpz_init_set(right, base);
    dc_err_t err = divide_in_turns(meter, &found, is_one, left, right);
    mpz_clears(left, right, NULL);
    if (err == DC_OK && *is_one) mpq_set_ui(log, found.above, found.below);
    return err;
}

static bool is_unit(mpz_srcptr x)
{
    return mpz_cmp_ui(x, 1) == 0;
}

// Of numbers that are above 1.
static dc_err_t of_fractions(dc_meter_t *meter, mpq_ptr log, bool *is_one, mpq_srcptr x,
                             mpq_srcptr base)
{
    dc_err_t err = of_integers(meter, log, is_one, mpq_numref(x), mpq_numref(base));
    if (err != DC_OK || !*is_one) return err;
    *is_one = is_unit(mpq_denref(x)) == is_unit(mpq_denref(base));
    if (!*is_one || is_unit(mpq_denref(x))) return DC_OK;
    mpq_t below;
    mpq_init(below);
    err = of_integers(meter, below, is_one, mpq_denref(x), mpq_denref(base));
    *is_one = *is_one && mpq_equal(log, below);
    mpq_clear(below);
    return err;
}

static bool is_below_one(mpq_srcptr x)
{
    return mpq_cmp_ui(x, 1, 1) < 0;
}

dc_err_t dc_log_fraction(dc_meter_t *meter, mpq_ptr log, bool *is_one, mpq_srcptr x,
                         mpq_srcptr base)
{
    mpq_t over, under;
    mpq_inits(over, under, NULL);
    mpq_set(over, x);
    mpq_set(under, base);
    if (is_below_one(x)) mpq_inv(over, over);
    if (is_below_one(base)) mpq_inv(under, under);
    *is_one = false;
    dc_err_t err = of_fractions(meter, log, is_one, over, under);
    if (is_below_one(x) != is_below_one(base)) mpq_neg(log, log);
    mpq_clears(over, under, NULL);
    return err;
}
