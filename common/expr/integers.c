#include "common/expr/integers.h"

#include <math.h>

#include "common/expr/bigint.h"
#include "common/expr/twofold.h"

__extension__ typedef unsigned __int128 u128_t;

// The factorials up to 170!, rounded correctly. 171! is infinite.
#define FACTORIAL_MAX 170
static const double factorials[] = {
#include "common/expr/factorials.inc"
};
static_assert(DC_ARRAY_LEN(factorials) == FACTORIAL_MAX + 1, "0! is one of them");

// Whether all arguments are integers; if not, NaN is the result.
static bool are_integers(const double *args, size_t count, dc_err_t *error)
{
    bool are = true;
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(args[i])) {
            are = false;
        } else if (args[i] != trunc(args[i])) {
            *error = DC_ERR_INTEGER;
            are = false;
        }
    }
    return are;
}

// Euclid's algorithm; every remainder is exact.
static double gcd_of_two(double a, double b)
{
    while (a >= 0x1p63 || b >= 0x1p63) {
        if (b == 0) return a;
        double rest = fmod(a, b);
        a = b;
        b = rest;
    }
    uint64_t m = (uint64_t)a, n = (uint64_t)b;
    while (n) {
        uint64_t rest = m % n;
        m = n;
        n = rest;
    }
    return (double)m;
}

double dc_integers_gcd(const double *args, size_t count, dc_err_t *error)
{
    if (!are_integers(args, count, error)) return NAN;
    double result = 0;
    for (size_t i = 0; i < count; i++) {
        result = gcd_of_two(fabs(args[i]), result);
    }
    return result;
}

// `value` (an integer, not 0) as odd * 2^twos.
static uint64_t split_twos(double value, int *twos)
{
    int exponent;
    uint64_t integer = (uint64_t)ldexp(frexp(fabs(value), &exponent), 53);
    int zeros = __builtin_ctzll(integer);
    *twos = exponent - 53 + zeros;
    return integer >> zeros;
}

static uint64_t gcd_of_words(uint64_t a, uint64_t b)
{
    while (b) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

// The odd part grows as a long number, so that the result is exact until it is rounded, however
// many arguments there are. It only grows, so what has passed the doubles stays infinite.
double dc_integers_lcm(const double *args, size_t count, dc_err_t *error)
{
    if (!are_integers(args, count, error)) return NAN;
    for (size_t i = 0; i < count; i++) {
        if (args[i] == 0) return 0;
    }
    dc_bigint_t odd;
    dc_bigint_set(&odd, 1);
    int twos = 0;
    for (size_t i = 0; i < count; i++) {
        int arg_twos;
        uint64_t arg_odd = split_twos(args[i], &arg_twos);
        uint64_t common = gcd_of_words(arg_odd, dc_bigint_mod(&odd, arg_odd));
        dc_bigint_mul_add(&odd, arg_odd / common, 0);
        twos = arg_twos > twos ? arg_twos : twos;
        if (dc_bigint_bit_count(&odd) > 1024) return INFINITY;
    }
    return dc_bigint_to_double(&odd, twos);
}

double dc_integers_fact(const double *args, size_t count, dc_err_t *error)
{
    if (!are_integers(args, count, error) || args[0] < 0) return NAN;
    return args[0] <= FACTORIAL_MAX ? factorials[(int)args[0]] : (double)INFINITY;
}

// Exact, for value < 2^63.
static dc_twofold_t twofold_from(uint64_t value)
{
    double high = (double)value;
    return (dc_twofold_t){ high, (double)((int64_t)value - (int64_t)high) };
}

// The product of (n - k + i) / i for i = 1 .. k. Each step's quotient is an integer, exact while it
// is below 2^63. With k <= n / 2 each step at least doubles.
double dc_integers_choose(const double *args, size_t count, dc_err_t *error)
{
    double n = args[0], k = args[1];
    if (!are_integers(args, count, error) || n < 0 || k < 0) return NAN;
    if (k > n) return 0;
    k = fmin(k, n - k);
    if (k >= 1024) return INFINITY;
    unsigned i = 1, last = (unsigned)k;
    uint64_t exact = 1;
    for (; i <= last && n < 0x1p63; i++) {
        u128_t product = (u128_t)exact * ((uint64_t)n - last + i);
        u128_t quotient = product / i;
        if (quotient >> 63) break;
        exact = (uint64_t)quotient;
    }
    if (i > last) return (double)exact;

    // Scaled, so that a product may pass the largest double before it is divided.
    dc_twofold_t value = twofold_from(exact);
    value = (dc_twofold_t){ value.high * 0x1p-64, value.low * 0x1p-64 };
    for (; i <= last; i++) {
        dc_twofold_t factor = dc_twofold_sum(n, (double)i - k);
        value = dc_twofold_div(dc_twofold_mul(value, factor), i);
        if (!(value.high < 0x1p960)) return INFINITY;
    }
    return value.high * 0x1p64;
}

// n * (n - 1) * ..., k factors. As n >= k, that is at least k!.
double dc_integers_perm(const double *args, size_t count, dc_err_t *error)
{
    double n = args[0], k = args[1];
    if (!are_integers(args, count, error) || n < 0 || k < 0) return NAN;
    if (k > n) return 0;
    if (k > FACTORIAL_MAX) return INFINITY;
    unsigned i = 0, end = (unsigned)k;
    uint64_t exact = 1;
    for (; i < end && n < 0x1p63; i++) {
        u128_t product = (u128_t)exact * ((uint64_t)n - i);
        if (product >> 63) break;
        exact = (uint64_t)product;
    }
    if (i == end) return (double)exact;

    dc_twofold_t value = twofold_from(exact);
    for (; i < end; i++) {
        value = dc_twofold_mul(value, dc_twofold_sum(n, -(double)i));
        if (!isfinite(value.high)) return INFINITY;
    }
    return value.high;
}
