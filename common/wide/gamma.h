// gamma — the gamma function of rational numbers, between two bounds.
//
// For y from 1/2 on, with z = y + n, n chosen so that z is no less than a quarter of the bits w,
//
//     gamma(y) = gamma(z) / (y (y + 1) ... (y + n - 1))                        NIST DLMF 5.5.1
//     ln gamma(z) = (z - 1/2) ln z - z + ln(2 pi) / 2
//                   + B2 / (1*2 z) + B4 / (3*4 z^3) + B6 / (5*6 z^5) + ...     DLMF 5.11.1
//
// Stirling's series, whose terms alternate: what is left out is less than the first term that is
// left out (5.11(ii)). With |B_2k| < 4 (2k)! / (2 pi)^2k (24.9.8) term k is less than
// (k / (pi e z))^2k times a factor that is of no weight, and so, for k = w / 8 and a few more, than
// 17^(-w / 4), which is less than 2^-w. Below 1/2 it is by reflection,
//
//     gamma(x) = pi / (sin(pi x) gamma(1 - x))                                 DLMF 5.5.3
//
// with the exact distance from the next integer. (How to choose n: F. Johansson,
// "Arbitrary-precision computation of the gamma function", 2021, section 5.) Next to 0 it is 1/x
// but for Euler's constant: a number as 2^1431 * 10^-5000, whose reciprocal is in the middle of two
// decimal numbers, would need all bits up to there, so such ones are for others (wide_math.c).
//
// The error: rounding costs no more than (6 n + 2^19) units of 2^-w in the worst case, that of z
// and ln gamma(z), both below 2^16, included. As n is at most w / 4 + 1, and w at most
// 8 DC_TANGENTS_MAX, that is less than 2^24 units.
#ifndef DC_COMMON_WIDE_GAMMA_H
#define DC_COMMON_WIDE_GAMMA_H

#include "common/wide/interval.h"
#include "common/wide/meter.h"
#include "common/wide/tangents.h"

// Enclose the gamma function of x, which is no integer and of a size below 2^13. Errors are those
// of dc_meter_charge, and DC_ERR_NO_CONVERGENCE: `result` has more bits than there are tangent
// numbers for.
DC_MUST_USE dc_err_t dc_gamma_enclose(dc_tangents_t *tangents, dc_meter_t *meter,
                                      dc_interval_t *result, mpq_srcptr x);

#endif
