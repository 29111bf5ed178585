// twofold — numbers as the exact sum of two doubles, for the few places that need more than 53
// bits.
//
// `high` is the sum's nearest double, so the pair has some 106 bits. An operation errs by a few
// 2^-104 of its result (Dekker 1971; Joldes, Muller, Popescu, "Tight and rigorous error bounds for
// basic building blocks of double-word arithmetic", 2017). Nothing here minds overflow: `high` is
// then infinite and `low` may be NaN.
#ifndef DC_COMMON_EXPR_TWOFOLD_H
#define DC_COMMON_EXPR_TWOFOLD_H

#include <math.h>

typedef struct dc_twofold {
    double high, low;
} dc_twofold_t;

// a + b, exact if |a| >= |b|; a + b and a * b, exact (but for underflow) in any case.
static inline dc_twofold_t dc_twofold_sum_ordered(double a, double b)
{
    double high = a + b;
    return (dc_twofold_t){ high, b - (high - a) };
}

static inline dc_twofold_t dc_twofold_sum(double a, double b)
{
    double high = a + b;
    double b_part = high - a;
    return (dc_twofold_t){ high, (a - (high - b_part)) + (b - b_part) };
}

static inline dc_twofold_t dc_twofold_product(double a, double b)
{
    double high = a * b;
    return (dc_twofold_t){ high, fma(a, b, -high) };
}

static inline dc_twofold_t dc_twofold_mul(dc_twofold_t a, dc_twofold_t b)
{
    dc_twofold_t product = dc_twofold_product(a.high, b.high);
    double low = product.low + fma(a.high, b.low, a.low * b.high);
    return dc_twofold_sum_ordered(product.high, low);
}

static inline dc_twofold_t dc_twofold_div(dc_twofold_t a, double b)
{
    double quotient = a.high / b;
    double rest = fma(-quotient, b, a.high) + a.low;
    return dc_twofold_sum_ordered(quotient, rest / b);
}

#endif
