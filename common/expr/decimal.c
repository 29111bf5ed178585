#include "common/expr/decimal.h"

#include <math.h>

#include "common/expr/double_bits.h"
#include "common/expr/pow10.h"
#include "common/limits.h"

// The nearest double, ties to even, to a product of which the top bit of `high` is worth
// 2^exponent. The top bit or the one below it is set.
static double round_product(dc_pow10_product_t product, int exponent)
{
    uint64_t high = product.high, middle = product.middle;
    if (!(high >> 63)) {
        high = high << 1 | middle >> 63;
        middle <<= 1;
        exponent--;
    }
    if (exponent > 1023) return INFINITY;
    // Of 64 bits 53 stay, or fewer if the number is subnormal.
    int dropped = exponent >= -1022 ? 11 : 11 - 1022 - exponent;
    if (dropped > 64) return 0;
    uint64_t kept = dropped < 64 ? high >> dropped : 0;
    uint64_t half = UINT64_C(1) << (dropped - 1);
    bool is_more = (high & (half - 1)) || middle || product.low;
    bool is_up = (high & half) && (is_more || (kept & 1));
    // The leading bit of `kept` counts one in the exponent's field, and a carry one more.
    uint64_t field = exponent >= -1022 ? (uint64_t)(exponent + 1022) : 0;
    return dc_double_of_bits((field << 52) + kept + is_up);
}

static double next_above(double number)
{
    return dc_double_of_bits(dc_double_bits(number) + 1);
}

dc_decimal_bounds_t dc_decimal_bounds(uint64_t digits, int64_t exponent, bool is_cut)
{
    // Below 10^-342 even 2^64 is less than half of the least double.
    if (digits == 0 || exponent < DC_POW10_MIN) return (dc_decimal_bounds_t){ 0, 0 };
    if (exponent > 308) return (dc_decimal_bounds_t){ INFINITY, INFINITY };
    int shift = __builtin_clzll(digits);
    uint64_t factor = digits << shift;
    dc_pow10_product_t product = dc_pow10_multiply(factor, dc_pow10((int)exponent));
    int top = dc_pow10_log2((int)exponent) + 64 - shift;
    double low = round_product(product, top);
    if (!is_cut && dc_pow10_is_exact((int)exponent)) return (dc_decimal_bounds_t){ low, low };

    // The power is short by less than 1 in its last place, so the product by less than `factor`: at
    // most a carry into `middle`, which nearly always changes no bit that rounding sees.
    uint64_t unseen = product.middle & INT64_MAX;
    if (!is_cut && unseen != 0 && unseen != INT64_MAX) return (dc_decimal_bounds_t){ low, low };
    // Digits that were cut add less than 2^4 * 2^128: a factor has at least 60 bits then.
    bool fits = dc_pow10_product_add(&product, factor);
    fits &= !__builtin_add_overflow(product.high, is_cut ? 32 : 0, &product.high);
    double high = fits ? round_product(product, top) : next_above(low);
    return (dc_decimal_bounds_t){ low, high };
}

int dc_decimal_cmp(dc_bigint_t *digits, int decimal, uint64_t integer, int binary)
{
    dc_bigint_t other;
    dc_bigint_set(&other, integer);
    // Ten is five times two: multiply away negative powers of five, then align the twos.
    if (decimal > 0) dc_bigint_mul_pow5(digits, (unsigned)decimal);
    if (decimal < 0) dc_bigint_mul_pow5(&other, (unsigned)-decimal);
    if (decimal > binary) dc_bigint_shift_left(digits, (unsigned)(decimal - binary));
    if (decimal < binary) dc_bigint_shift_left(&other, (unsigned)(binary - decimal));
    return dc_bigint_cmp(digits, &other);
}

double dc_decimal_choose(double low, dc_bigint_t *digits, int exponent)
{
    uint64_t bits = dc_double_bits(low);
    int field = (int)(bits >> 52);
    uint64_t integer = bits & ((UINT64_C(1) << 52) - 1);
    if (field) integer |= UINT64_C(1) << 52;
    int binary = (field ? field : 1) - 1075;
    int order = dc_decimal_cmp(digits, exponent, 2 * integer + 1, binary - 1);
    bool is_up = order > 0 || (order == 0 && (bits & 1));
    return is_up ? next_above(low) : low;
}

double dc_decimal_to_double(uint64_t digits, int64_t exponent)
{
    static const double pow10[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                    1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
    // Both are exact, so the one operation rounds correctly (Clinger 1990).
    if (digits <= (uint64_t)DC_INTEGER_MAX && exponent >= -22 && exponent <= 22) {
        double number = (double)digits;
        return exponent < 0 ? number / pow10[-exponent] : number * pow10[exponent];
    }
    dc_decimal_bounds_t bounds = dc_decimal_bounds(digits, exponent, false);
    if (bounds.low == bounds.high) return bounds.low;
    dc_bigint_t exact;
    dc_bigint_set(&exact, digits);
    return dc_decimal_choose(bounds.low, &exact, (int)exponent);
}
