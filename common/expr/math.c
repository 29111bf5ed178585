#include "common/expr/math.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

#include "common/expr/elementary.h"
#include "common/expr/integers.h"
#include "common/expr/pow.h"
#include "common/expr/random.h"
#include "common/expr/round.h"
#include "common/expr/special.h"
#include "common/limits.h"

#define ARGS_ANY 255

double dc_math_pow(double x, double y)
{
    switch (dc_math_pow_rule(y)) {
    case DC_POW_SQUARE: return x * x;
    case DC_POW_CUBE: return x * x * x;
    case DC_POW_FOURTH: return (x * x) * (x * x);
    case DC_POW_INVERSE: return 1 / x;
    case DC_POW_ROOT:
        // The power of -0 is 0, that of -inf is inf; the roots are -0 and NaN.
        if (x > 0) return sqrt(x);
        break;
    case DC_POW_OTHER: break;
    }
    return dc_pow(x, y);
}

bool dc_math_is_supported(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

// --- what is too short for a file of its own ---------------------------------------------------

static double sign(double x)
{
    if (x == 0) return 0;
    return isnan(x) ? x : copysign(1, x);
}

// b's sign, also for 0. Only the sum at the end rounds.
static double mod(double a, double b)
{
    double rest = fmod(a, b);
    if (rest == 0) return copysign(rest, b);
    return signbit(rest) != signbit(b) ? rest + b : rest;
}

// The rounded quotient may be one too large for the exact one; the sign of what is left, which fma
// gives exactly, tells. Beyond 2^53 the quotient's own rounding is all that can be seen.
static double idiv(double a, double b)
{
    double quotient = trunc(a / b);
    if (!(fabs(quotient) <= DC_INTEGER_MAX) || quotient == 0) return quotient;
    double rest = fma(-quotient, b, a);
    bool is_past = rest != 0 && signbit(rest) != signbit(a);
    return is_past ? quotient - copysign(1, quotient) : quotient;
}

// IEEE 754-2019 minimum and maximum: NaN wins, and -0 is less than 0.
static double min_of_two(double a, double b)
{
    if (isnan(a) || isnan(b)) return NAN;
    if (a == b) return signbit(a) ? a : b;
    return a < b ? a : b;
}

static double max_of_two(double a, double b)
{
    if (isnan(a) || isnan(b)) return NAN;
    if (a == b) return signbit(a) ? b : a;
    return a > b ? a : b;
}

// NOLINTBEGIN(readability-non-const-parameter): the shape is that of dc_math_fn_t.

static double call_min(const double *args, size_t count, dc_err_t *error)
{
    (void)error;
    double result = args[0];
    for (size_t i = 1; i < count; i++) {
        result = min_of_two(result, args[i]);
    }
    return result;
}

static double call_max(const double *args, size_t count, dc_err_t *error)
{
    (void)error;
    double result = args[0];
    for (size_t i = 1; i < count; i++) {
        result = max_of_two(result, args[i]);
    }
    return result;
}

static double call_round(const double *args, size_t count, dc_err_t *error)
{
    double x = args[0];
    if (count == 1) return round(x);
    double digits = args[1];
    if (isnan(digits)) return digits;
    if (digits != trunc(digits)) {
        *error = DC_ERR_INTEGER;
        return NAN;
    }
    return dc_round_digits(x, (int)fmax(-400, fmin(digits, 400)));
}

static double call_log(const double *args, size_t count, dc_err_t *error)
{
    (void)error;
    return count == 1 ? dc_ln(args[0]) : dc_log_base(args[0], args[1]);
}

static double call_root(const double *args, size_t count, dc_err_t *error)
{
    (void)count;
    if (isfinite(args[1]) && args[1] != trunc(args[1])) *error = DC_ERR_INTEGER;
    return dc_root(args[0], args[1]);
}

static double call_clamp(const double *args, size_t count, dc_err_t *error)
{
    (void)count;
    (void)error;
    return min_of_two(max_of_two(args[0], args[1]), args[2]);
}

#define DEFINE_CALL(name, ...)                                                   \
    static double call_##name(const double *args, size_t count, dc_err_t *error) \
    {                                                                            \
        (void)count;                                                             \
        (void)error;                                                             \
        return __VA_ARGS__;                                                      \
    }

DEFINE_CALL(abs, fabs(args[0]))
DEFINE_CALL(acos, dc_acos(args[0]))
DEFINE_CALL(acosh, dc_acosh(args[0]))
DEFINE_CALL(asin, dc_asin(args[0]))
DEFINE_CALL(asinh, dc_asinh(args[0]))
DEFINE_CALL(atan, dc_atan(args[0]))
DEFINE_CALL(atan2, dc_atan2(args[0], args[1]))
DEFINE_CALL(atanh, dc_atanh(args[0]))
DEFINE_CALL(cbrt, dc_cbrt(args[0]))
DEFINE_CALL(ceil, ceil(args[0]))
DEFINE_CALL(cos, dc_cos(args[0]))
DEFINE_CALL(cosh, dc_cosh(args[0]))
DEFINE_CALL(cospi, dc_cospi(args[0]))
DEFINE_CALL(deg, dc_degrees(args[0]))
DEFINE_CALL(erf, dc_erf(args[0]))
DEFINE_CALL(erfc, dc_erfc(args[0]))
DEFINE_CALL(exp, dc_exp(args[0]))
DEFINE_CALL(exp2, dc_exp2(args[0]))
DEFINE_CALL(expm1, dc_expm1(args[0]))
DEFINE_CALL(floor, floor(args[0]))
DEFINE_CALL(frac, args[0] - trunc(args[0]))
DEFINE_CALL(gamma, dc_gamma(args[0]))
DEFINE_CALL(hypot, dc_hypot(args[0], args[1]))
DEFINE_CALL(idiv, idiv(args[0], args[1]))
DEFINE_CALL(log10, dc_log10(args[0]))
DEFINE_CALL(log1p, dc_log1p(args[0]))
DEFINE_CALL(log2, dc_log2(args[0]))
DEFINE_CALL(mod, mod(args[0], args[1]))
DEFINE_CALL(normcdf, dc_normcdf(args[0]))
DEFINE_CALL(norminv, dc_norminv(args[0]))
DEFINE_CALL(normpdf, dc_normpdf(args[0]))
DEFINE_CALL(pow, dc_math_pow(args[0], args[1]))
DEFINE_CALL(rad, dc_radians(args[0]))
DEFINE_CALL(sign, sign(args[0]))
DEFINE_CALL(sin, dc_sin(args[0]))
DEFINE_CALL(sinh, dc_sinh(args[0]))
DEFINE_CALL(sinpi, dc_sinpi(args[0]))
DEFINE_CALL(sqrt, sqrt(args[0]))
DEFINE_CALL(tan, dc_tan(args[0]))
DEFINE_CALL(tanh, dc_tanh(args[0]))
DEFINE_CALL(trunc, trunc(args[0]))

// NOLINTEND(readability-non-const-parameter)

// --- the table ---------------------------------------------------------------------------------

// Ordered by name.
static const dc_math_function_t functions[] = {
    { "abs", 1, 1, call_abs, "x: without its sign", 0.5, DC_MATH_ARITHMETIC, NULL },
    { "acos", 1, 1, call_acos, "x: the angle with this cosine, 0 to pi", 1, DC_MATH_ANGLES,
      "x from -1 to 1" },
    { "acosh", 1, 1, call_acosh, "x: inverse of cosh, not negative", 1, DC_MATH_ANGLES,
      "x from 1 on" },
    { "asin", 1, 1, call_asin, "x: the angle with this sine, -pi/2 to pi/2", 1, DC_MATH_ANGLES,
      "x from -1 to 1" },
    { "asinh", 1, 1, call_asinh, "x: inverse of sinh", 1, DC_MATH_ANGLES, NULL },
    { "atan", 1, 1, call_atan, "x: the angle with this tangent, -pi/2 to pi/2", 1, DC_MATH_ANGLES,
      NULL },
    { "atan2", 2, 2, call_atan2, "y, x: the angle of the point (x, y), -pi to pi", 1,
      DC_MATH_ANGLES, NULL },
    { "atanh", 1, 1, call_atanh, "x: inverse of tanh", 1, DC_MATH_ANGLES, "x between -1 and 1" },
    { "cbrt", 1, 1, call_cbrt, "x: cube root", 1, DC_MATH_POWERS, NULL },
    { "ceil", 1, 1, call_ceil, "x: the next integer above", 0.5, DC_MATH_ARITHMETIC, NULL },
    { "choose", 2, 2, dc_integers_choose, "n, k: ways to choose k of n", 0.5, DC_MATH_INTEGERS,
      "n and k are integers from 0 on" },
    { "clamp", 3, 3, call_clamp, "x, lo, hi: x, but at least lo and at most hi", 0.5,
      DC_MATH_ARITHMETIC, NULL },
    { "cos", 1, 1, call_cos, "x: cosine of an angle in radians", 1, DC_MATH_ANGLES, NULL },
    { "cosh", 1, 1, call_cosh, "x: hyperbolic cosine", 1, DC_MATH_ANGLES, NULL },
    { "cospi", 1, 1, call_cospi, "x: cosine of pi * x", 1, DC_MATH_ANGLES, NULL },
    { "deg", 1, 1, call_deg, "x: radians to degrees", 1, DC_MATH_ANGLES, NULL },
    { "erf", 1, 1, call_erf, "x: error function", 1, DC_MATH_CHANCE, NULL },
    { "erfc", 1, 1, call_erfc, "x: 1 - erf(x), exact for large x", 1.5, DC_MATH_CHANCE, NULL },
    { "exp", 1, 1, call_exp, "x: e ^ x", 1, DC_MATH_POWERS, NULL },
    { "exp2", 1, 1, call_exp2, "x: 2 ^ x", 1, DC_MATH_POWERS, NULL },
    { "expm1", 1, 1, call_expm1, "x: e ^ x - 1, exact near 0", 1, DC_MATH_POWERS, NULL },
    { "fact", 1, 1, dc_integers_fact, "n: factorial", 0.5, DC_MATH_INTEGERS,
      "n is an integer from 0 on" },
    { "floor", 1, 1, call_floor, "x: the next integer below", 0.5, DC_MATH_ARITHMETIC, NULL },
    { "frac", 1, 1, call_frac, "x: what trunc leaves, with x's sign", 0.5, DC_MATH_ARITHMETIC,
      NULL },
    { "gamma", 1, 1, call_gamma, "x: (x - 1)! for any number", 2, DC_MATH_CHANCE,
      "x is not 0, -1, -2, ..." },
    { "gcd", 2, ARGS_ANY, dc_integers_gcd, "a, b, ...: greatest common divisor", 0.5,
      DC_MATH_INTEGERS, "integers" },
    { "hypot", 2, 2, call_hypot, "x, y: length of the vector", 1, DC_MATH_ARITHMETIC, NULL },
    { "idiv", 2, 2, call_idiv, "a, b: the quotient without its fraction", 0.5, DC_MATH_ARITHMETIC,
      "b is not 0" },
    { "lcm", 2, ARGS_ANY, dc_integers_lcm, "a, b, ...: least common multiple", 0.5,
      DC_MATH_INTEGERS, "integers" },
    { "ln", 1, 1, call_log, "x: natural logarithm", 1, DC_MATH_POWERS, "x above 0" },
    { "log", 1, 2, call_log, "x[, base]: logarithm, natural without a base", 2.5, DC_MATH_POWERS,
      "x above 0; base above 0, and not 1" },
    { "log10", 1, 1, call_log10, "x: logarithm to base 10", 1, DC_MATH_POWERS, "x above 0" },
    { "log1p", 1, 1, call_log1p, "x: log(1 + x), exact near 0", 1, DC_MATH_POWERS, "x above -1" },
    { "log2", 1, 1, call_log2, "x: logarithm to base 2", 1, DC_MATH_POWERS, "x above 0" },
    { "max", 1, ARGS_ANY, call_max, "a, b, ...: the largest", 0.5, DC_MATH_ARITHMETIC, NULL },
    { "min", 1, ARGS_ANY, call_min, "a, b, ...: the smallest", 0.5, DC_MATH_ARITHMETIC, NULL },
    { "mod", 2, 2, call_mod, "a, b: remainder with b's sign", 0.5, DC_MATH_ARITHMETIC,
      "b is not 0" },
    { "normal", 2, 2, dc_random_normal, "seed, k: random number, normally distributed", 1,
      DC_MATH_CHANCE, "integers of at most 2^53" },
    { "normcdf", 1, 1, call_normcdf, "x: probability of less, normal distribution", 2,
      DC_MATH_CHANCE, NULL },
    { "norminv", 1, 1, call_norminv, "p: the x with normcdf(x) = p", 1, DC_MATH_CHANCE,
      "p between 0 and 1" },
    { "normpdf", 1, 1, call_normpdf, "x: density of the normal distribution", 2, DC_MATH_CHANCE,
      NULL },
    { "perm", 2, 2, dc_integers_perm, "n, k: ways to arrange k of n", 0.5, DC_MATH_INTEGERS,
      "n and k are integers from 0 on" },
    { "pow", 2, 2, call_pow, "x, y: x ^ y", 2, DC_MATH_POWERS,
      "x from 0 on unless y is an integer; x is not 0 if y is below 0" },
    { "rad", 1, 1, call_rad, "x: degrees to radians", 1, DC_MATH_ANGLES, NULL },
    { "root", 2, 2, call_root, "x, n: the n-th root", 1.6, DC_MATH_POWERS,
      "n is an integer and not 0; x from 0 on if n is even" },
    { "round", 1, 2, call_round, "x[, digits]: nearest, halves away from 0", 0.5,
      DC_MATH_ARITHMETIC, "digits is an integer" },
    { "sign", 1, 1, call_sign, "x: -1, 0 or 1", 0.5, DC_MATH_ARITHMETIC, NULL },
    { "sin", 1, 1, call_sin, "x: sine of an angle in radians", 1, DC_MATH_ANGLES, NULL },
    { "sinh", 1, 1, call_sinh, "x: hyperbolic sine", 1, DC_MATH_ANGLES, NULL },
    { "sinpi", 1, 1, call_sinpi, "x: sine of pi * x", 1, DC_MATH_ANGLES, NULL },
    { "sqrt", 1, 1, call_sqrt, "x: square root", 0.5, DC_MATH_POWERS, "x from 0 on" },
    { "tan", 1, 1, call_tan, "x: tangent of an angle in radians", 1, DC_MATH_ANGLES, NULL },
    { "tanh", 1, 1, call_tanh, "x: hyperbolic tangent", 1, DC_MATH_ANGLES, NULL },
    { "trunc", 1, 1, call_trunc, "x: the integer towards 0", 0.5, DC_MATH_ARITHMETIC, NULL },
    { "uniform", 2, 2, dc_random_uniform, "seed, k: random number, 0 to below 1", 0.5,
      DC_MATH_CHANCE, "integers of at most 2^53" },
};

const dc_math_function_t *dc_math_functions(size_t *count)
{
    *count = DC_ARRAY_LEN(functions);
    return functions;
}

const dc_math_function_t *dc_math_at(size_t index)
{
    return &functions[index];
}

size_t dc_math_index(const dc_math_function_t *function)
{
    return (size_t)(function - functions);
}

// --- finding by name ---------------------------------------------------------------------------

// An open hash with linear probing, at most a quarter full. The key is the name's first eight
// bytes, which tell nearly all names apart in one comparison.
#define SLOT_COUNT 256
static_assert(DC_ARRAY_LEN(functions) <= SLOT_COUNT / 4, "probes must stay short");

typedef struct slot {
    uint64_t key;
    size_t len;
    const dc_math_function_t *function; // NULL if the slot is free
} slot_t;

static slot_t slots[SLOT_COUNT];
static pthread_once_t slots_once = PTHREAD_ONCE_INIT;

// The first eight bytes, zeros behind a shorter name. Short names are read as two parts that may
// overlap: that takes no loop and reads no byte beyond the name.
static uint64_t make_key(dc_str_t name)
{
    if (name.len >= 8) {
        uint64_t key;
        memcpy(&key, name.data, sizeof key);
        return key;
    }
    if (name.len >= 4) {
        uint32_t front, back;
        memcpy(&front, name.data, sizeof front);
        memcpy(&back, name.data + name.len - 4, sizeof back);
        return front | (uint64_t)back << (8 * (name.len - 4));
    }
    uint64_t key = 0;
    for (size_t i = 0; i < name.len; i++) {
        key |= (uint64_t)(unsigned char)name.data[i] << (8 * i);
    }
    return key;
}

// Fibonacci hashing: the golden ratio's bits spread a key's over the top byte.
static size_t slot_index(uint64_t key)
{
    return (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 56);
}

static void fill_slots(void)
{
    for (size_t i = 0; i < DC_ARRAY_LEN(functions); i++) {
        dc_str_t name = dc_str_from(functions[i].name);
        uint64_t key = make_key(name);
        size_t at = slot_index(key);
        while (slots[at].function) {
            at = (at + 1) % SLOT_COUNT;
        }
        slots[at] = (slot_t){ key, name.len, &functions[i] };
    }
}

const dc_math_function_t *dc_math_find(dc_str_t name)
{
    pthread_once(&slots_once, fill_slots);
    uint64_t key = make_key(name);
    for (size_t at = slot_index(key); slots[at].function; at = (at + 1) % SLOT_COUNT) {
        const slot_t *slot = &slots[at];
        bool is_equal = slot->key == key && slot->len == name.len &&
                        (name.len <= 8 || memcmp(slot->function->name, name.data, name.len) == 0);
        if (is_equal) return slot->function;
    }
    return NULL;
}
