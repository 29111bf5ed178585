#include "common/wide/wide_integers.h"

#include "common/limits.h"
#include "common/wide/gcd.h"

// What is longer than this is too large for a decimal number, whatever its digits are.
#define DECIMAL_BITS_MAX ((uint64_t)(DC_WIDE_EXPONENT_MAX + 1) * 10 / 3 + 1)

// 80000! has more than 2^20 bits.
#define FACTORIAL_MAX 80000

// So many factors are multiplied one after another, others by halves.
#define FACTORS_MAX 16

static uint64_t bits_max(const dc_arithmetic_t *self)
{
    return dc_arithmetic_is_exact(self) ? DC_WIDE_BITS_MAX : DECIMAL_BITS_MAX;
}

// False if `number` is no integer.
static bool take_integer(const dc_wide_number_t *number, mpq_ptr room)
{
    mpq_srcptr ratio = dc_wide_number_ratio(number, room);
    if (!dc_wide_ratio_is_integer(ratio)) return false;
    if (ratio != room) mpq_set(room, ratio);
    return true;
}

// --- divisors ----------------------------------------------------------------------------------

typedef dc_err_t (*join_t)(dc_meter_t *meter, mpz_ptr result, mpz_srcptr a, mpz_srcptr b);

// The least common multiple.
static dc_err_t multiply_up(dc_meter_t *meter, mpz_ptr result, mpz_srcptr a, mpz_srcptr b)
{
    mpz_t common;
    mpz_init(common);
    dc_err_t err = dc_gcd(meter, common, a, b);
    if (!err && mpz_sgn(common) != 0) mpz_divexact(common, a, common);
    mpz_mul(result, common, b);
    mpz_abs(result, result);
    mpz_clear(common);
    return err;
}

// All have to be integers, also those behind one that decides.
static dc_err_t join(dc_arithmetic_t *self, dc_wide_number_t *result,
                     const dc_wide_number_t *const *args, size_t count, join_t join_two,
                     unsigned long first)
{
    mpz_ptr joined = mpq_numref(self->ratio);
    bool is_too_large = false;
    mpz_set_ui(joined, first);
    for (size_t i = 0; i < count; i++) {
        if (!take_integer(args[i], self->a)) return DC_ERR_INTEGER;
        if (is_too_large && dc_wide_number_sign(args[i]) != 0) continue;
        dc_err_t err = join_two(&self->meter, joined, joined, mpq_numref(self->a));
        if (err) return err;
        is_too_large = mpz_sizeinbase(joined, 2) > bits_max(self);
    }
    return is_too_large ? DC_ERR_OVERFLOW : dc_arithmetic_put_integer(self, result, joined);
}

DC_WIDE_CALL(gcd)
{
    return join(self, result, args, count, dc_gcd, 0);
}

DC_WIDE_CALL(lcm)
{
    return join(self, result, args, count, multiply_up, 1);
}

// --- products ----------------------------------------------------------------------------------

// Take `count` integers from 0 on to self->a and self->b.
static dc_err_t take_counts(dc_arithmetic_t *self, const dc_wide_number_t *const *args,
                            size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!take_integer(args[i], i ? self->b : self->a)) return DC_ERR_INTEGER;
    }
    for (size_t i = 0; i < count; i++) {
        if (dc_wide_number_sign(args[i]) < 0) return DC_ERR_DOMAIN;
    }
    return DC_OK;
}

// n!, of less than n times the bits of n; half of that is nearer to what GMP's way takes.
static dc_err_t multiply_up_to(dc_meter_t *meter, mpz_ptr product, unsigned long n)
{
    mpz_set_ui(product, n);
    dc_err_t err = dc_meter_charge_digits(meter, n * mpz_sizeinbase(product, 2) / 2);
    if (!err) mpz_fac_ui(product, n);
    return err;
}

DC_WIDE_CALL(fact)
{
    dc_err_t err = take_counts(self, args, count);
    if (err) return err;
    mpz_ptr n = mpq_numref(self->a);
    // n! is 2^n and more, from 4 on.
    if (mpz_cmp_ui(n, dc_min_u64(FACTORIAL_MAX, bits_max(self))) > 0) return DC_ERR_OVERFLOW;
    err = multiply_up_to(&self->meter, mpq_numref(self->ratio), mpz_get_ui(n));
    if (err) return err;
    return dc_arithmetic_put_integer(self, result, mpq_numref(self->ratio));
}

// 0 or 1, where that is all there is to compute.
static dc_err_t put_small(dc_wide_number_t *result, unsigned long value)
{
    dc_wide_number_set_integer(result, value);
    return DC_OK;
}

// first * (first + 1) * ..., `count` factors.
static dc_err_t multiply_range(dc_meter_t *meter, mpz_t product, mpz_srcptr first,
                               unsigned long count)
{
    dc_err_t err = DC_OK;
    mpz_t other;
    mpz_init_set(other, first);
    if (count > FACTORS_MAX) {
        unsigned long half = count / 2;
        mpz_add_ui(other, first, half);
        err = multiply_range(meter, product, first, half);
        if (!err) err = multiply_range(meter, other, other, count - half);
        if (!err) mpz_mul(product, product, other);
    } else {
        mpz_set(product, first);
        for (unsigned long i = 1; i < count; i++) {
            mpz_add_ui(other, other, 1);
            mpz_mul(product, product, other);
        }
    }
    mpz_clear(other);
    return err ? err : dc_meter_charge_product(meter, 2 * mpz_sizeinbase(product, 2));
}

// With k at most n / 2 there are at least (n / k)^k ways. And there are at least 1 / (n + 1) of
// 2^(n H(k / n)), with the binary entropy H (Cover and Thomas, Elements of Information Theory,
// 11.1.3): where n is no less than 8 k, that is another bit for each of the k.
static bool is_choice_too_large(dc_arithmetic_t *self, mpz_srcptr n, mpz_srcptr k)
{
    uint64_t most = bits_max(self);
    if (mpz_cmp_ui(k, most) > 0) return true;
    mpz_tdiv_q(self->quotient, n, k);
    uint64_t bits_each = mpz_sizeinbase(self->quotient, 2) - 1;
    if (mpz_cmp_ui(self->quotient, 8) < 0) return mpz_get_ui(k) > most / bits_each;
    return mpz_get_ui(k) > (most + mpz_sizeinbase(n, 2)) / (bits_each + 1);
}

// GMP goes by the primes up to n where k is no less than a sixteenth of it, and so there are some
// (4 n / k)^k ways at most; else its way is the longer one, of many factors. What is computed at
// once takes up to 30 ms.
static dc_err_t count_ways(dc_meter_t *meter, mpz_ptr ways, mpz_srcptr n, unsigned long k)
{
    if (mpz_fits_ulong_p(n) && k > mpz_get_ui(n) / 16) {
        mpz_set_ui(ways, k);
        uint64_t factor_bits = mpz_sizeinbase(n, 2) - mpz_sizeinbase(ways, 2) + 2;
        dc_err_t err = dc_meter_charge_digits(meter, k * factor_bits / 2);
        if (!err) mpz_bin_uiui(ways, mpz_get_ui(n), k);
        return err;
    }
    mpz_t factor;
    mpz_init(factor);
    mpz_sub_ui(factor, n, k - 1);
    dc_err_t err = multiply_range(meter, ways, factor, k);
    if (!err) err = multiply_up_to(meter, factor, k);
    if (!err) err = dc_meter_charge_digits(meter, mpz_sizeinbase(factor, 2) / 2);
    if (!err) mpz_divexact(ways, ways, factor);
    mpz_clear(factor);
    return err;
}

DC_WIDE_CALL(choose)
{
    dc_err_t err = take_counts(self, args, count);
    if (err) return err;
    mpz_ptr n = mpq_numref(self->a);
    mpz_ptr k = mpq_numref(self->b);
    mpz_ptr ways = mpq_numref(self->ratio);
    if (mpz_cmp(k, n) > 0) return put_small(result, 0);
    mpz_sub(ways, n, k);
    if (mpz_cmp(ways, k) < 0) mpz_set(k, ways);
    if (mpz_sgn(k) == 0) return put_small(result, 1);
    if (is_choice_too_large(self, n, k)) return DC_ERR_OVERFLOW;
    err = count_ways(&self->meter, ways, n, mpz_get_ui(k));
    return err ? err : dc_arithmetic_put_integer(self, result, ways);
}

// k factors, the least of them `least`, are at least k! and least^k.
static bool is_row_too_large(const dc_arithmetic_t *self, mpz_srcptr least, mpz_srcptr k)
{
    uint64_t most = bits_max(self);
    if (mpz_cmp_ui(k, dc_min_u64(FACTORIAL_MAX, most)) > 0) return true;
    uint64_t factor_bits = mpz_sizeinbase(least, 2);
    return factor_bits > 1 && mpz_get_ui(k) > most / (factor_bits - 1);
}

DC_WIDE_CALL(perm)
{
    dc_err_t err = take_counts(self, args, count);
    if (err) return err;
    mpz_ptr n = mpq_numref(self->a);
    mpz_ptr k = mpq_numref(self->b);
    if (mpz_cmp(k, n) > 0) return put_small(result, 0);
    if (mpz_sgn(k) == 0) return put_small(result, 1);
    mpz_sub(n, n, k);
    mpz_add_ui(n, n, 1);
    if (is_row_too_large(self, n, k)) return DC_ERR_OVERFLOW;
    err = multiply_range(&self->meter, mpq_numref(self->ratio), n, mpz_get_ui(k));
    if (err) return err;
    return dc_arithmetic_put_integer(self, result, mpq_numref(self->ratio));
}
