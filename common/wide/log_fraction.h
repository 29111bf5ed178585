// log_fraction — the logarithm of a fraction to a base that is one, where it is a fraction itself.
//
// log(x) / log(base) = n / m, in lowest terms, means that x = t^n and base = t^m for some t: then
// Euclid's algorithm finds n / m by dividing x by base as often as that goes, base by what is left,
// and so on; how often are the terms of the continued fraction. The numbers only become smaller.
// Above and below the line of x and base it must be the same n / m.
#ifndef DC_COMMON_WIDE_LOG_FRACTION_H
#define DC_COMMON_WIDE_LOG_FRACTION_H

#include <gmp.h>

#include "common/wide/meter.h"

// Of `x` and `base` that are above 0 and not 1, in lowest terms. `*is_one`: it is a fraction, which
// `log` is set to. Takes the time of some divisions of numbers as long as these, which `meter`
// counts; its errors.
DC_MUST_USE dc_err_t dc_log_fraction(dc_meter_t *meter, mpq_ptr log, bool *is_one, mpq_srcptr x,
                                     mpq_srcptr base);

#endif
