// tangents — the tangent numbers, and with them Bernoulli's.
//
// tan x = T1 x + T2 x^3 / 3! + T3 x^5 / 5! + ...: they are the integers 1, 2, 16, 272, ..., and
// |B_2k| = 2k Tk / (4^k (4^k - 1)) (NIST DLMF 24.15.4). They are computed one after another, each
// by small multiples of those numbers that the one before has left (R. P. Brent and D. Harvey,
// "Fast computation of Bernoulli, Tangent and Secant numbers", 2011, section 6), and are kept:
// 1000 decimal digits of the gamma function take 430 of them, some 10 ms and 300 KiB.
#ifndef DC_COMMON_WIDE_TANGENTS_H
#define DC_COMMON_WIDE_TANGENTS_H

#include <gmp.h>

#include "common/wide/meter.h"

// No more than these, which take 3 MiB, are computed.
#define DC_TANGENTS_MAX 1024

typedef struct dc_tangents {
    size_t count;                   // that there are
    mpz_t numbers[DC_TANGENTS_MAX]; // T1, T2, ...
    mpz_t row[DC_TANGENTS_MAX];     // what the last of them was made of, and itself
} dc_tangents_t;

// There are none yet. Like all that takes memory in this room it ends the program where there is
// none.
void dc_tangents_init(dc_tangents_t *self);
void dc_tangents_fini(dc_tangents_t *self);

// Have the first `count`, at most DC_TANGENTS_MAX. Errors are those of dc_meter_look; what was
// computed until then stays.
DC_MUST_USE dc_err_t dc_tangents_need(dc_tangents_t *self, dc_meter_t *meter, size_t count);

// T_k, k from 1 to the count that there is.
static inline mpz_srcptr dc_tangents_at(const dc_tangents_t *self, size_t k)
{
    assert(k > 0 && k <= self->count);
    return self->numbers[k - 1];
}

#endif
