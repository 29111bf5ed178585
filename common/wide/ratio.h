// ratio — fractions in lowest terms, of numbers of any length.
//
// As GMP has them (Knuth, The Art of Computer Programming, 4.5.1), but they end when nobody wants
// them: see gcd.h. Errors are those of dc_meter_charge; a result is then of no use. Results may be
// one of the operands.
#ifndef DC_COMMON_WIDE_RATIO_H
#define DC_COMMON_WIDE_RATIO_H

#include <gmp.h>

#include "common/wide/meter.h"

DC_MUST_USE dc_err_t dc_ratio_add(dc_meter_t *meter, mpq_ptr result, mpq_srcptr a, mpq_srcptr b);
DC_MUST_USE dc_err_t dc_ratio_subtract(dc_meter_t *meter, mpq_ptr result, mpq_srcptr a,
                                       mpq_srcptr b);
DC_MUST_USE dc_err_t dc_ratio_multiply(dc_meter_t *meter, mpq_ptr result, mpq_srcptr a,
                                       mpq_srcptr b);

// Divide by what is not 0.
DC_MUST_USE dc_err_t dc_ratio_divide(dc_meter_t *meter, mpq_ptr result, mpq_srcptr a, mpq_srcptr b);

// Bring a fraction, whose denominator is not 0, to lowest terms, with its sign above the line.
DC_MUST_USE dc_err_t dc_ratio_reduce(dc_meter_t *meter, mpq_ptr ratio);

#endif
