#include "common/expr/round.h"

#include <math.h>

#include "common/expr/decimal.h"
#include "common/expr/double_bits.h"
#include "common/expr/pow10.h"

// floor(2 * integer * 2^binary * 10^digits), where that is below 2^56: the product with the rounded
// power decides, unless what the power lacks could carry the product over the next integer.
static uint64_t scale_doubled(uint64_t integer, int binary, int digits)
{
    int shift = __builtin_clzll(integer);
    dc_pow10_product_t product = dc_pow10_multiply(integer << shift, dc_pow10(digits));
    // The top bit of `high` is worth 2^(62 - places) in the result.
    int places = 62 - (dc_pow10_log2(digits) + 64 - shift + binary);
    uint64_t low = places < 64 ? product.high >> places : 0;
    if (dc_pow10_is_exact(digits)) return low;
    bool fits = dc_pow10_product_add(&product, integer << shift);
    uint64_t high = places < 64 ? product.high >> places : 0;
    if (fits && low == high) return low;

    dc_bigint_t exact;
    dc_bigint_set(&exact, integer);
    return low + (dc_decimal_cmp(&exact, digits, low + 1, -binary - 1) >= 0);
}

double dc_round_digits(double x, int digits)
{
    if (!isfinite(x) || x == 0) return x;
    if (digits == 0) return round(x);
    uint64_t bits = dc_double_bits(x);
    int field = (int)(bits >> 52 & 0x7ff);
    uint64_t integer = bits & ((UINT64_C(1) << 52) - 1);
    if (field) integer |= UINT64_C(1) << 52;
    int binary = (field ? field : 1) - 1075;

    // The largest double is below 10^309 / 2, and 10^-324 is finer than any double.
    if (digits < -308) return copysign(0, x);
    // A grid finer than half the distance to the nearer neighbour leads back to x. Any other is so
    // wide that x has at most 2^54 of its steps.
    if (digits > 323 || dc_pow10_log2(-digits) < binary - 1) return x;
    uint64_t steps = (scale_doubled(integer, binary, digits) + 1) / 2;
    return copysign(dc_decimal_to_double(steps, -digits), x);
}
