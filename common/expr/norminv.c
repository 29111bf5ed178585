// The quantiles of the normal distribution. Only probabilities up to 1/2 are computed; the others
// are their mirror image, and 1 - p is exact.
#include <math.h>

#include "common/base.h"
#include "common/expr/double_bits.h"
#include "common/expr/elementary.h"
#include "common/expr/special.h"
#include "common/expr/twofold.h"

// From here to 1/2 the series around 1/2 is used, below TAIL Wichura's, between them the table's.
#define MIDDLE 0.46875
#define TAIL   0x1p-6

static const struct {
    double high, low; // the quantile of the row's p
    double slope;     // its derivative
} table[] = {
#include "common/expr/norminv.inc"
};

// The series of the quantile around the one x, by how far p is away, times the slope there: how far
// the quantile is away. Coefficients are polynomials of x.
static double follow(double x, double t)
{
    double x2 = x * x;
    double c7 = (127 + x2 * (1740 + x2 * (2556 + x2 * 720))) / 5040;
    double c6 = x * (127 + x2 * (326 + x2 * 120)) / 720;
    double c5 = (7 + x2 * (46 + x2 * 24)) / 120;
    double c4 = x * (7 + x2 * 6) / 24;
    double c3 = (1 + x2 * 2) / 6;
    double c2 = x / 2;
    double sum = c2 + t * (c3 + t * (c4 + t * (c5 + t * (c6 + t * c7))));
    return t + t * (t * sum);
}

// Rows are for the middles of 64ths of powers of two.
static double from_table(double p)
{
    const unsigned shift = 52 - 6;
    uint64_t bits = dc_double_bits(p);
    size_t row = (bits - dc_double_bits(TAIL)) >> shift;
    double p_of_row = dc_double_of_bits((bits >> shift << shift) | UINT64_C(1) << (shift - 1));
    double t = (p - p_of_row) * table[row].slope;
    return table[row].high + (table[row].low + follow(table[row].high, t));
}

// t + t^3/6 + 7 t^5/120 + ..., where t is sqrt(2 pi) (p - 1/2).
static double from_middle(double p)
{
    const dc_twofold_t root_2_pi = { 0x1.40d931ff62706p+1, -0x1.a6a0d6f814637p-53 };
    double away = p - 0.5;
    dc_twofold_t t = dc_twofold_product(away, root_2_pi.high);
    t.low += away * root_2_pi.low;
    double t2 = t.high * t.high;
    double sum = 34807.0 / 5702400 + t2 * (20036983.0 / 6227020800);
    sum = 7.0 / 120 + t2 * (127.0 / 5040 + t2 * (4369.0 / 362880 + t2 * sum));
    return t.high + (t.low + t.high * (t2 * (1.0 / 6 + t2 * sum)));
}

static double evaluate(const double *coefficients, size_t count, double x)
{
    double value = 0;
    for (size_t i = count; i-- > 0;) {
        value = value * x + coefficients[i];
    }
    return value;
}

// Some units in the last place from the quantile of 1 - p, for p < 0.075: Wichura, "Algorithm AS
// 241: the percentage points of the normal distribution", Applied Statistics 37, 1988 (PPND16).
static double near_quantile(double p)
{
    static const double near_above[] = {
        1.42343711074968357734,    4.63033784615654529590,    5.76949722146069140550,
        3.64784832476320460504,    1.27045825245236838258,    2.41780725177450611770e-1,
        2.27238449892691845833e-2, 7.74545014278341407640e-4,
    };
    static const double near_below[] = {
        1,
        2.05319162663775882187,
        1.67638483018380384940,
        6.89767334985100004550e-1,
        1.48103976427480074590e-1,
        1.51986665636164571966e-2,
        5.47593808499534494600e-4,
        1.05075007164441684324e-9,
    };
    static const double far_above[] = {
        6.65790464350110377720,    5.46378491116411436990,    1.78482653991729133580,
        2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
        2.71155556874348757815e-5, 2.01033439929228813265e-7,
    };
    static const double far_below[] = {
        1,
        5.99832206555887937690e-1,
        1.36929880922735805310e-1,
        1.48753612908506148525e-2,
        7.86869131145613259100e-4,
        1.84631831751005468180e-5,
        1.42151175831644588870e-7,
        2.04426310338993978564e-15,
    };
    double root = sqrt(-dc_ln(p));
    if (root <= 5) return evaluate(near_above, 8, root - 1.6) / evaluate(near_below, 8, root - 1.6);
    return evaluate(far_above, 8, root - 5) / evaluate(far_below, 8, root - 5);
}

// How far x is from where erfc is 2 p: a step of Newton's.
static double find_step(double x, double p)
{
    const double two_by_root_pi = 0x1.20dd750429b6dp+0;
    return (dc_erfc(x) - 2 * p) / (two_by_root_pi * dc_exp(-x * x));
}

// The same where erfc(x) has lost bits to underflow: with its asymptotic series and its logarithm.
// An error of 1 in e^(-x^2) is one of 1/(2 x^2) in x, so what exp errs by does not matter.
static double find_far_step(double x, double p)
{
    const double root_pi = 0x1.c5bf891b4ef6bp+0;
    dc_twofold_t square = dc_twofold_product(x, x);
    double v = 0.5 / square.high;
    double series = 1 - v * (1 - v * (3 - v * (15 - v * (105 - v * 945))));
    double half = dc_exp(-square.high / 2);
    double ratio = half / (2 * p) * half * (1 - square.low) * series / (x * root_pi);
    return (ratio - 1) * series / (2 * x);
}

// In the tail the quantile is insensitive to errors of erfc: from below 0.4 of them at its start
// on.
static double from_tail(double p)
{
    const dc_twofold_t root_2 = { 0x1.6a09e667f3bcdp+0, -0x1.bdd3413b26456p-54 };
    double x = near_quantile(p) / root_2.high;
    double step = p < 0x1p-960 ? find_far_step(x, p) : find_step(x, p);
    return -fma(x, root_2.high, x * root_2.low + step * root_2.high);
}

double dc_norminv(double p)
{
    if (!(p >= 0 && p <= 1)) return NAN;
    if (p > 0.5) return -dc_norminv(1 - p);
    if (p >= MIDDLE) return from_middle(p);
    if (p >= TAIL) return from_table(p);
    return p > 0 ? from_tail(p) : -(double)INFINITY;
}
