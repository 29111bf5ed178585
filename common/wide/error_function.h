// error_function — erf and erfc of the roots of rational numbers, between two bounds.
//
// Of x = sqrt(q): so the normal distribution, whose argument is divided by sqrt(2), has them too.
//
//     erf(x) = 2 / sqrt(pi) e^(-q) (x + 2q x / 3 + (2q)^2 x / (3*5) + ...)     NIST DLMF 7.6.2
//     erfc(x) = e^(-q) / (x sqrt(pi)) (1 - 1 / 2q + 1*3 / (2q)^2 - ...)        DLMF 7.12.1
//
// The terms of the first one are all above 0, so its sum has the relative error that its terms
// have. As erfc(x) is less than e^(-q), there is so much of erf(x) to be known more; from
// q = w ln 2 on, w being the bits, it is less than 2^-w: there the second one serves. Its terms get
// smaller up to number q, which is less than 2 e^(-q), and what is left out is less than the first
// term that is left out (7.12(i)).
//
// The error: rounding costs no more than four units of 2^-w for each term, and q times as many for
// e^(-q). Both numbers are below 2^20 for all digits that can be asked for: that makes 2^24 units.
#ifndef DC_COMMON_WIDE_ERROR_FUNCTION_H
#define DC_COMMON_WIDE_ERROR_FUNCTION_H

#include "common/wide/interval.h"
#include "common/wide/meter.h"

// Enclose the function of the number that has this square, not 0, and this sign. Errors are those
// of dc_meter_charge.
DC_MUST_USE dc_err_t dc_erf_enclose(dc_meter_t *meter, dc_interval_t *result, mpq_srcptr square,
                                    int sign);
DC_MUST_USE dc_err_t dc_erfc_enclose(dc_meter_t *meter, dc_interval_t *result, mpq_srcptr square,
                                     int sign);

#endif
