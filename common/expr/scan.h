// scan — looks over a block of values, four or eight at a time: what most blocks have nothing of.
#ifndef DC_COMMON_EXPR_SCAN_H
#define DC_COMMON_EXPR_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Are all of them finite?
bool dc_scan_is_finite(const double *values, size_t count);

// The same for any processor that dcalc runs on, and for those with AVX-512: the above chooses.
bool dc_scan_is_finite_4(const double *values, size_t count);
bool dc_scan_is_finite_8(const double *values, size_t count);

// How many are not 0?
uint32_t dc_scan_hits(const double *values, uint32_t count);

// The greatest or the least of them, which are all finite; count > 0. Which 0 it is does not
// matter.
double dc_scan_extreme(const double *values, uint32_t count, bool is_greatest);

#endif
