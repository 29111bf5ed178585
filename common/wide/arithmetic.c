#include "common/wide/arithmetic.h"

#include "common/limits.h"
#include "common/wide/decimals.h"
#include "common/wide/powers.h"
#include "common/wide/ratio.h"

void dc_arithmetic_init(dc_arithmetic_t *self, dc_numbers_t numbers)
{
    self->numbers = numbers;
    self->meter = (dc_meter_t){ 0 };
    dc_tangents_init(&self->tangents);
    mpz_init(self->limit);
    mpz_ui_pow_ui(self->limit, 10, numbers.digits);
    for (size_t i = 0; i < DC_ARITHMETIC_POWERS; i++) {
        mpz_init(self->powers[i]);
        self->exponents[i] = 0;
    }
    mpz_inits(self->quotient, self->rest, NULL);
    mpq_inits(self->a, self->b, self->ratio, NULL);
    dc_wide_number_init(&self->difference);
    dc_wide_number_init(&self->low);
    dc_wide_number_init(&self->high);
}

void dc_arithmetic_fini(dc_arithmetic_t *self)
{
    mpz_clear(self->limit);
    for (size_t i = 0; i < DC_ARITHMETIC_POWERS; i++) {
        mpz_clear(self->powers[i]);
    }
    mpz_clears(self->quotient, self->rest, NULL);
    mpq_clears(self->a, self->b, self->ratio, NULL);
    dc_wide_number_fini(&self->difference);
    dc_wide_number_fini(&self->low);
    dc_wide_number_fini(&self->high);
    dc_tangents_fini(&self->tangents);
}

// --- results -----------------------------------------------------------------------------------

static bool fits(mpz_srcptr integer)
{
    return mpz_sizeinbase(integer, 2) <= DC_WIDE_BITS_MAX;
}

// An exact number is there already, unless it is too large.
static dc_err_t check_size(const dc_wide_number_t *number)
{
    bool is_sound = fits(mpq_numref(number->ratio)) && fits(mpq_denref(number->ratio));
    return is_sound ? DC_OK : DC_ERR_OVERFLOW;
}

dc_err_t dc_arithmetic_put(dc_arithmetic_t *self, dc_wide_number_t *result, mpq_ptr ratio)
{
    if (!dc_arithmetic_is_exact(self))
        return dc_decimals_divide(self, result, mpq_numref(ratio), mpq_denref(ratio), 0);
    mpq_swap(result->ratio, ratio);
    result->exponent = 0;
    return check_size(result);
}

dc_err_t dc_arithmetic_put_integer(dc_arithmetic_t *self, dc_wide_number_t *result, mpz_ptr integer)
{
    mpz_swap(mpq_numref(result->ratio), integer);
    mpz_set_ui(mpq_denref(result->ratio), 1);
    result->exponent = 0;
    return dc_arithmetic_is_exact(self) ? check_size(result)
                                        : dc_decimals_round(self, result, false);
}

// --- + - * / -----------------------------------------------------------------------------------

typedef dc_err_t (*join_t)(dc_meter_t *meter, mpq_ptr result, mpq_srcptr a, mpq_srcptr b);

static join_t join_of(dc_op_t op)
{
    switch ((int)op) {
    case DC_OP_ADD: return dc_ratio_add;
    case DC_OP_SUB: return dc_ratio_subtract;
    case DC_OP_MUL: return dc_ratio_multiply;
    default: return dc_ratio_divide;
    }
}

static dc_err_t operate_exactly(dc_arithmetic_t *self, dc_op_t op, dc_wide_number_t *result,
                                const dc_wide_number_t *a, const dc_wide_number_t *b)
{
    dc_err_t err = join_of(op)(&self->meter, result->ratio, a->ratio, b->ratio);
    return err ? err : check_size(result);
}

static dc_err_t divide_decimals(dc_arithmetic_t *self, dc_wide_number_t *result,
                                const dc_wide_number_t *a, const dc_wide_number_t *b)
{
    mpz_ptr below = mpq_numref(self->ratio);
    int sign = dc_wide_number_sign(b);
    mpz_abs(below, mpq_numref(b->ratio));
    dc_err_t err =
        dc_decimals_divide(self, result, mpq_numref(a->ratio), below, a->exponent - b->exponent);
    if (sign < 0) mpq_neg(result->ratio, result->ratio);
    return err;
}

static dc_err_t operate_decimally(dc_arithmetic_t *self, dc_op_t op, dc_wide_number_t *result,
                                  const dc_wide_number_t *a, const dc_wide_number_t *b)
{
    if (op == DC_OP_DIV) return divide_decimals(self, result, a, b);
    if (op == DC_OP_MUL) {
        mpz_mul(mpq_numref(result->ratio), mpq_numref(a->ratio), mpq_numref(b->ratio));
        result->exponent = a->exponent + b->exponent;
    } else {
        dc_decimals_add(self, result, a, b, op == DC_OP_SUB);
    }
    return dc_decimals_round(self, result, false);
}

static dc_err_t negate(dc_wide_number_t *result, const dc_wide_number_t *a)
{
    mpq_neg(result->ratio, a->ratio);
    result->exponent = a->exponent;
    return DC_OK;
}

// --- % and // ----------------------------------------------------------------------------------

// With the fractions of a and b over one another: a / b = (p * s) / (q * r).
static dc_err_t divide_to_integer(dc_arithmetic_t *self, dc_op_t op, dc_wide_number_t *result,
                                  const dc_wide_number_t *a, const dc_wide_number_t *b)
{
    mpq_srcptr dividend = dc_wide_number_ratio(a, self->a);
    mpq_srcptr divisor = dc_wide_number_ratio(b, self->b);
    mpz_ptr above = mpq_numref(self->ratio);
    mpz_ptr below = mpq_denref(self->ratio);
    mpz_mul(above, mpq_numref(dividend), mpq_denref(divisor));
    mpz_mul(below, mpq_denref(dividend), mpq_numref(divisor));
    if (op == DC_OP_FLOORDIV) {
        mpz_fdiv_q(above, above, below);
        return dc_arithmetic_put_integer(self, result, above);
    }
    // What is left is a multiple of one over both denominators.
    mpz_tdiv_r(above, above, below);
    mpz_mul(below, mpq_denref(dividend), mpq_denref(divisor));
    dc_err_t err = dc_ratio_reduce(&self->meter, self->ratio);
    return err ? err : dc_arithmetic_put(self, result, self->ratio);
}

// --- bitwise -----------------------------------------------------------------------------------

bool dc_arithmetic_is_integer(dc_arithmetic_t *self, const dc_wide_number_t *number)
{
    return dc_wide_ratio_is_integer(dc_wide_number_ratio(number, self->a));
}

bool dc_arithmetic_has_bits(dc_arithmetic_t *self, const dc_wide_number_t *number)
{
    mpq_srcptr ratio = dc_wide_number_ratio(number, self->a);
    return dc_wide_ratio_is_integer(ratio) &&
           (dc_arithmetic_is_exact(self) || mpz_cmpabs(mpq_numref(ratio), self->limit) < 0);
}

static void take_bits(const dc_wide_number_t *number, mpq_ptr room)
{
    mpq_srcptr ratio = dc_wide_number_ratio(number, room);
    if (ratio != room) mpq_set(room, ratio);
}

static dc_err_t shift_left(mpz_ptr integer, mpz_srcptr places)
{
    if (mpz_sgn(places) < 0) return DC_ERR_DOMAIN;
    if (mpz_sgn(integer) == 0) return DC_OK;
    size_t bits = mpz_sizeinbase(integer, 2);
    if (mpz_cmp_ui(places, DC_WIDE_BITS_MAX - dc_min_size(bits, DC_WIDE_BITS_MAX)) > 0)
        return DC_ERR_OVERFLOW;
    mpz_mul_2exp(integer, integer, mpz_get_ui(places));
    return DC_OK;
}

// Negative numbers are as in two's complement without end, so this rounds down.
static dc_err_t shift_right(mpz_ptr integer, mpz_srcptr places)
{
    if (mpz_sgn(places) < 0) return DC_ERR_DOMAIN;
    bool is_all = mpz_cmp_ui(places, DC_WIDE_BITS_MAX) > 0;
    mpz_fdiv_q_2exp(integer, integer, is_all ? DC_WIDE_BITS_MAX : mpz_get_ui(places));
    return DC_OK;
}

static dc_err_t operate_bitwise(dc_arithmetic_t *self, dc_op_t op, dc_wide_number_t *result,
                                const dc_wide_number_t *a, const dc_wide_number_t *b)
{
    if (!dc_arithmetic_has_bits(self, a) || !dc_arithmetic_has_bits(self, b)) return DC_ERR_INTEGER;
    take_bits(a, self->a);
    take_bits(b, self->b);
    mpz_ptr left = mpq_numref(self->a);
    mpz_srcptr right = mpq_numref(self->b);
    dc_err_t err = DC_OK;
    switch ((int)op) {
    case DC_OP_BITOR: mpz_ior(left, left, right); break;
    case DC_OP_BITAND: mpz_and(left, left, right); break;
    case DC_OP_BITXOR: mpz_xor(left, left, right); break;
    case DC_OP_SHL: err = shift_left(left, right); break;
    case DC_OP_SHR: err = shift_right(left, right); break;
    default: mpz_com(left, left); break;
    }
    if (err) return err;
    if (!dc_arithmetic_is_exact(self) && mpz_cmpabs(left, self->limit) >= 0) return DC_ERR_OVERFLOW;
    return dc_arithmetic_put_integer(self, result, left);
}

// --- all of them -------------------------------------------------------------------------------

dc_err_t dc_arithmetic_operate(dc_arithmetic_t *self, dc_op_t op, dc_wide_number_t *result,
                               const dc_wide_number_t *a, const dc_wide_number_t *b)
{
    bool divides = op == DC_OP_DIV || op == DC_OP_MOD || op == DC_OP_FLOORDIV;
    if (divides && dc_wide_number_sign(b) == 0) return DC_ERR_DIVIDE_BY_ZERO;
    switch ((int)op) {
    case DC_OP_ADD:
    case DC_OP_SUB:
    case DC_OP_MUL:
    case DC_OP_DIV:
        return dc_arithmetic_is_exact(self) ? operate_exactly(self, op, result, a, b)
                                            : operate_decimally(self, op, result, a, b);
    case DC_OP_MOD:
    case DC_OP_FLOORDIV: return divide_to_integer(self, op, result, a, b);
    case DC_OP_POW: return dc_powers_raise(self, result, a, b);
    case DC_OP_NEG: return negate(result, a);
    default: return operate_bitwise(self, op, result, a, b);
    }
}

int dc_arithmetic_compare(dc_arithmetic_t *self, const dc_wide_number_t *a,
                          const dc_wide_number_t *b)
{
    if (dc_arithmetic_is_exact(self)) return mpq_cmp(a->ratio, b->ratio);
    if (a->exponent == b->exponent) return mpz_cmp(mpq_numref(a->ratio), mpq_numref(b->ratio));
    dc_decimals_add(self, &self->difference, a, b, true);
    return dc_wide_number_sign(&self->difference);
}

// --- sums --------------------------------------------------------------------------------------

dc_err_t dc_arithmetic_gather(dc_arithmetic_t *self, dc_wide_number_t *total,
                              const dc_wide_number_t *term)
{
    if (dc_arithmetic_is_exact(self)) return operate_exactly(self, DC_OP_ADD, total, total, term);
    dc_decimals_add(self, total, total, term, false);
    return DC_OK;
}

dc_err_t dc_arithmetic_share(dc_arithmetic_t *self, dc_wide_number_t *total, uint64_t count)
{
    mpq_set_ui(self->ratio, (unsigned long)count, 1);
    if (dc_arithmetic_is_exact(self)) {
        dc_err_t err = dc_ratio_divide(&self->meter, total->ratio, total->ratio, self->ratio);
        return err ? err : check_size(total);
    }
    mpq_set(self->a, total->ratio);
    return dc_decimals_divide(self, total, mpq_numref(self->a), mpq_numref(self->ratio),
                              total->exponent);
}
