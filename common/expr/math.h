// math — the elementary functions, the same to the last bit on every machine.
//
// Every path of one row at a time (plain lines, constant folding, the VM) calls these and nothing
// else; those of blocks have their bits (kernels.h). Elementary functions are SLEEF's deterministic
// FMA variants (`Sleef_finz_*_purecfma`, error at most 1 ULP; mended where it is more, see
// elementary.h), because those of glibc and libmvec differ between processors; powers are our own
// (pow.h). From libm comes only what is exact: fmod, floor, fma, sqrt and the like.
#ifndef DC_COMMON_EXPR_MATH_H
#define DC_COMMON_EXPR_MATH_H

#include "common/err.h"
#include "common/str.h"

// A built-in function over numbers. Arguments are finite or not: IEEE arithmetic inside, the value
// of the whole job is judged. A function that demands integers (gcd, lcm, fact, choose, perm; root
// and round for their second argument) says so with DC_ERR_INTEGER through `error`, which is not
// touched otherwise.
typedef double (*dc_math_fn_t)(const double *args, size_t count, dc_err_t *error);

// X(FAMILY, what people are told it is)
#define DC_MATH_FAMILIES(X)                        \
    X(ARITHMETIC, "Signs, rounding, the largest")  \
    X(INTEGERS, "Integers")                        \
    X(POWERS, "Roots, powers, logarithms")         \
    X(ANGLES, "Angles and hyperbolas, in radians") \
    X(CHANCE, "Distributions and random numbers")

typedef enum dc_math_family {
#define X(family, title) DC_MATH_##family,
    DC_MATH_FAMILIES(X)
#undef X
    DC_MATH_FAMILY_COUNT
} dc_math_family_t;

typedef struct dc_math_function {
    const char *name;
    uint8_t args_min, args_max; // args_max 255: any number (min, max, gcd, lcm)
    dc_math_fn_t call;
    const char *help; // "x, y: length of the vector", for help and the manual
    double error_ulp; // bound of the error in units of the last place; 0.5: correctly rounded
    dc_math_family_t family;
    const char *domain; // "x above 0": where it is defined, if not for all numbers; else NULL
} dc_math_function_t;

// All of them, ordered by name; `*count` is how many.
const dc_math_function_t *dc_math_functions(size_t *count);

// The one at `index` of that list, and where in it `function` is.
const dc_math_function_t *dc_math_at(size_t index);
size_t dc_math_index(const dc_math_function_t *function);

// The one called `name`, or NULL. O(1), some 6 ns: a small open hash, made on first use. Any thread
// may call it.
const dc_math_function_t *dc_math_find(dc_str_t name);

// X(name, exponent): the powers that are not left to dc_pow. All who compute powers go by it.
#define DC_POW_LIST(X) \
    X(SQUARE, 2)       \
    X(CUBE, 3)         \
    X(FOURTH, 4)       \
    X(INVERSE, -1)     \
    X(ROOT, 0.5)

typedef enum dc_pow_rule {
#define X(name, exponent) DC_POW_##name,
    DC_POW_LIST(X)
#undef X
    DC_POW_OTHER,
} dc_pow_rule_t;

// Which of them this exponent is.
static inline dc_pow_rule_t dc_math_pow_rule(double y)
{
#define X(name, exponent) \
    if (y == (exponent)) return DC_POW_##name;
    DC_POW_LIST(X)
#undef X
    return DC_POW_OTHER;
}

// x ^ y by the rules for the last bit: exponent 2, 3, 4 multiply (x*x, (x*x)*x, (x*x)*(x*x)), -1
// divides, 0.5 is the square root where pow agrees (not for -0 and -inf), all else is dc_pow.
// The product of three errs by up to 1.3 ULP, that of four by up to 1.92.
double dc_math_pow(double x, double y);

// True if the processor has what the functions need (AVX2 and FMA).
bool dc_math_is_supported(void);

#endif
