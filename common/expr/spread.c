#include "common/expr/spread.h"

#include "common/expr/twofold.h"

// Squares of deviations below 2^-400 would lose digits at the lower end of the doubles: these are
// taken 2^600 times as large.
#define SMALL       0x1p-400
#define SMALL_SHIFT 600

void dc_spread_init(dc_spread_t *self)
{
    *self = (dc_spread_t){ 0 };
    dc_exact_init(&self->sum);
    dc_exact_init(&self->squares);
    dc_exact_init(&self->small);
}

static void add_twofold(dc_exact_t *sum, dc_twofold_t x)
{
    dc_exact_add(sum, x.high);
    // Where the product is infinite its rest means nothing.
    if (isfinite(x.high)) dc_exact_add(sum, x.low);
}

static void add_square(dc_exact_t *sum, dc_twofold_t x)
{
    add_twofold(sum, dc_twofold_product(x.high, x.high));
    if (x.low == 0 || !isfinite(x.high)) return;
    add_twofold(sum, dc_twofold_product(2 * x.high, x.low));
    dc_exact_add(sum, x.low * x.low);
}

void dc_spread_add(dc_spread_t *self, double x)
{
    if (self->count++ == 0) self->origin = x;
    dc_twofold_t deviation = dc_twofold_sum(x, -self->origin);
    add_twofold(&self->sum, deviation);
    if (fabs(deviation.high) < SMALL) {
        deviation.high = ldexp(deviation.high, SMALL_SHIFT);
        deviation.low = ldexp(deviation.low, SMALL_SHIFT);
        add_square(&self->small, deviation);
    } else {
        self->has_large = true;
        add_square(&self->squares, deviation);
    }
}

// The sum times 2^shift, with twice the digits of a double.
static dc_twofold_t round_twofold(const dc_exact_t *sum, int shift)
{
    dc_exact_t rest = *sum;
    double high = dc_exact_round(sum);
    if (!isfinite(high)) return (dc_twofold_t){ high, 0 };
    dc_exact_add(&rest, -high);
    return (dc_twofold_t){ ldexp(high, shift), ldexp(dc_exact_round(&rest), shift) };
}

static dc_twofold_t add(dc_twofold_t a, dc_twofold_t b)
{
    dc_twofold_t sum = dc_twofold_sum(a.high, b.high);
    return dc_twofold_sum_ordered(sum.high, sum.low + (a.low + b.low));
}

// The variance times 2^(2 * *shift).
static dc_twofold_t variance(const dc_spread_t *self, int *shift)
{
    double count = (double)self->count;
    *shift = self->has_large ? 0 : SMALL_SHIFT;
    dc_twofold_t sum = round_twofold(&self->sum, *shift);
    if (!isfinite(sum.high)) return (dc_twofold_t){ (double)NAN, 0 };
    dc_twofold_t squares = round_twofold(&self->small, 2 * (*shift - SMALL_SHIFT));
    if (self->has_large) {
        dc_twofold_t large = round_twofold(&self->squares, 0);
        if (!isfinite(large.high)) return large;
        squares = add(large, squares);
    }
    // The square of the sum alone might be too large.
    dc_twofold_t share = dc_twofold_mul(dc_twofold_div(sum, count), sum);
    dc_twofold_t rest = add(squares, (dc_twofold_t){ -share.high, -share.low });
    return dc_twofold_div(rest, count - 1);
}

dc_err_t dc_spread_variance(const dc_spread_t *self, double *result)
{
    int shift;
    if (self->count < 2) return DC_ERR_NO_TERMS;
    dc_twofold_t square = variance(self, &shift);
    *result = ldexp(square.high, -2 * shift);
    return DC_OK;
}

dc_err_t dc_spread_deviation(const dc_spread_t *self, double *result)
{
    int shift;
    if (self->count < 2) return DC_ERR_NO_TERMS;
    dc_twofold_t square = variance(self, &shift);
    double root = sqrt(square.high);
    if (root > 0 && isfinite(root)) {
        root += (fma(-root, root, square.high) + square.low) / (2 * root);
    }
    *result = ldexp(root, -shift);
    return DC_OK;
}
