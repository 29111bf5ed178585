// elementary — SLEEF's deterministic functions, mended where they leave their 1 ULP.
//
// Whoever needs an elementary function calls these: the built-in functions, and what is built over
// them. All but a few are SLEEF's `Sleef_finz_NAMEd1_*purecfma` as it is, and a block kernel may
// then use the vector variant, which has the same bits. Those marked "mended" differ from it for
// the arguments that are named; a kernel takes SLEEF's elsewhere.
//
// Errors are at most 1 ULP, but for dc_root and dc_log_base: tests/unit/test_accuracy.c shows it.
// Special values are those of IEEE 754-2019, 9.2.1.
#ifndef DC_COMMON_EXPR_ELEMENTARY_H
#define DC_COMMON_EXPR_ELEMENTARY_H

// Where mending begins: up to these, or down to them, it is SLEEF's.
#define DC_EXP_MAX   709.0   // of exp, sinh, cosh
#define DC_LOG1P_MAX 0x1p60  //
#define DC_SINPI_MAX 0x1p26  // of sinpi, cospi
#define DC_ASINH_MIN 0x1p-28 //
#define DC_ACOSH_MAX 0x1p500 // of acosh, asinh

double dc_exp(double x);   // mended: x > 709
double dc_expm1(double x); //
double dc_exp2(double x);  //
double dc_ln(double x);    //
double dc_log2(double x);  //
double dc_log10(double x); //
double dc_log1p(double x); // mended: x > 2^60

double dc_sin(double x); // arguments of any size
double dc_cos(double x);
double dc_tan(double x);
double dc_asin(double x);
double dc_acos(double x);
double dc_atan(double x);
double dc_atan2(double y, double x);
double dc_sinpi(double x); // sin(pi * x); mended: |x| > 2^26, and integers give 0 of x's sign
double dc_cospi(double x); // cos(pi * x); mended: |x| > 2^26, and halves give +0

double dc_sinh(double x);  // mended: |x| > 709
double dc_cosh(double x);  // mended: |x| > 709
double dc_tanh(double x);  //
double dc_asinh(double x); // mended: |x| < 2^-28 or |x| > 2^500
double dc_acosh(double x); // mended: x > 2^500
double dc_atanh(double x); //

double dc_cbrt(double x);
double dc_hypot(double x, double y);

// The n-th root for an integer n: exact where the root is a double, and below 0.55 ULP for n of 2
// to 1000. Odd roots of negative numbers are negative, even ones NaN; n < 0 is 1 / root (1.6 ULP),
// n = 0 NaN.
double dc_root(double x, double n);

// The logarithm to any base: log2 and log10 where that is the base, exact for whole powers of the
// base, else log(x) / log(base) (2.5 ULP).
double dc_log_base(double x, double base);

// From radians to degrees and back, with 106 bits of pi.
double dc_degrees(double x);
double dc_radians(double x);

#endif
