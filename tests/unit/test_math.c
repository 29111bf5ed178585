// The built-in functions: exact and special values, errors, how far each may be off, and its bits.
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/expr/bigint.h"
#include "common/expr/double_bits.h"
#include "common/expr/elementary.h"
#include "common/expr/math.h"
#include "common/expr/round.h"
#include "tests/lib/main.h"
#include "tests/lib/xorshift.h"

#define ARGS_MAX 4

static double call(const char *name, const double *args, size_t count, dc_err_t *error)
{
    const dc_math_function_t *function = dc_math_find(dc_str_from(name));
    ck_assert_msg(function, "%s is missing", name);
    ck_assert_uint_ge(count, function->args_min);
    if (function->args_max != 255) ck_assert_uint_le(count, function->args_max);
    *error = DC_OK;
    return function->call(args, count, error);
}

// Equal to the bit; all NaNs are the same.
static void assert_same(double actual, double expected)
{
    if (isnan(expected)) {
        ck_assert_msg(isnan(actual), "%.17g is not NaN", actual);
    } else {
        ck_assert_msg(dc_double_bits(actual) == dc_double_bits(expected), "%.17g is not %.17g",
                      actual, expected);
    }
}

static double next_between(uint64_t *state, double low, double high)
{
    return low + (high - low) * ((double)(dc_xorshift(state) >> 11) * 0x1p-53);
}

static double next_finite(uint64_t *state)
{
    for (;;) {
        double number = dc_double_of_bits(dc_xorshift(state));
        if (isfinite(number)) return number;
    }
}

// --- the table ---------------------------------------------------------------------------------

START_TEST(every_function_is_found_by_its_name)
{
    size_t count;
    const dc_math_function_t *functions = dc_math_functions(&count);
    ck_assert_uint_gt(count, 40);
    for (size_t i = 0; i < count; i++) {
        ck_assert_ptr_eq(dc_math_find(dc_str_from(functions[i].name)), &functions[i]);
        ck_assert_uint_ge(functions[i].args_min, 1);
        ck_assert_uint_le(functions[i].args_min, functions[i].args_max);
        ck_assert_double_ge(functions[i].error_ulp, 0.5);
        ck_assert_uint_gt(strlen(functions[i].help), 0);
        if (i > 0) ck_assert_int_lt(strcmp(functions[i - 1].name, functions[i].name), 0);
    }
}
END_TEST

static const char *const strangers[] = {
    "", "s", "si", "sine", "Sin", "sinpi2", "sinpisinpi", "logarithm", "ab", "absabsabs", "\xff",
};

START_TEST(other_names_are_not_found)
{
    ck_assert_ptr_null(dc_math_find(dc_str_from(strangers[_i])));
    ck_assert_ptr_null(dc_math_find(dc_str("sin\0", 4)));
    ck_assert_ptr_null(dc_math_find(dc_str(NULL, 0)));
}
END_TEST

START_TEST(this_processor_is_supported)
{
    ck_assert(dc_math_is_supported());
}
END_TEST

// --- values ------------------------------------------------------------------------------------

static const struct {
    const char *name;
    size_t count;
    double args[ARGS_MAX];
    double value;
} values[] = {
    { "abs", 1, { -2.5 }, 2.5 },
    { "abs", 1, { -0.0 }, 0 },
    { "sign", 1, { -3 }, -1 },
    { "sign", 1, { 5e-324 }, 1 },
    { "sign", 1, { -0.0 }, 0 },
    { "sign", 1, { NAN }, NAN },
    { "sign", 1, { -INFINITY }, -1 },
    { "floor", 1, { -1.5 }, -2 },
    { "ceil", 1, { -1.5 }, -1 },
    { "trunc", 1, { -1.5 }, -1 },
    { "frac", 1, { -1.25 }, -0.25 },
    { "frac", 1, { 3 }, 0 },
    { "round", 1, { 2.5 }, 3 }, // halves away from zero
    { "round", 1, { -2.5 }, -3 },
    { "round", 1, { 0.49999999999999994 }, 0 },
    { "round", 1, { 4503599627370497.5 }, 4503599627370498 },
    { "round", 2, { 2.5, 0 }, 3 },
    { "round", 2, { 1.25, 1 }, 1.3 }, // exact ties
    { "round", 2, { -1.25, 1 }, -1.3 },
    { "round", 2, { 0.125, 2 }, 0.13 },
    { "round", 2, { 2.675, 2 }, 2.67 }, // the double is less
    { "round", 2, { 1.005, 2 }, 1 },
    { "round", 2, { 1.115, 2 }, 1.11 }, // 1.115 * 100 would round to 111.50000000000001
    { "round", 2, { 0.285, 2 }, 0.28 },
    { "round", 2, { 5.015, 2 }, 5.01 },
    { "round", 2, { 1234.5678, -2 }, 1200 },
    { "round", 2, { 1250, -2 }, 1300 },
    { "round", 2, { 1249.9999999999998, -2 }, 1200 },
    { "round", 2, { -150, -2 }, -200 },
    { "round", 2, { 49, -2 }, 0 },
    { "round", 2, { -49, -2 }, -0.0 },
    { "round", 2, { 50, -2 }, 100 },
    { "round", 2, { 3.14159, 400 }, 3.14159 },
    { "round", 2, { 3.14159, 1e300 }, 3.14159 },
    { "round", 2, { 3.14159, -1e300 }, 0 },
    { "round", 2, { 0.1, 17 }, 0.1 },
    { "round", 2, { 0.1, 55 }, 0.1 },
    { "round", 2, { 1e-320, 320 }, 1e-320 },
    { "round", 2, { 5e-324, 323 }, 0 },
    { "round", 2, { 5.1e-323, 323 }, 5e-323 },
    { "round", 2, { 1e23, -22 }, 1e23 },
    { "round", 2, { 1.7976931348623157e308, -308 }, INFINITY }, // 2e308
    { "round", 2, { 1.4976931348623157e308, -308 }, 1e308 },
    { "round", 2, { 9e307, -309 }, 0 },
    { "round", 2, { 0x1p70, -20 }, 1.2e21 },
    { "round", 2, { 1e308, 3 }, 1e308 },
    { "round", 2, { INFINITY, 2 }, INFINITY },
    { "round", 2, { NAN, 2 }, NAN },
    { "round", 2, { -0.0, 2 }, -0.0 },
    { "mod", 2, { 5, 3 }, 2 }, // b's sign
    { "mod", 2, { -5, 3 }, 1 },
    { "mod", 2, { 5, -3 }, -1 },
    { "mod", 2, { -6, 3 }, 0 },
    { "mod", 2, { 6, -3 }, -0.0 },
    { "mod", 2, { 5.5, 0 }, NAN },
    { "mod", 2, { 1e300, 7 }, 1 },
    { "mod", 2, { -1, INFINITY }, INFINITY },
    { "mod", 2, { 1, INFINITY }, 1 },
    { "idiv", 2, { 7, 2 }, 3 },
    { "idiv", 2, { -7, 2 }, -3 },
    { "idiv", 2, { 1, 0.1 }, 9 }, // the double 0.1 is more than a tenth
    { "idiv", 2, { -1, 0.1 }, -9 },
    { "idiv", 2, { 0.3, 0.1 }, 2 },
    { "idiv", 2, { 9007199254740991, 1 }, 9007199254740991 },
    { "idiv", 2, { 1, 0 }, INFINITY },
    { "idiv", 2, { 1e300, 1e-300 }, INFINITY },
    { "idiv", 2, { 1, INFINITY }, 0 },
    { "min", 3, { 3, 1, 2 }, 1 },
    { "max", 3, { 3, 1, 2 }, 3 },
    { "max", 1, { 3 }, 3 },
    { "min", 2, { 0, -0.0 }, -0.0 },
    { "max", 2, { -0.0, 0 }, 0 },
    { "min", 3, { NAN, 1, 2 }, NAN },
    { "min", 3, { 1, 2, NAN }, NAN },
    { "max", 3, { 1, NAN, INFINITY }, NAN },
    { "clamp", 3, { 5, 1, 3 }, 3 },
    { "clamp", 3, { -5, 1, 3 }, 1 },
    { "clamp", 3, { 2, 1, 3 }, 2 },
    { "clamp", 3, { NAN, 1, 3 }, NAN },
    { "clamp", 3, { 2, 3, 1 }, 1 }, // the upper limit is looked at last
    { "hypot", 2, { 3, 4 }, 5 },
    { "hypot", 2, { 0x3p600, -0x4p600 }, 0x5p600 },
    { "hypot", 2, { INFINITY, NAN }, INFINITY },
    { "gcd", 2, { 462, 1071 }, 21 },
    { "gcd", 2, { -12, 18 }, 6 },
    { "gcd", 2, { 0, 5 }, 5 },
    { "gcd", 2, { 0, 0 }, 0 },
    { "gcd", 3, { 12, 18, 27 }, 3 },
    { "gcd", 2, { 0x1p200, 0x1.8p100 }, 0x1p99 },
    { "gcd", 2, { 1e300, 9007199254740984 }, 24 },
    { "gcd", 2, { NAN, 2 }, NAN },
    { "gcd", 2, { INFINITY, 2 }, NAN },
    { "lcm", 2, { 4, 6 }, 12 },
    { "lcm", 2, { -4, 6 }, 12 },
    { "lcm", 2, { 4, 0 }, 0 },
    { "lcm", 4, { 8, 9, 5, 7 }, 2520 },
    { "lcm", 2, { 9007199254740991, 9007199254740881 }, 9007199254740991.0 * 9007199254740881.0 },
    { "lcm", 2, { 0x1p600, 0x1p500 * 3 }, 0x1p600 * 3 },
    { "lcm", 2, { 0x1.fffffffffffffp1000, 0x1.ffffffffffffdp1000 }, INFINITY },
    { "fact", 1, { 0 }, 1 },
    { "fact", 1, { 5 }, 120 },
    { "fact", 1, { 170 }, 7.257415615307999e+306 },
    { "fact", 1, { 171 }, INFINITY },
    { "fact", 1, { 1e300 }, INFINITY },
    { "fact", 1, { -1 }, NAN },
    { "fact", 1, { NAN }, NAN },
    { "choose", 2, { 5, 2 }, 10 },
    { "choose", 2, { 5, 0 }, 1 },
    { "choose", 2, { 5, 5 }, 1 },
    { "choose", 2, { 5, 6 }, 0 },
    { "choose", 2, { -5, 2 }, NAN },
    { "choose", 2, { 5, -2 }, NAN },
    { "choose", 2, { 1000, 500 }, 2.7028824094543655e299 },
    { "choose", 2, { 1000, 990 }, 2.634095604619702e23 },
    { "choose", 2, { 1e15, 3 }, 1.6666666666666617e+44 },
    { "choose", 2, { 1029, 514 }, 1.429820686498904e+308 },
    { "choose", 2, { 1030, 515 }, INFINITY },
    { "choose", 2, { 9007199254740992, 4503599627370496 }, INFINITY },
    { "choose", 2, { 1e300, 1 }, 1e300 },
    { "choose", 2, { 800, 123 }, 4.977805232870372e+147 },
    { "choose", 2, { 1e9, 30 }, 3.769985988871628e+237 },
    { "perm", 2, { 5, 2 }, 20 },
    { "perm", 2, { 170, 100 }, 6.058665269334437e+206 },
    { "perm", 2, { 1e9, 30 }, 9.999995650000903e+269 },
    { "perm", 2, { 5, 0 }, 1 },
    { "perm", 2, { 5, 6 }, 0 },
    { "perm", 2, { 170, 170 }, 7.257415615307999e+306 },
    { "perm", 2, { 171, 171 }, INFINITY },
    { "perm", 2, { 1e300, 1e300 }, INFINITY },
    { "sqrt", 1, { 2 }, 1.4142135623730951 },
    { "sqrt", 1, { -1 }, NAN },
    { "cbrt", 1, { -27 }, -3 },
    { "root", 2, { 27, 3 }, 3 },
    { "root", 2, { -32, 5 }, -2 },
    { "root", 2, { -16, 4 }, NAN },
    { "root", 2, { 1024, 10 }, 2 },
    { "root", 2, { 1024, -10 }, 0.5 },
    { "root", 2, { 0x1p1000, 1000 }, 2 },
    { "root", 2, { 39.0625, 4 }, 2.5 },
    { "root", 2, { 2, 0 }, NAN },
    { "root", 2, { -2, 1 }, -2 },
    { "root", 2, { -0.0, 3 }, -0.0 },
    { "root", 2, { -0.0, -3 }, -INFINITY },
    { "root", 2, { -0.0, 4 }, 0 },
    { "root", 2, { INFINITY, 5 }, INFINITY },
    { "root", 2, { -INFINITY, 5 }, -INFINITY },
    { "root", 2, { -INFINITY, 4 }, NAN },
    { "root", 2, { NAN, 4 }, NAN },
    { "root", 2, { 5, 1e300 }, 1 },
    { "exp", 1, { 0 }, 1 },
    { "exp", 1, { 1 }, 2.718281828459045 },
    { "exp", 1, { 709.782712893384 }, 0x1.fffffffffff2ap1023 }, // SLEEF's own is infinite
    { "exp", 1, { 709.7827128933841 }, INFINITY },
    { "exp", 1, { -746 }, 0 },
    { "exp", 1, { -INFINITY }, 0 },
    { "exp2", 1, { -1074 }, 5e-324 },
    { "exp2", 1, { 1024 }, INFINITY },
    { "expm1", 1, { -0.0 }, -0.0 },
    { "expm1", 1, { 1e-300 }, 1e-300 },
    { "log", 1, { 1 }, 0 },
    { "log", 1, { 0 }, -INFINITY },
    { "log", 1, { -0.0 }, -INFINITY },
    { "log", 1, { -1 }, NAN },
    { "log", 1, { INFINITY }, INFINITY },
    { "ln", 1, { 1 }, 0 },
    { "log", 2, { 8, 2 }, 3 },
    { "log", 2, { 1000, 10 }, 3 },
    { "log", 2, { 125, 5 }, 3 }, // log(125) / log(5) is more than 3
    { "log", 2, { 243, 3 }, 5 },
    { "log", 2, { 0.25, 0.5 }, 2 },
    { "log", 2, { 1.5625, 1.25 }, 2 },
    { "log", 2, { 0x1.0000000001f3ep+0, 0x1.0000000000001p+0 }, 7997.999999992899 }, // not 7998
    { "log", 2, { 0x4p-1074, 0x1.0000000280881p+0 }, -1275497420816.9014 },
    { "log", 2, { 0x1p-1074, 4 }, -537 },
    { "log", 2, { 8, 0.25 }, -1.5 },
    { "log", 2, { 1, 1 }, NAN },
    { "log", 2, { 1, 7 }, 0 },
    { "log", 2, { 0, 7 }, -INFINITY },
    { "log", 2, { 7, 1 }, INFINITY },
    { "log", 2, { 7, -2 }, NAN },
    { "log1p", 1, { -0.0 }, -0.0 },
    { "log1p", 1, { -1 }, -INFINITY },
    { "log1p", 1, { 1e308 }, 709.1962086421661 }, // SLEEF's own is infinite
    { "sin", 1, { -0.0 }, -0.0 },
    { "sin", 1, { INFINITY }, NAN },
    { "sin", 1, { 1e300 }, -0.8178819121159085 },
    { "cos", 1, { 0 }, 1 },
    { "tan", 1, { -0.0 }, -0.0 },
    { "asin", 1, { 1 }, 1.5707963267948966 },
    { "asin", 1, { 1.0000000000000002 }, NAN },
    { "acos", 1, { 1 }, 0 },
    { "acos", 1, { -1 }, 3.141592653589793 },
    { "atan", 1, { INFINITY }, 1.5707963267948966 },
    { "atan2", 2, { 0, -0.0 }, 3.141592653589793 },
    { "atan2", 2, { -0.0, -1 }, -3.141592653589793 },
    { "atan2", 2, { -0.0, 1 }, -0.0 },
    { "atan2", 2, { INFINITY, -INFINITY }, 2.356194490192345 },
    { "atan2", 2, { 1, 0 }, 1.5707963267948966 },
    { "sinh", 1, { -0.0 }, -0.0 },
    { "sinh", 1, { 710.4 }, 1.6663642832806496e308 }, // SLEEF's own is infinite
    { "sinh", 1, { 710.475860073944 }, INFINITY },
    { "sinh", 1, { -711 }, -INFINITY },
    { "cosh", 1, { -710.4 }, 1.6663642832806496e308 },
    { "cosh", 1, { 711 }, INFINITY },
    { "tanh", 1, { 1e300 }, 1 },
    { "asinh", 1, { 1e200 }, 461.2101657793691 }, // SLEEF's own is infinite
    { "asinh", 1, { -1.7976931348623157e308 }, -710.4758600739439 },
    { "asinh", 1, { 1e-310 }, 1e-310 },
    { "asinh", 1, { -0.0 }, -0.0 },
    { "acosh", 1, { 1 }, 0 },
    { "acosh", 1, { 0.9 }, NAN },
    { "acosh", 1, { 1e200 }, 461.2101657793691 },
    { "atanh", 1, { 1 }, INFINITY },
    { "atanh", 1, { 2 }, NAN },
    { "sinpi", 1, { 1 }, 0 },
    { "sinpi", 1, { -1 }, -0.0 },
    { "sinpi", 1, { 0.5 }, 1 },
    { "sinpi", 1, { 300000000.5 }, 1 }, // SLEEF's own is 0
    { "sinpi", 1, { 1e300 }, 0 },
    { "sinpi", 1, { INFINITY }, NAN },
    { "cospi", 1, { 0.5 }, 0 },
    { "cospi", 1, { -1.5 }, 0 },
    { "cospi", 1, { 1e300 }, 1 },
    { "cospi", 1, { 1000000001 }, -1 },
    { "cospi", 1, { INFINITY }, NAN },
    { "erf", 1, { -0.0 }, -0.0 },
    { "erf", 1, { -INFINITY }, -1 },
    { "erf", 1, { 6 }, 1 },
    { "erf", 1, { 1e-300 }, 1.1283791670955126e-300 },
    { "erfc", 1, { 0 }, 1 },
    { "erfc", 1, { -INFINITY }, 2 },
    { "erfc", 1, { 28 }, 0 },
    { "gamma", 1, { 5 }, 24 },
    { "gamma", 1, { 0.5 }, 1.772453850905516 },
    { "gamma", 1, { 0 }, INFINITY },
    { "gamma", 1, { -0.0 }, -INFINITY },
    { "gamma", 1, { -3 }, NAN },
    { "gamma", 1, { -177 }, NAN },
    { "gamma", 1, { -INFINITY }, NAN },
    { "gamma", 1, { INFINITY }, INFINITY },
    { "gamma", 1, { 172 }, INFINITY },
    { "gamma", 1, { -184.5 }, -0.0 },
    { "gamma", 1, { -1e300 }, NAN },
    { "normpdf", 1, { 0 }, 0.3989422804014327 },
    { "normpdf", 1, { -INFINITY }, 0 },
    { "normpdf", 1, { NAN }, NAN },
    { "normcdf", 1, { 0 }, 0.5 },
    { "normcdf", 1, { -INFINITY }, 0 },
    { "normcdf", 1, { INFINITY }, 1 },
    { "normcdf", 1, { -38.5 }, 0 },
    { "normcdf", 1, { NAN }, NAN },
    { "norminv", 1, { 0.5 }, 0 },
    { "norminv", 1, { 0 }, -INFINITY },
    { "norminv", 1, { 1 }, INFINITY },
    { "norminv", 1, { 0.975 }, 1.9599639845400538 },
    { "norminv", 1, { 5e-324 }, -38.467405617144344 },
    { "norminv", 1, { -0.1 }, NAN },
    { "norminv", 1, { 1.1 }, NAN },
    { "norminv", 1, { NAN }, NAN },
    { "deg", 1, { 3.141592653589793 }, 180 },
    { "deg", 1, { 1e308 }, INFINITY },
    { "deg", 1, { -INFINITY }, -INFINITY },
    { "rad", 1, { 180 }, 3.141592653589793 },
    { "pow", 2, { 2, 10 }, 1024 },
    { "pow", 2, { 10, 22 }, 1e22 },
    { "pow", 2, { 2, -1 }, 0.5 },
    { "pow", 2, { 2, 0.5 }, 1.4142135623730951 },
    { "pow", 2, { -0.0, 0.5 }, 0 }, // where the root is -0
    { "pow", 2, { -INFINITY, 0.5 }, INFINITY },
    { "pow", 2, { -4, 0.5 }, NAN },
    { "pow", 2, { -0.0, -1 }, -INFINITY },
    { "pow", 2, { -2, 3 }, -8 },
    { "pow", 2, { 1, NAN }, 1 },
    { "pow", 2, { NAN, 0 }, 1 },
    { "pow", 2, { -1, INFINITY }, 1 },
    { "pow", 2, { -8, 1.0 / 3 }, NAN },
    { "pow", 2, { 0, -2 }, INFINITY },
    { "pow", 2, { 1.7976931348623157e308, 0.999999999 }, 1.7976918588912944e308 }, // SLEEF: inf
    { "pow", 2, { -2, 1023.0000001 }, NAN },
    { "pow", 2, { -1e308, 9 }, -INFINITY },
    { "pow", 2, { 1.1, 3 }, (1.1 * 1.1) * 1.1 },
    { "pow", 2, { 1.1, 4 }, (1.1 * 1.1) * (1.1 * 1.1) },
};

START_TEST(function_has_this_value)
{
    dc_err_t error;
    assert_same(call(values[_i].name, values[_i].args, values[_i].count, &error), values[_i].value);
    ck_assert_int_eq(error, DC_OK);
}
END_TEST

static const struct {
    const char *name;
    size_t count;
    double args[ARGS_MAX];
} not_integers[] = {
    { "gcd", 2, { 1.5, 2 } },      { "gcd", 3, { 4, 2, 0.5 } },  { "lcm", 2, { 1, 2.5 } },
    { "fact", 1, { 2.5 } },        { "choose", 2, { 5, 2.5 } },  { "choose", 2, { 5.5, 2 } },
    { "perm", 2, { 5.5, 2 } },     { "root", 2, { 2, 2.5 } },    { "round", 2, { 2, 2.5 } },
    { "lcm", 3, { 0, NAN, 1.5 } }, { "uniform", 2, { 1, 0.5 } }, { "normal", 2, { 0.5, 1 } },
};

START_TEST(integers_are_demanded)
{
    dc_err_t error;
    double value =
        call(not_integers[_i].name, not_integers[_i].args, not_integers[_i].count, &error);
    ck_assert_int_eq(error, DC_ERR_INTEGER);
    ck_assert(isnan(value));
}
END_TEST

// --- exactness ---------------------------------------------------------------------------------

START_TEST(factorials_are_the_nearest_doubles)
{
    dc_bigint_t exact;
    dc_bigint_set(&exact, 1);
    for (unsigned n = 0; n <= 170; n++) {
        if (n > 0) dc_bigint_mul_add(&exact, n, 0);
        dc_err_t error;
        double arg = n;
        assert_same(call("fact", &arg, 1, &error), dc_bigint_to_double(&exact, 0));
    }
}
END_TEST

// Pascal's triangle, as long as it fits 64 bits.
START_TEST(choices_add_up)
{
    uint64_t row[68] = { 1 };
    for (unsigned n = 0; n <= 67; n++) {
        for (unsigned k = n; k > 0; k--) {
            row[k] += row[k - 1];
        }
        for (unsigned k = 0; k <= n; k++) {
            dc_err_t error;
            double args[] = { n, k };
            assert_same(call("choose", args, 2, &error), (double)row[k]);
        }
    }
}
END_TEST

START_TEST(lcm_of_many_is_exact)
{
    double args[200];
    for (int i = 0; i < 200; i++) {
        args[i] = i + 1;
    }
    dc_err_t error;
    const dc_math_function_t *lcm = dc_math_find(DC_STR("lcm"));
    assert_same(lcm->call(args, 100, &error), 6.972037522971248e40);
    assert_same(lcm->call(args, 200, &error), 3.3729358883292627e89);
}
END_TEST

START_TEST(roots_of_whole_powers_are_exact)
{
    for (int n = 2; n <= 52; n++) {
        for (int x = 1; x < 3000 && pow(x, n) <= 0x1p53; x++) {
            double power = pow(x, n);
            assert_same(dc_root(power, n), x);
            if (n % 2) assert_same(dc_root(-power, n), -x);
            assert_same(dc_root(ldexp(power, -n * 5), n), ldexp(x, -5));
        }
    }
}
END_TEST

START_TEST(logarithms_of_whole_powers_are_exact)
{
    for (int base = 2; base < 200; base++) {
        for (int n = 0; pow(base, n) < 0x1p53; n++) {
            assert_same(dc_log_base(pow(base, n), base), n);
        }
    }
}
END_TEST

START_TEST(integer_division_agrees_with_integers)
{
    uint64_t state = 21;
    for (int i = 0; i < 200000; i++) {
        int64_t a = (int64_t)(dc_xorshift(&state) >> 11) >> dc_xorshift(&state) % 53;
        int64_t b = ((int64_t)(dc_xorshift(&state) >> 11) >> dc_xorshift(&state) % 53) + 1;
        if (i & 1) a = -a;
        if (i & 2) b = -b;
        double args[] = { (double)a, (double)b };
        dc_err_t error;
        int64_t quotient = a / b;
        int64_t rest = (a % b + b) % b;
        ck_assert_double_eq(call("idiv", args, 2, &error), (double)quotient);
        ck_assert_double_eq(call("mod", args, 2, &error), (double)rest);
    }
}
END_TEST

// Whether x may be halfway between two numbers of that many digits: then 2 * 10^digits * x is odd,
// so x has just one factor of two too few.
static bool may_be_tie(double x, int digits)
{
    double half = ldexp(x, digits);
    return half != trunc(half) && 2 * half == trunc(2 * half);
}

// printf rounds exactly too, but ties to even.
START_TEST(rounding_to_digits_agrees_with_printf)
{
    uint64_t state = 22;
    char text[800];
    for (int i = 0; i < 50000; i++) {
        double x = i % 2 ? next_finite(&state) : next_between(&state, -1e6, 1e6);
        int digits = (int)(dc_xorshift(&state) % (i % 4 == 1 ? 330 : 20));
        if (may_be_tie(x, digits)) continue;
        snprintf(text, sizeof text, "%.*f", digits, x);
        ck_assert_msg(dc_double_bits(dc_round_digits(x, digits)) ==
                          dc_double_bits(strtod(text, NULL)),
                      "round(%.17g, %d)", x, digits);
    }
}
END_TEST

static int exponent_of(const char *text)
{
    return (int)strtol(strchr(text, 'e') + 1, NULL, 10);
}

// With the digits of the number itself: as many as printf gives for it, in any magnitude.
START_TEST(rounding_large_numbers_agrees_with_printf)
{
    uint64_t state = 23;
    char text[64];
    for (int i = 0; i < 50000; i++) {
        double x = next_finite(&state);
        int kept = (int)(dc_xorshift(&state) % 18);
        snprintf(text, sizeof text, "%.*e", kept, x);
        int exponent = exponent_of(text);
        // The text may have been rounded up to the next power of ten; then it is a digit longer.
        char longer[64];
        snprintf(longer, sizeof longer, "%.30e", x);
        if (exponent != exponent_of(longer)) continue;
        int digits = kept - exponent;
        if (digits > 323 || may_be_tie(x, digits)) continue;
        ck_assert_msg(dc_double_bits(dc_round_digits(x, digits)) ==
                          dc_double_bits(strtod(text, NULL)),
                      "round(%.17g, %d)", x, digits);
    }
}
END_TEST

// Halves of the last digit in decimals that binary has exactly, to both sides of zero.
START_TEST(rounding_takes_ties_away_from_zero)
{
    for (int i = -2000; i < 2000; i++) {
        double half = i + copysign(0.5, i);
        double away = i < 0 ? i - 1 : i + 1;
        ck_assert_double_eq(dc_round_digits(half, 0), away);
        ck_assert_double_eq(dc_round_digits(half * 10, -1), away * 10);
        ck_assert_double_eq(dc_round_digits(half * 1e9, -9), away * 1e9);
        double eighth = i / 8.0; // has up to three digits, the last a 5 if i is odd
        double up = trunc(eighth * 100 + (i % 2 ? copysign(0.5, i) : copysign(0.25, i)));
        if (i % 2) ck_assert_double_eq(dc_round_digits(eighth, 2), up / 100);
    }
}
END_TEST

// --- how far functions may be off --------------------------------------------------------------

static const long double pi = 3.14159265358979323846264338327950288L;

static long double exact_deg(long double x)
{
    return x * (180 / pi);
}

static long double exact_rad(long double x)
{
    return x * (pi / 180);
}

// sin(pi * x) for 0 <= x <= 1/2, from the end where it does not cancel.
static long double sin_of_quarter(long double x)
{
    return x <= 0.25L ? sinl(pi * x) : cosl(pi * (0.5L - x));
}

static long double exact_sinpi(long double x)
{
    long double turn = fabsl(fmodl(x, 2));
    long double half = fmodl(turn, 1);
    long double value = sin_of_quarter(half <= 0.5L ? half : 1 - half);
    return copysignl(1, x) * (turn >= 1 ? -value : value);
}

static long double exact_cospi(long double x)
{
    return exact_sinpi(fabsl(fmodl(x, 2)) + 0.5L);
}

// The long double functions of glibc err by at most 1 in 2^63, which is 2^-11 ULP of ours.
static const struct {
    const char *name;
    long double (*exact)(long double x);
    double low, high; // where most of the arguments are
} unary[] = {
    { "sqrt", sqrtl, 0, 100 },       { "cbrt", cbrtl, -100, 100 },
    { "exp", expl, -746, 710 },      { "expm1", expm1l, -40, 710 },
    { "exp2", exp2l, -1075, 1024 },  { "log", logl, 0, 10 },
    { "ln", logl, 0, 10 },           { "log2", log2l, 0, 10 },
    { "log10", log10l, 0, 10 },      { "log1p", log1pl, -1, 2 },
    { "sin", sinl, -10, 10 },        { "cos", cosl, -10, 10 },
    { "tan", tanl, -10, 10 },        { "asin", asinl, -1, 1 },
    { "acos", acosl, -1, 1 },        { "atan", atanl, -10, 10 },
    { "sinh", sinhl, -711, 711 },    { "cosh", coshl, -711, 711 },
    { "tanh", tanhl, -20, 20 },      { "asinh", asinhl, -10, 10 },
    { "acosh", acoshl, 1, 10 },      { "atanh", atanhl, -1, 1 },
    { "deg", exact_deg, -10, 10 },   { "rad", exact_rad, -400, 400 },
    { "sinpi", exact_sinpi, -4, 4 }, { "cospi", exact_cospi, -4, 4 },
};

static const struct {
    const char *name;
    long double (*exact)(long double x, long double y);
    double x_low, x_high, y_low, y_high;
    bool is_exp; // x is e to the power of what lies between x_low and x_high
} binary[] = {
    { "pow", powl, -50, 50, -14, 14, true },      { "pow", powl, -0.001, 0.001, -7e5, 7e5, true },
    { "hypot", hypotl, -10, 10, -10, 10, false }, { "atan2", atan2l, -10, 10, -10, 10, false },
    { "mod", NULL, -1e6, 1e6, 0, 100, false },
};

// The distance in units of the last place of the exact value's nearest double. What lies beyond the
// largest double may be that or infinite.
static double error_in_ulp(double actual, long double exact)
{
    double nearest = (double)exact;
    if (isnan(nearest) || isnan(actual)) return isnan(nearest) && isnan(actual) ? 0 : INFINITY;
    if (actual == nearest) {
        if (isinf(actual)) return 0;
    } else if (isinf(actual) || isinf(nearest)) {
        return fabs(actual) >= DBL_MAX && fabs(nearest) >= DBL_MAX ? 1 : INFINITY;
    }
    int exponent;
    frexp(nearest, &exponent);
    if (nearest == 0 || exponent < -1021) exponent = -1021;
    return (double)(fabsl((long double)actual - exact) / ldexpl(1, exponent - 53));
}

// Between its limits, near 0, near 1, and anywhere.
static double next_argument(uint64_t *state, double low, double high)
{
    switch (dc_xorshift(state) % 8) {
    case 0: return next_finite(state);
    case 1: return next_between(state, -1, 1) * exp(next_between(state, -745, 0));
    case 2: return next_between(state, -1, 1) * exp(next_between(state, -40, 3));
    case 3: return 1 + next_between(state, -1, 1) * exp(next_between(state, -36, -1));
    case 4: return next_between(state, high - (high - low) / 200, high);
    default: return next_between(state, low, high);
    }
}

START_TEST(function_of_one_number_keeps_its_error_bound)
{
    const dc_math_function_t *function = dc_math_find(dc_str_from(unary[_i].name));
    uint64_t state = 31;
    for (int i = 0; i < 25000; i++) {
        double x = next_argument(&state, unary[_i].low, unary[_i].high);
        dc_err_t error;
        double off = error_in_ulp(function->call(&x, 1, &error), unary[_i].exact(x));
        ck_assert_msg(off <= function->error_ulp + 0x1p-10, "%s(%.17g) is off by %g",
                      function->name, x, off);
    }
}
END_TEST

static long double exact_mod(long double x, long double y)
{
    long double rest = fmodl(x, y);
    return rest < 0 ? rest + y : rest;
}

START_TEST(function_of_two_numbers_keeps_its_error_bound)
{
    const dc_math_function_t *function = dc_math_find(dc_str_from(binary[_i].name));
    uint64_t state = 32;
    for (int i = 0; i < 25000; i++) {
        double x = next_between(&state, binary[_i].x_low, binary[_i].x_high);
        double y = next_between(&state, binary[_i].y_low, binary[_i].y_high);
        if (binary[_i].is_exp) x = exp(x);
        if (binary[_i].is_exp && i % 4 == 0) y = trunc(y);
        dc_err_t error;
        double args[] = { x, y };
        long double exact = binary[_i].exact ? binary[_i].exact(x, y) : exact_mod(x, y);
        double off = error_in_ulp(function->call(args, 2, &error), exact);
        ck_assert_msg(off <= function->error_ulp + 0x1p-10, "%s(%.17g, %.17g) is off by %g",
                      function->name, x, y, off);
    }
}
END_TEST

START_TEST(roots_and_logarithms_keep_their_error_bounds)
{
    double root_ulp = dc_math_find(DC_STR("root"))->error_ulp;
    double log_ulp = dc_math_find(DC_STR("log"))->error_ulp;
    uint64_t state = 33;
    for (int i = 0; i < 25000; i++) {
        double x = fabs(next_finite(&state));
        double n = (double)(int)next_between(&state, -60, 60);
        double base = exp(next_between(&state, -20, 20));
        double off = n != 0 ? error_in_ulp(dc_root(x, n), powl(x, 1 / (long double)n)) : 0;
        ck_assert_msg(off <= root_ulp, "root(%.17g, %g) is off by %g", x, n, off);
        off = error_in_ulp(dc_log_base(x, base), logl(x) / logl(base));
        ck_assert_msg(off <= log_ulp, "log(%.17g, %.17g) is off by %g", x, base, off);
    }
}
END_TEST

// --- bits --------------------------------------------------------------------------------------

// What every machine must give. A change here is a new version of the engine.
static const struct {
    const char *name;
    size_t count;
    double args[ARGS_MAX];
    uint64_t bits;
} golden[] = {
#include "tests/unit/math_bits.inc"
};

START_TEST(bits_are_those_of_every_machine)
{
    for (size_t i = 0; i < DC_ARRAY_LEN(golden); i++) {
        dc_err_t error;
        double value = call(golden[i].name, golden[i].args, golden[i].count, &error);
        ck_assert_msg(dc_double_bits(value) == golden[i].bits, "%s(%.17g, ...) is 0x%016llx",
                      golden[i].name, golden[i].args[0], (unsigned long long)dc_double_bits(value));
    }
}
END_TEST

Suite *suite(void)
{
    Suite *suite = suite_create("math");
    TCase *tests = tcase_create("math");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, every_function_is_found_by_its_name);
    tcase_add_loop_test(tests, other_names_are_not_found, 0, DC_ARRAY_LEN(strangers));
    tcase_add_test(tests, this_processor_is_supported);
    tcase_add_loop_test(tests, function_has_this_value, 0, DC_ARRAY_LEN(values));
    tcase_add_loop_test(tests, integers_are_demanded, 0, DC_ARRAY_LEN(not_integers));
    tcase_add_test(tests, factorials_are_the_nearest_doubles);
    tcase_add_test(tests, choices_add_up);
    tcase_add_test(tests, lcm_of_many_is_exact);
    tcase_add_test(tests, roots_of_whole_powers_are_exact);
    tcase_add_test(tests, logarithms_of_whole_powers_are_exact);
    tcase_add_test(tests, integer_division_agrees_with_integers);
    tcase_add_test(tests, rounding_to_digits_agrees_with_printf);
    tcase_add_test(tests, rounding_large_numbers_agrees_with_printf);
    tcase_add_test(tests, rounding_takes_ties_away_from_zero);
    tcase_add_loop_test(tests, function_of_one_number_keeps_its_error_bound, 0,
                        DC_ARRAY_LEN(unary));
    tcase_add_loop_test(tests, function_of_two_numbers_keeps_its_error_bound, 0,
                        DC_ARRAY_LEN(binary));
    tcase_add_test(tests, roots_and_logarithms_keep_their_error_bounds);
    tcase_add_test(tests, bits_are_those_of_every_machine);
    suite_add_tcase(suite, tests);
    return suite;
}
